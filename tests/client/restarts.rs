//! A router that is killed and comes again.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use wamp_client::{Backoff, CallError, Client, Invocation, RemoteError};
use wamp_tests::crossbar::{Crossbar, REALM};
use wamp_tests::router::Router;

use crate::in_time;

/// An address that stays while the router behind it is another one.
struct Door {
    address: SocketAddr,
    behind: Arc<Mutex<SocketAddr>>,
    _task: JoinSet<()>,
}

impl Door {
    async fn open(behind: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let behind = Arc::new(Mutex::new(behind));
        let mut task = JoinSet::new();
        let target = Arc::clone(&behind);
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                let target = *target.lock().unwrap();
                connections.spawn(async move {
                    if let Ok(mut router) = TcpStream::connect(target).await {
                        let _ = copy_bidirectional(&mut client, &mut router).await;
                    }
                });
            }
        });
        Self {
            address,
            behind,
            _task: task,
        }
    }
}

#[tokio::test]
async fn crossbar_is_killed_and_comes_again() {
    let Some(crossbar) = Crossbar::start().await else {
        return;
    };
    let door = Door::open(crossbar.address()).await;
    let kill_and_start = async || {
        drop(crossbar);
        let crossbar = Crossbar::start().await.unwrap();
        *door.behind.lock().unwrap() = crossbar.address();
        crossbar
    };
    survive(door.address, kill_and_start).await;
}

#[tokio::test]
async fn our_router_goes_and_comes_again() {
    let router = Router::start().await;
    let door = Door::open(router.address()).await;
    let restart = async || {
        drop(router);
        let router = Router::start().await;
        *door.behind.lock().unwrap() = router.address();
        router
    };
    survive(door.address, restart).await;
}

async fn join(address: SocketAddr) -> Client {
    let backoff = Backoff::new().longest(Duration::from_millis(500));
    let client = Client::builder(&format!("ws://{address}/")).realm(REALM);
    client.reconnect(backoff).connect().await.unwrap()
}

async fn survive<R>(address: SocketAddr, restart: impl AsyncFnOnce() -> R) {
    let callee = join(address).await;
    let caller = join(address).await;
    let hang = callee.register_raw("hang", async |_: Invocation| {
        std::future::pending::<()>().await;
        Ok::<_, RemoteError>(())
    });
    hang.await.unwrap();
    let echo = callee.register_raw("echo", async |call: Invocation| {
        Ok::<_, RemoteError>(call.decode::<i32>()?)
    });
    let echo = echo.await.unwrap();
    let mut events = callee.subscribe("t").await.unwrap();
    assert_eq!(caller.call("echo").arg(1).get::<i32>().await.unwrap(), 1);
    let lost = tokio::spawn(caller.call("hang").into_future());
    caller.call("echo").arg(1).await.unwrap();

    let _router = restart().await;

    let error = in_time(lost).await.unwrap().unwrap_err();
    assert!(
        matches!(error, CallError::Lost) || error.uri() == Some("wamp.error.canceled"),
        "{error}"
    );
    in_time(callee.connected()).await.unwrap();
    in_time(caller.connected()).await.unwrap();
    // The callee may have been seen before it had noticed.
    let answer = in_time(async {
        loop {
            match caller.call("echo").arg(2).get::<i32>().await {
                Ok(answer) => break answer,
                Err(_) => {
                    tokio::task::yield_now().await;
                    let _ = caller.connected().await;
                }
            }
        }
    });
    assert_eq!(answer.await, 2);
    assert!(echo.id().is_some());
    caller.publish("t").arg(3).acknowledge().await.unwrap();
    assert_eq!(
        in_time(events.next())
            .await
            .unwrap()
            .decode::<i32>()
            .unwrap(),
        3
    );
}

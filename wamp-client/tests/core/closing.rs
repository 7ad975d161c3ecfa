//! How clients are closed in every phase of their life.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;
use wamp_client::error::{ConnectError, TransportError};
use wamp_client::{Builder, CallError, Client, Invocation, RemoteError};

use crate::support::{Peer, Router, open, open_with, settle, spawn, word};

fn close(client: &Client) -> tokio::task::JoinHandle<()> {
    let client = client.clone();
    spawn(async move { client.close().await })
}

async fn says_goodbye(peer: &mut Peer) {
    peer.expect(r#"[6,{},"wamp.close.close_realm"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn goodbye_is_answered() {
    let (client, mut peer) = open().await;
    let closing = close(&client);
    says_goodbye(&mut peer).await;
    assert!(!closing.is_finished());
    peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
    closing.await.unwrap();
    assert_eq!(word(&client.state()), "closed");
    assert!(peer.is_closed().await);
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn goodbye_is_not_answered() {
    let (client, _, mut peer) = open_with(|it| it.close_timeout(Duration::from_secs(2))).await;
    let began = Instant::now();
    let closing = close(&client);
    says_goodbye(&mut peer).await;
    closing.await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 2);
    assert!(peer.is_closed().await);
}

#[tokio::test(start_paused = true)]
async fn neither_goodbye_is_answered_nor_the_connection_closed() {
    let (client, _, mut peer) = open_with(|it| it.close_timeout(Duration::from_secs(2))).await;
    peer.shared.clings.store(true, Ordering::SeqCst);
    let began = Instant::now();
    let closing = close(&client);
    says_goodbye(&mut peer).await;
    closing.await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 4);
}

#[tokio::test(start_paused = true)]
async fn absurd_timeouts_do_no_harm() {
    for timeout in [Duration::ZERO, Duration::MAX] {
        let (client, _, mut peer) = open_with(|it| {
            it.close_timeout(timeout)
                .call_timeout(Duration::MAX)
                .heartbeat(Duration::MAX)
        })
        .await;
        let closing = close(&client);
        says_goodbye(&mut peer).await;
        peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
        closing.await.unwrap();
    }
    let (mut router, connect) = Router::new(Default::default());
    let connecting = spawn(
        Builder::over(connect)
            .connect_timeout(Duration::MAX)
            .heartbeat(Duration::ZERO)
            .connect(),
    );
    let _peer = router.welcome().await;
    connecting.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn goodbyes_may_cross() {
    let (client, mut peer) = open().await;
    let closing = close(&client);
    settle().await;
    // The router has not read ours yet.
    peer.send(r#"[6,{},"wamp.close.system_shutdown"]"#);
    says_goodbye(&mut peer).await;
    closing.await.unwrap();
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_goodbye() {
    let (client, mut peer) = open().await;
    let go = Arc::new(tokio::sync::Notify::new());
    let gone = Arc::clone(&go);
    let registering = spawn(client.register_raw("p", move |_: Invocation| {
        let gone = Arc::clone(&gone);
        async move {
            gone.notified().await;
            Ok::<_, RemoteError>(())
        }
    }));
    peer.expect(r#"[64,1,{},"p"]"#).await;
    peer.send("[65,1,7]");
    registering.await.unwrap().unwrap();
    peer.send("[68,1,7,{}]");
    let call = spawn(client.call("x").get::<i32>());
    peer.expect(r#"[48,2,{},"x"]"#).await;
    let closing = close(&client);
    says_goodbye(&mut peer).await;
    // A result may still come; what would have to be said is not.
    peer.send("[68,2,7,{}]");
    peer.send("[50,2,{},[3]]");
    assert_eq!(call.await.unwrap().unwrap(), 3);
    go.notify_one();
    assert!(matches!(client.call("x").await, Err(CallError::Closed)));
    assert!(matches!(client.publish("x").await, Err(CallError::Closed)));
    peer.expect_nothing().await;
    peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
    closing.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn closing_twice_is_closing() {
    let (client, mut peer) = open().await;
    let (one, two) = (close(&client), close(&client));
    says_goodbye(&mut peer).await;
    peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
    one.await.unwrap();
    two.await.unwrap();
    client.close().await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_function_that_holds_its_client_is_let_go_of() {
    let (client, mut peer) = open().await;
    let held = Arc::new(());
    let (nested, hold) = (client.clone(), Arc::clone(&held));
    let registering = spawn(client.register_raw("p", move |_| {
        let (nested, hold) = (nested.clone(), Arc::clone(&hold));
        async move {
            nested.call("x").await?;
            drop(hold);
            Ok::<_, RemoteError>(())
        }
    }));
    peer.expect(r#"[64,1,{},"p"]"#).await;
    peer.send("[65,1,8]");
    drop(registering.await.unwrap().unwrap());
    let closing = close(&client);
    says_goodbye(&mut peer).await;
    closing.await.unwrap();
    drop(client);
    settle().await;
    assert_eq!(Arc::strong_count(&held), 1);
}

#[tokio::test(start_paused = true)]
async fn a_close_that_nobody_awaits_is_a_close() {
    let (client, mut peer) = open().await;
    let closing = close(&client);
    settle().await;
    closing.abort();
    says_goodbye(&mut peer).await;
    peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
    settle().await;
    assert!(client.state().is_closed());
}

#[tokio::test(start_paused = true)]
async fn closing_before_there_is_a_session() {
    // While the connection is made.
    let (mut router, connect) = Router::new(Default::default());
    let client = Builder::over(connect).start().unwrap();
    let attempt = router.attempt().await;
    client.close().await;
    assert!(attempt.is_closed());

    // Between HELLO and WELCOME.
    let (mut router, connect) = Router::new(Default::default());
    let client = Builder::over(connect).start().unwrap();
    let mut peer = router.accept().await;
    peer.expect(r#"[1,"*","*"]"#).await;
    client.close().await;
    assert!(peer.is_closed().await);

    // While it waits for the next attempt.
    let (mut router, connect) = Router::new(Default::default());
    let client = Builder::over(connect).start().unwrap();
    router
        .refuse(ConnectError::Handshake("no".to_owned()))
        .await;
    settle().await;
    client.close().await;
    settle().await;
    assert!(router.is_idle());
}

#[tokio::test(start_paused = true)]
async fn whoever_gives_up_connecting_leaves_nothing_behind() {
    let (mut router, connect) = Router::new(Default::default());
    let connecting = spawn(Builder::over(connect).connect());
    let mut peer = router.accept().await;
    peer.expect(r#"[1,"*","*"]"#).await;
    connecting.abort();
    assert!(peer.is_closed().await);
    assert!(router.is_idle());
}

#[tokio::test(start_paused = true)]
async fn closing_does_not_wait_for_renewals() {
    let (client, mut router, mut peer) = open_with(|it| it.call_timeout(None)).await;
    let subscribing = spawn(client.subscribe("t"));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send("[33,1,7]");
    let mut events = subscribing.await.unwrap().unwrap();
    peer.close();
    let mut peer = router.welcome().await;
    peer.expect(r#"[32,1,{},"t"]"#).await;
    let closing = close(&client);
    says_goodbye(&mut peer).await;
    peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
    closing.await.unwrap();
    assert!(events.next().await.is_none());
}

#[test]
fn a_client_whose_runtime_is_gone_is_closed() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (client, peer) = runtime.block_on(open());
    drop(runtime);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        assert!(client.state().is_closed());
        client.close().await;
        assert!(matches!(client.call("x").await, Err(CallError::Closed)));
    });
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_while_it_is_left_is_left() {
    let (client, mut peer) = open().await;
    let closing = close(&client);
    says_goodbye(&mut peer).await;
    peer.fail(TransportError::Closed);
    closing.await.unwrap();
    assert_eq!(word(&client.state()), "closed");
}

/// Leaving is asked for from another thread, while the connection's task is busy.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn leaving_is_never_missed() {
    for _ in 0..300 {
        let (client, mut peer) = open().await;
        let publishing = spawn({
            let client = client.clone();
            async move { while client.publish("t").await.is_ok() {} }
        });
        let closing = close(&client);
        let answering = async {
            loop {
                match peer.receive().await {
                    Some(message) if message[0] == 6 => break,
                    _ => {}
                }
            }
            peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
        };
        let closed = async { tokio::join!(closing, answering) };
        let (closed, ()) = tokio::time::timeout(Duration::from_secs(4), closed)
            .await
            .unwrap();
        closed.unwrap();
        publishing.await.unwrap();
    }
}

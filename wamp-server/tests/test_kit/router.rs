//! A server for other processes.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use wamp_server::client::{CallError, Client};
use wamp_server::test::TestRouter;

use crate::support::{add, app, closed, panic_in};

#[tokio::test]
async fn clients_connect_to_its_url() {
    let router = TestRouter::start_with(app());
    for url in [router.url(), router.rawsocket_url()] {
        let client = Client::connect(&url, "realm1").await.unwrap();
        assert_eq!(add(&client).await.unwrap(), 5);
        client.close().await;
    }
    assert_eq!(router.server().stats().opened_sessions, 2);
    router.stop().await;
}

#[tokio::test]
async fn it_routes() {
    let router = TestRouter::start();
    let callee = Client::connect(&router.url(), "realm1").await.unwrap();
    let one = callee.register_raw("one", async |_| Ok::<_, CallError>(1));
    let one = one.await.unwrap();
    let caller = Client::connect(&router.url(), "realm1").await.unwrap();
    assert_eq!(caller.call("one").get::<i64>().await.unwrap(), 1);
    assert!(one.id().is_some());
    caller.close().await;
    callee.close().await;
}

#[test]
fn it_needs_no_runtime_around_it() {
    let router = TestRouter::start();
    let mut stream = TcpStream::connect(router.addr()).unwrap();
    stream.write_all(&[0x7f, 0xf1, 0, 0]).unwrap();
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(
        (answer[0], answer[1] & 0x0f),
        (0x7f, 1),
        "JSON is agreed on"
    );
}

#[tokio::test]
async fn nothing_is_left_of_it() {
    let router = TestRouter::start_with(app());
    let server = router.server().clone();
    let address = router.addr();
    let client = Client::builder(&router.url())
        .no_reconnect()
        .connect()
        .await
        .unwrap();
    drop(router);
    let reason = closed(&client).await;
    assert!(reason.to_string().contains("goodbye"), "{reason}");
    let stats = server.stats();
    assert_eq!((stats.connections, stats.sessions), (0, 0), "{stats:?}");
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn whom_it_waits_for_may_say_goodbye() {
    let router = TestRouter::start_with(app());
    let client = Client::builder(&router.url())
        .no_reconnect()
        .connect()
        .await
        .unwrap();
    router.stop().await;
    let reason = closed(&client).await;
    let goodbye = "wamp.close.system_shutdown";
    assert!(reason.to_string().contains(goodbye), "{reason}");
}

#[test]
fn an_application_with_mistakes_is_told() {
    let panic = panic_in(|| TestRouter::start_with(app().procedure("no uri", async || ())));
    assert!(
        panic.contains("the application cannot be built:"),
        "{panic}"
    );
}

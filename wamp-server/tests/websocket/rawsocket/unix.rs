//! Unix sockets.

use std::path::Path;

use serde_json::json;
use tokio::net::{UnixListener, UnixStream};
use wamp_server::{CancellationToken, Limits, Server, Session, Single};

use crate::origins::request_with;
use crate::support::raw::{REQUEST, Raw};
use crate::support::{Client, app, soon, timeless};

/// Serves on a socket in a directory of its own, to a client that is a test.
async fn with_server(limits: Limits, test: impl AsyncFnOnce(&Server, &Path)) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("wamp.sock");
    let listener = UnixListener::bind(&path).expect("the path is free");
    let app = app()
        .limits(limits)
        .procedure("mirror", async |session: Session| {
            Single(session.transport().peer().map(|it| it.to_string()))
        });
    let server = app.build().expect("no mistakes");
    let stop = CancellationToken::new();
    let serving = tokio::spawn({
        let (server, stop) = (server.clone(), stop.clone());
        async move { server.serve_unix(listener, stop.cancelled_owned()).await }
    });
    test(&server, &path).await;
    stop.cancel();
    let served = soon("the end of the server", serving).await;
    served.expect("no panic").expect("serving does not fail");
    assert_eq!(server.stats().connections, 0);
}

async fn connect(path: &Path) -> Client<UnixStream> {
    Client::over(UnixStream::connect(path).await.expect("it listens"))
}

#[tokio::test]
async fn both_are_spoken_and_nobody_has_an_address() {
    with_server(timeless(), async |_, path| {
        let mut raw = Raw::over(connect(path).await);
        raw.handshake(REQUEST).await;
        raw.join().await;
        assert_eq!(raw.call("mirror", json!([])).await[3], json!([null]));
        let large = raw.call("test.large", json!([3_000_000])).await;
        assert_eq!(large[3][0].as_str().map(str::len), Some(3_000_000));
        raw.leave().await;

        let mut websocket = connect(path).await;
        websocket.upgrade("wamp.2.json").await;
        websocket.join().await;
        assert_eq!(websocket.call("mirror", json!([])).await[3], json!([null]));
        websocket.leave().await;
    })
    .await;
}

/// A proxy in front may have spoken TLS with the browser, or not.
#[tokio::test]
async fn pages_of_both_schemes_are_the_servers_own() {
    with_server(timeless(), async |_, path| {
        for (origin, expected) in [
            ("https://shop.example", "HTTP/1.1 101 "),
            ("http://shop.example", "HTTP/1.1 101 "),
            ("https://evil.test", "HTTP/1.1 403 "),
        ] {
            let mut client = connect(path).await;
            let lines = format!("Origin: {origin}\r\n");
            client.send(request_with("shop.example", &lines)).await;
            let head = client.response_head().await;
            assert!(head.starts_with(expected), "{origin}: {head}");
        }
    })
    .await;
}

/// Those without a session are counted all together: there are no addresses to tell them by.
#[tokio::test]
async fn there_is_no_limit_for_one_peer() {
    let limits = Limits {
        max_unauthenticated_per_peer: 1,
        max_unauthenticated: 3,
        ..timeless()
    };
    with_server(limits, async |server, path| {
        let mut clients = Vec::new();
        for _ in 0..3 {
            let mut raw = Raw::over(connect(path).await);
            raw.handshake(REQUEST).await;
            clients.push(raw);
        }
        assert_eq!(connect(path).await.rest().await, b"");
        assert_eq!(server.stats().limits_hit, 1);
        for raw in clients {
            raw.leave().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_shutdown_says_goodbye() {
    with_server(timeless(), async |server, path| {
        let mut raw = Raw::over(connect(path).await);
        raw.handshake(REQUEST).await;
        raw.join().await;
        let stopping = tokio::spawn({
            let server = server.clone();
            async move { server.shutdown().await }
        });
        assert_eq!(raw.message().await[2], "wamp.close.system_shutdown");
        raw.send(json!([6, {}, "wamp.close.goodbye_and_out"])).await;
        assert!(raw.end().await.is_empty());
        soon("the end", stopping).await.expect("no panic");
    })
    .await;
}

//! The first byte says what is spoken.

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use wamp_server::Limits;

use crate::support::raw::{MESSAGE, REQUEST, Raw, frame};
use crate::support::{Client, Frame, Running, app, hello, request, timeless};

/// As few bytes in a packet as there can be.
async fn drip(client: &mut Client, bytes: impl AsRef<[u8]>) {
    for byte in bytes.as_ref() {
        client.send([*byte]).await;
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn both_are_spoken_on_one_port_byte_by_byte() {
    let server = Running::default().await;

    let mut raw = Raw::connect(server.address).await;
    drip(&mut raw.bytes, REQUEST).await;
    raw.reply().await;
    drip(&mut raw.bytes, frame(MESSAGE, hello().to_string())).await;
    assert_eq!(raw.message().await[0], 2);

    let mut websocket = Client::connect(server.address).await;
    drip(&mut websocket, request("/", "wamp.2.json")).await;
    assert!(websocket.response_head().await.contains(" 101 "));
    let first = Frame::text(hello().to_string()).bytes();
    drip(&mut websocket, first).await;
    assert_eq!(websocket.message().await[0], 2);

    let answer = json!([50, 1, {}, [3]]);
    assert_eq!(raw.call("test.add", json!([1, 2])).await, answer);
    assert_eq!(websocket.call("test.add", json!([1, 2])).await, answer);
    raw.leave().await;
    websocket.leave().await;
    server.rest().await;
}

/// Any other first byte is HTTP's business.
#[tokio::test]
async fn what_is_neither_is_answered_by_http() {
    let server = Running::default().await;
    for first in [0_u8, b'\x16', 0x7e, 0x80, 0xff] {
        let mut client = Client::connect(server.address).await;
        client.send([first]).await;
        client.send("\r\n\r\n").await;
        let answer = client.rest().await;
        assert!(answer.starts_with(b"HTTP/1.1 400 "), "{first}: {answer:?}");
    }
    assert_eq!(server.stats().refused_rawsockets, 0);
    server.rest().await;
}

#[tokio::test]
async fn a_client_that_says_nothing_at_all_leaves_nothing_behind() {
    let server = Running::default().await;
    let mut client = Client::connect(server.address).await;
    client.stream.shutdown().await.expect("it is open");
    assert_eq!(client.rest().await, b"");
    server.rest().await;
}

/// Any stream can be given to a server.
#[tokio::test]
async fn a_stream_from_elsewhere_is_told_apart_too() {
    let server = app().limits(timeless()).build().expect("no mistakes");
    for raw in [true, false] {
        let (near, far) = tokio::io::duplex(64);
        let attached = tokio::spawn(server.attach_stream(near));
        let mut client = Client::over(far);
        if raw {
            let mut raw = Raw::over(client);
            raw.handshake(REQUEST).await;
            raw.join().await;
            raw.leave().await;
        } else {
            client.upgrade("wamp.2.json").await;
            client.join().await;
            client.leave().await;
        }
        attached.await.expect("no panic");
    }
    server.shutdown().await;
}

/// Connections without a session are counted whatever they speak.
#[tokio::test]
async fn newcomers_are_limited_together() {
    let limits = Limits {
        max_unauthenticated_per_peer: 2,
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut raw = Raw::open(server.address).await;
    let websocket = Client::upgraded(server.address, "wamp.2.json").await;
    let mut third = Client::connect(server.address).await;
    assert_eq!(third.rest().await, b"");
    assert_eq!(server.stats().limits_hit, 1);
    // A session is no newcomer any more.
    raw.join().await;
    Raw::open(server.address).await.leave().await;
    raw.leave().await;
    websocket.leave().await;
    server.rest().await;
}

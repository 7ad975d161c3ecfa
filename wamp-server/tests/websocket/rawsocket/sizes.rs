//! How long messages may be.

use serde_json::json;
use wamp_server::Limits;

use crate::support::raw::{MESSAGE, PING, REQUEST, Raw, header};
use crate::support::{Canary, Running, timeless};

const LONGEST: usize = 1 << 24;

/// The most that the framing knows.
fn most() -> Limits {
    Limits {
        max_message: 64 << 20,
        max_without_message: 65 << 20,
        outbound_soft: 64 << 20,
        outbound_hard: 64 << 20,
        ..timeless()
    }
}

/// A message of exactly that length, with which nothing is wrong: a call of `test.echo`.
fn call_of(len: usize) -> Vec<u8> {
    let (begin, end) = (br#"[48,1,{},"test.echo",[""#, br#""]]"#);
    let mut message = begin.to_vec();
    message.resize(len - end.len(), b'x');
    message.extend_from_slice(end);
    message
}

#[tokio::test]
async fn messages_of_16_mib_and_one_less_are_received() {
    let server = Running::with(most()).await;
    for (len, first) in [(LONGEST - 1, 0), (LONGEST, 0b1000)] {
        let mut raw = Raw::joined(server.address).await;
        let message = call_of(len);
        assert_eq!(header(MESSAGE, len)[0], first);
        raw.send_frame(MESSAGE, &message).await;
        let (_, result) = raw.frame().await;
        let shorter = message.len() - result.len();
        assert_eq!(
            shorter,
            r#"[48,1,{},"test.echo",["#.len() - "[50,1,{},[".len()
        );
        raw.leave().await;
    }
    server.rest().await;
}

#[tokio::test]
async fn messages_of_16_mib_and_one_less_are_sent() {
    let server = Running::with(most()).await;
    let around = r#"[50,1,{},[""]]"#.len();
    for len in [LONGEST - 1, LONGEST] {
        let mut raw = Raw::joined(server.address).await;
        let size = len - around;
        raw.send(json!([48, 1, {}, "test.large", [size]])).await;
        let (kind, result) = raw.frame().await;
        assert_eq!((kind, result.len()), (MESSAGE, len));
        raw.leave().await;
    }
    // One more does not fit into a frame, whatever the client says.
    let mut raw = Raw::joined(server.address).await;
    let error = raw.call("test.large", json!([LONGEST + 1 - around])).await;
    assert_eq!(error[4], "wamp.error.payload_size_exceeded");
    raw.leave().await;
    assert_eq!(server.stats().oversized_messages, 1);
    server.rest().await;
}

/// What is advertised is what is enforced, to the byte.
#[tokio::test]
async fn a_message_over_the_limit_is_refused_when_its_header_has_come() {
    let limits = Limits {
        max_message: 1_000_000,
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let mut raw = Raw::connect(server.address).await;
    let advertised = raw.handshake(REQUEST).await;
    raw.join().await;
    raw.send_frame(MESSAGE, call_of(advertised)).await;
    assert_eq!(raw.message().await[0], 50);
    for (kind, len) in [
        (MESSAGE, advertised + 1),
        (PING, LONGEST),
        (MESSAGE, LONGEST),
    ] {
        let mut raw = Raw::joined(server.address).await;
        raw.bytes.send(header(kind, len)).await;
        raw.is_aborted("wamp.error.payload_size_exceeded").await;
    }
    raw.leave().await;
    canary.stop().await;
    assert_eq!(server.stats().limits_hit, 3);
    server.rest().await;
}

#[tokio::test]
async fn without_a_session_there_is_room_for_hello_only() {
    let server = Running::with(timeless()).await;
    let most = timeless().max_hello;
    let mut raw = Raw::joined(server.address).await;
    raw.send(json!([6, {}, "wamp.close.close_realm"])).await;
    assert_eq!(raw.message().await[0], 6);
    raw.bytes.send(header(MESSAGE, most + 1)).await;
    raw.is_aborted("wamp.error.payload_size_exceeded").await;
    for kind in [MESSAGE, PING] {
        let mut raw = Raw::open(server.address).await;
        raw.bytes.send(header(kind, most + 1)).await;
        raw.is_aborted("wamp.error.payload_size_exceeded").await;
    }
    let mut raw = Raw::open(server.address).await;
    let mut hello = br#"[1,"test.realm",{"roles":{"caller":{}}}"#.to_vec();
    hello.resize(most - 1, b' ');
    hello.push(b']');
    raw.send_frame(MESSAGE, hello).await;
    assert_eq!(raw.message().await[0], 2);
    raw.leave().await;
    server.rest().await;
}

//! Clients that do not finish what they say, do not read what they are told, or hang up halfway.

use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;
use wamp_server::Limits;

use crate::support::raw::{MESSAGE, PING, REQUEST, Raw, frame, header};
use crate::support::{Canary, Client, Running, timeless};

fn hasty() -> Limits {
    Limits {
        message_timeout: Duration::from_millis(300),
        ..timeless()
    }
}

#[tokio::test]
async fn a_message_that_does_not_end_is_not_waited_for() {
    let server = Running::with(hasty()).await;
    let canary = Canary::start(server.address).await;
    let call = frame(MESSAGE, r#"[48,1,{},"test.echo",["x"]]"#);
    let mut clients = Vec::new();
    for begun in [
        &call[..1],
        &call[..3],
        &call[..4],
        &call[..20],
        &frame(PING, "abc")[..6],
    ] {
        let mut raw = Raw::joined(server.address).await;
        raw.bytes.send(begun).await;
        clients.push(raw);
    }
    for raw in &mut clients {
        raw.is_aborted("wamp.error.limit_exceeded").await;
    }
    assert_eq!(server.stats().limits_hit, 5);
    canary.stop().await;
    server.rest().await;
}

/// Nor is one that begins in the packet in which another ends.
#[tokio::test]
async fn a_message_that_begins_behind_another_is_not_waited_for_either() {
    let server = Running::with(hasty()).await;
    let mut raw = Raw::joined(server.address).await;
    let mut bytes = frame(MESSAGE, r#"[48,1,{},"test.add",[1,2]]"#);
    bytes.extend(&frame(MESSAGE, r#"[48,2,{},"test.add",[1,2]]"#)[..7]);
    raw.bytes.send(bytes).await;
    assert_eq!(raw.message().await, json!([50, 1, {}, [3]]));
    raw.is_aborted("wamp.error.limit_exceeded").await;
    server.rest().await;
}

/// A byte now and then does not help.
#[tokio::test]
async fn a_message_that_drips_is_not_waited_for() {
    let server = Running::with(hasty()).await;
    let mut raw = Raw::joined(server.address).await;
    raw.bytes.send(header(MESSAGE, 60_000)).await;
    let mut drip = tokio::time::interval(Duration::from_millis(10));
    let frame = loop {
        tokio::select! {
            _ = drip.tick() => raw.bytes.send(b" ").await,
            frame = raw.next_frame() => break frame,
        }
    };
    let (_, abort) = frame.expect("ABORT comes first");
    assert!(
        abort.ends_with(br#""wamp.error.limit_exceeded"]"#),
        "{abort:?}"
    );
    drop(raw);
    server.rest().await;
}

/// The time is that of one message: a client whose messages never end with a packet has begun one at any moment.
#[tokio::test]
async fn a_busy_client_whose_packets_end_anywhere_is_fine() {
    let server = Running::with(hasty()).await;
    let mut raw = Raw::joined(server.address).await;
    let call = |n| frame(MESSAGE, format!(r#"[48,{n},{{}},"test.add",[{n},1]]"#));
    let begun = std::time::Instant::now();
    let (mut n, mut rest) = (1, call(1));
    while begun.elapsed() < 4 * hasty().message_timeout {
        let next = call(n + 1);
        let (begin, end) = next.split_at(5);
        rest.extend_from_slice(begin);
        raw.bytes.send(&rest).await;
        assert_eq!(raw.message().await, json!([50, n, {}, [n + 1]]));
        rest = end.to_vec();
        n += 1;
    }
    raw.bytes.send(rest).await;
    raw.message().await;
    raw.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn a_client_that_closes_its_half_is_answered_what_was_on_its_way() {
    let server = Running::default().await;
    let mut raw = Raw::joined(server.address).await;
    raw.send(json!([48, 1, {}, "test.add", [1, 2]])).await;
    raw.bytes.stream.shutdown().await.expect("it is open");
    assert_eq!(raw.end().await, [json!([50, 1, {}, [3]])]);
    server.rest().await;
}

#[tokio::test]
async fn a_client_that_closes_its_half_within_a_message_is_let_go() {
    let server = Running::default().await;
    for begun in [&header(MESSAGE, 100)[..], &[0, 0], b"\0\0\0\x05[48,"] {
        let mut raw = Raw::joined(server.address).await;
        raw.bytes.send(begun).await;
        raw.bytes.stream.shutdown().await.expect("it is open");
        assert!(raw.end().await.is_empty());
    }
    server.rest().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped() {
    let limits = Limits {
        write_timeout: Duration::from_millis(200),
        close_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a TCP socket");
    let stream = socket.connect(server.address).await.expect("it listens");
    let mut raw = Raw::over(Client::over(stream));
    raw.handshake(REQUEST).await;
    raw.join().await;
    raw.send(json!([48, 1, {}, "test.large", [16_000_000]]))
        .await;
    server
        .until("the end of it", |stats| stats.slow_consumers == 1)
        .await;
    canary.stop().await;
    server.rest().await;
}

/// Every byte for itself, and more than fits into any buffer.
#[tokio::test]
async fn a_long_message_in_small_pieces_is_fine() {
    let server = Running::default().await;
    let mut raw = Raw::joined(server.address).await;
    let text = "x".repeat(100_000);
    let bytes = frame(MESSAGE, json!([48, 1, {}, "test.echo", [text]]).to_string());
    for piece in bytes.chunks(100) {
        raw.bytes.send(piece).await;
    }
    assert_eq!(raw.message().await, json!([50, 1, {}, [text]]));
    raw.leave().await;
    server.rest().await;
}

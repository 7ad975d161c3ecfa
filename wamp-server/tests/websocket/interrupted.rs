//! Connections that break, wherever they can.

use serde_json::json;

use crate::support::{Canary, Client, Frame, Running, request};

/// Bytes of the Close frame at the end of the golden session.
const CLOSE: usize = 6 + 2 + 3;

/// A whole connection, as a client sends it: calls that end and one that does not, a subscription, a ping, fragments, GOODBYE, Close.
fn golden_session() -> Vec<u8> {
    let mut bytes = request("/ws?token=1", "wamp.2.json").into_bytes();
    for frame in [
        Frame::text(r#"[1,"realm",{"roles":{"caller":{},"subscriber":{}}}]"#),
        Frame::text(r#"[48,1,{},"test.add",[1,2]]"#),
        Frame::text(r#"[48,2,{},"test.forever"]"#),
        Frame::text(r#"[32,3,{},"test.topic"]"#),
        Frame::ping("ping"),
        Frame::text(r#"[48,4,{"receive_progress":"#).unfinished(),
        Frame::continuation(r#"true},"test.large","#).unfinished(),
        Frame::continuation("[70000]]"),
        Frame::text(r#"[16,5,{"acknowledge":true},"test.topic",["event"]]"#),
        Frame::text(r#"[49,2,{"mode":"skip"}]"#),
        Frame::text(r#"[6,{},"wamp.close.close_realm"]"#),
        Frame::close(1000, "bye"),
    ] {
        bytes.extend(frame.bytes());
    }
    bytes
}

#[tokio::test]
async fn the_golden_session_is_served_to_its_end() {
    let server = Running::default().await;
    let mut client = Client::connect(server.address).await;
    let bytes = golden_session();
    let (session, close) = bytes.split_at(bytes.len() - CLOSE);
    client.send(session).await;
    assert!(client.response_head().await.starts_with("HTTP/1.1 101 "));
    for expected in [2, 50, 33, 50, 8, 8, 6] {
        assert_eq!(client.message().await[0], expected);
    }
    client.send(close).await;
    assert_eq!(client.end().await.code, Some(1000));
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_at_any_byte_leaves_nothing_behind() {
    reset_at_any_byte(&golden_session()).await;
}

/// Breaks a connection after each of these bytes, beside a healthy session.
pub(crate) async fn reset_at_any_byte(bytes: &[u8]) {
    let server = Running::default().await;
    let canary = Canary::start(server.address).await;
    for len in 0..=bytes.len() {
        let mut client = Client::connect(server.address).await;
        client.send(&bytes[..len]).await;
        client.reset();
    }
    canary.stop().await;
    server.rest().await;
}

/// Reset once the server has answered something, so that it is known to have read it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_in_the_middle_of_the_answers_leaves_nothing_behind() {
    let server = Running::default().await;
    let canary = Canary::start(server.address).await;
    let bytes = golden_session();
    for answers in 0..6 {
        for _ in 0..20 {
            let mut client = Client::connect(server.address).await;
            client.send(&bytes[..bytes.len() - CLOSE]).await;
            client.response_head().await;
            for _ in 0..answers {
                client.frame().await;
            }
            client.reset();
        }
    }
    canary.stop().await;
    server.rest().await;
}

/// Half a connection is closed properly, the other half waits for what comes of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_at_any_byte_is_answered_with_an_end() {
    let server = Running::default().await;
    let canary = Canary::start(server.address).await;
    let bytes = golden_session();
    for len in 0..=bytes.len() {
        let mut client = Client::connect(server.address).await;
        client.send(&bytes[..len]).await;
        use tokio::io::AsyncWriteExt as _;
        client.stream.shutdown().await.expect("it is open");
        client.rest().await;
    }
    canary.stop().await;
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_connections_come_call_and_go() {
    let server = Running::default().await;
    let mut tasks = tokio::task::JoinSet::new();
    let address = server.address;
    let everybody = std::sync::Arc::new(tokio::sync::Barrier::new(1000));
    for n in 0..1000 {
        let everybody = std::sync::Arc::clone(&everybody);
        tasks.spawn(async move {
            let mut client = Client::joined(address).await;
            crate::support::soon("a thousand sessions", everybody.wait()).await;
            for _ in 0..3 {
                let answer = client.call("test.add", json!([n, 1])).await;
                assert_eq!(answer[3], json!([n + 1]));
            }
            match n % 3 {
                0 => client.leave().await,
                1 => client.reset(),
                _ => drop(client),
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.expect("no panic");
    }
    assert_eq!(server.stats().opened_sessions, 1000);
    server.idle().await;
    assert_eq!(server.stats().calls, 3000);
    assert_eq!(server.stats().failed_calls, 0);
    server.rest().await;
}

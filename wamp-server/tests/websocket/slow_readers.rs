//! Clients that do not read what they are sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpSocket;
use wamp_server::app::Stats;
use wamp_server::{Limits, Session, SharedState};

use crate::support::{Canary, Client, Frame, Running, app, timeless};

/// In a session, with little room for what is on its way.
async fn narrow(server: &Running) -> Client {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a TCP socket");
    let stream = socket
        .connect(server.address)
        .await
        .expect("the server listens");
    let mut client = Client::over(stream);
    client.upgrade("wamp.2.json").await;
    client.join().await;
    client
}

async fn subscribe(client: &mut Client) {
    client.send_json(json!([32, 1, {}, "test.feed"])).await;
    assert_eq!(client.message().await[0], 33);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscriber_that_does_not_read_is_disconnected_and_the_others_miss_nothing() {
    let limits = Limits {
        outbound_soft: 64 * 1024,
        outbound_hard: 256 * 1024,
        close_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let mut slow = narrow(&server).await;
    subscribe(&mut slow).await;
    let mut healthy = [
        Client::joined(server.address).await,
        Client::joined(server.address).await,
    ];
    for client in &mut healthy {
        subscribe(client).await;
    }
    let realm = server
        .server
        .realm("test.realm")
        .expect("the default realm")
        .clone();
    let padding = "x".repeat(1024);
    let (mut sent, mut after) = (0, 0);
    // Until it is disconnected, and a little longer.
    while after < 10 {
        for _ in 0..64 {
            let published = realm
                .publish("test.feed", (sent, padding.as_str()))
                .expect("it can be serialized");
            assert!(published.receivers >= 2, "event {sent}");
            sent += 1;
        }
        // The healthy ones read all of it, so they are never far behind.
        for client in &mut healthy {
            for expected in sent - 64..sent {
                assert_eq!(client.message().await[4][0], expected);
            }
        }
        after += usize::from(server.stats().slow_consumers > 0);
        assert!(sent < 100_000, "the slow one was never disconnected");
    }
    assert_eq!(server.stats().slow_consumers, 1);
    for client in healthy {
        client.leave().await;
    }
    canary.stop().await;
    server.idle().await;
    // What it reads now is what was on its way: all in order, then the end.
    let mut next = 0;
    while let Some(frame) = slow.next_frame().await {
        if frame.opcode == 1 {
            let event: serde_json::Value = serde_json::from_slice(&frame.payload).expect("JSON");
            assert_eq!(event[4][0], next, "in order");
            next += 1;
        }
    }
    assert!(next < sent);
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_does_not_read_is_not_read_either_and_then_dropped() {
    let limits = Limits {
        outbound_soft: 256 * 1024,
        write_timeout: Duration::from_millis(300),
        close_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let handled = Arc::new(AtomicUsize::new(0));
    let app = app()
        .limits(limits)
        .shared_state(Arc::clone(&handled))
        .procedure("test.counted", async |count: SharedState<AtomicUsize>| {
            count.0.fetch_add(1, Ordering::Relaxed);
            "x".repeat(64 * 1024)
        });
    let server = Running::new(app).await;
    let canary = Canary::start(server.address).await;
    let mut slow = narrow(&server).await;
    let calls =
        (1..=10_000).map(|n| Frame::text(format!(r#"[48,{n},{{}},"test.counted"]"#)).bytes());
    let calls = calls.flatten().collect::<Vec<_>>();
    tokio::select! {
        () = slow.send(calls) => {}
        () = server.until("the end of it", |stats| stats.slow_consumers == 1) => {}
    }
    server
        .until("the end of it", |stats| stats.slow_consumers == 1)
        .await;
    let handled = handled.load(Ordering::Relaxed);
    // 64 KiB each: what the kernel, the queue and one turn hold, but not all of them.
    assert!(
        handled < 1000,
        "{handled} calls were handled for somebody who reads nothing"
    );
    canary.stop().await;
    drop(slow);
    server.rest().await;
}

/// A pause is no crime: as soon as the client reads, the server goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_reads_late_gets_every_result_in_order() {
    let limits = Limits {
        outbound_soft: 64 * 1024,
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut late = narrow(&server).await;
    let calls =
        (1..=300).map(|n| Frame::text(format!(r#"[48,{n},{{}},"test.large",[65536]]"#)).bytes());
    // Short enough for the kernel to take it, whether the server reads or not.
    late.send(calls.flatten().collect::<Vec<_>>()).await;
    Client::joined(server.address).await.leave().await;
    for n in 1..=300 {
        let result = late.message().await;
        assert_eq!(result[1], n);
        assert_eq!(result[3][0].as_str().map(str::len), Some(65536));
    }
    late.leave().await;
    assert_eq!(server.stats().slow_consumers, 0);
    server.rest().await;
}

/// Larger than every buffer on the way, to somebody who reads slowly.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_huge_answer_reaches_a_slow_reader() {
    let server = Running::default().await;
    let mut slow = narrow(&server).await;
    slow.send_json(json!([48, 1, {}, "test.large", [8 * 1024 * 1024]]))
        .await;
    // Answered while the other one waits.
    let mut other = Client::joined(server.address).await;
    assert_eq!(
        other.call("test.add", json!([1, 2])).await,
        json!([50, 1, {}, [3]])
    );
    other.leave().await;
    let result = slow.message().await;
    assert_eq!(
        result[3][0].as_str().map(str::len),
        Some(8 * 1024 * 1024),
        "{}",
        result[0]
    );
    slow.leave().await;
    server.rest().await;
}

/// The handler is faster than any reader, because it does not wait.
#[tokio::test]
async fn a_handler_that_publishes_more_than_the_queue_holds_ends_the_session() {
    let limits = Limits {
        outbound_soft: 64 * 1024,
        outbound_hard: 256 * 1024,
        ..timeless()
    };
    let app = app()
        .limits(limits)
        .procedure("test.burst", async |session: Session| {
            for n in 0..1000 {
                session
                    .publish("test.feed", (n, "x".repeat(1024)))
                    .expect("it can be serialized");
            }
        });
    let server = Running::new(app).await;
    let mut client = Client::joined(server.address).await;
    subscribe(&mut client).await;
    client.send_json(json!([48, 2, {}, "test.burst"])).await;
    assert_eq!(client.end().await.code, Some(1008));
    assert_eq!(server.stats().slow_consumers, 1);
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_before_a_goodbye_reaches_a_late_reader() {
    let server = Running::default().await;
    let mut late = narrow(&server).await;
    // More than the kernel takes at once, so that it blocks; then less than keeps the server from reading on.
    late.send_json(json!([48, 1, {}, "test.large", [9_000_000]]))
        .await;
    server.until("the call", |stats| stats.calls == 1).await;
    let first = late.frame().await;
    assert!(!first.fin);
    let mut bytes = Vec::new();
    for n in 2..=10 {
        let call = format!(r#"[48,{n},{{}},"test.large",[50000]]"#);
        bytes.extend(Frame::text(call).bytes());
    }
    bytes.extend(Frame::text(r#"[6,{},"wamp.close.close_realm"]"#).bytes());
    late.send(bytes).await;
    late.frames().await;
    for n in 2..=10 {
        let result = late.message().await;
        assert_eq!((&result[0], &result[1]), (&json!(50), &json!(n)));
    }
    assert_eq!(late.message().await[0], 6);
    late.leave().await;
    server.rest().await;
}

/// Sessions that come and go take memory too, when nobody reads how they are welcomed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_opens_sessions_without_reading_is_not_read_either_and_then_dropped() {
    let limits = Limits {
        outbound_soft: 64 * 1024,
        write_timeout: Duration::from_secs(1),
        close_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let mut slow = narrow(&server).await;
    let mut pair = Frame::text(r#"[6,{},"wamp.close.close_realm"]"#).bytes();
    pair.extend(Frame::text(r#"[1,"realm",{"roles":{"caller":{}}}]"#).bytes());
    let pairs = pair.repeat(1000);
    let flood = async {
        use tokio::io::AsyncWriteExt as _;
        while slow.stream.write_all(&pairs).await.is_ok() {}
    };
    crate::support::soon("the end of a flood", flood).await;
    let Stats {
        slow_consumers,
        opened_sessions,
        ..
    } = server.stats();
    assert_eq!(slow_consumers, 1);
    // A few hundred bytes each: what the kernel and the queue hold.
    assert!(
        opened_sessions < 50_000,
        "{opened_sessions} sessions for somebody who reads nothing"
    );
    canary.stop().await;
    drop(slow);
    server.rest().await;
}

//! The server is told to stop.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use wamp_server::{Limits, SharedState};

use crate::support::{Client, Running, app, request, timeless};

const GOODBYE: &str = "wamp.close.system_shutdown";

#[tokio::test]
async fn idle_sessions_are_told_and_the_server_ends() {
    let server = Running::default().await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(Client::joined(server.address).await);
    }
    server.begin_to_stop();
    for client in &mut clients {
        assert_eq!(client.message().await[2], GOODBYE);
        client.answer_goodbye().await;
        client.is_closed_with(1001).await;
    }
    server.stopped().await;
}

#[tokio::test]
async fn calls_in_flight_are_finished_and_new_ones_refused() {
    let gate = Arc::new(Notify::new());
    let app = app().shared_state(Arc::clone(&gate)).procedure(
        "test.gate",
        async |gate: SharedState<Notify>| {
            gate.0.notified().await;
            "through"
        },
    );
    let server = Running::new(app).await;
    let mut client = Client::joined(server.address).await;
    for n in 1..=20 {
        client.send_json(json!([48, n, {}, "test.gate"])).await;
    }
    server
        .until("20 calls", |stats| stats.running_handlers == 20)
        .await;
    let (address, handle) = (server.address, server.server.clone());
    server.begin_to_stop();
    let stopped = tokio::spawn(server.stopped());

    // Nobody gets in any more.
    crate::support::soon("a closed port", async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // Nor does a new call, and the open ones hold the session.
    client
        .send_json(json!([48, 21, {}, "test.add", [1, 2]]))
        .await;
    let refused = client.message().await;
    assert_eq!(
        (&refused[2], &refused[4]),
        (&json!(21), &json!("wamp.error.unavailable"))
    );
    gate.notify_waiters();
    let mut done = Vec::new();
    for _ in 1..=20 {
        let result = client.message().await;
        assert_eq!(result[3], json!(["through"]));
        done.push(result[1].as_u64().expect("an id"));
    }
    done.sort_unstable();
    assert_eq!(done, (1..=20).collect::<Vec<_>>());
    assert_eq!(client.message().await[2], GOODBYE);
    client.answer_goodbye().await;
    assert_eq!(client.end().await.code, Some(1001));
    stopped.await.expect("no panic");
    assert_eq!(
        (
            handle.stats().connections,
            handle.stats().sessions,
            handle.stats().running_handlers
        ),
        (0, 0, 0)
    );
}

#[tokio::test]
async fn calls_that_do_not_end_are_given_up_in_time() {
    let limits = Limits {
        shutdown_timeout: Duration::from_millis(100),
        goodbye_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::joined(server.address).await;
    client.send_json(json!([48, 1, {}, "test.forever"])).await;
    server
        .until("a call", |stats| stats.running_handlers == 1)
        .await;
    server.begin_to_stop();
    // It answers nothing, and is closed all the same.
    let end = client.end().await;
    assert_eq!(end.code, Some(1001));
    let last: serde_json::Value =
        serde_json::from_slice(end.messages.last().expect("GOODBYE")).expect("JSON");
    assert_eq!(last[2], GOODBYE);
    server.stopped().await;
}

/// Connections without a session have nothing to finish, whatever they are waiting for.
#[tokio::test]
async fn connections_without_a_session_do_not_delay_the_end() {
    let server = Running::default().await;
    let mut half = Client::connect(server.address).await;
    let request = request("/", "wamp.2.json");
    half.send(&request.as_bytes()[..request.len() / 2]).await;
    let mut silent = Client::upgraded(server.address, "wamp.2.json").await;
    let mut parted = Client::joined(server.address).await;
    parted
        .send_json(json!([6, {}, "wamp.close.close_realm"]))
        .await;
    assert_eq!(parted.message().await[0], 6);
    let begun = std::time::Instant::now();
    server.begin_to_stop();
    for client in [&mut silent, &mut parted] {
        let end = client.end().await;
        assert_eq!(end.code, Some(1001));
    }
    half.rest().await;
    server.stopped().await;
    let limit = Limits::default();
    assert!(
        begun.elapsed() < limit.hello_timeout.min(limit.handshake_timeout),
        "it waited: {:?}",
        begun.elapsed()
    );
}

/// A client that leaves at the same moment is answered or dropped, but never waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_come_and_go_meanwhile_do_not_delay_the_end() {
    for _ in 0..20 {
        let limits = Limits {
            goodbye_timeout: Duration::from_millis(200),
            hello_timeout: Duration::from_millis(200),
            ..timeless()
        };
        let server = Running::with(limits).await;
        let address = server.address;
        let coming = (0..8).map(|_| {
            tokio::spawn(async move {
                let Ok(stream) = TcpStream::connect(address).await else {
                    return;
                };
                let mut client = Client::over(stream);
                let mut bytes = request("/", "wamp.2.json").into_bytes();
                bytes.extend(
                    crate::support::Frame::text(r#"[1,"realm",{"roles":{"caller":{}}}]"#).bytes(),
                );
                client.send(bytes).await;
                client.rest().await;
            })
        });
        let coming = coming.collect::<Vec<_>>();
        tokio::task::yield_now().await;
        server.begin_to_stop();
        server.stopped().await;
        for task in coming {
            task.await.expect("no panic");
        }
    }
}

/// Nor is a client waited for that does not even read the news.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_nothing_does_not_delay_the_end() {
    let limits = Limits {
        goodbye_timeout: Duration::from_millis(100),
        close_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::joined(server.address).await;
    // More than the kernel takes for somebody who does not read.
    client
        .send_json(json!([48, 1, {}, "test.large", [32 * 1024 * 1024]]))
        .await;
    server.until("the call", |stats| stats.calls == 1).await;
    server.begin_to_stop();
    server.stopped().await;
}

/// Runs as a process of its own, which is told to stop: see the test below.
#[cfg(unix)]
#[tokio::test]
#[ignore = "runs only as the child of another test"]
async fn child_that_serves_until_it_is_told_to_stop() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("loopback exists");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    println!("port {}", address.port());
    app().serve(address).await.expect("the port is free again");
    println!("served");
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_that_is_told_to_stop_says_goodbye_and_ends_well() {
    for signal in ["-TERM", "-INT"] {
        let mut child = crate::support::Child::start(
            "shutdown::child_that_serves_until_it_is_told_to_stop",
            "exec",
        )
        .await;
        let mut client = child.joined().await;
        assert_eq!(
            client.call("test.add", json!([1, 2])).await,
            json!([50, 1, {}, [3]])
        );
        let id = child.process.id().expect("it runs").to_string();
        let killed = tokio::process::Command::new("kill")
            .args([signal, &id])
            .status()
            .await;
        assert!(killed.expect("there is `kill`").success());
        assert_eq!(client.message().await[2], GOODBYE);
        client.answer_goodbye().await;
        client.is_closed_with(1001).await;
        let status = crate::support::soon("the end of the process", child.process.wait()).await;
        assert!(status.expect("it is ours").success(), "{signal}");
    }
}

//! What a handshake may take: bytes, headers, time, and a place.

use std::time::Duration;

use wamp_server::Limits;

use crate::refusals::{refusal, refused, with};
use crate::support::{Canary, Client, Running, request, soon, timeless};

#[tokio::test]
async fn heads_over_the_limits_get_431() {
    let server = Running::default().await;
    let canary = Canary::start(server.address).await;
    let many = (0..59).map(|n| format!("\r\nX-{n}: x")).collect::<String>();
    let one = format!("\r\nX: {}", "x".repeat(16 * 1024));
    let path = format!("/{}", "x".repeat(16 * 1024));
    let good = request("/", "wamp.2.json");
    for request in [
        with(&good, "localhost", &format!("localhost{many}")),
        with(&good, "localhost", &format!("localhost{one}")),
        request(&path, "wamp.2.json"),
    ] {
        let response = refusal(&server, request).await;
        let status = response.lines().next().unwrap_or_default();
        assert!(
            status == "HTTP/1.1 431 Request Header Fields Too Large"
                || status == "HTTP/1.1 414 URI Too Long",
            "{response}"
        );
    }
    canary.stop().await;
    server.rest().await;
}

#[tokio::test]
async fn a_head_without_end_is_cut_off() {
    let server = Running::default().await;
    let mut client = Client::connect(server.address).await;
    let head = request("/", "wamp.2.json");
    client.send(head.trim_end()).await;
    for n in 0..4096 {
        client.send(format!("\r\nX-{n}: {}", "x".repeat(56))).await;
    }
    // Bytes that were not read any more may have reset the connection.
    let response = String::from_utf8(client.rest().await).expect("text");
    assert!(
        response.is_empty() || response.starts_with("HTTP/1.1 431 "),
        "{response}"
    );
    server.rest().await;
}

#[tokio::test]
async fn one_connection_too_many_gets_503_until_another_one_ends() {
    let server = Running::with(Limits {
        max_connections: 2,
        ..timeless()
    })
    .await;
    let first = Client::joined(server.address).await;
    let second = Client::joined(server.address).await;
    let expected = refused(
        "503 Service Unavailable",
        "retry-after: 1\r\n",
        "Too many connections.\n",
    );
    for _ in 0..3 {
        assert_eq!(
            refusal(&server, request("/", "wamp.2.json")).await,
            expected
        );
    }
    assert_eq!(server.stats().connections, 2);
    first.leave().await;
    server
        .until("a free place", |stats| stats.connections == 1)
        .await;
    let third = Client::joined(server.address).await;
    second.leave().await;
    third.leave().await;
    server.rest().await;
}

/// Slowloris: half an upgrade, and then nothing, or next to nothing.
#[tokio::test]
async fn unfinished_requests_are_dropped_in_time() {
    let limits = Limits {
        handshake_timeout: Duration::from_secs(1),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let canary = Canary::start(server.address).await;
    let request = request("/", "wamp.2.json");
    let mut clients = Vec::new();
    for len in [0, 1, 20, request.len() / 2, request.len() - 1] {
        let mut client = Client::connect(server.address).await;
        client.send(&request.as_bytes()[..len]).await;
        clients.push(client);
    }
    for mut client in clients {
        // Not even an answer would help: nothing has been asked.
        let response = String::from_utf8(client.rest().await).expect("text");
        assert!(
            response.is_empty() || response.starts_with("HTTP/1.1 408 "),
            "{response}"
        );
    }
    assert!(server.stats().limits_hit >= 5);
    canary.stop().await;
    server.rest().await;
}

/// They cost places, but nobody has to wait for them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_unfinished_requests_keep_nobody_out() {
    let server = Running::default().await;
    let canary = Canary::start(server.address).await;
    let request = request("/", "wamp.2.json");
    let mut unfinished = Vec::new();
    for n in 0..200 {
        let mut client = Client::connect(server.address).await;
        client.send(&request.as_bytes()[..n % request.len()]).await;
        unfinished.push(client);
        if n % 10 == 0 {
            Client::joined(server.address).await.leave().await;
        }
    }
    assert_eq!(server.stats().limits_hit, 0);
    drop(unfinished);
    canary.stop().await;
    server.rest().await;
}

#[tokio::test]
async fn a_request_that_drips_is_dropped_in_time() {
    let limits = Limits {
        handshake_timeout: Duration::from_millis(300),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::connect(server.address).await;
    client.send("GET / HTTP/1.1\r\n").await;
    let mut drip = tokio::time::interval(Duration::from_millis(10));
    let (reader, mut writer) = client.stream.split();
    let dripping = async {
        use tokio::io::AsyncWriteExt as _;
        loop {
            drip.tick().await;
            if writer.write_all(b"X: x\r\n").await.is_err() {
                break;
            }
        }
    };
    soon("the end", async {
        tokio::select! {
            () = dripping => {}
            _ = reader.readable() => {}
        }
    })
    .await;
    server.rest().await;
}

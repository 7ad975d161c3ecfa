//! TLS handshakes that come to nothing.

use std::time::Duration;

use wamp_server::Limits;

use super::{mirror, tls};
use crate::refusals::refusal;
use crate::support::{Authority, Client, Dialer, Running, app, request, soon, timeless};

/// The beginning of a record that holds a ClientHello of 512 bytes.
const HELLO: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

#[tokio::test]
async fn plain_http_on_a_tls_port_is_refused() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority))).await;
    let mut client = Client::connect(server.address).await;
    client.send(request("/", "wamp.2.json")).await;
    let alert = client.rest().await;
    assert!(alert.is_empty() || alert[0] == 0x15, "{alert:?}");
    assert_eq!(server.stats().failed_tls_handshakes, 1);
    Dialer::trusting(&authority)
        .joined(server.address)
        .await
        .leave()
        .await;
    server.rest().await;
}

#[tokio::test]
async fn tls_on_a_plain_port_is_refused() {
    let authority = Authority::new("authority");
    let server = Running::default().await;
    let error = Dialer::trusting(&authority).dial(server.address).await;
    assert!(error.is_err());
    Client::joined(server.address).await.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_its_hello_leaves_nothing_behind() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority))).await;
    for len in 1..=HELLO.len() {
        let mut client = Client::connect(server.address).await;
        client.send(&HELLO[..len]).await;
        drop(client);
        let failures = u64::try_from(len).expect("few");
        server
            .until("the failure", |stats| {
                stats.failed_tls_handshakes == failures
            })
            .await;
    }
    let mut client = Client::connect(server.address).await;
    client.send(HELLO).await;
    client.reset();
    server
        .until("the failure", |stats| stats.failed_tls_handshakes == 12)
        .await;
    server.rest().await;
}

#[tokio::test]
async fn a_client_that_does_not_know_the_authority_leaves() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority))).await;
    let stranger = Dialer::trusting(&Authority::new("another"));
    assert!(stranger.dial(server.address).await.is_err());
    server
        .until("the failure", |stats| stats.failed_tls_handshakes == 1)
        .await;
    server.rest().await;
}

#[tokio::test]
async fn nothing_but_http_1_1_is_agreed_on() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority))).await;
    let client = Dialer::trusting(&authority).joined(server.address).await;
    let (_, connection) = client.stream.get_ref();
    assert_eq!(connection.alpn_protocol(), Some(&b"http/1.1"[..]));
    client.leave().await;
    let other = Dialer::trusting(&authority).offering("h2");
    assert!(other.dial(server.address).await.is_err());
    server.rest().await;
}

/// Each waits in a task of its own, and for no longer than any other handshake.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_silent_connections_disturb_nobody() {
    let authority = Authority::new("authority");
    let limits = Limits {
        handshake_timeout: Duration::from_secs(2),
        ..timeless()
    };
    let server = Running::new(app().limits(limits).tls(tls(&authority))).await;
    let dialer = Dialer::trusting(&authority);
    let mut canary = dialer.joined(server.address).await;
    let mut silent = Vec::new();
    for n in 0..500 {
        let mut client = Client::connect(server.address).await;
        client.send(&HELLO[..n % HELLO.len()]).await;
        silent.push(client);
        if n % 10 == 0 {
            let answer = canary.call("test.add", serde_json::json!([n, 1])).await;
            assert_eq!(answer[3][0], n + 1);
        }
    }
    // Somebody else gets in while they hang.
    dialer.joined(server.address).await.leave().await;
    for mut client in silent {
        assert_eq!(client.rest().await, b"");
    }
    assert_eq!(server.stats().limits_hit, 500);
    canary.leave().await;
    server.rest().await;
}

/// Whether it fails or takes too long.
#[tokio::test]
async fn handshakes_that_come_to_nothing_give_their_places_back() {
    const PLACES: usize = 4;
    let authority = Authority::new("authority");
    let limits = Limits {
        handshake_timeout: Duration::from_millis(300),
        max_unauthenticated: PLACES,
        max_unauthenticated_per_peer: PLACES,
        ..timeless()
    };
    let server = Running::new(app().limits(limits).tls(tls(&authority))).await;
    let stranger = Dialer::trusting(&Authority::new("another"));
    for _ in 0..3 {
        let mut hanging = Client::connect(server.address).await;
        hanging.send(HELLO).await;
        let silent = Client::connect(server.address).await;
        let mut wrong = Client::connect(server.address).await;
        wrong.send(request("/", "wamp.2.json")).await;
        assert!(stranger.dial(server.address).await.is_err());
        for mut client in [hanging, silent, wrong] {
            client.rest().await;
        }
    }
    // The server notices the end of each, sooner or later.
    let dialer = Dialer::trusting(&authority);
    let all = async {
        loop {
            let mut joined = Vec::new();
            for _ in 0..PLACES {
                joined.extend(dialer.dial(server.address).await);
            }
            if joined.len() == PLACES {
                break;
            }
        }
    };
    soon("as many places as before", all).await;
    server.rest().await;
}

/// The time is that of the whole handshake, not of each part.
#[tokio::test]
async fn a_client_that_speaks_tls_and_then_nothing_is_dropped_in_time() {
    let authority = Authority::new("authority");
    let limits = Limits {
        handshake_timeout: Duration::from_millis(500),
        ..timeless()
    };
    let server = Running::new(app().limits(limits).tls(tls(&authority))).await;
    let client = Dialer::trusting(&authority).dial(server.address).await;
    let client = client.expect("there was time for TLS");
    server
        .until("the drop", |stats| stats.limits_hit == 1)
        .await;
    drop(client);
    server.rest().await;
}

#[tokio::test]
async fn what_is_refused_over_http_is_refused_over_tls() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority)).paths(["/ws"])).await;
    let mut client = Dialer::trusting(&authority)
        .dial(server.address)
        .await
        .expect("TLS");
    client.send(request("/", "wamp.2.json")).await;
    let response = String::from_utf8(client.rest().await).expect("text");
    assert!(response.starts_with("HTTP/1.1 404 "), "{response}");
    // Without TLS there is no answer at all.
    let response = refusal(&server, "\r\n\r\n\r\n\r\n").await;
    assert!(!response.contains("HTTP"), "{response}");
    server.rest().await;
}

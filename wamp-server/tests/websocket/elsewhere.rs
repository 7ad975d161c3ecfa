//! Connections that somebody else has accepted, and what the server is told about them.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::DuplexStream;
use wamp_server::auth::Principal;
use wamp_server::proto::message::Secret;
use wamp_server::transport::ConnectionInfo;
use wamp_server::transport::websocket::PeerAddr;
use wamp_server::{App, Handshake, Limits, Server, Session, Single};

use crate::mount::mounted;
use crate::origins::request_with;
use crate::support::{Client, Logged, app, soon, timeless};

/// Shows what it knows about a connection.
pub(crate) fn mirror() -> App {
    app()
        .limits(timeless())
        .procedure("mirror", async |session: Session| {
            let transport = session.transport();
            Single(json!({
                "peer": transport.peer().map(|it| it.to_string()),
                "secure": transport.is_secure(),
                "certificate": transport.certificate().map(<[u8]>::to_vec),
                "binding": transport.channel_binding().is_some(),
            }))
        })
}

pub(crate) fn everything(peer: &str) -> ConnectionInfo {
    let address = |it: &str| it.parse::<SocketAddr>().expect("an address");
    ConnectionInfo::new()
        .with_peer(address(peer))
        .with_local(address("192.0.2.2:443"))
        .with_security(true)
        .with_certificate(*b"DER")
        .with_channel_binding([7; 32])
}

async fn seen(mut client: Client<DuplexStream>, lines: &str) -> Value {
    client.send(request_with("shop.example", lines)).await;
    let head = client.response_head().await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    client.join().await;
    let answer = client.call("mirror", json!([])).await;
    client.leave().await;
    answer[3][0].clone()
}

/// What is seen over a stream that is attached, and over one that a mounted service serves.
async fn both(server: &Server, info: &ConnectionInfo, lines: &str) -> [Value; 2] {
    let (ours, theirs) = tokio::io::duplex(4096);
    let served = tokio::spawn(server.attach_stream_from(theirs, info.clone()));
    let attached = seen(Client::over(ours), lines).await;
    soon("the end", served).await.expect("no panic");
    let (ours, theirs) = tokio::io::duplex(4096);
    let served = tokio::spawn(mounted(server, theirs, Some(info.clone())));
    let mounted = seen(Client::over(ours), lines).await;
    soon("the end", served).await.expect("no panic");
    [attached, mounted]
}

#[tokio::test]
async fn what_is_known_elsewhere_is_known_here() {
    let server = mirror().build().expect("no mistakes");
    let info = everything("192.0.2.1:4711");
    let expected = json!({
        "peer": "192.0.2.1:4711",
        "secure": true,
        "certificate": b"DER",
        "binding": true,
    });
    // The server's own origin is known, too.
    for lines in ["", "Origin: https://shop.example\r\n"] {
        for seen in both(&server, &info, lines).await {
            assert_eq!(seen, expected);
        }
    }
    let nothing = json!({"peer": null, "secure": false, "certificate": null, "binding": false});
    for seen in both(&server, &ConnectionInfo::new(), "").await {
        assert_eq!(seen, nothing);
    }
    server.shutdown().await;
}

#[tokio::test]
async fn what_is_known_of_a_proxy_is_not_known_of_its_clients() {
    let handshake = Handshake::new().trusted_proxies(["10.0.0.2"]);
    let server = mirror().handshake(handshake).build().expect("no mistakes");
    let info = everything("10.0.0.2:1");
    for (lines, peer, secure) in [
        (
            "X-Forwarded-For: 203.0.113.7\r\n",
            json!("203.0.113.7:0"),
            false,
        ),
        ("X-Forwarded-For: unknown\r\n", json!(null), false),
        ("X-Real-IP: 203.0.113.7\r\n", json!(null), false),
        ("", json!(null), false),
    ] {
        for seen in both(&server, &info, lines).await {
            let expected =
                json!({"peer": peer, "secure": secure, "certificate": null, "binding": false});
            assert_eq!(seen, expected, "{lines}");
        }
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_peer_that_is_told_has_limits_of_its_own() {
    let limits = Limits {
        max_unauthenticated_per_peer: 1,
        ..timeless()
    };
    let server = app().limits(limits).build().expect("no mistakes");
    let mut waiting = Vec::new();
    for (peer, expected) in [
        ("192.0.2.1:1", "HTTP/1.1 101 "),
        ("192.0.2.1:2", "HTTP/1.1 503 "),
        ("192.0.2.2:1", "HTTP/1.1 101 "),
    ] {
        let peer = PeerAddr(peer.parse().expect("an address"));
        let (ours, theirs) = tokio::io::duplex(4096);
        let served = tokio::spawn(mounted(&server, theirs, Some(peer)));
        let mut client = Client::over(ours);
        client.send(request_with("shop.example", "")).await;
        let head = client.response_head().await;
        assert!(head.starts_with(expected), "{peer:?}: {head}");
        waiting.push((client, served));
    }
    drop(waiting);
    server.shutdown().await;
}

#[tokio::test]
async fn the_log_says_once_that_addresses_are_missing() {
    const MISSING: &str = "without the addresses of their peers";
    for (guarded, told, expected) in [(true, false, 1), (false, false, 0), (true, true, 0)] {
        let logged = Logged::here();
        let app = app().limits(timeless());
        let app = if guarded {
            app.ticket(async |_: Session, _: Secret| None::<Principal>)
        } else {
            app
        };
        let server = app.build().expect("no mistakes");
        for _ in 0..3 {
            let info = if told {
                everything("192.0.2.1:1")
            } else {
                ConnectionInfo::new()
            };
            let (ours, theirs) = tokio::io::duplex(4096);
            let mut client = Client::over(ours);
            client.send(request_with("shop.example", "X: ")).await;
            let served = server.attach_stream_from(theirs, info);
            drop(client);
            served.await;
        }
        assert_eq!(logged.count(MISSING), expected, "{guarded} {told}");
        server.shutdown().await;
    }
}

#[tokio::test]
async fn the_log_says_once_that_a_proxy_may_be_missing() {
    let logged = Logged::here();
    let server = app().limits(timeless()).build().expect("no mistakes");
    for origin in [
        "https://evil.test",
        "https://shop.example",
        "https://shop.example",
    ] {
        let (ours, theirs) = tokio::io::duplex(4096);
        let mut client = Client::over(ours);
        let lines = format!("Origin: {origin}\r\n");
        client.send(request_with("shop.example", &lines)).await;
        let info = ConnectionInfo::new().with_security(false);
        server.attach_stream_from(theirs, info).await;
        let head = client.response_head().await;
        assert!(head.starts_with("HTTP/1.1 403 "), "{origin}: {head}");
    }
    assert_eq!(logged.count("is a TLS proxy in front?"), 1);
    assert_eq!(logged.count("trusted_proxies"), 1);
    server.shutdown().await;
}

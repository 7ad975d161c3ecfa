//! Proxies that speak for clients, and clients that pretend to be proxies.

use serde_json::{Value, json};
use wamp_server::transport::websocket::PeerAddr;
use wamp_server::{App, Handshake, Session};

use crate::mount::mounted;
use crate::origins::{request_with, status};
use crate::support::{Client, Running, app, soon, timeless};

/// An application that shows what it knows about a client.
fn mirror(handshake: Handshake) -> App {
    app()
        .limits(timeless())
        .handshake(handshake)
        .procedure("mirror", async |session: Session| {
            let transport = session.transport();
            let headers = transport
                .headers()
                .filter(|(name, _)| !name.starts_with("sec-"))
                .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)));
            json!({
                "peer": transport.peer().map(|it| it.to_string()),
                "secure": transport.is_secure(),
                "headers": headers.collect::<Vec<_>>(),
            })
        })
}

/// What is seen of a client whose request has these lines, and the client's real address.
async fn seen(server: &Running, lines: &str) -> (Value, String) {
    let mut client = Client::connect(server.address).await;
    let address = client.stream.local_addr().expect("it is connected");
    client.send(request_with("localhost", lines)).await;
    let head = client.response_head().await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    client.join().await;
    let answer = client.call("mirror", json!([])).await;
    client.leave().await;
    (answer[4].clone(), address.to_string())
}

const CLAIMS: &str = "X-Forwarded-For: 203.0.113.7\r\n\
     X-Forwarded-Proto: https\r\n\
     X-Forwarded-Host: shop.example\r\n\
     X-Forwarded-Client-Cert: Subject=\"CN=admin\"\r\n\
     X-Real-IP: 203.0.113.7\r\n\
     Forwarded: for=203.0.113.7;proto=https;host=shop.example\r\n\
     X-Auth-User: admin\r\n\
     Cookie: a=1\r\n";

#[tokio::test]
async fn what_anybody_claims_changes_nothing_and_is_not_seen() {
    for handshake in [
        Handshake::new(),
        Handshake::new().trusted_proxies(["10.0.0.0/8", "::1", "127.0.0.2"]),
    ] {
        let server = Running::new(mirror(handshake.proxy_headers(["x-auth-user"]))).await;
        let (seen, address) = seen(&server, CLAIMS).await;
        assert_eq!(seen["peer"], address);
        assert_eq!(seen["secure"], false);
        assert_eq!(
            seen["headers"],
            json!([
                "host: localhost",
                "cookie: a=1",
                "upgrade: websocket",
                "connection: Upgrade",
            ])
        );
        server.rest().await;
    }
}

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    for trusted in ["127.0.0.1", "127.0.0.0/8"] {
        let handshake = Handshake::new()
            .trusted_proxies([trusted])
            .hosts(["shop.example"])
            .proxy_headers(["X-Auth-User"]);
        let server = Running::new(mirror(handshake)).await;
        let (seen, _) = seen(&server, CLAIMS).await;
        assert_eq!(seen["peer"], "203.0.113.7:0");
        assert_eq!(seen["secure"], true);
        let headers = seen["headers"].to_string();
        for expected in ["x-auth-user: admin", "x-forwarded-for: 203.0.113.7"] {
            assert!(headers.contains(expected), "{headers}");
        }
        server.rest().await;
    }
}

#[tokio::test]
async fn the_client_is_who_spoke_to_the_first_trusted_proxy() {
    let handshake = Handshake::new().trusted_proxies(["127.0.0.1", "10.0.0.0/8"]);
    let server = Running::new(mirror(handshake)).await;
    for (header, expected) in [
        ("X-Forwarded-For: 1.1.1.1, 203.0.113.7", "203.0.113.7:0"),
        (
            "X-Forwarded-For: 1.1.1.1, 203.0.113.7, 10.1.1.1",
            "203.0.113.7:0",
        ),
        (
            "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.7",
            "203.0.113.7:0",
        ),
        ("X-Forwarded-For: 203.0.113.7:4711", "203.0.113.7:4711"),
        (
            "Forwarded: for=1.1.1.1, for=203.0.113.7;by=10.1.1.1",
            "203.0.113.7:0",
        ),
        (
            "Forwarded: for=\"[2001:db8::7]:4711\"",
            "[2001:db8::7]:4711",
        ),
    ] {
        let (seen, _) = seen(&server, &format!("{header}\r\n")).await;
        assert_eq!(seen["peer"], expected, "{header}");
    }
    for header in ["X-Forwarded-For: unknown", "Forwarded: for=_hidden"] {
        let (seen, address) = seen(&server, &format!("{header}\r\n")).await;
        assert_eq!(seen["peer"], address, "{header}");
    }
    server.rest().await;
}

#[tokio::test]
async fn origin_and_host_are_those_that_the_client_sees() {
    let handshake = Handshake::new()
        .trusted_proxies(["127.0.0.1"])
        .hosts(["shop.example"]);
    let server = Running::new(mirror(handshake)).await;
    let silent = "X-Forwarded-For: 203.0.113.7\r\n";
    let forwarded = "X-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\n";
    for (lines, expected) in [
        (format!("{forwarded}Origin: https://shop.example\r\n"), 101),
        (format!("{forwarded}Origin: http://shop.example\r\n"), 403),
        (format!("{forwarded}Origin: http://localhost\r\n"), 403),
        // A proxy that does not tell the scheme may have been spoken to in either.
        (format!("{silent}Origin: https://localhost\r\n"), 101),
        (format!("{silent}Origin: http://localhost\r\n"), 101),
        (format!("{silent}Origin: https://shop.example\r\n"), 403),
        ("X-Forwarded-Host: evil.test\r\n".to_owned(), 421),
        ("Forwarded: host=evil.test\r\n".to_owned(), 421),
    ] {
        let request = request_with("localhost", &lines);
        assert_eq!(status(&server, request).await, expected, "{lines}");
    }
    server.rest().await;
}

#[tokio::test]
async fn headers_that_contradict_each_other_are_refused() {
    let handshake = Handshake::new().trusted_proxies(["127.0.0.1"]);
    let server = Running::new(mirror(handshake)).await;
    for lines in [
        "X-Forwarded-For: 203.0.113.7\r\nForwarded: for=1.1.1.1\r\n",
        "X-Forwarded-Proto: http\r\nForwarded: proto=https\r\n",
        "X-Forwarded-Proto: gopher\r\n",
        "Forwarded: for\r\n",
    ] {
        let request = request_with("localhost", lines);
        assert_eq!(status(&server, request).await, 400, "{lines}");
    }
    server.rest().await;
}

#[tokio::test]
async fn only_the_headers_that_are_wanted_are_kept() {
    for (names, expected) in [
        (
            &["Cookie", "x-auth-user"][..],
            json!(["x-auth-user: a", "cookie: a=1"]),
        ),
        (&["host"], json!(["host: localhost"])),
        (&[], json!([])),
    ] {
        let server = Running::new(mirror(Handshake::new().keep_headers(names.to_vec()))).await;
        let (seen, _) = seen(&server, "X-Auth-User: a\r\nCookie: a=1\r\nX-Other: b\r\n").await;
        assert_eq!(seen["headers"], expected);
        server.rest().await;
    }
}

/// A web framework may tell the service who its proxy is.
#[tokio::test]
async fn a_mounted_service_trusts_the_peer_that_it_is_told() {
    for (peer, expected) in [
        ("10.0.0.1:1", "203.0.113.7:0"),
        ("192.0.2.1:1", "192.0.2.1:1"),
    ] {
        let server = mirror(Handshake::new().trusted_proxies(["10.0.0.0/8"]))
            .build()
            .expect("no mistakes");
        let peer = PeerAddr(peer.parse().expect("an address"));
        let (ours, theirs) = tokio::io::duplex(4096);
        let serving = tokio::spawn(mounted(&server, theirs, Some(peer)));
        let mut client = Client::over(ours);
        let request = request_with("shop.example", "X-Forwarded-For: 203.0.113.7\r\n");
        client.send(request).await;
        client.response_head().await;
        client.join().await;
        let answer = client.call("mirror", json!([])).await;
        assert_eq!(answer[4]["peer"], expected);
        client.leave().await;
        soon("the end of HTTP", serving).await.expect("no panic");
        server.shutdown().await;
    }
}

//! Proxies that speak for clients, and clients that pretend to be proxies.

use serde_json::{Value, json};
use wamp_server::transport::websocket::PeerAddr;
use wamp_server::{App, Handshake, Limits, Session};

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
    for (handshake, expected) in [
        (
            Handshake::new(),
            json!([
                "host: localhost",
                "x-auth-user: admin",
                "cookie: a=1",
                "upgrade: websocket",
                "connection: Upgrade",
            ]),
        ),
        (
            Handshake::new()
                .trusted_proxies(["10.0.0.0/8", "::1", "127.0.0.2"])
                .proxy_headers(["x-auth-user"]),
            json!([
                "host: localhost",
                "cookie: a=1",
                "upgrade: websocket",
                "connection: Upgrade",
            ]),
        ),
    ] {
        let server = Running::new(mirror(handshake)).await;
        let (seen, address) = seen(&server, CLAIMS).await;
        assert_eq!(seen["peer"], address);
        assert_eq!(seen["secure"], false);
        assert_eq!(seen["headers"], expected);
        server.rest().await;
    }
}

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    for trusted in ["127.0.0.1", "127.0.0.0/8", "::ffff:127.0.0.1"] {
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
        // A quote is nothing there.
        ("X-Forwarded-For: \", 203.0.113.9", "203.0.113.9:0"),
        (
            "X-Forwarded-For: \"1.1.1.1\r\nX-Forwarded-For: 203.0.113.9",
            "203.0.113.9:0",
        ),
    ] {
        let (seen, _) = seen(&server, &format!("{header}\r\n")).await;
        assert_eq!(seen["peer"], expected, "{header}");
    }
    server.rest().await;
}

/// The address of a proxy is not that of its clients.
#[tokio::test]
async fn a_client_that_is_not_named_is_nobody() {
    let handshake = Handshake::new().trusted_proxies(["127.0.0.1"]);
    let server = Running::new(mirror(handshake)).await;
    for header in [
        "X-Forwarded-For: unknown",
        "X-Forwarded-For: 203.0.113.7, unknown",
        "X-Forwarded-For: \"203.0.113.7, 203.0.113.9\"",
        "X-Forwarded-For:",
        "X-Forwarded-Proto: https",
        "X-Real-IP: 203.0.113.7",
        "Forwarded: for=_hidden",
        "Forwarded: proto=https",
        "X-Nothing: at all",
    ] {
        let (seen, _) = seen(&server, &format!("{header}\r\n")).await;
        assert_eq!(seen["peer"], json!(null), "{header}");
    }
    server.rest().await;
}

/// A limit for each peer that anybody can escape is none.
#[tokio::test]
async fn all_whom_a_proxy_does_not_name_share_a_limit() {
    let limits = Limits {
        max_unauthenticated_per_peer: 2,
        ..timeless()
    };
    let handshake = Handshake::new().trusted_proxies(["127.0.0.1"]);
    let server = Running::new(app().limits(limits).handshake(handshake)).await;
    let mut waiting = Vec::new();
    for (name, expected) in [
        ("X-Forwarded-For: unknown\r\n", "101"),
        ("X-Forwarded-Proto: https\r\n", "101"),
        ("X-Real-IP: 203.0.113.7\r\n", "503"),
        ("Forwarded: for=_a\r\n", "503"),
        ("", "503"),
        ("X-Forwarded-For: 203.0.113.7\r\n", "101"),
    ] {
        let mut client = Client::connect(server.address).await;
        client.send(request_with("localhost", name)).await;
        let head = client.response_head().await;
        assert_eq!(head.split(' ').nth(1), Some(expected), "{name}");
        waiting.push(client);
    }
    drop(waiting);
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
    for (host, lines, origin, expected) in [
        ("localhost", forwarded, "https://shop.example", 101),
        ("localhost", forwarded, "http://shop.example", 403),
        ("localhost", forwarded, "http://localhost", 403),
        // A proxy that does not tell the scheme may have been spoken to in either.
        ("shop.example", silent, "https://shop.example", 101),
        ("shop.example", silent, "http://shop.example", 101),
        ("shop.example", silent, "https://localhost", 403),
        (
            "shop.example",
            "X-Forwarded-Host: evil.test\r\n",
            "https://evil.test",
            421,
        ),
        (
            "shop.example",
            "Forwarded: host=evil.test\r\n",
            "https://evil.test",
            421,
        ),
        // The proxy is on this machine; the client is not.
        ("localhost", silent, "http://localhost", 421),
        ("localhost", "", "http://localhost", 421),
    ] {
        let request = request_with(host, &format!("{lines}Origin: {origin}\r\n"));
        assert_eq!(status(&server, request).await, expected, "{lines} {origin}");
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
        // What the proxy cannot tell is not what the client has written.
        "X-Forwarded-For: unknown\r\nForwarded: for=1.1.1.1\r\n",
        "X-Forwarded-For: 1.1.1.1\r\nForwarded: for=unknown\r\n",
        // A quote that the client has left open.
        "Forwarded: for=1.1.1.1;x=\", for=203.0.113.9\r\n",
        "Forwarded: for=1.1.1.1;x=\"\r\nForwarded: for=203.0.113.9\r\n",
    ] {
        let request = request_with("localhost", lines);
        assert_eq!(status(&server, request).await, 400, "{lines}");
    }
    server.rest().await;
}

/// The first of them may be the client's.
#[tokio::test]
async fn a_header_of_the_proxy_that_comes_twice_is_refused() {
    let handshake = Handshake::new()
        .trusted_proxies(["127.0.0.1"])
        .proxy_headers(["x-auth-user"]);
    let twice = "X-Auth-User: admin\r\nX-Auth-User: joe\r\n";
    let server = Running::new(mirror(handshake)).await;
    for (lines, expected) in [
        (twice, 400),
        ("X-Auth-User: joe\r\nx-auth-user: joe\r\n", 400),
        ("X-Auth-User: joe\r\n", 101),
        ("X-Other: a\r\nX-Other: b\r\n", 101),
    ] {
        let request = request_with("localhost", lines);
        assert_eq!(status(&server, request).await, expected, "{lines}");
    }
    server.rest().await;
    // From anybody else it is not even seen.
    let handshake = Handshake::new()
        .trusted_proxies(["10.0.0.2"])
        .proxy_headers(["x-auth-user"]);
    let server = Running::new(mirror(handshake)).await;
    let (seen, _) = seen(&server, twice).await;
    assert!(!seen["headers"].to_string().contains("x-auth-user"));
    server.rest().await;
}

/// Both append to all lists, so what the client saw is neither first nor last.
#[tokio::test]
async fn two_proxies_are_understood() {
    let handshake = Handshake::new()
        .trusted_proxies(["127.0.0.1", "10.0.0.1"])
        .hosts(["shop.example"]);
    let server = Running::new(mirror(handshake)).await;
    let (seen, _) = seen(
        &server,
        "X-Forwarded-For: 1.1.1.1, 203.0.113.7, 10.0.0.1\r\n\
         X-Forwarded-Proto: http, https, http\r\n\
         X-Forwarded-Host: evil.test, shop.example, inner.example\r\n\
         Forwarded: for=203.0.113.7;proto=https;host=shop.example, for=10.0.0.1;proto=http\r\n\
         Origin: https://shop.example\r\n",
    )
    .await;
    assert_eq!(seen["peer"], "203.0.113.7:0");
    assert_eq!(seen["secure"], true);
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

//! Which web pages may connect: cross-site WebSocket hijacking.

use std::net::SocketAddr;

use wamp_server::{App, Handshake};

use crate::refusals::{refusal, refused, with};
use crate::support::{Client, Running, app, request, timeless};

const HOST: &str = "api.shop.example:8080";

/// A request for [`HOST`] with these lines among its headers.
pub(crate) fn request_with(host: &str, lines: &str) -> String {
    with(
        &request("/", "wamp.2.json"),
        "Host: localhost\r\n",
        &format!("Host: {host}\r\n{lines}"),
    )
}

/// The status of the response; a connection that was upgraded is left.
pub(crate) async fn status(server: &Running, request: impl AsRef<[u8]>) -> u16 {
    status_at(server.address, request).await
}

pub(crate) async fn status_at(address: SocketAddr, request: impl AsRef<[u8]>) -> u16 {
    let mut client = Client::connect(address).await;
    client.send(request).await;
    let head = client.response_head().await;
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
    let status = status.expect("a status");
    if status == 101 {
        client.leave().await;
    }
    status
}

pub(crate) fn checked(handshake: Handshake) -> App {
    app().limits(timeless()).handshake(handshake)
}

#[tokio::test]
async fn an_origin_is_the_servers_own_or_one_of_the_list() {
    let handshake = Handshake::new().any_host().origins([
        "https://good.com",
        "http://localhost:3000",
        "https://xn--bcher-kva.example",
        "https://[2001:db8::1]",
        "chrome-extension://abcdefghijklmnop",
    ]);
    let server = Running::new(checked(handshake)).await;
    for (origin, allowed) in [
        // The server's own.
        ("http://api.shop.example:8080", true),
        ("HTTP://API.Shop.Example:8080", true),
        ("http://api.shop.example", false),
        ("http://api.shop.example:80", false),
        ("http://api.shop.example:8081", false),
        ("https://api.shop.example:8080", false),
        ("ws://api.shop.example:8080", false),
        ("http://shop.example:8080", false),
        ("http://api.shop.example.:8080", false),
        ("http://evil.api.shop.example:8080", false),
        // Those of the list.
        ("https://good.com", true),
        ("https://good.com:443", true),
        ("https://GOOD.com", true),
        ("http://localhost:3000", true),
        ("https://xn--bcher-kva.example", true),
        ("https://[2001:db8:0::1]", true),
        ("chrome-extension://abcdefghijklmnop", true),
        ("http://good.com", false),
        ("https://good.com:444", false),
        ("https://good.com.", false),
        ("https://good.com.evil", false),
        ("https://evilgood.com", false),
        ("https://evil.good.com", false),
        ("https://good.com@evil.com", false),
        ("https://good@evil.com", false),
        ("https://evil.com/https://good.com", false),
        ("https://good.com/", false),
        ("https://good.com?", false),
        ("https://good.com#", false),
        ("https://good.com\\.evil.com", false),
        ("https://good.com%2eevil.com", false),
        ("https://good.com,https://evil.com", false),
        ("https://good.com https://evil.com", false),
        ("https://bücher.example", false),
        ("https://localhost:3000", false),
        ("http://localhost", false),
        ("http://127.0.0.1:3000", false),
        // None.
        ("null", false),
        ("", false),
        ("*", false),
        ("file://", false),
        ("file:///", false),
        ("good.com", false),
        ("//good.com", false),
        ("https:good.com", false),
        ("https://", false),
        ("https://:443", false),
        ("https://good.com:", false),
        ("https://good.com:+443", false),
        ("https://good.com:99999", false),
        ("data:text/html,x", false),
    ] {
        let request = request_with(HOST, &format!("Origin: {origin}\r\n"));
        let expected = if allowed { 101 } else { 403 };
        assert_eq!(status(&server, request).await, expected, "{origin:?}");
    }
    server.rest().await;
}

#[tokio::test]
async fn what_is_no_web_page_has_no_origin() {
    let server = Running::default().await;
    assert_eq!(status(&server, request_with("localhost", "")).await, 101);
    server.rest().await;
}

#[tokio::test]
async fn two_origins_are_none() {
    let server = Running::new(checked(Handshake::new().origins(["https://good.com"]))).await;
    for other in ["https://good.com", "https://evil.com", "null"] {
        let lines = format!("Origin: https://good.com\r\nOrigin: {other}\r\n");
        let request = request_with("localhost", &lines);
        assert_eq!(status(&server, request).await, 403, "{other}");
    }
    server.rest().await;
}

#[tokio::test]
async fn default_ports_are_the_same_as_none() {
    let server = Running::default().await;
    for (host, origin, expected) in [
        ("localhost", "http://localhost:80", 101),
        ("localhost:80", "http://localhost", 101),
        ("localhost:443", "http://localhost", 403),
        ("[::1]:80", "http://[::1]", 101),
        ("127.0.0.1", "http://127.0.0.1", 101),
    ] {
        let request = request_with(host, &format!("Origin: {origin}\r\n"));
        assert_eq!(status(&server, request).await, expected, "{host} {origin}");
    }
    server.rest().await;
}

#[tokio::test]
async fn a_refusal_says_why_and_is_counted() {
    let server = Running::default().await;
    let request = request_with("localhost", "Origin: https://evil.test\r\n");
    let expected = refused(
        "403 Forbidden",
        "",
        "Pages of this origin may not connect.\n",
    );
    assert_eq!(refusal(&server, request).await, expected);
    assert_eq!(server.stats().refused_upgrades, 1);
    server.rest().await;
}

/// As behind a TLS proxy that the server does not know of.
#[tokio::test]
async fn an_origin_that_is_nearly_the_servers_own_gets_a_hint() {
    let server = Running::default().await;
    let hint = refused(
        "403 Forbidden",
        "",
        "Pages of this origin may not connect: the server has another scheme or port, or knows nothing of a proxy in front of it.\n",
    );
    let other = refused(
        "403 Forbidden",
        "",
        "Pages of this origin may not connect.\n",
    );
    for (origin, expected) in [
        ("https://localhost", &hint),
        ("http://localhost:8080", &hint),
        ("ftp://localhost", &other),
        ("https://evil.test", &other),
        ("https://localhost.evil.test", &other),
    ] {
        let request = request_with("localhost", &format!("Origin: {origin}\r\n"));
        assert_eq!(&refusal(&server, request).await, expected, "{origin}");
    }
    server.rest().await;
}

#[tokio::test]
async fn every_origin_is_allowed_when_that_is_said() {
    let server = Running::new(checked(Handshake::new().any_origin())).await;
    for origin in ["https://evil.test", "null", "file://"] {
        let request = request_with("localhost", &format!("Origin: {origin}\r\n"));
        assert_eq!(status(&server, request).await, 101, "{origin}");
    }
    server.rest().await;
}

/// It may be behind TLS or not.
#[tokio::test]
async fn to_a_stream_from_elsewhere_both_schemes_are_its_own() {
    let server = app().limits(timeless()).build().expect("no mistakes");
    for (origin, expected) in [
        ("http://shop.example", "HTTP/1.1 101"),
        ("https://shop.example", "HTTP/1.1 101"),
        ("https://evil.test", "HTTP/1.1 403"),
        ("https://shop.example:444", "HTTP/1.1 403"),
    ] {
        let (ours, theirs) = tokio::io::duplex(1024);
        let served = tokio::spawn(server.attach_stream(theirs));
        let mut client = Client::over(ours);
        let request = request_with("shop.example", &format!("Origin: {origin}\r\n"));
        client.send(request).await;
        let head = client.response_head().await;
        assert!(head.starts_with(expected), "{origin}: {head}");
        drop(client);
        served.await.expect("no panic");
    }
    server.shutdown().await;
}

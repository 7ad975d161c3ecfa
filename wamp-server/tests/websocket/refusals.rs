//! Requests that do not become connections, and the bytes of the answers.

use crate::handshake::{answer, without_date};
use crate::support::{Client, Running, request};

/// The whole response to a request, without its date; the server hangs up after it.
pub(crate) async fn refusal(server: &Running, request: impl AsRef<[u8]>) -> String {
    let mut client = Client::connect(server.address).await;
    client.send(request).await;
    let response = String::from_utf8(client.rest().await).expect("text");
    without_date(&response)
}

pub(crate) fn refused(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\n\
         content-type: text/plain; charset=utf-8\r\n\
         {headers}\
         connection: close\r\n\
         content-length: {}\r\n\
         \r\n{body}",
        body.len()
    )
}

pub(crate) fn with(request: &str, old: &str, new: &str) -> String {
    assert!(request.contains(old), "{request}");
    request.replace(old, new)
}

const UPGRADE: &str = "upgrade: websocket\r\nsec-websocket-version: 13\r\n";
const UPGRADE_REQUIRED: &str =
    "This is a WAMP endpoint: a WebSocket upgrade (HTTP/1.1) is required.\n";

#[tokio::test]
async fn subprotocols_that_are_not_offered_get_400_and_the_names_of_those_that_are() {
    let server = Running::default().await;
    let expected = refused(
        "400 Bad Request",
        "",
        "Sec-WebSocket-Protocol must offer one of: wamp.2.json, wamp.2.msgpack, wamp.2.cbor, \
         wamp.2.json.batched, wamp.2.msgpack.batched, wamp.2.cbor.batched.\n",
    );
    for offer in [
        "soap",
        "wamp.2",
        "wamp.2.",
        "WAMP.2.JSON",
        "wamp.2.jsonx",
        "wamp.2.json.batch",
        "wamp.2.json;q=1",
        ",,,",
        "",
    ] {
        assert_eq!(
            refusal(&server, request("/", offer)).await,
            expected,
            "{offer:?}"
        );
    }
    let none = with(
        &request("/", "wamp.2.json"),
        "Sec-WebSocket-Protocol: wamp.2.json\r\n",
        "",
    );
    assert_eq!(refusal(&server, none).await, expected);
    assert_eq!(server.stats().refused_upgrades, 10);
    server.rest().await;
}

#[tokio::test]
async fn what_the_client_offers_is_never_echoed() {
    let server = Running::default().await;
    for offer in [
        "wamp.2.evil",
        "x\r\nX-Injected: yes",
        "x, y\tz",
        "<script>",
        "wamp.2.json\x7f",
    ] {
        let response = refusal(&server, request("/", offer)).await;
        assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
        for piece in ["evil", "njected", "script", "x, y", "\x7f"] {
            assert!(!response.contains(piece), "{response}");
        }
    }
    for offer in ["wamp.2.json\0", "wamp.2.json\r evil"] {
        let response = refusal(&server, request("/", offer)).await;
        assert!(
            response.is_empty() || response.starts_with("HTTP/1.1 400 "),
            "{response}"
        );
    }
    // A new line begins a new header, which concerns nobody.
    let response = answer(&server, request("/", "wamp.2.json\r\nX-Injected: yes")).await;
    assert!(
        response.starts_with("HTTP/1.1 101 ") && !response.contains("njected"),
        "{response}"
    );
    server.rest().await;
}

#[tokio::test]
async fn a_plain_get_is_told_to_upgrade() {
    let server = Running::default().await;
    let expected = refused("426 Upgrade Required", UPGRADE, UPGRADE_REQUIRED);
    let good = request("/", "wamp.2.json");
    assert_eq!(
        refusal(&server, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await,
        expected
    );
    for (old, new) in [
        ("Upgrade: websocket\r\n", ""),
        ("Upgrade: websocket\r\n", "Upgrade: h2c\r\n"),
        ("Connection: Upgrade\r\n", ""),
        ("Connection: Upgrade\r\n", "Connection: close\r\n"),
    ] {
        assert_eq!(
            refusal(&server, with(&good, old, new)).await,
            expected,
            "{old:?} → {new:?}"
        );
    }
    server.rest().await;
}

#[tokio::test]
async fn http_1_0_cannot_be_upgraded() {
    let server = Running::default().await;
    let response = refusal(
        &server,
        with(&request("/", "wamp.2.json"), "HTTP/1.1", "HTTP/1.0"),
    )
    .await;
    assert!(
        response.starts_with("HTTP/1.0 426 Upgrade Required\r\n"),
        "{response}"
    );
    assert!(response.ends_with(UPGRADE_REQUIRED), "{response}");
    server.rest().await;
}

#[tokio::test]
async fn methods_other_than_get_are_not_allowed() {
    let server = Running::default().await;
    let expected = refused(
        "405 Method Not Allowed",
        "allow: GET\r\n",
        "A WebSocket upgrade is a GET request.\n",
    );
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
        let request = with(&request("/", "wamp.2.json"), "GET", method);
        assert_eq!(refusal(&server, request).await, expected, "{method}");
    }
    server.rest().await;
}

#[tokio::test]
async fn versions_other_than_13_get_426_and_the_version_that_is_known() {
    let server = Running::default().await;
    let expected = refused(
        "426 Upgrade Required",
        UPGRADE,
        "Sec-WebSocket-Version 13 is required.\n",
    );
    let good = request("/", "wamp.2.json");
    for version in ["8", "0", "14", "13, 8", "xiii", ""] {
        let request = with(&good, "Version: 13", &format!("Version: {version}"));
        assert_eq!(refusal(&server, request).await, expected, "{version:?}");
    }
    assert_eq!(
        refusal(&server, with(&good, "Sec-WebSocket-Version: 13\r\n", "")).await,
        expected
    );
    server.rest().await;
}

#[tokio::test]
async fn a_key_is_16_bytes_in_base64() {
    let server = Running::default().await;
    let expected = refused(
        "400 Bad Request",
        "",
        "Sec-WebSocket-Key is missing or not 16 bytes in base64.\n",
    );
    let good = request("/", "wamp.2.json");
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    for wrong in [
        "",
        "x",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZTEyMzQ1Njc4OTA=",
    ] {
        assert_eq!(
            refusal(&server, with(&good, key, wrong)).await,
            expected,
            "{wrong:?}"
        );
    }
    let none = with(&good, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "");
    assert_eq!(refusal(&server, none).await, expected);
    server.rest().await;
}

#[tokio::test]
async fn there_is_one_key() {
    let server = Running::default().await;
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let request = with(&request("/", "wamp.2.json"), key, &key.repeat(2));
    let expected = refused(
        "400 Bad Request",
        "",
        "Sec-WebSocket-Key is there more than once.\n",
    );
    assert_eq!(refusal(&server, request).await, expected);
    server.rest().await;
}

#[tokio::test]
async fn an_upgrade_has_no_body() {
    let server = Running::default().await;
    let expected = refused("400 Bad Request", "", "A WebSocket upgrade has no body.\n");
    let good = request("/", "wamp.2.json");
    for (header, body) in [
        ("Content-Length: 4", "body"),
        ("Transfer-Encoding: chunked", "4\r\nbody\r\n0\r\n\r\n"),
    ] {
        let request = with(
            &good,
            "Host: localhost",
            &format!("Host: localhost\r\n{header}"),
        );
        assert_eq!(refusal(&server, request + body).await, expected, "{header}");
    }
    server.rest().await;
}

#[tokio::test]
async fn requests_that_could_be_understood_in_two_ways_are_refused() {
    let server = Running::default().await;
    let good = request("/", "wamp.2.json");
    for headers in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: +0",
        "Content-Length: -1",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: xchunked",
        "X: a\r\n Sec-WebSocket-Protocol: folded",
        "Bad Name: x",
        ": x",
    ] {
        let request = with(
            &good,
            "Host: localhost",
            &format!("Host: localhost\r\n{headers}"),
        );
        let response = refusal(&server, request).await;
        assert!(
            response.starts_with("HTTP/1.1 4"),
            "{headers:?}: {response}"
        );
    }
    server.rest().await;
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let server = Running::default().await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS client speaks\r\n\r\n"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET http:// HTTP/1.1\r\n\r\n",
    ] {
        let response = refusal(&server, bytes).await;
        assert!(
            response.is_empty() || response.starts_with("HTTP/1.1 4"),
            "{response}"
        );
    }
    server.rest().await;
}

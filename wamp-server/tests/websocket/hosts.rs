//! Which hosts the server answers for: DNS rebinding.

use wamp_server::Handshake;
use wamp_server::app::Problem;

use crate::origins::{checked, request_with, status};
use crate::refusals::{refusal, refused, with};
use crate::support::{Client, Running, app, request, timeless};

async fn answers(server: &Running, hosts: &[(&str, u16)]) {
    for (host, expected) in hosts {
        let found = status(server, request_with(host, "")).await;
        assert_eq!(found, *expected, "{host:?}");
    }
}

#[tokio::test]
async fn on_a_loopback_address_it_answers_for_loopback_names_only() {
    let server = Running::default().await;
    let port = server.address.port();
    let with_port = |host: &str| format!("{host}:{port}");
    answers(
        &server,
        &[
            (&with_port("localhost"), 101),
            (&with_port("127.0.0.1"), 101),
            (&with_port("[::1]"), 101),
            ("localhost", 101),
            ("LOCALHOST:1", 101),
            ("app.localhost", 101),
            ("127.1.2.3", 101),
            ("[::1]", 101),
            ("evil.test", 421),
            (&with_port("evil.test"), 421),
            ("localhost.evil.test", 421),
            ("127.0.0.1.evil.test", 421),
            ("evil-localhost", 421),
            ("10.0.0.1", 421),
            ("0.0.0.0", 421),
            ("[::2]", 421),
            ("2130706433", 421),
        ],
    )
    .await;
    server.rest().await;
}

#[tokio::test]
async fn it_answers_for_the_hosts_of_the_list() {
    let handshake = Handshake::new().hosts(["Shop.example", "api.shop.example:8443", "192.0.2.1"]);
    let server = Running::new(checked(handshake)).await;
    answers(
        &server,
        &[
            ("shop.example", 101),
            ("shop.example:1234", 101),
            ("api.shop.example:8443", 101),
            ("192.0.2.1:80", 101),
            ("localhost", 101),
            ("api.shop.example", 421),
            ("api.shop.example:443", 421),
            ("www.shop.example", 421),
            ("shop.example.evil.test", 421),
            ("shop.example.", 421),
            ("192.0.2.2", 421),
        ],
    )
    .await;
    server.rest().await;
}

#[tokio::test]
async fn it_answers_for_every_host_when_that_is_said() {
    let server = Running::new(checked(Handshake::new().any_host())).await;
    answers(&server, &[("evil.test", 101), ("10.0.0.1:1", 101)]).await;
    server.rest().await;
}

#[tokio::test]
async fn without_one_host_it_is_no_request() {
    let server = Running::default().await;
    let expected = refused(
        "400 Bad Request",
        "",
        "There must be exactly one Host header, with a host and no more than a port.\n",
    );
    let good = request("/", "wamp.2.json");
    for host in [
        "",
        "Host: localhost\r\nHost: localhost\r\n",
        "Host: localhost\r\nHost: evil.test\r\n",
        "Host: \r\n",
        "Host: localhost/\r\n",
        "Host: user@localhost\r\n",
        "Host: localhost, evil.test\r\n",
        "Host: localhost:x\r\n",
        "Host: [::1\r\n",
    ] {
        let request = with(&good, "Host: localhost\r\n", host);
        assert_eq!(refusal(&server, request).await, expected, "{host:?}");
    }
    server.rest().await;
}

/// A target with a host goes before the header (RFC 9112, 3.2.2).
#[tokio::test]
async fn the_host_of_the_target_counts() {
    let server = Running::default().await;
    let good = request("/", "wamp.2.json");
    for (target, expected) in [("http://evil.test/", 421), ("http://localhost/", 101)] {
        let request = with(&good, "GET / ", &format!("GET {target} "));
        assert_eq!(status(&server, request).await, expected, "{target}");
    }
    server.rest().await;
}

#[tokio::test]
async fn a_refusal_says_why() {
    let server = Running::default().await;
    let expected = refused(
        "421 Misdirected Request",
        "",
        "The server does not answer for this host.\n",
    );
    assert_eq!(
        refusal(&server, request_with("evil.test", "")).await,
        expected
    );
    server.rest().await;
}

/// What serves it knows where it listens, and this does not.
#[tokio::test]
async fn a_stream_from_elsewhere_is_held_against_the_list_only() {
    for (handshake, expected) in [
        (Handshake::new(), "HTTP/1.1 101"),
        (Handshake::new().hosts(["shop.example"]), "HTTP/1.1 421"),
    ] {
        let app = app().limits(timeless()).handshake(handshake);
        let server = app.build().expect("no mistakes");
        let (ours, theirs) = tokio::io::duplex(1024);
        let served = tokio::spawn(server.attach_stream(theirs));
        let mut client = Client::over(ours);
        client.send(request_with("evil.test", "")).await;
        let head = client.response_head().await;
        assert!(head.starts_with(expected), "{head}");
        drop(client);
        served.await.expect("no panic");
        server.shutdown().await;
    }
}

#[test]
fn entries_that_are_wrong_are_reported_all_at_once() {
    let handshake = Handshake::new()
        .origins([
            "https://good.com",
            "good.com",
            "https://good.com/",
            "wss://good.com",
            "null",
            "*",
        ])
        .hosts(["good.com", "http://good.com", "*.good.com", ""])
        .trusted_proxies(["10.0.0.0/8", "::1", "10.0.0.0/33", "proxy.example"])
        .proxy_headers(["x-auth-user", "x auth"])
        .keep_headers(["cookie", "coo:kie"]);
    let error = app().handshake(handshake).build().expect_err("mistakes");
    let found = error.problems().iter().map(|problem| match problem {
        Problem::BadHandshake { list, entry, .. } => (*list, entry.as_str()),
        other => panic!("{other}"),
    });
    assert_eq!(
        found.collect::<Vec<_>>(),
        [
            ("origins", "good.com"),
            ("origins", "https://good.com/"),
            ("origins", "wss://good.com"),
            ("origins", "null"),
            ("origins", "*"),
            ("hosts", "http://good.com"),
            ("hosts", "*.good.com"),
            ("hosts", ""),
            ("trusted_proxies", "10.0.0.0/33"),
            ("trusted_proxies", "proxy.example"),
            ("proxy_headers", "x auth"),
            ("keep_headers", "coo:kie"),
        ]
    );
    let text = error.to_string();
    let line = "the entry `wss://good.com` of `Handshake::origins` is the server's address";
    assert!(text.contains(line), "{text}");
}

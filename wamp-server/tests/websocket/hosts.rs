//! Which hosts the server answers for: DNS rebinding.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use wamp_server::Handshake;
use wamp_server::app::Problem;
use wamp_server::transport::ConnectionInfo;
use wamp_server::transport::websocket::PeerAddr;

use crate::mount::mounted;
use crate::origins::{checked, request_with, status, status_at};
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

/// A listener on all addresses has the loopback ones, too, and a web page elsewhere can let its name point to them.
#[tokio::test]
async fn what_counts_is_the_address_that_is_connected_to() {
    for (bound, dialled) in [
        ("127.0.0.1", &["127.0.0.1"][..]),
        ("0.0.0.0", &["127.0.0.1", "127.0.0.2"]),
        ("[::1]", &["[::1]"]),
        // To IPv4 it listens inside of IPv6.
        ("[::]", &["[::1]", "127.0.0.1", "[::ffff:127.0.0.1]"]),
    ] {
        let listener = match TcpListener::bind(format!("{bound}:0")).await {
            Ok(listener) => listener,
            Err(error) => {
                println!("{bound} is skipped: {error}");
                continue;
            }
        };
        let server = Running::on(listener, app().limits(timeless()));
        for host in dialled {
            let address = format!("{host}:{}", server.address.port());
            let address = address.parse::<SocketAddr>().expect("an address");
            // Where one listener is for one version only.
            if let Err(error) = TcpStream::connect(address).await {
                println!("{host} on {bound} is skipped: {error}");
                continue;
            }
            for (name, expected) in [("evil.test", 421), ("localhost", 101), (host, 101)] {
                let found = status_at(address, request_with(name, "")).await;
                assert_eq!(found, expected, "{name} on {bound} by {host}");
            }
        }
        server.rest().await;
    }
}

#[tokio::test]
async fn an_empty_list_is_for_no_host() {
    let handshake = Handshake::new().hosts([""; 0]);
    let server = Running::new(checked(handshake.clone())).await;
    answers(&server, &[("evil.test", 421), ("localhost", 101)]).await;
    server.rest().await;
    let proxied = handshake.trusted_proxies(["127.0.0.1"]);
    let server = Running::new(checked(proxied)).await;
    answers(&server, &[("evil.test", 421), ("localhost", 421)]).await;
    server.rest().await;
}

/// Those who connect to the proxy on this machine know nothing of loopback.
#[tokio::test]
async fn a_trusted_proxy_is_held_against_the_list_only() {
    let handshake = Handshake::new().trusted_proxies(["127.0.0.1"]);
    let server = Running::new(checked(handshake.clone())).await;
    answers(&server, &[("shop.example", 101), ("localhost", 101)]).await;
    server.rest().await;
    let server = Running::new(checked(handshake.hosts(["shop.example"]))).await;
    answers(&server, &[("shop.example", 101), ("evil.test", 421)]).await;
    server.rest().await;
}

/// The status of a response to a request over a stream from elsewhere, of which this is known.
async fn attached(handshake: Handshake, info: ConnectionInfo, host: &str) -> String {
    let server = checked(handshake).build().expect("no mistakes");
    let (ours, theirs) = tokio::io::duplex(1024);
    let served = tokio::spawn(server.attach_stream_from(theirs, info));
    let mut client = Client::over(ours);
    client.send(request_with(host, "")).await;
    let head = client.response_head().await;
    drop(client);
    served.await.expect("no panic");
    server.shutdown().await;
    head.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// What serves it knows where it listens; whether this does depends on what it is told.
#[tokio::test]
async fn a_stream_from_elsewhere_is_held_against_what_is_known_of_it() {
    let at = |address: &str| format!("{address}:1").parse().expect("an address");
    let from = |address| ConnectionInfo::new().with_peer(at(address));
    let to = |address| ConnectionInfo::new().with_local(at(address));
    let listed = || Handshake::new().hosts(["shop.example"]);
    for (handshake, info, host, expected) in [
        (Handshake::new(), ConnectionInfo::new(), "evil.test", "101"),
        (listed(), ConnectionInfo::new(), "evil.test", "421"),
        (listed(), ConnectionInfo::new(), "shop.example", "101"),
        (Handshake::new(), from("192.0.2.1"), "evil.test", "101"),
        (Handshake::new(), from("127.0.0.1"), "evil.test", "421"),
        (
            Handshake::new(),
            from("[::ffff:127.0.0.1]"),
            "evil.test",
            "421",
        ),
        (Handshake::new(), from("[::1]"), "localhost", "101"),
        (Handshake::new(), to("127.0.0.1"), "evil.test", "421"),
        (
            Handshake::new(),
            to("[::ffff:127.0.0.1]"),
            "evil.test",
            "421",
        ),
        (Handshake::new(), to("192.0.2.1"), "evil.test", "101"),
        (listed(), from("127.0.0.1"), "shop.example", "101"),
    ] {
        let name = format!("{info:?} {host}");
        assert_eq!(attached(handshake, info, host).await, expected, "{name}");
    }
}

#[tokio::test]
async fn a_mounted_service_knows_a_loopback_connection_by_its_peer() {
    for (peer, proxies, expected) in [
        (None, &[][..], "HTTP/1.1 101"),
        (Some("127.0.0.1:1"), &[], "HTTP/1.1 421"),
        (Some("[::1]:1"), &[], "HTTP/1.1 421"),
        (Some("192.0.2.1:1"), &[], "HTTP/1.1 101"),
        (Some("127.0.0.1:1"), &["127.0.0.1"], "HTTP/1.1 101"),
    ] {
        let handshake = Handshake::new().trusted_proxies(proxies.to_vec());
        let server = checked(handshake).build().expect("no mistakes");
        let told = peer.map(|it| PeerAddr(it.parse().expect("an address")));
        let (ours, theirs) = tokio::io::duplex(1024);
        let serving = tokio::spawn(mounted(&server, theirs, told));
        let mut client = Client::over(ours);
        client.send(request_with("evil.test", "")).await;
        let head = client.response_head().await;
        assert!(head.starts_with(expected), "{peer:?} {proxies:?}: {head}");
        drop(client);
        serving.await.expect("no panic");
        server.shutdown().await;
    }
}

/// A page from elsewhere learns nothing of what is served.
#[tokio::test]
async fn the_host_is_checked_first_and_then_the_origin() {
    let server = Running::new(checked(Handshake::new()).paths(["/ws"])).await;
    let evil = request_with("evil.test", "Origin: http://evil.test\r\n");
    let foreign = request_with("localhost", "Origin: http://evil.test\r\n");
    for (request, expected) in [(evil, 421), (foreign, 403)] {
        for (old, new) in [
            ("GET / ", "GET /ws "),
            ("GET / ", "GET /other "),
            ("GET / ", "POST /ws "),
            ("GET / HTTP/1.1", "GET /ws HTTP/1.0"),
            ("wamp.2.json", "soap"),
            ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"),
            ("Upgrade: websocket\r\n", ""),
        ] {
            let request = with(&request, old, new);
            assert_eq!(status(&server, &request).await, expected, "{request}");
        }
    }
    server.rest().await;
}

#[test]
fn what_makes_no_sense_together_is_reported() {
    let handshake = Handshake::new()
        .any_host()
        .hosts(["good.com"])
        .any_origin()
        .origins(["https://good.com"])
        .proxy_headers(["x-auth-user"]);
    let error = app().handshake(handshake).build().expect_err("mistakes");
    let text = error.to_string();
    assert_eq!(error.problems().len(), 3, "{text}");
    for name in ["any_host", "any_origin", "trusted_proxies"] {
        assert!(text.contains(name), "{text}");
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

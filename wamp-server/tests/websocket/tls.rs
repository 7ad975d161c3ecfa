//! WebSocket over TLS: `wss://`.

mod clients;
mod handshake;
mod principals;
mod reload;
mod secrets;

use serde_json::json;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use wamp_server::{App, Session, Single, Tls};

use crate::origins::request_with;
use crate::support::{Authority, Dialer, Running, app, timeless};

/// A server's certificate for `localhost`, and what serves it.
pub(crate) fn tls(authority: &Authority) -> Tls {
    let pair = authority.sign("localhost");
    Tls::from_pem(pair.certificate.as_bytes(), pair.key.as_bytes()).expect("a certificate")
}

/// Shows what it knows about a connection.
pub(crate) fn mirror(tls: Tls) -> App {
    app()
        .limits(timeless())
        .tls(tls)
        .procedure("mirror.secure", async |session: Session| {
            session.transport().is_secure()
        })
        .procedure("mirror.binding", async |session: Session| {
            session.transport().channel_binding().copied()
        })
        .procedure("mirror.certificate", async |session: Session| {
            Single(session.transport().certificate().map(<[u8]>::to_vec))
        })
}

#[tokio::test]
async fn sessions_run_over_every_version() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority))).await;
    for version in [&TLS12, &TLS13] {
        let dialer = Dialer::new(&authority, None, &[version]);
        let mut client = dialer.joined(server.address).await;
        let answer = client.call("test.add", json!([1, 2])).await;
        assert_eq!(answer, json!([50, 1, {}, [3]]));
        // More than fits into a record, a fragment, or a socket's buffer.
        let large = client.call("test.large", json!([1_000_000])).await;
        assert_eq!(large[3][0].as_str().map(str::len), Some(1_000_000));
        let echo = client.call("test.echo", json!(["x".repeat(900_000)])).await;
        assert_eq!(echo[3][0].as_str().map(str::len), Some(900_000));
        assert_eq!(client.call("mirror.secure", json!([])).await[3][0], true);
        assert_eq!(
            client.call("mirror.certificate", json!([])).await[3],
            json!([null])
        );
        client.leave().await;
    }
    assert_eq!(server.stats().failed_tls_handshakes, 0);
    server.rest().await;
}

#[tokio::test]
async fn both_ends_have_the_same_channel_binding_and_no_other_connection_has() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority))).await;
    let mut seen = Vec::new();
    for version in [&TLS12, &TLS13] {
        // The second connection resumes the first one's session.
        let dialer = Dialer::new(&authority, None, &[version]);
        for resumed in [false, true] {
            let mut client = dialer.joined(server.address).await;
            assert_eq!(client.is_resumed(), resumed);
            let answer = client.call("mirror.binding", json!([])).await;
            assert_eq!(answer[3], json!(client.channel_binding()));
            seen.push(client.channel_binding());
            client.leave().await;
        }
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 4);
    server.rest().await;
}

#[tokio::test]
async fn without_tls_there_is_no_channel_binding() {
    let app = app()
        .limits(timeless())
        .procedure("mirror", async |session: Session| {
            (
                session.transport().is_secure(),
                session.transport().channel_binding().copied(),
            )
        });
    let server = Running::new(app).await;
    let mut client = crate::support::Client::joined(server.address).await;
    let answer = client.call("mirror", json!([])).await;
    assert_eq!(answer[3], json!([false, null]));
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn the_servers_own_origin_is_https() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority))).await;
    let dialer = Dialer::trusting(&authority);
    for (origin, expected) in [
        ("https://localhost", "HTTP/1.1 101 "),
        ("https://localhost:443", "HTTP/1.1 101 "),
        ("http://localhost", "HTTP/1.1 403 "),
    ] {
        let mut client = dialer.dial(server.address).await.expect("TLS");
        let request = request_with("localhost", &format!("Origin: {origin}\r\n"));
        client.send(request).await;
        let head = client.response_head().await;
        assert!(head.starts_with(expected), "{origin}: {head}");
    }
    server.rest().await;
}

#[tokio::test]
async fn the_first_frame_may_come_with_the_request() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority))).await;
    let mut client = Dialer::trusting(&authority)
        .dial(server.address)
        .await
        .expect("TLS");
    let mut bytes = crate::support::request("/", "wamp.2.json").into_bytes();
    let hello = crate::support::Frame::text(crate::support::hello().to_string());
    bytes.extend_from_slice(&hello.bytes());
    client.send(bytes).await;
    client.response_head().await;
    assert_eq!(client.message().await[0], 2);
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn a_shutdown_says_goodbye_over_tls() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority))).await;
    let mut client = Dialer::trusting(&authority).joined(server.address).await;
    // This one has not even begun to speak.
    let mut silent = crate::support::Client::connect(server.address).await;
    server.begin_to_stop();
    assert_eq!(client.message().await[2], "wamp.close.system_shutdown");
    client.answer_goodbye().await;
    assert_eq!(client.end().await.code, Some(1001));
    assert_eq!(silent.rest().await, b"");
    server.stopped().await;
}

#[tokio::test]
async fn listeners_of_one_server_may_have_certificates_of_their_own() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let server = app().limits(timeless()).build().expect("no mistakes");
    let stop = wamp_server::CancellationToken::new();
    let listen = async || {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        (listener, address)
    };
    let ((plain, first), (second, second_address), (third, third_address)) =
        (listen().await, listen().await, listen().await);
    let tasks = [
        tokio::spawn({
            let (server, stop) = (server.clone(), stop.clone());
            async move { server.serve_with(plain, stop.cancelled_owned()).await }
        }),
        tokio::spawn({
            let (server, stop, tls) = (server.clone(), stop.clone(), tls(&ours));
            async move { server.serve_tls(second, tls, stop.cancelled_owned()).await }
        }),
        tokio::spawn({
            let (server, stop, tls) = (server.clone(), stop.clone(), tls(&theirs));
            async move { server.serve_tls(third, tls, stop.cancelled_owned()).await }
        }),
    ];
    let plain = crate::support::Client::joined(first).await;
    for (authority, address) in [(&ours, second_address), (&theirs, third_address)] {
        let mut client = Dialer::trusting(authority).joined(address).await;
        let answer = client.call("test.add", json!([1, 2])).await;
        assert_eq!(answer[3][0], 3);
        client.leave().await;
    }
    plain.leave().await;
    stop.cancel();
    for task in tasks {
        let served = task.await.expect("no panic");
        served.expect("it was told to stop");
    }
}

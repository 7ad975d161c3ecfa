//! RawSocket behind a TLS handshake.

use serde_json::json;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use wamp_server::transport::tls::ClientCertificates;
use wamp_server::{Handshake, Session, Tls};

use crate::support::raw::{REQUEST, Raw};
use crate::support::{Authority, Dialer, Running, app, timeless};
use crate::tls::{mirror, tls};

#[tokio::test]
async fn both_are_spoken_behind_tls() {
    let authority = Authority::new("authority");
    let pair = authority.sign("localhost");
    let tls = Tls::from_pem(pair.certificate.as_bytes(), pair.key.as_bytes());
    let app = app()
        .limits(timeless())
        .tls(tls.expect("a certificate"))
        .procedure("mirror", async |session: Session| {
            let info = session.transport();
            (info.is_secure(), info.channel_binding().copied())
        });
    let server = Running::new(app).await;
    for version in [&TLS12, &TLS13] {
        let dialer = Dialer::new(&authority, None, &[version]);
        let client = dialer.dial(server.address).await.expect("a TLS handshake");
        let binding = client.channel_binding();
        let mut raw = Raw::over(client);
        raw.handshake(REQUEST).await;
        raw.join().await;
        assert_eq!(
            raw.call("mirror", json!([])).await[3],
            json!([true, binding])
        );
        // More than fits into a record, or a socket's buffer.
        let large = raw.call("test.large", json!([3_000_000])).await;
        assert_eq!(large[3][0].as_str().map(str::len), Some(3_000_000));
        let echo = raw.call("test.echo", json!(["x".repeat(900_000)])).await;
        assert_eq!(echo[3][0].as_str().map(str::len), Some(900_000));
        raw.leave().await;

        dialer.joined(server.address).await.leave().await;
    }
    server.rest().await;
}

/// A proxy's is not that of the client, whom it does not name.
#[tokio::test]
async fn a_certificate_is_seen_unless_it_is_a_proxys() {
    let authority = Authority::new("authority");
    let pair = authority.sign("device-7");
    let certificate = json!(pair.der().as_ref());
    for (handshake, expected) in [
        (Handshake::new(), certificate),
        (Handshake::new().trusted_proxies(["127.0.0.1"]), json!(null)),
    ] {
        let clients = ClientCertificates::required(authority.pem.as_bytes());
        let tls = tls(&authority).client_certificates(clients.expect("an authority"));
        let server = Running::new(mirror(tls.expect("it works")).handshake(handshake)).await;
        let dialer = Dialer::showing(&authority, &pair);
        let mut raw = Raw::over(dialer.dial(server.address).await.expect("a TLS handshake"));
        raw.handshake(REQUEST).await;
        raw.join().await;
        let answer = raw.call("mirror.certificate", json!([])).await;
        assert_eq!(answer[3][0], expected);
        raw.leave().await;
        server.rest().await;
    }
}

/// A client that speaks RawSocket where TLS is expected has failed at that.
#[tokio::test]
async fn without_the_tls_handshake_there_is_nothing() {
    let authority = Authority::new("authority");
    let pair = authority.sign("localhost");
    let tls = Tls::from_pem(pair.certificate.as_bytes(), pair.key.as_bytes());
    let server = Running::new(app().limits(timeless()).tls(tls.expect("a certificate"))).await;
    let mut raw = Raw::connect(server.address).await;
    raw.bytes.send(REQUEST).await;
    raw.bytes.rest().await;
    assert_eq!(server.stats().failed_tls_handshakes, 1);
    server.rest().await;
}

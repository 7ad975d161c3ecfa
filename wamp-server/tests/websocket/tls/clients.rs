//! Certificates of clients.

use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use wamp_server::Handshake;
use wamp_server::transport::tls::{ClientCertificates, TlsError};

use super::{mirror, tls};
use crate::origins::request_with;
use crate::support::{Authority, Dialer, Pair, Running};

/// In TLS 1.3 a client learns only when it reads that it has been refused.
async fn is_refused(dialer: &Dialer, server: &Running) -> bool {
    match dialer.dial(server.address).await {
        Err(_) => true,
        Ok(mut client) => client.stream.read_u8().await.is_err(),
    }
}

/// The certificate that a handler sees.
async fn seen(dialer: &Dialer, server: &Running) -> serde_json::Value {
    let mut client = dialer.joined(server.address).await;
    let answer = client.call("mirror.certificate", json!([])).await;
    client.leave().await;
    answer[3][0].clone()
}

fn shown(pair: &Pair) -> serde_json::Value {
    json!(pair.der().as_ref())
}

#[tokio::test]
async fn one_that_is_required_must_be_there_and_is_seen() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let clients = ClientCertificates::required(theirs.pem.as_bytes()).expect("an authority");
    let tls = tls(&ours).client_certificates(clients).expect("it works");
    let server = Running::new(mirror(tls)).await;
    let pair = theirs.sign("device-7");
    for version in [&TLS12, &TLS13] {
        let known = Dialer::new(&ours, Some(&pair), &[version]);
        for _ in 0..2 {
            assert_eq!(seen(&known, &server).await, shown(&pair));
        }
        // A session that is resumed would be without a proof.
        let again = known.joined(server.address).await;
        assert!(!again.is_resumed());
        again.leave().await;
        assert!(is_refused(&Dialer::new(&ours, None, &[version]), &server).await);
        let stranger = ours.sign("stranger");
        assert!(is_refused(&Dialer::new(&ours, Some(&stranger), &[version]), &server).await);
    }
    server
        .until("the failures", |stats| stats.failed_tls_handshakes == 4)
        .await;
    server.rest().await;
}

#[tokio::test]
async fn one_that_is_optional_may_be_missing_but_not_wrong() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let clients = ClientCertificates::optional(theirs.pem.as_bytes()).expect("an authority");
    let tls = tls(&ours).client_certificates(clients).expect("it works");
    let server = Running::new(mirror(tls)).await;
    let pair = theirs.sign("device-7");
    assert_eq!(
        seen(&Dialer::showing(&ours, &pair), &server).await,
        shown(&pair)
    );
    assert_eq!(seen(&Dialer::trusting(&ours), &server).await, json!(null));
    let stranger = ours.sign("stranger");
    assert!(is_refused(&Dialer::showing(&ours, &stranger), &server).await);
    server.rest().await;
}

#[tokio::test]
async fn one_that_nobody_asked_for_is_not_seen() {
    let authority = Authority::new("authority");
    let server = Running::new(mirror(tls(&authority))).await;
    let pair = authority.sign("device-7");
    let dialer = Dialer::showing(&authority, &pair);
    assert_eq!(seen(&dialer, &server).await, json!(null));
    server.rest().await;
}

/// A proxy proves who it is itself, and to whom it is connected.
#[tokio::test]
async fn that_of_a_proxy_is_not_that_of_the_client() {
    let authority = Authority::new("authority");
    let clients = ClientCertificates::required(authority.pem.as_bytes()).expect("an authority");
    let tls = tls(&authority).client_certificates(clients);
    let handshake = Handshake::new().trusted_proxies(["127.0.0.1"]);
    let server = Running::new(mirror(tls.expect("it works")).handshake(handshake)).await;
    let pair = authority.sign("proxy");
    let dialer = Dialer::showing(&authority, &pair);
    for (lines, secure) in [
        ("", false),
        ("X-Forwarded-For: 203.0.113.7\r\n", false),
        ("X-Forwarded-For: unknown\r\n", false),
        ("X-Forwarded-For: \r\n", false),
        ("X-Real-IP: 203.0.113.7\r\n", false),
        ("X-Forwarded-Proto: https\r\n", true),
        ("Forwarded: for=_hidden\r\n", false),
        ("Forwarded: by=_proxy\r\n", false),
    ] {
        let mut client = dialer.dial(server.address).await.expect("TLS");
        client.send(request_with("localhost", lines)).await;
        client.response_head().await;
        client.join().await;
        let answer = client.call("mirror.certificate", json!([])).await;
        assert_eq!(answer[3][0], json!(null), "{lines}");
        let answer = client.call("mirror.secure", json!([])).await;
        assert_eq!(answer[3][0], secure, "{lines}");
        let answer = client.call("mirror.binding", json!([])).await;
        assert!(!answer[3].is_array(), "{lines}");
        client.leave().await;
    }
    server.rest().await;
}

/// A chain may hold anything behind what is needed to verify its first certificate.
#[tokio::test]
async fn what_comes_along_with_a_certificate_is_not_seen() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let clients = ClientCertificates::required(theirs.pem.as_bytes()).expect("an authority");
    let tls = tls(&ours).client_certificates(clients).expect("it works");
    let server = Running::new(mirror(tls)).await;
    let (pair, admin) = (theirs.sign("device-7"), ours.sign("admin"));
    let dialer = Dialer::showing_chain(&ours, &pair, &[&admin]);
    assert_eq!(seen(&dialer, &server).await, shown(&pair));
    server.rest().await;
}

#[test]
fn an_authority_is_a_certificate() {
    for text in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        for error in [
            ClientCertificates::required(text.as_bytes()),
            ClientCertificates::optional(text.as_bytes()),
        ] {
            let error = error.expect_err("no authority");
            assert!(matches!(error, TlsError::Certificate { .. }), "{error}");
        }
    }
}

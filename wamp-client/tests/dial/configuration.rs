//! What makes no sense is said before anything is connected to, and without secrets.

use wamp_client::dial::Dialing;
use wamp_client::error::ConnectError;
use wamp_client::proto::codec::Format;
use wamp_client::proto::subprotocol::Subprotocol;

fn said(dialing: &Dialing) -> String {
    match dialing.dialer() {
        Err(ConnectError::Config(error)) => error,
        other => panic!("no error of the configuration: {other:?}"),
    }
}

#[test]
fn without_a_url_it_is_the_usual_one() {
    let shown = format!("{:?}", wamp_client::Builder::default());
    assert!(shown.contains("ws://localhost:8080"), "{shown}");
    assert!(shown.contains("realm1"), "{shown}");
}

#[tokio::test]
async fn credentials_that_cannot_work_are_not_tried() {
    let credentials = wamp_client::Credentials::new().scram("hunter2");
    let client = wamp_client::Client::builder("ws://localhost:1").credentials(credentials);
    match client.start() {
        Err(ConnectError::Config(error)) => assert!(error.contains("authid"), "{error}"),
        other => panic!("no error of the configuration: {other:?}"),
    }
}

#[test]
fn mistakes_are_named() {
    let ws = || Dialing::new("ws://localhost");
    let rs = || Dialing::new("rs://localhost");
    for (dialing, expected) in [
        (ws().subprotocols([]), "no serializer"),
        (rs().subprotocols([]), "no serializer"),
        (
            rs().subprotocols([Subprotocol::batched(Format::Json)]),
            "batched",
        ),
        (rs().max_message(511), "512"),
        (rs().header("X-A", "b"), "RawSocket has no headers"),
        (ws().header("a b", "c"), "`a b` cannot be the name"),
        (
            ws().header("X-A", "hunter2\r\n"),
            "the header `X-A` has characters",
        ),
        (
            ws().header("Upgrade", "hunter2"),
            "belongs to the handshake",
        ),
        (
            ws().header("Sec-WebSocket-Key", "hunter2"),
            "belongs to the handshake",
        ),
        (
            Dialing::new("ws://joe:hunter2@localhost").header("authorization", "hunter2"),
            "`Authorization`",
        ),
    ] {
        let error = said(&dialing);
        assert!(error.contains(expected), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    assert!(matches!(
        Dialing::new("localhost").dialer(),
        Err(ConnectError::Url { .. })
    ));
}

#[cfg(feature = "tls")]
#[test]
fn mistakes_with_certificates_are_named() {
    use wamp_client::transport::tls::Tls;

    use crate::support::certificates::Authority;

    let authority = Authority::new();
    let (one, other) = (authority.sign("a"), authority.sign("b"));
    let missing = || "/nowhere/certificate.pem";
    let tls = |tls| Dialing::new("wss://localhost").tls(tls);
    for (dialing, expected) in [
        (
            tls(Tls::new().authorities_file(missing())),
            "`/nowhere/certificate.pem` cannot be read",
        ),
        (
            tls(Tls::new().authorities_pem("")),
            "no certificate that can be used: there is none",
        ),
        (
            tls(Tls::new().authorities_pem(one.key.clone())),
            "no certificate",
        ),
        (
            tls(Tls::new()
                .authorities_pem("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")),
            "Base64",
        ),
        (
            tls(Tls::new().certificate_files(missing(), missing())),
            "cannot be read",
        ),
        (
            tls(Tls::new().certificate_pem(one.certificate.clone(), one.certificate.clone())),
            "no private key",
        ),
        (
            tls(Tls::new()
                .authorities_pem(authority.pem.clone())
                .certificate_pem(one.certificate.clone(), other.key)),
            "cannot be used",
        ),
        (
            Dialing::new("ws://localhost").tls(Tls::new().authorities_pem(authority.pem.clone())),
            "without TLS",
        ),
    ] {
        let error = said(&dialing);
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let dialing = Dialing::new("ws://joe:hunter2@localhost:1/?token=hunter2")
        .header("Cookie", "hunter2")
        .change_credentials(|it| it.ticket("hunter2"));
    let dialer = dialing.dialer().expect("it makes sense");
    for shown in [format!("{dialing:?}"), format!("{dialer:#?}")] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    assert!(format!("{dialing:?}").contains("Cookie"));
    assert!(format!("{dialer:?}").contains("ws://localhost:1/"));
}

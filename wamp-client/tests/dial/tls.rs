//! TLS: who is trusted, what is shown, and what proofs are bound to.

use std::collections::HashSet;

use wamp_client::auth::Credentials;
use wamp_client::dial::Dialing;
use wamp_client::error::ConnectError;
use wamp_client::proto::auth::cryptosign::SigningKey;
use wamp_client::proto::auth::scram::{Credential, Dialect, Kdf};
use wamp_client::proto::codec::Format;
use wamp_client::proto::subprotocol::Subprotocol;
use wamp_client::transport::Connect as _;
use wamp_server::auth::{Principal, Principals, ScramCredential};
use wamp_server::{App, ClientCertificates, Session, Tls};

use crate::support::certificates::{Authority, Pair};
use crate::support::wire::open_over;
use crate::support::{Running, Wire, app, open};

pub(crate) fn secure(pair: &Pair) -> Tls {
    Tls::from_pem(pair.certificate.as_bytes(), pair.key.as_bytes()).expect("a certificate")
}

pub(crate) fn trusting(authority: &Authority, url: String) -> Dialing {
    Dialing::new(url).change_tls(|tls| tls.authorities_pem(authority.pem.clone()))
}

/// Shows a certificate, too.
fn showing(dialing: Dialing, pair: &Pair) -> Dialing {
    dialing.change_tls(|tls| tls.certificate_pem(pair.certificate.clone(), pair.key.clone()))
}

async fn failure(dialing: &Dialing) -> String {
    match open(dialing).await {
        Err(ConnectError::Tls { source, .. }) => format!("{source} {source:?}"),
        other => panic!("no error of TLS: {other:?}"),
    }
}

#[tokio::test]
async fn sessions_run_over_websocket_and_rawsocket_in_every_serializer() {
    let authority = Authority::new();
    let by_name = Running::new(app().tls(secure(&authority.sign("localhost")))).await;
    let by_address = Running::new(app().tls(secure(&authority.sign("127.0.0.1")))).await;
    for scheme in ["wss", "rss", "tcps"] {
        for url in [
            by_name.url(scheme),
            format!("{scheme}://{}", by_address.address),
        ] {
            for format in [Format::Json, Format::MsgPack, Format::Cbor] {
                let dialing = trusting(&authority, url.clone());
                let dialing = dialing.subprotocols([Subprotocol::new(format)]);
                let (mut wire, _) = open(&dialing).await.expect("a session");
                let text = "ö".repeat(100_000);
                assert!(wire.echo(&text).await == text);
                wire.close().await;
            }
        }
    }
}

#[tokio::test]
async fn certificates_can_be_in_files() {
    let authority = Authority::new();
    let pair = authority.sign("device-7");
    let clients = ClientCertificates::required(authority.pem.as_bytes()).expect("an authority");
    let tls = secure(&authority.sign("localhost"));
    let tls = tls.client_certificates(clients).expect("it works");
    let server = Running::new(app().tls(tls)).await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("it can be written");
        path
    };
    let authorities = file("authorities.pem", &authority.pem);
    let both = file("both.pem", &format!("{}{}", pair.certificate, pair.key));
    let dialing = Dialing::new(server.url("wss")).change_tls(|tls| {
        tls.authorities_file(authorities)
            .certificate_files(&both, &both)
    });
    assert!(open(&dialing).await.is_ok());
}

#[tokio::test]
async fn files_are_read_again_for_every_connection() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let server = Running::new(app().tls(secure(&ours.sign("localhost")))).await;
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("authorities.pem");
    std::fs::write(&path, &theirs.pem).expect("it can be written");
    let dialing = Dialing::new(server.url("wss")).change_tls(|tls| tls.authorities_file(&path));
    let dialer = dialing.dialer().expect("it makes sense");
    assert!(dialer.connect().await.is_err());
    std::fs::write(&path, &ours.pem).expect("it can be written");
    assert!(dialer.connect().await.is_ok());
    std::fs::remove_file(&path).expect("it is there");
    let error = dialer.connect().await.expect_err("it is gone");
    assert!(error.to_string().contains("cannot be read"), "{error}");
}

#[tokio::test]
async fn nobody_is_trusted_without_reason() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    for scheme in ["wss", "rss"] {
        let server = Running::new(app().tls(secure(&ours.sign("localhost")))).await;
        assert!(open(&trusting(&ours, server.url(scheme))).await.is_ok());
        let unknown = failure(&trusting(&theirs, server.url(scheme))).await;
        assert!(unknown.contains("UnknownIssuer"), "{unknown}");
        let by_address = format!("{scheme}://{}", server.address);
        let unnamed = failure(&trusting(&ours, by_address)).await;
        assert!(unnamed.contains("NotValidForName"), "{unnamed}");
        let expired = ours.sign_until("localhost", 2000);
        let server = Running::new(app().tls(secure(&expired))).await;
        let expired = failure(&trusting(&ours, server.url(scheme))).await;
        assert!(expired.contains("Expired"), "{expired}");
        let other = Running::new(app().tls(secure(&ours.sign("example.com")))).await;
        let unnamed = failure(&trusting(&ours, other.url(scheme))).await;
        assert!(unnamed.contains("NotValidForName"), "{unnamed}");
    }
}

/// Nothing of ours is among the authorities of the system, if it has any.
#[tokio::test]
async fn the_system_does_not_trust_our_authority() {
    let server = Running::new(app().tls(secure(&Authority::new().sign("localhost")))).await;
    let error = open(&Dialing::new(server.url("wss"))).await;
    let error = error.expect_err("it is unknown");
    let told = match &error {
        ConnectError::Tls { source, .. } => source.to_string().contains("UnknownIssuer"),
        ConnectError::Config(said) => said.contains("ca-certificates"),
        _ => false,
    };
    assert!(told, "{error:?}");
}

#[tokio::test]
async fn a_scheme_that_is_not_the_servers_fails() {
    let authority = Authority::new();
    let plain = Running::new(app()).await;
    let secured = Running::new(app().tls(secure(&authority.sign("localhost")))).await;
    for scheme in ["wss", "rss"] {
        failure(&trusting(&authority, plain.url(scheme))).await;
    }
    for scheme in ["ws", "rs"] {
        let error = open(&Dialing::new(secured.url(scheme))).await;
        let error = error.expect_err("it is not understood");
        assert!(
            matches!(error, ConnectError::Handshake(_) | ConnectError::Io { .. }),
            "{error:?}"
        );
    }
}

fn asking(server: &Authority, clients: ClientCertificates) -> App {
    let tls = secure(&server.sign("localhost"));
    app().tls(tls.client_certificates(clients).expect("it works"))
}

#[tokio::test]
async fn a_client_certificate_says_who_we_are() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let (known, unknown) = (theirs.sign("device-7"), theirs.sign("device-8"));
    let clients = ClientCertificates::optional(theirs.pem.as_bytes()).expect("an authority");
    let seven = Principal::new("seven", "device");
    let principals = Principals::new().certificate(seven, known.fingerprint);
    let server = Running::new(asking(&ours, clients).principals(principals)).await;
    for scheme in ["wss", "rss"] {
        let dialing = trusting(&ours, server.url(scheme));
        for credentials in [Credentials::new(), Credentials::new().tls()] {
            let dialing = showing(dialing.clone(), &known).with_credentials(credentials);
            let (_, welcome) = open(&dialing).await.expect("a session");
            assert_eq!(welcome.authid.as_deref(), Some("seven"));
            assert_eq!(welcome.authmethod.as_deref(), Some("tls"));
        }
        for dialing in [showing(dialing.clone(), &unknown), dialing] {
            let error = open(&dialing).await.expect_err("it is nobody");
            assert!(matches!(error, ConnectError::Abort { .. }), "{error:?}");
        }
    }
}

/// In TLS 1.3 the handshake is over when the server says so.
#[tokio::test]
async fn a_certificate_that_the_server_does_not_want_is_an_error_of_tls() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let clients = ClientCertificates::required(theirs.pem.as_bytes()).expect("an authority");
    let server = Running::new(asking(&ours, clients)).await;
    for scheme in ["wss", "rss"] {
        let dialing = trusting(&ours, server.url(scheme));
        let missing = failure(&dialing).await;
        assert!(missing.contains("CertificateRequired"), "{missing}");
        let wrong = failure(&showing(dialing, &ours.sign("device-7"))).await;
        assert!(wrong.contains("received fatal alert"), "{wrong}");
    }
}

#[tokio::test]
async fn both_ends_know_the_same_channel() {
    let authority = Authority::new();
    let app = App::empty()
        .tls(secure(&authority.sign("localhost")))
        .procedure("test.echo", async |session: Session, _text: String| {
            let id = session.transport().channel_binding();
            id.map(|it| format!("{it:?}"))
        });
    let server = Running::new(app).await;
    let mut seen = HashSet::new();
    for scheme in ["wss", "rss"] {
        let dialing = trusting(&authority, server.url(scheme));
        let (mut wire, _) = open(&dialing).await.expect("a session");
        let id = wire.transport.channel_id().expect("there is one");
        assert_eq!(wire.echo("").await, format!("{id:?}"));
        assert!(seen.insert(id), "every connection has one of its own");
    }
    let plain = Running::new(self::app()).await;
    let wire = Wire::dial(&Dialing::new(plain.url("ws"))).await;
    assert_eq!(wire.expect("a connection").transport.channel_id(), None);
}

#[tokio::test]
async fn proofs_are_bound_to_their_connection() {
    let authority = Authority::new();
    let key = SigningKey::from_seed([1; 32]);
    let kdf = Kdf::Pbkdf2 { iterations: 4096 };
    let credential = Credential::derive(Dialect::Wamp, "pencil", b"0123456789abcdef", kdf);
    let joe = Principal::new("joe", "user");
    let stored = ScramCredential::new(joe.clone(), credential.expect("good parameters"));
    let app = || {
        let principals = Principals::new().cryptosign(joe.clone(), key.public_key());
        app().principals(principals.wamp_scram(stored.clone()))
    };
    let server = Running::new(app().tls(secure(&authority.sign("localhost")))).await;
    let plain = Running::new(app()).await;
    let bound = || Credentials::new().authid("joe").channel_binding(true);
    for (method, credentials) in [
        ("cryptosign", bound().cryptosign(key.clone())),
        ("wamp-scram", bound().scram("pencil")),
    ] {
        for scheme in ["wss", "rss"] {
            let dialing = trusting(&authority, server.url(scheme));
            let (_, welcome) = open(&dialing.with_credentials(credentials.clone()))
                .await
                .expect("a session");
            assert_eq!(welcome.authmethod.as_deref(), Some(method));
        }
        let dialing = Dialing::new(plain.url("ws")).with_credentials(credentials.clone());
        let error = open(&dialing).await.expect_err("there is no TLS");
        assert!(error.to_string().contains("no TLS"), "{error}");
        // Somebody in the middle has one connection to us and another one to the router.
        let mut wire = Wire::dial(&trusting(&authority, server.url("wss")))
            .await
            .expect("a connection");
        let error = open_over(&mut wire, &credentials, Some([7; 32])).await;
        let error = error.expect_err("it is another connection");
        assert!(error.to_string().contains("denied"), "{error}");
    }
}

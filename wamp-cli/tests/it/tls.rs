//! Listeners with certificates, and certificates as a way in.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use wamp_server::transport::TransportInfo;
use wamp_tests::client::Client;

use crate::support::{Folder, call, hello};

/// Signs certificates.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn sign(&self, name: &str) -> Pair {
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("it signs");
        Pair {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

impl Pair {
    fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).expect("a certificate")
    }

    pub(crate) fn fingerprint(&self) -> String {
        let info = TransportInfo::default().with_certificate(self.der().as_ref());
        let bytes = info.fingerprint().expect("there is a certificate");
        bytes.iter().fold(String::new(), |mut text, byte| {
            let separator = if text.is_empty() { "" } else { ":" };
            write!(text, "{separator}{byte:02X}").expect("text takes all");
            text
        })
    }
}

/// Shakes hands with a router whose certificate this authority has signed, and shows a certificate.
async fn dial(
    address: SocketAddr,
    authority: &Authority,
    shown: Option<&Pair>,
) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.pem.as_bytes());
    roots.add(root.expect("a certificate")).expect("a root");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows them")
        .with_root_certificates(roots);
    let config = match shown {
        None => builder.with_no_client_auth(),
        Some(pair) => {
            let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).expect("a key");
            let shown = builder.with_client_auth_cert(vec![pair.der()], key);
            shown.expect("they belong together")
        }
    };
    let stream = TcpStream::connect(address).await.expect("it listens");
    let name = "localhost".try_into().expect("a name");
    let connector = TlsConnector::from(Arc::new(config));
    let stream = wamp_tests::soon("a handshake", connector.connect(name, stream)).await;
    stream.expect("the router is who it says")
}

async fn knock(stream: TlsStream<TcpStream>) -> (Client<TlsStream<TcpStream>>, Value) {
    let mut client = Client::over(stream, "wss://localhost/", &[]).await;
    let answer = client.knock("a", hello(json!({}))).await;
    (client, answer)
}

fn certificate(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    let (_, connection) = stream.get_ref();
    let shown = connection.peer_certificates().and_then(<[_]>::first);
    shown.expect("a router shows one").clone().into_owned()
}

#[tokio::test]
async fn plain_and_secure_listeners_stand_side_by_side() {
    let authority = Authority::new("authority");
    let pair = authority.sign("localhost");
    let folder = Folder::new(
        "[[listener]]\naddress = \"127.0.0.1:0\"\n[[listener]]\naddress = \"127.0.0.1:0\"\ntls = { cert = \"cert.pem\", key = \"key.pem\" }\n",
    );
    folder.write("cert.pem", &pair.certificate);
    folder.write("key.pem", &pair.key);
    let router = folder.start_with(2).await;
    assert!(router.lines[1].starts_with("listening on wss://127.0.0.1:"));
    let mut plain = router.join("a").await;
    let (_secure, welcome) = knock(dial(router.address_of(1), &authority, None).await).await;
    assert_eq!(welcome[0], 2, "{welcome}");
    assert_eq!(call(&mut plain, "wamp.session.count").await, json!(2));
}

#[tokio::test]
async fn a_certificate_is_a_way_in() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let (pair, known, unknown) = (
        ours.sign("localhost"),
        theirs.sign("joe"),
        theirs.sign("jim"),
    );
    let fingerprint = known.fingerprint();
    let folder = Folder::new(&format!(
        "[[listener]]\naddress = \"127.0.0.1:0\"\n\
         tls = {{ cert = \"cert.pem\", key = \"key.pem\", client_ca = \"clients.pem\", client_certificates = \"optional\" }}\n\
         [[realm]]\nname = \"a\"\n[[realm.principal]]\nauthid = \"joe\"\nrole = \"staff\"\ncertificates = [\"{fingerprint}\"]\n"
    ));
    folder.write("cert.pem", &pair.certificate);
    folder.write("key.pem", &pair.key);
    folder.write("clients.pem", &theirs.pem);
    let router = folder.start().await;
    let address = router.address();
    let (_client, welcome) = knock(dial(address, &ours, Some(&known)).await).await;
    let details = &welcome[2];
    assert_eq!(
        (&details["authid"], &details["authmethod"]),
        (&json!("joe"), &json!("tls"))
    );
    for shown in [Some(&unknown), None] {
        let (_client, refused) = knock(dial(address, &ours, shown).await).await;
        assert_eq!(refused[2], "wamp.error.authentication_required");
    }
}

#[tokio::test]
async fn what_is_wrong_with_certificates_is_told_where_they_are_named() {
    let authority = Authority::new("authority");
    let (pair, other) = (authority.sign("localhost"), authority.sign("localhost"));
    for (cert, key, clients, column, expected) in [
        (
            &*other.certificate,
            &*pair.key,
            &*authority.pem,
            16,
            "do not belong together",
        ),
        (
            "nothing",
            &pair.key,
            &authority.pem,
            16,
            "has no certificates that can be used",
        ),
        (
            &pair.certificate,
            "nothing",
            &authority.pem,
            34,
            "has no private key that can be used",
        ),
        (
            &pair.certificate,
            &pair.key,
            "nothing",
            57,
            "has no certificates that can be used",
        ),
    ] {
        let folder = Folder::new(
            "[[listener]]\naddress = \"127.0.0.1:0\"\ntls = { cert = \"cert.pem\", key = \"key.pem\", client_ca = \"clients.pem\" }\n",
        );
        folder.write("cert.pem", cert);
        folder.write("key.pem", key);
        folder.write("clients.pem", clients);
        let file = folder.text_of("wamp.toml");
        let output = crate::support::run(&["router", "--check", "--config", &file], "").await;
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(
            error.starts_with(&format!("{file}:3:{column}: ")),
            "{error}"
        );
        assert!(error.contains(expected), "{error}");
        assert_eq!(error.lines().count(), 1);
        assert_eq!(output.status.code(), Some(3));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn certificates_are_read_again_and_connections_go_on() {
    use rustix::process::Signal;

    let authority = Authority::new("authority");
    let (old, new) = (authority.sign("localhost"), authority.sign("localhost"));
    let folder = Folder::new(
        "[[listener]]\naddress = \"127.0.0.1:0\"\ntls = { cert = \"cert.pem\", key = \"key.pem\" }\n",
    );
    let write = |pair: &Pair| {
        folder.write("cert.pem", &pair.certificate);
        folder.write("key.pem", &pair.key);
    };
    write(&old);
    let mut router = folder.start().await;
    let address = router.address();
    let stream = dial(address, &authority, None).await;
    assert_eq!(certificate(&stream), old.der());
    let (mut client, _) = knock(stream).await;

    folder.write("key.pem", "nothing");
    router.signal(Signal::HUP);
    router.logs("has no private key that can be used").await;
    router.logs("the old one stays").await;
    let stream = dial(address, &authority, None).await;
    assert_eq!(certificate(&stream), old.der());

    write(&new);
    router.signal(Signal::HUP);
    router.logs("the configuration has been read again").await;
    let stream = dial(address, &authority, None).await;
    assert_eq!(certificate(&stream), new.der());
    client.subscribe("still.here").await;
}

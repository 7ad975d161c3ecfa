//! Certificates made on the spot, and a client that speaks TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{
    ClientConfig, HandshakeKind, RootCertStore, SupportedProtocolVersion, version::TLS12,
    version::TLS13,
};

use super::{Client, soon};

/// Signs certificates.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
#[derive(Clone)]
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

    /// For a server or a client of that name.
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
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).expect("a certificate")
    }

    fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("a key")
    }
}

/// What a client speaks, whom it trusts, and what it shows.
pub(crate) struct Dialer {
    config: ClientConfig,
}

impl Dialer {
    pub(crate) fn trusting(authority: &Authority) -> Self {
        Self::new(authority, None, &[&TLS13, &TLS12])
    }

    pub(crate) fn showing(authority: &Authority, pair: &Pair) -> Self {
        Self::new(authority, Some(pair), &[&TLS13, &TLS12])
    }

    /// Sends other certificates along, which prove nothing.
    pub(crate) fn showing_chain(authority: &Authority, pair: &Pair, others: &[&Pair]) -> Self {
        let chain = std::iter::once(pair).chain(others.iter().copied());
        Self::with(
            authority,
            Some((chain.map(Pair::der).collect(), pair.key_der())),
            &[&TLS13, &TLS12],
        )
    }

    pub(crate) fn new(
        authority: &Authority,
        pair: Option<&Pair>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let pair = pair.map(|it| (vec![it.der()], it.key_der()));
        Self::with(authority, pair, versions)
    }

    fn with(
        authority: &Authority,
        shown: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(authority.pem.as_bytes());
        roots.add(root.expect("a certificate")).expect("a root");
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(versions)
            .expect("the versions are known")
            .with_root_certificates(roots);
        let mut config = match shown {
            Some((chain, key)) => builder
                .with_client_auth_cert(chain, key)
                .expect("they belong together"),
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self { config }
    }

    pub(crate) fn offering(mut self, protocol: &str) -> Self {
        self.config.alpn_protocols = vec![protocol.into()];
        self
    }

    /// The TLS handshake, as far as the client knows: in TLS 1.3 the server may still refuse its certificate.
    pub(crate) async fn dial(
        &self,
        address: SocketAddr,
    ) -> io::Result<Client<TlsStream<TcpStream>>> {
        let stream = TcpStream::connect(address).await.expect("it listens");
        let connector = TlsConnector::from(Arc::new(self.config.clone()));
        let name = "localhost".try_into().expect("a name");
        let stream = soon("a TLS handshake", connector.connect(name, stream)).await?;
        Ok(Client::over(stream))
    }

    pub(crate) async fn joined(&self, address: SocketAddr) -> Client<TlsStream<TcpStream>> {
        let mut client = self.dial(address).await.expect("a TLS handshake");
        client.upgrade("wamp.2.json").await;
        client.join().await;
        client
    }
}

impl Client<TlsStream<TcpStream>> {
    /// The certificate that the server has shown.
    pub(crate) fn server_certificate(&self) -> CertificateDer<'static> {
        let (_, connection) = self.stream.get_ref();
        let chain = connection.peer_certificates().expect("a certificate");
        chain.first().expect("its own").clone().into_owned()
    }

    pub(crate) fn is_resumed(&self) -> bool {
        let (_, connection) = self.stream.get_ref();
        connection.handshake_kind() == Some(HandshakeKind::Resumed)
    }

    pub(crate) fn channel_binding(&self) -> [u8; 32] {
        let (_, connection) = self.stream.get_ref();
        let exported =
            connection.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(&[]));
        exported.expect("the handshake is done")
    }
}

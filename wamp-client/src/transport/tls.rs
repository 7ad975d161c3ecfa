//! TLS: who is trusted, and what is shown to servers that want to see a certificate.
//!
//! TLS 1.3 and 1.2 by rustls, with the cryptography of ring. TLS 1.2 only with the extended master secret (RFC 7627), as everything speaks
//! it that is still maintained: without it, a channel binding would bind nothing. Verification cannot be switched off: trust the server's
//! own certificate authority instead.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore};
use url::Host;

use crate::error::ConnectError;

/// RFC 9266, 2: this label, an empty context and 32 bytes.
const LABEL: &[u8] = b"EXPORTER-Channel-Binding";

/// Whom to trust, and what to show.
///
/// Without anything said, the certificate authorities of the system are trusted, or those that the variables `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` name, and no certificate is shown. Files are read again for every connection, so that certificates can be renewed.
#[derive(Clone, Default)]
#[must_use]
pub struct Tls {
    authorities: Vec<Pem>,
    identity: Option<(Pem, Pem)>,
}

impl Tls {
    /// The authorities of the system, and no certificate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the certificate authorities of this file, in PEM, and no longer those of the system. May be repeated.
    pub fn authorities_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.authorities.push(Pem::File(path.into()));
        self
    }

    /// The same with the text in PEM itself.
    pub fn authorities_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authorities.push(Pem::memory(pem));
        self
    }

    /// Shows the certificate of this file to servers that want to see one: a chain in PEM that begins with the client's own, and its
    /// private key in PEM, which may be in the same file.
    pub fn certificate_files(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.identity = Some((Pem::File(certificate.into()), Pem::File(key.into())));
        self
    }

    /// The same with the texts in PEM themselves.
    pub fn certificate_pem(
        mut self,
        certificate: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.identity = Some((Pem::memory(certificate), Pem::memory(key)));
        self
    }

    /// Whether there is nothing in it that was asked for.
    pub(crate) fn is_default(&self) -> bool {
        self.authorities.is_empty() && self.identity.is_none()
    }

    /// Whether something may be another one the next time.
    pub(crate) fn is_from_files(&self) -> bool {
        let identity = self.identity.iter().flat_map(|(it, key)| [it, key]);
        let mut all = self.authorities.iter().chain(identity);
        all.any(|pem| matches!(pem, Pem::File(_)))
    }

    /// Reads what there is to read.
    pub(crate) fn config(&self) -> Result<ClientConfig, ConnectError> {
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ConnectError::Config(format!("TLS cannot be set up: {error}")))?
            .with_root_certificates(self.roots()?);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => builder
                .with_client_auth_cert(certificate.certificates()?, key.key()?)
                .map_err(|error| {
                    ConnectError::Config(format!(
                        "the certificate of the {certificate} and the private key of the {key} cannot be used: {error}"
                    ))
                })?,
        };
        config.require_ems = true;
        Ok(config)
    }

    fn roots(&self) -> Result<RootCertStore, ConnectError> {
        let mut roots = RootCertStore::empty();
        if self.authorities.is_empty() {
            let found = rustls_native_certs::load_native_certs();
            // Some of them are often too old to be understood.
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                return Err(ConnectError::Config(
                    "this system has no certificate authorities to trust; install its package `ca-certificates`, or name some"
                        .to_owned(),
                ));
            }
        }
        for pem in &self.authorities {
            for certificate in pem.certificates()? {
                roots
                    .add(certificate)
                    .map_err(|_| pem.unusable("certificate", "one of them cannot be understood"))?;
            }
        }
        Ok(roots)
    }
}

/// Keys are secret, and certificates are long.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("authorities", &self.authorities)
            .field("identity", &self.identity)
            .finish()
    }
}

/// Speaks TLS with a server that has to prove to be `host`.
pub(crate) async fn connect<S>(
    config: Arc<ClientConfig>,
    host: &Host<String>,
    target: &str,
    stream: S,
) -> Result<TlsStream<S>, ConnectError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| {
            ConnectError::Config(format!("`{name}` is no name that a certificate can have"))
        })?,
        Host::Ipv4(address) => ServerName::IpAddress((*address).into()),
        Host::Ipv6(address) => ServerName::IpAddress((*address).into()),
    };
    let connected = TlsConnector::from(config).connect(name, stream).await;
    connected.map_err(|source| ConnectError::Tls {
        target: target.to_owned(),
        source,
    })
}

/// What identifies the connection to both ends: the `tls-exporter` of RFC 9266.
pub(crate) fn channel_id(connection: &ClientConnection) -> Option<[u8; 32]> {
    let exported = connection.export_keying_material([0; 32], LABEL, Some(&[]));
    exported.ok()
}

/// Text in PEM, and where it is.
#[derive(Clone)]
enum Pem {
    File(PathBuf),
    Memory(Arc<[u8]>),
}

impl Pem {
    fn memory(text: impl Into<Vec<u8>>) -> Self {
        Self::Memory(text.into().into())
    }

    fn text(&self) -> Result<Arc<[u8]>, ConnectError> {
        match self {
            Self::File(path) => std::fs::read(path).map(Into::into).map_err(|error| {
                ConnectError::Config(format!("the {self} cannot be read: {error}"))
            }),
            Self::Memory(text) => Ok(Arc::clone(text)),
        }
    }

    /// One at least.
    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
        let text = self.text()?;
        let certificates = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| self.unusable("certificate", reason(&error)))?;
        if certificates.is_empty() {
            return Err(self.unusable("certificate", NOTHING));
        }
        Ok(certificates)
    }

    fn key(&self) -> Result<PrivateKeyDer<'static>, ConnectError> {
        PrivateKeyDer::from_pem_slice(&self.text()?)
            .map_err(|error| self.unusable("private key", reason(&error)))
    }

    fn unusable(&self, what: &str, reason: &str) -> ConnectError {
        ConnectError::Config(format!(
            "the {self} has no {what} that can be used: {reason}"
        ))
    }
}

const NOTHING: &str = "there is none in it";

/// In words of our own: the error may hold lines of a key.
fn reason(error: &PemError) -> &'static str {
    match error {
        PemError::NoItemsFound => NOTHING,
        PemError::MissingSectionEnd { .. } => "a section has no END line",
        PemError::IllegalSectionStart { .. } => "a BEGIN line is malformed",
        PemError::Base64Decode(_) => "a section is not in Base64",
        _ => "it is not PEM",
    }
}

impl fmt::Display for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file `{}`", path.display()),
            Self::Memory(_) => f.write_str("PEM text in memory"),
        }
    }
}

/// Where it is, not what.
impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

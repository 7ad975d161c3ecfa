//! TLS for the listeners of [`App::serve`](crate::App::serve), with certificates that can be renewed while connections go on.
//!
//! Here is what an application says; `identity` reads certificates and keys, `clients` those that clients must be signed by, `accept`
//! speaks TLS.
//!
//! What it does not do: it asks nobody whether a certificate has been revoked, and it does not look at the dates of the server's own, which
//! clients judge. Renew certificates in time, and give clients short-lived ones.
//!
//! TLS 1.3 and 1.2 by rustls, with the cryptography of ring. TLS 1.2 only with the extended master secret (RFC 7627), as everything speaks
//! it that is still maintained: without it, [`channel_binding`](super::TransportInfo::channel_binding) would bind nothing.

mod accept;
mod clients;
mod error;
mod identity;
mod pem;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::server::NoServerSessionStorage;
use tokio_rustls::rustls::sign::SingleCertAndKey;
use tokio_rustls::rustls::{ConfigBuilder, ServerConfig, WantsVerifier};

pub(crate) use accept::Stream;
pub use clients::ClientCertificates;
pub use error::{PemSource, TlsError};

use self::identity::Identity;

/// A certificate and its private key, to be given to [`App::tls`](crate::App::tls). Clones share one configuration: keep one to renew it.
///
/// ```no_run
/// use wamp_server::{App, Tls};
///
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// let tls = Tls::from_files("certificate.pem", "key.pem")?;
/// tokio::spawn({
///     let tls = tls.clone();
///     async move {
///         let mut renewal = tokio::time::interval(std::time::Duration::from_secs(3600));
///         loop {
///             renewal.tick().await;
///             if let Err(error) = tls.reload() {
///                 eprintln!("the old certificate stays: {error}");
///             }
///         }
///     }
/// });
/// App::new().tls(tls).serve("0.0.0.0:443").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tls {
    shared: Arc<Shared>,
}

struct Shared {
    /// Held while it is changed, so that of two changes none is lost.
    material: Mutex<Material>,
    /// What new connections use.
    config: RwLock<Arc<ServerConfig>>,
}

/// What a configuration is made of.
#[derive(Clone)]
struct Material {
    identity: Identity,
    clients: Option<ClientCertificates>,
}

impl Tls {
    /// A certificate chain, the server's own first, and its private key (PKCS #8, PKCS #1 or SEC 1), from files in PEM.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, has no certificate or key, or the two do not belong together.
    pub fn from_files(
        certificate: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Result<Self, TlsError> {
        Self::new(Identity::from_files(certificate.as_ref(), key.as_ref())?)
    }

    /// The same from memory.
    ///
    /// # Errors
    ///
    /// When there is no certificate or key, or the two do not belong together.
    pub fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Self::new(Identity::from_pem(certificate, key)?)
    }

    fn new(identity: Identity) -> Result<Self, TlsError> {
        let material = Material {
            identity,
            clients: None,
        };
        let config = RwLock::new(material.config()?);
        let shared = Arc::new(Shared {
            material: Mutex::new(material),
            config,
        });
        Ok(Self { shared })
    }

    /// Asks clients for certificates, in this and in all clones; [`TransportInfo::certificate`](super::TransportInfo::certificate) is
    /// what a client has proved to own. Without it, clients are not asked.
    ///
    /// Signatures and dates are checked. Whether a certificate has been revoked is not: take an authority away, or give each client a
    /// certificate that is valid for a short time.
    ///
    /// Sessions of TLS are not resumed then: every connection proves anew that it has the key of a certificate that is valid now.
    ///
    /// ```no_run
    /// use wamp_server::Tls;
    /// use wamp_server::transport::tls::ClientCertificates;
    ///
    /// # fn f() -> Result<(), wamp_server::transport::tls::TlsError> {
    /// let tls = Tls::from_files("certificate.pem", "key.pem")?
    ///     .client_certificates(ClientCertificates::required_from_file("clients.pem")?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When clients cannot be verified with these certificates.
    pub fn client_certificates(self, clients: ClientCertificates) -> Result<Self, TlsError> {
        self.change(|material| {
            Ok(Material {
                clients: Some(clients),
                ..material
            })
        })?;
        Ok(self)
    }

    /// Reads all files again, those of client certificates too. New connections use what is in them, and those that are open go on as
    /// they are. What came from memory stays.
    ///
    /// It reads files on the spot, which takes no time worth mentioning where they are local.
    ///
    /// # Errors
    ///
    /// When something is wrong with a file: the error says with which, and everything stays as it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.change(|material| {
            Ok(Material {
                identity: material.identity.reread()?,
                clients: material
                    .clients
                    .map(ClientCertificates::reread)
                    .transpose()?,
            })
        })
    }

    /// Uses another certificate chain and key for new connections, in PEM; those that are open go on as they are.
    /// [`reload`](Self::reload) reads no files for them any more.
    ///
    /// # Errors
    ///
    /// When there is no certificate or key, or the two do not belong together; everything stays as it was.
    pub fn replace_pem(&self, certificate: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let identity = Identity::from_pem(certificate, key)?;
        self.change(|material| {
            Ok(Material {
                identity,
                ..material
            })
        })
    }

    /// All or nothing.
    fn change(
        &self,
        change: impl FnOnce(Material) -> Result<Material, TlsError>,
    ) -> Result<(), TlsError> {
        let mut material = self.material();
        let changed = change(material.clone())?;
        let config = changed.config()?;
        *material = changed;
        *self
            .shared
            .config
            .write()
            .unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    fn material(&self) -> MutexGuard<'_, Material> {
        let material = self.shared.material.lock();
        material.unwrap_or_else(PoisonError::into_inner)
    }

    /// What a connection uses that begins now.
    fn config(&self) -> Arc<ServerConfig> {
        let config = self.shared.config.read();
        Arc::clone(&config.unwrap_or_else(PoisonError::into_inner))
    }
}

impl Material {
    /// A configuration of its own, with session tickets of its own: nothing is resumed that another one has verified.
    fn config(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let builder = match &self.clients {
            Some(clients) => builder()?.with_client_cert_verifier(clients.verifier()?),
            None => builder()?.with_no_client_auth(),
        };
        let resolver = SingleCertAndKey::from(self.identity.certified());
        let mut config = builder.with_cert_resolver(Arc::new(resolver));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.require_ems = true;
        if self.clients.is_some() {
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        } else {
            config.ticketer = ring::Ticketer::new().map_err(TlsError::setup)?;
        }
        Ok(Arc::new(config))
    }
}

fn builder() -> Result<ConfigBuilder<ServerConfig, WantsVerifier>, TlsError> {
    let builder = ServerConfig::builder_with_provider(provider());
    builder
        .with_safe_default_protocol_versions()
        .map_err(TlsError::setup)
}

/// Named here rather than installed for the process, where two libraries may quarrel about it.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Keys are secret, and certificates are long.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = self.material();
        f.debug_struct("Tls")
            .field("identity", &material.identity)
            .field("clients", &material.clients)
            .finish_non_exhaustive()
    }
}

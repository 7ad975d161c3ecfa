//! Which certificates clients may show.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;

use super::error::{PemSource, TlsError};
use super::pem::Pem;

/// Who must have signed the certificates of clients, and whether a client needs one; see
/// [`Tls::client_certificates`](super::Tls::client_certificates).
#[derive(Clone)]
pub struct ClientCertificates {
    required: bool,
    source: PemSource,
    authorities: Arc<RootCertStore>,
}

impl ClientCertificates {
    /// Every client needs a certificate signed by one of these authorities, in PEM; the TLS handshake fails otherwise.
    ///
    /// # Errors
    ///
    /// When there is no certificate, or one that cannot be understood.
    pub fn required(authorities: &[u8]) -> Result<Self, TlsError> {
        Self::new(true, &Pem::memory(authorities))
    }

    /// The same from a file, which [`Tls::reload`](super::Tls::reload) reads again.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or has no certificate, or one that cannot be understood.
    pub fn required_from_file(authorities: impl AsRef<Path>) -> Result<Self, TlsError> {
        Self::new(true, &Pem::read(authorities.as_ref())?)
    }

    /// A client that shows a certificate needs one signed by one of these authorities, in PEM; one that shows none is let in without.
    ///
    /// # Errors
    ///
    /// When there is no certificate, or one that cannot be understood.
    pub fn optional(authorities: &[u8]) -> Result<Self, TlsError> {
        Self::new(false, &Pem::memory(authorities))
    }

    /// The same from a file, which [`Tls::reload`](super::Tls::reload) reads again.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or has no certificate, or one that cannot be understood.
    pub fn optional_from_file(authorities: impl AsRef<Path>) -> Result<Self, TlsError> {
        Self::new(false, &Pem::read(authorities.as_ref())?)
    }

    fn new(required: bool, pem: &Pem) -> Result<Self, TlsError> {
        let mut authorities = RootCertStore::empty();
        for certificate in pem.certificates()? {
            let added = authorities.add(certificate);
            added.map_err(|_| pem.bad_certificate("one of them cannot be understood"))?;
        }
        Ok(Self {
            required,
            source: pem.source.clone(),
            authorities: Arc::new(authorities),
        })
    }

    /// What is in the file now; what is not from a file is as before.
    pub(super) fn reread(self) -> Result<Self, TlsError> {
        match &self.source {
            PemSource::File(path) => Self::new(self.required, &Pem::read(path)?),
            PemSource::Memory => Ok(self),
        }
    }

    pub(super) fn verifier(&self) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
        let authorities = Arc::clone(&self.authorities);
        let builder = WebPkiClientVerifier::builder_with_provider(authorities, super::provider());
        let builder = if self.required {
            builder
        } else {
            builder.allow_unauthenticated()
        };
        builder.build().map_err(TlsError::setup)
    }
}

impl fmt::Debug for ClientCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificates")
            .field("required", &self.required)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

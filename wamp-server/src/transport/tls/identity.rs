//! Whom the server proves to be: a certificate chain and a private key.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::Error;
use tokio_rustls::rustls::sign::CertifiedKey;

use super::error::{PemSource, TlsError};
use super::pem::Pem;

#[derive(Clone)]
pub(super) struct Identity {
    certificate: PemSource,
    key: PemSource,
    certified: Arc<CertifiedKey>,
}

impl Identity {
    pub(super) fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        Self::new(&Pem::read(certificate)?, &Pem::read(key)?)
    }

    pub(super) fn from_pem(certificate: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Self::new(&Pem::memory(certificate), &Pem::memory(key))
    }

    fn new(certificate: &Pem, key: &Pem) -> Result<Self, TlsError> {
        let chain = certificate.certificates()?;
        let provider = super::provider();
        let private = provider.key_provider.load_private_key(key.key()?);
        let private =
            private.map_err(|_| key.bad_key("its algorithm or format is not supported"))?;
        let certified = CertifiedKey::new(chain, private);
        match certified.keys_match() {
            Ok(()) => {}
            Err(Error::InconsistentKeys(_)) => {
                return Err(TlsError::Mismatch {
                    certificate: certificate.source.clone(),
                    key: key.source.clone(),
                });
            }
            Err(_) => return Err(certificate.bad_certificate("the first cannot be understood")),
        }
        Ok(Self {
            certificate: certificate.source.clone(),
            key: key.source.clone(),
            certified: Arc::new(certified),
        })
    }

    /// What is in the files now; what is not from files is as before.
    pub(super) fn reread(self) -> Result<Self, TlsError> {
        match (&self.certificate, &self.key) {
            (PemSource::File(certificate), PemSource::File(key)) => {
                Self::from_files(certificate, key)
            }
            _ => Ok(self),
        }
    }

    pub(super) fn certified(&self) -> CertifiedKey {
        CertifiedKey::clone(&self.certified)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("certificate", &self.certificate)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

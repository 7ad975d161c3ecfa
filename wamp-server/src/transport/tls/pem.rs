//! PEM, from a file or from memory.

use std::path::Path;

use tokio_rustls::rustls::pki_types::pem::{Error, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::error::{PemSource, TlsError};

/// Text in PEM, and where it is from.
pub(super) struct Pem {
    text: Vec<u8>,
    pub(super) source: PemSource,
}

impl Pem {
    pub(super) fn read(path: &Path) -> Result<Self, TlsError> {
        let text = std::fs::read(path).map_err(|source| TlsError::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            text,
            source: PemSource::File(path.to_owned()),
        })
    }

    pub(super) fn memory(text: &[u8]) -> Self {
        Self {
            text: text.to_owned(),
            source: PemSource::Memory,
        }
    }

    /// One at least.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let certificates =
            CertificateDer::pem_slice_iter(&self.text).collect::<Result<Vec<_>, _>>();
        certificates
            .and_then(|found| {
                if found.is_empty() {
                    Err(Error::NoItemsFound)
                } else {
                    Ok(found)
                }
            })
            .map_err(|error| self.bad_certificate(error))
    }

    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        PrivateKeyDer::from_pem_slice(&self.text).map_err(|error| self.bad_key(error))
    }

    pub(super) fn bad_certificate(
        &self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> TlsError {
        TlsError::Certificate {
            pem: self.source.clone(),
            source: source.into(),
        }
    }

    pub(super) fn bad_key(
        &self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> TlsError {
        TlsError::Key {
            pem: self.source.clone(),
            source: source.into(),
        }
    }
}

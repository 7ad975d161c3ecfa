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
        let certificates = CertificateDer::pem_slice_iter(&self.text)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| self.bad_certificate(reason(&error)))?;
        if certificates.is_empty() {
            return Err(self.bad_certificate(NOTHING));
        }
        Ok(certificates)
    }

    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        PrivateKeyDer::from_pem_slice(&self.text).map_err(|error| self.bad_key(reason(&error)))
    }

    pub(super) fn bad_certificate(&self, reason: &'static str) -> TlsError {
        TlsError::Certificate {
            pem: self.source.clone(),
            reason,
        }
    }

    pub(super) fn bad_key(&self, reason: &'static str) -> TlsError {
        TlsError::Key {
            pem: self.source.clone(),
            reason,
        }
    }
}

const NOTHING: &str = "there is none in it";

/// In words of our own: the error holds lines of the text, which may be those of a key.
fn reason(error: &Error) -> &'static str {
    match error {
        Error::NoItemsFound => NOTHING,
        Error::MissingSectionEnd { .. } => "a section has no END line, or more than that on it",
        Error::IllegalSectionStart { .. } => "a BEGIN line is malformed, or has more on it",
        Error::Base64Decode(_) => "a section is not in base64",
        _ => "it is not PEM",
    }
}

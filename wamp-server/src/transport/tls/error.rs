//! What can be wrong with certificates and keys.
//!
//! Errors are logged, and a file that is thought to be a certificate may be a key: nothing here holds what was in a file, nor the errors of
//! the libraries that do.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

/// Where certificates or a key come from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PemSource {
    /// A file.
    File(PathBuf),
    /// Bytes that the program has given.
    Memory,
}

impl fmt::Display for PemSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file `{}`", path.display()),
            Self::Memory => f.write_str("PEM text in memory"),
        }
    }
}

/// Why TLS cannot be configured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("the file `{}` cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no certificate, or none that can be understood.
    #[error("the {pem} has no certificates that can be used: {reason}")]
    Certificate {
        /// Where they were looked for.
        pem: PemSource,
        /// Why.
        reason: &'static str,
    },
    /// There is no private key, or none that can be used.
    #[error("the {pem} has no private key that can be used: {reason}")]
    Key {
        /// Where it was looked for.
        pem: PemSource,
        /// Why.
        reason: &'static str,
    },
    /// The certificate is for another key.
    #[error(
        "the certificate of the {certificate} and the private key of the {key} do not belong together"
    )]
    Mismatch {
        /// Where the certificate is from.
        certificate: PemSource,
        /// Where the key is from.
        key: PemSource,
    },
    /// TLS itself cannot be set up, which no certificate changes.
    #[error("TLS cannot be set up")]
    Setup(#[source] Box<dyn Error + Send + Sync>),
}

impl TlsError {
    pub(super) fn setup(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Setup(cause.into())
    }
}

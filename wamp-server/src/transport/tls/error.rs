//! What can be wrong with certificates and keys.

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

/// The reason, in the words of the libraries below.
type Cause = Box<dyn Error + Send + Sync>;

/// Why TLS cannot be configured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("the file `{}` cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no certificate, or none that can be understood.
    #[error("the {pem} has no certificates that can be used: {source}")]
    Certificate {
        /// Where they were looked for.
        pem: PemSource,
        /// Why.
        source: Cause,
    },
    /// There is no private key, or none that can be used.
    #[error("the {pem} has no private key that can be used: {source}")]
    Key {
        /// Where it was looked for.
        pem: PemSource,
        /// Why.
        source: Cause,
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
    #[error("TLS cannot be set up: {0}")]
    Setup(#[source] Cause),
}

impl TlsError {
    pub(super) fn setup(cause: impl Into<Cause>) -> Self {
        Self::Setup(cause.into())
    }
}

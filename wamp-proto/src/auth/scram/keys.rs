//! What is derived from a password. RFC 5802, section 3.

use super::{Dialect, Kdf};
use crate::auth::BadParameter;
use crate::auth::hash::{Hash, hmac, sha256};

/// All that follows from a password. Only the client ever has it.
pub(super) struct Keys {
    pub(super) client_key: Hash,
    pub(super) server_key: Hash,
}

impl Keys {
    pub(super) fn derive(
        dialect: Dialect,
        password: &str,
        salt: &[u8],
        kdf: Kdf,
    ) -> Result<Self, BadParameter> {
        let password = dialect.password(password)?;
        let salted = kdf.salted_password(dialect, password.as_bytes(), salt)?;
        Ok(Self {
            client_key: hmac(&salted, b"Client Key"),
            server_key: hmac(&salted, b"Server Key"),
        })
    }

    /// What the router knows of the client's key.
    pub(super) fn stored_key(&self) -> Hash {
        sha256(&self.client_key)
    }
}

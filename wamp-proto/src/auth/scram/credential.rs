//! What a router stores of a password.

use std::fmt;
use std::ops::RangeInclusive;

use super::keys::Keys;
use super::{Dialect, Kdf};
use crate::auth::BadParameter;
use crate::auth::encoding::{from_hex, hex_to_vec};
use crate::auth::hash::{Hash, hmac};

/// What a router stores of a password: enough to recognize it, too little to log in with it.
///
/// It belongs to the dialect that it was derived for, since the same password gives other keys in the other one. It still deserves
/// protection: whoever has it can guess passwords at leisure, and pass for the router.
#[derive(Clone)]
pub struct Credential {
    salt: Vec<u8>,
    kdf: Kdf,
    stored_key: Hash,
    server_key: Hash,
}

impl Credential {
    /// How long a salt may be, in bytes. 16 random ones are recommended.
    pub const SALT: RangeInclusive<usize> = 8..=64;

    /// The credential of a password, with a salt of random bytes that no other password has.
    ///
    /// This takes as long as the function's cost says, so it is not for a thread that others wait for.
    ///
    /// # Errors
    ///
    /// Fails if the password is empty or not allowed, and if the length of the salt or the [cost](Kdf) is out of bounds.
    pub fn derive(
        dialect: Dialect,
        password: &str,
        salt: &[u8],
        kdf: Kdf,
    ) -> Result<Self, BadParameter> {
        check_salt(salt)?;
        let keys = Keys::derive(dialect, password, salt, kdf.check()?)?;
        Self::from_parts(salt, kdf, keys.stored_key(), keys.server_key)
    }

    /// A credential that was derived before. WAMP, "Data Stored on the Server".
    ///
    /// # Errors
    ///
    /// Fails if the length of the salt or the [cost](Kdf) is out of bounds.
    pub fn from_parts(
        salt: &[u8],
        kdf: Kdf,
        stored_key: [u8; 32],
        server_key: [u8; 32],
    ) -> Result<Self, BadParameter> {
        check_salt(salt)?;
        Ok(Self {
            salt: salt.to_vec(),
            kdf: kdf.check()?,
            stored_key,
            server_key,
        })
    }

    /// A credential that was derived before, in hexadecimal digits: `salt`, `stored-key` and `server-key` of a Crossbar.io configuration.
    ///
    /// # Errors
    ///
    /// Fails if a text is not hexadecimal or not of the right length, and if the [cost](Kdf) is out of bounds.
    pub fn from_hex(
        salt: &str,
        kdf: Kdf,
        stored_key: &str,
        server_key: &str,
    ) -> Result<Self, BadParameter> {
        let salt = hex_to_vec(salt, *Self::SALT.end()).ok_or(BadParameter::Salt)?;
        let key = |text| from_hex(text).ok_or(BadParameter::Key);
        Self::from_parts(&salt, kdf, key(stored_key)?, key(server_key)?)
    }

    /// A credential that no password opens, for a name that does not exist.
    ///
    /// Whoever tries names sees a challenge for each, and the same one the next time; WAMP, "Initial Client Authentication Message".
    /// That takes a secret of the router, which stays the same, and the function and the length of salts (in bytes) that real credentials
    /// have.
    ///
    /// # Errors
    ///
    /// Fails if the length of the salt or the [cost](Kdf) is out of bounds.
    pub fn mock(
        secret: &[u8],
        authid: &str,
        kdf: Kdf,
        salt_len: usize,
    ) -> Result<Self, BadParameter> {
        let part = |label: &str| hmac(&hmac(secret, label.as_bytes()), authid.as_bytes());
        let mut salt = [part("salt"), part("more salt")].concat();
        // Longer ones are refused.
        salt.resize(salt_len.min(Self::SALT.end() + 1), 0);
        Self::from_parts(&salt, kdf, part("stored key"), part("server key"))
    }

    /// The salt.
    #[must_use]
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// How the keys were derived.
    #[must_use]
    pub fn kdf(&self) -> Kdf {
        self.kdf
    }

    /// `StoredKey`, by which the router recognizes the client.
    #[must_use]
    pub fn stored_key(&self) -> &[u8; 32] {
        &self.stored_key
    }

    /// `ServerKey`, by which the client recognizes the router.
    #[must_use]
    pub fn server_key(&self) -> &[u8; 32] {
        &self.server_key
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("kdf", &self.kdf)
            .finish_non_exhaustive()
    }
}

pub(super) fn check_salt(salt: &[u8]) -> Result<(), BadParameter> {
    Credential::SALT
        .contains(&salt.len())
        .then_some(())
        .ok_or(BadParameter::Salt)
}

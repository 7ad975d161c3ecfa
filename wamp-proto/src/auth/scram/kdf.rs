//! How a password becomes a key.

use std::ops::RangeInclusive;

use argon2::{Algorithm, Argon2, Params, Version};

use super::Dialect;
use crate::auth::BadParameter;
use crate::auth::encoding::to_base64_unpadded;
use crate::auth::hash::{self, LEN};
use crate::message::details::ChallengeExtra;

/// The key derivation function and its cost. WAMP, "Key Derivation Functions".
///
/// The router chooses, and the client does the work, so both ends of the cost are bounded here, for routers and clients alike: below
/// [`PBKDF2_ITERATIONS`](Self::PBKDF2_ITERATIONS) and [`ARGON2_WORK`](Self::ARGON2_WORK), a false router would learn something from
/// which the password is easily guessed; above them and [`ARGON2_MEMORY`](Self::ARGON2_MEMORY), it would keep the client busy, or fill
/// its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kdf {
    /// PBKDF2-HMAC-SHA-256. RFC 8018.
    Pbkdf2 {
        /// The number of rounds.
        iterations: u32,
    },
    /// Argon2id, version 1.3, with one lane. RFC 9106.
    Argon2id {
        /// The number of passes over the memory.
        iterations: u32,
        /// The memory, in KiB.
        memory: u32,
    },
}

impl Kdf {
    /// The rounds of PBKDF2. RFC 7677, section 4, asks for no fewer.
    pub const PBKDF2_ITERATIONS: RangeInclusive<u32> = 4096..=10_000_000;
    /// The memory of Argon2id, in KiB: at least what the algorithm needs, at most 256 MiB.
    pub const ARGON2_MEMORY: RangeInclusive<u32> = Params::MIN_M_COST..=256 * 1024;
    /// Passes times memory of Argon2id, in KiB: from 16 MiB, about half of the weakest choice that OWASP recommends, to 16 GiB.
    pub const ARGON2_WORK: RangeInclusive<u64> = 16 * 1024..=16 * 1024 * 1024;

    /// The function that a challenge asks for.
    pub(super) fn from_challenge(
        dialect: Dialect,
        extra: &ChallengeExtra,
    ) -> Result<Self, BadParameter> {
        let cost = |value: Option<u64>| value.and_then(|value| value.try_into().ok());
        let iterations = cost(extra.iterations).ok_or(BadParameter::Cost)?;
        let kdf = match extra.kdf.as_deref() {
            Some("pbkdf2") => Self::Pbkdf2 { iterations },
            Some(name) if name == dialect.argon2id() => Self::Argon2id {
                iterations,
                memory: cost(extra.memory).ok_or(BadParameter::Cost)?,
            },
            _ => return Err(BadParameter::Kdf),
        };
        kdf.check()
    }

    /// Puts the function into a challenge.
    pub(super) fn write_to(self, dialect: Dialect, extra: &mut ChallengeExtra) {
        let (name, memory) = match self {
            Self::Pbkdf2 { .. } => ("pbkdf2", None),
            Self::Argon2id { memory, .. } => (dialect.argon2id(), Some(memory.into())),
        };
        extra.kdf = Some(name.into());
        extra.iterations = Some(self.iterations().into());
        extra.memory = memory;
    }

    /// Itself, if its cost is within the bounds.
    pub(super) fn check(self) -> Result<Self, BadParameter> {
        let allowed = match self {
            Self::Pbkdf2 { iterations } => Self::PBKDF2_ITERATIONS.contains(&iterations),
            Self::Argon2id { iterations, memory } => {
                let work = u64::from(iterations) * u64::from(memory);
                Self::ARGON2_MEMORY.contains(&memory) && Self::ARGON2_WORK.contains(&work)
            }
        };
        allowed.then_some(self).ok_or(BadParameter::Cost)
    }

    pub(super) const fn iterations(self) -> u32 {
        match self {
            Self::Pbkdf2 { iterations } | Self::Argon2id { iterations, .. } => iterations,
        }
    }

    /// `SaltedPassword`, for a cost that was checked. It is bytes or text, depending on the dialect.
    pub(super) fn salted_password(
        self,
        dialect: Dialect,
        password: &[u8],
        salt: &[u8],
    ) -> Result<Vec<u8>, BadParameter> {
        let mut key = [0; LEN];
        match self {
            Self::Pbkdf2 { iterations } => hash::pbkdf2(password, salt, iterations, &mut key),
            Self::Argon2id { iterations, memory } => {
                let params = Params::new(memory, iterations, 1, Some(LEN))
                    .map_err(|_| BadParameter::Cost)?;
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into(password, salt, &mut key)
                    .map_err(|_| BadParameter::Salt)?;
            }
        }
        Ok(match (dialect, self) {
            (Dialect::Crossbar, Self::Argon2id { .. }) => to_base64_unpadded(&key).into_bytes(),
            _ => key.to_vec(),
        })
    }
}

//! `wampcra`: a shared secret signs a challenge. WAMP, "Challenge Response Authentication".
//!
//! ```
//! use wamp_proto::auth::cra::{Challenge, Salt, derive_key, sign, verify};
//! use wamp_proto::id::Id;
//!
//! // What the router stores, instead of the password:
//! let salt = Salt::new("salt123")?;
//! let key = derive_key(b"secret1", &salt);
//!
//! // What it asks:
//! let challenge = Challenge {
//!     authid: "peter",
//!     authrole: "user",
//!     authprovider: "static",
//!     nonce: "LHRTC9zeOIrt_9U3",
//!     timestamp: "2014-06-22T16:36:25.448Z",
//!     session: Id::MAX,
//! }
//! .to_json();
//!
//! // What the client answers, given the challenge, the salt and its password:
//! let signature = sign(key.expose().as_bytes(), &challenge);
//! assert!(verify(key.expose().as_bytes(), &challenge, &signature));
//! # Ok::<(), wamp_proto::auth::BadParameter>(())
//! ```

use bytes::BytesMut;
use bytestring::ByteString;
use subtle::ConstantTimeEq;

use super::BadParameter;
use super::encoding::to_base64;
use super::hash::{hmac, pbkdf2};
use crate::codec::{EncodeError, Format, Write};
use crate::id::Id;
use crate::message::Secret;
use crate::message::details::ChallengeExtra;

/// The name of the method, in HELLO, CHALLENGE and WELCOME.
pub const METHOD: &str = "wampcra";

/// What the client signs: `CHALLENGE.Extra.challenge`.
///
/// The router makes a new one for each session, and remembers its text until the answer is there. Whoever is let in is who the challenge
/// says: WELCOME repeats the values.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    /// Who the client will be.
    pub authid: &'a str,
    /// What the client will be allowed to do.
    pub authrole: &'a str,
    /// Who knows the secret, as in `static`.
    pub authprovider: &'a str,
    /// Random text that is never used again. Without it old answers could be replayed.
    pub nonce: &'a str,
    /// When the challenge was made, in UTC as ISO 8601: `2014-06-22T16:36:25.448Z`.
    pub timestamp: &'a str,
    /// The id that the session will have.
    pub session: Id,
}

impl Challenge<'_> {
    /// The text of the challenge: a JSON object. Both sides sign and verify the text as it is, so nobody may write it anew.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "JSON has text and integers")]
    pub fn to_json(&self) -> String {
        let mut out = BytesMut::new();
        self.write(&mut Format::Json.writer(&mut out))
            .expect("JSON has text and integers");
        String::from_utf8(out.into()).expect("JSON is UTF-8")
    }

    fn write(&self, writer: &mut impl Write) -> Result<(), EncodeError> {
        writer.map(None)?;
        for (key, value) in [
            ("authid", self.authid),
            ("authrole", self.authrole),
            ("authmethod", METHOD),
            ("authprovider", self.authprovider),
            ("nonce", self.nonce),
            ("timestamp", self.timestamp),
        ] {
            writer.str(key)?;
            writer.str(value)?;
        }
        writer.str("session")?;
        writer.u64(self.session.get())?;
        writer.end()
    }
}

/// How a key is derived from a password, so that a router need not store the password.
#[derive(Clone, Debug)]
pub struct Salt {
    salt: ByteString,
    iterations: u32,
    keylen: u32,
}

impl Salt {
    /// How many rounds there are if the challenge does not say.
    pub const DEFAULT_ITERATIONS: u32 = 1000;
    /// How long the key is if the challenge does not say, in bytes.
    pub const DEFAULT_KEYLEN: u32 = 32;
    /// The highest number of rounds: a few seconds of work. A limit of this implementation.
    pub const MAX_ITERATIONS: u32 = 10_000_000;
    /// The longest key, in bytes. A limit of this implementation.
    pub const MAX_KEYLEN: u32 = 64;

    /// A salt with the usual cost. Its text is used as it is: what looks like Base64 is not decoded.
    ///
    /// # Errors
    ///
    /// Fails if the salt is empty.
    pub fn new(salt: impl Into<ByteString>) -> Result<Self, BadParameter> {
        Self::with_cost(salt, Self::DEFAULT_ITERATIONS, Self::DEFAULT_KEYLEN)
    }

    /// A salt with a number of rounds, and the length of the derived key in bytes.
    ///
    /// # Errors
    ///
    /// Fails if the salt is empty, and if a number is zero or above its limit: the numbers come from a router, and the work is the client's.
    pub fn with_cost(
        salt: impl Into<ByteString>,
        iterations: u32,
        keylen: u32,
    ) -> Result<Self, BadParameter> {
        let salt = salt.into();
        if salt.is_empty() {
            return Err(BadParameter::Salt);
        }
        if !(1..=Self::MAX_ITERATIONS).contains(&iterations) {
            return Err(BadParameter::Cost);
        }
        if !(1..=Self::MAX_KEYLEN).contains(&keylen) {
            return Err(BadParameter::KeyLength);
        }
        Ok(Self {
            salt,
            iterations,
            keylen,
        })
    }

    /// The salt of a challenge, for the client. There is none if the secret itself is the key.
    ///
    /// # Errors
    ///
    /// The same as [`with_cost`](Self::with_cost).
    pub fn from_challenge(extra: &ChallengeExtra) -> Result<Option<Self>, BadParameter> {
        let Some(salt) = extra.salt.clone() else {
            return Ok(None);
        };
        let iterations = extra.iterations.unwrap_or(Self::DEFAULT_ITERATIONS.into());
        let keylen = extra.keylen.unwrap_or(Self::DEFAULT_KEYLEN.into());
        Self::with_cost(
            salt,
            iterations.try_into().map_err(|_| BadParameter::Cost)?,
            keylen.try_into().map_err(|_| BadParameter::KeyLength)?,
        )
        .map(Some)
    }

    /// Puts the salt into a challenge, for the router.
    pub fn write_to(&self, extra: &mut ChallengeExtra) {
        extra.salt = Some(self.salt.clone());
        extra.iterations = Some(self.iterations.into());
        extra.keylen = Some(self.keylen.into());
    }
}

/// The key that stands for a salted password: the Base64 text of PBKDF2-HMAC-SHA-256.
///
/// The text is the key. That is not in the specification, but what everybody does.
#[must_use]
pub fn derive_key(password: &[u8], salt: &Salt) -> Secret {
    let mut key = vec![0; salt.keylen as usize];
    pbkdf2(password, salt.salt.as_bytes(), salt.iterations, &mut key);
    Secret::new(to_base64(&key))
}

/// The answer to a challenge: `AUTHENTICATE.Signature`. The key is the secret itself, or what [`derive_key`] made of it.
#[must_use]
pub fn sign(key: &[u8], challenge: &str) -> String {
    to_base64(&hmac(key, challenge.as_bytes()))
}

/// Whether this is the answer to the challenge, in constant time.
#[must_use]
pub fn verify(key: &[u8], challenge: &str, signature: &str) -> bool {
    sign(key, challenge)
        .as_bytes()
        .ct_eq(signature.as_bytes())
        .into()
}

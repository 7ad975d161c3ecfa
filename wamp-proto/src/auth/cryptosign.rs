//! `cryptosign`: an Ed25519 key signs a challenge. WAMP, "Cryptosign-based Authentication".
//!
//! ```
//! use wamp_proto::auth::cryptosign::{SigningKey, verify};
//!
//! // Both are 32 random bytes: the client's key, and the router's question, which it asks once.
//! let (seed, challenge) = ([1; 32], [2; 32]);
//!
//! let key = SigningKey::from_seed(seed);
//! let signature = key.sign(&challenge, None);
//! assert!(verify(&key.public_key(), &challenge, None, &signature).is_ok());
//!
//! let later = [3; 32];
//! assert!(verify(&key.public_key(), &later, None, &signature).is_err(), "no replay");
//! ```

use std::fmt;

use ed25519_dalek::{Signature, Signer};
use subtle::ConstantTimeEq;

use super::encoding::{from_hex, to_hex};
use super::hash::xor;
use super::{BadParameter, Denied};

/// The name of the method, in HELLO, CHALLENGE and WELCOME.
pub const METHOD: &str = "cryptosign";

const SIGNATURE: usize = Signature::BYTE_SIZE;
const MESSAGE: usize = 32;

/// Who a client is: an Ed25519 public key, `HELLO.Details.authextra.pubkey`.
///
/// Points of small order are not among them: one signature under such a key is good for many messages.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(ed25519_dalek::VerifyingKey);

impl PublicKey {
    /// The key of these bytes. RFC 8032, section 5.1.5.
    ///
    /// # Errors
    ///
    /// Fails if they are no point of the curve, or one of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, BadParameter> {
        ed25519_dalek::VerifyingKey::from_bytes(bytes)
            .ok()
            .filter(|key| !key.is_weak())
            .map(Self)
            .ok_or(BadParameter::Key)
    }

    /// The key of 64 hexadecimal digits, in either case.
    ///
    /// # Errors
    ///
    /// Fails if the text is anything else, and if the bytes are [not a key](Self::from_bytes).
    pub fn from_hex(text: &str) -> Result<Self, BadParameter> {
        Self::from_bytes(&from_hex(text).ok_or(BadParameter::Key)?)
    }

    /// The bytes of the key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The key as 64 hexadecimal digits, in lower case, as it stands in messages.
    #[must_use]
    pub fn to_hex(&self) -> String {
        to_hex(self.as_bytes())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_hex())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

/// The secret with which a client proves that a [`PublicKey`] is its own.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key that follows from 32 random bytes. RFC 8032, section 5.1.5, calls them the private key.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// The key whose [seed](Self::from_seed) is written as 64 hexadecimal digits, in either case.
    ///
    /// # Errors
    ///
    /// Fails if the text is anything else.
    pub fn from_hex(seed: &str) -> Result<Self, BadParameter> {
        from_hex(seed).map(Self::from_seed).ok_or(BadParameter::Key)
    }

    /// The other half of the key, for the router to know.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The answer to a challenge, `AUTHENTICATE.Signature`: 192 hexadecimal digits for the signature and what was signed.
    ///
    /// The channel id is what client and router know of their TLS connection if the client asked for channel binding: the value of
    /// `tls-exporter` or `tls-unique`, as it was negotiated.
    #[must_use]
    pub fn sign(&self, challenge: &[u8; 32], channel_id: Option<&[u8; 32]>) -> String {
        let message = message(challenge, channel_id);
        let signature = self.0.sign(&message);
        to_hex(&[signature.to_bytes().as_slice(), &message].concat())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

/// Whether this is the answer of the key's owner to this very challenge, on this very connection.
///
/// The message that comes with the signature must be the one that was asked for. A router that only opens what it was sent lets in whoever
/// has ever seen an answer.
///
/// # Errors
///
/// Fails unless it is. The signature is verified strictly: it has one encoding only.
pub fn verify(
    key: &PublicKey,
    challenge: &[u8; 32],
    channel_id: Option<&[u8; 32]>,
    signature: &str,
) -> Result<(), Denied> {
    let signed: [u8; SIGNATURE + MESSAGE] = from_hex(signature).ok_or(Denied)?;
    let (signature, signed) = signed.split_first_chunk::<SIGNATURE>().ok_or(Denied)?;
    let expected = message(challenge, channel_id);
    if !bool::from(expected.as_slice().ct_eq(signed)) {
        return Err(Denied);
    }
    key.0
        .verify_strict(&expected, &Signature::from_bytes(signature))
        .map_err(|_| Denied)
}

fn message(challenge: &[u8; MESSAGE], channel_id: Option<&[u8; MESSAGE]>) -> [u8; MESSAGE] {
    channel_id.map_or(*challenge, |channel_id| xor(challenge, channel_id))
}

//! What can go wrong: the peer is not who it says, or a parameter is unusable.

use thiserror::Error;

/// The peer did not prove what it claims.
///
/// It has no detail on purpose: whatever an answer adds to "no" helps whoever is guessing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("authentication denied")]
pub struct Denied;

/// A key, a salt or a cost cannot be used.
///
/// It tells of configuration, or of what a router asks a client to compute; never of what a client sent to be let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BadParameter {
    /// The name is empty, or SASLprep (RFC 4013) forbids it.
    #[error("the name is empty or has forbidden characters")]
    Name,
    /// The password is empty, or SASLprep (RFC 4013) forbids it.
    #[error("the password is empty or has forbidden characters")]
    Password,
    /// The salt is missing, not in its encoding, or of a length that is not allowed.
    #[error("the salt is missing or malformed")]
    Salt,
    /// The cost, in rounds or in memory, is missing, too low to protect the password or too high to be meant seriously.
    #[error("the cost of deriving the key is missing or out of bounds")]
    Cost,
    /// The length of the derived key is out of bounds.
    #[error("the length of the derived key is out of bounds")]
    KeyLength,
    /// The key derivation function is missing or unknown.
    #[error("the key derivation function is missing or unknown")]
    Kdf,
    /// The nonce is empty, too long or malformed, or not one that continues ours.
    #[error("the nonce is malformed or does not continue ours")]
    Nonce,
    /// The dialect has no channel binding.
    #[error("the method has no channel binding")]
    ChannelBinding,
    /// A key is not in its encoding, not a key, or too weak to be one.
    #[error("the key is malformed or weak")]
    Key,
}

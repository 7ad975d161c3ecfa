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
    /// The salt is missing, not in its encoding, or of a length that is not allowed.
    #[error("the salt is missing or malformed")]
    Salt,
    /// The cost, in rounds or in memory, is missing, too low to protect the password or too high to be meant seriously.
    #[error("the cost of deriving the key is missing or out of bounds")]
    Cost,
    /// The length of the derived key is out of bounds.
    #[error("the length of the derived key is out of bounds")]
    KeyLength,
    /// A key is not in its encoding, not a key, or too weak to be one.
    #[error("the key is malformed or weak")]
    Key,
}

//! The rules of dealer and broker, without I/O and without a clock.
//!
//! - [`patterns`], [`trie`]: values by URI and pattern.
//! - [`dealer`]: which handler answers to a URI.
//! - [`broker`]: who is subscribed to what.
//! - [`calls`]: the open calls of one caller: identifiers, cancelling, timeouts.

pub(crate) mod broker;
pub(crate) mod calls;
pub(crate) mod dealer;
pub(crate) mod patterns;
pub(crate) mod trie;

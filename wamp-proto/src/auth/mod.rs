//! The arithmetic of authentication, for both sides. WAMP, "Authentication".
//!
//! Everything here is a function of its arguments. What must be random (nonces, challenges, salts, keys) and what must be read from a clock
//! (timestamps) is a parameter, so the caller owns the sources of both.
//!
//! Whatever a peer could use to guess a secret is compared in constant time, and a failure is [`Denied`], which does not say why.
//!
//! # Layout
//!
//! - [`ticket`]: comparing a secret that travels as it is.
//! - [`cra`]: `wampcra`, a shared secret that signs a challenge.
//! - [`cryptosign`]: `cryptosign`, an Ed25519 key that signs a challenge.
//! - [`scram`]: `wamp-scram` and the `scram` that is deployed, a password that neither travels nor is stored.
//! - [`Denied`], [`BadParameter`]: what can go wrong.
//! - How it works: `hash` and `encoding` are the building blocks that the methods share.

pub mod cra;
pub mod cryptosign;
mod encoding;
mod error;
mod hash;
pub mod scram;
pub mod ticket;

pub use error::{BadParameter, Denied};

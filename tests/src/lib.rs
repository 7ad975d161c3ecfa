//! What the tests that cross crates have in common.
//!
//! - [`program`]: starts a program, learns the address that it serves, and ends it.
//! - [`client`]: a WAMP client that shows every message as it is on the wire.
//! - [`answers`]: what a client answers to a CHALLENGE.
//! - [`router`]: our router. [`crossbar`]: one that others have written, to compare with.
//! - [`peers`]: installs what others have written.
//! - [`credentials`]: what the one user of the server `gatekeeper` comes in by.
//! - [`wiretap`]: hears every byte that a server sends.

// A test that cannot go on panics, and says why.
#![allow(clippy::missing_panics_doc, reason = "these are helpers of tests")]

pub mod answers;
pub mod client;
pub mod credentials;
pub mod crossbar;
pub mod peers;
pub mod program;
pub mod router;
pub mod wiretap;

use std::future::Future;
use std::time::Duration;

/// Waits for something that is about to happen.
pub async fn soon<F: Future>(what: &str, event: F) -> F::Output {
    let result = tokio::time::timeout(PATIENCE, event).await;
    result.unwrap_or_else(|_| panic!("still waiting for {what}"))
}

/// Long enough for a busy machine. Nothing that works waits this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The programs in README.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

//! What the tests have in common: servers, certificates, and sessions that are opened by hand.

#[cfg(feature = "tls")]
pub(crate) mod certificates;
pub(crate) mod scripted;
pub(crate) mod server;
pub(crate) mod wire;

use std::time::Duration;

pub(crate) use server::{Running, app};
pub(crate) use wire::{Wire, open};

/// More than anything takes that works, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits, but not for ever.
pub(crate) async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what} did not happen"),
    }
}

//! A server to test, a client made of bytes, and a canary that notices when others suffer.

mod canary;
#[cfg(unix)]
mod child;
mod client;
mod frame;
mod log;
pub(crate) mod raw;
mod server;
#[cfg(feature = "tls")]
mod tls;

use std::future::Future;
use std::time::Duration;

pub(crate) use canary::Canary;
#[cfg(unix)]
pub(crate) use child::Child;
pub(crate) use client::{Client, End, hello, request};
pub(crate) use frame::{Frame, close_code};
pub(crate) use log::Logged;
pub(crate) use server::{Running, app, timeless};
#[cfg(feature = "tls")]
pub(crate) use tls::{Authority, Dialer, Pair};

/// How long a test waits for what must happen. Long, because the machine may be busy: nothing is measured by it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for something that must happen.
#[track_caller]
pub(crate) fn soon<T>(what: &str, event: impl Future<Output = T>) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    async move {
        match tokio::time::timeout(PATIENCE, event).await {
            Ok(output) => output,
            Err(_) => panic!("{what} did not happen ({caller})"),
        }
    }
}

//! Changes of registrations, subscriptions and sessions: one after the other, and, with the feature `test`, told to those who wait for them.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The lock that changes take.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    lock: Mutex<()>,
    signal: Signal,
}

impl Changes {
    /// The next change may begin; it is told of when what this returns is dropped.
    pub(crate) fn begin(&self) -> Change<'_> {
        Change {
            signal: &self.signal,
            _lock: self.lock.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    #[cfg(feature = "test")]
    pub(crate) fn signal(&self) -> &Signal {
        &self.signal
    }
}

/// A change goes on.
pub(crate) struct Change<'c> {
    signal: &'c Signal,
    _lock: MutexGuard<'c, ()>,
}

impl Drop for Change<'_> {
    #[inline]
    fn drop(&mut self) {
        self.signal.tell();
    }
}

/// Tells tests that something may be different now. Without the feature `test` there is nothing to it.
#[derive(Debug, Default)]
pub(crate) struct Signal {
    #[cfg(feature = "test")]
    sender: tokio::sync::watch::Sender<()>,
}

impl Signal {
    #[inline]
    pub(crate) fn tell(&self) {
        #[cfg(feature = "test")]
        self.sender.send_replace(());
    }

    /// What hears of everything from now on.
    #[cfg(feature = "test")]
    pub(crate) fn listen(&self) -> tokio::sync::watch::Receiver<()> {
        self.sender.subscribe()
    }
}

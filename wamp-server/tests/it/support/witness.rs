//! What handlers leave behind for tests to see, and what they wait for.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

/// What happened, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0.lock().expect("nobody panics here").push(what.into());
    }

    /// What has been noted since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics here"))
    }

    /// Notes that it is dropped.
    pub(crate) fn guard(&self, name: impl Into<String>) -> Guard {
        Guard {
            log: self.clone(),
            name: name.into(),
            panics: false,
        }
    }

    /// Notes that it is dropped, then panics.
    pub(crate) fn panicking_guard(&self, name: impl Into<String>) -> Guard {
        Guard {
            log: self.clone(),
            name: name.into(),
            panics: true,
        }
    }
}

/// Tells its log when it is dropped.
#[derive(Debug)]
pub(crate) struct Guard {
    log: Log,
    name: String,
    panics: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.log.note(format!("drop {}", self.name));
        assert!(!self.panics, "{} panics when it is dropped", self.name);
    }
}

/// Events that happen once and then have happened.
#[derive(Clone, Debug)]
pub(crate) struct Events(watch::Sender<BTreeSet<String>>);

impl Default for Events {
    fn default() -> Self {
        Self(watch::Sender::new(BTreeSet::new()))
    }
}

impl Events {
    /// It has happened.
    pub(crate) fn happen(&self, event: impl Into<String>) {
        let event = event.into();
        self.0.send_modify(|it| {
            it.insert(event);
        });
    }

    /// Waits until it has happened.
    pub(crate) async fn wait(&self, event: &str) {
        let mut events = self.0.subscribe();
        let happened = events.wait_for(|it| it.contains(event)).await;
        drop(happened.expect("the sender lives"));
    }
}

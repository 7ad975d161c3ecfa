//! How far something is that is renewed after each reconnection: a subscription or a registration.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use wamp_proto::id::Id;

use crate::link::Link;

/// Whether a router has agreed to it, and whether it is still wanted.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// In which session, and as what.
    place: Mutex<Option<(Link, Id)>>,
    given_up: AtomicBool,
}

impl Standing {
    /// The router has agreed; false if nobody wants it any more.
    pub(crate) fn agreed(&self, link: &Link, id: Id) -> bool {
        *self.place() = Some((link.clone(), id));
        !self.is_given_up()
    }

    /// The router has ended it.
    pub(crate) fn revoked(&self) {
        *self.place() = None;
        self.given_up.store(true, Ordering::Release);
    }

    /// Nobody wants it any more. Where it is to be ended.
    pub(crate) fn give_up(&self) -> Option<(Link, Id)> {
        self.given_up.store(true, Ordering::Release);
        self.place().take()
    }

    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Acquire)
    }

    /// Whether a router has ever agreed: only then it is renewed.
    pub(crate) fn was_made(&self) -> bool {
        !self.is_given_up() && self.place().is_some()
    }

    /// What the router calls it; `None` while there is no session.
    pub(crate) fn id(&self) -> Option<Id> {
        let place = self.place();
        let (link, id) = place.as_ref()?;
        link.is_open().then_some(*id)
    }

    fn place(&self) -> MutexGuard<'_, Option<(Link, Id)>> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

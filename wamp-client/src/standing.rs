//! How far something is that is renewed after each reconnection: a subscription or a registration.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use wamp_proto::id::Id;

use crate::error::CallError;
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

/// What there is to wait for when something ends; nothing if the router need not be told.
pub(crate) type Farewell = Result<Option<oneshot::Receiver<Result<(), CallError>>>, CallError>;

/// The same once the router was asked to end it.
pub(crate) fn farewell(
    asked: Result<Id, CallError>,
    answer: oneshot::Receiver<Result<(), CallError>>,
) -> Farewell {
    match asked {
        Ok(_) => Ok(Some(answer)),
        // It has ended with its session.
        Err(CallError::NotConnected) => Ok(None),
        Err(error) => Err(error),
    }
}

//! The open sessions of a server.

use std::any::Any;
use std::sync::{Arc, Weak};

use wamp_proto::id::Id;

use super::{Inner, Session};
use crate::router::changes::Signal;

/// Sessions by id.
///
/// A session refers to its realm and by it to this; the entries are trait objects so that the types do not form a cycle. The compiler
/// would follow it once for each handler, to find out that a future is `Send`, and handlers would take twice as long to check.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_id: papaya::HashMap<Id, Weak<dyn Any + Send + Sync>>,
    /// Tells that one may have joined, or be gone.
    pub(crate) signal: Signal,
}

impl Sessions {
    /// Adds a session; false if its id is taken.
    pub(crate) fn add(&self, session: &Session) -> bool {
        let entry = Arc::downgrade(&session.inner) as Weak<dyn Any + Send + Sync>;
        self.by_id.pin().try_insert(session.id(), entry).is_ok()
    }

    pub(crate) fn remove(&self, id: Id) {
        self.by_id.pin().remove(&id);
    }

    pub(crate) fn get(&self, id: Id) -> Option<Session> {
        self.by_id.pin().get(&id).and_then(session)
    }

    /// All sessions, in no particular order.
    pub(crate) fn all(&self) -> Vec<Session> {
        self.by_id.pin().values().filter_map(session).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }
}

fn session(entry: &Weak<dyn Any + Send + Sync>) -> Option<Session> {
    let inner = entry.upgrade()?.downcast::<Inner>().ok()?;
    Some(Session { inner })
}

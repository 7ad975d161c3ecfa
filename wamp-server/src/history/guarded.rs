//! A store whose panics stay its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{EventQuery, EventStore, Flushed, Found, StoredEvent};
use crate::app::shared::Shared;
use crate::session::tasks::Panic;

/// A store whose panics stay its own: publishers have nothing to do with them, and the ends of sessions cannot fail.
pub(crate) struct Guarded {
    store: Arc<dyn EventStore>,
    shared: Arc<Shared>,
}

impl Guarded {
    pub(crate) fn new(store: Arc<dyn EventStore>, shared: Arc<Shared>) -> Self {
        Self { store, shared }
    }
}

impl EventStore for Guarded {
    fn append(&self, event: StoredEvent) {
        let publication = event.publication;
        let append = || self.store.append(event);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(append)) {
            self.shared.counters.panics.count();
            let panic = Panic::from(panic).0;
            tracing::error!(
                publication = publication.get(),
                panic,
                "an event store panicked"
            );
        }
    }

    /// A panic in here is one of the call that asks.
    fn query(&self, query: EventQuery) -> Found {
        self.store.query(query)
    }

    fn flush(&self) -> Flushed {
        self.store.flush()
    }
}

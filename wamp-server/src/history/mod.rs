//! Events of the past, for those who were not there. WAMP, "Event History".
//!
//! A client asks for the history of a subscription by `wamp.subscription.get_events`. Where events are kept meanwhile is up to an
//! [`EventStore`]: one of those here, or one of your own.
//!
//! # Layout
//!
//! - [`EventStore`], [`StoredEvent`], [`EventQuery`]: what stores have in common.
//! - [`MemoryStore`]: until the server ends. `SqliteStore` (feature `sqlite`): in a file.
//! - `request`, `reply`: between a query and the call that asks. `pages`: answers that are full although some events may not be had.
//! - `guarded`: a store whose panics stay its own.
//!
//! # Example
//!
//! ```
//! use std::time::SystemTime;
//!
//! use wamp_server::history::{EventQuery, EventStore, Match, MemoryStore, StoredEvent};
//! use wamp_server::proto::{codec::Format, id::Id, message::details::EventDetails, payload::Payload};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = MemoryStore::default();
//! store.append(StoredEvent {
//!     publication: Id::MIN,
//!     topic: "sensors.kitchen.temperature".into(),
//!     timestamp: SystemTime::now(),
//!     payload: Payload::from_value(Format::Json, &21.5)?,
//!     details: EventDetails::default(),
//!     receivers: Default::default(),
//! });
//!
//! let query = EventQuery::new("sensors.", Match::Prefix);
//! let events = store.query(query).await?;
//! assert_eq!(events[0].payload.decode_args::<(f64,)>()?, (21.5,));
//! # Ok(())
//! # }
//! ```

mod event;
pub(crate) mod guarded;
mod memory;
pub(crate) mod pages;
mod query;
pub(crate) mod reply;
mod request;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(test)]
mod suite;

use std::error::Error as StdError;
use std::pin::Pin;
use std::sync::Arc;

use wamp_proto::uri;
pub use wamp_uri::Match;

pub use self::event::StoredEvent;
pub use self::memory::{MemoryOptions, MemoryStore};
pub use self::query::EventQuery;
#[cfg(feature = "sqlite")]
pub use self::sqlite::{SqliteOptions, SqliteStore};
use crate::handler::{CallError, IntoError};

/// Where events are kept.
///
/// Events have an order: that in which they were appended. Their timestamps need not agree with it, because clocks are set.
///
/// A store of your own, one that keeps only the newest event:
///
/// ```
/// use std::sync::Mutex;
///
/// use wamp_server::history::{EventQuery, EventStore, Found, StoredEvent};
///
/// #[derive(Default)]
/// struct Newest(Mutex<Option<StoredEvent>>);
///
/// impl EventStore for Newest {
///     fn append(&self, event: StoredEvent) {
///         *self.0.lock().unwrap() = Some(event);
///     }
///
///     fn query(&self, query: EventQuery) -> Found {
///         let newest = self.0.lock().unwrap().clone();
///         let events = newest.into_iter().filter(|event| query.selects(event)).collect();
///         Box::pin(async { Ok(events) })
///     }
/// }
/// ```
///
/// The WAMP specification, "Event History".
pub trait EventStore: Send + Sync + 'static {
    /// Keeps an event. Publishers wait for it, so it must not block: what takes time is done later, what is too much is dropped.
    ///
    /// It must not panic, either. If it does, the event is published, but may be missing here; the log says so, and
    /// [`Stats::panics`](crate::Stats::panics) counts it.
    ///
    /// The event may be a part of the frame it came in: who keeps it for long copies it.
    fn append(&self, event: StoredEvent);

    /// Finds events: those that [`selects`](EventQuery::selects) says yes to, within the bounds by publication and in the order that the
    /// query asks for, at most [`limit`](EventQuery::limit) of them.
    ///
    /// The future is dropped if the caller gives up.
    fn query(&self, query: EventQuery) -> Found;

    /// Waits until everything that was appended before is kept for as long as this store can keep it.
    ///
    /// A server that [shuts down](crate::Server::shutdown) waits for it, for a while. A store that does nothing later, as most, needs none
    /// of its own.
    ///
    /// # Errors
    ///
    /// If some of it is lost.
    fn flush(&self) -> Flushed {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// What [`EventStore::query`] returns.
pub type Found = Pin<Box<dyn Future<Output = Result<Vec<StoredEvent>, HistoryError>> + Send>>;

/// What [`EventStore::flush`] returns.
pub type Flushed = Pin<Box<dyn Future<Output = Result<(), HistoryError>> + Send>>;

/// For an application that looks into a store, too, or keeps the events of several realms in one.
///
/// ```
/// use std::sync::Arc;
///
/// use wamp_server::RouterOptions;
/// use wamp_server::history::{Match, MemoryStore};
///
/// let store = Arc::new(MemoryStore::default());
/// let router = RouterOptions::new().history(Arc::clone(&store), [("sensors.", Match::Prefix)]);
/// ```
impl<S: EventStore + ?Sized> EventStore for Arc<S> {
    fn append(&self, event: StoredEvent) {
        (**self).append(event);
    }

    fn query(&self, query: EventQuery) -> Found {
        (**self).query(query)
    }

    fn flush(&self) -> Flushed {
        (**self).flush()
    }
}

/// Why a store has no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// There is no such publication in the store, or no longer.
    #[error("`{argument}`: there is no such publication in the history")]
    UnknownPublication {
        /// Which of the arguments of the call it is, such as `after_publication`.
        argument: &'static str,
    },
    /// The store does not work. This is for the log, callers are not told.
    #[error("the event store failed")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

impl HistoryError {
    /// The store does not work.
    #[must_use]
    pub fn failed(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Failed(cause.into())
    }
}

impl IntoError for HistoryError {
    fn into_error(self) -> CallError {
        match self {
            Self::UnknownPublication { argument } => {
                CallError::bad_argument(argument, argument, "no such publication in the history")
            }
            Self::Failed(cause) => CallError::new(uri::RUNTIME_ERROR).because(cause),
        }
    }
}

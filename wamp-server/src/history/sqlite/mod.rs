//! A history in a file.
//!
//! - here: [`SqliteStore`] and its options. `schema`: what is in the file.
//! - `queue`: between those who append and the one thread that writes. `writer`: that thread.
//! - `reader`: queries. `plan`: which index serves for each. `record`: an event as a row.

mod plan;
mod queue;
mod reader;
mod record;
mod schema;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use self::queue::Queue;
use self::reader::Readers;
use super::{EventQuery, EventStore, Flushed, Found, HistoryError, StoredEvent};

/// How much a [`SqliteStore`] keeps.
///
/// ```
/// use std::time::Duration;
/// use wamp_server::history::SqliteOptions;
///
/// let a_week = Some(Duration::from_secs(7 * 24 * 3600));
/// let options = SqliteOptions { max_age: a_week, ..SqliteOptions::default() };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "made for struct update syntax with `..SqliteOptions::default()`"
)]
pub struct SqliteOptions {
    /// Events; the oldest one makes room for a new one. Default 100,000.
    pub max_events: usize,
    /// Bytes of all events together: topics, payloads, details and lists of receivers. The oldest one makes room for a new one; one that is
    /// longer by itself is [dropped](SqliteStore::dropped). Default 1 GiB.
    ///
    /// The file takes somewhat more, and keeps the room of deleted events for new ones.
    pub max_bytes: usize,
    /// How old events may be. Default: any age.
    pub max_age: Option<Duration>,
    /// Events that wait to be written. Default 4,096; further ones are dropped.
    pub max_waiting: usize,
    /// Bytes of all events that wait to be written. Default 64 MiB; further ones are dropped.
    pub max_waiting_bytes: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            max_events: 100_000,
            max_bytes: 1024 * 1024 * 1024,
            max_age: None,
            max_waiting: 4096,
            max_waiting_bytes: 64 * 1024 * 1024,
        }
    }
}

/// A history in a file, which lasts longer than the server: an SQLite database.
///
/// Events are written by a thread of its own, as many at once as have come meanwhile. If they come faster than they can be written, some are
/// [dropped](Self::dropped), and the log says so. A query sees all that was appended before it. If the machine loses power, the events of
/// the last moments may be lost; the file stays intact.
///
/// Payloads are kept in the format of their publisher, those of a [custom format](wamp_proto::codec::Format::Custom) in CBOR.
///
/// When it is dropped, it waits until everything is written; so does a server that shuts down.
///
/// ```
/// use std::time::SystemTime;
///
/// use wamp_server::history::{EventQuery, EventStore, Match, SqliteStore, StoredEvent};
/// use wamp_server::proto::{codec::Format, id::Id, message::details::EventDetails, payload::Payload};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("history.db");
/// let store = SqliteStore::open(&path)?;
/// store.append(StoredEvent {
///     publication: Id::MIN,
///     topic: "sensors.kitchen.temperature".into(),
///     timestamp: SystemTime::now(),
///     payload: Payload::from_value(Format::Json, &21.5)?,
///     details: EventDetails::default(),
///     receivers: Default::default(),
/// });
/// store.flush().await?;
/// drop(store);
///
/// let store = SqliteStore::open(&path)?;
/// let events = store.query(EventQuery::new("sensors.", Match::Prefix)).await?;
/// assert_eq!(events.len(), 1);
/// # Ok(())
/// # }
/// ```
///
/// The WAMP specification, "Event History".
pub struct SqliteStore {
    queue: Arc<Queue>,
    readers: Arc<Readers>,
    writer: Option<JoinHandle<()>>,
}

impl SqliteStore {
    /// Opens a database, or makes one, with the default options.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, or is something else than such a database.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, HistoryError> {
        Self::open_with(path, SqliteOptions::default())
    }

    /// Opens a database, or makes one.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, or is something else than such a database.
    pub fn open_with(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, HistoryError> {
        // There are names, such as `:memory:`, that mean no file; no name that begins like this is one of them.
        let path = Path::new(".").join(path);
        let connection = schema::open(&path).map_err(HistoryError::failed)?;
        let queue = Arc::new(Queue::new(options.max_waiting, options.max_waiting_bytes));
        let readers = Arc::new(Readers::new(path, options.max_age));
        let writer = writer::start(connection, Arc::clone(&queue), options)?;
        Ok(Self {
            queue,
            readers,
            writer: Some(writer),
        })
    }

    /// How many events were dropped since it was opened, because they came too fast or could not be written.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.queue.dropped()
    }
}

impl EventStore for SqliteStore {
    fn append(&self, event: StoredEvent) {
        self.queue.push(event.detached());
    }

    fn query(&self, query: EventQuery) -> Found {
        let queue = Arc::clone(&self.queue);
        let readers = Arc::clone(&self.readers);
        Box::pin(async move {
            let turn = readers.turn().await?;
            // What cannot be written is no reason to hide the rest.
            let _ = queue.wait().await;
            let reading = tokio::task::spawn_blocking(move || {
                let found = readers.query(&query);
                drop(turn);
                found
            });
            reading.await.map_err(HistoryError::failed)?
        })
    }

    /// Waits until everything that was appended before is in the file.
    ///
    /// # Errors
    ///
    /// If some of it could not be written since the last time that this was asked. The cause is in the log.
    fn flush(&self) -> Flushed {
        let written = self.queue.flush();
        Box::pin(async move {
            match written.await {
                Ok(true) => Ok(()),
                Ok(false) => Err(HistoryError::failed("some events could not be written")),
                Err(_) => Err(HistoryError::failed("the event store has stopped")),
            }
        })
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            // It has told the log what went wrong.
            let _ = writer.join();
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

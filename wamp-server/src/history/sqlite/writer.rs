//! The thread that writes.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use rusqlite::{Connection, Params, Transaction, TransactionBehavior};

use super::queue::Queue;
use super::record::Failure;
use super::{SqliteOptions, record};
use crate::history::query::micros;
use crate::history::{HistoryError, StoredEvent};

/// Starts it. It ends when the queue is closed, and then the connection is, too.
///
/// # Errors
///
/// If there are too many threads.
pub(super) fn start(
    connection: Connection,
    queue: Arc<Queue>,
    options: SqliteOptions,
) -> Result<JoinHandle<()>, HistoryError> {
    let thread = thread::Builder::new().name("event-history".to_owned());
    let writer = Writer {
        connection,
        options,
        weighed: None,
    };
    thread
        .spawn(move || {
            // Whatever ends this thread, nobody shall wait for it.
            let queue = AbandonOnDrop(queue);
            writer.run(&queue.0);
        })
        .map_err(HistoryError::failed)
}

struct AbandonOnDrop(Arc<Queue>);

impl Drop for AbandonOnDrop {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

struct Writer {
    connection: Connection,
    options: SqliteOptions,
    /// What all rows weigh, in a version of the database.
    weighed: Option<(i64, u64)>,
}

impl Writer {
    fn run(mut self, queue: &Queue) {
        // What was kept may be more than is wanted now.
        if let Err(error) = self.write(&[], queue) {
            tracing::warn!(%error, "the event history cannot be tidied up");
        }
        let mut missing = 0;
        while let Some(batch) = queue.take() {
            if !batch.events.is_empty() {
                missing += self.write(&batch.events, queue).unwrap_or_else(|error| {
                    queue.count_dropped(batch.events.len(), &error);
                    batch.events.len()
                });
            }
            if queue.finish(batch, missing == 0) {
                missing = 0;
            }
        }
    }

    /// Writes all events that can be written, and says how many cannot; or none, if the database does not work.
    fn write(&mut self, events: &[StoredEvent], queue: &Queue) -> rusqlite::Result<usize> {
        let oldest = self.options.max_age.map(|age| {
            let time = SystemTime::now().checked_sub(age);
            time.map_or(i64::MIN, micros)
        });
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let max_bytes = self.options.max_bytes as u64;
        // Another one, if somebody else has written to the file meanwhile.
        let version = transaction.pragma_query_value(None, "data_version", |row| row.get(0))?;
        let mut bytes = match self.weighed {
            Some((weighed, bytes)) if weighed == version => bytes,
            _ => weigh(&transaction)?,
        };
        let mut missing = 0;
        for event in events {
            let mut insert = transaction.prepare_cached(record::INSERT)?;
            match record::insert(&mut insert, event, max_bytes) {
                Ok(added) => bytes += added,
                Err(error) => {
                    let error = not_of_the_database(error)?;
                    queue.count_dropped(1, &error);
                    missing += 1;
                }
            }
        }
        if let Some(oldest) = oldest {
            let freed = delete(&transaction, "time < ?", [oldest])?;
            bytes = bytes.saturating_sub(freed);
        }
        let max_events = i64::try_from(self.options.max_events).unwrap_or(i64::MAX);
        // Numbers have no holes, unless age has made some: then it is a few less.
        let surplus = "number <= (SELECT max(number) FROM event) - ?";
        let freed = delete(&transaction, surplus, [max_events])?;
        bytes = bytes.saturating_sub(freed);
        while bytes > max_bytes {
            let freed = delete(&transaction, "number = (SELECT min(number) FROM event)", [])?;
            if freed == 0 {
                break;
            }
            bytes = bytes.saturating_sub(freed);
        }
        transaction.commit()?;
        self.weighed = Some((version, bytes));
        Ok(missing)
    }
}

/// What all rows weigh. SQLite knows how long a value is without reading it.
fn weigh(transaction: &Transaction<'_>) -> rusqlite::Result<u64> {
    let sum = format!("SELECT coalesce(sum({}), 0) FROM event", record::BYTES);
    let sum = transaction.query_row(&sum, [], |row| row.get::<_, i64>(0))?;
    Ok(sum.cast_unsigned())
}

/// Deletes events, and says what they weighed.
fn delete(
    transaction: &Transaction<'_>,
    condition: &str,
    values: impl Params,
) -> rusqlite::Result<u64> {
    let bytes = record::BYTES;
    let delete = format!("DELETE FROM event WHERE {condition} RETURNING {bytes}");
    let mut delete = transaction.prepare_cached(&delete)?;
    let freed = delete.query_map(values, |row| row.get::<_, i64>(0))?;
    let freed = freed.sum::<rusqlite::Result<i64>>()?;
    Ok(freed.cast_unsigned())
}

/// An event that cannot be written does not take others with it; a database that does not work does.
fn not_of_the_database(error: Failure) -> rusqlite::Result<Failure> {
    match error.downcast::<rusqlite::Error>() {
        Ok(error) => Err(*error),
        Err(error) => Ok(error),
    }
}

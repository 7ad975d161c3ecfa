//! The thread that writes.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use rusqlite::{Connection, TransactionBehavior};

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
        let mut missing = 0;
        for event in events {
            let mut insert = transaction.prepare_cached(record::INSERT)?;
            if let Err(error) = record::insert(&mut insert, event) {
                let error = not_of_the_database(error)?;
                queue.count_dropped(1, &error);
                missing += 1;
            }
        }
        if let Some(oldest) = oldest {
            let mut delete = transaction.prepare_cached("DELETE FROM event WHERE time < ?")?;
            delete.execute([oldest])?;
        }
        let max_events = i64::try_from(self.options.max_events).unwrap_or(i64::MAX);
        // Numbers have no holes, unless age has made some: then it is a few less.
        let surplus = "DELETE FROM event WHERE number <= (SELECT max(number) FROM event) - ?";
        transaction.prepare_cached(surplus)?.execute([max_events])?;
        transaction.commit()?;
        Ok(missing)
    }
}

/// An event that cannot be written does not take others with it; a database that does not work does.
fn not_of_the_database(error: Failure) -> rusqlite::Result<Failure> {
    match error.downcast::<rusqlite::Error>() {
        Ok(error) => Err(*error),
        Err(error) => Ok(error),
    }
}

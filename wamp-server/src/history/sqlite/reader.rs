//! Queries.

use std::error::Error as StdError;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, params_from_iter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wamp_proto::id::Id;

use super::plan::{Plan, Statement};
use super::{record, schema};
use crate::app::rarely::Rarely;
use crate::history::event::admits;
use crate::history::query::micros;
use crate::history::{EventQuery, HistoryError, StoredEvent};

/// How many queries run at once: each takes a thread. Others wait for their turn.
const MAX_QUERIES: usize = 4;

/// Connections that only read, and never wait for the writer.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    max_age: Option<Duration>,
    turns: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
    complaint: Rarely,
}

impl Readers {
    pub(super) fn new(path: PathBuf, max_age: Option<Duration>) -> Self {
        Self {
            path,
            max_age,
            turns: Arc::new(Semaphore::new(MAX_QUERIES)),
            idle: Mutex::default(),
            complaint: Rarely::every(Duration::from_secs(60)),
        }
    }

    /// Waits until there are few enough queries.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, HistoryError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        turn.map_err(HistoryError::failed)
    }

    /// Finds events. It takes a while.
    pub(super) fn query(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, HistoryError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = idle().pop();
        let connection = match connection {
            Some(connection) => connection,
            None => schema::open_to_read(&self.path).map_err(HistoryError::failed)?,
        };
        let found = self.find(&connection, query);
        // There are never more of them than turns.
        idle().push(connection);
        found
    }

    fn find(
        &self,
        connection: &Connection,
        query: &EventQuery,
    ) -> Result<Vec<StoredEvent>, HistoryError> {
        // One state of the database for all that follows.
        let snapshot = connection
            .unchecked_transaction()
            .map_err(HistoryError::failed)?;
        let places = query
            .places(|publication| place(&snapshot, publication).map_err(HistoryError::failed))?;
        let plan = Plan::new(query, &places);
        let found = plan
            .lead(&snapshot)
            .and_then(|lead| self.select(&snapshot, query, plan.statement(lead)));
        found.map_err(HistoryError::failed)
    }

    fn select(
        &self,
        connection: &Connection,
        query: &EventQuery,
        (sql, values): Statement,
    ) -> rusqlite::Result<Vec<StoredEvent>> {
        let oldest = self
            .max_age
            .and_then(|age| SystemTime::now().checked_sub(age));
        let oldest = oldest.map_or(i64::MIN, micros);
        let mut room = query.room();
        let mut found = Vec::new();
        let mut heads = connection.prepare_cached(&sql)?;
        let mut event = connection.prepare_cached(record::SELECT)?;
        let mut heads = heads.query(params_from_iter(values))?;
        while !room.is_full()
            && let Some(head) = heads.next()?
        {
            let is_wanted = head.get::<_, i64>("time")? >= oldest
                && query.matches(head.get_ref("topic")?.as_str()?)
                && self.admits(head.get_ref("receivers")?, query);
            if !is_wanted {
                continue;
            }
            let number = head.get::<_, i64>("number")?;
            match event.query_row([number], |row| Ok(record::read(row)))? {
                Ok(event) if room.take(event.size()) => found.push(event),
                Ok(_) => {}
                Err(error) => self.complain(&*error),
            }
        }
        Ok(found)
    }

    /// Whether the receivers of a row admit who asks. Those that make no sense admit nobody.
    fn admits(&self, receivers: ValueRef<'_>, query: &EventQuery) -> bool {
        let ValueRef::Blob(receivers) = receivers else {
            return true;
        };
        match record::read_receivers(receivers) {
            Ok(receivers) => admits(&receivers, &query.authid, &query.authrole),
            Err(error) => {
                self.complain(&*error);
                false
            }
        }
    }

    fn complain(&self, error: &(dyn StdError + Send + Sync)) {
        if self.complaint.is_due() {
            tracing::warn!(%error, "an event of the history makes no sense and is left out");
        }
    }
}

/// Where a publication is in the order of the store.
fn place(connection: &Connection, publication: Id) -> rusqlite::Result<Option<u64>> {
    let mut statement =
        connection.prepare_cached("SELECT max(number) FROM event WHERE publication = ?")?;
    let number = statement.query_row([publication.get().cast_signed()], |row| {
        row.get::<_, Option<i64>>(0)
    })?;
    Ok(number.map(i64::cast_unsigned))
}

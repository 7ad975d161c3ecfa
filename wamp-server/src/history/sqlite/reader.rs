//! Queries.

use std::error::Error as StdError;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wamp_proto::id::Id;
use wamp_uri::Match;

use super::{record, schema};
use crate::app::rarely::Rarely;
use crate::history::event::admits;
use crate::history::query::micros;
use crate::history::{EventQuery, HistoryError, StoredEvent};
use crate::router::patterns::fixed_head;

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
        let (sql, values) = statement(query, &places);
        self.select(&snapshot, query, &sql, values)
            .map_err(HistoryError::failed)
    }

    fn select(
        &self,
        connection: &Connection,
        query: &EventQuery,
        sql: &str,
        values: Vec<Value>,
    ) -> rusqlite::Result<Vec<StoredEvent>> {
        let oldest = self
            .max_age
            .and_then(|age| SystemTime::now().checked_sub(age));
        let oldest = oldest.map_or(i64::MIN, micros);
        let mut room = query.room();
        let mut found = Vec::new();
        let mut heads = connection.prepare_cached(sql)?;
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

/// The numbers of events, and what it takes to decide on them. Only bounds that are there are in it, so that an index serves for each.
pub(super) fn statement(query: &EventQuery, places: &Range<u64>) -> (String, Vec<Value>) {
    let mut sql = "SELECT number, topic, time, receivers FROM event WHERE true".to_owned();
    let mut values = Vec::new();
    let mut and = |condition: &str, value: Value| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.push(value);
    };
    let place = |place: u64| Value::Integer(i64::try_from(place).unwrap_or(i64::MAX));
    if places.start > 0 {
        and("number >= ?", place(places.start));
    }
    if places.end < u64::MAX {
        and("number < ?", place(places.end));
    }
    if query.has_times() {
        let times = query.micros();
        and("time >= ?", Value::Integer(*times.start()));
        and("time <= ?", Value::Integer(*times.end()));
    }
    let one_topic = (query.matching == Match::Exact).then_some(&query.pattern);
    if let Some(topic) = query.topic.as_ref().or(one_topic) {
        and("topic = ?", Value::Text(topic.to_string()));
    } else {
        let head = fixed_head(&query.pattern, query.matching);
        if !head.is_empty() {
            and("topic >= ?", Value::Text(head.to_owned()));
            if let Some(end) = after_all_that_begin_with(head) {
                and("topic < ?", Value::Text(end));
            }
        }
    }
    sql.push_str(if query.reverse {
        " ORDER BY number DESC"
    } else {
        " ORDER BY number"
    });
    (sql, values)
}

/// The first text that is greater than all that begin with `head`.
fn after_all_that_begin_with(head: &str) -> Option<String> {
    let mut end = head.to_owned();
    loop {
        let last = end.pop()?;
        // What follows it in the order of characters, which is that of their bytes; there is none after the last one.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
}

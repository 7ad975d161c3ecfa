//! What only this store does. What all stores do is in `history::suite`. `lengths`: how long its events are.

mod lengths;

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use rusqlite::Connection;
use tempfile::TempDir;
use wamp_proto::codec::{Format, Place, Read, Serializer, Write};
use wamp_proto::payload::Payload;

use super::*;
use crate::history::suite::{event, everything, id};

/// A folder and the file in it.
fn file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.db");
    (folder, path)
}

async fn publications(store: &SqliteStore) -> Vec<u64> {
    let found = store.query(everything()).await.unwrap();
    found.iter().map(|it| it.publication.get()).collect()
}

#[tokio::test]
async fn a_history_outlives_its_store() {
    let (_folder, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    (1..=3).for_each(|number| store.append(event(number, "a.b")));
    let before = store.query(everything()).await.unwrap();
    // Dropping writes what is left.
    store.append(event(4, "a.b"));
    drop(store);

    let store = SqliteStore::open(&path).unwrap();
    let after = store.query(everything()).await.unwrap();
    assert_eq!(after[..3], before);
    assert_eq!(after[3], event(4, "a.b"));
    store.append(event(5, "a.b"));
    assert_eq!(publications(&store).await, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_crash_loses_the_last_events_at_most() {
    let (_folder, path) = file();
    let log = path.with_extension("db-wal");
    let store = SqliteStore::open(&path).unwrap();
    for number in 1..=20 {
        store.append(event(number, "a.b"));
        store.flush().await.unwrap();
    }
    let committed = fs::metadata(&log).unwrap().len();
    // Another writer dies in the middle of a long transaction, of which a part is in the file already.
    let mut dying = Connection::open(&path).unwrap();
    dying.pragma_update(None, "cache_size", 4).unwrap();
    let transaction = dying.transaction().unwrap();
    for number in 21..=200 {
        let mut insert = transaction.prepare_cached(record::INSERT).unwrap();
        record::insert(&mut insert, &event(number, "a.b"), u64::MAX).unwrap();
    }
    let torn = fs::read(&log).unwrap();
    assert!(torn.len() as u64 > committed);

    let mut seen = Vec::new();
    for end in (0..=20).map(|it| torn.len() * it / 20) {
        let (_folder, copy) = file();
        fs::copy(&path, &copy).unwrap();
        fs::write(copy.with_extension("db-wal"), &torn[..end]).unwrap();
        let store = SqliteStore::open(&copy).unwrap();
        let found = publications(&store).await;
        assert_eq!(found, (1..=found.len() as u64).collect::<Vec<_>>());
        store.append(event(1000, "a.b"));
        store.flush().await.unwrap();
        assert_eq!(publications(&store).await.last(), Some(&1000));
        drop(store);
        let check = Connection::open(&copy).unwrap();
        let state =
            check.pragma_query_value(None, "integrity_check", |row| row.get::<_, String>(0));
        assert_eq!(state.unwrap(), "ok");
        seen.push(found.len());
    }
    // The more of the file there is, the more events; all that were committed, and no other.
    assert!(seen.is_sorted());
    assert_eq!((seen[0], seen[20]), (0, 20));
}

#[tokio::test]
async fn what_is_too_old_or_too_much_is_forgotten() {
    let (_folder, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    store.append(event(1, "a"));
    for number in 2..=5 {
        let timestamp = SystemTime::now();
        store.append(StoredEvent {
            timestamp,
            ..event(number, "a")
        });
    }
    drop(store);

    let max_age = Some(Duration::from_secs(3600));
    let options = SqliteOptions {
        max_age,
        max_events: 100,
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open_with(&path, options.clone()).unwrap();
    assert_eq!(publications(&store).await, [2, 3, 4, 5]);
    // What has become too old since the last event was written is not shown, either.
    let older = Readers::new(path.clone(), Some(Duration::ZERO));
    assert_eq!(older.query(&everything()).unwrap(), []);
    drop(store);

    let store = SqliteStore::open_with(
        &path,
        SqliteOptions {
            max_events: 2,
            ..options
        },
    )
    .unwrap();
    assert_eq!(publications(&store).await, [4, 5]);
    let timestamp = SystemTime::now();
    store.append(StoredEvent {
        timestamp,
        ..event(6, "a")
    });
    assert_eq!(publications(&store).await, [5, 6]);
}

#[test]
fn files_of_others_are_left_alone() {
    let (_folder, path) = file();
    fs::write(&path, "something else".repeat(1000)).unwrap();
    SqliteStore::open(&path).unwrap_err();
    assert_eq!(
        fs::read(&path).unwrap(),
        "something else".repeat(1000).as_bytes()
    );

    let (_folder, path) = file();
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE other (id INTEGER)")
        .unwrap();
    let before = fs::read(&path).unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    let HistoryError::Failed(cause) = error else {
        panic!("{error:?}");
    };
    assert!(
        cause.to_string().contains("not an event history"),
        "{cause}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);

    let (folder, _) = file();
    SqliteStore::open(folder.path()).unwrap_err();
    SqliteStore::open("").unwrap_err();
}

#[tokio::test]
async fn an_event_that_makes_no_sense_hides_no_other() {
    let (_folder, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    (1..=4).for_each(|number| store.append(event(number, "a")));
    store.flush().await.unwrap();
    let vandal = Connection::open(&path).unwrap();
    vandal
        .execute_batch(
            "UPDATE event SET details = x'00' WHERE publication = 1;
             UPDATE event SET receivers = x'00' WHERE publication = 2;
             UPDATE event SET format = 'ubjson' WHERE publication = 3;",
        )
        .unwrap();
    assert_eq!(publications(&store).await, [4]);
}

#[tokio::test]
async fn what_cannot_be_written_is_counted() {
    let (_folder, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    store.append(event(1, "a"));
    store.flush().await.unwrap();
    let vandal = Connection::open(&path).unwrap();
    vandal
        .execute_batch(
            "CREATE TRIGGER no BEFORE INSERT ON event BEGIN SELECT raise(abort, 'no'); END",
        )
        .unwrap();
    store.append(event(2, "a"));
    store.flush().await.unwrap_err();
    assert_eq!(store.dropped(), 1);
    vandal.execute_batch("DROP TRIGGER no").unwrap();
    store.append(event(3, "a"));
    store.flush().await.unwrap();
    assert_eq!(publications(&store).await, [1, 3]);
}

#[test]
fn what_comes_too_fast_is_dropped() {
    let size = event(1, "a").size();
    let queue = Queue::new(3, size * 4);
    (1..=5).for_each(|number| queue.push(event(number, "a")));
    assert_eq!(queue.dropped(), 2);
    // What is being written takes room, too.
    let batch = queue.take().unwrap();
    queue.push(event(6, "a"));
    assert_eq!((batch.events.len(), queue.dropped()), (3, 3));
    queue.finish(batch, true);

    let mut long = event(7, "a");
    long.payload = Payload::new(Format::Json, Some(vec![b' '; size * 4].into()), None);
    queue.push(long);
    assert_eq!(queue.dropped(), 4);
    queue.push(event(8, "a"));
    queue.close();
    queue.push(event(9, "a"));
    assert_eq!(queue.dropped(), 5);
    let batch = queue.take().unwrap();
    assert_eq!(batch.events, [event(8, "a")]);
    queue.finish(batch, true);
    assert!(queue.take().is_none());
}

#[tokio::test]
async fn nobody_waits_for_a_writer_that_is_gone() {
    let queue = Queue::new(10, usize::MAX);
    queue.push(event(1, "a"));
    let (flushed, waited) = (queue.flush(), queue.wait());
    queue.abandon();
    flushed.await.unwrap_err();
    waited.await.unwrap_err();
    queue.flush().await.unwrap_err();
    assert_eq!(queue.dropped(), 1);
}

/// JSON under another name.
#[derive(Debug)]
struct Own;

impl Serializer for Own {
    fn name(&self) -> &'static str {
        "own"
    }

    fn is_binary(&self) -> bool {
        false
    }

    fn reader<'de>(&self, input: &'de [u8]) -> Box<dyn Read<'de> + 'de> {
        Box::new(Format::Json.reader(input))
    }

    fn writer<'w>(&self, out: &'w mut bytes::BytesMut, place: Place) -> Box<dyn Write + 'w> {
        Box::new(Format::Json.writer_at(out, place))
    }
}

#[tokio::test]
async fn custom_formats_become_cbor() {
    let (_folder, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    let mut event = event(1, "a");
    event.payload = Payload::new(Format::Custom(&Own), Some("[1,\"two\"]".into()), None);
    store.append(event);
    let found = store.query(everything()).await.unwrap();
    let expected = Payload::from_value(Format::Cbor, &(1, "two")).unwrap();
    assert_eq!(found[0].payload, expected);
}

#[tokio::test]
async fn more_queries_than_turns_are_all_answered() {
    let (_folder, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    store.append(event(1, "a"));
    let given_up = store.query(everything());
    drop(given_up);
    let queries = (0..50).map(|_| store.query(everything()));
    for found in futures_util::future::join_all(queries).await {
        assert_eq!(found.unwrap()[0].publication, id(1));
    }
}

#[tokio::test]
async fn a_query_that_outlives_its_store_ends() {
    let (_folder, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    store.append(event(1, "a"));
    let query = store.query(everything());
    drop(store);
    assert_eq!(query.await.unwrap().len(), 1);
}

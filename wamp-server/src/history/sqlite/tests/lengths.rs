//! How long all events together may be.

use std::path::Path;

use super::*;
use crate::history::suite::full_event;

/// An event with a payload of about 1000 bytes.
fn long_event(number: u64) -> StoredEvent {
    let payload = Payload::from_value(Format::Json, &"x".repeat(1000)).unwrap();
    StoredEvent {
        payload,
        ..event(number, "a")
    }
}

/// What the rows weigh.
fn weight(path: &Path) -> u64 {
    let connection = Connection::open(path).unwrap();
    let sum = format!("SELECT coalesce(sum({}), 0) FROM event", record::BYTES);
    let sum = connection.query_row(&sum, [], |row| row.get::<_, i64>(0));
    sum.unwrap().cast_unsigned()
}

#[tokio::test]
async fn bytes_are_bounded() {
    let (_folder, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    (1..=9).for_each(|number| store.append(long_event(number)));
    store.flush().await.unwrap();
    let one = usize::try_from(weight(&path) / 9).unwrap();
    assert!((1000..1200).contains(&one), "{one}");
    drop(store);

    // What is there already counts.
    let options = |max_bytes| SqliteOptions {
        max_bytes,
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open_with(&path, options(5 * one + one / 2)).unwrap();
    assert_eq!(publications(&store).await, [5, 6, 7, 8, 9]);
    for number in 10..=12 {
        store.append(long_event(number));
        store.flush().await.unwrap();
    }
    assert_eq!(publications(&store).await, [8, 9, 10, 11, 12]);
    // Short ones take less room.
    (13..=20).for_each(|number| store.append(event(number, "a")));
    assert_eq!(publications(&store).await, (8..=20).collect::<Vec<_>>());
    store.append(long_event(21));
    assert_eq!(publications(&store).await, (9..=21).collect::<Vec<_>>());
    assert_eq!(store.dropped(), 0);
    // One that is too long takes no room from others.
    let mut too_long = event(22, "a");
    too_long.payload = Payload::from_value(Format::Json, &"x".repeat(6 * one)).unwrap();
    store.append(too_long);
    store.flush().await.unwrap_err();
    assert_eq!(store.dropped(), 1);
    assert_eq!(publications(&store).await, (9..=21).collect::<Vec<_>>());
}

/// The writer counts what it adds and deletes, for whatever reason it deletes it.
#[tokio::test]
async fn bytes_of_forgotten_events_count_no_more() {
    let (_folder, path) = file();
    let store = SqliteStore::open(&path).unwrap();
    store.append(StoredEvent {
        publication: id(10),
        ..full_event(Format::Json)
    });
    store.flush().await.unwrap();
    let full = usize::try_from(weight(&path)).unwrap();
    drop(store);

    let options = SqliteOptions {
        max_events: 3,
        max_bytes: 4 * full,
        max_age: Some(Duration::from_secs(3600)),
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open_with(&path, options).unwrap();
    // Some are too old as they come, others too many; none is too much.
    for number in 11..=40 {
        let timestamp = match number % 2 {
            0 => SystemTime::now(),
            _ => SystemTime::UNIX_EPOCH,
        };
        store.append(StoredEvent {
            publication: id(number),
            timestamp,
            ..full_event(Format::Json)
        });
        store.flush().await.unwrap();
    }
    let query = EventQuery {
        authid: "ann".into(),
        authrole: "user".into(),
        ..everything()
    };
    let found = store.query(query).await.unwrap();
    assert_eq!(
        found
            .iter()
            .map(|it| it.publication.get())
            .collect::<Vec<_>>(),
        [38, 40]
    );
    assert_eq!(weight(&path), 2 * full as u64);
}

/// What is not there any more takes no room.
#[tokio::test]
async fn what_others_delete_is_noticed() {
    let (_folder, path) = file();
    let options = SqliteOptions {
        max_bytes: 2500,
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open_with(&path, options).unwrap();
    (1..=2).for_each(|number| store.append(long_event(number)));
    store.flush().await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("DELETE FROM event").unwrap();
    (3..=4).for_each(|number| store.append(long_event(number)));
    assert_eq!(publications(&store).await, [3, 4]);
    store.append(long_event(5));
    assert_eq!(publications(&store).await, [4, 5]);
}

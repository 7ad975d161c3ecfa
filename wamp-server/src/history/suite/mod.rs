//! What all stores do alike: each test runs over each of them. `model`: the rules of queries.

mod model;

use std::time::{Duration, SystemTime};

use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::Raw;
use wamp_proto::message::details::{EventDetails, Passthru, Publisher, Receivers};
use wamp_proto::payload::Payload;

use super::*;

/// A store, and the folder that it may need.
struct Subject {
    name: &'static str,
    store: Box<dyn EventStore>,
    #[cfg(feature = "sqlite")]
    _folder: tempfile::TempDir,
}

/// One of each kind.
fn subjects(max_events: usize) -> Vec<Subject> {
    let memory = || {
        let options = MemoryOptions {
            max_events,
            ..MemoryOptions::default()
        };
        Box::new(MemoryStore::new(options))
    };
    #[cfg(not(feature = "sqlite"))]
    return vec![Subject {
        name: "memory",
        store: memory(),
    }];
    #[cfg(feature = "sqlite")]
    {
        let folder = || tempfile::tempdir().unwrap();
        let in_memory = Subject {
            name: "memory",
            store: memory(),
            _folder: folder(),
        };
        let folder = folder();
        let options = SqliteOptions {
            max_events,
            ..SqliteOptions::default()
        };
        let store = SqliteStore::open_with(folder.path().join("history.db"), options).unwrap();
        vec![
            in_memory,
            Subject {
                name: "sqlite",
                store: Box::new(store),
                _folder: folder,
            },
        ]
    }
}

pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(future)
}

pub(super) fn id(id: u64) -> Id {
    Id::new(id).unwrap()
}

pub(super) fn at(micros: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(micros)
}

/// For everybody, with its number as argument.
pub(super) fn event(number: u64, topic: &str) -> StoredEvent {
    StoredEvent {
        publication: id(number),
        topic: topic.into(),
        timestamp: at(1000 * number),
        payload: Payload::from_value(Format::Json, &number).unwrap(),
        details: EventDetails::default(),
        receivers: Receivers::default(),
    }
}

pub(super) fn everything() -> EventQuery {
    EventQuery::new("", Match::Prefix)
}

pub(super) fn publications(found: &[StoredEvent]) -> Vec<u64> {
    found.iter().map(|it| it.publication.get()).collect()
}

/// What each store answers; they must agree.
fn found(subjects: &[Subject], query: &EventQuery) -> Result<Vec<u64>, &'static str> {
    let mut answers = subjects.iter().map(|subject| {
        let answer = match run(subject.store.query(query.clone())) {
            Ok(events) => Ok(publications(&events)),
            Err(HistoryError::UnknownPublication { argument }) => Err(argument),
            Err(error) => panic!("{}: {error:?}", subject.name),
        };
        (subject.name, answer)
    });
    let (first_name, first) = answers.next().unwrap();
    for (name, answer) in answers {
        assert_eq!(
            first, answer,
            "{first_name} and {name} do not agree on {query:?}"
        );
    }
    first
}

/// An event that says everything that an event can say.
pub(super) fn full_event(format: Format) -> StoredEvent {
    let mut event = event(1, "a.b");
    event.timestamp = at(1_700_000_000_123_456);
    let payload = Payload::from_value(format, &(1, "two", 3.0)).unwrap();
    let kwargs = Raw::new(format, &std::collections::BTreeMap::from([("k", 1)])).unwrap();
    event.payload = Payload::new(
        format,
        payload.args_raw().cloned(),
        Some(kwargs.bytes().clone()),
    );
    event.details = EventDetails {
        topic: Some("a.b".into()),
        trustlevel: Some(3),
        publisher: Some(Box::new(Publisher {
            session: Some(Id::MAX),
            authid: Some("ann".into()),
            authrole: Some("user".into()),
        })),
        ppt: Some(Box::new(Passthru {
            scheme: Some("x_own".into()),
            serializer: Some("cbor".into()),
            ..Passthru::default()
        })),
        ..EventDetails::default()
    };
    let tracing = Raw::new(format, &["4711"]).unwrap();
    event.details.unknown.push("_tracing".into(), tracing);
    event.receivers = Receivers {
        exclude_authid: Some(vec!["bob".into(), "eve".into()]),
        exclude_authrole: Some(Vec::new()),
        eligible_authid: Some(vec!["ann".into(), "".into()]),
        eligible_authrole: Some(vec!["user".into()]),
        ..Receivers::default()
    };
    event
}

#[test]
fn what_comes_out_is_what_went_in() {
    for format in [Format::Json, Format::MsgPack, Format::Cbor] {
        for subject in subjects(10) {
            let event = full_event(format);
            subject.store.append(event.clone());
            let query = EventQuery {
                authid: "ann".into(),
                authrole: "user".into(),
                ..everything()
            };
            let found = run(subject.store.query(query)).unwrap();
            assert_eq!(found, [event], "{} {format}", subject.name);
        }
    }
}

#[test]
fn nothing_of_the_frame_is_kept_alive() {
    for subject in subjects(10) {
        let frame = bytes::Bytes::from(b"[1]".to_vec());
        let mut event = event(1, "a");
        event.payload = Payload::new(Format::Json, Some(frame.clone()), None);
        subject.store.append(event);
        assert!(frame.is_unique(), "{}", subject.name);
    }
}

#[test]
fn an_answer_is_short_but_never_empty() {
    let subjects = subjects(10);
    for number in 1..=5 {
        let mut event = event(number, "a");
        let long = "x".repeat(10_000);
        event.payload = Payload::from_value(Format::Json, &long).unwrap();
        subjects
            .iter()
            .for_each(|it| it.store.append(event.clone()));
    }
    let up_to = |max_bytes| EventQuery {
        max_bytes,
        ..everything()
    };
    assert_eq!(found(&subjects, &up_to(25_000)), Ok(vec![1, 2]));
    assert_eq!(found(&subjects, &up_to(0)), Ok(vec![1]));
    let reverse = EventQuery {
        reverse: true,
        ..up_to(25_000)
    };
    assert_eq!(found(&subjects, &reverse), Ok(vec![5, 4]));
}

#[test]
fn nobody_gets_more_than_a_thousand() {
    let subjects = subjects(2000);
    for number in 1..=1500 {
        subjects
            .iter()
            .for_each(|it| it.store.append(event(number, "a")));
    }
    let greedy = EventQuery {
        limit: usize::MAX,
        max_bytes: usize::MAX,
        ..everything()
    };
    assert_eq!(found(&subjects, &greedy), Ok((1..=1000).collect()));
    let reverse = EventQuery {
        reverse: true,
        ..greedy
    };
    assert_eq!(found(&subjects, &reverse), Ok((501..=1500).rev().collect()));
}

#[test]
fn pages_follow_each_other() {
    let subjects = subjects(300);
    for number in 1..=700 {
        subjects
            .iter()
            .for_each(|it| it.store.append(event(number, "a")));
    }
    let mut query = EventQuery {
        limit: 70,
        ..everything()
    };
    let mut all = Vec::new();
    loop {
        let page = found(&subjects, &query).unwrap();
        let Some(last) = page.last() else { break };
        query.after_publication = Some(id(*last));
        all.extend(page);
    }
    assert_eq!(all, (401..=700).collect::<Vec<_>>());
    query.after_publication = Some(id(400));
    assert_eq!(found(&subjects, &query), Err("after_publication"));
}

#[test]
fn a_store_in_an_arc_is_the_same_store() {
    for subject in subjects(10) {
        let shared: Arc<dyn EventStore> = subject.store.into();
        let store: Box<dyn EventStore> = Box::new(Arc::clone(&shared));
        store.append(event(1, "a"));
        run(store.flush()).unwrap();
        let found = run(store.query(everything())).unwrap();
        assert_eq!(publications(&found), [1], "{}", subject.name);
    }
}

#[test]
fn lists_of_sessions_are_for_nobody() {
    let subjects = subjects(10);
    let mut for_some = event(1, "a");
    for_some.receivers.exclude = Some(Vec::new());
    let mut for_others = event(2, "a");
    for_others.receivers.eligible = Some(vec![id(1)]);
    for event in [for_some, for_others, event(3, "a")] {
        subjects
            .iter()
            .for_each(|it| it.store.append(event.clone()));
    }
    assert_eq!(found(&subjects, &everything()), Ok(vec![3]));
}

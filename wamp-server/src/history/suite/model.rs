//! The rules of queries, against a list of all events.

use std::time::{Duration, SystemTime};

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use wamp_proto::id::Id;
use wamp_proto::message::details::Receivers;
use wamp_uri::Match;

use super::{at, event, found, id, subjects};
use crate::history::{EventQuery, StoredEvent};

const TOPICS: [&str; 8] = ["a", "a.b", "a.b.c", "a.c", "ab", "b.b", "\u{10ffff}.b", "ü"];
const PATTERNS: [&str; 14] = [
    "",
    "a",
    "a.",
    "a.b",
    ".b",
    "a..c",
    ".",
    "..",
    "b.",
    "ü",
    "\u{10ffff}",
    "\u{d7ff}",
    "ab.",
    "c",
];
const ROLES: [&str; 2] = ["user", "admin"];

fn lists() -> impl Strategy<Value = Receivers> {
    let text = |from: &'static [&'static str]| of(vec(proptest::sample::select(from), 0..2));
    let some = (
        text(&["ann", "bob"]),
        text(&ROLES),
        text(&["ann", "bob"]),
        text(&ROLES),
    );
    let texts = |list: Option<Vec<&str>>| list.map(|it| it.into_iter().map(Into::into).collect());
    let some = some.prop_map(move |it| Receivers {
        exclude_authid: texts(it.0),
        exclude_authrole: texts(it.1),
        eligible_authid: texts(it.2),
        eligible_authrole: texts(it.3),
        ..Receivers::default()
    });
    prop_oneof![3 => Just(Receivers::default()), 1 => some]
}

prop_compose! {
    /// An event whose publication may have been used before, and whose time may be before that of others.
    fn events()(
        publication in 1..60_u64,
        topic in proptest::sample::select(&TOPICS),
        time in 0..40_u64,
        nanos in 0..1000_u64,
        receivers in lists(),
    ) -> StoredEvent {
        let timestamp = at(time) + Duration::from_nanos(nanos);
        StoredEvent { timestamp, receivers, ..event(publication, topic) }
    }
}

prop_compose! {
    fn queries()(
        (pattern, matching) in (
            proptest::sample::select(&PATTERNS),
            proptest::sample::select(&[Match::Exact, Match::Prefix, Match::Prefix, Match::Wildcard]),
        ),
        (authid, authrole) in (proptest::sample::select(&["ann", "bob", "eve"]), proptest::sample::select(&ROLES)),
        topic in proptest::option::weighted(0.2, proptest::sample::select(&TOPICS)),
        (reverse, limit) in (any::<bool>(), prop_oneof![0..8_usize, Just(EventQuery::MAX_LIMIT)]),
        times in proptest::array::uniform4(proptest::option::weighted(0.2, 0..40_u64)),
        ids in proptest::array::uniform4(proptest::option::weighted(0.15, 1..60_u64)),
    ) -> EventQuery {
        let [from_time, after_time, before_time, until_time] = times.map(|it| it.map(at));
        let [from_publication, after_publication, before_publication, until_publication] = ids.map(|it| it.map(id));
        EventQuery {
            authid: authid.into(),
            authrole: authrole.into(),
            topic: topic.map(Into::into),
            reverse,
            limit,
            from_time,
            after_time,
            before_time,
            until_time,
            from_publication,
            after_publication,
            before_publication,
            until_publication,
            ..EventQuery::new(pattern, matching)
        }
    }
}

/// The rules, one by one.
fn model(events: &[StoredEvent], query: &EventQuery) -> Result<Vec<u64>, &'static str> {
    let place = |argument, publication: Option<Id>| match publication {
        Some(publication) => events
            .iter()
            .rposition(|it| it.publication == publication)
            .map(Some)
            .ok_or(argument),
        None => Ok(None),
    };
    let from = place("from_publication", query.from_publication)?;
    let after = place("after_publication", query.after_publication)?;
    let before = place("before_publication", query.before_publication)?;
    let until = place("until_publication", query.until_publication)?;
    let within = |list: &Option<Vec<bytestring::ByteString>>, text: &str| {
        list.as_ref().map(|it| it.iter().any(|it| *it == text))
    };
    let mut found = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let micros = event
            .timestamp
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_micros();
        let time = at(micros.try_into().unwrap());
        let receivers = &event.receivers;
        let is_wanted = from.is_none_or(|it| place >= it)
            && after.is_none_or(|it| place > it)
            && before.is_none_or(|it| place < it)
            && until.is_none_or(|it| place <= it)
            && query.from_time.is_none_or(|it| time >= it)
            && query.after_time.is_none_or(|it| time > it)
            && query.before_time.is_none_or(|it| time < it)
            && query.until_time.is_none_or(|it| time <= it)
            && wamp_uri::matches(&query.pattern, query.matching, &event.topic)
            && query.topic.as_ref().is_none_or(|it| *it == event.topic)
            && within(&receivers.eligible_authid, &query.authid) != Some(false)
            && within(&receivers.eligible_authrole, &query.authrole) != Some(false)
            && within(&receivers.exclude_authid, &query.authid) != Some(true)
            && within(&receivers.exclude_authrole, &query.authrole) != Some(true);
        if is_wanted {
            found.push(event.publication.get());
        }
    }
    if query.reverse {
        found.reverse();
    }
    found.truncate(query.limit);
    Ok(found)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_query_is_answered_by_the_rules(
        max_events in 1..40_usize,
        events in vec(events(), 0..60),
        queries in vec(queries(), 24),
    ) {
        let subjects = subjects(max_events);
        for event in &events {
            subjects.iter().for_each(|it| it.store.append(event.clone()));
        }
        let kept = &events[events.len().saturating_sub(max_events)..];
        for query in queries {
            prop_assert_eq!(found(&subjects, &query), model(kept, &query), "{:?}", query);
        }
    }
}

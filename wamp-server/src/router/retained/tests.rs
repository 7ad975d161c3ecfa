//! The rules of retention, against a list of all events.

use std::collections::BTreeSet;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use wamp_proto::codec::Format;
use wamp_proto::message::details::Receivers;

use super::*;

fn id(id: u64) -> Id {
    Id::new(id).unwrap()
}

/// Those that only one of the roles may see are restricted.
fn event(number: u64, topic: &str, role: Option<&str>, len: usize, at: Instant) -> RetainedEvent {
    let receivers = role.map(|role| {
        Box::new(Receivers {
            eligible_authrole: Some(vec![role.into()]),
            ..Receivers::default()
        })
    });
    let payload = Payload::new(Format::MsgPack, Some(vec![0; len].into()), None);
    let audience = Audience::new(receivers, None, true);
    let details = EventDetails::default();
    RetainedEvent::new(id(number), &topic.into(), &payload, &details, &audience, at)
}

fn sees<'a>(role: &'a str) -> impl Fn(&Audience) -> bool + 'a {
    move |audience| audience.admits(id(1), "ann", role)
}

fn ids(events: &[Arc<RetainedEvent>]) -> Vec<u64> {
    events.iter().map(|it| it.publication.get()).collect()
}

/// What is retained, the oldest first.
struct Model {
    bounds: Retention,
    events: Vec<RetainedEvent>,
}

impl Model {
    fn insert(&mut self, event: RetainedEvent) {
        let now = event.at;
        let topic = event.topic.clone();
        let general = event.audience.is_everybody();
        if general {
            self.events.retain(|it| it.topic != topic);
        }
        if event.weight > self.bounds.max_bytes {
            return;
        }
        self.events.push(event);
        let restricted = |it: &RetainedEvent| it.topic == topic && !it.audience.is_everybody();
        if self.events.iter().filter(|it| restricted(it)).count() > 8 {
            let oldest = self.events.iter().position(restricted).unwrap();
            self.events.remove(oldest);
        }
        while self.topics().len() > self.bounds.max_topics || self.bytes() > self.bounds.max_bytes {
            self.events.remove(0);
        }
        while self
            .events
            .first()
            .is_some_and(|it| !self.is_fresh(it, now))
        {
            self.events.remove(0);
        }
    }

    fn topics(&self) -> BTreeSet<&str> {
        self.events.iter().map(|it| &*it.topic).collect()
    }

    fn bytes(&self) -> usize {
        self.events.iter().map(|it| it.weight).sum()
    }

    fn is_fresh(&self, event: &RetainedEvent, now: Instant) -> bool {
        self.bounds
            .expiry
            .is_none_or(|expiry| now < event.at + expiry)
    }

    fn matching(&self, pattern: &str, matching: Match, role: &str, now: Instant) -> Vec<u64> {
        let mut newest = BTreeSet::new();
        for topic in self.topics() {
            let seen = self.events.iter().enumerate().filter(|(_, it)| {
                it.topic == topic
                    && wamp_uri::matches(pattern, matching, topic)
                    && self.is_fresh(it, now)
                    && sees(role)(&it.audience)
            });
            newest.extend(seen.map(|(at, _)| at).max());
        }
        newest
            .into_iter()
            .map(|at| self.events[at].publication.get())
            .collect()
    }
}

const TOPICS: [&str; 8] = ["a", "a.b", "a.b.c", "a.c", "ab", "b.b", "b.c", "ü.b"];
const PATTERNS: [&str; 12] = [
    "", "a", "a.", "a.b", ".b", "a..c", ".", "..", "b", "b.", "ü", "ab.",
];
const ROLES: [&str; 2] = ["user", "admin"];

proptest! {
    #[test]
    fn every_subscriber_gets_the_newest_that_it_may_see(
        max_topics in 0..6_usize,
        max_bytes in 300..12_000_usize,
        expiry in of(1..20_u64),
        events in vec((0..TOPICS.len(), of(0..ROLES.len()), 0..600_usize, 0..30_u64), 0..60),
        later in 0..30_u64,
    ) {
        let start = Instant::now();
        let bounds = Retention { max_topics, max_bytes, expiry: expiry.map(Duration::from_secs) };
        let mut retained = Retained::new(bounds.clone());
        let mut model = Model { bounds, events: Vec::new() };
        for (number, (topic, role, len, at)) in (1..).zip(events) {
            let at = start + Duration::from_secs(at);
            let make = || event(number, TOPICS[topic], role.map(|it| ROLES[it]), len, at);
            retained.insert(make());
            model.insert(make());
            prop_assert_eq!(retained.bytes, model.bytes());
            prop_assert_eq!(retained.topics.len(), model.topics().len());
            prop_assert_eq!(retained.ages.len(), model.events.len());
        }
        let now = start + Duration::from_secs(later);
        for role in ROLES {
            for pattern in PATTERNS.iter().chain(&TOPICS) {
                for matching in [Match::Exact, Match::Prefix, Match::Wildcard] {
                    let found = retained.matching(pattern, matching, sees(role), now);
                    prop_assert_eq!(ids(&found), model.matching(pattern, matching, role, now));
                }
                let newest = retained.newest(pattern, sees(role), now);
                let found = newest.map(|it| it.publication.get());
                prop_assert_eq!(found, model.matching(pattern, Match::Exact, role, now).pop());
            }
        }
    }
}

#[test]
fn a_restricted_event_does_not_hide_the_one_before_it_from_others() {
    let now = Instant::now();
    let mut retained = Retained::new(Retention::default());
    retained.insert(event(1, "a.b", None, 1, now));
    retained.insert(event(2, "a.b", Some("admin"), 1, now));
    let newest = |role| retained.newest("a.b", sees(role), now).unwrap().publication;
    assert_eq!(newest("user"), id(1));
    assert_eq!(newest("admin"), id(2));
}

#[test]
fn what_is_kept_says_that_it_is_retained_and_shares_nothing() {
    let frame = Bytes::from(b"\x92\x01\xa3two".to_vec());
    let payload = Payload::new(Format::MsgPack, Some(frame.clone()), None);
    let details = EventDetails {
        trustlevel: Some(3),
        dropped: Some(1),
        ..EventDetails::default()
    };
    let audience = Audience::new(None, Some(id(9)), true);
    let now = Instant::now();
    let mut retained = Retained::new(Retention::default());
    let event = RetainedEvent::new(id(7), &"a.b".into(), &payload, &details, &audience, now);
    retained.insert(event);
    drop(payload);
    assert!(frame.is_unique());

    let kept = retained.newest("a.b", sees("user"), now).unwrap();
    assert_eq!(kept.publication, id(7));
    assert_eq!(kept.payload.args_raw(), Some(&frame));
    assert!(kept.details.retained);
    assert_eq!(
        (kept.details.trustlevel, kept.details.dropped),
        (Some(3), None)
    );
    assert!(!kept.audience.admits(id(9), "ann", "user"));
}

#[test]
fn an_event_that_is_too_long_takes_the_older_ones_with_it() {
    let now = Instant::now();
    let bounds = Retention {
        max_bytes: 2000,
        ..Retention::default()
    };
    let mut retained = Retained::new(bounds);
    retained.insert(event(1, "a", None, 10, now));
    retained.insert(event(2, "b", None, 10, now));
    retained.insert(event(3, "a", None, 2000, now));
    assert_eq!(
        ids(&retained.matching("", Match::Prefix, sees("user"), now)),
        [2]
    );
}

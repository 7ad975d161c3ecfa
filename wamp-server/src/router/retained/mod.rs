//! The events that publishers want later subscribers to get, too. WAMP, "Event Retention".

use std::collections::{BTreeMap, VecDeque};
use std::mem::size_of;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::id::Id;
use wamp_proto::message::details::EventDetails;
use wamp_proto::payload::Payload;
use wamp_uri::Match;

use super::audience::Audience;
use super::detach::Detach as _;
use super::patterns::fixed_head;

/// How many events with lists of receivers are kept for one topic, beside the one for everybody.
const MAX_RESTRICTED: usize = 8;

/// How many events a realm retains, and for how long.
///
/// An event is retained if its publisher says so. It takes the place of all older ones of its topic; one that has lists of receivers only
/// stands beside them, so that each subscriber gets the newest one that it may see, of the last eight such events of its topic. At a bound the
/// oldest event of the realm is forgotten.
///
/// A subscriber gets as many bytes of them at once as fit into half of [`Limits::outbound_soft`](crate::Limits), the newest ones; the first
/// then tells how many were left out: `_dropped` in its details.
///
/// ```
/// use std::time::Duration;
/// use wamp_server::Retention;
///
/// let retention = Retention { expiry: Some(Duration::from_secs(3600)), ..Retention::default() };
/// assert_eq!(retention.max_topics, 10_000);
/// ```
///
/// The WAMP specification, "Event Retention".
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "made for struct update syntax with `..Retention::default()`"
)]
pub struct Retention {
    /// Topics that have retained events. Default 10,000; with 0 nothing is retained.
    pub max_topics: usize,
    /// Bytes of all retained events together. Default 64 MiB. An event that is longer by itself is not retained; if it is for everybody,
    /// nothing older is either.
    pub max_bytes: usize,
    /// How long an event is retained. Default: until a newer one takes its place.
    pub expiry: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            max_topics: 10_000,
            max_bytes: 64 * 1024 * 1024,
            expiry: None,
        }
    }
}

/// An event that is retained. It shares no memory with the frame that it came in.
#[derive(Debug)]
pub(crate) struct RetainedEvent {
    /// The same id as when it was published.
    pub(crate) publication: Id,
    pub(crate) topic: ByteString,
    pub(crate) payload: Payload,
    /// They say that the event is retained.
    pub(crate) details: EventDetails,
    pub(crate) audience: Audience,
    pub(crate) at: Instant,
    /// What it counts against the bound.
    weight: usize,
}

impl RetainedEvent {
    /// Copies all that there is to keep.
    pub(crate) fn new(
        publication: Id,
        topic: &ByteString,
        payload: &Payload,
        details: &EventDetails,
        audience: &Audience,
        at: Instant,
    ) -> Self {
        let details = EventDetails {
            retained: true,
            dropped: None,
            ..details.detached()
        };
        let mut event = Self {
            publication,
            topic: topic.detached(),
            payload: payload.detached(),
            details,
            audience: audience.detached(),
            at,
            weight: 0,
        };
        event.weight = size_of::<Self>()
            + event.topic.weight()
            + event.payload.weight()
            + event.details.weight()
            + event.audience.weight();
        event
    }
}

/// The retained events of one realm.
#[derive(Debug)]
pub(crate) struct Retained {
    bounds: Retention,
    /// In order, because a prefix is a range of them.
    topics: BTreeMap<ByteString, Topic>,
    /// The topic of each event, by its number: the oldest event comes first.
    ages: BTreeMap<u64, ByteString>,
    /// The number of the event that came last.
    last: u64,
    /// What all events weigh.
    bytes: usize,
}

/// The events of one topic.
#[derive(Debug, Default)]
struct Topic {
    /// The newest one for everybody.
    general: Option<Kept>,
    /// Newer ones for some, in order.
    restricted: VecDeque<Kept>,
}

/// Events are told apart, and are older or newer, by a number: two can have the same time.
#[derive(Clone, Debug)]
struct Kept {
    number: u64,
    event: Arc<RetainedEvent>,
}

impl Retained {
    pub(crate) fn new(bounds: Retention) -> Self {
        Self {
            bounds,
            topics: BTreeMap::new(),
            ages: BTreeMap::new(),
            last: 0,
            bytes: 0,
        }
    }

    /// Retains an event. The bounds hold afterwards, and what has expired by then is forgotten.
    pub(crate) fn insert(&mut self, event: RetainedEvent) {
        let now = event.at;
        let topic = event.topic.clone();
        let everybody = event.audience.is_everybody();
        if event.weight > self.bounds.max_bytes {
            // Better none than one that is no longer true.
            if everybody {
                self.forget_topic(&topic);
            }
            return;
        }
        if everybody {
            self.forget_topic(&topic);
        }
        self.last += 1;
        let kept = Kept {
            number: self.last,
            event: Arc::new(event),
        };
        self.bytes += kept.event.weight;
        self.ages.insert(kept.number, topic.clone());
        let events = self.topics.entry(topic).or_default();
        if everybody {
            events.general = Some(kept);
        } else {
            events.restricted.push_back(kept);
            if events.restricted.len() > MAX_RESTRICTED
                && let Some(oldest) = events.restricted.pop_front()
            {
                self.ages.remove(&oldest.number);
                self.bytes -= oldest.event.weight;
            }
        }
        while self.is_too_much() && self.forget_oldest() {}
        self.expire(now);
    }

    /// Forgets what has expired.
    pub(crate) fn expire(&mut self, now: Instant) {
        while self.oldest().is_some_and(|it| !self.is_fresh(it, now)) && self.forget_oldest() {}
    }

    /// The newest event of `topic` that one subscriber may see.
    pub(crate) fn newest(
        &self,
        topic: &str,
        admits: impl Fn(&Audience) -> bool,
        now: Instant,
    ) -> Option<Arc<RetainedEvent>> {
        let kept = self.newest_of(self.topics.get(topic)?, &admits, now)?;
        Some(Arc::clone(&kept.event))
    }

    /// The newest event that one subscriber may see of each topic that the pattern matches; the event that was published first comes first.
    pub(crate) fn matching(
        &self,
        pattern: &str,
        matching: Match,
        admits: impl Fn(&Audience) -> bool,
        now: Instant,
    ) -> Vec<Arc<RetainedEvent>> {
        if matching == Match::Exact {
            return self.newest(pattern, admits, now).into_iter().collect();
        }
        let head = fixed_head(pattern, matching);
        let range = (Bound::Included(head), Bound::Unbounded);
        let topics = self.topics.range::<str, _>(range);
        let mut found = topics
            .take_while(|(topic, _)| topic.starts_with(head))
            .filter(|(topic, _)| wamp_uri::matches(pattern, matching, topic))
            .filter_map(|(_, events)| self.newest_of(events, &admits, now))
            .collect::<Vec<_>>();
        found.sort_unstable_by_key(|kept| kept.number);
        found.iter().map(|kept| Arc::clone(&kept.event)).collect()
    }

    fn newest_of<'a>(
        &self,
        topic: &'a Topic,
        admits: &impl Fn(&Audience) -> bool,
        now: Instant,
    ) -> Option<&'a Kept> {
        topic
            .newest_first()
            .find(|kept| self.is_fresh(&kept.event, now) && admits(&kept.event.audience))
    }

    fn is_fresh(&self, event: &RetainedEvent, now: Instant) -> bool {
        let age = now.saturating_duration_since(event.at);
        self.bounds.expiry.is_none_or(|expiry| age < expiry)
    }

    fn is_too_much(&self) -> bool {
        self.topics.len() > self.bounds.max_topics || self.bytes > self.bounds.max_bytes
    }

    fn oldest(&self) -> Option<&RetainedEvent> {
        let (number, topic) = self.ages.first_key_value()?;
        let mut events = self.topics.get(topic)?.newest_first();
        let kept = events.find(|kept| kept.number == *number)?;
        Some(&kept.event)
    }

    /// False if there is none.
    fn forget_oldest(&mut self) -> bool {
        let Some((number, topic)) = self.ages.pop_first() else {
            return false;
        };
        if let Some(events) = self.topics.get_mut(&topic) {
            self.bytes -= events.remove(number).map_or(0, |kept| kept.event.weight);
            if events.is_empty() {
                self.topics.remove(&topic);
            }
        }
        true
    }

    fn forget_topic(&mut self, topic: &str) {
        let Some(events) = self.topics.remove(topic) else {
            return;
        };
        for kept in events.newest_first() {
            self.ages.remove(&kept.number);
            self.bytes -= kept.event.weight;
        }
    }
}

impl Topic {
    fn newest_first(&self) -> impl Iterator<Item = &Kept> {
        self.restricted.iter().rev().chain(&self.general)
    }

    fn remove(&mut self, number: u64) -> Option<Kept> {
        if let Some(general) = self.general.take_if(|kept| kept.number == number) {
            return Some(general);
        }
        let at = self.restricted.iter().position(|it| it.number == number)?;
        self.restricted.remove(at)
    }

    fn is_empty(&self) -> bool {
        self.general.is_none() && self.restricted.is_empty()
    }
}

#[cfg(test)]
mod tests;

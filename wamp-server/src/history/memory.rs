//! A history that lasts until the server ends.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wamp_proto::id::Id;

use super::query::micros;
use super::{EventQuery, EventStore, Found, HistoryError, StoredEvent};

/// How many events are looked at before others get their turn.
const SLICE: usize = 256;

/// How much a [`MemoryStore`] keeps.
///
/// ```
/// use wamp_server::history::{MemoryOptions, MemoryStore};
///
/// let store = MemoryStore::new(MemoryOptions { max_events: 500, ..MemoryOptions::default() });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "made for struct update syntax with `..MemoryOptions::default()`"
)]
pub struct MemoryOptions {
    /// Events; the oldest one makes room for a new one. Default 10,000.
    pub max_events: usize,
    /// Bytes of all events together. Default 64 MiB. An event that is longer by itself is not kept.
    pub max_bytes: usize,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self {
            max_events: 10_000,
            max_bytes: 64 * 1024 * 1024,
        }
    }
}

/// A history that lasts until the server ends: the newest events in a ring.
///
/// Asking for few of them, for a time or for what came after a publication looks at no others.
///
/// The WAMP specification, "Event History".
#[derive(Debug, Default)]
pub struct MemoryStore {
    ring: Arc<Mutex<Ring>>,
}

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new(options: MemoryOptions) -> Self {
        let ring = Ring {
            options,
            ..Ring::default()
        };
        Self {
            ring: Arc::new(Mutex::new(ring)),
        }
    }
}

impl EventStore for MemoryStore {
    fn append(&self, event: StoredEvent) {
        let kept = Kept::new(&event);
        lock(&self.ring).append(kept);
    }

    fn query(&self, query: EventQuery) -> Found {
        let ring = Arc::clone(&self.ring);
        Box::pin(async move {
            let mut left = lock(&ring).places(&query)?;
            let mut room = query.room();
            let mut found = Vec::new();
            while !left.is_empty() && !room.is_full() {
                let slice = next_slice(&mut left, query.reverse);
                let slice = lock(&ring).slice(slice, query.reverse);
                for kept in slice {
                    if query.selects(&kept.event) && room.take(kept.size) {
                        found.push(StoredEvent::clone(&kept.event));
                    }
                }
                tokio::task::yield_now().await;
            }
            Ok(found)
        })
    }
}

fn lock(ring: &Mutex<Ring>) -> MutexGuard<'_, Ring> {
    ring.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the next few places.
fn next_slice(left: &mut Range<u64>, reverse: bool) -> Range<u64> {
    let len = (left.end - left.start).min(SLICE as u64);
    if reverse {
        left.end -= len;
        left.end..left.end + len
    } else {
        left.start += len;
        left.start - len..left.start
    }
}

#[derive(Debug, Default)]
struct Ring {
    options: MemoryOptions,
    /// The oldest one comes first.
    events: VecDeque<Kept>,
    /// The place of the oldest one.
    first: u64,
    places: HashMap<Id, u64>,
    /// What all events weigh.
    bytes: usize,
}

/// Clocks are set, so timestamps are in no order; but the latest one up to an event, and the earliest one from it on, are. That is what
/// can be searched.
#[derive(Clone, Debug)]
struct Kept {
    event: Arc<StoredEvent>,
    size: usize,
    latest_until: i64,
    earliest_from: i64,
}

impl Kept {
    fn new(event: &StoredEvent) -> Self {
        let at = micros(event.timestamp);
        Self {
            event: Arc::new(event.detached()),
            size: event.size(),
            latest_until: at,
            earliest_from: at,
        }
    }
}

impl Ring {
    fn append(&mut self, mut kept: Kept) {
        if kept.size > self.options.max_bytes || self.options.max_events == 0 {
            return;
        }
        while self.events.len() >= self.options.max_events
            || self.bytes + kept.size > self.options.max_bytes
        {
            self.forget_oldest();
        }
        let at = kept.earliest_from;
        let earlier = self.events.iter_mut().rev();
        // All before the first that is early enough are early enough, too.
        earlier
            .take_while(|it| it.earliest_from > at)
            .for_each(|it| it.earliest_from = at);
        let latest = self.events.back().map(|it| it.latest_until);
        kept.latest_until = latest.unwrap_or(at).max(at);
        let place = self.first + self.events.len() as u64;
        self.places.insert(kept.event.publication, place);
        self.bytes += kept.size;
        self.events.push_back(kept);
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.events.pop_front() else {
            return;
        };
        self.bytes -= oldest.size;
        let publication = oldest.event.publication;
        if self.places.get(&publication) == Some(&self.first) {
            self.places.remove(&publication);
        }
        self.first += 1;
    }

    /// Where events may be that are asked for.
    fn places(&self, query: &EventQuery) -> Result<Range<u64>, HistoryError> {
        let asked = query.places(|publication| Ok(self.places.get(&publication).copied()))?;
        let times = query.micros();
        let events = &self.events;
        let start = events.partition_point(|it| it.latest_until < *times.start());
        let end = events.partition_point(|it| it.earliest_from <= *times.end());
        let start = self.first + start as u64;
        let end = self.first + end as u64;
        Ok(asked.start.max(start)..asked.end.min(end))
    }

    /// The events of these places that are still there, in the order that is asked for.
    fn slice(&self, places: Range<u64>, reverse: bool) -> Vec<Kept> {
        let index =
            |place: u64| usize::try_from(place.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let end = index(places.end).min(self.events.len());
        let start = index(places.start).min(end);
        let mut slice = self.events.range(start..end).cloned().collect::<Vec<_>>();
        if reverse {
            slice.reverse();
        }
        slice
    }
}

//! Which events are asked for.

use std::ops::{Range, RangeInclusive};
use std::time::{Duration, SystemTime};

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_uri::Match;

use super::{HistoryError, StoredEvent};

/// Which events are asked for, and by whom.
///
/// All of the bounds hold at once. Times are compared in microseconds. An event is before another one if it was appended to the store
/// before it: that is what bounds by publication go by, whatever the timestamps say, and also if somebody may not see the events in question.
///
/// ```
/// use wamp_server::history::{EventQuery, Match};
///
/// let query = EventQuery { reverse: true, limit: 10, ..EventQuery::new("sensors.", Match::Prefix) };
/// assert_eq!(query.max_bytes, 1024 * 1024);
/// ```
///
/// The WAMP specification, "Event History".
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "made for struct update syntax with `..EventQuery::new()`"
)]
pub struct EventQuery {
    /// The pattern of the subscription whose history is asked for.
    pub pattern: ByteString,
    /// How it is compared with the topics of events.
    pub matching: Match,
    /// Who asks. At first nobody.
    pub authid: ByteString,
    /// The role of who asks. At first none.
    pub authrole: ByteString,
    /// Only events of this topic.
    pub topic: Option<ByteString>,
    /// The newest event comes first, and the limit leaves out the oldest ones.
    pub reverse: bool,
    /// How many events there may be, at most [`MAX_LIMIT`](Self::MAX_LIMIT), which is also the default.
    pub limit: usize,
    /// How long all of them together may be, roughly. The first one is found even if it is longer. Default 1 MiB.
    pub max_bytes: usize,
    /// Only events of this time or later.
    pub from_time: Option<SystemTime>,
    /// Only events later than this.
    pub after_time: Option<SystemTime>,
    /// Only events earlier than this.
    pub before_time: Option<SystemTime>,
    /// Only events of this time or earlier.
    pub until_time: Option<SystemTime>,
    /// Only this event and those after it.
    pub from_publication: Option<Id>,
    /// Only events after this one.
    pub after_publication: Option<Id>,
    /// Only events before this one.
    pub before_publication: Option<Id>,
    /// Only this event and those before it.
    pub until_publication: Option<Id>,
}

impl EventQuery {
    /// How many events one query may give.
    pub const MAX_LIMIT: usize = 1000;

    /// All events that the pattern matches, and that are for everybody.
    #[must_use]
    pub fn new(pattern: impl Into<ByteString>, matching: Match) -> Self {
        Self {
            pattern: pattern.into(),
            matching,
            authid: ByteString::new(),
            authrole: ByteString::new(),
            topic: None,
            reverse: false,
            limit: Self::MAX_LIMIT,
            max_bytes: 1024 * 1024,
            from_time: None,
            after_time: None,
            before_time: None,
            until_time: None,
            from_publication: None,
            after_publication: None,
            before_publication: None,
            until_publication: None,
        }
    }

    /// Whether an event is asked for, and may be seen by who asks. Bounds by publication and limits are not looked at: they need to know
    /// other events, too.
    #[must_use]
    pub fn selects(&self, event: &StoredEvent) -> bool {
        self.matches(&event.topic)
            && self.micros().contains(&micros(event.timestamp))
            && event.is_for(&self.authid, &self.authrole)
    }

    /// Whether events of this topic are asked for.
    pub(super) fn matches(&self, topic: &str) -> bool {
        wamp_uri::matches(&self.pattern, self.matching, topic)
            && self.topic.as_ref().is_none_or(|wanted| *wanted == topic)
    }

    /// The bounds by time, in microseconds since 1970.
    pub(super) fn micros(&self) -> RangeInclusive<i64> {
        let from = self.from_time.map(micros);
        let after = self.after_time.map(|it| micros(it).saturating_add(1));
        let before = self.before_time.map(|it| micros(it).saturating_sub(1));
        let until = self.until_time.map(micros);
        let first = from.max(after).unwrap_or(i64::MIN);
        let last = [before, until].into_iter().flatten().min();
        first..=last.unwrap_or(i64::MAX)
    }

    /// Whether there are any bounds by time.
    #[cfg(feature = "sqlite")]
    pub(super) fn has_times(&self) -> bool {
        let times = [
            self.from_time,
            self.after_time,
            self.before_time,
            self.until_time,
        ];
        times.iter().any(Option::is_some)
    }

    /// The bounds by publication, as places in the order of the store; `place` looks one up.
    ///
    /// # Errors
    ///
    /// If there is no such publication.
    pub(super) fn places(
        &self,
        mut place: impl FnMut(Id) -> Result<Option<u64>, HistoryError>,
    ) -> Result<Range<u64>, HistoryError> {
        let mut find = |argument, publication: Option<Id>| match publication {
            Some(publication) => place(publication)?
                .map(Some)
                .ok_or(HistoryError::UnknownPublication { argument }),
            None => Ok(None),
        };
        let from = find("from_publication", self.from_publication)?;
        let after = find("after_publication", self.after_publication)?;
        let before = find("before_publication", self.before_publication)?;
        let until = find("until_publication", self.until_publication)?;
        let first = from.max(after.map(|it| it + 1)).unwrap_or(0);
        let ends = [before, until.map(|it| it + 1)];
        Ok(first..ends.into_iter().flatten().min().unwrap_or(u64::MAX))
    }

    /// How much an answer may hold.
    pub(super) fn room(&self) -> Room {
        Room {
            events: self.limit.min(Self::MAX_LIMIT),
            bytes: self.max_bytes,
            is_untouched: true,
        }
    }
}

/// What is left of the limits of an answer.
#[derive(Debug)]
pub(super) struct Room {
    events: usize,
    bytes: usize,
    is_untouched: bool,
}

impl Room {
    /// Whether nothing fits in any more, as far as one can tell.
    pub(super) fn is_full(&self) -> bool {
        self.events == 0
    }

    /// Whether one more event of this size fits in. If not, nothing will any more.
    pub(super) fn take(&mut self, size: usize) -> bool {
        if self.events == 0 || (size > self.bytes && !self.is_untouched) {
            self.events = 0;
            return false;
        }
        self.events -= 1;
        self.bytes = self.bytes.saturating_sub(size);
        self.is_untouched = false;
        true
    }
}

/// The whole microseconds since 1970.
pub(super) fn micros(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
        Err(error) => {
            let nanos = error.duration().as_nanos();
            i64::try_from(nanos.div_ceil(1000)).map_or(i64::MIN, |it| -it)
        }
    }
}

/// The opposite of [`micros`].
pub(super) fn from_micros(micros: i64) -> SystemTime {
    let distance = Duration::from_micros(micros.unsigned_abs());
    let time = if micros < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}

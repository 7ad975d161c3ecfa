//! Whether a peer is still there: what it sends, what it reads, and what it begins without ending.

use tokio::time::Instant;

use crate::Limits;
use crate::transport::Activity;

/// What has been seen of a peer, and when.
pub(super) struct Liveness {
    last: Activity,
    received_at: Instant,
    sent_at: Instant,
    /// Since when there has been something to write.
    writing_since: Option<Instant>,
    /// Since when a message has been incomplete.
    partial_since: Option<Instant>,
    asked_at: Option<Instant>,
    open: bool,
}

/// What to think of a peer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Alive,
    /// It has been silent for so long that it is asked for a sign of life.
    Ask,
    /// It was asked, and gave none.
    Lost,
    /// It has not read anything for too long.
    Stalled,
    /// It has not finished a message for too long.
    Dripping,
}

impl Liveness {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            last: Activity::default(),
            received_at: now,
            sent_at: now,
            writing_since: None,
            partial_since: None,
            asked_at: None,
            open: false,
        }
    }

    /// Before there is a session, deadlines of their own apply, so nobody is pinged.
    pub(super) fn opened(&mut self, now: Instant) {
        self.open = true;
        self.received_at = now;
    }

    /// The peer was not asked: its transport cannot lose it unnoticed.
    pub(super) fn trusted(&mut self, now: Instant) {
        self.asked_at = None;
        self.received_at = now;
    }

    /// Nothing is read from the peer now, so its silence says nothing, nor does a message that does not end.
    pub(super) fn excused(&mut self, now: Instant) {
        self.trusted(now);
        self.partial_since = None;
    }

    /// Takes note of what has happened, and that it was now.
    pub(super) fn observe(&mut self, now: Instant, seen: Activity, writing: bool) {
        if seen.received != self.last.received {
            self.received_at = now;
            self.asked_at = None;
        }
        if seen.sent != self.last.sent {
            self.sent_at = now;
        }
        if seen.messages != self.last.messages {
            // Another message is incomplete now, if any is.
            self.partial_since = None;
        }
        self.last = seen;
        self.partial_since = seen.partial.then(|| self.partial_since.unwrap_or(now));
        self.writing_since = writing.then(|| self.writing_since.unwrap_or(now));
    }

    /// What to think of what was observed.
    pub(super) fn check(&mut self, now: Instant, limits: &Limits) -> Verdict {
        let due = |since: Option<Instant>, timeout| since.is_some_and(|it| it + timeout <= now);
        if due(self.partial_since, limits.message_timeout) {
            Verdict::Dripping
        } else if due(self.stalled_since(), limits.write_timeout) {
            Verdict::Stalled
        } else if due(self.asked_at, limits.pong_timeout) {
            Verdict::Lost
        } else if self.open
            && self.asked_at.is_none()
            && self.received_at + limits.ping_interval <= now
        {
            self.asked_at = Some(now);
            Verdict::Ask
        } else {
            Verdict::Alive
        }
    }

    /// Since when there has been something to write, but nothing was written.
    fn stalled_since(&self) -> Option<Instant> {
        self.writing_since.map(|since| since.max(self.sent_at))
    }

    /// When [`check`](Self::check) should be called next, at the latest.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let silence = match self.asked_at {
            Some(asked) => Some(asked + limits.pong_timeout),
            None => self.open.then(|| self.received_at + limits.ping_interval),
        };
        let partial = self.partial_since.map(|it| it + limits.message_timeout);
        let stalled = self.stalled_since().map(|it| it + limits.write_timeout);
        [silence, partial, stalled].into_iter().flatten().min()
    }
}

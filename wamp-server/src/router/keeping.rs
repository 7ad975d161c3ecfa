//! Events that are kept: for those who subscribe later, and for those who ask.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use tokio::time::Instant;
use wamp_proto::message::Feature;
use wamp_uri::Match;

use super::audience::Audience;
use super::broker::Broker;
use super::passing::is_passthru;
use super::patterns::Patterns;
use super::peer::{Peer, Role};
use super::publishing::{Event, Rights, encode};
use super::retained::{Retained, RetainedEvent, Retention};
use super::subscription::Subscription;
use crate::history::guarded::Guarded;
use crate::history::{EventStore as _, StoredEvent};

/// What a broker keeps.
pub(crate) struct Keeping {
    retained: Mutex<Retained>,
    history: Option<History>,
}

/// Where events of the past are kept, and which.
pub(crate) struct History {
    pub(crate) store: Guarded,
    pub(crate) topics: Patterns<()>,
}

/// When an event is published, by the clocks that whoever publishes has looked at.
#[derive(Clone, Copy)]
pub(crate) struct When {
    pub(crate) instant: Instant,
    pub(crate) time: SystemTime,
}

impl Keeping {
    pub(crate) fn new(retention: Retention, history: Option<History>) -> Self {
        Self {
            retained: Mutex::new(Retained::new(retention)),
            history,
        }
    }

    fn retained(&self) -> MutexGuard<'_, Retained> {
        self.retained.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Broker {
    /// Publishes an event and keeps it, if it is one to keep. How many sessions it was queued for.
    pub(crate) fn publish_to(
        &self,
        event: &Event,
        audience: &Audience,
        retain: bool,
        when: When,
    ) -> usize {
        if let Some(history) = self.history() {
            history.append(event, audience, when.time);
        }
        let admits = |peer: &dyn Peer| audience.admits_peer(peer);
        if !retain {
            return self.publish(event, admits);
        }
        let kept = RetainedEvent::new(
            event.publication,
            &event.topic,
            &event.payload,
            &event.details,
            audience,
            when.instant,
        );
        // Whoever subscribes meanwhile gets it either as it is published or as it is kept, not twice and not never.
        self.unchanged(|| {
            self.keeping.retained().insert(kept);
            self.publish(event, admits)
        })
    }

    /// Where events of the past are kept.
    pub(crate) fn history(&self) -> Option<&History> {
        self.keeping.history.as_ref()
    }

    /// Whether a subscriber may have events of a topic. One that is subscribed to a pattern may not have all that match.
    pub(crate) fn may_have(
        &self,
        subscription: &Subscription,
        topic: &str,
        peer: &dyn Peer,
    ) -> bool {
        subscription.matching == Match::Exact
            || !self.is_guarded(topic) && Rights::new(self, topic).admit(peer)
    }

    /// The events from before that one subscriber gets, encoded: the newest ones that fit into `budget` bytes, and the newest in any case.
    /// The first of them tells how many did not fit.
    pub(crate) fn retained_for(
        &self,
        subscription: &Subscription,
        peer: &dyn Peer,
        budget: usize,
        now: Instant,
    ) -> Vec<Bytes> {
        let admits = |audience: &Audience| audience.admits_peer(peer);
        let kept = self.keeping.retained().matching(
            &subscription.topic,
            subscription.matching,
            admits,
            now,
        );
        let takes = |event: &RetainedEvent| {
            !is_passthru(&event.details.ppt)
                || peer.announces(Role::Subscriber, Feature::PayloadPassthruMode)
        };
        let mut wanted = kept
            .iter()
            .rev()
            .filter(|it| self.may_have(subscription, &it.topic, peer) && takes(it));
        let frame = |kept: &RetainedEvent, dropped| {
            let event = Event {
                details: kept.details.clone(),
                ..Event::new(kept.topic.clone(), kept.publication, kept.payload.clone())
            };
            encode(&event, subscription, peer.format(), dropped).ok()
        };
        let (mut frames, mut bytes, mut oldest) = (Vec::new(), 0, None);
        let mut is_full = false;
        for event in &mut wanted {
            let Some(encoded) = frame(event, None) else {
                continue;
            };
            bytes += encoded.len();
            is_full = bytes > budget && !frames.is_empty();
            if is_full {
                break;
            }
            oldest = Some(event);
            frames.push(encoded);
        }
        let left_out = u64::try_from(wanted.count()).unwrap_or_default() + 1;
        if is_full && let Some(told) = oldest.and_then(|event| frame(event, Some(left_out))) {
            frames.pop();
            frames.push(told);
        }
        frames.reverse();
        frames
    }
}

impl History {
    fn append(&self, event: &Event, audience: &Audience, time: SystemTime) {
        if self.topics.covering(&event.topic, Match::Exact).is_none() {
            return;
        }
        // What was for certain sessions is for nobody once they are gone.
        let Some(receivers) = audience.without_sessions() else {
            return;
        };
        self.store.append(StoredEvent {
            publication: event.publication,
            topic: event.topic.clone(),
            timestamp: time,
            payload: event.payload.clone(),
            details: event.details.clone(),
            receivers,
        });
    }
}

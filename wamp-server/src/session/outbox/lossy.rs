//! Events of subscriptions that would rather lose some of them than the session.

use bytes::Bytes;
use wamp_proto::id::Id;
use wamp_proto::message::Overflow;

use super::{Outbox, Queue, State};
use crate::app::Counters;

impl Outbox {
    /// Queues an event of a subscription, `lane`, or leaves events of it out, as the subscription wants it; false if the session is over.
    /// With [`Overflow::Disconnect`] it is pushed like any frame; otherwise it never ends the session.
    ///
    /// Each event that is left out is told of once, by the next event of the lane that leaves the queue: `encode` is given how many it is
    /// to tell of. It may be asked more than once, because that depends on lengths, and must not touch the outbox. Where it gives nothing,
    /// there is no event that could be queued or left out.
    pub(crate) fn push_lossy(
        &self,
        lane: Id,
        keep: Overflow,
        counters: &Counters,
        encode: impl Fn(u64) -> Option<Bytes>,
    ) -> bool {
        if keep == Overflow::Disconnect {
            return encode(0).map_or_else(|| self.is_open(), |frame| self.push(frame));
        }
        let mut queue = self.lock();
        if queue.state != State::Open {
            return false;
        }
        let frame = if keep == Overflow::LatestOnly {
            self.replace(&mut queue, lane, encode)
        } else {
            self.make_way(&mut queue, lane, encode)
        };
        let queued = frame.is_some();
        let lost = queue.settle(lane, frame);
        drop(queue);
        if lost > 0 {
            counters.dropped_events.add(lost);
        }
        if queued {
            self.notify();
        }
        true
    }

    /// The subscription has ended: its events are taken out of the queue, and what it has lost is forgotten.
    pub(crate) fn forget_lane(&self, lane: Id) {
        let mut queue = self.lock();
        let Queue {
            frames,
            bytes,
            lanes: Some(lanes),
            ..
        } = &mut *queue
        else {
            return;
        };
        *bytes -= lanes.forget(lane, frames);
        lanes.tidy(frames);
    }

    /// [`Overflow::LatestOnly`]: the event comes instead of what waits.
    fn replace(
        &self,
        queue: &mut Queue,
        lane: Id,
        encode: impl Fn(u64) -> Option<Bytes>,
    ) -> Option<Bytes> {
        let lanes = queue.lanes.get_or_insert_default();
        let places = lanes.places(lane);
        let lengths = places.map(|it| queue.frames.get(it).map_or(0, Bytes::len));
        let old: usize = lengths.sum();
        let frame = encode(lanes.untold_instead(lane))?;
        let ample = self.ample();
        let limit = if old > 0 || frame.len() > ample {
            self.hard
        } else {
            ample
        };
        if queue.bytes - old + frame.len() > limit {
            lanes.lose(lane);
            return None;
        }
        while queue.take_oldest(lane) {}
        Some(frame)
    }

    /// [`Overflow::DropOldest`]: what waits makes way until the event fits.
    fn make_way(
        &self,
        queue: &mut Queue,
        lane: Id,
        encode: impl Fn(u64) -> Option<Bytes>,
    ) -> Option<Bytes> {
        // The event that tells of nothing is the shortest one, and the one that costs nothing: it is the same for all subscribers.
        let mut telling = 0;
        let mut frame = encode(telling)?;
        loop {
            let limit = if frame.len() > self.soft {
                self.hard
            } else {
                self.soft
            };
            while queue.bytes + frame.len() > limit {
                if !queue.take_oldest(lane) {
                    queue.lanes.get_or_insert_default().lose(lane);
                    return None;
                }
            }
            let untold = queue.lanes.as_ref().map_or(0, |it| it.untold(lane));
            if telling == untold {
                return Some(frame);
            }
            telling = untold;
            frame = encode(telling)?;
        }
    }
}

impl Queue {
    /// Leaves out the oldest event of a lane that waits; false if there is none.
    fn take_oldest(&mut self, lane: Id) -> bool {
        let lanes = self.lanes.as_mut();
        let length = lanes.and_then(|it| it.take_oldest(lane, &mut self.frames));
        self.bytes -= length.unwrap_or_default();
        length.is_some()
    }

    /// Queues an event for which there is room now; how many have been left out.
    fn settle(&mut self, lane: Id, frame: Option<Bytes>) -> u64 {
        let lanes = self.lanes.get_or_insert_default();
        if let Some(frame) = frame {
            lanes.append(lane, self.frames.len());
            self.bytes += frame.len();
            self.frames.push_back(frame);
        }
        lanes.tidy(&mut self.frames);
        lanes.take_lost()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    const LATEST: Overflow = Overflow::LatestOnly;
    const OLDEST: Overflow = Overflow::DropOldest;

    fn lane(id: u64) -> Id {
        Id::new(id).unwrap()
    }

    /// An outbox for one peer: 10 bytes softly, 20 at most.
    struct Peer {
        outbox: Outbox,
        counters: Counters,
    }

    impl Peer {
        fn new() -> Self {
            Self::with(10, 20)
        }

        fn with(soft: usize, hard: usize) -> Self {
            Self {
                outbox: Outbox::new(soft, hard),
                counters: Counters::default(),
            }
        }

        fn push(&self, text: &str) -> bool {
            self.outbox.push(Bytes::copy_from_slice(text.as_bytes()))
        }

        /// The event says `name`, and how many it tells of if it does.
        fn event(&self, of: u64, keep: Overflow, name: &str) -> bool {
            self.outbox
                .push_lossy(lane(of), keep, &self.counters, |dropped| {
                    let text = match dropped {
                        0 => name.to_owned(),
                        dropped => format!("{name}+{dropped}"),
                    };
                    Some(Bytes::from(text))
                })
        }

        fn read(&self) -> String {
            let mut out = VecDeque::new();
            let drained = self.outbox.drain(&mut out);
            assert_eq!(drained.bytes, out.iter().map(Bytes::len).sum::<usize>());
            assert!(!drained.overflowed);
            let frames = out.iter().map(|it| std::str::from_utf8(it).unwrap());
            frames.collect::<Vec<_>>().join(" ")
        }

        fn dropped(&self) -> u64 {
            self.counters.read().dropped_events
        }

        fn entries(&self) -> usize {
            self.outbox.lock().frames.len()
        }
    }

    #[test]
    fn only_the_latest_one_waits_at_the_end() {
        let peer = Peer::new();
        assert!(peer.event(1, LATEST, "a"));
        assert!(peer.push("x"));
        assert!(peer.event(1, LATEST, "b"));
        assert!(peer.push("y"));
        assert!(peer.event(1, LATEST, "c"));
        assert_eq!(peer.outbox.len(), 5);
        assert_eq!(peer.read(), "x y c+2");
        assert!(peer.event(1, LATEST, "d"));
        assert_eq!(peer.read(), "d");
        assert_eq!(peer.dropped(), 2);
    }

    #[test]
    fn the_oldest_ones_make_way_at_the_soft_limit() {
        let peer = Peer::new();
        for name in ["aaa", "bbb", "ccc"] {
            assert!(peer.event(1, OLDEST, name));
        }
        assert!(peer.event(1, OLDEST, "d"));
        assert_eq!(peer.dropped(), 0, "10 bytes are not above it");
        // Its number takes room, too: a third one has to go.
        assert!(peer.event(1, OLDEST, "eeeee"));
        assert_eq!(peer.read(), "d eeeee+3");
        assert_eq!(peer.dropped(), 3);
    }

    #[test]
    fn what_an_event_that_is_lost_would_have_told_is_told_by_the_next() {
        let peer = Peer::new();
        for name in ["aaaaaa", "bbbbbb", "cccccc", "dddddd"] {
            assert!(peer.event(1, OLDEST, name));
        }
        assert_eq!(peer.read(), "dddddd+3");
        assert!(peer.event(1, OLDEST, "e"));
        assert_eq!(peer.read(), "e");
    }

    #[test]
    fn what_others_have_queued_is_not_taken_out() {
        let peer = Peer::new();
        assert!(peer.push("xxxxxx"));
        assert!(peer.event(1, OLDEST, "a"));
        assert!(peer.event(2, OLDEST, "b"));
        // It is lost itself, with the one before it.
        assert!(peer.event(2, OLDEST, "cccccc"));
        assert_eq!(peer.read(), "xxxxxx a");
        assert!(peer.event(2, OLDEST, "d"));
        assert!(peer.event(1, OLDEST, "e"));
        assert_eq!(peer.read(), "d+2 e");
        assert_eq!(peer.dropped(), 2);
    }

    #[test]
    fn events_never_end_the_session_and_frames_do() {
        let peer = Peer::new();
        for _ in 0..5 {
            assert!(peer.push("xxxx"));
        }
        for keep in [LATEST, OLDEST] {
            assert!(peer.event(1, keep, "a"));
        }
        assert!(!peer.outbox.has_overflowed());
        assert_eq!((peer.outbox.len(), peer.dropped()), (20, 2));
        assert!(!peer.push("y"));
        assert!(peer.outbox.has_overflowed());
        assert!(!peer.event(1, LATEST, "b"));
        assert_eq!(peer.dropped(), 2);
    }

    #[test]
    fn the_latest_one_leaves_room_for_frames_unless_it_takes_the_place_of_another() {
        let peer = Peer::new();
        assert!(peer.event(1, LATEST, "a"));
        assert!(peer.push("xxxxxxxxxxxxxx"));
        assert!(peer.event(2, LATEST, "b"), "15 bytes are half way");
        assert_eq!(peer.dropped(), 1);
        assert!(peer.event(1, LATEST, "c"));
        // One that does not fit at all leaves the one that waits.
        assert!(peer.event(1, LATEST, "ddddd"));
        assert_eq!(peer.read(), "xxxxxxxxxxxxxx c+1");
        assert!(peer.event(1, LATEST, "e"));
        assert!(peer.event(2, LATEST, "f"));
        assert_eq!(peer.read(), "e+1 f+1");
    }

    #[test]
    fn an_event_that_is_longer_than_the_limit_may_fit_all_the_same() {
        for keep in [LATEST, OLDEST] {
            let peer = Peer::new();
            assert!(peer.push("x"));
            assert!(peer.event(1, keep, "aaaaaaaaaaaaaaaaaaa"));
            assert_eq!(peer.read(), "x aaaaaaaaaaaaaaaaaaa", "{keep}");
        }
    }

    #[test]
    fn a_subscription_that_has_ended_leaves_nothing() {
        let peer = Peer::new();
        assert!(peer.event(1, OLDEST, "aaaa"));
        assert!(peer.event(2, OLDEST, "b"));
        assert!(peer.event(1, OLDEST, "cccc"));
        assert!(peer.event(1, OLDEST, "d"));
        assert!(peer.event(1, OLDEST, "ee"));
        assert_eq!(peer.dropped(), 1);
        peer.outbox.forget_lane(lane(1));
        assert_eq!(peer.outbox.len(), 1);
        assert!(peer.event(1, OLDEST, "f"));
        assert_eq!(peer.read(), "b f");
        assert_eq!(peer.dropped(), 1);
    }

    #[test]
    fn an_event_that_cannot_be_encoded_changes_nothing() {
        let peer = Peer::new();
        assert!(peer.event(1, LATEST, "a"));
        for keep in [LATEST, OLDEST, Overflow::Disconnect] {
            let it = &peer.outbox;
            assert!(it.push_lossy(lane(1), keep, &peer.counters, |_| None));
        }
        assert_eq!(peer.read(), "a");
        assert_eq!(peer.dropped(), 0);
        peer.outbox.close();
        assert!(!peer.event(1, LATEST, "b"));
        assert!(!peer.event(1, Overflow::Disconnect, "b"));
    }

    #[test]
    fn the_queue_stays_short_whatever_is_published() {
        const MANY: u64 = 1_000_000;
        let peer = Peer::with(1000, 2000);
        assert!(peer.push("x"));
        let mut longest = 0;
        for _ in 0..MANY {
            assert!(peer.event(1, LATEST, "a"));
            longest = longest.max(peer.entries());
        }
        assert!(longest <= 130, "{longest} entries for two frames");
        assert_eq!(peer.read(), format!("x a+{}", MANY - 1));
        for of in 0..MANY / 4 {
            assert!(peer.event(1 + of % 3, OLDEST, "a"));
            longest = longest.max(peer.entries());
        }
        assert!(longest <= 2 * 1000 + 2, "{longest} entries for 1000 bytes");
    }

    #[test]
    fn lanes_cost_nothing_once_they_are_gone_and_little_when_nothing_waits() {
        let peer = Peer::with(1000, 2000);
        assert!(peer.push("x"));
        assert!(peer.outbox.lock().lanes.is_none());
        for _ in 0..1000 {
            assert!(peer.event(1, OLDEST, "a"));
        }
        peer.read();
        let room = |peer: &Peer| peer.outbox.lock().lanes.as_ref().map(|it| it.room());
        assert_eq!(room(&peer), Some(0));
        assert!(peer.event(1, OLDEST, "a"));
        peer.outbox.forget_lane(lane(1));
        assert_eq!(peer.read(), "");
        assert_eq!(room(&peer), None);
    }
}

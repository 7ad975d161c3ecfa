//! The outbox against a model that is too simple to be wrong: a list of what waits, and everything else added up anew.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use wamp_proto::id::Id;
use wamp_proto::message::Overflow;

use super::Outbox;
use crate::app::Counters;

const SOFT: usize = 200;
const HARD: usize = 400;
const LANES: u64 = 3;

#[derive(Clone, Debug)]
enum Op {
    Push(usize),
    /// Lane, policy, length, and whether it can be encoded.
    Event(u64, Overflow, usize, bool),
    Drain,
    Forget(u64),
}

/// Ordinary frames are short, so that the session lives for some time.
fn op(frames: u32, drains: u32, forgets: u32) -> impl Strategy<Value = Op> {
    let policy = prop_oneof![Just(Overflow::DropOldest), Just(Overflow::LatestOnly)];
    let lane = 1..=LANES;
    let length = prop_oneof![9 => 0_usize..60, 1 => 60_usize..HARD + 20];
    let event = (lane.clone(), policy, length, prop::bool::weighted(0.9));
    prop_oneof![
        frames => (0_usize..30).prop_map(Op::Push),
        30 => event.prop_map(|(lane, keep, length, valid)| Op::Event(lane, keep, length, valid)),
        drains => Just(Op::Drain),
        forgets => lane.prop_map(Op::Forget),
    ]
}

/// No two frames are equal; one that tells of lost events is longer.
fn frame(number: usize, lane: u64, told: u64, length: usize) -> Bytes {
    let told = if told == 0 {
        String::new()
    } else {
        told.to_string()
    };
    let filling = ".".repeat(length);
    Bytes::from(format!("{number}/{lane}/{told}/{filling}"))
}

fn told(frame: &Bytes) -> u64 {
    let text = std::str::from_utf8(frame).unwrap();
    text.split('/').nth(2).unwrap().parse().unwrap_or(0)
}

#[derive(Clone, Debug)]
struct Entry {
    lane: Option<u64>,
    frame: Bytes,
    told: u64,
}

#[derive(Debug, Default)]
struct Model {
    queue: Vec<Entry>,
    untold: HashMap<u64, u64>,
    dropped: u64,
    /// Lost events that nobody will be told of: their subscription has ended.
    forgotten: u64,
    over: bool,
}

impl Model {
    fn bytes(&self) -> usize {
        self.queue.iter().map(|it| it.frame.len()).sum()
    }

    fn push(&mut self, frame: Bytes) {
        if self.over {
            return;
        }
        if self.bytes() + frame.len() > HARD {
            self.over = true;
            self.queue.clear();
            return;
        }
        self.queue.push(Entry {
            lane: None,
            frame,
            told: 0,
        });
    }

    fn event(&mut self, lane: u64, keep: Overflow, encode: impl Fn(u64) -> Option<Bytes>) {
        if self.over || encode(0).is_none() {
            return;
        }
        if keep == Overflow::LatestOnly {
            return self.latest(lane, encode);
        }
        // Way is made for the event as such, then for what it has to tell because of that.
        let mut telling = 0;
        loop {
            let frame = encode(telling).unwrap();
            let limit = if frame.len() > SOFT { HARD } else { SOFT };
            while self.bytes() + frame.len() > limit {
                if !self.lose_oldest(lane) {
                    return self.lose(lane, 0);
                }
            }
            let untold = self.untold.get(&lane).map_or(0, |it| *it);
            if telling == untold {
                return self.append(lane, frame);
            }
            telling = untold;
        }
    }

    fn latest(&mut self, lane: u64, encode: impl Fn(u64) -> Option<Bytes>) {
        let (old, others): (Vec<Entry>, Vec<Entry>) = self
            .queue
            .iter()
            .cloned()
            .partition(|it| it.lane == Some(lane));
        let lost: u64 = old.iter().map(|it| it.told + 1).sum();
        let frame = encode(self.untold.get(&lane).unwrap_or(&0) + lost).unwrap();
        let others: usize = others.iter().map(|it| it.frame.len()).sum();
        let limit = if !old.is_empty() || frame.len() > (SOFT + HARD) / 2 {
            HARD
        } else {
            (SOFT + HARD) / 2
        };
        if others + frame.len() > limit {
            return self.lose(lane, 0);
        }
        while self.lose_oldest(lane) {}
        self.append(lane, frame);
    }

    fn append(&mut self, lane: u64, frame: Bytes) {
        let told = self.untold.insert(lane, 0).unwrap_or(0);
        self.queue.push(Entry {
            lane: Some(lane),
            frame,
            told,
        });
    }

    fn lose_oldest(&mut self, lane: u64) -> bool {
        let oldest = self.queue.iter().position(|it| it.lane == Some(lane));
        if let Some(at) = oldest {
            let told = self.queue.remove(at).told;
            self.lose(lane, told);
        }
        oldest.is_some()
    }

    fn lose(&mut self, lane: u64, told: u64) {
        *self.untold.entry(lane).or_default() += told + 1;
        self.dropped += 1;
    }

    fn forget(&mut self, lane: u64) {
        let of_it = |it: &Entry| it.lane == Some(lane);
        let untold: u64 = self
            .queue
            .iter()
            .filter(|it| of_it(it))
            .map(|it| it.told)
            .sum();
        self.forgotten += untold + self.untold.remove(&lane).unwrap_or(0);
        self.queue.retain(|it| !of_it(it));
    }
}

fn run(ops: Vec<Op>) -> Result<(), TestCaseError> {
    let outbox = Outbox::new(SOFT, HARD);
    let counters = Counters::default();
    let mut model = Model::default();
    // What the peer is told.
    let mut heard = 0;
    for (number, op) in ops.into_iter().enumerate() {
        match op {
            Op::Push(length) => {
                let frame = frame(number, 0, 0, length);
                model.push(frame.clone());
                prop_assert_eq!(outbox.push(frame), !model.over);
            }
            Op::Event(of, keep, length, valid) => {
                let encode = |told| valid.then(|| frame(number, of, told, length));
                model.event(of, keep, encode);
                let lane = Id::new(of).unwrap();
                let lives = outbox.push_lossy(lane, keep, &counters, encode);
                prop_assert_eq!(lives, !model.over);
            }
            Op::Drain => {
                let mut out = VecDeque::from([Bytes::from_static(b"before")]);
                let bytes = outbox.len();
                prop_assert_eq!(
                    outbox.drain(&mut out).bytes,
                    if model.over { 0 } else { bytes }
                );
                out.pop_front();
                let expected: Vec<Bytes> = model.queue.drain(..).map(|it| it.frame).collect();
                heard += out.iter().map(told).sum::<u64>();
                prop_assert_eq!(Vec::from(out), expected);
            }
            Op::Forget(lane) => {
                model.forget(lane);
                outbox.forget_lane(Id::new(lane).unwrap());
            }
        }
        let queue = outbox.lock();
        if !model.over {
            prop_assert_eq!(queue.bytes, model.bytes());
        }
        let waiting = model.queue.len();
        prop_assert!(queue.frames.len() <= (2 * waiting + 1).max(waiting + 64));
        drop(queue);
        prop_assert_eq!(outbox.has_overflowed(), model.over);
        prop_assert_eq!(counters.read().dropped_events, model.dropped);
        if !model.over {
            let told: u64 = model.queue.iter().map(|it| told(&it.frame)).sum();
            let untold: u64 = model.untold.values().sum();
            prop_assert_eq!(heard + told + untold + model.forgotten, model.dropped);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same frames in the same order, which tell the same, and every loss is told once.
    #[test]
    fn it_does_what_the_model_does(ops in vec(op(5, 3, 1), 0..200)) {
        run(ops)?;
    }

    /// A peer that hardly ever reads: places move when the queue is tidied.
    #[test]
    fn it_does_so_when_nobody_reads(ops in vec(op(1, 0, 1), 200..500)) {
        run(ops)?;
    }
}

//! Where the events wait that may be taken out of the queue again.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use foldhash::fast::RandomState;
use wamp_proto::id::Id;

/// So many holes are not worth the trouble.
const FEW: usize = 64;
/// A lane that needed no more room than this keeps it.
const SMALL: usize = 16;

/// For each subscription that would rather lose events than the session, once it has had an event: which ones wait, and how many it has
/// lost. A frame that is taken out leaves an empty one in its place, a hole; no message is empty.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    lanes: HashMap<Id, Lane, RandomState>,
    /// Lanes that have had a place in the queue since it was last drained.
    placed: Vec<Id>,
    holes: usize,
    /// Events that were left out, until somebody counts them.
    lost: u64,
}

#[derive(Debug, Default)]
struct Lane {
    /// The oldest first.
    waiting: VecDeque<Waiting>,
    /// Events that were left out, and that none which waits or has left tells of.
    untold: u64,
    /// Whether it is among `placed`.
    placed: bool,
}

#[derive(Debug)]
struct Waiting {
    /// Its index in the queue.
    place: usize,
    /// How many lost events it tells of.
    told: u64,
}

impl Lanes {
    pub(super) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// How many lost events the next event of a lane is to tell of.
    pub(super) fn untold(&self, lane: Id) -> u64 {
        self.lanes.get(&lane).map_or(0, |it| it.untold)
    }

    /// The places of what waits, the oldest first.
    pub(super) fn places(&self, lane: Id) -> impl Iterator<Item = usize> {
        let waiting = self.lanes.get(&lane).into_iter();
        waiting.flat_map(|it| it.waiting.iter().map(|it| it.place))
    }

    /// How many lost events the next event of a lane would have to tell of if it came instead of all that wait.
    pub(super) fn untold_instead(&self, lane: Id) -> u64 {
        self.lanes.get(&lane).map_or(0, |it| {
            let waiting = it.waiting.iter().map(|it| it.told + 1);
            it.untold + waiting.sum::<u64>()
        })
    }

    /// An event is about to be queued, at `place`; it tells of all that was lost before.
    pub(super) fn append(&mut self, lane: Id, place: usize) {
        let it = self.lanes.entry(lane).or_default();
        let told = std::mem::take(&mut it.untold);
        it.waiting.push_back(Waiting { place, told });
        if !std::mem::replace(&mut it.placed, true) {
            self.placed.push(lane);
        }
    }

    /// An event was not queued at all.
    pub(super) fn lose(&mut self, lane: Id) {
        self.lanes.entry(lane).or_default().untold += 1;
        self.lost += 1;
    }

    /// Takes the oldest event that waits out of the queue; its length, or `None` if none waits. It is lost, and what it would have told is
    /// to be told again.
    pub(super) fn take_oldest(&mut self, lane: Id, frames: &mut VecDeque<Bytes>) -> Option<usize> {
        let it = self.lanes.get_mut(&lane)?;
        let oldest = it.waiting.pop_front()?;
        it.untold += oldest.told + 1;
        self.lost += 1;
        self.holes += 1;
        Some(dig(frames, oldest.place))
    }

    /// How many events were left out since this was last asked.
    pub(super) fn take_lost(&mut self) -> u64 {
        std::mem::take(&mut self.lost)
    }

    /// Forgets a lane and takes all of it out of the queue; how many bytes that was.
    pub(super) fn forget(&mut self, lane: Id, frames: &mut VecDeque<Bytes>) -> usize {
        let Some(it) = self.lanes.remove(&lane) else {
            return 0;
        };
        if it.placed {
            self.placed.retain(|it| *it != lane);
        }
        self.holes += it.waiting.len();
        let lengths = it.waiting.iter().map(|it| dig(frames, it.place));
        lengths.sum()
    }

    /// Removes the holes if they are more than half of the queue, so that whatever is published does not fill it with them.
    pub(super) fn tidy(&mut self, frames: &mut VecDeque<Bytes>) {
        if self.holes <= FEW || self.holes * 2 <= frames.len() {
            return;
        }
        let mut place = 0;
        let moved = frames.iter().map(|frame| {
            let to = place;
            place += usize::from(!frame.is_empty());
            to
        });
        let moved: Vec<usize> = moved.collect();
        for lane in &self.placed {
            let lane = self.lanes.get_mut(lane).into_iter();
            for waiting in lane.flat_map(|it| &mut it.waiting) {
                waiting.place = moved.get(waiting.place).map_or(waiting.place, |to| *to);
            }
        }
        self.fill(frames);
    }

    /// All that waits is about to leave the queue, so that nothing can be taken out any more.
    pub(super) fn drained(&mut self, frames: &mut VecDeque<Bytes>) {
        self.fill(frames);
        for lane in self.placed.drain(..) {
            let Some(it) = self.lanes.get_mut(&lane) else {
                continue;
            };
            it.placed = false;
            // Room for many is given back: every lane may have had its great moment.
            if it.waiting.capacity() > SMALL {
                it.waiting = VecDeque::new();
            } else {
                it.waiting.clear();
            }
        }
    }

    /// How many events the lanes have room to remember.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.lanes.values().map(|it| it.waiting.capacity()).sum()
    }

    fn fill(&mut self, frames: &mut VecDeque<Bytes>) {
        if std::mem::take(&mut self.holes) > 0 {
            frames.retain(|frame| !frame.is_empty());
        }
    }
}

/// Leaves a hole in place of a frame; how long that was.
fn dig(frames: &mut VecDeque<Bytes>, place: usize) -> usize {
    let frame = frames.get_mut(place).map(std::mem::take);
    frame.map_or(0, |it| it.len())
}

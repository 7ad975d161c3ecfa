//! The handlers of one session that did not finish at once.
//!
//! A set rather than a task for each: starting one costs no scheduling, and dropping one takes effect immediately. Neither
//! `FuturesUnordered` nor `JoinSet` can remove a given future at once, which cancelling, unsubscribing and ordered teardown need.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;

use crate::handler::{CallError, Invoke, Outcome};

/// Futures, each with a note of type `M` about what it is for.
pub(crate) struct TaskSet<M> {
    slots: Vec<Slot<M>>,
    vacant: Vec<usize>,
    ready: Arc<Ready>,
    /// Those being polled; kept for its memory.
    woken: Vec<usize>,
}

/// Names a future in the set until it is finished or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskId {
    slot: usize,
    generation: u32,
}

struct Slot<M> {
    /// Counts occupants, so that an old [`TaskId`] does not name a new one.
    generation: u32,
    /// Kept when the slot is vacant: a waker costs an allocation. A late wake of an old occupant polls the new one once too often.
    waker: Waker,
    shared: Arc<SlotWaker>,
    task: Option<(Invoke, M)>,
}

struct Ready {
    queue: Mutex<Vec<usize>>,
    /// The task that drives the set.
    parent: AtomicWaker,
}

struct SlotWaker {
    slot: usize,
    queued: AtomicBool,
    ready: Arc<Ready>,
}

/// What a finished handler left: its outcome, or the message of its panic.
pub(crate) type Finished = Result<Result<Outcome, CallError>, Panic>;

/// A handler panicked.
#[derive(Debug)]
pub(crate) struct Panic(pub(crate) String);

impl<M> TaskSet<M> {
    pub(crate) fn new() -> Self {
        Self {
            slots: Vec::new(),
            vacant: Vec::new(),
            ready: Arc::new(Ready {
                queue: Mutex::new(Vec::new()),
                parent: AtomicWaker::new(),
            }),
            woken: Vec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.vacant.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Polls `future` once, on the spot; only one that is not done by then enters the set.
    pub(crate) fn start(
        &mut self,
        mut future: Invoke,
        note: impl FnOnce() -> M,
    ) -> Result<Finished, TaskId> {
        let index = self.vacant.pop().unwrap_or_else(|| self.grow());
        let Some(slot) = self.slots.get_mut(index) else {
            unreachable!("vacant slots exist");
        };
        match poll(&mut future, &slot.waker) {
            Poll::Ready(finished) => {
                discard(future);
                self.vacant.push(index);
                Ok(finished)
            }
            Poll::Pending => {
                slot.task = Some((future, note()));
                if slot.shared.queued.load(Ordering::Acquire) {
                    // An old occupant was woken last, and nobody has looked since: wakes of the new one would not be passed on.
                    self.ready.parent.wake();
                }
                Err(TaskId {
                    slot: index,
                    generation: slot.generation,
                })
            }
        }
    }

    fn grow(&mut self) -> usize {
        let index = self.slots.len();
        let shared = Arc::new(SlotWaker {
            slot: index,
            queued: AtomicBool::new(false),
            ready: Arc::clone(&self.ready),
        });
        self.slots.push(Slot {
            generation: 0,
            waker: Waker::from(Arc::clone(&shared)),
            shared,
            task: None,
        });
        index
    }

    /// Has `waker` woken when a future of the set can go on, those included that enter it from now on.
    pub(crate) fn register(&self, waker: &Waker) {
        self.ready.parent.register(waker);
    }

    /// Polls every future that was woken; calls `done` for those that finish.
    pub(crate) fn poll_ready(&mut self, mut done: impl FnMut(M, Finished)) {
        let mut woken = std::mem::take(&mut self.woken);
        std::mem::swap(&mut woken, &mut *self.ready.lock());
        for index in woken.drain(..) {
            let Some(slot) = self.slots.get_mut(index) else {
                continue;
            };
            slot.shared.queued.store(false, Ordering::Release);
            let Some((future, _)) = &mut slot.task else {
                continue;
            };
            if let Poll::Ready(finished) = poll(future, &slot.waker)
                && let Some((future, note)) = slot.task.take()
            {
                discard(future);
                slot.generation = slot.generation.wrapping_add(1);
                self.vacant.push(index);
                done(note, finished);
            }
        }
        self.woken = woken;
    }

    /// Takes a future out of the set and drops it.
    pub(crate) fn remove(&mut self, id: TaskId) -> Option<M> {
        let slot = self.slots.get_mut(id.slot)?;
        if slot.generation != id.generation {
            return None;
        }
        let (future, note) = slot.task.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.vacant.push(id.slot);
        discard(future);
        Some(note)
    }

    pub(crate) fn note_mut(&mut self, id: TaskId) -> Option<&mut M> {
        let slot = self.slots.get_mut(id.slot)?;
        let (_, note) = slot.task.as_mut()?;
        (slot.generation == id.generation).then_some(note)
    }

    /// Drops all futures for whose notes `which` says so.
    pub(crate) fn clear(&mut self, which: impl Fn(&M) -> bool) {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if let Some((future, _)) = slot.task.take_if(|(_, note)| which(note)) {
                slot.generation = slot.generation.wrapping_add(1);
                self.vacant.push(index);
                discard(future);
            }
        }
    }
}

impl Ready {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<usize>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            self.ready.lock().push(self.slot);
            self.ready.parent.wake();
        }
    }
}

/// A panic costs one call, not the session.
pub(crate) fn poll(future: &mut Invoke, waker: &Waker) -> Poll<Finished> {
    let mut cx = Context::from_waker(waker);
    match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(outcome)) => Poll::Ready(Ok(outcome)),
        Err(panic) => Poll::Ready(Err(Panic::from(panic))),
    }
}

/// Drops what belongs to a handler; what panics while it is dropped costs nobody else anything.
pub(crate) fn discard<T>(value: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        let Panic(message) = Panic::from(panic);
        tracing::error!(%message, "a handler panicked while it was dropped");
    }
}

impl From<Box<dyn std::any::Any + Send>> for Panic {
    fn from(panic: Box<dyn std::any::Any + Send>) -> Self {
        let message = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned());
        // Whatever it is, dropping it may panic again.
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            std::mem::forget(second);
        }
        Self(message.unwrap_or_else(|| "no message".to_owned()))
    }
}

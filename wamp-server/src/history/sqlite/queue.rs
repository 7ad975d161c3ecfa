//! Between those who append, who never wait, and the thread that writes.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::app::rarely::Rarely;
use crate::history::StoredEvent;

/// Told to those who wait: whether everything before was written.
type Written = oneshot::Sender<bool>;

/// Events that wait to be written. What is being written still counts.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    ready: Condvar,
    max_events: usize,
    max_bytes: usize,
    dropped: AtomicU64,
    complaint: Rarely,
}

#[derive(Debug, Default)]
struct State {
    batch: Batch,
    /// Waiting or being written.
    events: usize,
    bytes: usize,
    is_closed: bool,
}

/// What is written at once.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) events: Vec<StoredEvent>,
    bytes: usize,
    /// Those who want to hear of failures, and to have them forgotten.
    flushing: Vec<Written>,
    /// Those who only wait.
    waiting: Vec<Written>,
}

impl Queue {
    pub(super) fn new(max_events: usize, max_bytes: usize) -> Self {
        Self {
            state: Mutex::default(),
            ready: Condvar::new(),
            max_events,
            max_bytes,
            dropped: AtomicU64::new(0),
            complaint: Rarely::every(Duration::from_secs(60)),
        }
    }

    pub(super) fn push(&self, event: StoredEvent) {
        let size = event.size();
        let mut state = self.lock();
        if state.is_closed || state.events >= self.max_events || state.bytes + size > self.max_bytes
        {
            drop(state);
            self.count_dropped(1, &"events come faster than they can be written");
            return;
        }
        state.events += 1;
        state.bytes += size;
        state.batch.bytes += size;
        state.batch.events.push(event);
        drop(state);
        self.ready.notify_one();
    }

    /// Resolves when everything pushed so far is written; false if some was not since the last flush.
    pub(super) fn flush(&self) -> oneshot::Receiver<bool> {
        self.add(|batch, written| batch.flushing.push(written))
    }

    /// Resolves when everything pushed so far is written or given up.
    pub(super) fn wait(&self) -> oneshot::Receiver<bool> {
        self.add(|batch, written| batch.waiting.push(written))
    }

    fn add(&self, add: impl FnOnce(&mut Batch, Written)) -> oneshot::Receiver<bool> {
        let (written, receiver) = oneshot::channel();
        let mut state = self.lock();
        // Otherwise it is dropped, which is an answer, too.
        if !state.is_closed {
            add(&mut state.batch, written);
        }
        drop(state);
        self.ready.notify_one();
        receiver
    }

    /// Waits for something to do; `None` if nothing will come any more.
    pub(super) fn take(&self) -> Option<Batch> {
        let state = self.lock();
        let idle = |state: &mut State| state.batch.is_empty() && !state.is_closed;
        let waited = self.ready.wait_while(state, idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let batch = mem::take(&mut state.batch);
        (!batch.is_empty()).then_some(batch)
    }

    /// Makes room and wakes those who wait; `all_written` if nothing was lost since the last flush. Says whether this was one.
    pub(super) fn finish(&self, batch: Batch, all_written: bool) -> bool {
        let mut state = self.lock();
        state.events -= batch.events.len();
        state.bytes -= batch.bytes;
        drop(state);
        let is_flush = !batch.flushing.is_empty();
        for written in batch.flushing.into_iter().chain(batch.waiting) {
            // Whoever has gone needs no answer.
            let _ = written.send(all_written);
        }
        is_flush
    }

    /// Takes nothing any more. What is there is still written.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.ready.notify_one();
    }

    /// The same, and gives up what is there: nobody writes any more.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        let batch = mem::take(&mut state.batch);
        drop(state);
        if !batch.events.is_empty() {
            self.count_dropped(batch.events.len(), &"the event store has stopped");
        }
    }

    pub(super) fn count_dropped(&self, events: usize, why: &dyn std::fmt::Display) {
        let dropped = self.dropped.fetch_add(events as u64, Ordering::Relaxed) + events as u64;
        if self.complaint.is_due() {
            tracing::warn!(dropped, %why, "events are missing in the history");
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.flushing.is_empty() && self.waiting.is_empty()
    }
}

//! Frames on their way to the router.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

/// Bytes that may wait before those who send are asked to wait, too.
const SOFT: usize = 1 << 20;

/// Bytes that may wait before those who cannot wait are refused.
const HARD: usize = 16 * SOFT;

/// What all handles push to and the connection's task sends.
#[derive(Debug, Default)]
pub(crate) struct Outbox(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    frames: Vec<Bytes>,
    /// Bytes of the frames that are not sent, those that the transport has not flushed included.
    bytes: usize,
    /// Bytes that the connection's task has taken and not flushed yet.
    unflushed: usize,
    closed: bool,
    driver: Option<Waker>,
    /// Those who wait for room.
    waiting: Vec<Waker>,
}

impl Outbox {
    /// Queues a frame; false if nothing is sent any more.
    pub(crate) fn push(&self, frame: Bytes) -> bool {
        let mut queue = self.lock();
        if queue.closed {
            return false;
        }
        queue.bytes += frame.len();
        queue.frames.push(frame);
        let driver = queue.driver.take();
        drop(queue);
        if let Some(driver) = driver {
            driver.wake();
        }
        true
    }

    /// Wakes the connection's task.
    pub(crate) fn wake(&self) {
        let driver = self.lock().driver.take();
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    /// Takes all frames, into a vector that is empty; the waker is used when there are new ones.
    pub(crate) fn take(&self, into: &mut Vec<Bytes>, waker: &Waker) {
        let mut queue = self.lock();
        std::mem::swap(&mut queue.frames, into);
        queue.unflushed = queue.bytes;
        match &mut queue.driver {
            Some(driver) => driver.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    /// All that was taken has been flushed.
    pub(crate) fn flushed(&self) {
        let mut queue = self.lock();
        queue.bytes -= std::mem::take(&mut queue.unflushed);
        if queue.bytes < SOFT && !queue.waiting.is_empty() {
            let waiting = std::mem::take(&mut queue.waiting);
            drop(queue);
            waiting.into_iter().for_each(Waker::wake);
        }
    }

    /// Ready when there is room for more, or nothing is sent any more.
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.lock();
        if queue.closed || queue.bytes < SOFT {
            return Poll::Ready(());
        }
        if !queue.waiting.iter().any(|it| it.will_wake(cx.waker())) {
            queue.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Whether there is no room for those who cannot wait for it.
    pub(crate) fn is_full(&self) -> bool {
        self.lock().bytes >= HARD
    }

    /// From now on nothing is taken any more. What was queued is still there.
    pub(crate) fn close(&self) {
        let mut queue = self.lock();
        queue.closed = true;
        let waiting = std::mem::take(&mut queue.waiting);
        drop(queue);
        waiting.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

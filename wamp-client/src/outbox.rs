//! Frames on their way to the router.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::sync::Notify;

/// Bytes that may wait before those who send are asked to wait, too.
const SOFT: usize = 1 << 20;

/// Bytes that may wait before those who cannot wait are refused.
const FULL: usize = 16 * SOFT;

/// Bytes that may wait before nothing is read any more: answers to what is read do not wait for room.
const HARD: usize = 64 << 20;

/// What all handles push to and the connection's task sends.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    /// Wakes those who await room; whoever gives up leaves nothing behind.
    room: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    frames: Vec<Bytes>,
    /// Bytes of the frames that are not sent, those that the transport has not flushed included.
    bytes: usize,
    /// Bytes that the connection's task has taken and not flushed yet.
    unflushed: usize,
    closed: bool,
    driver: Option<Waker>,
    /// Those who poll for room.
    waiting: Vec<Waker>,
}

impl Outbox {
    /// Queues a frame; false if nothing is sent any more.
    pub(crate) fn push(&self, frame: Bytes) -> bool {
        let mut queue = self.lock();
        if queue.closed {
            return false;
        }
        queue.add(frame);
        let driver = queue.driver.take();
        drop(queue);
        if let Some(driver) = driver {
            driver.wake();
        }
        true
    }

    /// Queues the last frame: nothing is sent after it.
    pub(crate) fn finish(&self, frame: Bytes) {
        let mut queue = self.lock();
        if !queue.closed {
            queue.add(frame);
        }
        self.close_to(queue);
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
        if queue.bytes < SOFT {
            let waiting = std::mem::take(&mut queue.waiting);
            drop(queue);
            self.room.notify_waiters();
            waiting.into_iter().for_each(Waker::wake);
        }
    }

    /// Whether there is room for those who can wait for it.
    pub(crate) fn has_room(&self) -> bool {
        self.lock().has_room()
    }

    /// Whether nothing waits to be sent.
    pub(crate) fn is_flushed(&self) -> bool {
        self.lock().bytes == 0
    }

    /// Whether there is no room for those who cannot wait for it.
    pub(crate) fn is_full(&self) -> bool {
        self.lock().bytes >= FULL
    }

    /// Whether so much waits that nothing is to be read that would have to be answered.
    pub(crate) fn is_crowded(&self) -> bool {
        self.lock().bytes >= HARD
    }

    /// Ready when there is room for more, or nothing is sent any more.
    pub(crate) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut queue = self.lock();
        if queue.has_room() {
            return Poll::Ready(());
        }
        if !queue.waiting.iter().any(|it| it.will_wake(cx.waker())) {
            queue.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Ready when there is room for more, or nothing is sent any more.
    pub(crate) async fn room(&self) {
        loop {
            let mut freed = pin!(self.room.notified());
            // From now on it is not missed.
            freed.as_mut().enable();
            if self.lock().has_room() {
                return;
            }
            freed.await;
        }
    }

    /// From now on nothing is taken any more. What was queued is still there.
    pub(crate) fn close(&self) {
        self.close_to(self.lock());
    }

    fn close_to(&self, mut queue: MutexGuard<'_, Queue>) {
        queue.closed = true;
        let waiting = std::mem::take(&mut queue.waiting);
        drop(queue);
        self.room.notify_waiters();
        waiting.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn add(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.frames.push(frame);
    }

    fn has_room(&self) -> bool {
        self.closed || self.bytes < SOFT
    }
}

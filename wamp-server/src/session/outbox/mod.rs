//! What is waiting to be sent to one session, from wherever it comes.
//!
//! - [`Outbox`]: a queue of frames. [`Command`]: what else the connection is asked for.
//! - `lossy`: events that may be left out if the peer does not read. `lanes`: which of them still wait.

mod lanes;
mod lossy;
#[cfg(test)]
mod model;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use bytes::Bytes;
use bytestring::ByteString;
use futures_util::task::AtomicWaker;

use self::lanes::Lanes;

/// A queue of encoded messages, bounded by bytes. Pushing never waits: one that overflows ends its own session.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: Mutex<Queue>,
    /// Whether there is anything for the connection to look at; read without the lock.
    work: AtomicBool,
    /// The connection's task.
    reader: AtomicWaker,
    soft: usize,
    hard: usize,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    bytes: usize,
    command: Option<Command>,
    /// Producers that wait for room.
    waiting: Vec<Waker>,
    state: State,
    /// Of subscriptions that would rather lose events than the session, once there has been one.
    lanes: Option<Box<Lanes>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// Full: the session is about to be ended.
    Overflowed,
    Closed,
}

/// What others ask the connection of a session to do.
#[derive(Clone, Debug)]
pub(crate) enum Command {
    /// Say GOODBYE, once open calls are finished or the time is up.
    Goodbye {
        reason: ByteString,
        message: String,
        grace: std::time::Duration,
    },
    /// Say ABORT and hang up.
    Abort { reason: ByteString, message: String },
    /// Drop what belongs to subscriptions that were taken away. Whoever does anything else about the session does that as well.
    DropRevoked,
}

impl Command {
    /// The less, the sooner: ABORT, then GOODBYE by the time that is left, then the rest.
    fn urgency(&self) -> (u8, std::time::Duration) {
        match self {
            Self::Abort { .. } => (0, std::time::Duration::ZERO),
            Self::Goodbye { grace, .. } => (1, *grace),
            Self::DropRevoked => (2, std::time::Duration::ZERO),
        }
    }
}

impl Outbox {
    pub(crate) fn new(soft: usize, hard: usize) -> Self {
        Self {
            queue: Mutex::default(),
            work: AtomicBool::new(false),
            reader: AtomicWaker::new(),
            soft,
            hard,
        }
    }

    /// Queues a frame; false if the session is over, or this frame is the one too many.
    pub(crate) fn push(&self, frame: Bytes) -> bool {
        let mut queue = self.lock();
        if queue.state != State::Open {
            return false;
        }
        queue.bytes += frame.len();
        if queue.bytes > self.hard {
            queue.state = State::Overflowed;
            queue.clear();
        } else {
            queue.frames.push_back(frame);
        }
        let fits = queue.state == State::Open;
        drop(queue);
        if fits {
            self.notify();
        } else {
            self.insist();
        }
        fits
    }

    /// Queues a frame if there is ample room for it; one that is refused ends nothing.
    pub(crate) fn offer(&self, frame: Bytes) -> bool {
        let mut queue = self.lock();
        let bytes = queue.bytes + frame.len();
        let fits = bytes <= self.ample() || queue.bytes == 0 && bytes <= self.hard;
        if queue.state != State::Open || !fits {
            return false;
        }
        queue.bytes = bytes;
        queue.frames.push_back(frame);
        drop(queue);
        self.notify();
        true
    }

    /// Half of what is left beyond the soft limit is left to frames that can be neither left out nor refused.
    fn ample(&self) -> usize {
        self.soft + self.hard.saturating_sub(self.soft) / 2
    }

    /// Asks the connection for something. Of two commands the more urgent one counts: ABORT before GOODBYE, less time before more.
    pub(crate) fn command(&self, command: Command) {
        let mut queue = self.lock();
        if queue
            .command
            .as_ref()
            .is_none_or(|it| command.urgency() < it.urgency())
        {
            queue.command = Some(command);
        }
        drop(queue);
        self.insist();
    }

    /// Waits until no more than a quarter of the soft limit is queued, or the session is over. At the soft limit the peer is read no
    /// further; handlers that always have something to say must not keep it from being heard.
    pub(crate) async fn room(&self) {
        poll_fn(|cx| {
            if !self.work.load(Ordering::Acquire) {
                return Poll::Ready(());
            }
            let mut queue = self.lock();
            if queue.state != State::Open || queue.bytes <= self.soft / 4 {
                return Poll::Ready(());
            }
            if !queue.waiting.iter().any(|it| it.will_wake(cx.waker())) {
                queue.waiting.push(cx.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }

    /// Whether there is anything to send or to do.
    pub(crate) fn has_work(&self) -> bool {
        self.work.load(Ordering::Acquire)
    }

    /// Has the connection's task woken when there is work.
    pub(crate) fn register(&self, waker: &Waker) {
        self.reader.register(waker);
    }

    /// Moves what is queued to `out`.
    pub(crate) fn drain(&self, out: &mut VecDeque<Bytes>) -> Drained {
        if !self.has_work() {
            return Drained::default();
        }
        // Before the queue is read: a push after the read sets it again.
        self.work.store(false, Ordering::Release);
        let mut queue = self.lock();
        let overflowed = queue.state == State::Overflowed;
        let bytes = std::mem::take(&mut queue.bytes);
        let drained = Drained {
            // Its frames are gone.
            bytes: if overflowed { 0 } else { bytes },
            overflowed,
            command: queue.command.take(),
        };
        queue.forget_places();
        if out.is_empty() {
            std::mem::swap(&mut queue.frames, out);
        } else {
            out.append(&mut queue.frames);
        }
        let waiting = std::mem::take(&mut queue.waiting);
        drop(queue);
        // Whoever drains it next is to see that too: it is the end of the session.
        if overflowed {
            self.work.store(true, Ordering::Release);
        }
        waiting.into_iter().for_each(Waker::wake);
        drained
    }

    /// What the connection is asked to do; frames stay queued.
    pub(crate) fn take_command(&self) -> Option<Command> {
        self.lock().command.take()
    }

    /// Whether more was pushed than the hard limit allows.
    pub(crate) fn has_overflowed(&self) -> bool {
        self.lock().state == State::Overflowed
    }

    /// Bytes queued now.
    pub(crate) fn len(&self) -> usize {
        if self.has_work() {
            self.lock().bytes
        } else {
            0
        }
    }

    /// Ends it: nothing can be pushed any more, nobody waits any more.
    pub(crate) fn close(&self) {
        let mut queue = self.lock();
        queue.state = State::Closed;
        queue.clear();
        queue.bytes = 0;
        let waiting = std::mem::take(&mut queue.waiting);
        drop(queue);
        waiting.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn is_open(&self) -> bool {
        self.lock().state == State::Open
    }

    /// Wakes the connection, once for all that has been queued since it last looked.
    fn notify(&self) {
        if !self.work.swap(true, Ordering::AcqRel) {
            self.reader.wake();
        }
    }

    /// Wakes the connection, which has nothing to send maybe, but something to look at.
    pub(crate) fn remind(&self) {
        self.reader.wake();
    }

    /// Wakes the connection even if it knows that there is something to send: it may be waiting for the peer.
    fn insist(&self) {
        self.work.store(true, Ordering::Release);
        self.reader.wake();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Lets go of all frames; what they came to is left to the caller.
    fn clear(&mut self) {
        self.frames = VecDeque::new();
        self.lanes = None;
    }

    /// Before all frames leave: what has been taken out is not among them.
    fn forget_places(&mut self) {
        let Some(lanes) = &mut self.lanes else {
            return;
        };
        lanes.drained(&mut self.frames);
        if lanes.is_empty() {
            self.lanes = None;
        }
    }
}

/// What [`Outbox::drain`] found besides frames.
#[derive(Debug, Default)]
pub(crate) struct Drained {
    /// How much it was.
    pub(crate) bytes: usize,
    pub(crate) overflowed: bool,
    pub(crate) command: Option<Command>,
}

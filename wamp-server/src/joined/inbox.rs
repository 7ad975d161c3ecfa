//! What is on its way to a session that stands for a peer of the router.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

/// A queue of messages. Whoever fills it never waits; how much fits is bounded.
#[derive(Debug)]
pub(super) struct Inbox {
    max_frames: usize,
    max_bytes: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Bytes>,
    bytes: usize,
    is_closed: bool,
    reader: Option<Waker>,
}

/// Why a message is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoRoom {
    /// The session has too much to do.
    Full,
    /// The session is over.
    Closed,
}

impl Inbox {
    /// One message always fits.
    pub(super) fn new(max_frames: usize, max_bytes: usize) -> Self {
        Self {
            max_frames,
            max_bytes,
            state: Mutex::default(),
        }
    }

    /// Adds a message.
    pub(super) fn push(&self, frame: Bytes) -> Result<(), NoRoom> {
        let state = self.lock();
        let is_full = state.frames.len() >= self.max_frames
            || state.bytes.saturating_add(frame.len()) > self.max_bytes;
        if is_full && !state.frames.is_empty() && !state.is_closed {
            return Err(NoRoom::Full);
        }
        self.add(state, frame)
    }

    /// Adds a message that takes something back which has been added before, so it always fits.
    pub(super) fn push_urgent(&self, frame: Bytes) -> Result<(), NoRoom> {
        self.add(self.lock(), frame)
    }

    fn add(&self, mut state: MutexGuard<'_, State>, frame: Bytes) -> Result<(), NoRoom> {
        if state.is_closed {
            return Err(NoRoom::Closed);
        }
        state.bytes += frame.len();
        state.frames.push_back(frame);
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
        Ok(())
    }

    /// The next message; `None` when the session is to end.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut state = self.lock();
        if state.is_closed {
            return Poll::Ready(None);
        }
        if let Some(frame) = state.frames.pop_front() {
            state.bytes -= frame.len();
            return Poll::Ready(Some(frame));
        }
        match &mut state.reader {
            Some(reader) => reader.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        Poll::Pending
    }

    /// Ends the session.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.frames.clear();
        state.bytes = 0;
        let reader = state.reader.take();
        drop(state);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Whether nothing waits to be read.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().frames.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(inbox: &Inbox) -> Option<Bytes> {
        match inbox.poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(frame) => frame,
            Poll::Pending => None,
        }
    }

    proptest! {
        /// Each step adds a message of some length, or reads one. A naive queue says what fits and what is to be read.
        #[test]
        fn what_fits_is_read_in_its_order(
            steps in proptest::collection::vec(proptest::option::of(0_usize..40), 0..200),
            max_frames in 0_usize..6,
            max_bytes in 0_usize..60,
        ) {
            let inbox = Inbox::new(max_frames, max_bytes);
            let mut waiting = VecDeque::<Bytes>::new();
            for step in steps {
                let Some(len) = step else {
                    prop_assert_eq!(read(&inbox), waiting.pop_front());
                    continue;
                };
                let bytes = waiting.iter().map(Bytes::len).sum::<usize>() + len;
                let fits = waiting.is_empty() || (waiting.len() < max_frames && bytes <= max_bytes);
                let frame = Bytes::from(vec![0; len]);
                prop_assert_eq!(inbox.push(frame.clone()), if fits { Ok(()) } else { Err(NoRoom::Full) });
                if fits {
                    waiting.push_back(frame);
                }
                prop_assert_eq!(inbox.is_empty(), waiting.is_empty());
            }
        }
    }

    #[test]
    fn nothing_is_taken_or_read_after_the_end() {
        let inbox = Inbox::new(4, 100);
        assert_eq!(inbox.push(Bytes::from_static(b"a")), Ok(()));
        inbox.close();
        assert_eq!(inbox.push(Bytes::from_static(b"b")), Err(NoRoom::Closed));
        assert_eq!(
            inbox.push_urgent(Bytes::from_static(b"c")),
            Err(NoRoom::Closed)
        );
        let end = inbox.poll_next(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(end, Poll::Ready(None)));
    }
}

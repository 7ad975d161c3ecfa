//! Server code that reads events: a queue that forgets the oldest ones, so that nobody who publishes waits or fails.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use wamp_proto::codec::Format;

/// What events for it are encoded in.
pub(crate) const FORMAT: Format = Format::Cbor;

/// One reader within the server. It is no session, so nobody is told of it, and no rule holds for it.
#[derive(Debug)]
pub(crate) struct Listener {
    queue: Mutex<Queue>,
    reader: AtomicWaker,
    max_events: usize,
    max_bytes: usize,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// How many events were forgotten since one was read.
    dropped: u64,
    is_closed: bool,
}

/// An event as it stands in the queue.
#[derive(Debug)]
pub(crate) struct Heard {
    /// The EVENT, encoded.
    pub(crate) frame: Bytes,
    /// How many before it were forgotten.
    pub(crate) dropped: u64,
}

impl Listener {
    /// One event is always kept, however long.
    pub(crate) fn new(max_events: usize, max_bytes: usize) -> Self {
        Self {
            queue: Mutex::default(),
            reader: AtomicWaker::new(),
            max_events,
            max_bytes,
        }
    }

    /// Queues an event.
    pub(crate) fn push(&self, frame: Bytes) {
        let mut queue = self.lock();
        if queue.is_closed {
            return;
        }
        queue.bytes += frame.len();
        queue.frames.push_back(frame);
        while queue.frames.len() > 1
            && (queue.frames.len() > self.max_events || queue.bytes > self.max_bytes)
        {
            queue.pop();
            queue.dropped += 1;
        }
        drop(queue);
        self.reader.wake();
    }

    /// The next event; `None` when it is closed and all have been read.
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<Heard>> {
        // Before the queue is read: a push after that wakes.
        self.reader.register(cx.waker());
        let mut queue = self.lock();
        match queue.pop() {
            Some(frame) => Poll::Ready(Some(Heard {
                frame,
                dropped: std::mem::take(&mut queue.dropped),
            })),
            None if queue.is_closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// Nothing comes any more; what has come can be read.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.reader.wake();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn pop(&mut self) -> Option<Bytes> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len();
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use proptest::prelude::*;

    use super::*;

    fn read(listener: &Listener) -> Option<(Bytes, u64)> {
        match listener.poll_next(&Context::from_waker(Waker::noop())) {
            Poll::Ready(heard) => heard.map(|it| (it.frame, it.dropped)),
            Poll::Pending => None,
        }
    }

    proptest! {
        /// Each step pushes an event of some length, or reads one. A naive queue says what is to be read.
        #[test]
        fn the_newest_that_fit_are_kept_and_the_others_are_counted(
            steps in proptest::collection::vec(proptest::option::of(0_usize..40), 0..200),
            max_events in 0_usize..6,
            max_bytes in 0_usize..60,
        ) {
            let listener = Listener::new(max_events, max_bytes);
            let mut pushed = Vec::new();
            let mut first = 0;
            let mut last_read = 0;
            for step in steps {
                let Some(len) = step else {
                    let expected = pushed.get(first).cloned().map(|frame: Bytes| (frame, (first - last_read) as u64));
                    prop_assert_eq!(read(&listener), expected.clone());
                    if expected.is_some() {
                        first += 1;
                        last_read = first;
                    }
                    continue;
                };
                let mut frame = vec![0; len];
                if let Some(byte) = frame.first_mut() {
                    *byte = u8::try_from(pushed.len() % 251).expect("small");
                }
                listener.push(frame.clone().into());
                pushed.push(frame.into());
                let fits = |first: usize| {
                    let kept = pushed.get(first..).unwrap_or_default();
                    let bytes = kept.iter().map(Bytes::len).sum::<usize>();
                    kept.len() <= 1 || (kept.len() <= max_events && bytes <= max_bytes)
                };
                while !fits(first) {
                    first += 1;
                }
            }
        }
    }

    #[test]
    fn what_has_come_can_be_read_after_the_end() {
        let listener = Listener::new(4, 100);
        listener.push(Bytes::from_static(b"a"));
        listener.close();
        listener.push(Bytes::from_static(b"b"));
        assert_eq!(read(&listener), Some((Bytes::from_static(b"a"), 0)));
        let end = listener.poll_next(&Context::from_waker(Waker::noop()));
        assert!(matches!(end, Poll::Ready(None)));
    }
}

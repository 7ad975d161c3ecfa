//! Between a session and its transport: batches, and how much is on its way.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use wamp_proto::subprotocol::{Batch, Subprotocol};

use super::outbox::{Drained, Outbox};
use super::oversize::Customs;
use crate::app::shared::Shared;
use crate::transport::{Close, Failure, Transport};

/// Bytes handed to the transport before it is flushed: what waits beyond them waits where it is counted.
const CHUNK: usize = 64 * 1024;

/// A transport with what is on its way to and from it.
pub(super) struct Wire<T> {
    pub(super) transport: T,
    subprotocol: Subprotocol,
    pub(super) out: Out,
    customs: Customs,
    /// What is left of a batch that has arrived.
    batch: Option<Batch>,
    /// A message that came before it was wanted.
    early: Option<Bytes>,
    /// Bytes handed to the transport since it was last flushed.
    unflushed: usize,
}

/// Messages that are ready to be written.
#[derive(Default)]
pub(super) struct Out {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// The peer does not read: what comes now goes to the session's outbox, which is bounded.
    pub(super) blocked: bool,
}

impl Out {
    pub(super) fn push(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
    }

    /// Takes over what others have queued for the session.
    pub(super) fn take(&mut self, outbox: &Outbox) -> Drained {
        let drained = outbox.drain(&mut self.frames);
        self.bytes += drained.bytes;
        drained
    }

    /// Bytes that wait to be written.
    pub(super) fn len(&self) -> usize {
        self.bytes
    }

    fn pop(&mut self) -> Option<Bytes> {
        let frame = self.frames.pop_front()?;
        self.bytes -= frame.len();
        Some(frame)
    }
}

impl<T: Transport> Wire<T> {
    pub(super) fn new(transport: T, shared: Arc<Shared>) -> Self {
        let subprotocol = transport.subprotocol();
        let limit = transport.peer_max_message();
        Self {
            subprotocol,
            customs: Customs::new(limit, subprotocol.format, shared),
            transport,
            out: Out::default(),
            batch: None,
            early: None,
            unflushed: 0,
        }
    }

    pub(super) fn subprotocol(&self) -> Subprotocol {
        self.subprotocol
    }

    /// The next message; `None` when the peer has closed the connection.
    #[inline]
    pub(super) fn poll_message(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Failure>>> {
        if self.early.is_some() {
            return Poll::Ready(self.early.take().map(Ok));
        }
        if !self.subprotocol.batched {
            return unconstrained(cx, |cx| self.transport.poll_receive(cx));
        }
        loop {
            if let Some(message) = self.batch.as_mut().and_then(Iterator::next) {
                return Poll::Ready(Some(Ok(message)));
            }
            let frame = match ready!(unconstrained(cx, |cx| self.transport.poll_receive(cx))) {
                Some(Ok(frame)) => frame,
                other => return Poll::Ready(other),
            };
            match self.subprotocol.split_batch(&frame) {
                Ok(batch) => self.batch = Some(batch),
                Err(error) => {
                    return Poll::Ready(Some(Err(Failure::Protocol(error.to_string()))));
                }
            }
        }
    }

    /// Reads at most one message ahead: whether the peer has gone is known even if nothing is wanted of it.
    pub(super) fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<Option<Failure>> {
        if self.early.is_some() {
            return Poll::Pending;
        }
        match ready!(self.poll_message(cx)) {
            Some(Ok(early)) => {
                self.early = Some(early);
                Poll::Pending
            }
            Some(Err(failure)) => Poll::Ready(Some(failure)),
            None => Poll::Ready(None),
        }
    }

    /// Writes what there is to write, as far as the peer reads.
    pub(super) fn pump(&mut self, cx: &mut Context<'_>) -> Result<(), Failure> {
        loop {
            if self.subprotocol.batched {
                self.hand_over_batch()?;
            } else {
                self.hand_over()?;
            }
            if self.unflushed == 0 {
                self.out.blocked = false;
                return Ok(());
            }
            match unconstrained(cx, |cx| self.transport.poll_flush(cx)) {
                Poll::Ready(Ok(())) => self.unflushed = 0,
                Poll::Ready(Err(failure)) => return Err(failure),
                Poll::Pending => {
                    self.out.blocked = true;
                    return Ok(());
                }
            }
        }
    }

    /// The next message that the peer takes.
    #[inline]
    fn next_frame(&mut self) -> Result<Option<Bytes>, Failure> {
        while let Some(frame) = self.out.pop() {
            if self.customs.waves_through(&frame) {
                return Ok(Some(frame));
            }
            if let Some(instead) = self.customs.examine(frame)? {
                return Ok(Some(instead));
            }
        }
        Ok(None)
    }

    fn hand_over(&mut self) -> Result<(), Failure> {
        while self.unflushed < CHUNK {
            let Some(frame) = self.next_frame()? else {
                break;
            };
            self.unflushed += frame.len().max(1);
            self.transport.send(frame)?;
        }
        Ok(())
    }

    fn hand_over_batch(&mut self) -> Result<(), Failure> {
        if self.out.frames.is_empty() || self.unflushed >= CHUNK {
            return Ok(());
        }
        let mut batch = BytesMut::new();
        while batch.len() < CHUNK {
            let Some(frame) = self.next_frame()? else {
                break;
            };
            let begin = self.subprotocol.batch_begin(&mut batch);
            batch.extend_from_slice(&frame);
            self.subprotocol
                .batch_end(&mut batch, begin)
                .map_err(|error| Failure::Protocol(error.to_string()))?;
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.unflushed += batch.len();
        self.transport.send(batch.freeze())
    }

    /// Asks the peer for a sign of life, with the next flush; false if that cannot be asked.
    pub(super) fn ping(&mut self) -> bool {
        let asked = self.transport.ping();
        self.unflushed = self.unflushed.max(usize::from(asked));
        asked
    }

    /// Whether everything has been written.
    pub(super) fn is_flushed(&self) -> bool {
        self.unflushed == 0 && self.out.frames.is_empty()
    }

    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>, reason: Close) -> Poll<()> {
        // What was to be said before the end, such as ABORT, is said first.
        match self.pump(cx) {
            Ok(()) if self.out.blocked => Poll::Pending,
            // A peer that has closed takes no more messages, but waits for the answer to its Close.
            Ok(()) | Err(_) => unconstrained(cx, |cx| self.transport.poll_close(cx, reason)),
        }
    }
}

/// Polls without charging the task's budget: a handler that uses it up must not keep its own connection from reading and writing, which are
/// bounded by themselves.
#[inline]
pub(super) fn unconstrained<T>(
    cx: &mut Context<'_>,
    poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    pin!(tokio::task::coop::unconstrained(poll_fn(poll))).poll(cx)
}

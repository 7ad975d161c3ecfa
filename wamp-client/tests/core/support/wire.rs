//! A connection in memory, whose other end the test holds.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use wamp_client::error::{ConnectError, TransportError};
use wamp_client::proto::subprotocol::Subprotocol;
use wamp_client::transport::{Traffic, Transport};

/// How an attempt to connect ends.
pub(crate) type Outcome = Result<Box<dyn Transport>, ConnectError>;

pub(crate) struct Wire {
    pub(crate) subprotocol: Subprotocol,
    pub(crate) incoming: UnboundedReceiver<Result<Bytes, TransportError>>,
    pub(crate) outgoing: UnboundedSender<Bytes>,
    pub(crate) queued: Vec<Bytes>,
    pub(crate) shared: Arc<Shared>,
}

/// What the test sets and sees.
#[derive(Default)]
pub(crate) struct Shared {
    /// Nothing is read by the router.
    pub(crate) stalled: AtomicBool,
    /// The connection cannot be closed.
    pub(crate) clings: AtomicBool,
    /// Whether there are pings at all.
    pub(crate) pingable: AtomicBool,
    pub(crate) pings: AtomicU64,
    pub(crate) pongs: AtomicU64,
    /// Bytes of messages that are not complete.
    pub(crate) received: AtomicU64,
    pub(crate) sent: AtomicU64,
    pub(crate) closed: AtomicBool,
    pub(crate) max_message: AtomicU64,
    pub(crate) waker: Mutex<Option<Waker>>,
}

impl Shared {
    pub(crate) fn wake(&self) {
        if let Some(waker) = self.waker.lock().unwrap().take() {
            waker.wake();
        }
    }

    fn wait(&self, cx: &Context<'_>) {
        *self.waker.lock().unwrap() = Some(cx.waker().clone());
    }
}

impl Transport for Wire {
    fn subprotocol(&self) -> Subprotocol {
        self.subprotocol
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        self.incoming.poll_recv(cx)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        self.queued.push(frame);
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if self.shared.stalled.load(Ordering::SeqCst) && !self.queued.is_empty() {
            self.shared.wait(cx);
            return Poll::Pending;
        }
        for frame in self.queued.drain(..) {
            // A test that does not look any more has seen enough.
            let _ = self.outgoing.send(frame);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.shared.closed.store(true, Ordering::SeqCst);
        if self.shared.clings.load(Ordering::SeqCst) {
            self.shared.wait(cx);
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    fn ping(&mut self) -> bool {
        self.shared.pings.fetch_add(1, Ordering::SeqCst);
        self.shared.pingable.load(Ordering::SeqCst)
    }

    fn pongs(&self) -> u64 {
        self.shared.pongs.load(Ordering::SeqCst)
    }

    fn traffic(&self) -> Traffic {
        Traffic {
            received: self.shared.received.load(Ordering::SeqCst),
            sent: self.shared.sent.load(Ordering::SeqCst),
        }
    }

    fn peer_max_message(&self) -> usize {
        match self.shared.max_message.load(Ordering::SeqCst) {
            0 => usize::MAX,
            limit => usize::try_from(limit).unwrap(),
        }
    }
}

//! A connection in memory that remembers what was said on it, and on which faults happen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use wamp_client::error::TransportError;
use wamp_proto::codec::{Format, transcode};
use wamp_proto::subprotocol::Subprotocol;

use super::bell::Bell;
use super::message::{Direction, WireMessage};
use super::rule::Passage;
use super::state::{CAPACITY, Ends, Next, Queued, State, Way, broken};
use crate::transport::memory::Peer;

/// One client's connections, one after the other.
#[derive(Debug)]
pub(super) struct Tap {
    subprotocol: Subprotocol,
    state: Mutex<State>,
    bell: Arc<Bell>,
    /// Something was said.
    changed: watch::Sender<()>,
}

impl Tap {
    pub(super) fn new(subprotocol: Subprotocol) -> Self {
        Self {
            subprotocol,
            state: Mutex::default(),
            bell: Arc::default(),
            changed: watch::Sender::new(()),
        }
    }

    pub(super) fn subprotocol(&self) -> Subprotocol {
        self.subprotocol
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins the next connection; gives its number.
    pub(super) fn connect(&self, peer: Peer) -> u64 {
        self.lock().connect(peer)
    }

    /// Ends a connection, if it is still the present one.
    pub(super) fn hang_up(&self, generation: u64) {
        self.lock().hang_up(generation);
        self.bell.ring();
    }

    /// Changes what happens to messages, and lets move what can.
    pub(super) fn change(self: &Arc<Self>, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.bell.ring();
        self.drain_at(Instant::now());
    }

    /// A message in the serializer of the connection, from JSON text. What is no JSON stays as it is.
    pub(super) fn encode(&self, message: &str) -> Bytes {
        let mut bytes = BytesMut::new();
        let json = message.as_bytes();
        let format = self.subprotocol.format;
        if format == Format::Json || transcode(Format::Json, json, format, &mut bytes).is_err() {
            bytes.clear();
            bytes.extend_from_slice(json);
        }
        bytes.freeze()
    }

    /// A frame of one message.
    pub(super) fn pack(&self, message: &[u8]) -> Bytes {
        let mut frame = BytesMut::new();
        let begin = self.subprotocol.batch_begin(&mut frame);
        frame.extend_from_slice(message);
        match self.subprotocol.batch_end(&mut frame, begin) {
            Ok(()) => frame.freeze(),
            Err(_) => Bytes::copy_from_slice(message),
        }
    }

    pub(super) fn split(&self, direction: Direction, frame: &Bytes) -> Vec<WireMessage> {
        let format = self.subprotocol.format;
        let message = |bytes| WireMessage::new(direction, format, bytes);
        match self.subprotocol.split_batch(frame) {
            Ok(batch) => batch.map(message).collect(),
            Err(_) => vec![message(frame.clone())],
        }
    }

    /// Puts a frame of the client on its way.
    pub(super) fn send(self: &Arc<Self>, frame: Bytes) -> Result<(), TransportError> {
        let messages = self.split(Direction::ToServer, &frame);
        let mut guard = self.lock();
        let state = &mut *guard;
        state.ends.check()?;
        for message in &messages {
            state.log.add(message.clone());
        }
        let later = self.put(&mut state.to_server, frame, &messages);
        drop(guard);
        self.changed.send_replace(());
        later.into_iter().for_each(|due| self.drain_at(due));
        Ok(())
    }

    /// Puts a frame on its way; when there is something to be done for it later.
    fn put(&self, way: &mut Way, frame: Bytes, messages: &[WireMessage]) -> Vec<Instant> {
        let now = Instant::now();
        if way.rules.is_idle() {
            let due = way.due(now);
            way.queue.push_back(Queued::Frame(due, frame));
            return Vec::new();
        }
        let mut later = Vec::new();
        for passage in messages
            .iter()
            .flat_map(|it| way.rules.apply(it))
            .collect::<Vec<_>>()
        {
            let queued = match passage {
                Passage::Bytes(bytes, delay) => {
                    let due = way.due(now + delay);
                    later.push(due);
                    Queued::Frame(due, self.pack(&bytes))
                }
                Passage::Cut => Queued::Cut,
            };
            way.queue.push_back(queued);
        }
        later.retain(|due| *due > now);
        later.dedup();
        later
    }

    /// Ready when there is room for one more frame to the server.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        ready!(self.poll_flush(cx))?;
        let waker = Waker::from(Arc::clone(&self.bell));
        self.lock().poll_room(&mut Context::from_waker(&waker))
    }

    /// Moves to the server what is due. Ready when nothing more can be moved now.
    pub(super) fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.bell.register(cx.waker());
        let waker = Waker::from(Arc::clone(&self.bell));
        let mut state = self.lock();
        state.poll_flush(&mut Context::from_waker(&waker))
    }

    /// The same, also of what is not due yet.
    pub(super) fn poll_drained(&self, cx: &mut Context<'_>) -> Poll<()> {
        match ready!(self.poll_flush(cx)) {
            Ok(()) if !self.lock().to_server.queue.is_empty() => Poll::Pending,
            _ => Poll::Ready(()),
        }
    }

    /// The next frame for the client.
    pub(super) fn poll_receive(
        self: &Arc<Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        self.bell.register(cx.waker());
        let waker = Waker::from(Arc::clone(&self.bell));
        let mut inner = Context::from_waker(&waker);
        let mut state = self.lock();
        if state.ends.is_cut {
            return Poll::Ready(Some(Err(broken())));
        }
        loop {
            let is_over = self.fill(&mut state, &mut inner);
            match state.to_client.next(Instant::now()) {
                Next::Frame(frame) => {
                    let frame = self.deliver(&mut state, frame);
                    self.changed.send_replace(());
                    if let Some(frame) = frame {
                        return Poll::Ready(Some(Ok(frame)));
                    }
                }
                Next::Cut => {
                    state.cut();
                    return Poll::Ready(Some(Err(broken())));
                }
                Next::Later if is_over && state.to_client.queue.is_empty() => {
                    return Poll::Ready(None);
                }
                Next::Later => return Poll::Pending,
            }
        }
    }

    /// Takes what the server has sent, as much as there is room for; true at its end.
    fn fill(&self, state: &mut State, cx: &mut Context<'_>) -> bool {
        while !state.to_client.is_held && state.to_client.queue.len() < CAPACITY {
            match state.ends.poll_receive(cx) {
                Poll::Pending => return false,
                Poll::Ready(None) => return true,
                Poll::Ready(Some(frame)) => {
                    let messages = self.split(Direction::ToClient, &frame);
                    let later = self.put(&mut state.to_client, frame, &messages);
                    later.into_iter().for_each(|due| self.ring_at(due));
                }
            }
            if state.to_client.rules.is_idle() {
                return false;
            }
        }
        false
    }

    /// A frame has come; what the client is to see of it.
    fn deliver(&self, state: &mut State, frame: Bytes) -> Option<Bytes> {
        let messages = self.split(Direction::ToClient, &frame);
        let mut seen = BytesMut::new();
        let mut hides = false;
        for message in messages {
            match state.log.add(message.clone()) {
                true => hides = true,
                false => seen.extend_from_slice(&self.pack(message.bytes())),
            }
        }
        match hides {
            false => Some(frame),
            true => Some(seen.freeze()).filter(|it| !it.is_empty()),
        }
    }

    /// Closes the connection when all has been sent.
    pub(super) fn poll_close(&self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.poll_drained(cx));
        self.lock().ends = Ends::default();
        self.bell.ring();
        Poll::Ready(())
    }

    /// Waits until `look` has found something, but not for ever.
    pub(super) async fn until<T>(
        &self,
        within: Duration,
        mut look: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let mut changes = self.changed.subscribe();
        let found = async {
            loop {
                if let Some(found) = look(&mut self.lock()) {
                    return found;
                }
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        timeout(within, found).await.ok()
    }

    /// Moves to the server what is due then, whoever else does something.
    fn drain_at(self: &Arc<Self>, due: Instant) {
        let tap = Arc::clone(self);
        tokio::spawn(async move {
            sleep_until(due).await;
            let _ = std::future::poll_fn(|cx| tap.poll_flush(cx)).await;
        });
    }

    /// Wakes the client then.
    fn ring_at(&self, due: Instant) {
        let bell = Arc::clone(&self.bell);
        tokio::spawn(async move {
            sleep_until(due).await;
            bell.ring();
        });
    }
}

//! The task of a connection: reads, writes, keeps time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep_until};
use wamp_proto::message::details::{AbortDetails, GoodbyeDetails};
use wamp_proto::message::{Abort, Goodbye, Message};
use wamp_proto::payload::Payload;
use wamp_proto::subprotocol::{Batch, Subprotocol};
use wamp_proto::uri;

use crate::config::Timing;
use crate::error::TransportError;
use crate::heartbeat::Heartbeat;
use crate::link::Link;
use crate::receive::receive;
use crate::transport::Transport;

/// Messages and frames that are read before others have their turn.
const BATCH: usize = 256;

/// Bytes of a frame that holds several messages.
const MAX_BATCH: usize = 1 << 16;

/// Longer than anything lasts: thirty years.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

/// How a session ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The connection broke.
    Lost(TransportError),
    /// The router has said GOODBYE, or answered ours.
    Goodbye(ByteString),
    /// The router has said ABORT: its reason, and what it says to humans.
    Aborted(ByteString, Option<ByteString>),
    /// The router breaks WAMP's rules.
    Violation(String),
    /// The router has not answered our GOODBYE in time.
    Unanswered,
}

/// Drives one connection while its session is open, and closes it then.
pub(crate) struct Driver {
    transport: Box<dyn Transport>,
    subprotocol: Subprotocol,
    link: Link,
    timing: Timing,
    heartbeat: Heartbeat,
    phase: Phase,
    timer: Option<Pin<Box<Sleep>>>,
    /// What has been read and not acted on: a frame may hold several messages.
    batch: Option<Batch>,
    /// Told how the session ended, before the connection is closed.
    ended: Option<oneshot::Sender<End>>,
    /// Kept for its memory.
    frames: Vec<Bytes>,
}

enum Phase {
    Open,
    /// We have said GOODBYE; the answer is due then.
    Leaving(Instant),
    /// The session is over, and the connection is being closed, until then.
    Closing(Instant),
}

impl Driver {
    /// `batch`: what came with WELCOME. What is returned with the driver says how the session ends; the driver itself is ready when the
    /// connection is closed.
    pub(crate) fn new(
        transport: Box<dyn Transport>,
        link: Link,
        timing: Timing,
        batch: Option<Batch>,
    ) -> (Self, oneshot::Receiver<End>) {
        let (ended, end) = oneshot::channel();
        let driver = Self {
            subprotocol: transport.subprotocol(),
            heartbeat: Heartbeat::new(&timing, Instant::now()),
            transport,
            link,
            timing,
            phase: Phase::Open,
            timer: None,
            batch,
            ended: Some(ended),
            frames: Vec::new(),
        };
        (driver, end)
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let now = Instant::now();
        match &self.phase {
            Phase::Open if self.link.is_leaving() => {
                self.finish(&goodbye(uri::CLOSE_REALM));
                self.phase = Phase::Leaving(later(now, self.timing.close));
            }
            Phase::Leaving(until) if *until <= now => return Err(End::Unanswered),
            Phase::Open | Phase::Leaving(_) | Phase::Closing(_) => {}
        }
        let may_be_more = self.read(cx)?;
        self.link.expire(now);
        self.write(cx)?;
        let beat = self.heartbeat.beat(&mut *self.transport, &self.link, now);
        beat.map_err(End::Lost)?;
        self.write(cx)?;
        // Whoever asked to leave while our waker was not known yet could not wake us.
        let leaves = self.link.is_leaving() && matches!(self.phase, Phase::Open);
        Ok(leaves || (may_be_more && !self.link.outbox().is_crowded()))
    }

    /// Reads what is there; true if there may be more.
    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        for count in 0..BATCH {
            if count % 16 == 0 && self.link.outbox().is_crowded() {
                return Ok(true);
            }
            if let Some(message) = self.batch.as_mut().and_then(Iterator::next) {
                self.on_message(&message)?;
                continue;
            }
            let frame = match self.transport.poll_receive(cx) {
                Poll::Pending => return Ok(false),
                Poll::Ready(None) => return Err(End::Lost(TransportError::Closed)),
                Poll::Ready(Some(Err(error))) => return Err(End::Lost(error)),
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            let batch = self.subprotocol.split_batch(&frame);
            self.batch = Some(batch.map_err(|error| End::Violation(error.to_string()))?);
        }
        Ok(true)
    }

    fn on_message(&mut self, frame: &Bytes) -> Result<(), End> {
        let message = Message::decode(self.subprotocol.format, frame);
        let message = message.map_err(|violation| End::Violation(violation.to_string()))?;
        match (message, &self.phase) {
            (Message::Goodbye(goodbye), Phase::Leaving(_)) => Err(End::Goodbye(goodbye.reason)),
            (Message::Goodbye(theirs), _) => {
                self.finish(&goodbye(uri::GOODBYE_AND_OUT));
                Err(End::Goodbye(theirs.reason))
            }
            (Message::Abort(abort), _) => Err(End::Aborted(abort.reason, abort.details.message)),
            // It could not be answered after GOODBYE.
            (Message::Invocation(_), Phase::Leaving(_)) => Ok(()),
            (message, _) => receive(&self.link, message).map_err(End::Violation),
        }
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        let mut frames = std::mem::take(&mut self.frames);
        self.link.outbox().take(&mut frames, cx.waker());
        match self.subprotocol.batched {
            true => self.send_batch(&mut frames)?,
            false => {
                for frame in frames.drain(..) {
                    self.transport.send(frame).map_err(End::Lost)?;
                }
            }
        }
        self.frames = frames;
        match self.transport.poll_flush(cx) {
            Poll::Ready(Ok(())) => self.link.outbox().flushed(),
            Poll::Ready(Err(error)) => return Err(End::Lost(error)),
            Poll::Pending => {}
        }
        Ok(())
    }

    /// Sends messages in as few frames as the router takes.
    fn send_batch(&mut self, messages: &mut Vec<Bytes>) -> Result<(), End> {
        let mut batch = BytesMut::new();
        for message in messages.drain(..) {
            if !batch.is_empty() && batch.len() + message.len() > MAX_BATCH {
                let full = batch.split().freeze();
                self.transport.send(full).map_err(End::Lost)?;
            }
            let begin = self.subprotocol.batch_begin(&mut batch);
            batch.extend_from_slice(&message);
            let ended = self.subprotocol.batch_end(&mut batch, begin);
            ended.map_err(|error| End::Lost(TransportError::Protocol(error.to_string())))?;
        }
        match batch.is_empty() {
            true => Ok(()),
            false => self.transport.send(batch.freeze()).map_err(End::Lost),
        }
    }

    /// Says the last thing that is said.
    fn finish(&self, message: &Message) {
        let mut frame = BytesMut::new();
        match message.encode(self.subprotocol.format, &mut frame) {
            Ok(()) => self.link.outbox().finish(frame.freeze()),
            Err(error) => tracing::error!(%error, "a message cannot be encoded"),
        }
    }

    /// The session is over; the connection is still to be closed.
    fn end(&mut self, end: End, cx: &mut Context<'_>) {
        if let End::Violation(what) = &end {
            tracing::warn!(
                session = self.link.info().id().get(),
                what,
                "the router breaks the protocol"
            );
            self.finish(&abort(what));
        }
        if !matches!(end, End::Lost(_)) {
            // Whether the last words arrive is not our business any more.
            let _ = self.write(cx);
        }
        self.link.end();
        self.phase = Phase::Closing(later(Instant::now(), self.timing.close));
        if let Some(ended) = self.ended.take() {
            // There is nobody to tell if the client is gone.
            let _ = ended.send(end);
        }
    }

    /// When to look at the clock again.
    fn due(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Open => {
                let call = self.link.tables().next_due();
                call.into_iter().chain(self.heartbeat.due()).min()
            }
            Phase::Leaving(until) | Phase::Closing(until) => Some(*until),
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.due() else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        // One that is early is not worth moving: it mostly has to be moved again before it is ready.
        if timer.deadline() > due || timer.is_elapsed() {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(cx)
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            if let Phase::Closing(until) = this.phase {
                if until > Instant::now() && this.transport.poll_close(cx).is_pending() {
                    ready!(this.poll_timer(cx));
                    continue;
                }
                return Poll::Ready(());
            }
            match this.turn(cx) {
                Ok(exhausted) => {
                    if this.poll_timer(cx).is_ready() {
                        continue;
                    }
                    if exhausted {
                        cx.waker().wake_by_ref();
                    }
                    return Poll::Pending;
                }
                Err(end) => this.end(end, cx),
            }
        }
    }
}

/// A task that is aborted, or a runtime that ends, ends the session as well.
impl Drop for Driver {
    fn drop(&mut self) {
        self.link.end();
    }
}

/// A time that far from now, or as far as can be said.
pub(crate) fn later(now: Instant, wait: Duration) -> Instant {
    now.checked_add(wait).unwrap_or_else(|| now + FOREVER)
}

pub(crate) fn goodbye(reason: &'static str) -> Message {
    Goodbye {
        details: GoodbyeDetails::default(),
        reason: ByteString::from_static(reason),
    }
    .into()
}

pub(crate) fn abort(what: &str) -> Message {
    Abort {
        details: AbortDetails {
            message: Some(what.into()),
            ..AbortDetails::default()
        },
        reason: ByteString::from_static(uri::PROTOCOL_VIOLATION),
        payload: Payload::default(),
    }
    .into()
}

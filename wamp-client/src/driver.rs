//! The task of a connection: reads, writes, keeps time.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use tokio::time::{Instant, Sleep, sleep_until};
use wamp_proto::message::details::{AbortDetails, GoodbyeDetails};
use wamp_proto::message::{Abort, Goodbye, Message};
use wamp_proto::payload::Payload;
use wamp_proto::subprotocol::Subprotocol;
use wamp_proto::uri;

use crate::config::Timing;
use crate::error::TransportError;
use crate::heartbeat::Heartbeat;
use crate::link::Link;
use crate::receive::receive;
use crate::transport::Transport;

/// Frames that are read before others have their turn.
const BATCH: usize = 256;

/// Bytes of a frame that holds several messages.
const MAX_BATCH: usize = 1 << 16;

/// How a session ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The connection broke.
    Lost(TransportError),
    /// The router has said GOODBYE, or answered ours.
    Goodbye(ByteString),
    /// The router has said ABORT.
    Aborted(ByteString),
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
    early: Vec<Bytes>,
    /// Kept for its memory.
    frames: Vec<Bytes>,
}

enum Phase {
    Open,
    /// We have said GOODBYE; the answer is due then.
    Leaving(Instant),
    /// The connection is being closed, until then.
    Closing(Instant, Option<End>),
}

impl Driver {
    /// `early`: what came with WELCOME.
    pub(crate) fn new(
        transport: Box<dyn Transport>,
        link: Link,
        timing: Timing,
        early: Vec<Bytes>,
    ) -> Self {
        Self {
            subprotocol: transport.subprotocol(),
            heartbeat: Heartbeat::new(&timing, Instant::now()),
            transport,
            link,
            timing,
            phase: Phase::Open,
            timer: None,
            early,
            frames: Vec::new(),
        }
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let now = Instant::now();
        match &self.phase {
            Phase::Open if self.link.is_leaving() => {
                self.say(&goodbye(uri::CLOSE_REALM));
                self.phase = Phase::Leaving(now + self.timing.close);
            }
            Phase::Leaving(until) if *until <= now => return Err(End::Unanswered),
            Phase::Open | Phase::Leaving(_) | Phase::Closing(..) => {}
        }
        let exhausted = self.read(cx)?;
        self.link.expire(now);
        self.write(cx)?;
        let beat = self.heartbeat.beat(&mut *self.transport, &self.link, now);
        beat.map_err(End::Lost)?;
        self.write(cx)?;
        Ok(exhausted)
    }

    /// Reads what is there; true if there may be more.
    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        for message in std::mem::take(&mut self.early) {
            self.on_message(&message)?;
        }
        for _ in 0..BATCH {
            let frame = match self.transport.poll_receive(cx) {
                Poll::Pending => return Ok(false),
                Poll::Ready(None) => return Err(End::Lost(TransportError::Closed)),
                Poll::Ready(Some(Err(error))) => return Err(End::Lost(error)),
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            let batch = self.subprotocol.split_batch(&frame);
            for message in batch.map_err(|error| End::Violation(error.to_string()))? {
                self.on_message(&message)?;
            }
        }
        Ok(true)
    }

    fn on_message(&mut self, frame: &Bytes) -> Result<(), End> {
        let message = Message::decode(self.subprotocol.format, frame);
        let message = message.map_err(|violation| End::Violation(violation.to_string()))?;
        match (message, &self.phase) {
            (Message::Goodbye(goodbye), Phase::Leaving(_)) => Err(End::Goodbye(goodbye.reason)),
            (Message::Goodbye(theirs), _) => {
                self.say(&goodbye(uri::GOODBYE_AND_OUT));
                Err(End::Goodbye(theirs.reason))
            }
            (Message::Abort(abort), _) => Err(End::Aborted(abort.reason)),
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

    fn say(&self, message: &Message) {
        let mut frame = BytesMut::new();
        match message.encode(self.subprotocol.format, &mut frame) {
            Ok(()) => drop(self.link.push(frame.freeze())),
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
            self.say(&abort(what));
        }
        if !matches!(end, End::Lost(_)) {
            // Whether the last words arrive is not our business any more.
            let _ = self.write(cx);
        }
        self.link.end();
        let until = Instant::now() + self.timing.close;
        self.phase = Phase::Closing(until, Some(end));
    }

    /// When to look at the clock again.
    fn due(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Open => {
                let call = self.link.tables().next_due();
                call.into_iter().chain(self.heartbeat.due()).min()
            }
            Phase::Leaving(until) | Phase::Closing(until, _) => Some(*until),
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
    type Output = End;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<End> {
        let this = &mut *self;
        loop {
            if let Phase::Closing(until, end) = &mut this.phase {
                if *until > Instant::now() && this.transport.poll_close(cx).is_pending() {
                    ready!(this.poll_timer(cx));
                    continue;
                }
                return Poll::Ready(end.take().unwrap_or(End::Unanswered));
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

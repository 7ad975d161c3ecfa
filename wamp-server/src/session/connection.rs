//! Drives one transport: reads, writes, and keeps time. One task does it all, and never waits for another.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use tokio::time::Instant;
use tokio_util::sync::WaitForCancellationFutureOwned;
use wamp_proto::message::Message;
use wamp_proto::uri;

use super::SLOW_CONSUMER;
use super::end::{End, breach, goodbye};
use super::establish::Opening;
use super::guest::Guest;
use super::liveness::Liveness;
use super::open::{Flow, OpenSession};
use super::outbox::Command;
use super::rejection::Rejection;
use super::timer::Timer;
use super::wire::Wire;
use crate::app::Server;
use crate::transport::{Close, Transport, TransportInfo};

/// One connection, from its handshake to its end. Sessions come and go on it.
pub(crate) struct Connection<T> {
    pub(super) server: Server,
    pub(super) wire: Wire<T>,
    pub(super) info: Arc<TransportInfo>,
    pub(super) phase: Phase,
    pub(super) liveness: Liveness,
    /// Whether there has been a session on this connection.
    pub(super) had_session: bool,
    timer: Timer,
    /// Ready when the server shuts down; asked while there is no session, which would be told otherwise.
    pub(super) shutdown: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    /// Whom the peer stands for, if that is somebody at another router.
    pub(super) guest: Option<Arc<Guest>>,
}

pub(super) enum Phase {
    /// HELLO is to come, until then.
    Greeting(Instant),
    /// Authentication and the session handlers are deciding, until then.
    Opening(Box<Opening>, Instant),
    Open(Box<OpenSession>),
    /// The session is open, but about to say GOODBYE: when its calls have ended, or then.
    Draining(Box<OpenSession>, Farewell, Instant),
    /// We have said GOODBYE; the peer is to answer, until then.
    Leaving(Instant, Close),
    /// The transport is being closed, until then.
    Closing(Instant, Close),
}

pub(super) struct Farewell {
    reason: ByteString,
    message: String,
}

impl<T: Transport> Connection<T> {
    pub(crate) fn new(server: Server, transport: T) -> Self {
        let now = Instant::now();
        let deadline = now + server.limits().hello_timeout;
        Self {
            info: Arc::new(transport.info()),
            liveness: Liveness::new(now),
            had_session: false,
            timer: Timer::new(deadline),
            wire: Wire::new(transport, Arc::clone(server.shared())),
            phase: Phase::Greeting(deadline),
            shutdown: None,
            guest: None,
            server,
        }
    }

    /// The same for a session that stands for somebody at another router.
    #[cfg(feature = "client")]
    pub(crate) fn for_guest(server: Server, transport: T, guest: Arc<Guest>) -> Self {
        let mut connection = Self::new(server, transport);
        connection.guest = Some(guest);
        connection
    }

    fn drive(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = Instant::now();
            if let Phase::Closing(deadline, reason) = self.phase {
                // The clock counts, not the timer: a peer that never stops sending never lets the timer have its turn.
                if deadline <= now || self.wire.poll_close(cx, reason).is_ready() {
                    return Poll::Ready(());
                }
                return self.timer.poll(cx, deadline);
            }
            let exhausted = match self.turn(cx, now) {
                Ok(exhausted) => exhausted,
                Err(end) => {
                    self.close(end, now);
                    continue;
                }
            };
            match self.timer.poll(cx, self.deadline()) {
                Poll::Ready(()) => {}
                Poll::Pending => {
                    if exhausted {
                        // There is more to read; others get their turn first.
                        cx.waker().wake_by_ref();
                    }
                    return Poll::Pending;
                }
            }
        }
    }

    /// Does what can be done now; true if there may be more to read.
    fn turn(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<bool, End> {
        self.check_time(now)?;
        if let Phase::Opening(..) = self.phase {
            self.advance_opening(cx, now)?;
        }
        let span = match &self.phase {
            Phase::Open(open) | Phase::Draining(open, ..) => open.span.clone(),
            _ => tracing::Span::none(),
        };
        let _entered = span.enter();
        if let Phase::Open(open) | Phase::Draining(open, ..) = &mut self.phase {
            open.register(cx.waker());
            open.poll_tasks(now, &mut self.wire.out);
        }
        self.drain_outbox(now)?;
        let exhausted = self.read(cx, now)?;
        if let Phase::Open(open) | Phase::Draining(open, ..) = &mut self.phase {
            open.count_calls();
        }
        self.drain_outbox(now)?;
        self.say_goodbye_when_done(now);
        self.check_shutdown(cx)?;
        let was_blocked = self.wire.out.blocked;
        self.wire.pump(cx).map_err(End::Failure)?;
        self.check_peer(cx, now)?;
        // The peer reads again: what waited for that can go on.
        Ok(exhausted || was_blocked && !self.wire.out.blocked)
    }

    fn read(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<bool, End> {
        let mut bytes = 0;
        for _ in 0..self.server.limits().batch {
            if !self.may_read() {
                return self.watch(cx);
            }
            if self.is_full() {
                // If the peer reads, there is room soon; if not, it is not read either.
                return Ok(!self.wire.out.blocked);
            }
            let frame = match self.wire.poll_message(cx) {
                Poll::Pending => return Ok(false),
                Poll::Ready(None) => return Err(End::Gone),
                Poll::Ready(Some(Err(failure))) => return Err(End::Failure(failure)),
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            self.on_frame(&frame, cx, now)?;
            bytes += frame.len();
            if bytes >= self.server.limits().outbound_soft {
                // Those that it is for get their turn before they have more than they can take.
                break;
            }
        }
        Ok(true)
    }

    /// While it is being decided whether the session opens, nothing is read but what the peer is asked for.
    pub(super) fn may_read(&self) -> bool {
        match &self.phase {
            Phase::Opening(opening, _) => opening.is_asking(),
            Phase::Closing(..) => false,
            Phase::Greeting(_) | Phase::Open(_) | Phase::Draining(..) | Phase::Leaving(..) => true,
        }
    }

    /// Whether so much is waiting to be written that nothing more should be asked for.
    pub(super) fn is_full(&self) -> bool {
        let outbox = match &self.phase {
            Phase::Open(open) | Phase::Draining(open, ..) => open.session.outbox().len(),
            _ => 0,
        };
        self.wire.out.len() + outbox >= self.server.limits().outbound_soft
    }

    #[inline]
    fn on_frame(&mut self, frame: &Bytes, cx: &mut Context<'_>, now: Instant) -> Result<(), End> {
        match &mut self.phase {
            Phase::Open(open) | Phase::Draining(open, ..) => {
                match open.on_frame(frame, now, &mut self.wire.out) {
                    Ok(Flow::Continue) => Ok(()),
                    Ok(Flow::Goodbye) => self.part(now),
                    Ok(Flow::Aborted) => Err(End::Close(Close::Normal)),
                    Ok(Flow::Failed) => {
                        let rejection = Rejection::new(uri::RUNTIME_ERROR, "the session failed");
                        Err(End::Abort(rejection, Close::Normal))
                    }
                    Err(violation) => Err(End::Violation(violation)),
                }
            }
            Phase::Greeting(_) => self.greet(frame, cx, now),
            Phase::Leaving(_, reason) => {
                // Only the answer to our GOODBYE matters now.
                let reason = *reason;
                match Message::decode(self.wire.subprotocol().format, frame) {
                    Ok(Message::Goodbye(_) | Message::Abort(_)) => Err(End::Close(reason)),
                    Ok(_) | Err(_) => Ok(()),
                }
            }
            Phase::Opening(..) => self.hear_proof(frame, cx, now),
            Phase::Closing(..) => Ok(()),
        }
    }

    /// Moves what others have queued for the session to the wire, and does what they ask for.
    fn drain_outbox(&mut self, now: Instant) -> Result<(), End> {
        let (Phase::Open(open) | Phase::Draining(open, ..)) = &mut self.phase else {
            return Ok(());
        };
        let outbox = open.session.outbox();
        if !outbox.has_work() {
            return Ok(());
        }
        let (command, overflowed) = if self.wire.out.blocked {
            (outbox.take_command(), outbox.has_overflowed())
        } else {
            let drained = self.wire.out.take(outbox);
            (drained.command, drained.overflowed)
        };
        if overflowed {
            self.server.shared().counters.slow_consumers.count();
            tracing::warn!(
                session = open.session.id().get(),
                reason = SLOW_CONSUMER,
                "the peer does not read what it is sent"
            );
            return Err(End::Close(Close::Policy));
        }
        match command {
            None => {}
            Some(Command::DropRevoked) => open.drop_revoked(),
            Some(Command::Abort { reason, message }) => {
                let rejection = Rejection { reason, message };
                return Err(End::Abort(rejection, Close::Normal));
            }
            Some(Command::Goodbye {
                reason,
                message,
                grace,
            }) => {
                open.drop_revoked();
                open.drain();
                self.drain(Farewell { reason, message }, now + grace);
            }
        }
        Ok(())
    }

    fn drain(&mut self, farewell: Farewell, until: Instant) {
        let phase = std::mem::replace(&mut self.phase, Phase::Greeting(until));
        self.phase = match phase {
            Phase::Open(open) | Phase::Draining(open, ..) => Phase::Draining(open, farewell, until),
            other => other,
        };
    }

    /// Ends a draining session whose calls have ended, or had their time.
    fn say_goodbye_when_done(&mut self, now: Instant) {
        match &self.phase {
            Phase::Draining(open, _, until) if !open.is_busy() || *until <= now => {}
            _ => return,
        }
        let deadline = now + self.server.limits().goodbye_timeout;
        let phase = std::mem::replace(&mut self.phase, Phase::Leaving(deadline, Close::Normal));
        if let Phase::Draining(open, Farewell { reason, message }, _) = phase {
            if self.server.shared().is_closing() {
                self.phase = Phase::Leaving(deadline, Close::GoingAway);
            }
            self.end(open);
            self.say(&goodbye(reason, Some(message)));
        }
    }

    /// The peer has said GOODBYE: answered, and the session is over. The peer may begin another one.
    fn part(&mut self, now: Instant) -> Result<(), End> {
        let deadline = now + self.server.limits().hello_timeout;
        let phase = std::mem::replace(&mut self.phase, Phase::Greeting(deadline));
        if let Phase::Open(open) | Phase::Draining(open, ..) = phase {
            self.end(open);
        }
        self.say(&goodbye(
            ByteString::from_static(uri::GOODBYE_AND_OUT),
            None,
        ));
        if !self.wire.transport.left() {
            return Err(self.limit_hit(End::Close(Close::Normal)));
        }
        Ok(())
    }

    /// Ends the session. What was queued for it before is still sent.
    fn end(&mut self, open: Box<OpenSession>) {
        self.wire.out.take(open.session.outbox());
        open.end();
    }

    pub(super) fn say(&mut self, message: &Message) {
        let mut frame = BytesMut::new();
        match message.encode(self.wire.subprotocol().format, &mut frame) {
            Ok(()) => self.wire.out.push(frame.freeze()),
            Err(error) => tracing::error!(%error, "a message cannot be encoded"),
        }
    }

    /// Begins to close the connection: whatever session there is ends, the peer is told why.
    fn close(&mut self, end: End, now: Instant) {
        let deadline = now + self.server.limits().close_timeout;
        let phase = std::mem::replace(&mut self.phase, Phase::Closing(deadline, Close::Normal));
        match phase {
            Phase::Open(open) | Phase::Draining(open, ..) => self.end(open),
            Phase::Opening(opening, _) => opening.abandon(),
            Phase::Greeting(_) | Phase::Leaving(..) | Phase::Closing(..) => {}
        }
        let (reason, last_words) = end.explain(&self.server.shared().counters);
        let instead_of_code = || {
            let silent = !self.wire.transport.has_close_codes();
            silent.then(|| breach(reason)).flatten()
        };
        if let Some(message) = last_words.or_else(instead_of_code) {
            self.say(&message);
        }
        self.phase = Phase::Closing(deadline, reason);
    }
}

/// Runs the connection to its end. It is its own future, not one that holds it, so that a connection that is idle costs what it is.
impl<T: Transport> Future for Connection<T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.get_mut().drive(cx)
    }
}

/// A connection that is dropped, with its task or with the runtime, ends its session as well.
impl<T> Drop for Connection<T> {
    fn drop(&mut self) {
        let now = Instant::now();
        match std::mem::replace(&mut self.phase, Phase::Closing(now, Close::Normal)) {
            Phase::Open(open) | Phase::Draining(open, ..) => open.end(),
            Phase::Opening(opening, _) => opening.abandon(),
            Phase::Greeting(_) | Phase::Leaving(..) | Phase::Closing(..) => {}
        }
    }
}

//! A connection on its way to a session: HELLO, CHALLENGE and AUTHENTICATE, WELCOME.

use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::time::Instant;
use wamp_proto::message::{Message, ProtocolViolation};

use super::connection::{Connection, Phase};
use super::end::End;
use super::establish::{Arrival, Opening, Progress};
use crate::transport::{Close, Failure, Transport};

impl<T: Transport> Connection<T> {
    /// Notices when the peer leaves while it is being decided about it; not if it has sent something before that nobody wants yet.
    pub(super) fn watch(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        match self.wire.poll_gone(cx) {
            Poll::Pending => Ok(false),
            Poll::Ready(None) => Err(End::Gone),
            Poll::Ready(Some(failure)) => Err(End::Failure(failure)),
        }
    }

    /// A message of a peer that is not in a session yet. One that gives up is let go.
    fn early_message(&self, frame: &Bytes) -> Result<Message, End> {
        let limit = self.server.limits().max_hello;
        if frame.len() > limit {
            return Err(End::Failure(Failure::TooLarge { limit }));
        }
        match Message::decode(self.wire.subprotocol().format, frame) {
            Ok(Message::Abort(_)) => Err(End::Close(Close::Normal)),
            Ok(message) => Ok(message),
            Err(violation) => Err(End::Violation(violation)),
        }
    }

    /// The first message is HELLO.
    pub(super) fn greet(
        &mut self,
        frame: &Bytes,
        cx: &mut Context<'_>,
        now: Instant,
    ) -> Result<(), End> {
        let limits = self.server.limits();
        let hello = match self.early_message(frame)? {
            Message::Hello(hello) => hello,
            other => return Err(out_of_place(&other, "before HELLO")),
        };
        let format = self.wire.subprotocol().format;
        let max_message = self.wire.transport.peer_max_message();
        let arrival = Arrival {
            format,
            transport: &self.info,
            max_message,
            guest: self.guest.clone(),
        };
        let opening = Opening::new(&self.server, hello, arrival)
            .map_err(|rejection| End::Abort(rejection, Close::Normal))?;
        self.phase = Phase::Opening(Box::new(opening), now + limits.welcome_timeout);
        self.advance_opening(cx, now)
    }

    /// CHALLENGE was sent, so AUTHENTICATE comes.
    pub(super) fn hear_proof(
        &mut self,
        frame: &Bytes,
        cx: &mut Context<'_>,
        now: Instant,
    ) -> Result<(), End> {
        let proof = match self.early_message(frame)? {
            Message::Authenticate(proof) => proof,
            other => return Err(out_of_place(&other, "where AUTHENTICATE is expected")),
        };
        if let Phase::Opening(opening, _) = &mut self.phase {
            opening.answer(proof);
        }
        self.advance_opening(cx, now)
    }

    pub(super) fn advance_opening(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
    ) -> Result<(), End> {
        // Replaced at once by what comes of it.
        let phase = std::mem::replace(&mut self.phase, Phase::Greeting(now));
        let Phase::Opening(opening, deadline) = phase else {
            self.phase = phase;
            return Ok(());
        };
        match opening.advance(cx) {
            Progress::Waiting(opening) => self.phase = Phase::Opening(opening, deadline),
            Progress::Asking(mut opening, challenge) => {
                opening.answer_by = Some(now + self.server.limits().authenticate_timeout);
                self.phase = Phase::Opening(opening, deadline);
                self.say(&Message::Challenge(challenge));
            }
            Progress::Open(mut open, welcome) => {
                open.register(cx.waker());
                open.send(&welcome, &mut self.wire.out);
                open.join();
                open.shared.counters.opened_sessions.count();
                self.wire.transport.opened();
                self.liveness.opened(now);
                self.had_session = true;
                self.phase = Phase::Open(open);
            }
            Progress::Rejected(rejection) => {
                return Err(End::Abort(rejection, Close::Normal));
            }
        }
        Ok(())
    }
}

fn out_of_place(message: &Message, place: &str) -> End {
    let name = message.name();
    End::Violation(ProtocolViolation::new(format!("{name} {place}")))
}

//! What a connection does when time has passed.

use std::future::Future as _;
use std::task::Context;

use tokio::time::Instant;
use wamp_proto::uri;

use super::SLOW_CONSUMER;
use super::connection::{Connection, Phase};
use super::end::End;
use super::liveness::Verdict;
use super::rejection::Rejection;
use crate::transport::{Close, Failure, Transport};

impl<T: Transport> Connection<T> {
    /// When the connection has to be looked at next.
    pub(super) fn deadline(&self) -> Instant {
        let limits = self.server.limits();
        let phase = match &self.phase {
            Phase::Greeting(until) | Phase::Leaving(until, _) | Phase::Closing(until, _) => {
                Some(*until)
            }
            Phase::Opening(opening, until) => {
                Some(opening.answer_by.map_or(*until, |it| it.min(*until)))
            }
            Phase::Open(open) => open.next_deadline(),
            Phase::Draining(open, _, until) => {
                Some(open.next_deadline().map_or(*until, |it| it.min(*until)))
            }
        };
        let alive = self.liveness.deadline(limits);
        let next = phase.into_iter().chain(alive).min();
        next.unwrap_or_else(|| Instant::now() + limits.ping_interval)
    }

    pub(super) fn check_time(&mut self, now: Instant) -> Result<(), End> {
        match &mut self.phase {
            // It has said GOODBYE, and has nothing more to say.
            Phase::Greeting(until) if *until <= now && self.had_session => {
                return Err(End::Close(Close::Normal));
            }
            Phase::Greeting(until) if *until <= now => {
                let rejection =
                    Rejection::new(uri::PROTOCOL_VIOLATION, "HELLO did not come in time");
                return Err(self.limit_hit(End::Abort(rejection, Close::Policy)));
            }
            Phase::Opening(opening, _) if opening.answer_by.is_some_and(|it| it <= now) => {
                let rejection = Rejection::new(
                    uri::AUTHENTICATION_FAILED,
                    "AUTHENTICATE did not come in time",
                );
                return Err(self.limit_hit(End::Abort(rejection, Close::Policy)));
            }
            Phase::Opening(_, until) if *until <= now => {
                let rejection = Rejection::new(
                    uri::AUTHENTICATION_FAILED,
                    "the session was not accepted in time",
                );
                return Err(self.limit_hit(End::Abort(rejection, Close::Policy)));
            }
            Phase::Leaving(until, reason) if *until <= now => return Err(End::Close(*reason)),
            Phase::Open(open) | Phase::Draining(open, ..) => open.expire(now, &mut self.wire.out),
            _ => {}
        }
        Ok(())
    }

    /// Whether the peer is alive. Asked after reading and writing: what waits to be read or written while we are late is no fault of
    /// its own.
    pub(super) fn check_peer(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<(), End> {
        self.liveness
            .observe(now, self.wire.transport.activity(), !self.wire.is_flushed());
        if !self.may_read() || self.is_full() {
            self.liveness.excused(now);
        }
        match self.liveness.check(now, self.server.limits()) {
            Verdict::Alive => Ok(()),
            Verdict::Ask if self.wire.ping() => self.wire.pump(cx).map_err(End::Failure),
            Verdict::Ask => {
                self.liveness.trusted(now);
                Ok(())
            }
            Verdict::Lost => {
                self.server.shared().counters.lost_peers.count();
                tracing::debug!("the peer gives no sign of life");
                Err(End::Close(Close::GoingAway))
            }
            Verdict::Stalled => {
                self.server.shared().counters.slow_consumers.count();
                tracing::warn!(
                    reason = SLOW_CONSUMER,
                    "nothing could be written for too long"
                );
                Err(End::Close(Close::Policy))
            }
            Verdict::Dripping => {
                Err(self.limit_hit(End::Failure(Failure::Flood("a message does not end"))))
            }
        }
    }

    /// A connection without a session has nothing to finish, nor has one whose peer is still to be known.
    pub(super) fn check_shutdown(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        let idle = match &self.phase {
            Phase::Greeting(_) => true,
            Phase::Opening(opening, _) => opening.is_authenticating(),
            _ => false,
        };
        if !idle {
            self.shutdown = None;
            return Ok(());
        }
        let closing = self.server.closing();
        let shutdown = self
            .shutdown
            .get_or_insert_with(|| Box::pin(closing.clone().cancelled_owned()));
        if shutdown.as_mut().poll(cx).is_ready() {
            let rejection = Rejection::new(uri::SYSTEM_SHUTDOWN, "the server shuts down");
            return Err(End::Abort(rejection, Close::GoingAway));
        }
        Ok(())
    }

    pub(super) fn limit_hit(&self, end: End) -> End {
        // A failure is counted where it is handled.
        if !matches!(end, End::Failure(_)) {
            self.server.shared().counters.limits_hit.count();
        }
        end
    }
}

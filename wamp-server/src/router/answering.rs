//! From YIELD to RESULT, and from a callee's ERROR to the caller's.

use std::sync::Arc;

use bytes::BytesMut;
use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::id::Id;
use wamp_proto::message::details::{ErrorDetails, ResultDetails};
use wamp_proto::message::{self, Feature, ProtocolViolation, RequestType, Yield};
use wamp_proto::payload::{Payload, PayloadBuilder};
use wamp_proto::uri;

use super::dealer::Dealer;
use super::links::{Invoked, Routed};
use super::passing::{check_passthru, custom, is_passthru};
use super::peer::{Peer, Role};
use crate::handler::CallError;
use crate::session::SLOW_CONSUMER;

impl Dealer {
    /// A callee answers, or tells how far it is.
    ///
    /// # Errors
    ///
    /// When it was never asked.
    pub(crate) fn on_yield(
        &self,
        callee: &dyn Peer,
        answer: Yield,
        now: Instant,
    ) -> Result<(), ProtocolViolation> {
        check_passthru(callee, Role::Callee, &answer.options.ppt)?;
        if answer.options.progress {
            return self.on_progress(callee, answer, now);
        }
        let routed = match callee.links().end_invocation(answer.request) {
            Invoked::Open(routed) => routed,
            Invoked::Late => return Ok(()),
            Invoked::Never => return Err(never_asked("YIELD.INVOCATION.Request")),
        };
        let result = result(&routed, answer);
        let caller = &routed.caller;
        let frame = encode_result(&routed, &result);
        if caller.links().take_call(routed.request, &routed).is_none() {
            return Ok(());
        }
        match frame {
            Ok(frame) => drop(caller.push(frame)),
            Err(error) => fail(&**caller, routed.request, error),
        }
        Ok(())
    }

    fn on_progress(
        &self,
        callee: &dyn Peer,
        answer: Yield,
        now: Instant,
    ) -> Result<(), ProtocolViolation> {
        let routed = match callee.links().invocation(answer.request) {
            Invoked::Open(routed) => routed,
            Invoked::Late => return Ok(()),
            Invoked::Never => return Err(never_asked("YIELD.INVOCATION.Request")),
        };
        if !routed.receive_progress {
            // Nobody has asked for it.
            return Ok(());
        }
        let result = result(&routed, answer);
        let links = routed.caller.links();
        match encode_result(&routed, &result) {
            Ok(frame) => {
                // Nothing can answer the call meanwhile: progress never follows the answer.
                let sent = links.with_call(routed.request, |call| {
                    let is_it = Arc::ptr_eq(&call.routed, &routed);
                    if is_it {
                        call.deadline = routed.timeout.map(|timeout| now + timeout);
                    }
                    !is_it || routed.caller.offer(frame)
                });
                if sent == Some(false) {
                    self.give_up(&routed, unread());
                }
            }
            Err(error) => self.give_up(&routed, error),
        }
        Ok(())
    }

    /// What a callee reports cannot be passed on: the call ends.
    fn give_up(&self, routed: &Arc<Routed>, error: CallError) {
        let links = routed.caller.links();
        if links.take_call(routed.request, routed).is_some() {
            self.interrupt(routed, None);
            fail(&*routed.caller, routed.request, error);
        }
    }

    /// A callee fails, or declines.
    ///
    /// # Errors
    ///
    /// When it was never asked.
    pub(crate) fn on_error(
        &self,
        callee: &dyn Peer,
        error: message::Error,
    ) -> Result<(), ProtocolViolation> {
        check_passthru(callee, Role::Callee, &error.details.ppt)?;
        let routed = match callee.links().end_invocation(error.request) {
            Invoked::Open(routed) => routed,
            Invoked::Late => return Ok(()),
            Invoked::Never => return Err(never_asked("ERROR.REQUEST.Request")),
        };
        let links = routed.caller.links();
        let declines = &*error.error == uri::UNAVAILABLE
            && callee.announces(Role::Callee, Feature::CallReroute);
        if declines {
            let looked = links.with_call(routed.request, |call| {
                let is_it = Arc::ptr_eq(&call.routed, &routed);
                (is_it && !call.killed).then_some(call.deadline)
            });
            if let Some(Some(deadline)) = looked {
                self.call_another(&routed, deadline);
                return Ok(());
            }
        }
        if links.take_call(routed.request, &routed).is_none() {
            return Ok(());
        }
        let caller = &*routed.caller;
        if is_passthru(&error.details.ppt)
            && !caller.announces(Role::Caller, Feature::PayloadPassthruMode)
        {
            fail(caller, routed.request, takes_no_passthru());
            return Ok(());
        }
        let error_uri = match wamp_uri::check(&error.error, wamp_uri::Rule::Loose) {
            Ok(()) => error.error,
            Err(_) => ByteString::from_static(uri::RUNTIME_ERROR),
        };
        let passed = message::Error {
            request_type: RequestType::Call,
            request: routed.request,
            details: ErrorDetails {
                ppt: error.details.ppt,
                unknown: custom(&error.details.unknown),
            },
            error: error_uri,
            payload: error.payload,
        };
        caller.count_failed_call();
        let mut frame = BytesMut::new();
        match passed.encode(caller.format(), &mut frame) {
            Ok(()) => drop(caller.push(frame.freeze())),
            // Its URI is what matters most.
            Err(_) => drop(
                caller.tell(
                    &message::Error {
                        details: ErrorDetails::default(),
                        payload: Payload::empty(caller.format()),
                        ..passed
                    }
                    .into(),
                ),
            ),
        }
        Ok(())
    }

    /// The callee has declined: another one is called, if there is one. The call stays open meanwhile.
    fn call_another(&self, routed: &Arc<Routed>, deadline: Option<Instant>) {
        let caller = &routed.caller;
        let placed = match &routed.again {
            Some(again) => {
                let mut tried = again.tried.clone();
                tried.push(routed.callee.peer.id());
                let request = &again.request;
                let deadline = deadline.or(again.deadline);
                let registration = &routed.registration;
                let placed =
                    self.place(caller, registration, request, tried, deadline, Some(routed));
                if deadline.is_some() {
                    caller.remind();
                }
                placed
            }
            None => Err(super::routing::nobody_takes(&routed.registration.uri)),
        };
        if let Err(error) = placed
            && caller.links().take_call(routed.request, routed).is_some()
        {
            fail(&**caller, routed.request, error);
        }
    }
}

fn result(routed: &Routed, answer: Yield) -> message::Result {
    message::Result {
        request: routed.request,
        details: ResultDetails {
            progress: answer.options.progress,
            ppt: answer.options.ppt,
            unknown: custom(&answer.options.unknown),
        },
        payload: answer.payload,
    }
}

fn encode_result(routed: &Routed, result: &message::Result) -> Result<bytes::Bytes, CallError> {
    let caller = &*routed.caller;
    if is_passthru(&result.details.ppt)
        && !caller.announces(Role::Caller, Feature::PayloadPassthruMode)
    {
        return Err(takes_no_passthru());
    }
    let mut frame = BytesMut::with_capacity(result.payload.len() + 32);
    match result.encode(caller.format(), &mut frame) {
        Ok(()) => Ok(frame.freeze()),
        Err(error) => Err(CallError::invalid_argument(format!(
            "the result cannot be written in the caller's serializer: {error}"
        ))),
    }
}

/// Answers a call with an ERROR of the dealer's own.
#[cold]
pub(super) fn fail(caller: &dyn Peer, request: Id, error: CallError) {
    let (error, values, _) = error.into_parts();
    let payload = PayloadBuilder::build(values, caller.format()).unwrap_or_default();
    let message = message::Error {
        request_type: RequestType::Call,
        request,
        details: ErrorDetails::default(),
        error: error.into_owned().into(),
        payload,
    };
    caller.count_failed_call();
    caller.tell(&message.into());
}

#[cold]
fn unread() -> CallError {
    CallError::new(SLOW_CONSUMER).arg("more progress has come than was read")
}

#[cold]
fn takes_no_passthru() -> CallError {
    CallError::new(uri::FEATURE_NOT_SUPPORTED)
        .arg("the caller does not take payloads that are passed through")
}

#[cold]
fn never_asked(path: &str) -> ProtocolViolation {
    ProtocolViolation::new("there has been no such invocation").within(path)
}

//! From CALL to INVOCATION.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::id::Id;
use wamp_proto::message::details::{CallOptions, Caller, InvocationDetails};
use wamp_proto::message::{Feature, Invocation, Invoke};
use wamp_proto::payload::Payload;
use wamp_proto::uri;
use wamp_uri::Match;

use super::dealer::Dealer;
use super::links::{Again, Invoked, OpenCall, Routed};
use super::passing::{custom, is_passthru};
use super::peer::{Peer, Role};
use super::registration::{Callee, Registration};
use super::shard;
use crate::handler::CallError;

/// How many callees are asked for one call.
const MAX_TRIED: usize = 32;

/// Bytes of the arguments of a call that are kept for another callee.
const MAX_KEPT: usize = 64 * 1024;

/// A call that is to be routed.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) id: Id,
    pub(crate) options: CallOptions,
    pub(crate) procedure: ByteString,
    pub(crate) payload: Payload,
    /// Whether the callee is told who calls.
    pub(crate) disclosed: bool,
    /// Whether it is told if it wants to know.
    pub(crate) disclosable: bool,
    pub(crate) trust_level: Option<u64>,
    pub(crate) timeout: Option<Duration>,
}

/// Another message of a progressive call.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) request: Id,
    pub(crate) procedure: &'a ByteString,
    /// Whether it is not the last one.
    pub(crate) more: bool,
    pub(crate) options: &'a CallOptions,
    pub(crate) payload: &'a Payload,
}

/// What became of another message of a progressive call.
#[derive(Debug)]
pub(crate) enum Continued {
    Accepted,
    /// The id is in use by a call that this cannot be a part of: a violation of the protocol.
    Conflict,
    /// The callee cannot take it: the call has ended, and the caller is to be told why.
    Failed(CallError),
}

/// What became of an invocation.
enum Sent {
    Queued,
    TooLong,
    /// The callee is gone, or has too many.
    Refused,
    /// The call that was declined has been answered or canceled meanwhile.
    Unwanted(Arc<Routed>),
}

impl Dealer {
    /// Sends a call to one of the callees.
    ///
    /// # Errors
    ///
    /// What the caller is told, if none of them takes it.
    pub(crate) fn call(
        &self,
        caller: &Arc<dyn Peer>,
        registration: &Arc<Registration>,
        request: &Request,
        deadline: Option<Instant>,
    ) -> Result<(), CallError> {
        self.place(caller, registration, request, Vec::new(), deadline, None)
    }

    /// Sends a call to a certain one of the callees. If it declines, no other is called.
    ///
    /// # Errors
    ///
    /// What the caller is told, if it does not take it.
    pub(crate) fn call_one(
        &self,
        callee: Id,
        caller: &Arc<dyn Peer>,
        registration: &Arc<Registration>,
        request: &Request,
        deadline: Option<Instant>,
    ) -> Result<(), CallError> {
        let may = |callee: &Callee| self.may_answer(registration, callee, &request.procedure);
        let Some(callee) = registration.choose_one(callee, may) else {
            return Err(nobody_takes(&request.procedure));
        };
        let invoking = Invoking {
            caller,
            registration,
            callee: &callee,
            request,
            deadline,
            declined: None,
            strict: self.is_strict,
        };
        let refusal = match invoking.invoke(None, self.max_invocations) {
            Ok(Sent::Queued) => return Ok(()),
            Ok(Sent::Refused | Sent::Unwanted(_)) => nobody_takes(&request.procedure),
            Ok(Sent::TooLong) => too_long(),
            Err(error) => error,
        };
        callee.release();
        Err(refusal)
    }

    /// `declined` is the call as it is open meanwhile, so that it can be canceled, and its time can be up, at every moment.
    pub(super) fn place(
        &self,
        caller: &Arc<dyn Peer>,
        registration: &Arc<Registration>,
        request: &Request,
        mut tried: Vec<Id>,
        deadline: Option<Instant>,
        declined: Option<&Arc<Routed>>,
    ) -> Result<(), CallError> {
        let key = partition(&request.options);
        let mut refusal = None;
        let may = |callee: &Callee| self.may_answer(registration, callee, &request.procedure);
        while let Some(callee) = registration.choose(key, &tried, may, self.entropy) {
            let again = may_decline(registration, &callee, request).then(|| {
                Box::new(Again {
                    request: request.clone(),
                    tried: tried.clone(),
                    deadline,
                })
            });
            let invoking = Invoking {
                caller,
                registration,
                callee: &callee,
                request,
                deadline,
                declined,
                strict: self.is_strict,
            };
            match invoking.invoke(again, self.max_invocations) {
                Ok(Sent::Queued) => return Ok(()),
                Ok(Sent::Unwanted(routed)) => {
                    self.interrupt(&routed, None);
                    return Err(CallError::new(uri::CANCELED));
                }
                Ok(Sent::Refused) => {}
                Ok(Sent::TooLong) => refusal = Some(too_long()),
                // Another one may be able to.
                Err(error) => refusal = Some(error),
            }
            callee.release();
            tried.push(callee.peer.id());
            if tried.len() >= MAX_TRIED {
                break;
            }
        }
        Err(refusal.unwrap_or_else(|| nobody_takes(&request.procedure)))
    }

    /// Another message of a progressive call: it goes where the first one went, whoever else is there now.
    pub(crate) fn continue_call(&self, caller: &dyn Peer, part: Part<'_>) -> Continued {
        let Part {
            request,
            procedure,
            more,
            options,
            payload,
        } = part;
        let links = caller.links();
        let looked = links.with_call(request, |call| {
            if call.more.as_ref() != Some(procedure) {
                return None;
            }
            if !more {
                call.more = None;
            }
            Some(Arc::clone(&call.routed))
        });
        let routed = match looked {
            None => {
                // It has been answered meanwhile.
                links.is_late(request, more);
                return Continued::Accepted;
            }
            Some(None) => return Continued::Conflict,
            Some(Some(routed)) => routed,
        };
        let callee = &routed.callee.peer;
        let details = InvocationDetails {
            progress: more,
            receive_progress: routed.receive_progress,
            procedure: (routed.registration.matching != Match::Exact).then(|| procedure.clone()),
            // These are about this payload, not about the call.
            ppt: options.ppt.clone(),
            unknown: custom(&options.unknown),
            ..InvocationDetails::default()
        };
        let mut frame = BytesMut::new();
        let message = Invocation {
            request: routed.invocation,
            registration: routed.registration.id,
            details,
            payload: payload.clone(),
        };
        let error = match message.encode(callee.format(), &mut frame) {
            Ok(()) if !takes(&**callee, options) => unreadable(),
            Ok(()) if frame.len() > callee.max_message() => too_long(),
            Ok(()) => {
                let is_open = matches!(
                    callee.links().invocation(routed.invocation),
                    Invoked::Open(_)
                );
                if !is_open || callee.offer(frame.freeze()) {
                    return Continued::Accepted;
                }
                nobody_takes(procedure)
            }
            Err(error) => CallError::invalid_argument(error),
        };
        let Some(call) = links.take_call(request, &routed) else {
            return Continued::Accepted;
        };
        self.interrupt(&call.routed, None);
        Continued::Failed(error)
    }
}

/// An invocation that is about to be made.
struct Invoking<'a> {
    caller: &'a Arc<dyn Peer>,
    registration: &'a Arc<Registration>,
    callee: &'a Arc<Callee>,
    request: &'a Request,
    deadline: Option<Instant>,
    declined: Option<&'a Arc<Routed>>,
    strict: bool,
}

impl Invoking<'_> {
    fn invoke(&self, again: Option<Box<Again>>, max: usize) -> Result<Sent, CallError> {
        let (peer, request) = (&self.callee.peer, self.request);
        let can = |feature| peer.announces(Role::Callee, feature);
        if request.options.progress
            && !(can(Feature::ProgressiveCallInvocations) && can(Feature::CallCanceling))
        {
            return Err(unsupported("progressive invocations"));
        }
        if !takes(&**peer, &request.options) {
            return Err(unreadable());
        }
        let keeps_time = self.callee.forward_timeout && can(Feature::CallTimeout);
        let receive_progress = request.options.receive_progress
            && can(Feature::ProgressiveCallResults)
            && (!self.strict || can(Feature::CallCanceling));
        let payload = request
            .payload
            .transcode(peer.format())
            .map_err(CallError::invalid_argument)?;
        let mut invocation = Invocation {
            request: Id::MIN,
            registration: self.registration.id,
            details: self.details(receive_progress, keeps_time),
            payload,
        };
        let mut sent = Sent::Refused;
        let mut failure = None;
        let deadline = self.deadline.filter(|_| !keeps_time);
        peer.links().invoke(max, |id| {
            invocation.request = id;
            let mut frame = BytesMut::with_capacity(invocation.payload.len() + 64);
            if let Err(error) = invocation.encode(peer.format(), &mut frame) {
                failure = Some(CallError::invalid_argument(error));
                return None;
            }
            if frame.len() > peer.max_message() {
                sent = Sent::TooLong;
                return None;
            }
            let routed = Arc::new(Routed {
                caller: Arc::clone(self.caller),
                request: request.id,
                registration: Arc::clone(self.registration),
                callee: Arc::clone(self.callee),
                invocation: id,
                receive_progress,
                timeout: deadline.and(request.timeout),
                again,
            });
            let call = OpenCall {
                routed: Arc::clone(&routed),
                deadline,
                killed: false,
                // What is kept does not keep the frame alive that it came in.
                more: (request.options.progress).then(|| ByteString::from(&*request.procedure)),
            };
            if self.callee.is_withdrawn() || !peer.offer(frame.freeze()) {
                return None;
            }
            // The callee cannot answer before this is over.
            let links = self.caller.links();
            sent = match self.declined {
                None => {
                    links.add_call(request.id, call);
                    Sent::Queued
                }
                Some(declined) if links.replace_call(request.id, declined, call) => Sent::Queued,
                Some(_) => Sent::Unwanted(Arc::clone(&routed)),
            };
            Some(routed)
        });
        failure.map_or(Ok(sent), Err)
    }

    fn details(&self, receive_progress: bool, keeps_time: bool) -> InvocationDetails {
        let request = self.request;
        let options = &request.options;
        let mut details = InvocationDetails {
            procedure: (self.registration.matching != Match::Exact)
                .then(|| request.procedure.clone()),
            receive_progress,
            progress: options.progress,
            timeout: options.timeout.filter(|_| keeps_time),
            trustlevel: request.trust_level,
            ppt: options.ppt.clone(),
            unknown: custom(&options.unknown),
            ..InvocationDetails::default()
        };
        if request.disclosed || request.disclosable && self.callee.disclose_caller {
            let caller = Caller {
                session: Some(self.caller.id()),
                authid: Some(self.caller.authid().into()),
                authrole: Some(self.caller.authrole().into()),
            };
            details.caller = Some(Box::new(caller));
        }
        details
    }
}

/// Which part of a procedure is called, if it is one that is split.
fn partition(options: &CallOptions) -> Option<u64> {
    let sharding = options.sharding.as_ref()?;
    let key = sharding.rkey.as_ref()?;
    (sharding.runmode.as_deref() == Some("partition")).then(|| shard::key(key))
}

/// Whether a callee may decline, so that another one is called. WAMP, "Call Re-Routing".
fn may_decline(registration: &Registration, callee: &Callee, request: &Request) -> bool {
    registration.invoke != Invoke::Single
        && !request.options.progress
        && request.payload.len() <= MAX_KEPT
        && callee.peer.announces(Role::Callee, Feature::CallReroute)
}

#[cold]
pub(super) fn nobody_takes(procedure: &str) -> CallError {
    CallError::new(uri::NO_AVAILABLE_CALLEE)
        .arg(format!("no callee of `{procedure}` takes the call now"))
}

/// Whether a callee can do something with the payload of a call.
fn takes(callee: &dyn Peer, options: &CallOptions) -> bool {
    !is_passthru(&options.ppt) || callee.announces(Role::Callee, Feature::PayloadPassthruMode)
}

#[cold]
fn unreadable() -> CallError {
    unsupported("payloads that are passed through")
}

#[cold]
fn too_long() -> CallError {
    CallError::new(uri::PAYLOAD_SIZE_EXCEEDED).arg("the call is longer than the callee takes")
}

#[cold]
fn unsupported(what: &str) -> CallError {
    CallError::new(uri::FEATURE_NOT_SUPPORTED).arg(format!("the callee does not take {what}"))
}

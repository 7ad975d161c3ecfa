//! Calls.

use std::sync::{Arc, OnceLock};

use bytestring::ByteString;
use tokio::time::Instant;
use tracing::Instrument as _;
use tracing::level_filters::LevelFilter;
use wamp_proto::id::Id;
use wamp_proto::message::details::CallOptions;
use wamp_proto::message::{self, CancelMode, ProtocolViolation, RequestType};
use wamp_proto::uri;
use wamp_uri::Match;

use super::LIMIT_EXCEEDED;
use super::access::Permit;
use super::answer::shutting_down;
use super::open::{OpenSession, Work};
use super::routed::ELSEWHERE;
use super::tasks::Finished;
use super::wire::Out;
use crate::handler::call::Cause;
use crate::handler::registered::Registered;
use crate::handler::{Call, CallError, Outcome};
use crate::permission::{AccessOptions, Action};
use crate::realm::Target;
use crate::router::calls::{Canceled, Continued, OpenCall};
use crate::router::registration::Registration;

impl OpenSession {
    #[inline]
    pub(super) fn on_call(
        &mut self,
        call: message::Call,
        now: Instant,
        out: &mut Out,
    ) -> Result<(), ProtocolViolation> {
        self.check_call(&call.options)?;
        let request = call.request;
        if self.is_open(request) {
            self.continue_call(call, out)?;
            self.start_queued(now, out);
            return Ok(());
        }
        if self.is_late(request, call.options.progress) {
            return Ok(());
        }
        if let Some(part) = self.queue.iter().rev().find(|it| it.request == request) {
            return self.queue_part(
                part.options.progress && part.procedure == call.procedure,
                call,
                out,
            );
        }
        if self.draining {
            let refusal = shutting_down();
            self.refuse_call(request, call.options.progress, refusal, out);
        } else if self.open_calls() >= self.shared.limits.max_pending_calls {
            self.refuse_call(request, call.options.progress, limit("open calls"), out);
        } else if self.session.is_sequential() && self.is_calling() {
            self.queue.push_back(call);
        } else {
            self.start_call(call, now, out);
        }
        Ok(())
    }

    pub(super) fn start_call(&mut self, call: message::Call, now: Instant, out: &mut Out) {
        let message::Call {
            request,
            options,
            procedure,
            payload,
        } = call;
        let (target, permit) = match self.admit(&procedure, &options) {
            Ok(Admitted::Here(target, permit)) => (target, permit),
            Ok(Admitted::Elsewhere(registration, permit)) => {
                let request = self.request(request, options, procedure, payload, &permit);
                return self.route_call(&registration, &request, now, out);
            }
            Err(error) => return self.refuse_call(request, options.progress, error, out),
        };
        self.calls_uncounted += 1;

        let timeout = self.timeout(&options, &target, permit.is_asking());
        let deadline = timeout.map(|timeout| now + timeout);
        let (extras, controls) = self.prepare(options, &target, &permit, now);
        // Only a progressive call is compared with what comes after it.
        let name = if controls.input.is_some() {
            procedure.clone()
        } else {
            ByteString::new()
        };
        let span = call_span(request, &procedure);
        let call = Call {
            session: self.session.clone(),
            target: Arc::clone(&target),
            uri: procedure,
            payload,
            cause: Cause::Call { request },
            unescaped: OnceLock::new(),
            deadline,
            extras,
        };
        let mut run = permit.start(&target, call);
        if let Some(span) = span {
            run = Box::pin(run.instrument(span));
        }
        match self.tasks.start(run, || Work::Call(request)) {
            Ok(Ok(Ok(Outcome::Routed))) => {}
            Ok(finished) => {
                if controls.input.is_some() {
                    self.calls.cut_short(request);
                }
                drop(controls);
                self.finish_call(request, finished, out);
            }
            Err(task) => {
                self.runs();
                self.calls.insert(
                    request,
                    OpenCall {
                        task,
                        procedure: name,
                        timeout,
                        deadline,
                        progress: controls.progress,
                        token: controls.token,
                        input: controls.input,
                        leaves: Arc::ptr_eq(&target, &ELSEWHERE),
                    },
                );
            }
        }
    }

    /// The handler that answers a call, unless it is refused at once.
    #[inline]
    fn admit(&self, procedure: &ByteString, options: &CallOptions) -> Result<Admitted, CallError> {
        let access = || AccessOptions::Call(Box::new(options.clone()));
        let permit = self.permit(Action::Call, procedure, Match::Exact, access)?;
        let permit = permit.wanting(options.disclose_me);
        let target = match self.session.realm().inner().resolve(procedure) {
            Some(Target::Here(target)) => target,
            Some(Target::Elsewhere(registration)) if !permit.is_asking() => {
                let permit = permit.check_routed(&self.session)?;
                return Ok(Admitted::Elsewhere(registration, permit));
            }
            Some(Target::Elsewhere(_)) => Arc::clone(&ELSEWHERE),
            None if permit.is_asking() => Arc::clone(&ELSEWHERE),
            None => return Err(unknown_procedure(procedure)),
        };
        let permit = permit.check(&self.session, &target, procedure)?;
        if !permit.is_asking() {
            check_input(options, &target)?;
        }
        if !self.may_start() {
            return Err(limit("running handlers"));
        }
        Ok(Admitted::Here(target, permit))
    }

    /// Whether a call is not answered yet, whoever is to answer it.
    #[inline]
    pub(super) fn is_open(&self, request: Id) -> bool {
        let links = self.session.existing_links();
        self.calls.contains(request) || links.is_some_and(|links| links.has_call(request))
    }

    /// Whether a CALL belongs to a call that was answered before its last message has come.
    #[inline]
    pub(super) fn is_late(&mut self, request: Id, more: bool) -> bool {
        let links = self.session.existing_links();
        links.is_some_and(|links| links.is_late(request, more)) || self.calls.is_late(request, more)
    }

    /// Another message of an open call.
    pub(super) fn continue_call(
        &mut self,
        call: message::Call,
        out: &mut Out,
    ) -> Result<(), ProtocolViolation> {
        if !self.calls.contains(call.request) {
            return self.continue_routed(&call, out);
        }
        let message::Call {
            request,
            options,
            procedure,
            payload,
        } = call;
        match self
            .calls
            .continue_with(request, &procedure, options.progress, payload)
        {
            Continued::Accepted => Ok(()),
            Continued::Conflict => Err(in_use()),
            Continued::Overrun(task) => {
                self.drop_task(task);
                self.refuse(request, limit("messages of a progressive call"), out);
                Ok(())
            }
        }
    }

    pub(super) fn on_cancel(&mut self, cancel: &message::Cancel, now: Instant, out: &mut Out) {
        let request = cancel.request;
        let mut queued = None;
        self.queue.retain(|call| {
            let keep = call.request != request;
            if !keep {
                queued = Some(call.options.progress);
            }
            keep
        });
        if queued == Some(true) {
            self.calls.cut_short(request);
        }
        let mut answer = queued.is_some();
        let mode = cancel.options.mode.unwrap_or(CancelMode::KillNoWait);
        match self.calls.cancel(request, mode) {
            Canceled::Nothing => answer |= self.cancel_routed(request, mode),
            Canceled::Abandon(task) => {
                if let Some(work) = self.tasks.note_mut(task) {
                    *work = Work::Abandoned;
                }
                answer = true;
            }
            Canceled::Stop(task) => {
                self.drop_task(task);
                answer = true;
            }
        }
        if answer {
            self.refuse(request, CallError::new(uri::CANCELED), out);
            self.start_queued(now, out);
        }
    }

    /// Answers the calls whose time is up.
    pub(super) fn expire(&mut self, now: Instant, out: &mut Out) {
        for (request, call) in self.calls.expire(now) {
            if let Some(token) = call.token {
                token.cancel();
            }
            self.drop_task(call.task);
            self.shared.counters.timeouts.count();
            tracing::debug!(
                session = self.session.id().get(),
                request = request.get(),
                "a call took too long"
            );
            self.refuse(request, CallError::new(uri::TIMEOUT), out);
        }
        self.expire_routed(now, out);
        self.start_queued(now, out);
    }

    pub(super) fn drop_task(&mut self, task: super::tasks::TaskId) {
        if self
            .tasks
            .remove(task)
            .is_some_and(|work| work.is_counted())
        {
            self.ran();
        }
    }

    #[inline]
    pub(super) fn finish_call(&mut self, request: Id, finished: Finished, out: &mut Out) {
        match finished {
            Ok(Ok(Outcome::Reply(frame))) => self.emit(frame, out),
            other => self.finish_unusual(request, other, out),
        }
    }

    #[cold]
    fn finish_unusual(&mut self, request: Id, finished: Finished, out: &mut Out) {
        let error = match self.settle(finished) {
            Ok(Outcome::Reply(frame)) => return self.emit(frame, out),
            Ok(Outcome::Done | Outcome::Routed) => {
                CallError::internal("the handler did not produce a result")
            }
            Err(error) => error,
        };
        self.refuse(request, error, out);
    }

    /// The answer to a CALL that is not accepted; `more` if the caller has announced more of it.
    #[cold]
    pub(super) fn refuse_call(&mut self, request: Id, more: bool, error: CallError, out: &mut Out) {
        if more {
            self.calls.cut_short(request);
        }
        self.refuse(request, error, out);
    }

    #[cold]
    pub(super) fn refuse(&mut self, request: Id, error: CallError, out: &mut Out) {
        self.shared.counters.failed_calls.count();
        self.fail(RequestType::Call, request, error, out);
    }
}

#[cold]
pub(super) fn in_use() -> ProtocolViolation {
    ProtocolViolation::new("the id of an open call is used again").within("CALL.Request")
}

/// What the handler logs is logged within it. Making one costs as much as a small call, so it is not made for nobody.
#[inline]
fn call_span(request: Id, procedure: &str) -> Option<tracing::Span> {
    let wanted = LevelFilter::current() >= LevelFilter::DEBUG;
    wanted.then(|| tracing::debug_span!("call", request = request.get(), procedure))
}

/// What there can be too many of in a realm.
pub(super) const SHAPES: &str = "kinds of wildcard patterns in this realm";

#[cold]
pub(super) fn limit(of: &str) -> CallError {
    CallError::new(LIMIT_EXCEEDED).arg(format!("too many {of}"))
}

/// What answers to a call.
enum Admitted {
    /// A function of the application.
    Here(Arc<Registered>, Permit),
    /// A callee elsewhere.
    Elsewhere(Arc<Registration>, Permit),
}

/// Not every procedure takes arguments that come later.
pub(super) fn check_input(options: &CallOptions, target: &Registered) -> Result<(), CallError> {
    if options.progress && !target.needs.input {
        return Err(CallError::new(uri::FEATURE_NOT_SUPPORTED)
            .arg("the procedure does not take progressive invocations"));
    }
    Ok(())
}

#[cold]
pub(crate) fn unknown_procedure(procedure: &ByteString) -> CallError {
    match wamp_uri::check(procedure, wamp_uri::Rule::Loose)
        .and_then(|()| wamp_uri::check_limits(procedure))
    {
        Ok(()) => CallError::new(uri::NO_SUCH_PROCEDURE)
            .arg(format!("there is no procedure `{procedure}`")),
        Err(error) => CallError::new(uri::INVALID_URI).arg(error.to_string()),
    }
}

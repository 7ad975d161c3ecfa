//! The reference for calls.

use wamp_proto::message::CancelMode;
use wamp_proto::uri;
use wamp_uri::Match;

use super::operation::Calling;
use super::reference::{Reference, Violation};
use super::reference_offers::Member;
use super::said::Said;

/// A call that somebody waits for, or owes an answer to, or both.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) caller: u64,
    pub(super) request: u64,
    pub(super) calling: Calling,
    tag: u64,
    registration: u64,
    /// How it was matched.
    matching: Match,
    pub(super) callee: Member,
    pub(super) invocation: u64,
    pub(super) receive_progress: bool,
    /// When its time is up.
    limit: Option<u64>,
    /// When the dealer ends it, unless the callee looks after that.
    deadline: Option<u64>,
    is_killed: bool,
    /// The caller has announced more.
    pub(super) more: bool,
    /// The caller has no answer yet.
    pub(super) waits: bool,
    /// The callee has not answered yet, and need not be told that its answer is late.
    pub(super) owes: bool,
    /// Who must not be asked again.
    tried: Vec<u64>,
}

impl Reference {
    #[expect(clippy::too_many_arguments, reason = "a call is what these are")]
    pub(super) fn place(
        &mut self,
        caller: u64,
        request: u64,
        calling: &Calling,
        tag: u64,
        registration: u64,
        mut tried: Vec<u64>,
        limit: Option<u64>,
    ) {
        let mut refusal = uri::NO_AVAILABLE_CALLEE;
        loop {
            let Some(callee) = self.choose(registration, calling, &tried) else {
                return self.fail_call(caller, request, refusal);
            };
            let can = self.can(callee.session);
            if calling.progress && !(can.progressive_calls && can.canceling) {
                refusal = uri::FEATURE_NOT_SUPPORTED;
                tried.push(callee.session);
                continue;
            }
            if self.owed_by(callee.session) >= self.max_invocations {
                tried.push(callee.session);
                continue;
            }
            let keeps_time = callee.forward_timeout && can.timeouts;
            let session = self.session_mut(callee.session);
            session.last_invocation += 1;
            let invocation = session.last_invocation;
            let call = Call {
                caller,
                request,
                calling: calling.clone(),
                tag,
                registration,
                matching: self.matching_of(registration),
                invocation,
                receive_progress: calling.receive_progress
                    && can.progress
                    && (can.canceling || !self.is_strict),
                limit,
                deadline: limit.filter(|_| !keeps_time),
                is_killed: false,
                more: calling.progress,
                waits: true,
                owes: true,
                tried,
                callee,
            };
            let disclosed = calling.disclosed || calling.disclosable && call.callee.disclose_caller;
            self.invoke(
                &call,
                calling.progress,
                calling.timeout.filter(|_| keeps_time),
                disclosed.then_some(caller),
                tag,
            );
            return self.calls.push(call);
        }
    }

    fn invoke(
        &mut self,
        call: &Call,
        progress: bool,
        timeout: Option<u64>,
        caller: Option<u64>,
        tag: u64,
    ) {
        let said = Said::Invocation {
            id: call.invocation,
            registration: call.registration,
            procedure: (call.matching != Match::Exact).then(|| call.calling.uri.to_owned()),
            receive_progress: call.receive_progress,
            progress,
            timeout,
            caller,
            tag,
        };
        self.say(call.callee.session, said);
    }

    pub(super) fn continue_call(
        &mut self,
        caller: u64,
        request: u64,
        uri: &str,
        more: bool,
        tag: u64,
    ) -> Result<(), Violation> {
        let Some(at) = self.waiting(caller, request) else {
            // It was answered before its end. The last part of it ends that, too.
            if !more {
                let cut_short = &mut self.session_mut(caller).cut_short;
                cut_short.retain(|it| *it != request);
            }
            return Ok(());
        };
        if !self.calls[at].more || self.calls[at].calling.uri != uri {
            return Err(Violation);
        }
        self.calls[at].more = more;
        self.invoke(&self.calls[at].clone(), more, None, None, tag);
        Ok(())
    }

    pub(super) fn on_yield(
        &mut self,
        callee: u64,
        invocation: u64,
        progress: bool,
        tag: u64,
    ) -> Result<(), Violation> {
        let Some(at) = self.owed(callee, invocation)? else {
            return Ok(());
        };
        let now = self.now;
        let call = &mut self.calls[at];
        let result = Said::Result {
            request: call.request,
            progress,
            tag,
        };
        if !progress {
            let call = self.end(at, true);
            if call.waits {
                self.say(call.caller, result);
            }
        } else if call.waits && call.receive_progress {
            // The time counts from one result to the next.
            if call.deadline.is_some() {
                call.deadline = call.calling.timeout.map(|it| now + it);
            }
            let caller = call.caller;
            self.say(caller, result);
        }
        Ok(())
    }

    pub(super) fn on_error(
        &mut self,
        callee: u64,
        invocation: u64,
        declines: bool,
        tag: u64,
    ) -> Result<(), Violation> {
        let Some(at) = self.owed(callee, invocation)? else {
            return Ok(());
        };
        let call = self.end(at, true);
        if !call.waits {
            return Ok(());
        }
        let can_decline = self.can(callee).rerouting;
        if !declines || !can_decline || call.is_killed {
            let error = if declines { uri::UNAVAILABLE } else { FAILURE };
            let of = wamp_proto::message::RequestType::Call;
            self.say(
                call.caller,
                Said::failed(of, call.request, error, Some(tag)),
            );
        } else if call.calling.progress || !self.is_shared(call.registration) {
            self.fail_call(call.caller, call.request, uri::NO_AVAILABLE_CALLEE);
        } else {
            let mut tried = call.tried;
            tried.push(callee);
            self.place(
                call.caller,
                call.request,
                &call.calling,
                call.tag,
                call.registration,
                tried,
                call.deadline.or(call.limit),
            );
        }
        Ok(())
    }

    pub(super) fn cancel(&mut self, caller: u64, request: u64, mode: CancelMode) {
        let Some(at) = self.waiting(caller, request) else {
            return;
        };
        let call = &mut self.calls[at];
        if std::mem::replace(&mut call.is_killed, true) {
            return;
        }
        let (callee, id) = (call.callee.session, call.invocation);
        let is_told = mode != CancelMode::Skip && self.can(callee).canceling;
        if is_told {
            let kill = mode == CancelMode::Kill;
            self.say(callee, interrupt(id, kill, None));
            if kill {
                // The callee answers.
                return;
            }
        }
        self.end(at, is_told);
        self.fail_call(caller, request, uri::CANCELED);
    }

    pub(super) fn pass(&mut self, time: u64) {
        self.now += time;
        let is_due = |it: &Call, now| it.waits && it.deadline.is_some_and(|it| it <= now);
        while let Some(at) = self.calls.iter().position(|it| is_due(it, self.now)) {
            let call = self.end_and_interrupt(at, Some(uri::TIMEOUT));
            self.fail_call(call.caller, call.request, uri::TIMEOUT);
        }
    }

    /// One of its ends is gone.
    pub(super) fn end_calls_of(&mut self, session: u64) {
        let of = |calls: &[Call]| calls.iter().position(|it| it.waits && it.caller == session);
        while let Some(at) = of(&self.calls) {
            self.end_and_interrupt(at, None);
        }
        let of = |calls: &[Call]| {
            let mut calls = calls.iter();
            calls.position(|it| it.owes && it.callee.session == session)
        };
        while let Some(at) = of(&self.calls) {
            let call = self.end(at, true);
            if call.waits {
                self.fail_call(call.caller, call.request, uri::CANCELED);
            }
        }
    }

    /// Nobody waits any more: the callee is told, if it can be, and need not answer then.
    fn end_and_interrupt(&mut self, at: usize, reason: Option<&str>) -> Call {
        let callee = self.calls[at].callee.session;
        let is_told = self.can(callee).canceling;
        let call = self.end(at, is_told);
        if is_told {
            self.say(callee, interrupt(call.invocation, false, reason));
        }
        call
    }

    /// The caller does not wait any more; `for_both` if the callee need not answer any more either. The call as it was.
    fn end(&mut self, at: usize, for_both: bool) -> Call {
        let was = self.calls[at].clone();
        self.calls[at].waits = false;
        self.calls[at].owes &= !for_both;
        self.calls.retain(|it| it.waits || it.owes);
        let is_there = self.find_session(was.caller).is_some();
        if was.waits && was.more && is_there {
            self.session_mut(was.caller).cut_short.push(was.request);
        }
        was
    }

    fn waiting(&self, caller: u64, request: u64) -> Option<usize> {
        let mut calls = self.calls.iter();
        calls.position(|it| it.waits && it.caller == caller && it.request == request)
    }

    /// What a callee speaks of; `None` if it is late.
    fn owed(&self, callee: u64, invocation: u64) -> Result<Option<usize>, Violation> {
        let last = self.find_session(callee).map(|it| it.last_invocation);
        if last.is_none_or(|last| invocation > last) {
            return Err(Violation);
        }
        let mut calls = self.calls.iter();
        let is_it =
            |it: &Call| it.owes && it.callee.session == callee && it.invocation == invocation;
        Ok(calls.position(is_it))
    }

    pub(super) fn owed_by(&self, callee: u64) -> usize {
        let calls = self.calls.iter();
        calls
            .filter(|it| it.owes && it.callee.session == callee)
            .count()
    }

    pub(super) fn waited_for_by(&self, caller: u64) -> usize {
        let calls = self.calls.iter();
        calls.filter(|it| it.waits && it.caller == caller).count()
    }
}

/// What callees fail with.
pub(super) const FAILURE: &str = "com.failure";

fn interrupt(id: u64, kill: bool, reason: Option<&str>) -> Said {
    Said::Interrupt {
        id,
        kill,
        reason: reason.map(str::to_owned),
    }
}

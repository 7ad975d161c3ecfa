//! What drives a call from its begin to its end.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, Sleep, sleep_until};
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::{CancelMode, Message};
use wamp_proto::uri;

use super::function::{Function, Start};
use super::{CallResult, OutgoingCall};
use crate::handler::CallError;
use crate::realm::Target;
use crate::realm::upstream::{Answers, Upward};
use crate::router::dealer::Dealer;
use crate::router::links::Links;
use crate::router::routing::Request;
use crate::session::{SLOW_CONSUMER, Session, unknown_procedure};

/// What comes of a call.
pub(crate) enum Answer {
    Progress(CallResult),
    Final(Result<CallResult, CallError>),
}

/// A call that begins when it is polled.
pub(super) enum Driven {
    Waiting(Box<OutgoingCall>),
    Running(Box<Running>),
    /// Another router has it.
    Upward(Answers),
    Done,
}

impl Driven {
    pub(super) fn new(call: OutgoingCall) -> Self {
        Self::Waiting(Box::new(call))
    }

    /// Begins it, here or at the router that the realm has joined.
    fn start(mut call: OutgoingCall) -> Result<Self, CallError> {
        if let Some(uplink) = call.uplink() {
            let upward = Upward {
                options: call.options()?,
                payload: call.payload()?,
                procedure: call.procedure,
                timeout: call.timeout,
            };
            return Ok(Self::Upward(uplink.call(upward)));
        }
        let running = Running::start(call, Instant::now())?;
        Ok(Self::Running(Box::new(running)))
    }

    /// The next that comes of it. Nothing follows the final result.
    pub(super) fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Answer> {
        if let Self::Waiting(_) = self
            && let Self::Waiting(call) = std::mem::replace(self, Self::Done)
        {
            match Self::start(*call) {
                Ok(started) => *self = started,
                Err(error) => return Poll::Ready(Answer::Final(Err(error))),
            }
        }
        let answer = match self {
            Self::Running(running) => std::task::ready!(running.poll_answer(cx)),
            Self::Upward(answers) => match std::task::ready!(answers.as_mut().poll_next(cx)) {
                Some(answer) => answer,
                None => Answer::Final(Err(CallError::new(uri::CANCELED))),
            },
            Self::Waiting(_) | Self::Done => return Poll::Pending,
        };
        if let Answer::Final(_) = answer {
            *self = Self::Done;
        }
        Poll::Ready(answer)
    }
}

/// A call that has been made. Dropping it ends it.
pub(super) struct Running {
    /// Whoever calls: answers come to its outbox.
    session: Session,
    /// The function that answers; else a callee elsewhere does.
    function: Option<Function>,
    /// Answers that have come, encoded.
    frames: VecDeque<Bytes>,
    /// What the function has returned; what it has sent before comes first.
    returned: Option<Result<Bytes, CallError>>,
    timeout: Option<Duration>,
    /// The same as a time, for callees who look after it themselves and may fail to.
    deadline: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Running {
    fn start(mut call: OutgoingCall, now: Instant) -> Result<Self, CallError> {
        let options = call.options()?;
        let payload = call.payload()?;
        let OutgoingCall {
            realm,
            callee,
            procedure,
            timeout,
            ..
        } = call;
        let inner = realm.inner();
        let target = match callee {
            Some(callee) => inner.dealer.resolve_of(callee, &procedure),
            None => match inner.resolve(&procedure) {
                Some(Target::Elsewhere(registration)) => Some(registration),
                Some(Target::Here(handler)) => {
                    let mut running = Self::new(&realm, timeout, None);
                    let start = Start {
                        session: &running.session,
                        handler: &handler,
                        uri: procedure,
                        payload,
                        options,
                        timeout,
                    };
                    running.function = Some(Function::start(start, now)?);
                    return Ok(running);
                }
                None => None,
            },
        };
        let Some(registration) = target else {
            return Err(unknown_procedure(&procedure));
        };
        let deadline = timeout.and_then(|timeout| now.checked_add(timeout));
        let running = Self::new(&realm, timeout, deadline);
        let request = Request {
            id: Id::MIN,
            options,
            procedure,
            payload,
            disclosed: false,
            disclosable: false,
            trust_level: None,
            timeout,
        };
        let peer = running.session.peer();
        let dealer = &inner.dealer;
        match callee {
            Some(callee) => dealer.call_one(callee, &peer, &registration, &request, deadline)?,
            None => dealer.call(&peer, &registration, &request, deadline)?,
        }
        Ok(running)
    }

    fn new(
        realm: &crate::realm::Realm,
        timeout: Option<Duration>,
        deadline: Option<Instant>,
    ) -> Self {
        Self {
            session: Session::inside(realm),
            function: None,
            frames: VecDeque::new(),
            returned: None,
            timeout,
            deadline,
            timer: None,
        }
    }

    fn dealer(&self) -> &Dealer {
        &self.session.realm().inner().dealer
    }

    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Answer> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                if let Some(answer) = self.read(&frame) {
                    return Poll::Ready(answer);
                }
                continue;
            }
            self.session.outbox().register(cx.waker());
            let drained = self.session.outbox().drain(&mut self.frames);
            if drained.overflowed {
                let error = CallError::new(SLOW_CONSUMER).arg("progress was not read in time");
                return Poll::Ready(Answer::Final(Err(error)));
            }
            if !self.frames.is_empty() {
                continue;
            }
            match self.returned.take() {
                Some(Ok(frame)) => {
                    self.frames.push_back(frame);
                    continue;
                }
                Some(Err(error)) => return Poll::Ready(Answer::Final(Err(error))),
                None => {}
            }
            if let Some(function) = &mut self.function {
                if let Poll::Ready(returned) = function.poll(cx) {
                    self.function = None;
                    self.returned = Some(returned);
                    continue;
                }
                if self.session.outbox().has_work() {
                    continue;
                }
            }
            if self.is_late(Instant::now()) {
                self.session
                    .realm()
                    .inner()
                    .shared
                    .counters
                    .timeouts
                    .count();
                return Poll::Ready(Answer::Final(Err(CallError::new(uri::TIMEOUT))));
            }
            if self.poll_timer(cx).is_pending() {
                return Poll::Pending;
            }
        }
    }

    fn read(&mut self, frame: &Bytes) -> Option<Answer> {
        match Message::decode(Format::Cbor, frame) {
            Ok(Message::Result(result)) if result.details.progress => {
                let timeout = self.timeout;
                self.deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
                Some(Answer::Progress(result.into()))
            }
            Ok(Message::Result(result)) => Some(Answer::Final(Ok(result.into()))),
            Ok(Message::Error(error)) => Some(Answer::Final(Err(CallError::received(&error)))),
            // A function may send what it likes to the session that calls it.
            Ok(_) => None,
            Err(violation) => {
                let error = CallError::internal(violation);
                Some(Answer::Final(Err(error)))
            }
        }
    }

    /// When to look whether the time is up.
    fn due(&self) -> Option<Instant> {
        match &self.function {
            Some(function) => function.deadline(),
            None => {
                let links = self.session.existing_links();
                let elsewhere = links.and_then(Links::next_deadline);
                elsewhere.or(self.deadline)
            }
        }
    }

    /// Whether the time is up: then the call has ended.
    fn is_late(&mut self, now: Instant) -> bool {
        if self.due().is_none_or(|due| now < due) {
            return false;
        }
        if self.function.take().is_some() {
            return true;
        }
        let peer = self.session.as_peer();
        if !self.dealer().expire(peer, now).is_empty() {
            return true;
        }
        // What was due before may not be any more.
        if self.due().is_none_or(|due| now < due) {
            return false;
        }
        // If that finds nothing, the answer is about to come.
        let given_up = self.dealer().cancel(peer, Id::MIN, CancelMode::KillNoWait);
        self.deadline = None;
        given_up
    }

    /// Waits until something is due.
    fn poll_timer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.due() else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if timer.deadline() != due {
            timer.as_mut().reset(due);
        }
        timer.as_mut().poll(cx)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its session outlives it: what it runs may still say something.
        self.function = None;
        if self.session.existing_links().is_some() {
            self.dealer().leave(self.session.as_peer());
        }
        self.session.end_inside();
    }
}

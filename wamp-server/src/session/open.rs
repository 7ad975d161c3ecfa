//! An open session: messages in, messages out.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Waker;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::{self, Message, ProtocolViolation, RequestType};
use wamp_uri::Match;

use super::Session;
use super::answer::encode_error;
use super::publish::{Undecided, Waiting};
use super::pubsub::Topic;
use super::sequence::Sequence;
use super::tasks::{Finished, Panic, TaskId, TaskSet};
use super::wire::Out;
use crate::app::shared::Shared;
use crate::handler::scratch::detach;
use crate::handler::{CallError, Outcome};
use crate::permission::gate::Gate;
use crate::router::calls::Calls;
use crate::router::registration::Registration;

/// The state of an open session. Only its connection touches it, so nothing here is locked.
pub(super) struct OpenSession {
    pub(super) session: Session,
    pub(super) shared: Arc<Shared>,
    pub(super) format: Format,
    pub(super) calls: Calls<TaskId>,
    pub(super) tasks: TaskSet<Work>,
    pub(super) topics: HashMap<TopicKey, Topic>,
    pub(super) topics_by_id: HashMap<Id, TopicKey>,
    /// How many of them are patterns.
    pub(super) topic_patterns: usize,
    /// The procedures that the session offers.
    pub(super) registrations: HashMap<Id, Arc<Registration>>,
    /// How many of them are patterns.
    pub(super) registered_patterns: usize,
    /// Registrations that are not decided on.
    pub(super) registering: usize,
    /// Handlers that have just finished; kept for its memory.
    finished: Vec<(Work, Finished)>,
    /// Guards of the session handlers, in the order in which those ran.
    pub(super) guards: Vec<TaskId>,
    /// Calls that wait for the one before them; sequential realms only.
    pub(super) queue: VecDeque<message::Call>,
    /// The event that an authorizer decides on, and those that wait for it.
    pub(super) deciding: Option<Box<Undecided>>,
    pub(super) publications: VecDeque<Waiting>,
    /// Bytes of the message that is acted on.
    pub(super) frame_len: usize,
    /// An AUTHENTICATE that nobody waits for any more may still come.
    pub(super) unanswered: bool,
    /// `None`: the session may do everything.
    pub(super) gate: Option<Box<Gate>>,
    /// No new calls: the session ends when the open ones have.
    pub(super) draining: bool,
    /// Handlers of calls and events that are running, those of answered calls included.
    pub(super) running: usize,
    has_message_handler: bool,
    /// Where request ids have to go up one by one.
    pub(super) sequence: Option<Sequence>,
    /// Subscriptions so far.
    pub(super) topics_so_far: u64,
    /// What happens in the session is logged within it.
    pub(super) span: tracing::Span,
    /// Calls accepted since they were last added to the server's counters.
    pub(super) calls_uncounted: u64,
}

/// What is subscribed to, and how it is compared with the topics of events.
pub(super) type TopicKey = (Match, ByteString);

/// What a waiting handler is for.
#[derive(Debug)]
pub(super) enum Work {
    /// An open call.
    Call(Id),
    /// A call that has been answered already.
    Abandoned,
    /// Decides on a subscription, or holds what belongs to one.
    Topic(TopicKey),
    /// Handles an event.
    Event(ByteString),
    /// Decides on an event.
    Decision,
    /// Decides on a registration.
    Registration(Box<message::Register>),
    /// Holds the guard of a session handler.
    Guard,
}

impl Work {
    /// Whether it counts as a running handler; what is merely held does not.
    pub(super) fn is_counted(&self) -> bool {
        match self {
            Self::Call(_)
            | Self::Abandoned
            | Self::Event(_)
            | Self::Decision
            | Self::Registration(_) => true,
            Self::Topic(_) | Self::Guard => false,
        }
    }
}

/// What follows from a message.
#[derive(Debug)]
pub(super) enum Flow {
    Continue,
    /// The peer has said GOODBYE.
    Goodbye,
    /// The peer has said ABORT.
    Aborted,
    /// The application's message handler has panicked.
    Failed,
}

impl OpenSession {
    pub(super) fn new(session: Session, tasks: TaskSet<Work>, guards: Vec<TaskId>) -> Self {
        let shared = Arc::clone(&session.realm().inner().shared);
        let has_message_handler = session.realm().inner().message_handler.is_some();
        // The ids of a guest are its router's.
        let is_strict = session.realm().inner().strict_request_ids && session.guest().is_none();
        let sequence = is_strict.then(Sequence::new);
        Self {
            format: session.format(),
            span: tracing::info_span!(
                "session",
                id = session.id().get(),
                realm = session.realm_name(),
                authid = &*session.auth().id,
                peer = session.transport().peer().map(tracing::field::display),
            ),
            shared,
            gate: Gate::new(&session).map(Box::new),
            calls: Calls::new(),
            session,
            tasks,
            finished: Vec::new(),
            topics: HashMap::new(),
            topics_by_id: HashMap::new(),
            topic_patterns: 0,
            registrations: HashMap::new(),
            registered_patterns: 0,
            registering: 0,
            guards,
            queue: VecDeque::new(),
            deciding: None,
            unanswered: false,
            publications: VecDeque::new(),
            frame_len: 0,
            draining: false,
            has_message_handler,
            sequence,
            running: 0,
            topics_so_far: 0,
            calls_uncounted: 0,
        }
    }

    /// Acts on one message.
    ///
    /// # Errors
    ///
    /// When the message breaks the protocol: the session is to be aborted.
    #[inline]
    pub(super) fn on_frame(
        &mut self,
        frame: &Bytes,
        now: Instant,
        out: &mut Out,
    ) -> Result<Flow, ProtocolViolation> {
        self.frame_len = frame.len();
        match Message::decode(self.format, frame) {
            // Straight on, because a message is large and moving it costs.
            Ok(Message::Call(call)) if !self.has_message_handler && self.sequence.is_none() => {
                self.on_call(call, now, out)?;
                Ok(Flow::Continue)
            }
            Ok(message) => {
                if !self.is_in_sequence(&message)? {
                    return Ok(Flow::Continue);
                }
                self.on_message(message, now, out)
            }
            Err(violation) => Err(violation),
        }
    }

    /// Adds the calls that were accepted to the server's counters.
    pub(super) fn count_calls(&mut self) {
        if self.calls_uncounted > 0 {
            self.shared
                .counters
                .calls
                .add(std::mem::take(&mut self.calls_uncounted));
        }
    }

    /// Has the connection woken when there is something to send or a handler can go on.
    pub(super) fn register(&self, waker: &Waker) {
        self.session.outbox().register(waker);
        self.tasks.register(waker);
    }

    /// Polls the handlers that were woken.
    pub(super) fn poll_tasks(&mut self, now: Instant, out: &mut Out) {
        if !self.tasks.is_empty() {
            self.poll_woken(out);
        }
        self.start_queued(now, out);
    }

    fn poll_woken(&mut self, out: &mut Out) {
        let mut finished = std::mem::take(&mut self.finished);
        self.tasks
            .poll_ready(|work, outcome| finished.push((work, outcome)));
        for (work, outcome) in finished.drain(..) {
            if work.is_counted() {
                self.ran();
            }
            match work {
                Work::Call(request) => {
                    if let Ok(Ok(Outcome::Routed)) = outcome {
                        self.calls.hand_over(request);
                    } else if self.calls.finish(request) {
                        self.finish_call(request, outcome, out);
                    }
                }
                Work::Topic(topic) => self.topic_decided(&topic, outcome, out),
                Work::Abandoned | Work::Guard => drop(outcome),
                Work::Event(topic) => self.event_handled(&topic, outcome),
                Work::Decision => self.event_decided(outcome, out),
                Work::Registration(register) => {
                    self.registration_decided(&register, outcome, out);
                }
            }
        }
        self.finished = finished;
    }

    /// A handler of a call or an event did not finish at once.
    pub(super) fn runs(&mut self) {
        self.running += 1;
        self.shared.running.fetch_add(1, Relaxed);
    }

    /// Such a handler has finished, or was dropped.
    pub(super) fn ran(&mut self) {
        self.running -= 1;
        self.shared.running.fetch_sub(1, Relaxed);
    }

    /// Whether a handler may be started, in this session and in the server.
    pub(super) fn may_start(&self) -> bool {
        self.shared.running.load(Relaxed) < self.shared.limits.max_running_handlers
    }

    /// Sends an encoded message, after everything that was queued for the session before.
    #[inline]
    pub(super) fn emit(&mut self, frame: Bytes, out: &mut Out) {
        let outbox = self.session.outbox();
        if out.blocked {
            outbox.push(detach(frame));
            return;
        }
        if outbox.has_work() {
            // Not ours to act on: put back for the connection. It will find out about an overflow, too.
            if let Some(command) = out.take(outbox).command {
                outbox.command(command);
            }
        }
        out.push(frame);
    }

    /// Sends a message that has no payload, or one that is encoded already.
    pub(super) fn send(&mut self, message: &Message, out: &mut Out) {
        let mut frame = BytesMut::new();
        match message.encode(self.format, &mut frame) {
            Ok(()) => self.emit(frame.freeze(), out),
            Err(error) => {
                tracing::error!(message = message.name(), %error, "a message cannot be encoded");
            }
        }
    }

    /// Answers a request with ERROR.
    #[cold]
    pub(super) fn fail(
        &mut self,
        request_type: RequestType,
        request: Id,
        error: CallError,
        out: &mut Out,
    ) {
        let frame = encode_error(request_type, request, error, self.format, &self.session);
        self.emit(frame, out);
    }

    /// A panic is told to the caller as what it is for him: an internal failure.
    #[cold]
    pub(super) fn panicked(&self, panic: &Panic) -> CallError {
        self.shared.counters.panics.count();
        CallError::internal(format!("the handler panicked: {}", panic.0))
    }

    /// The outcome of a handler, with a panic as just another failure.
    pub(super) fn settle(&self, finished: Finished) -> Result<Outcome, CallError> {
        finished.unwrap_or_else(|panic| Err(self.panicked(&panic)))
    }

    /// Ends the session: handlers are dropped, then testaments published; then procedures are withdrawn and subscriptions end, the newest
    /// first, then the guards of the session handlers, the newest first. Nothing that happens in one of them keeps the others from being
    /// dropped.
    pub(super) fn end(mut self) {
        self.count_calls();
        self.shared.running.fetch_sub(self.running, Relaxed);
        self.session.outbox().close();
        self.leave_dealer();
        self.calls.clear();
        self.tasks.clear(Work::is_counted);
        self.execute_testaments();
        let mut topics = self
            .topics
            .drain()
            .map(|(_, topic)| topic)
            .collect::<Vec<_>>();
        topics.sort_by_key(|topic| std::cmp::Reverse(topic.number));
        self.withdraw_procedures();
        for topic in topics {
            self.leave(topic);
        }
        for guard in self.guards.drain(..).rev() {
            self.tasks.remove(guard);
        }
        self.shared.sessions.remove(self.session.id());
        self.part();
        tracing::debug!(session = self.session.id().get(), "the session has ended");
    }
}

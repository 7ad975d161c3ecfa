//! From HELLO to WELCOME.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::codec::Format;
use wamp_proto::message::{Authenticate, Challenge, Hello, Message, Raw};
use wamp_proto::payload::{Payload, PayloadBuilder};
use wamp_proto::uri;
use wamp_uri::Rule;

use super::guest::Guest;
use super::open::{OpenSession, Work};
use super::rejection::Rejection;
use super::tasks::{Finished, TaskId, TaskSet};
use super::welcome::welcome;
use super::wire::unconstrained;
use super::{Session, SessionParts};
use crate::app::{Counters, Server};
use crate::auth::{ANONYMOUS, Attempt, Principal, Step};
use crate::handler::call::Cause;
use crate::handler::registered::Registered;
use crate::handler::{Call, CallError};
use crate::realm::Realm;
use crate::transport::TransportInfo;

/// Bytes of the names of a realm and of a peer.
const MAX_NAME: usize = 128;

/// A session that is not open yet: session handlers that run before authentication, authentication, the other session handlers, all
/// one after the other.
pub(super) struct Opening {
    session: Session,
    tasks: TaskSet<Work>,
    guards: Vec<TaskId>,
    stage: Stage,
    waiting: VecDeque<Arc<Registered>>,
    running: Option<Running>,
    /// When the answer to the CHALLENGE must be there.
    pub(super) answer_by: Option<Instant>,
    /// Whether it was accepted without the answer, which may still come.
    unanswered: bool,
}

/// What comes when nothing is waiting any more.
enum Stage {
    /// Authentication.
    Unknown,
    Authenticating(Box<Attempt>),
    /// WELCOME, with this `authextra`.
    Known(PayloadBuilder),
}

/// The session handler whose turn it is.
struct Running {
    task: TaskId,
    accepted: Arc<AtomicBool>,
}

/// What is known of a connection that HELLO has come by.
pub(super) struct Arrival<'a> {
    pub(super) format: Format,
    pub(super) transport: &'a Arc<TransportInfo>,
    pub(super) max_message: usize,
    pub(super) guest: Option<Arc<Guest>>,
}

/// How far opening has come.
pub(super) enum Progress {
    Waiting(Box<Opening>),
    /// The peer is asked for a proof.
    Asking(Box<Opening>, Challenge),
    Open(Box<OpenSession>, Message),
    Rejected(Rejection),
}

impl Opening {
    pub(super) fn new(
        server: &Server,
        hello: Hello,
        arrival: Arrival<'_>,
    ) -> Result<Self, Rejection> {
        check(&hello)?;
        let realm = server
            .realm(&hello.realm)
            .ok_or_else(|| Rejection::new(uri::NO_SUCH_REALM, "there is no such realm"))?;
        let session = admit(realm, hello, arrival);
        let opening = Self {
            waiting: handlers(realm, false),
            session,
            tasks: TaskSet::new(),
            guards: Vec::new(),
            stage: Stage::Unknown,
            running: None,
            answer_by: None,
            unanswered: false,
        };
        // A shutdown may have begun meanwhile: either it sees the session and tells it, or it is seen here.
        fence(Ordering::SeqCst);
        if server.shared().is_closing() {
            Box::new(opening).abandon();
            return Err(Rejection::new(
                uri::SYSTEM_SHUTDOWN,
                "the server shuts down",
            ));
        }
        Ok(opening)
    }

    /// Whether the peer's answer is what it waits for.
    pub(super) fn is_asking(&self) -> bool {
        matches!(&self.stage, Stage::Authenticating(attempt) if attempt.is_asking())
    }

    /// Whether it is still open who the peer is.
    pub(super) fn is_authenticating(&self) -> bool {
        matches!(&self.stage, Stage::Authenticating(_))
    }

    /// The answer to the CHALLENGE has come.
    pub(super) fn answer(&mut self, authenticate: Authenticate) {
        self.answer_by = None;
        if let Stage::Authenticating(attempt) = &mut self.stage {
            attempt.answer(authenticate);
        }
    }

    /// Goes on as far as possible.
    pub(super) fn advance(mut self: Box<Self>, cx: &mut Context<'_>) -> Progress {
        self.tasks.register(cx.waker());
        loop {
            if let Err(rejection) = self.check_role() {
                return self.reject(rejection);
            }
            match self.run_handlers() {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(rejection)) => return self.reject(rejection),
                Poll::Pending => return Progress::Waiting(self),
            }
            match &mut self.stage {
                Stage::Unknown => self.authenticate(),
                Stage::Authenticating(attempt) => match unconstrained(cx, |cx| attempt.poll(cx)) {
                    Poll::Pending => return Progress::Waiting(self),
                    Poll::Ready(Step::Challenge(challenge)) => {
                        return Progress::Asking(self, challenge);
                    }
                    Poll::Ready(Step::Done(outcome)) => match *outcome {
                        Ok(principal) => self.is_known(principal),
                        Err(rejection) => return self.reject(rejection),
                    },
                },
                Stage::Known(extra) => {
                    let extra = std::mem::take(extra);
                    return self.open(extra);
                }
            }
        }
    }

    /// Runs the session handlers that are waiting.
    fn run_handlers(&mut self) -> Poll<Result<(), Rejection>> {
        loop {
            let finished = if let Some(running) = self.running.take() {
                let mut finished = None;
                self.tasks.poll_ready(|_, outcome| finished = Some(outcome));
                if finished.is_none() && running.accepted.load(Ordering::Acquire) {
                    self.guards.push(running.task);
                    continue;
                }
                match finished {
                    Some(finished) => finished,
                    None => {
                        self.running = Some(running);
                        return Poll::Pending;
                    }
                }
            } else if let Some(handler) = self.waiting.pop_front() {
                let accepted = Arc::new(AtomicBool::new(false));
                let run = handler.start(self.call(&handler, &accepted));
                match self.tasks.start(run, || Work::Guard) {
                    Ok(finished) => finished,
                    Err(task) => {
                        self.running = Some(Running { task, accepted });
                        continue;
                    }
                }
            } else {
                return Poll::Ready(Ok(()));
            };
            let counters = &self.session.realm().inner().shared.counters;
            if let Some(rejection) = error_of(finished, counters) {
                return Poll::Ready(Err(rejection));
            }
        }
    }

    fn authenticate(&mut self) {
        if let Some(guest) = self.session.guest() {
            // Its router has asked it.
            let principal = guest.principal(self.session.id());
            return self.is_known(principal);
        }
        match self.session.realm().inner().methods() {
            Some(methods) => {
                let attempt = Attempt::new(&methods, self.session.clone());
                self.stage = Stage::Authenticating(Box::new(attempt));
            }
            None => {
                let role = ByteString::from_static(ANONYMOUS);
                self.is_known(Principal::anonymous(self.session.id(), role));
            }
        }
    }

    fn is_known(&mut self, mut principal: Principal) {
        self.unanswered = self.is_asking();
        self.answer_by = None;
        self.stage = Stage::Known(std::mem::take(&mut principal.extra));
        self.session.authenticated(principal);
        self.waiting = handlers(self.session.realm(), true);
    }

    /// A role without rules could do nothing: that is a mistake of whoever made the rules.
    fn check_role(&self) -> Result<(), Rejection> {
        let authorization = &self.session.realm().inner().authorization;
        let role = &self.session.auth().role;
        match &authorization.roles {
            Some(roles) if self.session.is_authenticated() => {
                if roles.contains(role) || authorization.authorizer.is_some() {
                    return Ok(());
                }
                let message = format!("there is no role `{role}` in this realm");
                Err(Rejection::new(uri::NO_SUCH_ROLE, message))
            }
            _ => Ok(()),
        }
    }

    fn open(self: Box<Self>, extra: PayloadBuilder) -> Progress {
        let welcome = welcome(&self.session, extra);
        let Self {
            session,
            tasks,
            guards,
            unanswered,
            ..
        } = *self;
        let mut open = Box::new(OpenSession::new(session, tasks, guards));
        open.unanswered = unanswered;
        Progress::Open(open, welcome)
    }

    fn reject(self: Box<Self>, rejection: Rejection) -> Progress {
        self.abandon();
        Progress::Rejected(rejection)
    }

    /// Drops what is running, then what the session handlers before it returned.
    pub(super) fn abandon(self: Box<Self>) {
        let Self {
            session,
            tasks,
            mut guards,
            running,
            stage,
            ..
        } = *self;
        drop(stage);
        guards.extend(running.map(|it| it.task));
        OpenSession::new(session, tasks, guards).end();
    }

    fn call(&self, handler: &Arc<Registered>, accepted: &Arc<AtomicBool>) -> Call {
        Call {
            session: self.session.clone(),
            target: Arc::clone(handler),
            uri: ByteString::new(),
            payload: Payload::empty(self.session.format()),
            cause: Cause::Open(Arc::clone(accepted)),
            unescaped: OnceLock::new(),
            deadline: None,
            extras: None,
        }
    }
}

/// The session handlers that run before or after authentication.
fn handlers(realm: &Realm, authenticated: bool) -> VecDeque<Arc<Registered>> {
    let sessions = realm.inner().sessions.iter();
    sessions
        .filter(|it| it.authenticated == authenticated)
        .cloned()
        .collect()
}

fn check(hello: &Hello) -> Result<(), Rejection> {
    if hello.realm.len() > MAX_NAME {
        return Err(Rejection::new(
            uri::INVALID_URI,
            "the realm's name is too long",
        ));
    }
    if let Err(error) = wamp_uri::check(&hello.realm, Rule::Loose) {
        return Err(Rejection::new(
            uri::INVALID_URI,
            format!("the realm's name: {error}"),
        ));
    }
    if hello.details.roles.is_empty() {
        return Err(Rejection::new(
            uri::NO_SUCH_ROLE,
            "HELLO.Details.roles: at least one role is required",
        ));
    }
    let authid = hello.details.authid.as_deref().unwrap_or_default();
    if authid.len() > MAX_NAME || authid.contains(char::is_control) {
        return Err(Rejection::new(
            uri::AUTHENTICATION_FAILED,
            format!("HELLO.Details.authid: at most {MAX_NAME} bytes without control characters"),
        ));
    }
    Ok(())
}

/// Gives the session an id that no other has, and makes it known.
fn admit(realm: &Realm, hello: Hello, arrival: Arrival<'_>) -> Session {
    let Arrival {
        format,
        transport,
        max_message,
        guest,
    } = arrival;
    let shared = &realm.inner().shared;
    let known = guest.as_ref().and_then(|it| it.id());
    let mut parts = SessionParts {
        id: known.unwrap_or_else(|| shared.random_id()),
        realm: realm.clone(),
        realm_name: ByteString::from(&*hello.realm),
        format,
        hello: hello.details,
        transport: Arc::clone(transport),
        max_message,
        guest,
    };
    // The frame that HELLO came in is not kept alive by its parts.
    parts.hello.agent = parts.hello.agent.as_deref().map(ByteString::from);
    parts.hello.authid = parts.hello.authid.as_deref().map(ByteString::from);
    for method in &mut parts.hello.authmethods {
        *method = ByteString::from(&**method);
    }
    let extra = parts.hello.authextra.take();
    let copy = |it: Raw| Raw::from_encoded(it.format(), Bytes::copy_from_slice(it.bytes()));
    parts.hello.authextra = extra.map(copy);
    let mut session = Session::new(parts.clone());
    while !shared.sessions.add(&session) {
        parts.id = shared.random_id();
        session = Session::new(parts.clone());
    }
    session
}

fn error_of(finished: Finished, counters: &Counters) -> Option<Rejection> {
    let error = match finished {
        Ok(Ok(_)) => return None,
        Ok(Err(error)) => error,
        Err(panic) => {
            counters.panics.count();
            CallError::internal(format!("the session handler panicked: {}", panic.0))
        }
    };
    tracing::warn!(?error, "a session handler does not accept the session");
    Some(Rejection::from_error(error))
}

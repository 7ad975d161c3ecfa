//! From HELLO to WELCOME.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::task::Context;

use bytestring::ByteString;
use wamp_proto::codec::{Format, from_slice};
use wamp_proto::message::details::WelcomeDetails;
use wamp_proto::message::{Feature, Features, Hello, Message, Roles, Welcome};
use wamp_proto::payload::Payload;
use wamp_proto::uri;
use wamp_uri::Rule;

use super::open::{OpenSession, Work};
use super::tasks::{Finished, TaskId, TaskSet};
use super::{Session, SessionParts};
use crate::app::{Counters, Server};
use crate::handler::call::Cause;
use crate::handler::registered::Registered;
use crate::handler::{Call, CallError};
use crate::realm::Realm;
use crate::transport::TransportInfo;

/// What the server calls itself.
const AGENT: &str = concat!("wamp-server/", env!("CARGO_PKG_VERSION"));
/// Bytes of a realm's name.
const MAX_REALM: usize = 128;

/// A session whose handlers are deciding whether it may open; they run one after the other.
pub(super) struct Opening {
    session: Session,
    tasks: TaskSet<Work>,
    guards: Vec<TaskId>,
    waiting: VecDeque<Arc<Registered>>,
    running: Option<Running>,
}

/// The session handler whose turn it is.
struct Running {
    task: TaskId,
    accepted: Arc<AtomicBool>,
}

/// Why a session does not open.
#[derive(Debug)]
pub(super) struct Rejection {
    pub(super) reason: ByteString,
    pub(super) message: String,
}

/// How far opening has come.
pub(super) enum Progress {
    Waiting,
    Open(Box<OpenSession>, Message),
    Rejected(Rejection),
}

impl Opening {
    pub(super) fn new(
        server: &Server,
        hello: Hello,
        format: Format,
        transport: &Arc<TransportInfo>,
    ) -> Result<Self, Rejection> {
        if hello.realm.len() > MAX_REALM {
            return Err(reject(uri::INVALID_URI, "the realm's name is too long"));
        }
        if let Err(error) = wamp_uri::check(&hello.realm, Rule::Loose) {
            return Err(reject(
                uri::INVALID_URI,
                &format!("the realm's name: {error}"),
            ));
        }
        if hello.details.roles.is_empty() {
            return Err(reject(
                uri::NO_SUCH_ROLE,
                "HELLO.Details.roles: at least one role is required",
            ));
        }
        let realm = server
            .realm(&hello.realm)
            .ok_or_else(|| reject(uri::NO_SUCH_REALM, "there is no such realm"))?;
        let session = admit(realm, hello, format, transport);
        let opening = Self {
            waiting: realm.inner().sessions.iter().cloned().collect(),
            session,
            tasks: TaskSet::new(),
            guards: Vec::new(),
            running: None,
        };
        // A shutdown may have begun meanwhile: either it sees the session and tells it, or it is seen here.
        fence(Ordering::SeqCst);
        if server.shared().is_closing() {
            Box::new(opening).abandon();
            return Err(reject(uri::SYSTEM_SHUTDOWN, "the server shuts down"));
        }
        Ok(opening)
    }

    /// Runs the session handlers as far as they go.
    pub(super) fn advance(
        mut self: Box<Self>,
        cx: &mut Context<'_>,
    ) -> (Option<Box<Self>>, Progress) {
        self.tasks.register(cx.waker());
        let mut failed = None;
        while failed.is_none() {
            if let Some(running) = self.running.take() {
                let mut finished = None;
                self.tasks.poll_ready(|_, outcome| finished = Some(outcome));
                match finished {
                    Some(outcome) => {
                        failed = error_of(outcome, &self.session.realm().inner().shared.counters);
                    }
                    None if running.accepted.load(Ordering::Acquire) => {
                        self.guards.push(running.task);
                    }
                    None => {
                        self.running = Some(running);
                        return (Some(self), Progress::Waiting);
                    }
                }
            } else if let Some(handler) = self.waiting.pop_front() {
                let accepted = Arc::new(AtomicBool::new(false));
                let run = handler.start(self.call(&handler, &accepted));
                match self.tasks.start(run, || Work::Guard) {
                    Ok(outcome) => {
                        failed = error_of(outcome, &self.session.realm().inner().shared.counters);
                    }
                    Err(task) => self.running = Some(Running { task, accepted }),
                }
            } else {
                break;
            }
        }
        match failed {
            Some(rejection) => {
                (*self).abandon();
                (None, Progress::Rejected(rejection))
            }
            None => {
                let welcome = welcome(&self.session);
                let Self {
                    session,
                    tasks,
                    guards,
                    ..
                } = *self;
                let open = Box::new(OpenSession::new(session, tasks, guards));
                (None, Progress::Open(open, welcome))
            }
        }
    }

    /// Drops the handler that is running, then what those before it returned.
    pub(super) fn abandon(self) {
        let Self {
            session,
            tasks,
            mut guards,
            running,
            ..
        } = self;
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

/// Gives the session an id that no other has, and makes it known.
fn admit(realm: &Realm, hello: Hello, format: Format, transport: &Arc<TransportInfo>) -> Session {
    let shared = &realm.inner().shared;
    let mut parts = SessionParts {
        id: shared.random_id(),
        realm: realm.clone(),
        realm_name: ByteString::from(&*hello.realm),
        format,
        hello: hello.details,
        transport: Arc::clone(transport),
    };
    // The frame that HELLO came in is not kept alive by its parts.
    parts.hello.agent = parts.hello.agent.as_deref().map(ByteString::from);
    parts.hello.authid = parts.hello.authid.as_deref().map(ByteString::from);
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
    let (reason, values, _) = error.into_parts();
    let reason = match wamp_uri::check(&reason, Rule::Loose) {
        Ok(()) => reason.into_owned().into(),
        Err(_) => ByteString::from_static(uri::RUNTIME_ERROR),
    };
    // Its first argument is a text for people, if it is a text.
    let payload = values.build(Format::Cbor).unwrap_or_default();
    let text = payload
        .elements()
        .next()
        .and_then(|it| from_slice(Format::Cbor, it).ok());
    Some(Rejection {
        reason,
        message: text.unwrap_or_else(|| "the session was not accepted".to_owned()),
    })
}

pub(super) fn reject(reason: &'static str, message: &str) -> Rejection {
    Rejection {
        reason: ByteString::from_static(reason),
        message: message.to_owned(),
    }
}

/// Announces what is implemented, and nothing else.
fn welcome(session: &Session) -> Message {
    let dealer = [
        Feature::ProgressiveCallResults,
        Feature::ProgressiveCallInvocations,
        Feature::CallTimeout,
        Feature::CallCanceling,
    ];
    let auth = session.auth().clone();
    Message::Welcome(Welcome {
        session: session.id(),
        details: Box::new(WelcomeDetails {
            roles: Roles {
                broker: Some(Features::new()),
                dealer: Some(Features::from(dealer)),
                ..Roles::default()
            },
            agent: Some(ByteString::from_static(AGENT)),
            realm: Some(session.realm_name().into()),
            authid: Some(auth.id),
            authrole: Some(auth.role),
            authmethod: Some(auth.method),
            authprovider: Some(auth.provider),
            ..WelcomeDetails::default()
        }),
    })
}

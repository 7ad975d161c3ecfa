//! The context of one run of a handler.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wamp_proto::codec::{EncodeError, Format};
use wamp_proto::id::Id;
use wamp_proto::message;
use wamp_proto::message::details::{CallOptions, ResultDetails};
use wamp_proto::payload::{Payload, PayloadBuilder};

use super::registered::Registered;
use super::{CallError, Outcome, scratch};
use crate::session::Session;
use crate::session::subscription::Pending;

/// What is known about one call, one subscription or one event while its handler runs.
///
/// Handlers take `&Call` when the typed parameters are not enough, and the user's own
/// [`FromCall`](crate::FromCall) types are made from it.
pub struct Call {
    pub(crate) session: Session,
    pub(crate) target: Arc<Registered>,
    pub(crate) uri: ByteString,
    pub(crate) payload: Payload,
    pub(crate) cause: Cause,
    /// The arguments once more, if texts are borrowed from them that have escapes in JSON.
    pub(crate) unescaped: OnceLock<Box<Payload>>,
    /// When the caller gets `wamp.error.timeout`.
    pub(crate) deadline: Option<Instant>,
    /// Absent in plain calls: those cost nothing for what they do not use.
    pub(crate) extras: Option<Box<Extras>>,
}

/// Why a handler runs.
pub(crate) enum Cause {
    /// A CALL: the outcome is a RESULT.
    Call { request: Id },
    /// A SUBSCRIBE.
    Subscribe(Arc<Pending>),
    /// A PUBLISH.
    Event { publication: Id },
    /// A session opens; set when the handler has accepted it.
    Open(Arc<AtomicBool>),
}

/// What only some calls have.
#[derive(Default)]
pub(crate) struct Extras {
    pub(crate) options: CallOptions,
    /// When progress was last sent; the caller wants progress if it is there.
    pub(crate) progress: Option<Arc<LastProgress>>,
    /// The `Progress<T>` that the handler borrows.
    pub(crate) reporter: OnceLock<Box<dyn Any + Send + Sync>>,
    pub(crate) token: Option<Token>,
    pub(crate) input: Mutex<Option<mpsc::Receiver<Payload>>>,
    /// Whether the peer's identity may be passed on.
    pub(crate) disclosed: bool,
    /// Whether it may be to a callee that asks for it.
    pub(crate) disclosable: bool,
    pub(crate) trust_level: Option<u64>,
}

/// When progress was last sent: the timeout of a progressive call counts from there.
#[derive(Debug)]
pub(crate) struct LastProgress {
    started: Instant,
    /// Microseconds after `started`.
    last: std::sync::atomic::AtomicU64,
    /// Whether the call is answered. Locked while progress is sent: none may follow the answer.
    answered: Mutex<bool>,
}

/// Gives the cancellation token. A trait object, because the token's own type is recursive: see
/// [`Sessions`](crate::session::registry::Sessions) for why that matters.
pub(crate) type Token = Box<dyn Fn() -> CancellationToken + Send + Sync>;

/// Ends the progress of a call when it is dropped, which is before the call is answered.
#[derive(Debug)]
pub(crate) struct Reports(pub(crate) Arc<LastProgress>);

impl Drop for Reports {
    fn drop(&mut self) {
        *self
            .0
            .answered
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
    }
}

impl LastProgress {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            started: now,
            last: std::sync::atomic::AtomicU64::new(0),
            answered: Mutex::new(false),
        }
    }

    fn touch(&self) {
        let micros = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.last.store(micros, Ordering::Relaxed);
    }

    pub(crate) fn at(&self) -> Instant {
        self.started + Duration::from_micros(self.last.load(Ordering::Relaxed))
    }
}

impl Call {
    /// The session that calls, subscribes or publishes.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The URI that was called, subscribed or published to; empty in session handlers.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The id of the request: unique among the caller's open requests. `None` where nothing was requested.
    #[must_use]
    pub fn request(&self) -> Option<Id> {
        match &self.cause {
            Cause::Call { request } => Some(*request),
            Cause::Subscribe(pending) => Some(pending.request()),
            Cause::Event { .. } | Cause::Open(_) => None,
        }
    }

    /// The id of the event that a subscriber handles.
    #[must_use]
    pub fn publication(&self) -> Option<Id> {
        match self.cause {
            Cause::Event { publication } => Some(publication),
            _ => None,
        }
    }

    /// The arguments as they came.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The options of the CALL; `None` in handlers that were not called.
    #[must_use]
    pub fn options(&self) -> Option<&CallOptions> {
        static NONE: LazyLock<CallOptions> = LazyLock::new(CallOptions::default);
        let options = || {
            let extras = self.extras.as_deref();
            extras.map_or(&*NONE, |extras| &extras.options)
        };
        matches!(self.cause, Cause::Call { .. }).then(options)
    }

    /// Whether others may be told who the peer is: the realm or a rule says so, or the peer itself (`disclose_me`).
    ///
    /// WAMP, "Caller Identification" and "Publisher Identification".
    #[must_use]
    pub fn is_disclosed(&self) -> bool {
        self.extras.as_deref().is_some_and(|it| it.disclosed)
    }

    /// How much the peer is trusted, if a rule or the authorizer says so. WAMP, "Call Trust Levels" and "Publication Trust Levels".
    #[must_use]
    pub fn trust_level(&self) -> Option<u64> {
        self.extras.as_deref()?.trust_level
    }

    /// How long the handler may still run; `None` if there is no limit.
    #[must_use]
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Whether the caller asked for progressive results.
    #[must_use]
    pub fn wants_progress(&self) -> bool {
        self.progress_state().is_some()
    }

    /// The `{name}` component of the URI that the handler was annotated with.
    #[must_use]
    pub fn capture(&self, name: &str) -> Option<&str> {
        self.target.capture(&self.uri, name)
    }

    /// The encoding that replies are sent in.
    pub(crate) fn format(&self) -> Format {
        self.session.format()
    }

    /// The arguments in a format in which every text can be borrowed; `None` if there is none.
    #[cold]
    pub(crate) fn unescaped(&self) -> Option<&Payload> {
        if let Some(payload) = self.unescaped.get() {
            return Some(payload);
        }
        let payload = self.payload.transcode(Format::Cbor).ok()?;
        Some(self.unescaped.get_or_init(|| Box::new(payload)))
    }

    pub(crate) fn takes_args(&self) -> bool {
        self.target.needs.args
    }

    pub(crate) fn takes_kwargs(&self) -> bool {
        self.target.needs.kwargs
    }

    fn progress_state(&self) -> Option<&LastProgress> {
        self.extras.as_deref()?.progress.as_deref()
    }

    /// The final result.
    pub(crate) fn reply<T: Serialize + ?Sized>(&self, value: &T) -> Result<Outcome, CallError> {
        let Cause::Call { request } = self.cause else {
            return Ok(Outcome::Done);
        };
        let format = self.format();
        let frame = scratch::encode(|out| result(request, false).encode_with(format, value, out));
        frame
            .map(Outcome::Reply)
            .map_err(|error| self.unsendable(&error))
    }

    /// The final result, built value by value.
    pub(crate) fn reply_built(&self, values: PayloadBuilder) -> Result<Outcome, CallError> {
        self.reply_encoded(self.build(values)?)
    }

    /// The final result, encoded already.
    pub(crate) fn reply_encoded(&self, payload: Payload) -> Result<Outcome, CallError> {
        let Cause::Call { request } = self.cause else {
            return Ok(Outcome::Done);
        };
        let result = message::Result {
            payload,
            ..result(request, false)
        };
        Ok(Outcome::Reply(self.encode(result)?))
    }

    /// Sends a progressive result, if the caller asked for them; the future waits until there is room for more.
    pub(crate) fn progress<T: Serialize + ?Sized>(
        &self,
        value: &T,
    ) -> Result<impl Future<Output = ()> + Send + use<'_, T>, CallError> {
        if let (Some(last), Cause::Call { request }) = (self.progress_state(), &self.cause) {
            send_progress(&self.session, *request, last, value)
                .map_err(|error| self.unsendable(&error))?;
        }
        Ok(self.session.outbox().room())
    }

    fn build(&self, values: PayloadBuilder) -> Result<Payload, CallError> {
        values
            .build(self.format())
            .map_err(|error| self.unsendable(&error))
    }

    fn encode(&self, result: message::Result) -> Result<Bytes, CallError> {
        let mut out = BytesMut::new();
        message::Message::Result(result)
            .encode(self.format(), &mut out)
            .map_err(|error| self.unsendable(&error))?;
        Ok(out.freeze())
    }

    /// A result that cannot be sent is a mistake of the handler: the caller is told that there was one, the log what it was.
    #[cold]
    fn unsendable(&self, error: &EncodeError) -> CallError {
        CallError::internal(format!(
            "the result of `{}` cannot be sent: {error}",
            self.uri
        ))
    }

    /// Tells that a topic or session handler agrees; from here on what it returned is held.
    pub(crate) fn accept(&self) {
        match &self.cause {
            Cause::Subscribe(pending) => pending.accept(),
            Cause::Open(accepted) => accepted.store(true, Ordering::Release),
            Cause::Call { .. } | Cause::Event { .. } => {}
        }
    }
}

/// A RESULT without its payload.
fn result(request: Id, progress: bool) -> message::Result {
    message::Result {
        request,
        details: ResultDetails {
            progress,
            ..ResultDetails::default()
        },
        payload: Payload::default(),
    }
}

/// Sends a progressive RESULT, unless the call is answered already.
pub(crate) fn send_progress<T: Serialize + ?Sized>(
    session: &Session,
    request: Id,
    last: &LastProgress,
    value: &T,
) -> Result<(), EncodeError> {
    let mut out = BytesMut::with_capacity(64);
    result(request, true).encode_with(session.format(), value, &mut out)?;
    let answered = last.answered.lock().unwrap_or_else(PoisonError::into_inner);
    if !*answered {
        last.touch();
        session.outbox().push(out.freeze());
    }
    Ok(())
}

impl Extras {
    /// The arguments that are still to come; only the first who asks gets them.
    pub(crate) fn take_input(&self) -> Option<mpsc::Receiver<Payload>> {
        self.input
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("uri", &self.uri)
            .field("request", &self.request())
            .field("session", &self.session.id())
            .finish_non_exhaustive()
    }
}

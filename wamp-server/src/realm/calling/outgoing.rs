//! What is to be called, and how.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use serde::Serialize;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::Raw;
use wamp_proto::message::details::{CallOptions, CallSharding};
use wamp_proto::payload::{Payload, PayloadBuilder};

use super::{CallFuture, ProgressiveCall};
use crate::handler::CallError;
use crate::realm::Realm;
use crate::realm::upstream::Uplink;
use crate::session::Session;

/// A call that the server makes. It begins when it is awaited, and is cancelled when what is awaited is dropped.
///
/// [`Session::call`] calls what one client offers, [`Realm::call`] what the realm does.
///
/// ```
/// use std::time::Duration;
/// use wamp_server::{CallError, Session, procedure};
///
/// /// Asks the client that calls for its consent.
/// #[procedure("account.delete")]
/// async fn delete(session: &Session) -> Result<bool, CallError> {
///     let consent = session.call("ui.confirm").arg("Really?").timeout(Duration::from_secs(60)).await?;
///     Ok(consent.decode()?)
/// }
/// ```
///
/// # Errors
///
/// It is awaited for a `Result`. A callee's own failure comes as it is, with [URI](CallError::uri), [arguments](CallError::args) and
/// [keyword arguments](CallError::kwargs). What else there may be:
///
/// - `wamp.error.no_such_procedure`: nobody offers it; `wamp.error.invalid_uri`: nobody can.
/// - `wamp.error.no_available_callee`: those who do take no calls now.
/// - `wamp.error.canceled`: the callee has gone before it answered.
/// - `wamp.error.timeout`: it was not answered in time.
/// - `wamp.error.slow_consumer`: more progress came than [`Limits::outbound_hard`](crate::Limits), and was not read.
/// - `wamp.error.invalid_argument`, `wamp.error.payload_size_exceeded`: the callee's serializer cannot express the arguments, or they are
///   longer than it takes.
/// - `wamp.error.limit_exceeded`: too many handlers are running.
/// - `wamp.error.runtime_error`, with a [cause](CallError::cause): an argument cannot be serialized.
#[must_use = "a call is made when it is awaited"]
pub struct OutgoingCall {
    pub(super) realm: Realm,
    /// The session that is to answer; else whatever does.
    pub(super) callee: Option<Id>,
    pub(super) procedure: ByteString,
    values: PayloadBuilder,
    pub(super) timeout: Option<Duration>,
    key: Option<Result<Raw, CallError>>,
    pub(super) wants_progress: bool,
    /// The router that the callee is connected to, if that is another one.
    uplink: Option<Arc<dyn Uplink>>,
}

impl Session {
    /// Begins a call of a procedure that the client of this session offers: registrations of others that answer to the same URI do not
    /// count. Of its own, the one counts that is closest: exact, else the longest prefix, else the most specific wildcard.
    ///
    /// Where the application is [joined](crate::App::join), the router decides who answers: WAMP has no way to call one peer of a router.
    ///
    /// ```
    /// # async fn f(session: &wamp_server::Session) -> Result<(), wamp_server::CallError> {
    /// let uptime: u64 = session.call("device.uptime").await?.decode()?;
    /// session.call("device.reboot").kwarg("delay", 5).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn call(&self, procedure: impl Into<ByteString>) -> OutgoingCall {
        let call = OutgoingCall::new(self.realm().clone(), Some(self.id()), procedure.into());
        OutgoingCall {
            uplink: self.guest().map(|it| Arc::clone(it.uplink())),
            ..call
        }
    }
}

impl Realm {
    /// Begins a call of whatever answers to a URI in this realm: a function of the application, or callees elsewhere, as for clients. No
    /// rules are asked, and the callee is told of no caller.
    ///
    /// What nobody here answers is called at the router that the realm has [joined](crate::App::join), if it has.
    ///
    /// A function of the application runs as a part of what is awaited. The session that it sees as its caller has neither name nor role,
    /// and ends with the call.
    ///
    /// ```
    /// # async fn f(realm: &wamp_server::Realm) -> Result<(), wamp_server::CallError> {
    /// let sum: i64 = realm.call("math.add").arg(2).arg(3).await?.decode()?;
    /// let (quotient, rest): (i64, i64) = realm.call("math.divide").args((7, 2)).await?.decode()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn call(&self, procedure: impl Into<ByteString>) -> OutgoingCall {
        OutgoingCall::new(self.clone(), None, procedure.into())
    }
}

impl OutgoingCall {
    fn new(realm: Realm, callee: Option<Id>, procedure: ByteString) -> Self {
        Self {
            realm,
            callee,
            procedure,
            values: PayloadBuilder::new(),
            timeout: None,
            key: None,
            wants_progress: false,
            uplink: None,
        }
    }

    /// Adds a positional argument.
    pub fn arg(mut self, value: impl Serialize) -> Self {
        self.values.arg(&value);
        self
    }

    /// Adds a keyword argument.
    pub fn kwarg(mut self, name: &str, value: impl Serialize) -> Self {
        self.values.kwarg(name, &value);
        self
    }

    /// Adds all arguments that a value becomes [by the rule for results](Payload::from_value): a tuple or list becomes positional
    /// arguments, a struct or map keyword arguments.
    pub fn args(mut self, values: impl Serialize) -> Self {
        match Payload::from_value(Format::Cbor, &values) {
            Ok(payload) => self.values.append(&payload),
            // Kept like that of a single argument.
            Err(_) => self.values.arg(&values),
        };
        self
    }

    /// Sets how long to wait for an answer; with [`progress`](Self::progress), from one to the next. The callee is then told to stop, if it
    /// can be. Without it, there is no limit but that of the procedure itself.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets what decides for one of the callees that share the procedure: the same one is called for the same key, as long as it is there.
    /// WAMP, "Sharded Registration".
    pub fn key(mut self, key: impl Serialize) -> Self {
        self.key = Some(Raw::new(Format::Cbor, &key).map_err(CallError::from));
        self
    }

    /// Asks for what the callee has to tell before it is done.
    ///
    /// ```
    /// # async fn f(session: &wamp_server::Session) -> Result<(), wamp_server::CallError> {
    /// let mut update = session.call("device.update").arg("2.1").progress();
    /// while let Some(step) = update.next().await {
    ///     println!("{} %", step.decode::<u8>()?);
    /// }
    /// let version: String = update.result().await?.decode()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn progress(mut self) -> ProgressiveCall {
        self.wants_progress = true;
        ProgressiveCall::new(self)
    }

    /// The router that answers, if that is another one.
    pub(super) fn uplink(&self) -> Option<Arc<dyn Uplink>> {
        if self.uplink.is_some() {
            return self.uplink.clone();
        }
        let inner = self.realm.inner();
        let uplink = inner.upstream.uplink().filter(|_| self.callee.is_none())?;
        let is_here = inner.resolve(&self.procedure).is_some();
        (!is_here).then_some(uplink)
    }

    pub(super) fn options(&mut self) -> Result<CallOptions, CallError> {
        let sharding = match self.key.take() {
            Some(key) => Some(Box::new(CallSharding {
                runmode: Some(ByteString::from_static("partition")),
                rkey: Some(key?),
            })),
            None => None,
        };
        let millis = |timeout: Duration| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        Ok(CallOptions {
            receive_progress: self.wants_progress,
            // Zero would mean that there is none.
            timeout: self.timeout.map(|it| millis(it).clamp(1, Id::MAX.get())),
            sharding,
            ..CallOptions::default()
        })
    }

    pub(super) fn payload(&mut self) -> Result<Payload, CallError> {
        Ok(std::mem::take(&mut self.values).build(Format::Cbor)?)
    }
}

impl IntoFuture for OutgoingCall {
    type Output = <CallFuture as Future>::Output;
    type IntoFuture = CallFuture;

    fn into_future(self) -> CallFuture {
        CallFuture::new(self)
    }
}

impl fmt::Debug for OutgoingCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingCall")
            .field("procedure", &self.procedure)
            .field("callee", &self.callee)
            .finish_non_exhaustive()
    }
}

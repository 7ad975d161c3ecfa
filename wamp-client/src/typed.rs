//! Typed callers: what `#[client]` makes of the methods of a trait.

use std::error::Error;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use bytestring::ByteString;
use serde::de::DeserializeOwned;
use wamp_proto::error::FromError;
use wamp_proto::received::CallResult;

use crate::call::{Call, ProgressiveCall};
use crate::client::Client;
use crate::error::CallError;

/// A call that is about to be made: of a method of a trait with [`#[client]`](macro@crate::client). Awaiting it makes the call and gives
/// `Result<T, E>`; dropping what is awaited cancels it.
///
/// `P` is what comes before the result; nothing does unless the method says so.
#[must_use = "a call is made when it is awaited"]
pub struct TypedCall<T, E = CallError, P = NoProgress> {
    call: Call,
    finish: Finish<T, E>,
    progress: PhantomData<fn() -> P>,
}

impl<T, E, P> TypedCall<T, E, P> {
    fn new(call: Call, finish: Finish<T, E>) -> Self {
        Self {
            call,
            finish,
            progress: PhantomData,
        }
    }

    /// Sets how long to wait for the answer, as [`Call::timeout`] does.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|call| call.timeout(timeout))
    }

    /// Sets anything else that can be said of a call.
    ///
    /// ```no_run
    /// # use wamp_client::{CallError, TypedCall};
    /// # async fn f(call: TypedCall<u64>) -> Result<u64, CallError> {
    /// call.with(|call| call.disclose_me(true).key("shard-7")).await
    /// # }
    /// ```
    pub fn with(self, set: impl FnOnce(Call) -> Call) -> Self {
        Self::new(set(self.call), self.finish)
    }

    /// The same without types: its result is not decoded.
    pub fn untyped(self) -> Call {
        self.call
    }
}

impl<T, E, P: DeserializeOwned> TypedCall<T, E, P> {
    /// Asks for what comes before the result.
    pub fn progress(self) -> TypedProgress<T, E, P> {
        TypedProgress {
            call: self.call.progress(),
            finish: self.finish,
            progress: PhantomData,
        }
    }
}

impl<T, E, P> IntoFuture for TypedCall<T, E, P>
where
    T: 'static,
    E: 'static,
{
    type Output = Result<T, E>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let call = self.call.into_future();
        let finish = self.finish;
        Box::pin(async move { finish(call.await) })
    }
}

impl<T, E, P> fmt::Debug for TypedCall<T, E, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// A call that reports before it is done. It is made when the first report is asked for; dropping it cancels it.
#[must_use = "a call is made when its progress or its result is asked for"]
pub struct TypedProgress<T, E = CallError, P = NoProgress> {
    call: ProgressiveCall,
    finish: Finish<T, E>,
    progress: PhantomData<fn() -> P>,
}

impl<T, E, P> TypedProgress<T, E, P>
where
    E: From<CallError>,
    P: DeserializeOwned,
{
    /// The next report; `None` when the result is there, or the call has failed: see [`result`](Self::result).
    ///
    /// # Errors
    ///
    /// [`CallError::Decode`] for a report that is not a `P`; others may follow.
    pub async fn next(&mut self) -> Option<Result<P, E>> {
        let report = self.call.next().await?;
        Some(
            report
                .decode()
                .map_err(|error| CallError::from(error).into()),
        )
    }

    /// The result. What is left of the reports is passed over.
    ///
    /// # Errors
    ///
    /// As for the call without progress.
    pub async fn result(self) -> Result<T, E> {
        (self.finish)(self.call.result().await)
    }
}

impl<T, E, P> fmt::Debug for TypedProgress<T, E, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.call.fmt(f)
    }
}

/// Why a typed call failed.
#[derive(Debug)]
pub enum TypedError<E> {
    /// The callee has answered with an error that it declares.
    Service(E),
    /// Anything else: there was no answer, or an error that is none of those.
    Call(CallError),
}

impl<E> TypedError<E> {
    /// The error of the service, if it is one.
    #[must_use]
    pub fn service(&self) -> Option<&E> {
        match self {
            Self::Service(error) => Some(error),
            Self::Call(_) => None,
        }
    }
}

impl<E: FromError> From<CallError> for TypedError<E> {
    fn from(error: CallError) -> Self {
        let known = error
            .remote()
            .and_then(|remote| E::from_error(remote.uri(), remote.payload()));
        known.map_or(Self::Call(error), Self::Service)
    }
}

/// The error of a service is shown as by `Debug`: not all have a text for humans.
impl<E: fmt::Debug> fmt::Display for TypedError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(error) => write!(f, "the service answers with the error {error:?}"),
            Self::Call(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug> Error for TypedError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Service(_) => None,
            Self::Call(error) => error.source(),
        }
    }
}

/// What becomes of an answer. That the types can be decoded is known where this is made, which is in generated code: it is reported at the
/// trait, not where a method is called.
type Finish<T, E> = fn(Result<CallResult, CallError>) -> Result<T, E>;

fn finish<T: DeserializeOwned, E: From<CallError>>(
    answer: Result<CallResult, CallError>,
) -> Result<T, E> {
    Ok(answer?.decode().map_err(CallError::from)?)
}

/// Stands for the progress of a method that has none.
#[derive(Debug)]
pub enum NoProgress {}

/// A call of a method that returns a value. Used by generated code.
pub fn plain<T: DeserializeOwned, P>(call: Call) -> TypedCall<T, CallError, P> {
    TypedCall::new(call, finish)
}

/// The same of a method that returns a `Result`.
pub fn fallible<T: DeserializeOwned, E: FromError, P>(
    call: Call,
) -> TypedCall<T, TypedError<E>, P> {
    TypedCall::new(call, finish)
}

/// By way of what a typed client calls. Used by generated code.
#[derive(Clone)]
pub struct Caller {
    client: Client,
    /// What all URIs begin with: `eu.`, or nothing.
    prefix: ByteString,
}

impl Caller {
    /// URIs as they are.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            client,
            prefix: ByteString::new(),
        }
    }

    /// URIs with `prefix` and a dot in front.
    #[must_use]
    pub fn at(client: Client, prefix: &str) -> Self {
        let prefix = match prefix {
            "" => ByteString::new(),
            prefix => format!("{prefix}.").into(),
        };
        Self { client, prefix }
    }

    /// By way of what it calls.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A call without arguments so far.
    pub fn call(&self, uri: &'static str) -> Call {
        if self.prefix.is_empty() {
            return self.client.call(ByteString::from_static(uri));
        }
        self.client.call(format!("{}{uri}", self.prefix))
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// The parts of a `Result`, whatever an alias calls it. Used by generated code.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is called `Result`, but is none",
    label = "the client cannot tell what is its value and what its error"
)]
pub trait Fallible {
    /// What is in `Ok`.
    type Value;
    /// What is in `Err`.
    type Error;
}

impl<T, E> Fallible for Result<T, E> {
    type Value = T;
    type Error = E;
}

//! From what a handler returns to what the caller sees.

use std::future::{Future, ready};
use std::pin::pin;

use futures_core::Stream;
use futures_util::StreamExt as _;
use serde::Serialize;
use wamp_proto::payload::PayloadBuilder;

use super::{Call, CallError, IntoError, Invoke, Outcome};

/// A result, an event or a progress report of several positional or keyword values.
///
/// ```
/// use wamp_server::Reply;
///
/// let reply = Reply::new().arg(48.2).arg(16.4).kwarg("accuracy", 3.5);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Reply(pub(crate) PayloadBuilder);

impl Reply {
    /// Nothing yet: no positional and no keyword arguments.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a positional argument.
    #[must_use]
    pub fn arg(mut self, value: impl Serialize) -> Self {
        self.0.arg(&value);
        self
    }

    /// Adds a keyword argument.
    #[must_use]
    pub fn kwarg(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.kwarg(name, &value);
        self
    }
}

/// A type that a procedure can return.
///
/// It is never implemented by hand: values are `serde::Serialize`, several values are a [`Reply`], and a
/// [`Stream`] sends every item as a progressive result and ends the call when it ends.
/// `Via` tells them apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned from a WAMP procedure",
    label = "not a result that can be sent",
    note = "return a `serde::Serialize` value, a `Reply`, a `Stream` of values, or a `Result` of one of these"
)]
pub trait IntoReply<'c, Via> {
    /// Sends it: progress at once, the final result by way of the outcome.
    ///
    /// # Errors
    ///
    /// When a value cannot be serialized, or an item of a stream is an error.
    fn into_reply(self, call: &'c Call) -> impl Future<Output = Result<Outcome, CallError>> + Send;
}

/// Markers that keep the kinds of [`IntoReply`] and of [`IntoPayload`] apart.
pub mod reply_via {
    /// A `serde::Serialize` value.
    #[derive(Debug)]
    pub enum Value {}
    /// A [`Reply`](super::Reply).
    #[derive(Debug)]
    pub enum Reply {}
    /// A stream of values.
    #[derive(Debug)]
    pub enum Stream {}
    /// A stream of results.
    #[derive(Debug)]
    pub enum TryStream {}
}

#[diagnostic::do_not_recommend]
impl<'c, T: Serialize> IntoReply<'c, reply_via::Value> for T {
    #[inline]
    fn into_reply(self, call: &'c Call) -> impl Future<Output = Result<Outcome, CallError>> + Send {
        ready(call.reply(&self))
    }
}

impl<'c> IntoReply<'c, reply_via::Reply> for Reply {
    fn into_reply(self, call: &'c Call) -> impl Future<Output = Result<Outcome, CallError>> + Send {
        ready(call.reply_built(self.0))
    }
}

#[diagnostic::do_not_recommend]
impl<'c, S> IntoReply<'c, reply_via::Stream> for S
where
    S: Stream<Item: Serialize + Send> + Send,
{
    async fn into_reply(self, call: &'c Call) -> Result<Outcome, CallError> {
        let mut items = pin!(self);
        while let Some(item) = items.next().await {
            // Streams that are always ready let others have their turn.
            tokio::task::coop::consume_budget().await;
            call.progress(&item)?.await;
        }
        call.reply(&())
    }
}

#[diagnostic::do_not_recommend]
impl<'c, S, T, E> IntoReply<'c, reply_via::TryStream> for S
where
    S: Stream<Item = Result<T, E>> + Send,
    T: Serialize + Send,
    E: IntoError + Send,
{
    async fn into_reply(self, call: &'c Call) -> Result<Outcome, CallError> {
        let mut items = pin!(self);
        while let Some(item) = items.next().await {
            // Streams that are always ready let others have their turn.
            tokio::task::coop::consume_budget().await;
            call.progress(&item.map_err(IntoError::into_error)?)?.await;
        }
        call.reply(&())
    }
}

/// Tells a `Result` from everything else: inherent methods win over those of traits, whatever the type is called.
#[derive(Debug)]
pub struct Returned<T>(pub T);

impl<T, E> Returned<Result<T, E>> {
    /// Splits the error off.
    ///
    /// # Errors
    ///
    /// The handler's own.
    #[inline]
    pub fn split(self) -> Result<T, CallError>
    where
        E: IntoError,
    {
        self.0.map_err(IntoError::into_error)
    }
}

/// What [`Returned`] does with a value that is not a `Result`.
pub trait Infallible<T> {
    /// The value.
    ///
    /// # Errors
    ///
    /// None.
    fn split(self) -> Result<T, CallError>;
}

impl<T> Infallible<T> for Returned<T> {
    #[inline]
    fn split(self) -> Result<T, CallError> {
        Ok(self.0)
    }
}

/// Sends what a procedure returned.
///
/// # Errors
///
/// The handler's own, and those of [`IntoReply::into_reply`].
#[inline]
pub fn reply<'c, T: IntoReply<'c, Via>, Via>(
    call: &'c Call,
    value: Result<T, CallError>,
) -> impl Future<Output = Result<Outcome, CallError>> + Send + use<'c, T, Via> {
    let sent = value.map(|value| value.into_reply(call));
    async move { sent?.await }
}

/// What a subscriber can return, errors apart: nothing.
#[diagnostic::on_unimplemented(
    message = "a subscriber cannot return `{Self}`: nobody waits for it",
    label = "neither `()` nor a `Result` of it",
    note = "return nothing, or `Result<(), E>` for an error that is to be logged"
)]
pub trait Nothing {}

impl Nothing for () {}

/// Ends the run of a subscriber.
///
/// # Errors
///
/// The handler's own.
#[inline]
pub fn done<T: Nothing>(value: Result<T, CallError>) -> Result<Outcome, CallError> {
    value.map(|_| Outcome::Done)
}

/// The run of a handler, its type erased.
#[inline]
pub fn boxed<F: Future<Output = Result<Outcome, CallError>> + Send + 'static>(run: F) -> Invoke {
    Box::pin(run)
}

/// Called on a handler's own future, so that the compiler's error names the handler.
#[inline]
pub fn must_be_send<F: Future + Send>(future: F) -> F {
    future
}

/// A value that can be published: `serde::Serialize`, by the rule for results, or a [`Reply`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be published",
    note = "publish a `serde::Serialize` value or a `Reply`"
)]
pub trait IntoPayload<Via> {
    /// The arguments, in `format`.
    ///
    /// # Errors
    ///
    /// When a value cannot be serialized.
    fn to_payload(
        self,
        format: wamp_proto::codec::Format,
    ) -> Result<wamp_proto::payload::Payload, wamp_proto::codec::EncodeError>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> IntoPayload<reply_via::Value> for T {
    fn to_payload(
        self,
        format: wamp_proto::codec::Format,
    ) -> Result<wamp_proto::payload::Payload, wamp_proto::codec::EncodeError> {
        wamp_proto::payload::Payload::from_value(format, &self)
    }
}

impl IntoPayload<reply_via::Reply> for Reply {
    fn to_payload(
        self,
        format: wamp_proto::codec::Format,
    ) -> Result<wamp_proto::payload::Payload, wamp_proto::codec::EncodeError> {
        self.0.build(format)
    }
}

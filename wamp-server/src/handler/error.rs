//! What a caller is told when a call fails.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wamp_proto::codec::{DecodeError, Format};
use wamp_proto::message;
use wamp_proto::payload::{Payload, PayloadBuilder};
use wamp_proto::uri;

/// The failure of a call: a URI that the caller can act on, with arguments.
///
/// Whatever is not meant for the caller, the [`cause`](Self::internal), is logged and never sent. Any [`std::error::Error`]
/// becomes such an internal failure through `?`, so a handler that returns `Result<T, CallError>` can use `?` on everything.
///
/// ```
/// use wamp_server::CallError;
///
/// fn withdraw(balance: u64, amount: u64) -> Result<u64, CallError> {
///     balance.checked_sub(amount).ok_or_else(|| {
///         CallError::new("bank.error.insufficient_funds").arg("not enough money").kwarg("balance", balance)
///     })
/// }
/// assert_eq!(withdraw(3, 5).unwrap_err().uri(), "bank.error.insufficient_funds");
/// ```
///
/// ERROR messages: the WAMP specification, "Call Invocation Errors".
pub struct CallError(Box<Inner>);

struct Inner {
    uri: Cow<'static, str>,
    payload: PayloadBuilder,
    /// For the log only.
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl CallError {
    /// A failure with the given URI.
    ///
    /// A URI that WAMP's grammar does not allow reaches the caller as `wamp.error.runtime_error`, and the log says why.
    #[must_use]
    pub fn new(uri: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            uri: uri.into(),
            payload: PayloadBuilder::new(),
            cause: None,
        }))
    }

    /// A failure that is none of the caller's business: it is logged, the caller sees `wamp.error.runtime_error`.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(uri::RUNTIME_ERROR);
        error.0.cause = Some(cause.into());
        error
    }

    /// `wamp.error.invalid_argument` with a text for humans.
    #[must_use]
    pub fn invalid_argument(message: impl fmt::Display) -> Self {
        Self::new(uri::INVALID_ARGUMENT).arg(message.to_string())
    }

    /// `wamp.error.not_authorized`.
    #[must_use]
    pub fn not_authorized() -> Self {
        Self::new(uri::NOT_AUTHORIZED)
    }

    /// Adds a positional argument.
    #[must_use]
    pub fn arg(mut self, value: impl Serialize) -> Self {
        self.0.payload.arg(&value);
        self
    }

    /// Adds a keyword argument.
    #[must_use]
    pub fn kwarg(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.payload.kwarg(name, &value);
        self
    }

    /// Attaches what is logged but never sent.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// The URI that the caller sees.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.0.uri
    }

    /// The arguments of a failure that a callee told of, or that were added to this one. If there are none, the list is empty.
    ///
    /// ```
    /// use wamp_server::CallError;
    ///
    /// let error = CallError::new("bank.error.insufficient_funds").arg("not enough money").kwarg("balance", 3);
    /// let (text,): (String,) = error.args()?;
    /// assert_eq!(text, "not enough money");
    /// # Ok::<(), wamp_server::proto::codec::DecodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn args<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        self.payload()?.decode_args()
    }

    /// The keyword arguments. If there are none, the map is empty.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn kwargs<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        self.payload()?.decode_kwargs()
    }

    /// What is logged but never sent.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + Send + Sync)> {
        self.0.cause.as_deref()
    }

    /// The failure that an ERROR tells of.
    pub(crate) fn received(error: &message::Error) -> Self {
        Self::passed_on(&error.error, &error.payload)
    }

    /// A failure that somebody else has told of.
    pub(crate) fn passed_on(uri: &str, payload: &Payload) -> Self {
        let mut error = Self::new(uri.to_owned());
        error.0.payload.append(payload);
        error
    }

    fn payload(&self) -> Result<Payload, DecodeError> {
        let payload = self.0.payload.clone().build(Format::Cbor);
        payload.map_err(serde::de::Error::custom)
    }

    pub(crate) fn into_parts(
        self,
    ) -> (
        Cow<'static, str>,
        PayloadBuilder,
        Option<Box<dyn StdError + Send + Sync>>,
    ) {
        let Inner {
            uri,
            payload,
            cause,
        } = *self.0;
        (uri, payload, cause)
    }

    #[cold]
    pub(crate) fn missing_argument(name: &str) -> Self {
        let message = if name.is_empty() {
            "a positional argument is missing".to_owned()
        } else {
            format!("missing argument `{name}`")
        };
        Self::invalid_argument(message).kwarg("argument", name)
    }

    #[cold]
    pub(crate) fn bad_argument(name: &str, path: &str, message: &str) -> Self {
        Self::invalid_argument(format_args!("{path}: {message}"))
            .kwarg("argument", name)
            .kwarg("path", path)
    }

    #[cold]
    pub(crate) fn too_many_arguments(expected: usize, given: usize) -> Self {
        Self::invalid_argument(format_args!(
            "takes {expected} positional arguments but {given} were given"
        ))
    }

    #[cold]
    pub(crate) fn repeated_argument(name: &str) -> Self {
        Self::invalid_argument(format_args!("multiple values for argument `{name}`"))
            .kwarg("argument", name)
    }

    #[cold]
    pub(crate) fn unexpected_argument(name: &str) -> Self {
        Self::invalid_argument(format_args!("unexpected keyword argument `{name}`"))
            .kwarg("argument", name)
    }
}

/// Shows the URI and the cause; arguments may hold secrets and are left out.
impl fmt::Debug for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallError")
            .field("uri", &self.0.uri)
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.uri)
    }
}

/// `CallError` itself is not a [`std::error::Error`]: that is what lets every such error become one.
impl<E: StdError + Send + Sync + 'static> From<E> for CallError {
    fn from(error: E) -> Self {
        Self::internal(error)
    }
}

/// The error of a handler.
///
/// Derive it for an enum with `#[derive(CallError)]`, which asks for the URI of every variant: URIs are part of an API and are
/// chosen, never inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a WAMP handler",
    label = "callers see an error URI, and this type has none",
    note = "derive it: `#[derive(CallError)]` with `#[error(uri = \"…\")]` on each variant",
    note = "or return `wamp_server::CallError`, into which `?` turns every `std::error::Error`"
)]
pub trait IntoError {
    /// What the caller is told, and what is logged.
    fn into_error(self) -> CallError;
}

impl IntoError for CallError {
    fn into_error(self) -> CallError {
        self
    }
}

/// Errors that are declared where there is no server.
#[diagnostic::do_not_recommend]
impl<T: wamp_proto::error::IntoError> IntoError for T {
    fn into_error(self) -> CallError {
        let (uri, payload, cause) = wamp_proto::error::IntoError::into_error(self).into_parts();
        CallError(Box::new(Inner {
            uri,
            payload,
            cause,
        }))
    }
}

/// Every error can be one.
impl wamp_proto::error::FromError for CallError {
    fn from_error(uri: &str, payload: &Payload) -> Option<Self> {
        let mut error = Self::new(uri.to_owned());
        error.0.payload.append(payload);
        Some(error)
    }
}

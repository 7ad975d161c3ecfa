//! Errors as both ends of a call know them: an enum here, a URI with arguments on the wire, the same enum there.
//!
//! - here: [`Failure`], what is sent and what is logged; [`IntoError`] and [`FromError`], the two ways. `#[derive(CallError)]` of wamp-server
//!   and of wamp-client writes both.
//! - `fields`: how the derive reads the fields of a variant.

mod fields;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;

#[doc(hidden)]
pub use self::fields::{Fields, Raw, Readable, Unknown, Unreadable};
use crate::payload::{Payload, PayloadBuilder};
use crate::uri;

/// An error that a callee makes: what the caller is told, and what is logged instead.
///
/// As the error of a method that caller and callee share, it is any error.
pub struct Failure(Box<Inner>);

struct Inner {
    uri: Cow<'static, str>,
    payload: PayloadBuilder,
    /// For the log only.
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Failure {
    /// A failure with this URI.
    #[must_use]
    pub fn new(uri: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            uri: uri.into(),
            payload: PayloadBuilder::new(),
            cause: None,
        }))
    }

    /// A failure that is none of the caller's business, who sees `wamp.error.runtime_error`.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(uri::RUNTIME_ERROR).because(cause)
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

    /// What the caller sees.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.0.uri
    }

    /// What is logged.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn StdError + Send + Sync)> {
        self.0.cause.as_deref()
    }

    /// URI, arguments and cause.
    #[must_use]
    pub fn into_parts(
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
}

/// Shows the URI and the cause; arguments may hold secrets and are left out.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("uri", &self.0.uri)
            .field("cause", &self.0.cause)
            .finish_non_exhaustive()
    }
}

/// An error that can be the answer to a call, whatever answers it.
///
/// Written by `#[derive(wamp_client::CallError)]`, for errors that are declared where there is no server. A server takes them like its own.
pub trait IntoError {
    /// What the caller is told, and what is logged.
    fn into_error(self) -> Failure;
}

impl IntoError for std::convert::Infallible {
    fn into_error(self) -> Failure {
        match self {}
    }
}

/// An internal failure: logged, not sent.
impl IntoError for Box<dyn StdError + Send + Sync> {
    fn into_error(self) -> Failure {
        Failure::internal(self)
    }
}

/// An error that can be made from what a caller is told: the way back.
///
/// Written by `#[derive(CallError)]`. Variants whose URI is the one of the ERROR are tried one after the other; arguments become fields
/// in the order in which they were sent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be told from the URI of an error",
    label = "no URI leads back to this type",
    note = "derive it: `#[derive(CallError)]` with `#[error(uri = \"…\")]` on each variant"
)]
pub trait FromError: Sized {
    /// The error that has this URI and these arguments; `None` if there is no such one.
    fn from_error(uri: &str, payload: &Payload) -> Option<Self>;
}

impl IntoError for Failure {
    fn into_error(self) -> Failure {
        self
    }
}

/// Every error can be one.
impl FromError for Failure {
    fn from_error(uri: &str, payload: &Payload) -> Option<Self> {
        let mut error = Self::new(uri.to_owned());
        error.0.payload.append(payload);
        Some(error)
    }
}

/// Nothing is ever one.
impl FromError for std::convert::Infallible {
    fn from_error(_: &str, _: &Payload) -> Option<Self> {
        None
    }
}

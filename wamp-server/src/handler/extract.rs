//! Parameters that the server supplies.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::argument::Requirements;
use super::{Call, CallError};
use crate::realm::Realm;
use crate::session::Session;

/// A type that the server supplies to handlers.
///
/// Such a parameter takes no place among the arguments, and callers can neither set nor see it. Implement it for your own types;
/// making one may fail, which is then the answer to the call, and may wait.
///
/// ```
/// use wamp_server::{Call, CallError, FromCall, procedure};
///
/// struct Locale(String);
///
/// impl<'c> FromCall<'c> for Locale {
///     async fn from_call(call: &'c Call) -> Result<Self, CallError> {
///         let header = call.session().transport().header("accept-language");
///         header.map(|it| Self(it.to_owned())).ok_or_else(|| CallError::new("shop.error.no_language"))
///     }
/// }
///
/// #[procedure("shop.greeting")]
/// async fn greeting(name: &str, locale: Locale) -> String {
///     if locale.0.starts_with("de") { format!("Hallo {name}") } else { format!("Hello {name}") }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not supplied by the server",
    note = "implement `wamp_server::FromCall` for it"
)]
pub trait FromCall<'c>: Sized {
    /// Makes the value for one call.
    ///
    /// # Errors
    ///
    /// The answer to the call.
    fn from_call(call: &'c Call) -> impl Future<Output = Result<Self, CallError>> + Send;

    /// What the realm must have for this to work; missing pieces are reported when the server is built.
    fn requires(_: &mut Requirements) {}
}

impl<'c> FromCall<'c> for &'c Session {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        Ok(&call.session)
    }
}

impl<'c> FromCall<'c> for Session {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        Ok(call.session.clone())
    }
}

impl<'c> FromCall<'c> for &'c Call {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        Ok(call)
    }
}

/// The realm, for publishing to all who subscribed.
impl<'c> FromCall<'c> for &'c Realm {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        Ok(call.session.realm())
    }
}

/// A value that the application gave with [`App::state`](crate::App::state), shared by all calls.
///
/// A server that lacks one that a handler asks for is not built.
pub struct State<'c, T>(pub &'c T);

impl<'c, T: Send + Sync + 'static> FromCall<'c> for State<'c, T> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let state = call.session.realm().states().get::<T>();
        state.map(|state| Self(state)).ok_or_else(unchecked::<T>)
    }

    fn requires(requirements: &mut Requirements) {
        requirements.state::<T>();
    }
}

impl<T> Deref for State<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

impl<T> Clone for State<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for State<'_, T> {}

impl<T: fmt::Debug> fmt::Debug for State<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The same as [`State`], owned: for closures and for work that outlives the call.
#[derive(Debug)]
pub struct SharedState<T>(pub Arc<T>);

impl<'c, T: Send + Sync + 'static> FromCall<'c> for SharedState<T> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let state = call.session.realm().states().get_arc::<T>();
        state.map(Self).ok_or_else(unchecked::<T>)
    }

    fn requires(requirements: &mut Requirements) {
        requirements.state::<T>();
    }
}

impl<T> Deref for SharedState<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A value made for each call by the function that was given to [`App::provide_with`](crate::App::provide_with).
pub struct Provided<T>(pub T);

impl<'c, T: Send + 'static> FromCall<'c> for Provided<T> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        match call.session.realm().factories().make::<T>(call) {
            Some(value) => value.await.map(Self),
            None => Err(unchecked::<T>()),
        }
    }

    fn requires(requirements: &mut Requirements) {
        requirements.factory::<T>();
    }
}

impl<T: fmt::Debug> fmt::Debug for Provided<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T> Deref for Provided<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Who the session is: the value that authentication, or [`Session::identify`], attached to it.
///
/// A session without one, or with one of another type, is answered `wamp.error.not_authorized`; take
/// `Option<Identity<'_, T>>` where that is no failure.
#[derive(Debug)]
pub struct Identity<'c, T>(pub &'c T);

impl<'c, T: Send + Sync + 'static> FromCall<'c> for Identity<'c, T> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let identity = call.session.identity::<T>();
        identity.map(Self).ok_or_else(CallError::not_authorized)
    }
}

impl<'c, T: Send + Sync + 'static> FromCall<'c> for Option<Identity<'c, T>> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        Ok(call.session.identity::<T>().map(Identity))
    }
}

impl<T> Deref for Identity<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

/// Tells the handler that its caller cancelled the call, or is gone.
///
/// A handler that takes it is not stopped by a CANCEL in mode `kill`: it is told, and what it then returns is the answer.
impl<'c> FromCall<'c> for CancellationToken {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let token = call.extras.as_deref().and_then(|it| it.token.as_ref());
        Ok(token.map(|token| token()).unwrap_or_default())
    }

    fn requires(requirements: &mut Requirements) {
        requirements.token = true;
    }
}

/// All positional arguments, decoded as one list.
#[derive(Debug)]
pub struct Args<T>(pub T);

impl<'c, T: Deserialize<'c> + Send> FromCall<'c> for Args<T> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let decoded = call.payload.decode_args().map(Self);
        decoded.map_err(|error| CallError::invalid_argument(format_args!("args: {error}")))
    }

    fn requires(requirements: &mut Requirements) {
        requirements.args = true;
    }
}

/// All keyword arguments, decoded as one map.
#[derive(Debug)]
pub struct Kwargs<T>(pub T);

impl<'c, T: Deserialize<'c> + Send> FromCall<'c> for Kwargs<T> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let decoded = call.payload.decode_kwargs().map(Self);
        decoded.map_err(|error| CallError::invalid_argument(format_args!("kwargs: {error}")))
    }

    fn requires(requirements: &mut Requirements) {
        requirements.kwargs = true;
    }
}

/// The topic that a session subscribes or publishes to; in a procedure the URI that was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic<'c>(pub &'c str);

impl<'c> FromCall<'c> for Topic<'c> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        Ok(Self(&call.uri))
    }
}

impl Deref for Topic<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

/// Cannot happen through `App::build`, which checks every `Requirements`; a handler run by hand may get here.
#[cold]
fn unchecked<T>() -> CallError {
    CallError::internal(format!(
        "no `{}` was given to the application",
        std::any::type_name::<T>()
    ))
}

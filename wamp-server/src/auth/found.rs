//! What looking somebody up may return.

use crate::handler::{CallError, IntoError};

/// What a function that looks somebody up returns: an `Option`, or a `Result` of one or of the value itself.
///
/// `None` is nobody. An error that is meant for the peer, such as [`CallError::new`], is its ABORT; anything else is logged, and the
/// peer gets `wamp.error.authentication_failed`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be what looking up a `{T}` returns",
    note = "return `Option<{T}>`, or a `Result` of it whose error is a `CallError` or derives it"
)]
pub trait IntoFound<T> {
    /// The value, nobody, or why that cannot be said.
    ///
    /// # Errors
    ///
    /// Those of the function.
    fn into_found(self) -> Result<Option<T>, CallError>;
}

impl<T> IntoFound<T> for Option<T> {
    fn into_found(self) -> Result<Self, CallError> {
        Ok(self)
    }
}

impl<T, E: IntoError> IntoFound<T> for Result<Option<T>, E> {
    fn into_found(self) -> Result<Option<T>, CallError> {
        self.map_err(IntoError::into_error)
    }
}

impl<T, E: IntoError> IntoFound<T> for Result<T, E> {
    fn into_found(self) -> Result<Option<T>, CallError> {
        self.map(Some).map_err(IntoError::into_error)
    }
}

//! Procedures of a client that has no more than this crate: a function for each invocation.
//!
//! - [`Invocation`]: what the function gets. `run`: one invocation on its way. `callee`: all of a registration.

mod callee;
mod invocation;
mod run;

use std::sync::Arc;

use bytestring::ByteString;
use serde::Serialize;

pub use invocation::Invocation;

use self::callee::Function;
use crate::client::Client;
use crate::error::RemoteError;
use crate::register::Register;

impl Client {
    /// Begins the registration of a function that gets each [`Invocation`] as it is. Every invocation runs in a task of its own.
    ///
    /// What it returns is sent by the rule for results: a tuple or list becomes positional arguments, a struct or map keyword arguments, anything else
    /// one argument, `()` none. A function that panics, or returns what cannot be serialized, is answered with `wamp.error.runtime_error`.
    /// When nobody waits for the answer any more, its future is dropped.
    ///
    /// The crate `wamp-server` has `Client::register`, for functions whose parameters are the arguments.
    ///
    /// ```no_run
    /// use wamp_client::{Client, Invocation, RemoteError};
    ///
    /// # async fn f(client: Client) -> Result<(), wamp_client::CallError> {
    /// client
    ///     .register_raw("math.add", async |call: Invocation| {
    ///         let (a, b): (i64, i64) = call.args()?;
    ///         Ok::<_, RemoteError>(a + b)
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn register_raw<F, Fut, T, E>(
        &self,
        procedure: impl Into<ByteString>,
        function: F,
    ) -> Register
    where
        F: Fn(Invocation) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Serialize + Send + 'static,
        E: Into<RemoteError> + Send + 'static,
    {
        self.register_callee(procedure, Arc::new(Function::new(function)))
    }
}

//! Handlers: what annotated functions and closures have in common.
//!
//! Most of this is written and inferred by the compiler: nobody needs to name more of it than [`FromCall`], [`IntoError`], [`Call`] and
//! [`Definition`].
//!
//! # Layout
//!
//! - `definition`: what a function says about itself. `registered`: the same, ready to run in one realm.
//! - `call`: the context of one run. `bound`, `argument`, `arguments`, `capture`, `extract`, `progress`, `input`: from it to parameters.
//! - `reply`, `held`, `error`: from what the function returns to what the peer sees. `scratch`: the memory for it.
//! - `function`: closures. `service`: methods. `blocking`: functions that block a thread.
//!
//! Nothing here knows whether the caller is connected to this process or to a router somewhere else.

pub(crate) mod argument;
pub(crate) mod arguments;
pub(crate) mod blocking;
pub(crate) mod bound;
pub(crate) mod call;
mod capture;
pub(crate) mod definition;
pub(crate) mod described;
pub(crate) mod error;
pub(crate) mod extract;
pub(crate) mod function;
pub(crate) mod held;
pub(crate) mod input;
pub(crate) mod progress;
pub(crate) mod registered;
pub(crate) mod reply;
pub(crate) mod scratch;
pub(crate) mod service;

use std::pin::Pin;

use bytes::Bytes;

pub use argument::{Argument, Requirements, Sent, Slot, Source, Supplied, via};
pub use arguments::{Arguments, Want};
pub use call::Call;
pub use definition::{Definition, Kind, Location, Param, Timeout, UriSpec};
pub use error::{CallError, IntoError};
pub use extract::FromCall;
pub use function::{Handler, IntoOutcome, outcome_via};
pub use reply::{IntoPayload, IntoReply, Nothing, Reply, reply_via};
pub use service::{Instance, Methods, Service};

/// One run of a handler: owns its [`Call`], so parameters, streams and guards may borrow from it.
pub type Invoke = Pin<Box<dyn Future<Output = Result<Outcome, CallError>> + Send>>;

/// How a run ended.
#[derive(Debug)]
pub enum Outcome {
    /// There is nothing to send.
    Done,
    /// The final result, encoded for the peer.
    Reply(Bytes),
    /// The call has gone on to a callee elsewhere, which answers.
    Routed,
}

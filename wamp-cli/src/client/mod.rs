//! How commands connect to a router.
//!
//! - [`options`]: what the command line says of it. [`profile`]: the file that says the rest. `settings`: both, and the environment,
//!   together; `credentials`: who the command is. [`words`]: those of the protocol.
//! - `run`: one command from its beginning to its end. [`failure`]: why it was not done. [`output`]: what it writes to stdout.

mod credentials;
mod failure;
mod options;
mod output;
mod profile;
mod run;
mod settings;
mod words;

pub(crate) use failure::{ClientFailure, because, told};
pub(crate) use options::{Connection, Patience};
pub(crate) use output::{Output, aside, note};
pub(crate) use run::{run, stopped, unless_stopped};
pub(crate) use words::{CancelWord, InvokeWord, MatchWord, custom_option};

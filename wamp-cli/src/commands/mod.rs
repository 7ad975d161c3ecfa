//! The commands, each with its options.
//!
//! - [`router`]: a router. [`keygen`]: what its users come in by. [`completion`]: for the shell.
//! - [`call`], [`publish`], [`subscribe`], [`register`]: what clients do, with any router. `watch`: telling of lost connections.
//! - [`sessions`], [`registrations`], [`subscriptions`]: who is there, and what for; `meta` is what they have in common.
//! - [`mod@bench`]: how fast it is.

pub(crate) mod bench;
pub(crate) mod call;
pub(crate) mod completion;
pub(crate) mod keygen;
mod meta;
pub(crate) mod publish;
pub(crate) mod register;
pub(crate) mod router;
pub(crate) mod subscribe;
mod watch;

pub(crate) use meta::{registrations, sessions, subscriptions};

use wamp_client::{Id, Match};
use wamp_uri::Rule;

use crate::cli::{Cli, Command};
use crate::client::{ClientFailure, MatchWord};
use crate::exit::Failure;
use crate::log;

/// Does what the command line says.
///
/// # Errors
///
/// Why it is not done.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let default = match &cli.command {
        Command::Router(_) => "info",
        // They say what is to be said themselves.
        _ => "warn,wamp_client=error,wamp_client::renew=off",
    };
    log::begin(cli.log, default)?;
    match cli.command {
        Command::Router(options) => router::run(options),
        Command::Call(options) => call::run(&options),
        Command::Publish(options) => publish::run(options),
        Command::Subscribe(options) => subscribe::run(&options),
        Command::Register(options) => register::run(options),
        Command::Sessions(options) => sessions::run(&options),
        Command::Registrations(options) => registrations::run(&options),
        Command::Subscriptions(options) => subscriptions::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Keygen(options) => keygen::run(&options),
        Command::Completion(options) => completion::run(&options),
    }
}

/// Writes a result to stdout, which somebody may have closed.
fn print(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    use std::io::Write as _;

    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_ref()).and_then(|()| out.flush());
    written.map_err(|error| ClientFailure::io("stdout cannot be written to", &error).into())
}

/// A URI to call or to publish to.
fn uri(text: &str) -> Result<String, String> {
    match wamp_uri::check(text, Rule::Loose) {
        Ok(()) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// A URI to subscribe to or to register.
fn check_pattern(text: &str, matching: MatchWord) -> Result<(), ClientFailure> {
    let checked = wamp_uri::check_pattern(text, Match::from(matching), Rule::Loose);
    checked.map_err(|error| ClientFailure::Usage(error.to_string()))
}

/// The id of something.
fn id(text: &str) -> Result<Id, String> {
    let id = text.parse().ok().and_then(Id::new);
    id.ok_or_else(|| "expected an id, a number from 1 to 2^53".to_owned())
}

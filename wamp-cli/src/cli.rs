//! What can be said on the command line: the tree of commands. What each of them takes stands beside what it does, in `commands`.

use clap::{Parser, Subcommand};
use tracing_subscriber::filter::Targets;

use crate::commands::{
    bench, call, completion, keygen, publish, register, registrations, router, sessions, subscribe,
    subscriptions,
};
use crate::{exit, log};

/// WAMP on the command line: a router out of the box, and calls, events and procedures of any other.
#[derive(Debug, Parser)]
#[command(name = "wamp", version, after_help = exit::HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// What is logged on stderr: `error`, `warn`, `info`, `debug` or `trace`, also for parts, as in `info,wamp_server=debug`
    ///
    /// Without it, the variables WAMP_LOG and RUST_LOG are asked, and then it is `info` for a router, and `warn` for everything else.
    #[arg(long, global = true, value_name = "FILTER", value_parser = log::parse)]
    pub(crate) log: Option<Targets>,
}

/// What there is to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Router(router::Options),
    Call(call::Options),
    Publish(publish::Options),
    Subscribe(subscribe::Options),
    Register(register::Options),
    Sessions(sessions::Options),
    Registrations(registrations::Options),
    Subscriptions(subscriptions::Options),
    Bench(bench::Options),
    Keygen(keygen::Options),
    Completion(completion::Options),
}

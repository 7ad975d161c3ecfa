//! `wamp subscriptions`: who is subscribed to what.

use clap::Args;

use super::patterns::{self, Action, Kind, Question};
use crate::client::{Connection, Output, Patience};
use crate::exit::{self, Failure};

/// List the topics of a realm and their subscribers, if the router has a meta API and lets you
///
/// A table on a terminal; elsewhere, and with `--json`, a line of JSON.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct Options {
    /// What to do
    #[arg(value_enum, default_value_t)]
    action: Action,

    /// The id, for `get`; the URI, for `match`
    target: Option<String>,

    /// With `list`: what begins with `wamp.`, too, which is the router's own
    #[arg(long)]
    all: bool,

    /// JSON, also on a terminal
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    patience: Patience,
}

const EXAMPLES: &str = "\
Examples:
  wamp subscriptions
  wamp subscriptions match com.example.foo
  wamp subscriptions get 5417482160843221 --json";

const KIND: Kind = Kind {
    prefix: "wamp.subscription",
    members: "subscribers",
    columns: &["id", "match", "subscribers", "created", "uri"],
};

/// Asks, and writes the answer.
///
/// # Errors
///
/// Why there is none.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let question = Question {
        action: options.action,
        target: options.target.as_deref(),
        all: options.all,
    };
    let whom = (&options.connection, &options.patience);
    patterns::run(&KIND, &question, whom, Output::new(options.json))
}

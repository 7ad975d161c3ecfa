//! `wamp subscriptions`: who is subscribed to what.

use clap::Args;

use super::patterns::{self, Kind, Question};
use crate::exit::{self, Failure};

/// List the topics of a realm and their subscribers, if the router has a meta API and lets you
///
/// A table on a terminal; elsewhere, and with `--json`, a line of JSON.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct Options {
    #[command(flatten)]
    question: Question,
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
    patterns::run(&KIND, &options.question)
}

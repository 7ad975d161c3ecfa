//! `wamp registrations`: who offers what.

use clap::Args;

use super::patterns::{self, Kind, Question};
use crate::exit::{self, Failure};

/// List the procedures of a realm and their callees, if the router has a meta API and lets you
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
  wamp registrations
  wamp registrations match com.example.foo
  wamp registrations get 5417482160843221 --json";

const KIND: Kind = Kind {
    prefix: "wamp.registration",
    members: "callees",
    columns: &["id", "match", "invoke", "callees", "created", "uri"],
};

/// Asks, and writes the answer.
///
/// # Errors
///
/// Why there is none.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    patterns::run(&KIND, &options.question)
}

//! `wamp bench`: how fast a router is, seen from here.
//!
//! - [`calls`], [`events`], [`sessions`]: what is measured. `pace`: how long, and what is shown meanwhile. `report`: what comes of it.

mod calls;
mod events;
mod pace;
mod report;
mod sessions;

use clap::{Args, Subcommand};

use crate::client::{self, Output};
use crate::exit::{self, Failure};

/// Measure how fast a router is: rates, and how long things take
///
/// The numbers are those of a closed loop: whoever has an answer asks again, at once. A router that falls behind is asked less often, so
/// they say how much it can do, and not how long people would wait who do not care about each other. This program and what it offers take
/// time, too, above all on the same machine.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Calls(calls::Options),
    Events(events::Options),
    Sessions(sessions::Options),
}

const EXAMPLES: &str = "\
Examples:
  wamp bench calls
  wamp bench calls --connections 8 --in-flight 64 --payload 1KiB --duration 30s
  wamp bench calls --procedure com.example.ping --json
  wamp bench events --subscribers 100
  wamp bench sessions --count 10000 --hold 1m";

/// Measures it.
///
/// # Errors
///
/// Why that is impossible.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    match &options.what {
        What::Calls(options) => {
            let output = Output::new(options.json());
            client::run(output, calls::run(options, output))
        }
        What::Events(options) => {
            let output = Output::new(options.json());
            client::run(output, events::run(options, output))
        }
        What::Sessions(options) => {
            let output = Output::new(options.json);
            client::run(output, sessions::run(options, output))
        }
    }
}

/// Something that nobody else has.
fn own_uri(what: &str) -> String {
    format!("wamp_cli.bench.{what}.{:016x}", rand::random::<u64>())
}

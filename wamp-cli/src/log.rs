//! What a command tells of itself, on stderr: stdout is for its results.

use std::env;
use std::io;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::exit::Failure;

/// Where the filter is looked for if the command line has none.
const VARIABLES: [&str; 2] = ["WAMP_LOG", "RUST_LOG"];

/// Begins to write, by the filter of the command line, or else by that of the environment, or else by the default.
///
/// # Errors
///
/// When it is none.
pub(crate) fn begin(filter: Option<&str>, default: &str) -> Result<(), Failure> {
    let found = filter.map(|it| ("--log", it.to_owned()));
    let variable = |name| env::var(name).ok().filter(|it| !it.is_empty());
    let found = found.or_else(|| {
        let mut variables = VARIABLES.into_iter();
        variables.find_map(|name| Some((name, variable(name)?)))
    });
    let (place, text) = found.unwrap_or(("the default", default.to_owned()));
    let targets = text.parse::<Targets>().map_err(|error| {
        let example = "a filter is `debug`, or `info,wamp_server=debug`";
        Failure::other(format!("{place}: {example}"), error)
    })?;
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .init();
    Ok(())
}

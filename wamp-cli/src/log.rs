//! What a command tells of itself, on stderr: stdout is for its results.

use std::env;
use std::io;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::ConfigError;
use crate::exit::Failure;

/// Where the filter is looked for if the command line has none.
const VARIABLES: [&str; 2] = ["WAMP_LOG", "RUST_LOG"];

/// Begins to write, by the filter of the command line, or else by that of the environment, or else by the default.
///
/// # Errors
///
/// When that of the environment is none.
pub(crate) fn begin(filter: Option<Targets>, default: &str) -> Result<(), Failure> {
    let filter = match filter {
        Some(filter) => filter,
        None => from_environment(default)?,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .init();
    Ok(())
}

fn from_environment(default: &str) -> Result<Targets, Failure> {
    let given = VARIABLES.into_iter().find_map(|name| {
        let text = env::var_os(name).filter(|it| !it.is_empty())?;
        Some((name, text.to_string_lossy().into_owned()))
    });
    let (name, text) = given.unwrap_or(("the default", default.to_owned()));
    let filter = parse(&text);
    filter.map_err(|mistake| ConfigError::whole(format!("{name}: {mistake}")).into())
}

/// Understands a filter.
///
/// # Errors
///
/// When it is none.
pub(crate) fn parse(text: &str) -> Result<Targets, String> {
    let filter = text.parse::<Targets>();
    filter.map_err(|error| {
        format!("`{text}` is no filter such as `debug` or `info,wamp_server=debug`: {error}")
    })
}

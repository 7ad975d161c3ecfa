//! The commands, each with its options.
//!
//! - [`router`]: a router. [`keygen`]: what its users come in by. [`completion`]: for the shell.

pub(crate) mod completion;
pub(crate) mod keygen;
pub(crate) mod router;

use crate::cli::{Cli, Command};
use crate::exit::Failure;
use crate::log;

/// Does what the command line says.
///
/// # Errors
///
/// Why it is not done.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    log::begin(cli.log.as_deref())?;
    match cli.command {
        Command::Router(options) => router::run(options),
        Command::Keygen(options) => keygen::run(&options),
        Command::Completion(options) => completion::run(&options),
    }
}

/// Writes a result to stdout, which somebody may have closed.
fn print(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    use std::io::Write as _;

    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_ref()).and_then(|()| out.flush());
    written.map_err(|error| Failure::other("stdout cannot be written to", error))
}

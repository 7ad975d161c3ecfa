//! The command `wamp`.
//!
//! - [`cli`]: what can be said on the command line. [`commands`]: what is then done, a file or folder for each command.
//! - [`config`]: the file of `wamp router`.
//! - [`exit`]: how a command ends. [`log`]: what it tells of itself meanwhile.

mod cli;
mod commands;
mod config;
mod exit;
mod log;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    exit::code(commands::run(cli::Cli::parse()))
}

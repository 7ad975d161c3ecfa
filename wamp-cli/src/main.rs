//! The command `wamp`.
//!
//! - [`cli`]: what can be said on the command line. [`commands`]: what is then done, a file or folder for each command.
//! - [`config`]: the file of `wamp router`.
//! - [`client`]: how commands connect to a router. [`value`]: arguments, from the command line and back to people.
//! - [`exit`]: how a command ends. [`log`]: what it tells of itself meanwhile.

mod cli;
mod client;
mod commands;
mod config;
mod exit;
mod log;
mod value;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    exit::code(commands::run(cli::Cli::parse()))
}

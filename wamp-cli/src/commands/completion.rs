//! `wamp completion`: what a shell needs to complete command lines.

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::print;
use crate::cli::Cli;
use crate::exit::Failure;

/// Write the script by which a shell completes `wamp`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The shell
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  wamp completion bash > ~/.local/share/bash-completion/completions/wamp
  wamp completion zsh > ~/.zfunc/_wamp
  wamp completion fish > ~/.config/fish/completions/wamp.fish";

/// Writes it to stdout.
///
/// # Errors
///
/// When it cannot be written.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(options.shell, &mut Cli::command(), "wamp", &mut script);
    print(script)
}

//! How it ends: the exit codes, which scripts may rely on, and what is said on stderr.

use std::error::Error as StdError;
use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::{Error, JoinError};

/// Why an application has not done what the command line says.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Nothing in the application has that name.
    #[error("no function has the URI, and none is in the module `{0}`; `list` shows what there is")]
    NoSuchFunction(String),
    /// What stands where an address should is none.
    #[error(
        "`{0}` is no address to listen on, such as 127.0.0.1:8080; a command (serve, join, list) comes first, before all options"
    )]
    NoAddress(String),
    /// There is no such address, or it is taken.
    #[error("`{address}` cannot be listened on")]
    Listen {
        /// What was said.
        address: String,
        /// What the system says.
        source: io::Error,
    },
    /// Nothing can be written to stdout.
    #[error("nothing can be written")]
    Output(#[source] io::Error),
    #[error(transparent)]
    Run(#[from] Error),
}

impl From<JoinError> for Failure {
    fn from(error: JoinError) -> Self {
        Self::Run(error.into())
    }
}

impl Failure {
    fn code(&self) -> u8 {
        match self {
            Self::Output(_) => 1,
            Self::NoSuchFunction(_) | Self::NoAddress(_) => 2,
            Self::Run(Error::Build(_)) => 3,
            Self::Listen { .. } | Self::Run(Error::Listen(_)) => 4,
            Self::Run(Error::Join(error)) => match error {
                JoinError::Connect(_) | JoinError::Lost(_) => 5,
                JoinError::Refused(_) => 6,
                JoinError::NoSuchRealm(_) | JoinError::OtherRealms(_) => 3,
                JoinError::AlreadyJoined => 1,
            },
        }
    }
}

/// Says what went wrong, if something did.
pub(super) fn code(result: Result<(), Failure>) -> ExitCode {
    let Err(failure) = result else {
        return ExitCode::SUCCESS;
    };
    let mut text = failure.to_string();
    let mut source = failure.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    // There is nobody to tell that it cannot be told.
    let _ = writeln!(io::stderr(), "error: {text}");
    ExitCode::from(failure.code())
}

/// Shows the help that was asked for, or what is wrong with a command line.
pub(super) fn misunderstood(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

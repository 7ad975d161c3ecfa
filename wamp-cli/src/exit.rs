//! How a command ends: the exit codes, which scripts may rely on, and what is said on stderr.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

use thiserror::Error;

use crate::client::ClientFailure;
use crate::config::ConfigError;

/// The part of `--help` that lists them. Code 2 is clap's, for a command line that cannot be understood.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done
  1    something else went wrong
  2    the command line cannot be understood
  3    the configuration has mistakes
  4    an address or a Unix socket cannot be listened on
  5    there is no connection to a router
  6    the router refuses the session: authentication, or no such realm
  7    the router or the callee has answered with an error
  8    there was no answer in time
  9    the connection was lost before the answer came
  130  told to stop before it was done, or twice";

/// Why a command has not done what it was asked for.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// Mistakes in a configuration file, an option or a variable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no such address, or it is taken.
    #[error("`{address}` cannot be listened on")]
    Listen { address: String, source: io::Error },
    /// A router could not be reached, or has not done what it was asked for.
    #[error(transparent)]
    Client(#[from] ClientFailure),
    /// A second signal came before everything was over.
    #[error("told to stop twice")]
    Interrupted,
    /// Anything else, which only people can make something of.
    #[error("{what}")]
    Other {
        what: String,
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

impl Failure {
    /// Something that could not be done, and why.
    pub(crate) fn other(
        what: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Other {
            what: what.into(),
            source: Some(source.into()),
        }
    }

    /// Something that cannot be done.
    pub(crate) fn because(what: impl Into<String>) -> Self {
        Self::Other {
            what: what.into(),
            source: None,
        }
    }

    fn code(&self) -> u8 {
        match self {
            Self::Other { .. } => 1,
            Self::Config(_) => 3,
            Self::Listen { .. } => 4,
            Self::Client(failure) => failure.code(),
            Self::Interrupted => 130,
        }
    }
}

/// Says what went wrong, if something did.
pub(crate) fn code(result: Result<(), Failure>) -> ExitCode {
    let Err(failure) = result else {
        return ExitCode::SUCCESS;
    };
    match &failure {
        // Whoever was told has gone.
        Failure::Client(ClientFailure::Unread) => {}
        // One mistake a line, in the form that editors understand.
        Failure::Config(mistakes) | Failure::Client(ClientFailure::Profile(mistakes)) => {
            eprintln!("{mistakes}");
        }
        failure => eprintln!("wamp: {}", Chain(failure)),
    }
    ExitCode::from(failure.code())
}

/// An error with its causes.
pub(crate) struct Chain<'e>(pub(crate) &'e dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

//! Why a command that needs a router has not done what it was asked for: what is said, and the exit code.

use std::io;
use std::time::Duration;

use thiserror::Error;
use tokio::time::timeout;
use wamp_client::error::TransportError;
use wamp_client::proto::uri;
use wamp_client::{CallError, Client, ConnectError, RemoteError, State};

use crate::config::ConfigError;
use crate::exit::Chain;
use crate::value::{Shown, printable};

/// What has gone wrong with a router, or on the way to it.
#[derive(Debug, Error)]
pub(crate) enum ClientFailure {
    /// The command line can be read, but makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Mistakes in the file of profiles.
    #[error(transparent)]
    Profile(ConfigError),
    /// There is no connection, or no session for another reason than that the router does not want one.
    #[error("{what}{}", with(.hint))]
    Connect {
        what: String,
        hint: Option<&'static str>,
    },
    /// The router does not let us in.
    #[error("{what}{}", with(.hint))]
    Refused {
        what: String,
        hint: Option<&'static str>,
    },
    /// An ERROR has come.
    #[error("{}{}", shown(.0), with(&advice(.0)))]
    Answered(RemoteError),
    /// Something has not come in time.
    #[error("{what} within {}", humantime::format_duration(*.within))]
    Timeout { what: String, within: Duration },
    /// The connection broke before the answer came.
    #[error("{0}")]
    Lost(String),
    /// A signal came before it was done.
    #[error("interrupted")]
    Interrupted,
    /// Nobody reads stdout any more.
    #[error("nobody reads what is written")]
    Unread,
    /// Something on this machine.
    #[error("{0}")]
    Other(String),
}

impl ClientFailure {
    /// Something that could not be done on this machine, and why.
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Unread,
            _ => Self::Other(format!("{what}: {error}")),
        }
    }

    /// See the help of the command.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Unread => 0,
            Self::Other(_) => 1,
            Self::Usage(_) => 2,
            Self::Profile(_) => 3,
            Self::Connect { .. } => 5,
            Self::Refused { .. } => 6,
            Self::Answered(_) => 7,
            Self::Timeout { .. } => 8,
            Self::Lost(_) => 9,
            Self::Interrupted => 130,
        }
    }

    /// The line that `--json` writes: the ERROR as it came, or what kind of failure it is.
    pub(crate) fn json(&self) -> String {
        let kind = match self {
            Self::Answered(error) => {
                let uri = serde_json::Value::from(error.uri());
                let arguments = Shown::of(error.payload()).members();
                return format!(r#"{{"error":{uri},{arguments}}}"#);
            }
            Self::Usage(_) => "usage",
            Self::Profile(_) => "profile",
            Self::Connect { .. } => "connect",
            Self::Refused { .. } => "refused",
            Self::Timeout { .. } => "timeout",
            Self::Lost(_) => "lost",
            Self::Interrupted => "interrupted",
            Self::Unread | Self::Other(_) => "other",
        };
        let message = serde_json::Value::from(self.to_string());
        format!(r#"{{"error":null,"failure":"{kind}","message":{message}}}"#)
    }
}

/// The URI and all arguments, on one line.
fn shown(error: &RemoteError) -> String {
    let arguments = Shown::of(error.payload()).words();
    let uri = printable(error.uri());
    match arguments.is_empty() {
        true => uri,
        false => format!("{uri}: {arguments}"),
    }
}

fn with(hint: &Option<&'static str>) -> String {
    hint.map_or_else(String::new, |hint| format!("; {hint}"))
}

/// What to do about an ERROR of the router.
fn advice(error: &RemoteError) -> Option<&'static str> {
    match error.uri() {
        uri::NO_SUCH_PROCEDURE => {
            Some("nobody offers it in this realm; `wamp registrations` lists what there is")
        }
        uri::PROCEDURE_ALREADY_EXISTS => Some(
            "somebody offers it already; both may if all say the same `--invoke`, as in `--invoke roundrobin`",
        ),
        uri::NOT_AUTHORIZED | uri::AUTHORIZATION_DENIED | uri::AUTHORIZATION_REQUIRED => {
            Some("somebody else may be allowed to; see `--authid` and what stands beside it")
        }
        _ => None,
    }
}

impl From<ConnectError> for ClientFailure {
    fn from(error: ConnectError) -> Self {
        let no_hint = |what: String| Self::Connect { what, hint: None };
        match &error {
            ConnectError::Url { .. } | ConnectError::Config(_) => Self::Usage(error.to_string()),
            ConnectError::Io { target, source } => Self::Connect {
                what: format!(
                    "cannot connect to {}: {}",
                    printable(target.trim_end_matches('/')),
                    reason(source)
                ),
                hint: match source.kind() {
                    io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
                        Some("is a router running there? try `wamp router`")
                    }
                    _ => None,
                },
            },
            ConnectError::Tls { .. } => Self::Connect {
                what: Chain(&error).to_string(),
                hint: Some("`--ca-file` names a certificate authority to trust"),
            },
            ConnectError::Http(_) => Self::Connect {
                what: error.to_string(),
                hint: Some("is the path of `--url` right? many routers serve `/ws`"),
            },
            ConnectError::Timeout(within) => Self::Connect {
                what: format!("no session within {}", humantime::format_duration(*within)),
                hint: Some("`--connect-timeout` gives it more time"),
            },
            ConnectError::Abort { reason, .. } => Self::Refused {
                what: printable(&error.to_string()),
                hint: Some(match &**reason {
                    uri::NO_SUCH_REALM => "`--realm` names another one",
                    uri::AUTHENTICATION_DENIED | uri::AUTHENTICATION_FAILED => {
                        "are `--authid` and `--secret`, `--ticket` or `--private-key` right, or WAMP_AUTHID, WAMP_SECRET, …? `--authmethod` says which of several methods you are known by"
                    }
                    _ => {
                        "`--authid` says who you are, with `--secret`, `--ticket` or `--private-key`, or WAMP_AUTHID does, WAMP_SECRET, …"
                    }
                }),
            },
            ConnectError::Auth(_) => Self::Refused {
                what: printable(&error.to_string()),
                hint: None,
            },
            _ => no_hint(printable(&Chain(&error).to_string())),
        }
    }
}

/// What the system says, without its numbers, and as it stands after a colon.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let Some(code) = error.raw_os_error() else {
        return text;
    };
    let text = text.trim_end_matches(&format!(" (os error {code})"));
    let mut letters = text.chars();
    let first = letters.next().map(|it| it.to_lowercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

/// What went wrong with a request of this client, and, if the connection was lost, why, as far as that is known.
pub(crate) async fn because(client: &Client, failure: ClientFailure) -> ClientFailure {
    let ClientFailure::Lost(what) = failure else {
        return failure;
    };
    let mut states = client.states();
    let reason = async {
        loop {
            let (State::Connecting { reason, .. } | State::Closed { reason }) =
                states.next().await?
            else {
                continue;
            };
            return reason;
        }
    };
    // It is known at once, a task later.
    let reason = timeout(Duration::from_secs(1), reason).await;
    ClientFailure::Lost(match reason {
        Ok(Some(reason)) => format!("{what}: {}", told(&reason)),
        _ => what,
    })
}

/// Why there is no session any more.
pub(crate) fn told(reason: &ConnectError) -> String {
    let hint = match reason {
        ConnectError::Transport(TransportError::ClosedWith { code: 1009, .. }) => {
            "; the message is longer than the router takes"
        }
        _ => "",
    };
    format!("{}{hint}", printable(&Chain(reason).to_string()))
}

impl From<CallError> for ClientFailure {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Remote(error) => Self::Answered(error),
            CallError::Timeout(within) => Self::Timeout {
                what: "no answer".to_owned(),
                within,
            },
            CallError::Lost => {
                Self::Lost("the connection was lost before the answer came".to_owned())
            }
            CallError::NotConnected | CallError::Closed => {
                Self::Lost("the connection was lost".to_owned())
            }
            CallError::Invalid(what) => Self::Usage(what),
            error => Self::Other(Chain(&error).to_string()),
        }
    }
}

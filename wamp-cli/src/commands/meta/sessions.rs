//! `wamp sessions`: who is there.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use wamp_client::CallError;

use super::{Asking, id_of, no_target};
use crate::client::{self, ClientFailure, Connection, Output, Patience, unless_stopped};
use crate::exit::{self, Failure};

/// List the sessions of a realm, or end one, if the router has a meta API and lets you
///
/// A table on a terminal; elsewhere, and with `--json`, a line of JSON. The session that asks is one of them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct Options {
    /// What to do
    #[arg(value_enum, default_value_t)]
    action: Action,

    /// The session, for `get` and `kill`
    id: Option<String>,

    /// With `kill`: the URI that it is told as the reason
    #[arg(long, value_name = "URI", value_parser = crate::commands::uri)]
    reason: Option<String>,

    /// With `kill`: what it is told beside that
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,

    /// With `list` and `count`: only sessions of this role; may be repeated
    #[arg(long, value_name = "ROLE")]
    authrole: Vec<String>,

    /// JSON, also on a terminal
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    patience: Patience,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Action {
    /// All of them, with what is known of each
    #[default]
    List,
    /// How many there are
    Count,
    /// One of them
    Get,
    /// End one
    Kill,
}

const EXAMPLES: &str = "\
Examples:
  wamp sessions
  wamp sessions count --authrole staff
  wamp sessions get 7226148036452105
  wamp sessions kill 7226148036452105 --message 'please update'";

/// Asks, and writes the answer.
///
/// # Errors
///
/// Why there is none.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let output = Output::new(options.json);
    client::run(output, async {
        options.check()?;
        let client = options.connection.open(&options.patience).await?;
        let asking = Asking {
            client: &client,
            output,
        };
        let done = unless_stopped(options.answer(&asking)).await;
        client.close().await;
        done
    })
}

impl Options {
    fn target(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Before anybody is asked.
    fn check(&self) -> Result<(), ClientFailure> {
        match self.action {
            Action::List => no_target(self.target(), "list"),
            Action::Count => no_target(self.target(), "count"),
            Action::Get => id_of(self.target(), "get").map(|_| ()),
            Action::Kill => id_of(self.target(), "kill").map(|_| ()),
        }
    }

    async fn answer(&self, asking: &Asking<'_>) -> Result<(), ClientFailure> {
        let roles = match self.authrole.is_empty() {
            true => Vec::new(),
            false => vec![json!(self.authrole)],
        };
        match self.action {
            Action::List => {
                let ids = asking.ask("wamp.session.list", &roles).await?;
                let ids = ids.as_array().cloned().unwrap_or_default();
                let get = |id| async move { asking.ask("wamp.session.get", &[id]).await };
                let sessions = asking.about(ids, get).await?;
                asking.list(&sessions, &COLUMNS)
            }
            Action::Count => asking.one(&asking.ask("wamp.session.count", &roles).await?),
            Action::Get => {
                let id = id_of(self.target(), "get")?.get();
                asking.one(&asking.ask("wamp.session.get", &[json!(id)]).await?)
            }
            Action::Kill => {
                let id = id_of(self.target(), "kill")?.get();
                self.kill(asking, id).await?;
                asking.one(&json!({"killed": id}))
            }
        }
    }

    async fn kill(&self, asking: &Asking<'_>, id: u64) -> Result<(), CallError> {
        let mut call = asking.client.call("wamp.session.kill").arg(Value::from(id));
        if let Some(reason) = &self.reason {
            call = call.kwarg("reason", reason);
        }
        if let Some(message) = &self.message {
            call = call.kwarg("message", message);
        }
        call.await.map(|_| ())
    }
}

const COLUMNS: [&str; 5] = [
    "session",
    "authid",
    "authrole",
    "authmethod",
    "authprovider",
];

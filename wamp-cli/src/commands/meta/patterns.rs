//! What registrations and subscriptions have in common: URIs and patterns, and sessions behind them.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{Asking, id_of, need, no_target};
use crate::client::{self, ClientFailure, Connection, Output, Patience, unless_stopped};
use crate::exit::Failure;

/// What differs.
pub(super) struct Kind {
    /// `wamp.registration`.
    pub(super) prefix: &'static str,
    /// `callees`.
    pub(super) members: &'static str,
    pub(super) columns: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum Action {
    /// All of them, with what is known of each
    #[default]
    List,
    /// One of them, by its id
    Get,
    /// Those that a call or an event of this URI would go to
    Match,
}

/// What is asked, and how.
#[derive(Debug, Args)]
pub(super) struct Question {
    /// What to do
    #[arg(value_enum, default_value_t)]
    action: Action,

    /// The id, for `get`; the URI, for `match`
    target: Option<String>,

    /// With `list`: what begins with `wamp.`, too, which is the router's own
    #[arg(long)]
    all: bool,

    /// JSON, also on a terminal
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    patience: Patience,
}

/// Asks, and writes the answer.
///
/// # Errors
///
/// Why there is none.
pub(super) fn run(kind: &Kind, question: &Question) -> Result<(), Failure> {
    let output = Output::new(question.json);
    let target = question.target.as_deref();
    client::run(output, async {
        match question.action {
            Action::List => no_target(target, "list")?,
            Action::Get => drop(id_of(target, "get")?),
            Action::Match => drop(need(target, "match", "a URI")?),
        }
        let client = question.connection.open(&question.patience).await?;
        let asking = Asking {
            client: &client,
            output,
        };
        let done = unless_stopped(answer(kind, question, &asking)).await;
        client.close().await;
        done
    })
}

async fn answer(
    kind: &Kind,
    question: &Question,
    asking: &Asking<'_>,
) -> Result<(), ClientFailure> {
    let Kind {
        prefix,
        members,
        columns,
    } = kind;
    let get = |id: Value| async move {
        let mut details = asking
            .ask(&format!("{prefix}.get"), std::slice::from_ref(&id))
            .await?;
        let sessions = asking
            .ask(&format!("{prefix}.list_{members}"), &[id])
            .await?;
        if let Some(details) = details.as_object_mut() {
            details.insert((*members).to_owned(), sessions);
        }
        Ok(details)
    };
    match question.action {
        Action::List => {
            let ids = asking.ask(&format!("{prefix}.list"), &[]).await?;
            let ids = ["exact", "prefix", "wildcard"].into_iter().flat_map(|how| {
                let those = ids.get(how).and_then(Value::as_array);
                those.cloned().unwrap_or_default()
            });
            let mut found = asking.about(ids.collect::<Vec<_>>(), get).await?;
            if !question.all {
                found.retain(|it| !is_of_router(it));
            }
            asking.list(&found, columns)
        }
        Action::Get => {
            let id = id_of(question.target.as_deref(), "get")?.get();
            asking.one(&get(json!(id)).await?)
        }
        Action::Match => {
            let uri = need(question.target.as_deref(), "match", "a URI")?;
            let found = asking
                .ask(&format!("{prefix}.match"), &[json!(uri)])
                .await?;
            let ids = match found {
                Value::Array(ids) => ids,
                Value::Null => Vec::new(),
                id => vec![id],
            };
            let found = asking.about(ids, get).await?;
            asking.list(&found, columns)
        }
    }
}

fn is_of_router(details: &Value) -> bool {
    let uri = details.get("uri").and_then(Value::as_str);
    uri.is_some_and(|it| it.starts_with("wamp."))
}

//! What a router tells of its realm: `wamp sessions`, `wamp registrations`, `wamp subscriptions`.
//!
//! - [`sessions`]; [`registrations`] and [`subscriptions`], which have [`patterns`] in common. `table`: for people.

mod patterns;
pub(crate) mod registrations;
pub(crate) mod sessions;
pub(crate) mod subscriptions;
mod table;

use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use wamp_client::proto::uri;
use wamp_client::{CallError, Client, Id};

use self::table::Table;
use crate::client::{ClientFailure, Output};
use crate::value::{Shown, pretty};

/// Questions that are on their way at the same time.
const IN_FLIGHT: usize = 64;

/// A session that asks.
struct Asking<'c> {
    client: &'c Client,
    output: Output,
}

impl Asking<'_> {
    /// Calls a procedure of the meta API. Nothing is null.
    async fn ask(&self, procedure: &str, arguments: &[Value]) -> Result<Value, CallError> {
        let mut call = self.client.call(procedure);
        for argument in arguments {
            call = call.arg(argument);
        }
        let result = call.await?;
        let shown = Shown::of(result.payload());
        Ok(shown.lone().map_or(Value::Null, |it| {
            serde_json::from_str(it).unwrap_or(Value::Null)
        }))
    }

    /// Asks about each; those that are gone meanwhile are left out.
    async fn about<F>(
        &self,
        ids: impl IntoIterator<Item = Value>,
        ask: impl Fn(Value) -> F,
    ) -> Result<Vec<Value>, ClientFailure>
    where
        F: Future<Output = Result<Value, CallError>>,
    {
        let mut answers = stream::iter(ids).map(ask).buffered(IN_FLIGHT);
        let mut all = Vec::new();
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(value) => all.push(value),
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(all)
    }

    /// Writes several things with the same keys.
    fn list(&self, things: &[Value], columns: &[&str]) -> Result<(), ClientFailure> {
        match self.output.is_for_people() {
            true => self
                .output
                .bytes(Table::of(things, columns).to_string().as_bytes()),
            false => self.one(&Value::from(things)),
        }
    }

    /// Writes one thing.
    fn one(&self, thing: &Value) -> Result<(), ClientFailure> {
        let json = thing.to_string();
        match self.output.is_for_people() {
            true => self.output.line(&pretty(&json)),
            false => self.output.line(&json),
        }
    }
}

fn is_gone(error: &CallError) -> bool {
    matches!(
        error.uri(),
        Some(uri::NO_SUCH_SESSION | uri::NO_SUCH_REGISTRATION | uri::NO_SUCH_SUBSCRIPTION)
    )
}

/// What an action is about: an id.
fn id_of(target: Option<&str>, action: &str) -> Result<Id, ClientFailure> {
    let target = need(target, action, "an id")?;
    super::id(target).map_err(ClientFailure::Usage)
}

fn need<'t>(target: Option<&'t str>, action: &str, what: &str) -> Result<&'t str, ClientFailure> {
    target.ok_or_else(|| ClientFailure::Usage(format!("`{action}` needs {what}")))
}

fn no_target(target: Option<&str>, action: &str) -> Result<(), ClientFailure> {
    match target {
        None => Ok(()),
        Some(target) => Err(ClientFailure::Usage(format!(
            "`{action}` is about all of them, not about `{target}`"
        ))),
    }
}

//! Plays a scene.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::timeout;
use wamp_tests::client::{Client, NO_SUBSCRIPTION};
use wamp_tests::router::REALM;

use crate::scene::{Happening, Scene, Side, lines};

/// Plays a scene; the error says which line was not as it is written.
pub(crate) async fn play(
    scene: &Scene,
    number: usize,
    address: SocketAddr,
    side: Side,
) -> Result<(), String> {
    let text = scene.text.replace('@', &format!("scene{number}"));
    let mut stage = Stage {
        address,
        cast: BTreeMap::new(),
        values: BTreeMap::new(),
        speaker: String::new(),
        questions: 0,
    };
    for (who, happening) in lines(&text, side) {
        let happened = stage.perform(who, happening).await;
        happened.map_err(|why| format!("{who} {happening:?}: {why}"))?;
    }
    stage.silence().await?;
    stage.end().await
}

struct Stage {
    address: SocketAddr,
    cast: BTreeMap<String, Client>,
    /// What has a name.
    values: BTreeMap<String, Value>,
    /// Who has done something last.
    speaker: String,
    questions: u64,
}

impl Stage {
    async fn perform(&mut self, who: &str, happening: Happening<'_>) -> Result<(), String> {
        match happening {
            Happening::Joins(_) | Happening::Sends(_) | Happening::Leaves => self.silence().await?,
            _ => {}
        }
        if !self.cast.contains_key(who) && !matches!(happening, Happening::Joins(_)) {
            self.join(who, &everything()).await;
        }
        match happening {
            Happening::Joins(roles) => {
                let roles = serde_json::from_str(roles).map_err(|error| error.to_string())?;
                self.join(who, &roles).await;
            }
            Happening::Sends(message) => {
                let message = self.filled(&parse(message)?);
                self.client(who).send(&message).await;
            }
            Happening::Hears(message) => {
                let heard = self.hear(who).await?;
                let pattern = parse(message)?;
                if !self.matches(&pattern, &normal(heard.clone())) {
                    return Err(format!("heard {heard} with {:?}", self.values));
                }
            }
            Happening::Closed => {
                let end = timeout(PATIENCE, self.client(who).next()).await;
                match end.map_err(|_| "it stays open".to_owned())? {
                    Some(message) => return Err(format!("heard {message}")),
                    None => drop(self.cast.remove(who)),
                }
            }
            Happening::Leaves => {
                let mut client = self.cast.remove(who).expect("it is there");
                goodbye(&mut client).await?;
            }
            Happening::Ends => {
                let mut client = self.cast.remove(who).expect("it is there");
                let goodbye = json!([6, {}, "wamp.close.goodbye_and_out"]);
                // Crossbar.io waits for another HELLO then, so there is nothing to wait for.
                client.send(&goodbye).await;
            }
            Happening::Breaks => drop(self.cast.remove(who)),
        }
        who.clone_into(&mut self.speaker);
        Ok(())
    }

    fn client(&mut self, who: &str) -> &mut Client {
        self.cast.get_mut(who).expect("it has joined")
    }

    async fn join(&mut self, who: &str, roles: &Value) {
        let mut client = Client::connect(self.address, "/").await;
        let welcome = client.knock(REALM, json!({"roles": roles})).await;
        let id = welcome.get(1).cloned().unwrap_or_default();
        assert!(id.is_u64(), "{who} hears {welcome}");
        self.values.insert(who.to_owned(), id);
        self.cast.insert(who.to_owned(), client);
    }

    async fn hear(&mut self, who: &str) -> Result<Value, String> {
        match timeout(PATIENCE, self.client(who).next()).await {
            Ok(Some(message)) => Ok(message),
            Ok(None) => Err("the connection is closed".to_owned()),
            Err(_) => Err("nothing is heard".to_owned()),
        }
    }

    /// Nobody has anything more to hear. Whoever gets an answer to a question has heard everything that was caused before; who has done
    /// something asks first, so that it has been done.
    async fn silence(&mut self) -> Result<(), String> {
        let mut names: Vec<String> = self.cast.keys().cloned().collect();
        names.sort_by_key(|name| *name != self.speaker);
        for who in names {
            self.questions += 1;
            let question = self.questions;
            let nothing = json!([34, question, NO_SUBSCRIPTION]);
            self.client(&who).send(&nothing).await;
            let answer = self
                .hear(&who)
                .await
                .map_err(|why| format!("{who}: {why}"))?;
            let expected = [json!(8), json!(34), json!(question)];
            if answer.as_array().and_then(|it| it.get(..3)) != Some(&expected[..]) {
                return Err(format!("{who} hears {answer}, too"));
            }
        }
        Ok(())
    }

    async fn end(self) -> Result<(), String> {
        for mut client in self.cast.into_values() {
            goodbye(&mut client).await?;
        }
        Ok(())
    }

    /// A message with the values that the scene has found out.
    fn filled(&self, message: &Value) -> Value {
        match message {
            Value::String(text) => self.named(text).unwrap_or(message).clone(),
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| (key.clone(), self.filled(value)))
                .collect(),
            other => other.clone(),
        }
    }

    fn named(&self, text: &str) -> Option<&Value> {
        self.values.get(text.strip_prefix('$')?)
    }

    fn matches(&mut self, pattern: &Value, value: &Value) -> bool {
        match (pattern, value) {
            (Value::String(text), _) if text == "_" => true,
            (Value::String(text), _) if text.starts_with('$') => match self.named(text) {
                Some(known) => known == value,
                None => {
                    self.values.insert(text[1..].to_owned(), value.clone());
                    true
                }
            },
            (Value::Array(patterns), Value::Array(values)) => {
                let open = patterns.last().is_some_and(|it| it == "...");
                let fixed = patterns.len() - usize::from(open);
                let fits = if open {
                    values.len() >= fixed
                } else {
                    values.len() == fixed
                };
                fits && (patterns.iter().take(fixed).zip(values)).all(|(p, v)| self.matches(p, v))
            }
            (Value::Object(patterns), Value::Object(values)) => {
                patterns.len() == values.len()
                    && patterns.iter().all(|(key, pattern)| {
                        values
                            .get(key)
                            .is_some_and(|value| self.matches(pattern, value))
                    })
            }
            _ => pattern == value,
        }
    }
}

/// Without what is of no interest in Details: what Crossbar.io tells of itself where it publishes or is called.
fn normal(mut message: Value) -> Value {
    let details = message
        .as_array_mut()
        .and_then(|elements| elements.iter_mut().find_map(Value::as_object_mut));
    if let Some(details) = details {
        let details: &mut Map<String, Value> = details;
        let by_router = details
            .get("publisher_authrole")
            .is_some_and(|it| it == "trusted");
        details.retain(|key, _| {
            let is_ignored = IGNORED.contains(&key.as_str());
            !is_ignored && (!by_router || !key.starts_with("publisher"))
        });
    }
    message
}

fn parse(message: &str) -> Result<Value, String> {
    serde_json::from_str(message).map_err(|error| format!("{message}: {error}"))
}

async fn goodbye(client: &mut Client) -> Result<(), String> {
    client.send(&json!([6, {}, "wamp.close.normal"])).await;
    match timeout(PATIENCE, client.next()).await {
        Ok(Some(message)) if message.get(0) != Some(&json!(6)) => {
            Err(format!("{message} comes after the end"))
        }
        Ok(_) => Ok(()),
        Err(_) => Err("goodbye is not answered".to_owned()),
    }
}

/// All roles with all features.
fn everything() -> Value {
    json!({
        "caller": {"features": {
            "call_canceling": true, "caller_identification": true, "progressive_call_results": true, "call_timeout": true,
        }},
        "callee": {"features": {
            "call_canceling": true, "caller_identification": true, "progressive_call_results": true, "call_timeout": true,
            "pattern_based_registration": true, "shared_registration": true, "registration_revocation": true,
        }},
        "publisher": {"features": {
            "publisher_exclusion": true, "publisher_identification": true, "subscriber_blackwhite_listing": true,
        }},
        "subscriber": {"features": {
            "pattern_based_subscription": true, "publisher_identification": true, "subscription_revocation": true,
        }},
    })
}

/// Keys of Details that only one router has, or that are for humans.
const IGNORED: [&str; 4] = ["message", "callee", "callee_authid", "callee_authrole"];

/// Nothing that comes takes this long.
const PATIENCE: Duration = Duration::from_secs(10);

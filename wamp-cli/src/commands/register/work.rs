//! What is done for one call.

use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use serde_json::value::RawValue;
use wamp_client::proto::codec::Format;
use wamp_client::proto::message::Invocation;
use wamp_client::proto::payload::Payload;
use wamp_client::proto::uri;
use wamp_uri::Rule;

use super::exec::{Ended, execute};
use crate::value::{Shown, details, json_or_text};

/// What is done for each call.
pub(super) enum Work {
    Echo,
    /// A program and its arguments.
    Exec(Vec<String>),
}

/// What comes of a call.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Result(Payload),
    Error(String, Payload),
    /// The session has ended: nobody can be told.
    Lost,
}

impl Outcome {
    /// An error with a text.
    pub(super) fn failed(uri: &str, what: &str) -> Self {
        let payload = Payload::from_value(Format::Json, what);
        Self::Error(uri.to_owned(), payload.unwrap_or_default())
    }
}

impl Work {
    pub(super) async fn run(&self, procedure: &str, invocation: &Invocation) -> Outcome {
        match self {
            Self::Echo => Outcome::Result(invocation.payload.clone()),
            Self::Exec(command) => {
                let input = input(procedure, invocation);
                match execute(command, input.as_bytes()).await {
                    Err(what) => Outcome::failed(uri::RUNTIME_ERROR, &what),
                    Ok(ended) => read(&ended),
                }
            }
        }
    }
}

/// What a program gets to read.
fn input(procedure: &str, invocation: &Invocation) -> String {
    let message = Invocation {
        payload: Payload::default(),
        ..invocation.clone()
    };
    let details = details(3, |format, out| message.encode(format, out));
    let arguments = Shown::of(&invocation.payload).members();
    let procedure = serde_json::Value::from(procedure);
    format!("{{\"procedure\":{procedure},\"details\":{details},{arguments}}}\n")
}

/// What a program may write. Other keys make it a value like any other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'w> {
    error: Option<String>,
    #[serde(borrow)]
    args: Option<&'w RawValue>,
    #[serde(borrow)]
    kwargs: Option<&'w RawValue>,
}

/// What a program has written.
fn read(ended: &Ended) -> Outcome {
    let is_empty = ended.stdout.iter().all(u8::is_ascii_whitespace);
    let json = json_or_text(&ended.stdout);
    let written = serde_json::from_str::<Written<'_>>(&json).ok();
    let Some(failure) = &ended.failure else {
        return Outcome::Result(match written.filter(|it| it.error.is_none()) {
            _ if is_empty => Payload::default(),
            Some(written) if written.has_arguments() => written.payload(),
            _ => list(&json),
        });
    };
    if let Some(written) = written
        && let Some(error) = &written.error
        && wamp_uri::check(error, Rule::Loose).is_ok()
    {
        return Outcome::Error(error.clone(), written.payload());
    }
    match serde_json::from_str::<String>(&json) {
        // A word alone is rather what a program says before it fails.
        Ok(error) if error.contains('.') && wamp_uri::check(&error, Rule::Strict).is_ok() => {
            Outcome::Error(error, Payload::default())
        }
        _ => Outcome::failed(uri::RUNTIME_ERROR, failure),
    }
}

impl Written<'_> {
    /// Whether there are some, and they are a list and a map.
    fn has_arguments(&self) -> bool {
        let begins = |raw: Option<&RawValue>, with| raw.is_none_or(|it| it.get().starts_with(with));
        (self.args.is_some() || self.kwargs.is_some())
            && begins(self.args, '[')
            && begins(self.kwargs, '{')
    }

    fn payload(&self) -> Payload {
        if !self.has_arguments() {
            return Payload::default();
        }
        let bytes = |raw: &RawValue| Bytes::copy_from_slice(raw.get().as_bytes());
        Payload::new(Format::Json, self.args.map(bytes), self.kwargs.map(bytes))
    }
}

/// One value.
fn list(json: &str) -> Payload {
    let mut list = BytesMut::with_capacity(json.len() + 2);
    list.extend_from_slice(b"[");
    list.extend_from_slice(json.as_bytes());
    list.extend_from_slice(b"]");
    Payload::new(Format::Json, Some(list.freeze()), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(stdout: &str, failure: Option<&str>) -> String {
        let ended = Ended {
            stdout: stdout.as_bytes().to_vec(),
            failure: failure.map(str::to_owned),
        };
        match read(&ended) {
            Outcome::Result(payload) => Shown::of(&payload).members(),
            Outcome::Error(uri, payload) => format!("{uri} {}", Shown::of(&payload).members()),
            Outcome::Lost => "lost".to_owned(),
        }
    }

    #[test]
    fn what_a_program_writes_is_the_result() {
        for (stdout, expected) in [
            ("", r#""args":[],"kwargs":{}"#),
            ("\n", r#""args":[],"kwargs":{}"#),
            ("5\n", r#""args":[5],"kwargs":{}"#),
            ("hello\n", r#""args":["hello"],"kwargs":{}"#),
            ("[1, 2]", r#""args":[[1,2]],"kwargs":{}"#),
            (r#"{"args": [1, 2]}"#, r#""args":[1,2],"kwargs":{}"#),
            (
                r#"{"args": [1], "kwargs": {"a": 2}}"#,
                r#""args":[1],"kwargs":{"a":2}"#,
            ),
            (
                r#"{"args": [1], "more": 2}"#,
                r#""args":[{"args":[1],"more":2}],"kwargs":{}"#,
            ),
            (r#"{"args": 1}"#, r#""args":[{"args":1}],"kwargs":{}"#),
            ("{}", r#""args":[{}],"kwargs":{}"#),
        ] {
            assert_eq!(outcome(stdout, None), expected, "{stdout}");
        }
    }

    #[test]
    fn a_program_that_fails_may_say_with_which_error() {
        let runtime = r#"wamp.error.runtime_error "args":["it failed"],"kwargs":{}"#;
        for (stdout, expected) in [
            ("", runtime),
            ("oops\n", runtime),
            ("{\"a\": 1}", runtime),
            (
                "\"com.example.no\"\n",
                r#"com.example.no "args":[],"kwargs":{}"#,
            ),
            (
                "com.example.no\n",
                r#"com.example.no "args":[],"kwargs":{}"#,
            ),
            (
                r#"{"error": "com.example.no", "args": ["why"]}"#,
                r#"com.example.no "args":["why"],"kwargs":{}"#,
            ),
            (r#"{"error": "not a uri"}"#, runtime),
        ] {
            assert_eq!(outcome(stdout, Some("it failed")), expected, "{stdout}");
        }
    }
}

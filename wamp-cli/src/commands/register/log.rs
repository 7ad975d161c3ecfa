//! What is told of calls.

use std::time::Duration;

use wamp_client::proto::message::Invocation;
use wamp_client::proto::payload::Payload;

use super::work::Outcome;
use crate::client::{ClientFailure, Output, note};
use crate::value::{Shown, details, printable};

/// Letters of arguments that people are shown.
const MAX_SHOWN: usize = 200;

/// Tells of each call when it is over.
#[derive(Clone, Copy)]
pub(super) struct Log(pub(super) Output);

impl Log {
    /// # Errors
    ///
    /// When nobody can be told.
    pub(super) fn tell(
        &self,
        procedure: &str,
        invocation: &Invocation,
        outcome: &Outcome,
        duration: Duration,
    ) -> Result<(), ClientFailure> {
        let shown = Shown::of(&invocation.payload);
        if !self.0.json {
            let words = shown.words();
            let words = match words.char_indices().nth(MAX_SHOWN) {
                Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
                None => words,
            };
            let outcome = match outcome {
                Outcome::Result(_) => "result".to_owned(),
                Outcome::Error(uri, payload) => {
                    format!("{} {}", printable(uri), Shown::of(payload).words())
                }
                Outcome::Lost => "the caller is gone".to_owned(),
            };
            let procedure = printable(procedure);
            note(format_args!(
                "{procedure}({words}): {outcome} ({duration:.1?})"
            ));
            return Ok(());
        }
        let message = Invocation {
            payload: Payload::default(),
            ..invocation.clone()
        };
        let details = details(3, |format, out| message.encode(format, out));
        let outcome = match outcome {
            Outcome::Result(_) => r#""outcome":"result""#.to_owned(),
            Outcome::Error(uri, _) => {
                format!(
                    r#""outcome":"error","error":{}"#,
                    serde_json::Value::from(uri.as_str())
                )
            }
            Outcome::Lost => r#""outcome":"lost""#.to_owned(),
        };
        let (procedure, arguments) = (serde_json::Value::from(procedure), shown.members());
        let seconds = duration.as_secs_f64();
        self.0.line(&format!(
            r#"{{"procedure":{procedure},"details":{details},{arguments},{outcome},"seconds":{seconds:.6}}}"#
        ))
    }
}

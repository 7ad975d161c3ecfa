//! What a call and its answer look like in each protocol, byte by byte.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::frame::MAX_HEAD;
use super::message::{Answer, Request};
use super::serializer::Serializer;

/// How to talk to a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// A WAMP session.
    Wamp(Serializer),
    /// The bytes of WAMP calls, which come back as they are.
    Echo(Serializer),
    /// JSON-RPC 2.0.
    JsonRpc,
    /// Socket.IO, whose acknowledged events are its calls.
    SocketIo,
}

/// What is called.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Procedure {
    /// Adds two integers.
    Add2,
    /// Gives back a string of this many bytes.
    Echo(usize),
    /// As `Add2`, by a handler that is not ready when first polled.
    Wait2,
    /// As `Add2`, by a handler that looks up application state.
    State2,
    /// As `Add2`, with three more arguments of other types.
    Five,
}

impl Procedure {
    /// The last part of its URI.
    pub fn name(self) -> &'static str {
        match self {
            Self::Add2 => "add2",
            Self::Echo(_) => "echo",
            Self::Wait2 => "wait2",
            Self::State2 => "state2",
            Self::Five => "five",
        }
    }

    /// What it is called with.
    pub fn arguments(self) -> Vec<Value> {
        match self {
            Self::Add2 | Self::Wait2 | Self::State2 => vec![json!(1), json!(2)],
            Self::Echo(len) => vec![Value::String(
                "wamp".repeat(len.div_ceil(4))[..len].to_owned(),
            )],
            Self::Five => vec![json!(1), json!(2), json!("three"), json!(4.5), json!(true)],
        }
    }

    /// What it answers.
    pub fn result(self) -> Value {
        match self {
            Self::Add2 | Self::Wait2 | Self::State2 | Self::Five => json!(3),
            Self::Echo(_) => self.arguments().remove(0),
        }
    }
}

impl Dialect {
    /// The serializer of the WAMP session, or that of the bytes sent.
    pub fn serializer(self) -> Serializer {
        match self {
            Self::Wamp(serializer) | Self::Echo(serializer) => serializer,
            Self::JsonRpc | Self::SocketIo => Serializer::Json,
        }
    }

    /// What calling `procedure` looks like.
    pub fn request(self, procedure: Procedure) -> Result<Request> {
        let serializer = self.serializer();
        let name = procedure.name();
        let arguments = procedure.arguments();
        let (prefix, tail) = match self {
            Self::Wamp(_) | Self::Echo(_) => {
                return Request::call(serializer, &format!("bench.{name}"), arguments);
            }
            Self::JsonRpc => (
                br#"{"jsonrpc":"2.0","id":"#.to_vec(),
                format!(
                    r#","method":"{name}","params":{}}}"#,
                    Value::Array(arguments)
                )
                .into_bytes(),
            ),
            Self::SocketIo => {
                let event = std::iter::once(json!(name)).chain(arguments).collect();
                (b"42".to_vec(), Value::Array(event).to_string().into_bytes())
            }
        };
        Ok(Request::new(serializer, prefix, tail))
    }

    /// Learns from the answer to the call `id` what all answers must be.
    pub fn learn(self, procedure: Procedure, id: u64, answer: &[u8]) -> Result<Answer> {
        let serializer = self.serializer();
        let prefix_len = match self {
            Self::Wamp(_) | Self::Echo(_) => self.request(procedure)?.prefix().len(),
            Self::JsonRpc => {
                const ID: &[u8] = br#""id":"#;
                answer
                    .windows(ID.len())
                    .position(|part| part == ID)
                    .context("no id in the answer")?
                    + ID.len()
            }
            Self::SocketIo => 2,
        };
        let (prefix, after) = answer
            .split_at_checked(prefix_len)
            .context("the answer is too short")?;
        let (answered, rest) = serializer.take_id(after).context("no id in the answer")?;
        ensure!(
            prefix.len() + 16 <= MAX_HEAD,
            "the id comes too late in the answer"
        );
        ensure!(
            answered == id,
            "the answer is to {answered} instead of {id}"
        );

        let expected = procedure.result();
        let right = match self {
            Self::Echo(_) => answer == self.request(procedure)?.payload(id),
            Self::Wamp(_) => {
                let message = serializer.decode(answer)?;
                message[0] == 50 && message[3] == Value::Array(vec![expected])
            }
            Self::JsonRpc => serializer.decode(answer)?["result"] == expected,
            Self::SocketIo => {
                prefix == b"43" && serializer.decode(rest)? == Value::Array(vec![expected])
            }
        };
        if !right {
            let shown = &answer[..answer.len().min(200)];
            bail!(
                "not the answer to {}: {}",
                procedure.name(),
                String::from_utf8_lossy(shown)
            );
        }
        Ok(Answer::new(serializer, prefix, rest))
    }
}

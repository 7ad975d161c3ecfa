//! Messages as they are on the wire.

use std::fmt;

use bytes::{Bytes, BytesMut};
use serde_json::Value;
use wamp_proto::codec::{Format, transcode};
use wamp_proto::message::Message;

use super::pattern::Pattern;

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The client has sent it: `→`.
    ToServer,
    /// The client has received it: `←`.
    ToClient,
}

impl Direction {
    pub(super) const fn arrow(self) -> char {
        match self {
            Self::ToServer => '→',
            Self::ToClient => '←',
        }
    }
}

/// A message as a client has sent or received it.
///
/// It is shown as an arrow and JSON, whatever it is written in: `→ [48,1,{},"math.add",[2,3]]`.
#[derive(Clone)]
pub struct WireMessage {
    direction: Direction,
    format: Format,
    bytes: Bytes,
}

impl WireMessage {
    pub(super) fn new(direction: Direction, format: Format, bytes: Bytes) -> Self {
        Self {
            direction,
            format,
            bytes,
        }
    }

    /// Which way it has gone.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The message; `None` if it breaks the rules of WAMP.
    #[must_use]
    pub fn message(&self) -> Option<Message> {
        Message::decode(self.format, &self.bytes).ok()
    }

    /// The name of the message in the specification, such as `CALL`; empty if it breaks the rules of WAMP.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.message().map_or("", |message| message.name())
    }

    /// Whether it is a message of that name, such as `CALL`.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name() == name
    }

    /// Whether it is like a [pattern](super#patterns), which may begin with an arrow.
    ///
    /// # Panics
    ///
    /// When that is no pattern.
    #[must_use]
    #[track_caller]
    pub fn is_like(&self, pattern: &str) -> bool {
        Pattern::parse(pattern).matches(self)
    }

    /// The message as JSON text. What cannot be written so is described.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = BytesMut::new();
        let written = match self.format {
            Format::Json => {
                json.extend_from_slice(&self.bytes);
                Ok(())
            }
            format => transcode(format, &self.bytes, Format::Json, &mut json),
        };
        match (written, std::str::from_utf8(&json)) {
            (Ok(()), Ok(text)) => text.to_owned(),
            _ => format!("{} bytes that are not well-formed", self.bytes.len()),
        }
    }

    /// The message as a tree; `None` if it is not well-formed.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        serde_json::from_str(&self.json()).ok()
    }

    /// The message as it was on the wire, without what batches add.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl fmt::Display for WireMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.direction.arrow(), self.json())
    }
}

impl fmt::Debug for WireMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

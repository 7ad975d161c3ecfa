//! Why a session does not open.

use bytestring::ByteString;
use wamp_proto::codec::{Format, from_slice};
use wamp_proto::uri;
use wamp_uri::Rule;

use crate::handler::CallError;

/// What an ABORT says.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) reason: ByteString,
    /// For people.
    pub(crate) message: String,
}

impl Rejection {
    pub(crate) fn new(reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            reason: ByteString::from_static(reason),
            message: message.into(),
        }
    }

    /// What a handler refuses with. Its first argument is a text for people, if it is a text.
    pub(crate) fn from_error(error: CallError) -> Self {
        let (reason, values, _) = error.into_parts();
        let reason = match wamp_uri::check(&reason, Rule::Loose) {
            Ok(()) => reason.into_owned().into(),
            Err(_) => ByteString::from_static(uri::RUNTIME_ERROR),
        };
        let payload = values.build(Format::Cbor).unwrap_or_default();
        let text = payload
            .elements()
            .next()
            .and_then(|it| from_slice(Format::Cbor, it).ok());
        Self {
            reason,
            message: text.unwrap_or_else(|| "the session was not accepted".to_owned()),
        }
    }
}

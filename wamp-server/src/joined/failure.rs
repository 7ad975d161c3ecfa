//! What callers are told whose call ends without an answer of a function.

use bytes::Bytes;
use bytestring::ByteString;
use wamp_client::host::Link;
use wamp_proto::id::Id;
use wamp_proto::message::{Abort, Error, Goodbye, RequestType};
use wamp_proto::payload::PayloadBuilder;
use wamp_proto::uri;

use super::turned::encode;

/// A URI and a text for humans.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    uri: ByteString,
    text: ByteString,
}

impl Failed {
    fn new(uri: &'static str, text: &'static str) -> Self {
        Self {
            uri: ByteString::from_static(uri),
            text: ByteString::from_static(text),
        }
    }

    /// The session has ended before the function did.
    pub(super) fn canceled() -> Self {
        Self::new(uri::CANCELED, "the session has ended")
    }

    /// More is asked for than can be done.
    pub(super) fn overloaded() -> Self {
        Self::new("wamp.error.limit_exceeded", "too many calls are waiting")
    }

    /// No more callers can be told apart.
    pub(super) fn crowded() -> Self {
        Self::new("wamp.error.limit_exceeded", "too many callers are waiting")
    }

    /// The application is about to leave.
    pub(super) fn leaving() -> Self {
        Self::new(uri::UNAVAILABLE, "the application is about to leave")
    }

    /// The session was not accepted. Whose role is unknown has no rights.
    pub(super) fn aborted(abort: &Abort) -> Self {
        let uri = match &*abort.reason {
            uri::NO_SUCH_ROLE => ByteString::from_static(uri::NOT_AUTHORIZED),
            _ => ByteString::from(&*abort.reason),
        };
        let text = abort.details.message.as_deref().unwrap_or_default();
        Self {
            uri,
            text: text.into(),
        }
    }

    /// The session was ended.
    pub(super) fn parted(goodbye: &Goodbye) -> Self {
        let text = goodbye.details.message.as_deref();
        Self {
            text: text.unwrap_or("the session has ended").into(),
            ..Self::canceled()
        }
    }

    /// The ERROR that answers an invocation.
    pub(super) fn answer(&self, link: &Link, invocation: Id) -> Option<Bytes> {
        let mut values = PayloadBuilder::new();
        values.arg(&*self.text);
        let payload = values.build(link.format());
        let error = Error {
            request_type: RequestType::Invocation,
            request: invocation,
            details: Default::default(),
            error: self.uri.clone(),
            payload: payload.ok()?,
        };
        encode(link, &error.into())
    }
}

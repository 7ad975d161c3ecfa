//! ERROR messages.

use bytes::{Bytes, BytesMut};
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::{self, Message, RequestType};
use wamp_proto::payload::Payload;
use wamp_proto::uri;

use super::Session;
use crate::handler::CallError;

/// The answer to requests that come too late.
#[cold]
pub(super) fn shutting_down() -> CallError {
    CallError::new(uri::UNAVAILABLE).arg("the session is about to end")
}

/// ERROR, encoded; what is not meant for the peer is logged.
#[cold]
pub(super) fn encode_error(
    request_type: RequestType,
    request: Id,
    error: CallError,
    format: Format,
    session: &Session,
) -> Bytes {
    let (mut uri, values, cause) = error.into_parts();
    let session = session.id().get();
    if let Err(error) = wamp_uri::check(&uri, wamp_uri::Rule::Loose) {
        tracing::error!(session, request = request.get(), ?uri, %error, "a handler fails with something that is not a URI");
        uri = uri::RUNTIME_ERROR.into();
    }
    if let Some(cause) = cause {
        tracing::error!(session, request = request.get(), error = %uri, cause = &*cause as &dyn std::error::Error, "a handler failed");
    }
    let payload = values.build(format).unwrap_or_else(|error| {
        tracing::error!(session, request = request.get(), %error, "the arguments of an error cannot be serialized");
        Payload::empty(format)
    });
    let mut out = BytesMut::new();
    let message = Message::Error(message::Error {
        request_type,
        request,
        details: Default::default(),
        error: uri.into_owned().into(),
        payload,
    });
    if let Err(error) = message.encode(format, &mut out) {
        tracing::error!(%error, "an ERROR cannot be encoded");
    }
    out.freeze()
}

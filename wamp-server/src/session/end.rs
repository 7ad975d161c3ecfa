//! Why connections end, and what the peer is told.

use bytestring::ByteString;
use wamp_proto::message::details::{AbortDetails, GoodbyeDetails};
use wamp_proto::message::{Abort, Goodbye, Message, ProtocolViolation};
use wamp_proto::payload::Payload;
use wamp_proto::uri;

use super::LIMIT_EXCEEDED;
use super::rejection::Rejection;
use crate::app::Counters;
use crate::transport::{Close, Failure};

/// Why a connection is closed.
pub(super) enum End {
    /// The peer closed it.
    Gone,
    Close(Close),
    Failure(Failure),
    /// The peer broke the protocol.
    Violation(ProtocolViolation),
    Abort(Rejection, Close),
}

impl End {
    /// The transport's reason, and what the peer is told before. Counts and logs it.
    pub(super) fn explain(self, counters: &Counters) -> (Close, Option<Message>) {
        match self {
            Self::Gone => (Close::Normal, None),
            Self::Close(reason) => (reason, None),
            Self::Failure(failure) => {
                tracing::debug!(
                    error = &failure as &dyn std::error::Error,
                    "the connection is closed"
                );
                let message = match failure {
                    Failure::Io(_) => None,
                    Failure::WrongKind(_) | Failure::Protocol(_) | Failure::NotUtf8 => {
                        counters.violations.count();
                        Some(violation(&failure))
                    }
                    Failure::TooLargeForPeer { .. } => Some(abort(
                        ByteString::from_static(uri::PAYLOAD_SIZE_EXCEEDED),
                        failure.to_string(),
                    )),
                    Failure::TooLarge { .. } | Failure::Flood(_) => {
                        counters.limits_hit.count();
                        None
                    }
                };
                (failure.close(), message)
            }
            Self::Violation(error) => {
                counters.violations.count();
                tracing::debug!(%error, "the peer breaks the protocol");
                (Close::ProtocolError, Some(violation(&error)))
            }
            Self::Abort(Rejection { reason, message }, close) => {
                tracing::debug!(?reason, message, "the session is aborted");
                (close, Some(abort(reason, message)))
            }
        }
    }
}

/// What says that a limit was breached, where there is no close code for it.
pub(super) fn breach(reason: Close) -> Option<Message> {
    let (uri, text) = match reason {
        Close::TooLarge => (uri::PAYLOAD_SIZE_EXCEEDED, "a message is too long"),
        Close::Policy => (LIMIT_EXCEEDED, "a limit of the server is exceeded"),
        _ => return None,
    };
    Some(abort(ByteString::from_static(uri), text.to_owned()))
}

pub(super) fn goodbye(reason: ByteString, message: Option<String>) -> Message {
    Message::Goodbye(Goodbye {
        details: GoodbyeDetails {
            message: message.map(ByteString::from),
            ..GoodbyeDetails::default()
        },
        reason,
    })
}

fn violation(error: &impl std::fmt::Display) -> Message {
    abort(
        ByteString::from_static(uri::PROTOCOL_VIOLATION),
        error.to_string(),
    )
}

fn abort(reason: ByteString, message: String) -> Message {
    Message::Abort(Abort {
        details: AbortDetails {
            message: Some(message.into()),
            ..AbortDetails::default()
        },
        reason,
        payload: Payload::default(),
    })
}

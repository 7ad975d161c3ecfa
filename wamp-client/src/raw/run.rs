//! How an invocation ends, and what the caller is told.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use serde::Serialize;
use tokio::time::sleep;
use wamp_proto::id::Id;
use wamp_proto::message::details::{ErrorDetails, YieldOptions};
use wamp_proto::message::{Error, RequestType, Yield};
use wamp_proto::payload::Payload;
use wamp_proto::uri;

use crate::error::RemoteError;
use crate::link::Link;

/// Ready when a timeout in milliseconds is over.
pub(super) async fn time_is_up(timeout: Option<u64>) {
    match timeout {
        Some(millis) if millis > 0 => sleep(Duration::from_millis(millis)).await,
        _ => std::future::pending().await,
    }
}

/// What a function has returned, as the message that says it; or what is told instead if that cannot be sent.
pub(super) fn finished<T: Serialize, E: Into<RemoteError>>(
    link: &Link,
    request: Id,
    returned: Result<T, E>,
) -> Result<Bytes, RemoteError> {
    let value = returned.map_err(Into::into)?;
    let yielded = Yield {
        request,
        options: YieldOptions::default(),
        payload: Payload::empty(link.format()),
    };
    let mut frame = BytesMut::new();
    if let Err(error) = yielded.encode_with(link.format(), &value, &mut frame) {
        tracing::error!(%error, "what a procedure has returned cannot be serialized");
        return Err(RemoteError::new(uri::RUNTIME_ERROR));
    }
    if let Err(error) = link.check_length(frame.len()) {
        tracing::error!(%error, "what a procedure has returned cannot be sent");
        return Err(RemoteError::new(uri::PAYLOAD_SIZE_EXCEEDED));
    }
    Ok(frame.freeze())
}

/// Sends the one answer to an invocation.
pub(super) fn answer(link: &Link, id: Id, outcome: Result<Bytes, RemoteError>) {
    let frame = match outcome {
        Ok(frame) => Some(frame),
        Err(failure) => refused(link, id, &failure),
    };
    match frame {
        // False if it has been answered, or there is nobody to tell any more.
        Some(frame) => drop(link.answer(id, frame)),
        None => tracing::error!("an answer cannot be sent"),
    }
}

fn refused(link: &Link, request: Id, failure: &RemoteError) -> Option<Bytes> {
    let payload = failure.payload().transcode(link.format());
    let error = |payload| Error {
        request_type: RequestType::Invocation,
        request,
        details: ErrorDetails::default(),
        error: ByteString::from(failure.uri()),
        payload,
    };
    // Without its arguments, if they are what cannot be sent.
    let candidates = payload.into_iter().chain([Payload::empty(link.format())]);
    candidates.map(error).find_map(|error| {
        let mut frame = BytesMut::new();
        error.encode(link.format(), &mut frame).ok()?;
        link.check_length(frame.len()).ok()?;
        Some(frame.freeze())
    })
}

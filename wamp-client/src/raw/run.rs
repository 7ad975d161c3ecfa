//! How an invocation ends, and what the caller is told.

use std::any::Any;
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

/// How an invocation ended.
pub(super) enum Outcome<T> {
    Returned(T),
    Failed(RemoteError),
    Panicked(String),
    Canceled,
    TimedOut,
}

impl<T, E: Into<RemoteError>> From<Result<Result<T, E>, Box<dyn Any + Send>>> for Outcome<T> {
    fn from(result: Result<Result<T, E>, Box<dyn Any + Send>>) -> Self {
        match result {
            Ok(Ok(value)) => Self::Returned(value),
            Ok(Err(error)) => Self::Failed(error.into()),
            Err(panic) => Self::Panicked(message(&*panic)),
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("something that is no text").to_owned()
}

/// Ready when a timeout in milliseconds is over.
pub(super) async fn time_is_up(timeout: Option<u64>) {
    match timeout {
        Some(millis) if millis > 0 => sleep(Duration::from_millis(millis)).await,
        _ => std::future::pending().await,
    }
}

/// Sends the one answer to an invocation.
pub(super) fn answer<T: Serialize>(link: &Link, id: Id, outcome: Outcome<T>) {
    let failure = match outcome {
        Outcome::Returned(value) => match yielded(link, id, &value) {
            Ok(frame) => {
                link.answer(id, frame);
                return;
            }
            Err(failure) => failure,
        },
        Outcome::Failed(error) => error,
        Outcome::Panicked(message) => {
            tracing::error!(message, "a procedure has panicked");
            RemoteError::new(uri::RUNTIME_ERROR)
        }
        Outcome::Canceled => RemoteError::new(uri::CANCELED),
        Outcome::TimedOut => RemoteError::new(uri::TIMEOUT),
    };
    match refused(link, id, &failure) {
        Some(frame) => drop(link.answer(id, frame)),
        None => tracing::error!(%failure, "an answer cannot be sent"),
    }
}

/// The result, or what is told instead if it cannot be sent.
fn yielded<T: Serialize>(link: &Link, request: Id, value: &T) -> Result<Bytes, RemoteError> {
    let yielded = Yield {
        request,
        options: YieldOptions::default(),
        payload: Payload::empty(link.format()),
    };
    let mut frame = BytesMut::new();
    if let Err(error) = yielded.encode_with(link.format(), value, &mut frame) {
        tracing::error!(%error, "what a procedure has returned cannot be serialized");
        return Err(RemoteError::new(uri::RUNTIME_ERROR));
    }
    if let Err(error) = link.check_length(frame.len()) {
        tracing::error!(%error, "what a procedure has returned cannot be sent");
        return Err(RemoteError::new(uri::PAYLOAD_SIZE_EXCEEDED));
    }
    Ok(frame.freeze())
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

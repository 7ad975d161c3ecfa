//! What a function gets that answers invocations as they are.

use std::fmt;

use bytes::BytesMut;
use serde::{Deserialize, Serialize};
use wamp_proto::codec::DecodeError;
use wamp_proto::message;
use wamp_proto::message::Yield;
use wamp_proto::message::details::{InvocationDetails, YieldOptions};
use wamp_proto::payload::Payload;

use crate::bounded;
use crate::error::CallError;
use crate::link::Link;

/// A call that others have made here.
pub struct Invocation {
    link: Link,
    message: message::Invocation,
    input: bounded::Receiver<Payload>,
}

impl Invocation {
    pub(super) fn new(
        link: Link,
        message: message::Invocation,
        input: bounded::Receiver<Payload>,
    ) -> Self {
        Self {
            link,
            message,
            input,
        }
    }

    /// Decodes the arguments as one value: one positional argument; several as a tuple; keyword arguments as a struct or map. The
    /// [whole rule](Payload::decode).
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.message.payload.decode()
    }

    /// Decodes the positional arguments as a list or tuple. If there are none, it is empty.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn args<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.message.payload.decode_args()
    }

    /// Decodes the keyword arguments as a struct or map. If there are none, it is empty.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn kwargs<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.message.payload.decode_kwargs()
    }

    /// The arguments, not decoded.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.message.payload
    }

    /// What else is known of the call: who has made it, if that is disclosed, and which URI was called, if a pattern is registered.
    #[must_use]
    pub fn details(&self) -> &InvocationDetails {
        &self.message.details
    }

    /// The session that the call has come in by.
    #[must_use]
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// More arguments, if the caller sends them one after the other; `None` when there are no more. WAMP, "Progressive Call Invocations".
    pub async fn next_input(&mut self) -> Option<Payload> {
        self.input.recv().await
    }

    /// Sends a progressive result, if the caller has asked for them; ready when there is room for more. WAMP, "Progressive Call Results".
    ///
    /// # Errors
    ///
    /// When it cannot be serialized, is longer than the router takes, the invocation is answered, or the session is over.
    pub async fn progress(&self, value: impl Serialize) -> Result<(), CallError> {
        if !self.message.details.receive_progress {
            return Ok(());
        }
        let progress = Yield {
            request: self.message.request,
            options: YieldOptions {
                progress: true,
                ..YieldOptions::default()
            },
            payload: Payload::empty(self.link.format()),
        };
        let mut frame = BytesMut::new();
        progress.encode_with(self.link.format(), &value, &mut frame)?;
        self.link.check_length(frame.len())?;
        self.link.room().await;
        match self.link.progress(self.message.request, frame.freeze()) {
            true => Ok(()),
            // It is answered, or there is no session.
            false => Err(CallError::Lost),
        }
    }
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation")
            .field("request", &self.message.request)
            .field("details", &self.message.details)
            .finish_non_exhaustive()
    }
}

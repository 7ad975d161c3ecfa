//! Messages that are longer than the peer takes. Only some transports have a limit of the peer's.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::details::{AbortDetails, ErrorDetails, GoodbyeDetails};
use wamp_proto::message::{self, Message, RequestType};
use wamp_proto::payload::{Payload, PayloadBuilder};
use wamp_proto::uri;

use crate::app::shared::Shared;
use crate::transport::Failure;

/// Lets messages pass that the peer takes, and puts others in their place where they are too long. It stands where all messages pass,
/// whoever has queued them.
pub(super) struct Customs {
    limit: usize,
    format: Format,
    shared: Arc<Shared>,
    /// Calls that were answered when their progress was too long. Their handlers do not know, so more comes of them, up to the answer.
    answered: HashSet<Id>,
}

impl Customs {
    pub(super) fn new(limit: usize, format: Format, shared: Arc<Shared>) -> Self {
        Self {
            limit,
            format,
            shared,
            answered: HashSet::new(),
        }
    }

    /// Whether a message is sent as it is. Nearly all are, so this is all that they pay for.
    #[inline]
    pub(super) fn waves_through(&self, frame: &Bytes) -> bool {
        frame.len() <= self.limit && self.answered.is_empty()
    }

    /// What is sent of any other message.
    #[cold]
    pub(super) fn examine(&mut self, frame: Bytes) -> Result<Option<Bytes>, Failure> {
        let limit = self.limit;
        // It is ours, so it can be decoded.
        let message =
            Message::decode(self.format, &frame).map_err(|_| Failure::TooLargeForPeer { limit })?;
        if self.is_late(&message) {
            return Ok(None);
        }
        if frame.len() <= limit {
            return Ok(Some(frame));
        }
        self.shared.counters.oversized_messages.count();
        tracing::debug!(
            message = message.name(),
            limit,
            "the peer does not take as much"
        );
        let Some(instead) = self.instead(message)? else {
            return Ok(None);
        };
        let mut frame = BytesMut::new();
        match instead.encode(self.format, &mut frame) {
            Ok(()) if frame.len() <= limit => Ok(Some(frame.freeze())),
            Ok(()) | Err(_) => Err(Failure::TooLargeForPeer { limit }),
        }
    }

    /// Whether a message belongs to a call that was answered before it was over, or to nothing any more.
    fn is_late(&mut self, message: &Message) -> bool {
        match message {
            Message::Result(result) if result.details.progress => {
                self.answered.contains(&result.request)
            }
            Message::Result(result) => self.answered.remove(&result.request),
            Message::Error(error) if error.request_type == RequestType::Call => {
                self.answered.remove(&error.request)
            }
            Message::Goodbye(_) | Message::Welcome(_) => {
                self.answered.clear();
                false
            }
            _ => false,
        }
    }

    /// What is said in place of a message that is too long.
    fn instead(&mut self, message: Message) -> Result<Option<Message>, Failure> {
        match message {
            Message::Event(_) => Ok(None),
            Message::Result(result) => {
                if result.details.progress {
                    self.answered.insert(result.request);
                }
                Ok(Some(self.too_large(RequestType::Call, result.request)))
            }
            Message::Error(error) => Ok(Some(self.too_large(error.request_type, error.request))),
            Message::Goodbye(goodbye) => Ok(Some(Message::Goodbye(message::Goodbye {
                details: GoodbyeDetails::default(),
                ..goodbye
            }))),
            Message::Abort(abort) => Ok(Some(Message::Abort(message::Abort {
                details: AbortDetails::default(),
                payload: Payload::empty(self.format),
                ..abort
            }))),
            // Without it the session could not go on.
            _ => Err(Failure::TooLargeForPeer { limit: self.limit }),
        }
    }

    fn too_large(&self, request_type: RequestType, request: Id) -> Message {
        let mut text = PayloadBuilder::new();
        text.arg(&format!(
            "the answer is longer than the {} bytes that you take",
            self.limit
        ));
        Message::Error(message::Error {
            request_type,
            request,
            details: ErrorDetails::default(),
            error: ByteString::from_static(uri::PAYLOAD_SIZE_EXCEEDED),
            // A text can always be serialized.
            payload: text.build(self.format).unwrap_or_default(),
        })
    }
}

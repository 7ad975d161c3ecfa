//! An event that server code has received.

use bytestring::ByteString;
use serde::Deserialize;
use wamp_proto::codec::DecodeError;
use wamp_proto::id::Id;
use wamp_proto::message;
use wamp_proto::message::details::EventDetails;
use wamp_proto::payload::Payload;

/// An event of a [`Subscription`](super::Subscription).
#[derive(Clone, Debug)]
pub struct Event {
    topic: ByteString,
    publication: Id,
    details: EventDetails,
    payload: Payload,
    dropped: u64,
}

impl Event {
    /// `topic` is what was subscribed to.
    pub(super) fn new(event: message::Event, topic: &ByteString, dropped: u64) -> Self {
        Self {
            topic: event.details.topic.clone().unwrap_or_else(|| topic.clone()),
            publication: event.publication,
            details: event.details,
            payload: event.payload,
            dropped,
        }
    }

    /// What was published to; of interest where a pattern is subscribed to.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The id of the event, the same for all who receive it.
    #[must_use]
    pub fn publication(&self) -> Id {
        self.publication
    }

    /// What else is known of it, such as who has published it, if that is disclosed.
    #[must_use]
    pub fn details(&self) -> &EventDetails {
        &self.details
    }

    /// Decodes the arguments as one value: one positional argument; several as a tuple; keyword arguments as a struct or map. The
    /// [whole rule](Payload::decode) also takes what clients in other languages send.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.payload.decode()
    }

    /// Decodes the positional arguments as a list or tuple. If there are none, it is empty.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn args<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.payload.decode_args()
    }

    /// Decodes the keyword arguments as a struct or map. If there are none, it is empty.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn kwargs<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.payload.decode_kwargs()
    }

    /// The arguments, not decoded.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// How many events before this one, and after the one that was read before it, were dropped, because they were not read in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

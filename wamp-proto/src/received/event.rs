//! An event, as a subscriber sees it.

use bytestring::ByteString;

use crate::id::Id;
use crate::message;
use crate::message::details::EventDetails;
use crate::payload::Payload;

/// An event of a subscription.
#[derive(Clone, Debug)]
pub struct Event {
    topic: ByteString,
    publication: Id,
    details: EventDetails,
    payload: Payload,
    dropped: u64,
}

super::arguments!(Event);

impl Event {
    /// Of a message. `topic` is what was subscribed to; `dropped`, how many events before this one were not read in time.
    #[must_use]
    pub fn new(event: message::Event, topic: &ByteString, dropped: u64) -> Self {
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

    /// How many events before this one, and after the one that was read before it, were dropped, because they were not read in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

//! An event as it is kept.

use std::mem::size_of;
use std::time::SystemTime;

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::details::{EventDetails, Receivers};
use wamp_proto::payload::Payload;

use crate::router::detach::Detach as _;

/// An event as it is kept.
///
/// Events that were published for certain sessions never get here: when somebody asks, these sessions are long gone.
///
/// The WAMP specification, "Event History".
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "stores of others must be able to make one of what they read"
)]
pub struct StoredEvent {
    /// Its id.
    pub publication: Id,
    /// What it was published to.
    pub topic: ByteString,
    /// When it was published. Only microseconds count.
    pub timestamp: SystemTime,
    /// The arguments, in the format of the publisher.
    pub payload: Payload,
    /// The same as those of the EVENT that subscribers got, except for what differs among them.
    pub details: EventDetails,
    /// Who may see it. No lists of sessions: an event that has some is for nobody.
    pub receivers: Receivers,
}

impl StoredEvent {
    /// Whether somebody may see it.
    #[must_use]
    pub fn is_for(&self, authid: &str, authrole: &str) -> bool {
        admits(&self.receivers, authid, authrole)
    }

    /// How many bytes it takes, roughly.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>()
            + self.topic.weight()
            + self.payload.weight()
            + self.details.weight()
            + self.receivers.weight()
    }

    /// The same event, which keeps no frame alive.
    pub(super) fn detached(&self) -> Self {
        Self {
            publication: self.publication,
            topic: self.topic.detached(),
            timestamp: self.timestamp,
            payload: self.payload.detached(),
            details: self.details.detached(),
            receivers: self.receivers.detached(),
        }
    }
}

/// Whether the lists admit somebody.
pub(super) fn admits(receivers: &Receivers, authid: &str, authrole: &str) -> bool {
    let within = |list: &Option<Vec<ByteString>>, text: &str| {
        list.as_ref().map(|list| list.iter().any(|it| *it == text))
    };
    receivers.exclude.is_none()
        && receivers.eligible.is_none()
        && within(&receivers.eligible_authid, authid) != Some(false)
        && within(&receivers.eligible_authrole, authrole) != Some(false)
        && within(&receivers.exclude_authid, authid) != Some(true)
        && within(&receivers.exclude_authrole, authrole) != Some(true)
}

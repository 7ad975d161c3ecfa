//! An event on its way to its subscribers.

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use wamp_proto::codec::{EncodeError, Format};
use wamp_proto::id::Id;
use wamp_proto::message::details::EventDetails;
use wamp_proto::message::{Event, Message};
use wamp_proto::payload::Payload;

use super::Realm;
use crate::handler::reply::IntoPayload;
use crate::router::broker::Receiver;

/// An event that not all subscribers of its topic receive.
///
/// A session receives it if it is in every list of eligible ones and in no list of excluded ones.
///
/// ```
/// # use wamp_server::{Realm, Session};
/// # fn f(realm: &Realm, sender: &Session) -> Result<(), Box<dyn std::error::Error>> {
/// realm.publication("chat.lobby").exclude([sender.id()]).send("hello")?;
/// # Ok(())
/// # }
/// ```
///
/// The WAMP specification, "Subscriber Black- and Whitelisting".
#[derive(Debug)]
#[must_use = "an event is published by `send`"]
pub struct Publication<'a> {
    realm: &'a Realm,
    topic: &'a str,
    exclude: SmallVec<[Id; 4]>,
    eligible: Option<SmallVec<[Id; 4]>>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Published {
    /// Its id, the same for all subscribers.
    pub id: Id,
    /// How many sessions it was queued for.
    pub receivers: usize,
}

impl<'a> Publication<'a> {
    pub(super) fn new(realm: &'a Realm, topic: &'a str) -> Self {
        Self {
            realm,
            topic,
            exclude: SmallVec::new(),
            eligible: None,
        }
    }

    /// Leaves these sessions out.
    pub fn exclude(mut self, sessions: impl IntoIterator<Item = Id>) -> Self {
        self.exclude.extend(sessions);
        self
    }

    /// Leaves out all but these sessions; an empty list means nobody.
    pub fn eligible(mut self, sessions: impl IntoIterator<Item = Id>) -> Self {
        self.eligible.get_or_insert_default().extend(sessions);
        self
    }

    /// Publishes the event.
    ///
    /// # Errors
    ///
    /// When the value cannot be serialized. One that only some serializers can express, such as infinity, which JSON cannot, is
    /// left out for the sessions that use the others, and the log says so.
    pub fn send<Via>(self, value: impl IntoPayload<Via>) -> Result<Published, EncodeError> {
        let id = self.realm.inner().shared.random_id();
        let mut receivers = 0;
        let Some(subscription) = self.realm.inner().broker.find(self.topic) else {
            // A mistake in the value is reported whether somebody listens or not.
            value.to_payload(Format::Cbor)?;
            return Ok(Published { id, receivers });
        };
        // One serializer that every value fits into, so that only what a format cannot express is lost to it.
        let mut frames = Frames {
            event: Event {
                payload: value.to_payload(Format::Cbor)?,
                subscription: subscription.id,
                publication: id,
                details: EventDetails::default(),
            },
            encoded: SmallVec::new(),
        };
        subscription.for_each(|session| {
            if self.reaches(session)
                && let Some(frame) = frames.get(session.format())
                && session.push(frame)
            {
                receivers += 1;
            }
        });
        Ok(Published { id, receivers })
    }

    fn reaches(&self, session: &dyn Receiver) -> bool {
        let listed = |list: &[Id]| list.contains(&session.id());
        !listed(&self.exclude) && self.eligible.as_deref().is_none_or(listed)
    }
}

/// The same EVENT in every serializer that somebody uses.
struct Frames {
    event: Event,
    encoded: SmallVec<[(Format, Option<Bytes>); 3]>,
}

impl Frames {
    fn get(&mut self, format: Format) -> Option<Bytes> {
        if let Some((_, frame)) = self.encoded.iter().find(|(it, _)| *it == format) {
            return frame.clone();
        }
        let frame = encode(&self.event, format);
        self.encoded.push((format, frame.clone()));
        frame
    }
}

#[cold]
fn encode(event: &Event, format: Format) -> Option<Bytes> {
    let mut out = BytesMut::new();
    match Message::Event(event.clone()).encode(format, &mut out) {
        Ok(()) => Some(out.freeze()),
        Err(error) => {
            tracing::warn!(subscription = event.subscription.get(), format = format.name(), %error,
                "an event is not sent to those who use this serializer");
            None
        }
    }
}

/// The EVENT for one session.
pub(crate) fn event(
    subscription: Id,
    publication: Id,
    payload: Payload,
    format: Format,
) -> Result<Bytes, EncodeError> {
    let mut out = BytesMut::new();
    let event = Event {
        payload,
        subscription,
        publication,
        details: EventDetails::default(),
    };
    Message::Event(event).encode(format, &mut out)?;
    Ok(out.freeze())
}

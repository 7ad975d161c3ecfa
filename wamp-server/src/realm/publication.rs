//! An event on its way to its subscribers.

use smallvec::SmallVec;
use wamp_proto::codec::{EncodeError, Format};
use wamp_proto::id::Id;
use wamp_proto::message::details::{EventDetails, Publisher};

use super::Realm;
use crate::handler::reply::IntoPayload;
use crate::router::publishing::Event;
use crate::session::{Delivery, Session};

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
    /// The one session that it is for.
    only: Option<&'a Session>,
    details: EventDetails,
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
            only: None,
            details: EventDetails::default(),
        }
    }

    pub(crate) fn to(session: &'a Session, topic: &'a str) -> Self {
        Self {
            only: Some(session),
            ..Self::new(session.realm(), topic)
        }
    }

    /// Tells the subscribers who publishes. Whether they may be told is yours to decide: see
    /// [`Call::is_disclosed`](crate::Call::is_disclosed). WAMP, "Publisher Identification".
    pub fn publisher(mut self, session: &Session) -> Self {
        let auth = session.auth();
        let publisher = Publisher {
            session: Some(session.id()),
            authid: Some(auth.id.clone()),
            authrole: Some(auth.role.clone()),
        };
        self.details.publisher = Some(Box::new(publisher));
        self
    }

    /// Tells the subscribers how much the publisher is trusted. WAMP, "Publication Trust Levels".
    pub fn trust_level(mut self, level: u64) -> Self {
        self.details.trustlevel = Some(level);
        self
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
        if let Some(session) = self.only {
            let payload = value.to_payload(session.format())?;
            if self.reaches(session.id()) {
                let delivery = session.deliver(self.topic, id, payload, self.details)?;
                receivers += usize::from(delivery == Delivery::Queued);
            }
            return Ok(Published { id, receivers });
        }
        // One serializer that every value fits into, so that only what a format cannot express is lost to it.
        let event = Event {
            details: self.details.clone(),
            ..Event::new(self.topic.into(), id, value.to_payload(Format::Cbor)?)
        };
        let broker = &self.realm.inner().broker;
        receivers += broker.publish(&event, |peer| self.reaches(peer.id()));
        Ok(Published { id, receivers })
    }

    fn reaches(&self, session: Id) -> bool {
        let listed = |list: &[Id]| list.contains(&session);
        !listed(&self.exclude) && self.eligible.as_deref().is_none_or(listed)
    }
}

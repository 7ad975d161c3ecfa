//! An event on its way to its subscribers.

use bytestring::ByteString;
use serde::Serialize;
use wamp_proto::codec::{EncodeError, Format};
use wamp_proto::id::Id;
use wamp_proto::message::Raw;
use wamp_proto::message::details::{EventDetails, PublishOptions, Publisher, Receivers};

use wamp_uri::Rule;

use super::Realm;
use crate::app::shared::now;
use crate::handler::reply::IntoPayload;
use crate::router::audience::Audience;
use crate::router::publishing::{Event, is_for_some};
use crate::router::shard;
use crate::session::{Delivery, Session};

/// An event that says more than its arguments: whom it is for, who publishes it, whether it is retained.
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
/// Where the realm has [joined](crate::App::join) another router, the event is published there, too, as one of ours: who else publishes it
/// and how much he is trusted is for the router to say.
///
/// The WAMP specification, "Subscriber Black- and Whitelisting".
#[derive(Debug)]
#[must_use = "an event is published by `send`"]
pub struct Publication<'a> {
    realm: &'a Realm,
    topic: &'a str,
    receivers: Option<Box<Receivers>>,
    key: Option<Result<Raw, EncodeError>>,
    /// The one session that it is for.
    only: Option<&'a Session>,
    retain: bool,
    details: EventDetails,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Published {
    /// Its id, the same for all subscribers.
    pub id: Id,
    /// How many sessions it was queued for. Where the realm has [joined](crate::App::join) another router, only those are counted that are
    /// connected here: nobody is waited for to say how many there are at the router.
    pub receivers: usize,
}

impl<'a> Publication<'a> {
    pub(super) fn new(realm: &'a Realm, topic: &'a str) -> Self {
        Self {
            realm,
            topic,
            receivers: None,
            key: None,
            only: None,
            retain: false,
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
        add(&mut self.receivers().exclude, sessions);
        self
    }

    /// Leaves out whoever is authenticated as one of these.
    pub fn exclude_authid<S: Into<ByteString>>(
        mut self,
        authids: impl IntoIterator<Item = S>,
    ) -> Self {
        add(&mut self.receivers().exclude_authid, authids);
        self
    }

    /// Leaves out whoever has one of these roles.
    pub fn exclude_authrole<S: Into<ByteString>>(
        mut self,
        roles: impl IntoIterator<Item = S>,
    ) -> Self {
        add(&mut self.receivers().exclude_authrole, roles);
        self
    }

    /// Leaves out all but these sessions; an empty list means nobody.
    pub fn eligible(mut self, sessions: impl IntoIterator<Item = Id>) -> Self {
        add(&mut self.receivers().eligible, sessions);
        self
    }

    /// Leaves out whoever is not authenticated as one of these; an empty list means nobody.
    pub fn eligible_authid<S: Into<ByteString>>(
        mut self,
        authids: impl IntoIterator<Item = S>,
    ) -> Self {
        add(&mut self.receivers().eligible_authid, authids);
        self
    }

    /// Leaves out whoever has none of these roles; an empty list means nobody.
    ///
    /// ```
    /// # fn f(realm: &wamp_server::Realm) -> Result<(), Box<dyn std::error::Error>> {
    /// realm.publication("alarm").eligible_authrole(["operator", "admin"]).send("fire")?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn eligible_authrole<S: Into<ByteString>>(
        mut self,
        roles: impl IntoIterator<Item = S>,
    ) -> Self {
        add(&mut self.receivers().eligible_authrole, roles);
        self
    }

    /// Sets what decides for one of the subscribers that share the topic: the same one receives the events with the same key, as long as it
    /// is there. Those that share nothing receive all. WAMP, "Sharded Subscription".
    pub fn key(mut self, key: impl Serialize) -> Self {
        self.key = Some(Raw::new(Format::Cbor, &key));
        self
    }

    /// Keeps the event for those who subscribe later and ask for it, until a newer one takes its place; see
    /// [`RouterOptions::retention`](crate::RouterOptions::retention). An event for one session is not kept. WAMP, "Event Retention".
    ///
    /// ```
    /// # fn f(realm: &wamp_server::Realm) -> Result<(), Box<dyn std::error::Error>> {
    /// realm.publication("weather.vienna").retain().send(("sunny", 21))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn retain(mut self) -> Self {
        self.retain = true;
        self
    }

    fn receivers(&mut self) -> &mut Receivers {
        self.receivers.get_or_insert_default()
    }

    /// Publishes the event.
    ///
    /// # Errors
    ///
    /// When the value or the key cannot be serialized, or the topic is no URI, or one of the router's own: `wamp.…`. A value that only some serializers can express, such as infinity, which JSON cannot,
    /// is left out for the sessions that use the others, and the log says so.
    pub fn send<Via>(self, value: impl IntoPayload<Via>) -> Result<Published, EncodeError> {
        let Self {
            realm,
            topic,
            receivers,
            key,
            only,
            retain,
            details,
        } = self;
        check(topic)?;
        let key = key.transpose()?;
        let id = realm.inner().shared.random_id();
        let is_for_some = is_for_some(receivers.as_deref());
        if let Some(guest) = only.and_then(Session::guest) {
            let receivers = receivers.map(|it| *it).unwrap_or_default();
            let payload = value.to_payload(Format::Cbor)?;
            let sent = guest.publish(topic, receivers, payload) == Delivery::Queued;
            let receivers = usize::from(sent);
            return Ok(Published { id, receivers });
        }
        let upward = only.is_none().then(|| realm.inner().upstream.uplink());
        let upward = upward.flatten().map(|uplink| {
            let options = PublishOptions {
                receivers: receivers.clone(),
                rkey: key.clone(),
                retain,
                ..PublishOptions::default()
            };
            (uplink, options)
        });
        let audience = Audience::new(receivers, None, false);
        if let Some(session) = only {
            let payload = value.to_payload(session.format())?;
            let auth = session.auth();
            let mut receivers = 0;
            if audience.admits(session.id(), &auth.id, &auth.role) {
                let delivery = session.deliver(topic, id, payload, details)?;
                receivers += usize::from(delivery == Delivery::Queued);
            }
            return Ok(Published { id, receivers });
        }
        let event = Event {
            details,
            key: key.as_ref().map(shard::key),
            is_for_some,
            // One serializer that every value fits into, so that only what a format cannot express is lost to it.
            ..Event::new(topic.into(), id, value.to_payload(Format::Cbor)?)
        };
        if let Some((uplink, options)) = upward
            && !uplink.publish(topic, options, event.payload.clone())
        {
            tracing::warn!(topic, "an event does not reach the router");
        }
        let broker = &realm.inner().broker;
        let receivers = broker.publish_to(&event, &audience, retain, now());
        Ok(Published { id, receivers })
    }
}

/// What can be published to.
fn check(topic: &str) -> Result<(), EncodeError> {
    wamp_uri::check(topic, Rule::Loose)
        .and_then(|()| wamp_uri::check_limits(topic))
        .map_err(|error| EncodeError::new(format!("the topic `{topic}`: {error}")))?;
    if wamp_uri::is_reserved(topic) {
        return Err(EncodeError::new(
            "topics that begin with `wamp.` are reserved",
        ));
    }
    Ok(())
}

/// What was listed before stays.
fn add<T, S: Into<T>>(list: &mut Option<Vec<T>>, more: impl IntoIterator<Item = S>) {
    let list = list.get_or_insert_default();
    list.extend(more.into_iter().map(Into::into));
}

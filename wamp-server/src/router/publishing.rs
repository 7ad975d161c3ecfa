//! From PUBLISH to EVENTs.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use smallvec::SmallVec;
use wamp_proto::codec::{EncodeError, Format};
use wamp_proto::id::Id;
use wamp_proto::message::details::{EventDetails, Receivers};
use wamp_proto::message::{self, Feature, Overflow};
use wamp_proto::payload::Payload;
use wamp_uri::Match;

use super::broker::Broker;
use super::listener::{self, Listener};
use super::passing::is_passthru;
use super::peer::{Peer, Role};
use super::subscription::{Member, Subscription};
use crate::permission::Action;

/// An event, whoever publishes it.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) topic: ByteString,
    pub(crate) publication: Id,
    pub(crate) payload: Payload,
    /// Without the topic, which only those get who are subscribed to patterns.
    pub(crate) details: EventDetails,
    /// What decides for subscribers that have a key.
    pub(crate) key: Option<u64>,
    /// Whether it is for certain sessions only; then it is for nothing that is none.
    pub(crate) is_for_some: bool,
}

/// Whether an event is for certain sessions only.
pub(crate) fn is_for_some(receivers: Option<&Receivers>) -> bool {
    receivers.is_some_and(|it| {
        it.eligible.is_some() || it.eligible_authid.is_some() || it.eligible_authrole.is_some()
    })
}

impl Event {
    pub(crate) fn new(topic: ByteString, publication: Id, payload: Payload) -> Self {
        Self {
            topic,
            publication,
            payload,
            details: EventDetails::default(),
            key: None,
            is_for_some: false,
        }
    }
}

impl Broker {
    /// Queues an event for everybody that it is for and that `admits` says yes to; how many these are.
    pub(crate) fn publish(&self, event: &Event, admits: impl Fn(&dyn Peer) -> bool) -> usize {
        self.deliver(event, &self.matching(&event.topic), admits)
    }

    pub(super) fn deliver(
        &self,
        event: &Event,
        subscriptions: &[Arc<Subscription>],
        admits: impl Fn(&dyn Peer) -> bool,
    ) -> usize {
        let patterns = subscriptions.iter().any(|it| it.matching != Match::Exact);
        let guarded = patterns && self.is_guarded(&event.topic);
        let passthru = is_passthru(&event.details.ppt);
        let mut rights = Rights::new(self, &event.topic);
        let mut receivers = 0;
        for subscription in subscriptions {
            let is_pattern = subscription.matching != Match::Exact;
            let mut frames = Frames::new(event, subscription);
            if !event.is_for_some {
                subscription.for_each_listener(|listener| frames.tell(listener));
            }
            if is_pattern && guarded {
                continue;
            }
            let mut admitted = |member: &Member| {
                let peer = &*member.peer;
                admits(peer)
                    && (!is_pattern || rights.admit(peer))
                    && (!passthru || peer.announces(Role::Subscriber, Feature::PayloadPassthruMode))
            };
            subscription.for_each(event.key, &mut admitted, |member| {
                receivers += usize::from(frames.send(member));
            });
        }
        receivers
    }
}

/// Which roles may have events of one topic, whatever patterns they are subscribed to.
pub(super) struct Rights<'a> {
    broker: &'a Broker,
    topic: &'a str,
    known: SmallVec<[(ByteString, bool); 4]>,
}

impl<'a> Rights<'a> {
    pub(super) fn new(broker: &'a Broker, topic: &'a str) -> Self {
        Self {
            broker,
            topic,
            known: SmallVec::new(),
        }
    }

    pub(super) fn admit(&mut self, peer: &dyn Peer) -> bool {
        let Some(roles) = &self.broker.roles else {
            return true;
        };
        let role = peer.authrole();
        if let Some((_, admitted)) = self.known.iter().find(|(it, _)| *it == role) {
            return *admitted;
        }
        let admitted = roles.allows(role, self.topic, Action::Subscribe);
        self.known.push((role.into(), admitted));
        admitted
    }
}

/// The same EVENT in every serializer that somebody uses.
pub(crate) struct Frames<'a> {
    event: &'a Event,
    subscription: &'a Subscription,
    encoded: SmallVec<[(Format, Option<Bytes>); 3]>,
    /// The event in other serializers, for those who are told something of their own with it.
    transcoded: Vec<Event>,
}

impl<'a> Frames<'a> {
    pub(crate) fn new(event: &'a Event, subscription: &'a Subscription) -> Self {
        Self {
            event,
            subscription,
            encoded: SmallVec::new(),
            transcoded: Vec::new(),
        }
    }

    /// Queues it for one member; false if it does not get it.
    pub(crate) fn send(&mut self, member: &Member) -> bool {
        let format = member.peer.format();
        let Some(frame) = self.get(format) else {
            return false;
        };
        let is_lossy = member.overflow != Overflow::Disconnect;
        if !is_lossy || format == self.event.payload.format() {
            return queue(self.event, self.subscription, member, frame);
        }
        let at = self
            .transcoded
            .iter()
            .position(|it| it.payload.format() == format);
        let at = at.unwrap_or_else(|| {
            // What could be encoded can be transcoded.
            let payload = self.event.payload.transcode(format).unwrap_or_default();
            self.transcoded.push(Event {
                payload,
                ..self.event.clone()
            });
            self.transcoded.len() - 1
        });
        self.transcoded
            .get(at)
            .is_some_and(|event| queue(event, self.subscription, member, frame))
    }

    /// Queues it for server code.
    fn tell(&mut self, listener: &Listener) {
        if let Some(frame) = self.get(listener::FORMAT) {
            listener.push(frame);
        }
    }

    fn get(&mut self, format: Format) -> Option<Bytes> {
        if let Some((_, frame)) = self.encoded.iter().find(|(it, _)| *it == format) {
            return frame.clone();
        }
        let frame = match encode(self.event, self.subscription, format, None) {
            Ok(frame) => Some(frame),
            Err(error) => {
                tracing::warn!(subscription = self.subscription.id.get(), format = format.name(), %error,
                    "an event is not sent to those who use this serializer");
                None
            }
        };
        self.encoded.push((format, frame.clone()));
        frame
    }
}

/// Queues an EVENT for one member, as its subscription wants it; false if it does not get it.
pub(crate) fn queue(
    event: &Event,
    subscription: &Subscription,
    member: &Member,
    frame: Bytes,
) -> bool {
    let peer = &*member.peer;
    if peer.is_elsewhere() {
        return false;
    }
    if member.overflow == Overflow::Disconnect {
        return peer.push(frame);
    }
    peer.push_lossy(subscription.id, member.overflow, &|dropped| {
        let frame = match dropped {
            0 => Some(frame.clone()),
            _ => encode(event, subscription, peer.format(), Some(dropped)).ok(),
        };
        frame.filter(|it| it.len() <= peer.max_message())
    })
}

/// The EVENT for a subscription, which tells how many were left out before it.
pub(crate) fn encode(
    event: &Event,
    subscription: &Subscription,
    format: Format,
    dropped: Option<u64>,
) -> Result<Bytes, EncodeError> {
    let mut details = event.details.clone();
    details.dropped = dropped;
    if subscription.matching != Match::Exact {
        details.topic = Some(event.topic.clone());
    }
    let mut out = BytesMut::with_capacity(event.payload.len() + 48);
    let message = message::Event {
        subscription: subscription.id,
        publication: event.publication,
        details,
        payload: event.payload.clone(),
    };
    message.encode(format, &mut out)?;
    Ok(out.freeze())
}

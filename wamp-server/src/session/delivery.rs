//! Events for one session.

use wamp_proto::codec::EncodeError;
use wamp_proto::id::Id;
use wamp_proto::message::details::{EventDetails, Receivers};
use wamp_proto::payload::Payload;
use wamp_uri::Match;

use super::Session;
use crate::handler::reply::IntoPayload;
use crate::realm::Publication;
use crate::router::publishing::{self, Event};
use crate::router::subscription::Subscription;

impl Session {
    /// Sends an event to this session alone, if it is subscribed to `topic`. Inside the handler of that very topic it is sent
    /// after the subscription is confirmed.
    ///
    /// Where the application is [joined](crate::App::join), the session stands for a peer of the router, which gets the event if it is
    /// subscribed there. If the router does not say who that peer is, there is nobody to send it to: [`Delivery::NotSubscribed`].
    ///
    /// ```
    /// use wamp_server::{Session, topic};
    ///
    /// #[topic("weather.vienna")]
    /// async fn weather(session: &Session) -> Result<(), wamp_server::CallError> {
    ///     session.publish("weather.vienna", ("sunny", 21))?; // the current state at once
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When the value cannot be serialized.
    pub fn publish<Via>(
        &self,
        topic: &str,
        value: impl IntoPayload<Via>,
    ) -> Result<Delivery, EncodeError> {
        let payload = value.to_payload(self.format())?;
        let publication = self.inner.realm.inner().shared.random_id();
        self.deliver(topic, publication, payload, EventDetails::default())
    }

    /// Begins an event for this session alone that says more than its arguments.
    ///
    /// ```
    /// # fn f(session: &wamp_server::Session) -> Result<(), Box<dyn std::error::Error>> {
    /// session.publication("weather.vienna").trust_level(3).send(("sunny", 21))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn publication<'a>(&'a self, topic: &'a str) -> Publication<'a> {
        Publication::to(self, topic)
    }

    /// Bytes of events from before that may be queued at once: no more than half of what is waited for, or a slow peer is none of its
    /// own making.
    pub(super) fn room_for_retained(&self, waiting: usize) -> usize {
        let soft = self.realm().inner().shared.limits.outbound_soft;
        (soft / 2).saturating_sub(waiting + self.outbox().len())
    }

    pub(crate) fn deliver(
        &self,
        topic: &str,
        publication: Id,
        payload: Payload,
        details: EventDetails,
    ) -> Result<Delivery, EncodeError> {
        if let Some(guest) = self.guest() {
            return Ok(guest.publish(topic, Receivers::default(), payload));
        }
        let event = Event {
            details,
            ..Event::new(topic.into(), publication, payload)
        };
        let encode = |subscription: &Subscription| {
            publishing::encode(&event, subscription, self.format(), None)
        };
        if let Some(pending) = self.inner.pending.find(topic, Match::Exact) {
            let frame = encode(pending.subscription())?;
            return Ok(Delivery::from(pending.send(frame)));
        }
        let Some(subscription) = self.inner.realm.inner().broker.find(topic) else {
            return Ok(Delivery::NotSubscribed);
        };
        let frame = encode(&subscription)?;
        let queued = subscription.deliver_to(self.id(), |member| {
            publishing::queue(&event, &subscription, member, frame)
        });
        Ok(queued.map_or(Delivery::NotSubscribed, Delivery::from))
    }

    /// The same, under the name that serverwamp gave it.
    ///
    /// # Errors
    ///
    /// Those of [`publish`](Self::publish).
    pub fn send_event<Via>(
        &self,
        topic: &str,
        value: impl IntoPayload<Via>,
    ) -> Result<Delivery, EncodeError> {
        self.publish(topic, value)
    }
}

/// What became of an event for one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is on its way.
    Queued,
    /// The session is not subscribed to the topic.
    NotSubscribed,
    /// The session has ended, or is being ended because it does not read.
    Ended,
}

impl From<bool> for Delivery {
    fn from(queued: bool) -> Self {
        if queued { Self::Queued } else { Self::Ended }
    }
}

//! What the router tells of itself: the events of the meta API. WAMP, "WAMP Meta API".

use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Value, json};
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::Raw;
use wamp_proto::payload::Payload;

use super::broker::Broker;
use super::publishing::Event;
use super::registration::Registration;
use super::subscription::Subscription;

/// What is told of a registration.
pub(crate) fn registration_details(registration: &Registration) -> Value {
    let mut details = json!({
        "id": registration.id,
        "created": timestamp(registration.created),
        "uri": &*registration.uri,
        "match": registration.matching.as_str(),
        "invoke": registration.invoke.as_str(),
    });
    let description = registration.description.as_ref();
    if let Some(Ok(description)) = description.map(Raw::decode)
        && let Some(details) = details.as_object_mut()
    {
        details.insert("_description".to_owned(), description);
    }
    details
}

/// What is told of a subscription.
pub(crate) fn subscription_details(subscription: &Subscription) -> Value {
    json!({
        "id": subscription.id,
        "created": timestamp(subscription.created),
        "uri": &*subscription.topic,
        "match": subscription.matching.as_str(),
    })
}

/// ISO 8601.
pub(crate) fn timestamp(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}

pub(super) fn registration_created(broker: &Broker, session: Id, registration: &Registration) {
    if !is_heard(broker, "wamp.registration.on_create") {
        return;
    }
    let details = registration_details(registration);
    tell(broker, "wamp.registration.on_create", &(session, details));
}

pub(super) fn registered(broker: &Broker, session: Id, registration: Id) {
    tell(
        broker,
        "wamp.registration.on_register",
        &(session, registration),
    );
}

pub(super) fn unregistered(broker: &Broker, session: Id, registration: Id) {
    tell(
        broker,
        "wamp.registration.on_unregister",
        &(session, registration),
    );
}

pub(super) fn registration_deleted(broker: &Broker, session: Id, registration: Id) {
    tell(
        broker,
        "wamp.registration.on_delete",
        &(session, registration),
    );
}

pub(super) fn subscription_created(broker: &Broker, session: Id, subscription: &Subscription) {
    let details = subscription_details(subscription);
    tell(broker, "wamp.subscription.on_create", &(session, details));
}

pub(super) fn subscribed(broker: &Broker, session: Id, subscription: Id) {
    tell(
        broker,
        "wamp.subscription.on_subscribe",
        &(session, subscription),
    );
}

pub(super) fn unsubscribed(broker: &Broker, session: Id, subscription: Id) {
    tell(
        broker,
        "wamp.subscription.on_unsubscribe",
        &(session, subscription),
    );
}

pub(super) fn subscription_deleted(broker: &Broker, session: Id, subscription: Id) {
    tell(
        broker,
        "wamp.subscription.on_delete",
        &(session, subscription),
    );
}

fn is_heard(broker: &Broker, topic: &str) -> bool {
    broker.matching(topic).iter().any(|it| it.is_heard())
}

/// Publishes what the router has to say, if anybody listens.
pub(crate) fn tell(broker: &Broker, topic: &'static str, args: &impl Serialize) {
    let subscriptions = broker.matching(topic);
    if !subscriptions.iter().any(|it| it.is_heard()) {
        return;
    }
    match Payload::from_value(Format::Cbor, args) {
        Ok(payload) => {
            let event = Event::new(topic.into(), broker.next_publication(), payload);
            broker.deliver(&event, &subscriptions, |_| true);
        }
        Err(error) => tracing::error!(topic, %error, "an event of the router cannot be encoded"),
    }
}

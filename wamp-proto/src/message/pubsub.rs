//! Publishing and subscribing. WAMP, "Publish and Subscribe".

use bytestring::ByteString;

use super::details::{EventDetails, PublishOptions, SubscribeOptions, UnsubscribedDetails};
use super::element::message;
use super::revocation::revocable;
use crate::id::Id;

message! {
    /// `[PUBLISH, Request|id, Options|dict, Topic|uri]`, maybe with arguments: a publisher publishes an event.
    pub struct Publish = PUBLISH {
        /// The number of the request.
        "Request" => request: Id,
        /// Who shall receive it, and whether to answer.
        "Options" => options: PublishOptions,
        /// What to publish to.
        "Topic" => topic: ByteString,
    } + payload
}

message! {
    /// `[PUBLISHED, PUBLISH.Request|id, Publication|id]`: the event was published.
    pub struct Published = PUBLISHED {
        /// The request.
        "PUBLISH.Request" => request: Id,
        /// The publication.
        "Publication" => publication: Id,
    }
}

message! {
    /// `[SUBSCRIBE, Request|id, Options|dict, Topic|uri]`: a subscriber subscribes to a topic.
    pub struct Subscribe = SUBSCRIBE {
        /// The number of the request.
        "Request" => request: Id,
        /// How to match.
        "Options" => options: SubscribeOptions,
        /// What to subscribe to: a URI or a pattern.
        "Topic" => topic: ByteString,
    }
}

message! {
    /// `[SUBSCRIBED, SUBSCRIBE.Request|id, Subscription|id]`: events will come.
    pub struct Subscribed = SUBSCRIBED {
        /// The request.
        "SUBSCRIBE.Request" => request: Id,
        /// The subscription.
        "Subscription" => subscription: Id,
    }
}

message! {
    /// `[UNSUBSCRIBE, Request|id, SUBSCRIBED.Subscription|id]`: a subscriber gives a subscription up.
    pub struct Unsubscribe = UNSUBSCRIBE {
        /// The number of the request.
        "Request" => request: Id,
        /// The subscription.
        "SUBSCRIBED.Subscription" => subscription: Id,
    }
}

revocable! {
    /// `[UNSUBSCRIBED, UNSUBSCRIBE.Request|id]`: the subscription has ended; or `[UNSUBSCRIBED, 0, Details|dict]`: the router took it away
    /// by itself. WAMP, "Subscription Revocation".
    pub struct Unsubscribed = UNSUBSCRIBED {
        "UNSUBSCRIBE.Request", "subscription" => subscription: UnsubscribedDetails,
    }
}

message! {
    /// `[EVENT, SUBSCRIBED.Subscription|id, PUBLISHED.Publication|id, Details|dict]`, maybe with arguments: an event for a subscriber.
    pub struct Event = EVENT {
        /// The subscription that the event matches.
        "SUBSCRIBED.Subscription" => subscription: Id,
        /// The publication.
        "PUBLISHED.Publication" => publication: Id,
        /// About the event.
        "Details" => details: EventDetails,
    } + payload
}

message! {
    /// `[EVENT_RECEIVED, PUBLISHED.Publication|id]`: a subscriber acknowledges an event. Not in the specification, but in its test vectors.
    pub struct EventReceived = EVENT_RECEIVED {
        /// The publication.
        "PUBLISHED.Publication" => publication: Id,
    }
}

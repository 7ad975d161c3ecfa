use bytestring::ByteString;
use wamp_uri::Match;

use super::Passthru;
use crate::id::Id;
use crate::message::dictionary::dictionary;
use crate::message::{Overflow, Raw};

dictionary! {
    /// `PUBLISH.Options`.
    pub struct PublishOptions {
        /// Whether to answer. Without it there is no answer, not even an ERROR.
        "acknowledge" => acknowledge: bool,
        /// Whether the publisher is left out of the subscribers; `true` if absent. WAMP, "Publisher Exclusion".
        "exclude_me" => exclude_me: Option<bool>,
        /// Whether later subscribers get the event, too. WAMP, "Event Retention".
        "retain" => retain: bool,
        /// Whether subscribers shall know who publishes. WAMP, "Publisher Identification".
        "disclose_me" => disclose_me: Option<bool>,
        /// What decides for a subscriber. WAMP, "Sharded Subscription".
        "rkey" => rkey: Option<Raw>,
    } + {
        /// Who among the subscribers receives the event.
        receivers: Receivers,
        /// The payload has a serialization of its own.
        ppt: Passthru,
    }
}

dictionary! {
    /// A session receives the event if it is in every list `eligible*` that is there and in no list `exclude*`. A list that is empty is
    /// there. WAMP, "Subscriber Black- and Whitelisting".
    pub group Receivers {
        /// Sessions that do not receive it.
        "exclude" => exclude: Option<Vec<Id>>,
        /// Identities that do not receive it.
        "exclude_authid" => exclude_authid: Option<Vec<ByteString>>,
        /// Roles that do not receive it.
        "exclude_authrole" => exclude_authrole: Option<Vec<ByteString>>,
        /// The only sessions that receive it.
        "eligible" => eligible: Option<Vec<Id>>,
        /// The only identities that receive it.
        "eligible_authid" => eligible_authid: Option<Vec<ByteString>>,
        /// The only roles that receive it.
        "eligible_authrole" => eligible_authrole: Option<Vec<ByteString>>,
    }
}

dictionary! {
    /// `SUBSCRIBE.Options`.
    pub struct SubscribeOptions {
        /// How the topic is compared with those of events. WAMP, "Pattern-based Subscriptions".
        "match" => matching: Match,
        /// Whether to send the event that was retained. WAMP, "Event Retention".
        "get_retained" => get_retained: bool,
        /// Which events the subscriber wants. WAMP, "Sharded Subscription".
        "nkey" => nkey: Option<Raw>,
        /// What becomes of events that the subscriber does not read in time. An extension of this implementation.
        "_overflow" => overflow: Option<Overflow>,
    }
}

dictionary! {
    /// `UNSUBSCRIBED.Details`: what was taken away. WAMP, "Subscription Revocation".
    pub struct UnsubscribedDetails {
        /// The subscription.
        "subscription" => subscription: Option<Id>,
        /// Why.
        "reason" => reason: Option<ByteString>,
    }
}

dictionary! {
    /// `EVENT.Details`.
    pub struct EventDetails {
        /// What was published to. Necessary when a pattern is subscribed to. WAMP, "Pattern-based Subscriptions".
        "topic" => topic: Option<ByteString>,
        /// How much the publisher is trusted. WAMP, "Publication Trust Levels".
        "trustlevel" => trustlevel: Option<u64>,
        /// The event was published before the subscription. WAMP, "Event Retention".
        "retained" => retained: bool,
        /// How many events of this subscription were left out before this one. An extension of this implementation.
        "_dropped" => dropped: Option<u64>,
    } + {
        /// Who publishes, if it is disclosed.
        publisher: Publisher,
        /// The payload has a serialization of its own.
        ppt: Passthru,
    }
}

dictionary! {
    /// Who publishes. WAMP, "Publisher Identification".
    pub group Publisher {
        /// The session.
        "publisher" => session: Option<Id>,
        /// Who it was authenticated as.
        "publisher_authid" => authid: Option<ByteString>,
        /// What it may do.
        "publisher_authrole" => authrole: Option<ByteString>,
    }
}

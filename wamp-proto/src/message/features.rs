use super::Unknown;
use super::decode::{Decoded, Decoder};
use super::dictionary::{self, Dictionary, Entries};
use super::encode::{Encoded, Encoder};
use super::value::Item;
use crate::codec::Token;

/// Declares the features, their names, and the names that they also go by.
macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $(| $alias:literal)*,)+) => {
        /// A feature of the advanced profile, of any role. WAMP, "Features".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Feature {
            $($(#[$doc])* $variant,)+
        }

        impl Feature {
            /// Every feature.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The key that announces it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The feature that `key` announces.
            pub fn from_name(key: &str) -> Option<Self> {
                match key {
                    $($name $(| $alias)* => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

features! {
    /// RESULTs before the last one.
    ProgressiveCallResults = "progressive_call_results",
    /// A call in several messages.
    ProgressiveCallInvocations = "progressive_call_invocations" | "progressive_calls",
    /// Calls that must be answered in time.
    CallTimeout = "call_timeout",
    /// CANCEL and INTERRUPT. One page of the specification writes it with two `l`.
    CallCanceling = "call_canceling" | "call_cancelling",
    /// Telling callees who calls.
    CallerIdentification = "caller_identification",
    /// Telling callees how much the caller is trusted.
    CallTrustlevels = "call_trustlevels",
    /// `wamp.registration.*`.
    RegistrationMetaApi = "registration_meta_api",
    /// Registering prefixes and wildcard patterns.
    PatternBasedRegistration = "pattern_based_registration",
    /// Several callees for one procedure.
    SharedRegistration = "shared_registration",
    /// Several callees for the parts of one procedure.
    ShardedRegistration = "sharded_registration",
    /// UNREGISTERED without a request.
    RegistrationRevocation = "registration_revocation",
    /// Trying another callee when one declines.
    CallReroute = "call_reroute",
    /// Choosing who receives an event.
    SubscriberBlackwhiteListing = "subscriber_blackwhite_listing",
    /// Receiving one's own events.
    PublisherExclusion = "publisher_exclusion",
    /// Telling subscribers who publishes.
    PublisherIdentification = "publisher_identification",
    /// Telling subscribers how much the publisher is trusted.
    PublicationTrustlevels = "publication_trustlevels",
    /// `wamp.subscription.*`.
    SubscriptionMetaApi = "subscription_meta_api",
    /// Subscribing to prefixes and wildcard patterns.
    PatternBasedSubscription = "pattern_based_subscription",
    /// Several subscribers for the parts of one topic. One page of the specification has a typing error in it.
    ShardedSubscription = "sharded_subscription" | "shareded_subscriptions",
    /// Asking for events of the past.
    EventHistory = "event_history",
    /// Getting the last event when subscribing.
    EventRetention = "event_retention",
    /// UNSUBSCRIBED without a request.
    SubscriptionRevocation = "subscription_revocation",
    /// `wamp.session.*`.
    SessionMetaApi = "session_meta_api",
    /// Events for when a session is gone.
    TestamentMetaApi = "testament_meta_api",
    /// Payloads in a serialization of their own, maybe encrypted.
    PayloadPassthruMode = "payload_passthru_mode",
}

impl Feature {
    const fn flag(self) -> u32 {
        1 << self as u32
    }
}

/// The object `features`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct FeatureSet {
    /// One bit for each [`Feature`].
    flags: u32,
    unknown: Unknown,
}

impl FeatureSet {
    pub(crate) fn contains(&self, feature: Feature) -> bool {
        self.flags & feature.flag() != 0
    }

    pub(crate) fn insert(&mut self, feature: Feature) {
        self.flags |= feature.flag();
    }

    pub(crate) fn remove(&mut self, feature: Feature) {
        self.flags &= !feature.flag();
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Feature> {
        let flags = self.flags;
        Feature::ALL
            .iter()
            .copied()
            .filter(move |feature| flags & feature.flag() != 0)
    }
}

impl Entries for FeatureSet {
    fn has(key: &str) -> bool {
        Feature::from_name(key).is_some()
    }

    fn read_entry(&mut self, key: &str, decoder: &mut Decoder<'_>) -> Decoded<()> {
        let mut supported = false;
        dictionary::read_value(&mut supported, key, decoder)?;
        if let Some(feature) = Feature::from_name(key).filter(|_| supported) {
            self.insert(feature);
        }
        Ok(())
    }

    fn count(&self) -> usize {
        self.iter().count()
    }

    fn write_entries(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.iter()
            .try_for_each(|feature| dictionary::write_value(&true, feature.name(), encoder))
    }
}

impl Dictionary for FeatureSet {
    fn unknown(&self) -> &Unknown {
        &self.unknown
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

impl Item for FeatureSet {
    fn from_token<'de>(token: Token<'de>, decoder: &mut Decoder<'de>) -> Decoded<Self> {
        dictionary::read_from(token, decoder)
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        dictionary::write(self, encoder)
    }
}

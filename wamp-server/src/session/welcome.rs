//! What an accepted peer is told.

use bytestring::ByteString;
use wamp_proto::message::details::WelcomeDetails;
use wamp_proto::message::{Feature, Features, Message, Raw, Roles, Welcome};
use wamp_proto::payload::PayloadBuilder;

use super::Session;

/// What the server calls itself.
const AGENT: &str = concat!("wamp-server/", env!("CARGO_PKG_VERSION"));

/// What the functions of the application can do.
const DEALER: [Feature; 6] = [
    Feature::ProgressiveCallResults,
    Feature::ProgressiveCallInvocations,
    Feature::CallTimeout,
    Feature::CallCanceling,
    Feature::CallerIdentification,
    Feature::CallTrustlevels,
];
const BROKER: [Feature; 2] = [
    Feature::PublisherIdentification,
    Feature::PublicationTrustlevels,
];
/// What clients can do for each other besides.
const ROUTED_CALLS: [Feature; 6] = [
    Feature::PatternBasedRegistration,
    Feature::SharedRegistration,
    Feature::ShardedRegistration,
    Feature::RegistrationRevocation,
    Feature::CallReroute,
    Feature::PayloadPassthruMode,
];
const ROUTED_EVENTS: [Feature; 7] = [
    Feature::EventRetention,
    Feature::SubscriberBlackwhiteListing,
    Feature::PublisherExclusion,
    Feature::PatternBasedSubscription,
    Feature::ShardedSubscription,
    Feature::SubscriptionRevocation,
    Feature::PayloadPassthruMode,
];
/// And what the router tells of itself.
const DEALER_META: [Feature; 3] = [
    Feature::RegistrationMetaApi,
    Feature::SessionMetaApi,
    Feature::TestamentMetaApi,
];
const BROKER_META: [Feature; 2] = [Feature::SubscriptionMetaApi, Feature::SessionMetaApi];

/// Announces what is implemented, and nothing else.
pub(super) fn welcome(session: &Session, authextra: PayloadBuilder) -> Message {
    let router = session.realm().inner().router.as_ref();
    let (mut dealer, mut broker) = (Features::from(DEALER), Features::from(BROKER));
    if let Some(options) = router {
        dealer.extend(ROUTED_CALLS);
        broker.extend(ROUTED_EVENTS);
        if options.meta_api && options.history.is_some() {
            broker.insert(Feature::EventHistory);
        }
        if options.meta_api {
            dealer.extend(DEALER_META);
            broker.extend(BROKER_META);
        }
    }
    let auth = session.auth().clone();
    Message::Welcome(Welcome {
        session: session.id(),
        details: Box::new(WelcomeDetails {
            roles: Roles {
                broker: Some(broker),
                dealer: Some(dealer),
                ..Roles::default()
            },
            agent: Some(ByteString::from_static(AGENT)),
            realm: Some(session.realm_name().into()),
            authid: Some(auth.id),
            authrole: Some(auth.role),
            authmethod: Some(auth.method),
            authprovider: Some(auth.provider),
            authextra: extra(session, authextra),
            ..WelcomeDetails::default()
        }),
    })
}

fn extra(session: &Session, values: PayloadBuilder) -> Option<Raw> {
    let format = session.format();
    match values.build(format) {
        Ok(payload) => payload
            .kwargs_raw()
            .map(|map| Raw::from_encoded(format, map.clone())),
        Err(error) => {
            tracing::error!(session = session.id().get(), %error, "the `authextra` of a session cannot be serialized");
            None
        }
    }
}

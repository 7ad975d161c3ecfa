//! What an accepted peer is told.

use bytestring::ByteString;
use wamp_proto::message::details::WelcomeDetails;
use wamp_proto::message::{Feature, Features, Message, Raw, Roles, Welcome};
use wamp_proto::payload::PayloadBuilder;

use super::Session;

/// What the server calls itself.
const AGENT: &str = concat!("wamp-server/", env!("CARGO_PKG_VERSION"));

/// Announces what is implemented, and nothing else.
pub(super) fn welcome(session: &Session, authextra: PayloadBuilder) -> Message {
    let dealer = [
        Feature::ProgressiveCallResults,
        Feature::ProgressiveCallInvocations,
        Feature::CallTimeout,
        Feature::CallCanceling,
        Feature::CallerIdentification,
        Feature::CallTrustlevels,
    ];
    let broker = [
        Feature::PublisherIdentification,
        Feature::PublicationTrustlevels,
    ];
    let auth = session.auth().clone();
    Message::Welcome(Welcome {
        session: session.id(),
        details: Box::new(WelcomeDetails {
            roles: Roles {
                broker: Some(Features::from(broker)),
                dealer: Some(Features::from(dealer)),
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

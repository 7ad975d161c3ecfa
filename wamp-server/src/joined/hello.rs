//! How a session that stands for a peer of the router begins.

use bytestring::ByteString;
use wamp_proto::message::details::HelloDetails;
use wamp_proto::message::{Feature, Features, Hello, Message, Roles};

/// HELLO of a peer that can do whatever an invocation may ask for.
pub(super) fn hello(realm: &str) -> Message {
    let caller = Features::from([
        Feature::ProgressiveCallResults,
        Feature::ProgressiveCallInvocations,
        Feature::CallTimeout,
        Feature::CallCanceling,
        Feature::CallerIdentification,
        Feature::PayloadPassthruMode,
    ]);
    let publisher = Features::from([
        Feature::PublisherIdentification,
        Feature::PayloadPassthruMode,
    ]);
    let details = HelloDetails {
        roles: Roles {
            caller: Some(caller),
            publisher: Some(publisher),
            subscriber: Some(Features::default()),
            ..Roles::default()
        },
        ..HelloDetails::default()
    };
    Message::Hello(Hello {
        realm: ByteString::from(realm),
        details: Box::new(details),
    })
}

//! What is passed on from one message to the next beside the payload.

use wamp_proto::message::details::Passthru;
use wamp_proto::message::{Feature, ProtocolViolation, Unknown};

use super::peer::{Peer, Role};

/// What the router itself tells of an event: nobody else may.
const OWN: &str = "_dropped";

/// The keys that implementations may add: they begin with an underscore. Others are not passed on.
pub(crate) fn custom(options: &Unknown) -> Unknown {
    if options.is_empty() {
        return Unknown::default();
    }
    let mut passed = options.clone();
    passed.retain(|key, _| key.starts_with('_') && key != OWN);
    passed
}

/// Whether the payload has a serialization of its own. WAMP, "Payload Passthru Mode".
pub(crate) fn is_passthru(ppt: &Option<Box<Passthru>>) -> bool {
    let scheme = ppt.as_ref().and_then(|it| it.scheme.as_deref());
    scheme.is_some_and(|it| !it.is_empty())
}

/// Checks that whoever sends a payload that is passed through has announced it.
///
/// # Errors
///
/// It is a violation of the protocol otherwise. WAMP, "Payload Passthru Mode".
pub(crate) fn check_passthru(
    peer: &dyn Peer,
    role: Role,
    ppt: &Option<Box<Passthru>>,
) -> Result<(), ProtocolViolation> {
    if is_passthru(ppt) && !peer.announces(role, Feature::PayloadPassthruMode) {
        return Err(ProtocolViolation::new(
            "`payload_passthru_mode` is used, but was not announced",
        )
        .within("ppt_scheme"));
    }
    Ok(())
}

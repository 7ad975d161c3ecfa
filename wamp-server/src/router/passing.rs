//! What is passed on from one message to the next beside the payload.

use wamp_proto::message::Unknown;
use wamp_proto::message::details::Passthru;

/// The keys that implementations may add: they begin with an underscore. Others are not passed on.
pub(crate) fn custom(options: &Unknown) -> Unknown {
    if options.is_empty() {
        return Unknown::default();
    }
    let mut passed = options.clone();
    passed.retain(|key, _| key.starts_with('_'));
    passed
}

/// Whether the payload has a serialization of its own. WAMP, "Payload Passthru Mode".
pub(crate) fn is_passthru(ppt: &Option<Box<Passthru>>) -> bool {
    let scheme = ppt.as_ref().and_then(|it| it.scheme.as_deref());
    scheme.is_some_and(|it| !it.is_empty())
}

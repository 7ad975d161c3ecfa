//! An INVOCATION as the CALL that it was.

use bytestring::ByteString;
use wamp_proto::message::details::CallOptions;
use wamp_proto::message::{Call, Invocation, Message};

/// The same call for a session here, under the same number. `registered` is what was registered, where the router does not say what was
/// called. Whom the router names may be named to others, too.
pub(super) fn call(
    invocation: Invocation,
    registered: &ByteString,
    discloses_callers: bool,
) -> Message {
    let Invocation {
        request,
        details,
        payload,
        ..
    } = invocation;
    let is_named = details.caller.is_some();
    let options = CallOptions {
        timeout: details.timeout,
        receive_progress: details.receive_progress,
        progress: details.progress,
        disclose_me: (is_named && discloses_callers).then_some(true),
        ppt: details.ppt,
        unknown: details.unknown,
        ..CallOptions::default()
    };
    Message::Call(Call {
        request,
        options,
        procedure: details.procedure.unwrap_or_else(|| registered.clone()),
        payload,
    })
}

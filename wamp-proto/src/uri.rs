//! The URIs that the specification gives a meaning. WAMP, "Predefined URIs".
//!
//! Those of meta procedures and topics belong to the router and are not here.

/// Declares each URI as a constant, and all of them as one list for tests and documentation.
macro_rules! uris {
    ($($(#[$doc:meta])* $name:ident = $uri:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $uri;)*

        /// Every URI of this module.
        pub const ALL: &[&str] = &[$($name),*];
    };
}

uris! {
    // Reasons of GOODBYE.

    /// GOODBYE: the router or the client shuts down.
    SYSTEM_SHUTDOWN = "wamp.close.system_shutdown";
    /// GOODBYE: the peer leaves the realm for good.
    CLOSE_REALM = "wamp.close.close_realm";
    /// GOODBYE: the answer to a GOODBYE.
    GOODBYE_AND_OUT = "wamp.close.goodbye_and_out";
    /// GOODBYE: another session killed this one through the session meta API.
    KILLED = "wamp.close.killed";
    /// GOODBYE: nothing in particular. Not in the specification, but what Crossbar.io and its clients send.
    CLOSE_NORMAL = "wamp.close.normal";

    // The basic profile.

    /// The URI of a topic, procedure or realm is malformed or reserved.
    INVALID_URI = "wamp.error.invalid_uri";
    /// CALL: nobody registered the procedure.
    NO_SUCH_PROCEDURE = "wamp.error.no_such_procedure";
    /// REGISTER: somebody registered the procedure before.
    PROCEDURE_ALREADY_EXISTS = "wamp.error.procedure_already_exists";
    /// UNREGISTER: the session has no such registration.
    NO_SUCH_REGISTRATION = "wamp.error.no_such_registration";
    /// UNSUBSCRIBE: the session has no such subscription.
    NO_SUCH_SUBSCRIPTION = "wamp.error.no_such_subscription";
    /// CALL: the arguments are not what the procedure takes.
    INVALID_ARGUMENT = "wamp.error.invalid_argument";
    /// CALL: canceled by the caller, or the callee left. The only spelling to send.
    CANCELED = "wamp.error.canceled";
    /// The second spelling of [`CANCELED`], which the specification uses in one place: understood, never sent.
    CANCELLED = "wamp.error.cancelled";
    /// The message is too large for the transport of the peer that it is for.
    PAYLOAD_SIZE_EXCEEDED = "wamp.error.payload_size_exceeded";
    /// ABORT: the peer broke the protocol.
    PROTOCOL_VIOLATION = "wamp.error.protocol_violation";
    /// The session may not do this.
    NOT_AUTHORIZED = "wamp.error.not_authorized";
    /// Whether the session may do this could not be found out.
    AUTHORIZATION_FAILED = "wamp.error.authorization_failed";
    /// ABORT: the realm does not exist.
    NO_SUCH_REALM = "wamp.error.no_such_realm";
    /// ABORT: the role that the session would get does not exist.
    NO_SUCH_ROLE = "wamp.error.no_such_role";

    // The advanced profile.

    /// ABORT: none of the authentication methods that the client offers is available.
    NO_MATCHING_AUTH_METHOD = "wamp.error.no_matching_auth_method";
    /// [`NO_MATCHING_AUTH_METHOD`] as Crossbar.io and nexus spell it.
    NO_AUTH_METHOD = "wamp.error.no_auth_method";
    /// ABORT: the `authid` is unknown.
    NO_SUCH_PRINCIPAL = "wamp.error.no_such_principal";
    /// ABORT: the proof was wrong.
    AUTHENTICATION_DENIED = "wamp.error.authentication_denied";
    /// ABORT: the proof could not be checked.
    AUTHENTICATION_FAILED = "wamp.error.authentication_failed";
    /// ABORT: anonymous sessions are not admitted.
    AUTHENTICATION_REQUIRED = "wamp.error.authentication_required";
    /// As [`NOT_AUTHORIZED`], which is the one to send.
    AUTHORIZATION_DENIED = "wamp.error.authorization_denied";
    /// The session must be authenticated for this.
    AUTHORIZATION_REQUIRED = "wamp.error.authorization_required";
    /// CALL: not answered in time.
    TIMEOUT = "wamp.error.timeout";
    /// An option is not permitted to the session.
    OPTION_NOT_ALLOWED = "wamp.error.option_not_allowed";
    /// The router does not disclose identities.
    OPTION_DISALLOWED_DISCLOSE_ME = "wamp.error.option_disallowed.disclose_me";
    /// The router could not reach the callee.
    NETWORK_FAILURE = "wamp.error.network_failure";
    /// A callee declines an invocation, so that the router tries another one.
    UNAVAILABLE = "wamp.error.unavailable";
    /// CALL: every callee declined.
    NO_AVAILABLE_CALLEE = "wamp.error.no_available_callee";
    /// The peer that would have to take part does not support the feature.
    FEATURE_NOT_SUPPORTED = "wamp.error.feature_not_supported";
    /// The session meta API: there is no such session.
    NO_SUCH_SESSION = "wamp.error.no_such_session";

    // Not in the specification, but seen everywhere.

    /// CALL: the procedure failed for reasons that are not the caller's concern.
    RUNTIME_ERROR = "wamp.error.runtime_error";
    /// REGISTER: the registration that exists is shared in another way.
    PROCEDURE_EXISTS_WITH_DIFFERENT_INVOCATION_POLICY =
        "wamp.error.procedure_exists_with_different_invocation_policy";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use wamp_uri::{Rule, check, is_reserved};

    use super::*;

    #[test]
    fn every_uri_is_strict_reserved_and_unique() {
        for uri in ALL {
            assert!(
                check(uri, Rule::Strict).is_ok() && is_reserved(uri),
                "{uri}"
            );
        }
        assert_eq!(ALL.iter().collect::<HashSet<_>>().len(), ALL.len());
    }
}

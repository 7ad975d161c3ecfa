//! All messages as the specification has them, independently of the code under test.

/// One message.
pub(crate) struct Spec {
    pub(crate) code: u64,
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [(&'static str, Kind)],
    pub(crate) payload: bool,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Id,
    /// An id, or 0 where the details say what was taken away: its key.
    IdOrZero(&'static str),
    RequestType,
    Text,
    Dict(&'static [(&'static str, Self)]),

    // Only in dictionaries:
    /// A boolean for which `false` is the same as absent.
    Flag,
    Bool,
    Int,
    Any,
    Word(&'static [&'static str]),
    Ids,
    Texts,
    Roles,
}

use Kind::{Any, Bool, Dict, Flag, Id, IdOrZero, Ids, Int, RequestType, Roles, Text, Texts, Word};

const fn spec(code: u64, name: &'static str, fields: &'static [(&'static str, Kind)]) -> Spec {
    Spec {
        code,
        name,
        fields,
        payload: false,
    }
}

const fn with_payload(
    code: u64,
    name: &'static str,
    fields: &'static [(&'static str, Kind)],
) -> Spec {
    Spec {
        code,
        name,
        fields,
        payload: true,
    }
}

const MESSAGE: Kind = Dict(&[("message", Text)]);
const MODE: (&str, Kind) = ("mode", Word(&["skip", "kill", "killnowait"]));
const MATCH: (&str, Kind) = ("match", Word(&["prefix", "wildcard"]));

const PPT: Kind = Dict(&[
    ("ppt_scheme", Text),
    ("ppt_serializer", Text),
    ("ppt_cipher", Text),
    ("ppt_keyid", Text),
]);

const PROGRESS: Kind = Dict(&[
    ("progress", Flag),
    ("ppt_scheme", Text),
    ("ppt_serializer", Text),
    ("ppt_cipher", Text),
    ("ppt_keyid", Text),
]);

const HELLO: Kind = Dict(&[
    ("roles", Roles),
    ("agent", Text),
    ("authmethods", Texts),
    ("authid", Text),
    ("authextra", Any),
    ("transport", Any),
]);

const WELCOME: Kind = Dict(&[
    ("roles", Roles),
    ("agent", Text),
    ("realm", Text),
    ("authid", Text),
    ("authrole", Text),
    ("authmethod", Text),
    ("authprovider", Text),
    ("authextra", Any),
]);

const CHALLENGE: Kind = Dict(&[
    ("challenge", Text),
    ("salt", Text),
    ("keylen", Int),
    ("iterations", Int),
    ("nonce", Text),
    ("kdf", Text),
    ("memory", Int),
    ("channel_binding", Text),
]);

const PUBLISH: Kind = Dict(&[
    ("acknowledge", Flag),
    ("exclude_me", Bool),
    ("exclude", Ids),
    ("exclude_authid", Texts),
    ("exclude_authrole", Texts),
    ("eligible", Ids),
    ("eligible_authid", Texts),
    ("eligible_authrole", Texts),
    ("retain", Flag),
    ("disclose_me", Bool),
    ("rkey", Any),
    ("ppt_scheme", Text),
    ("ppt_serializer", Text),
    ("ppt_cipher", Text),
    ("ppt_keyid", Text),
]);

const EVENT: Kind = Dict(&[
    ("topic", Text),
    ("publisher", Id),
    ("publisher_authid", Text),
    ("publisher_authrole", Text),
    ("trustlevel", Int),
    ("retained", Flag),
    ("ppt_scheme", Text),
    ("ppt_serializer", Text),
    ("ppt_cipher", Text),
    ("ppt_keyid", Text),
]);

const CALL: Kind = Dict(&[
    ("timeout", Int),
    ("receive_progress", Flag),
    ("progress", Flag),
    ("disclose_me", Bool),
    ("runmode", Text),
    ("rkey", Any),
    ("ppt_scheme", Text),
    ("ppt_serializer", Text),
    ("ppt_cipher", Text),
    ("ppt_keyid", Text),
]);

const REGISTER: Kind = Dict(&[
    MATCH,
    (
        "invoke",
        Word(&["single", "roundrobin", "random", "first", "last"]),
    ),
    ("disclose_caller", Bool),
    ("forward_timeout", Flag),
]);

const INVOCATION: Kind = Dict(&[
    ("procedure", Text),
    ("caller", Id),
    ("caller_authid", Text),
    ("caller_authrole", Text),
    ("receive_progress", Flag),
    ("progress", Flag),
    ("timeout", Int),
    ("trustlevel", Int),
    ("ppt_scheme", Text),
    ("ppt_serializer", Text),
    ("ppt_cipher", Text),
    ("ppt_keyid", Text),
]);

/// All 25 messages.
pub(crate) const MESSAGES: &[Spec] = &[
    spec(1, "HELLO", &[("Realm", Text), ("Details", HELLO)]),
    spec(2, "WELCOME", &[("Session", Id), ("Details", WELCOME)]),
    with_payload(3, "ABORT", &[("Details", MESSAGE), ("Reason", Text)]),
    spec(
        4,
        "CHALLENGE",
        &[("AuthMethod", Text), ("Extra", CHALLENGE)],
    ),
    spec(
        5,
        "AUTHENTICATE",
        &[
            ("Signature", Text),
            (
                "Extra",
                Dict(&[
                    ("nonce", Text),
                    ("channel_binding", Text),
                    ("cbind_data", Text),
                ]),
            ),
        ],
    ),
    spec(6, "GOODBYE", &[("Details", MESSAGE), ("Reason", Text)]),
    with_payload(
        8,
        "ERROR",
        &[
            ("REQUEST.Type", RequestType),
            ("REQUEST.Request", Id),
            ("Details", PPT),
            ("Error", Text),
        ],
    ),
    with_payload(
        16,
        "PUBLISH",
        &[("Request", Id), ("Options", PUBLISH), ("Topic", Text)],
    ),
    spec(
        17,
        "PUBLISHED",
        &[("PUBLISH.Request", Id), ("Publication", Id)],
    ),
    spec(
        32,
        "SUBSCRIBE",
        &[
            ("Request", Id),
            (
                "Options",
                Dict(&[MATCH, ("get_retained", Flag), ("nkey", Any)]),
            ),
            ("Topic", Text),
        ],
    ),
    spec(
        33,
        "SUBSCRIBED",
        &[("SUBSCRIBE.Request", Id), ("Subscription", Id)],
    ),
    spec(
        34,
        "UNSUBSCRIBE",
        &[("Request", Id), ("SUBSCRIBED.Subscription", Id)],
    ),
    spec(
        35,
        "UNSUBSCRIBED",
        &[("UNSUBSCRIBE.Request", IdOrZero("subscription"))],
    ),
    with_payload(
        36,
        "EVENT",
        &[
            ("SUBSCRIBED.Subscription", Id),
            ("PUBLISHED.Publication", Id),
            ("Details", EVENT),
        ],
    ),
    with_payload(
        48,
        "CALL",
        &[("Request", Id), ("Options", CALL), ("Procedure", Text)],
    ),
    spec(
        49,
        "CANCEL",
        &[("CALL.Request", Id), ("Options", Dict(&[MODE]))],
    ),
    with_payload(50, "RESULT", &[("CALL.Request", Id), ("Details", PROGRESS)]),
    spec(
        64,
        "REGISTER",
        &[("Request", Id), ("Options", REGISTER), ("Procedure", Text)],
    ),
    spec(
        65,
        "REGISTERED",
        &[("REGISTER.Request", Id), ("Registration", Id)],
    ),
    spec(
        66,
        "UNREGISTER",
        &[("Request", Id), ("REGISTERED.Registration", Id)],
    ),
    spec(
        67,
        "UNREGISTERED",
        &[("UNREGISTER.Request", IdOrZero("registration"))],
    ),
    with_payload(
        68,
        "INVOCATION",
        &[
            ("Request", Id),
            ("REGISTERED.Registration", Id),
            ("Details", INVOCATION),
        ],
    ),
    spec(
        69,
        "INTERRUPT",
        &[
            ("INVOCATION.Request", Id),
            ("Options", Dict(&[MODE, ("reason", Text)])),
        ],
    ),
    with_payload(
        70,
        "YIELD",
        &[("INVOCATION.Request", Id), ("Options", PROGRESS)],
    ),
    spec(337, "EVENT_RECEIVED", &[("PUBLISHED.Publication", Id)]),
];

//! How sessions begin and end.

use crate::scene::Scene;

pub(crate) const SCENES: &[Scene] = &[
    // It is for whoever has said goodbye first to close the connection.
    Scene {
        name: "goodbye is answered",
        text: r#"
            a > [6, {}, "shop.closed"]
            [specification] a < [6, {}, "wamp.close.goodbye_and_out"]
            [crossbar] a < [6, {}, "wamp.close.normal"]
            a breaks
        "#,
    },
    Scene {
        name: "whoever gives up is not answered",
        text: r#"
            a > [3, {}, "shop.error.closed"]
            a closed
        "#,
    },
    Scene {
        name: "what is no message",
        text: r#"
            a > []
            [specification] a < [3, {}, "wamp.error.protocol_violation", "..."]
            a closed
            b > [48, 1]
            [specification] b < [3, {}, "wamp.error.protocol_violation", "..."]
            b closed
            c > [99, 1]
            [specification] c < [3, {}, "wamp.error.protocol_violation", "..."]
            c closed
        "#,
    },
    Scene {
        name: "what only routers say",
        text: r#"
            a > [50, 1, {}]
            [specification] a < [3, {}, "wamp.error.protocol_violation", "..."]
            a closed
        "#,
    },
    Scene {
        name: "everything of a session goes with it",
        text: r#"
            a > [64, 1, {}, "@.exact"]
            a < [65, 1, "_"]
            a > [64, 2, {"match": "prefix"}, "@.prefix"]
            a < [65, 2, "_"]
            a > [64, 3, {"match": "wildcard"}, "@..wild"]
            a < [65, 3, "_"]
            a > [64, 4, {"invoke": "roundrobin"}, "@.shared"]
            a < [65, 4, "_"]
            a > [32, 5, {}, "@.t"]
            a < [33, 5, "$t"]
            a leaves
            b > [48, 1, {}, "@.prefix"]
            b < [8, 48, 1, {}, "wamp.error.no_such_procedure", "..."]
            b > [48, 2, {}, "@.very.wild"]
            b < [8, 48, 2, {}, "wamp.error.no_such_procedure", "..."]
            b > [48, 3, {}, "wamp.subscription.lookup", ["@.t"]]
            b < [50, 3, {}, [null]]
            b > [64, 4, {}, "@.exact"]
            b < [65, 4, "_"]
            b > [64, 5, {"match": "prefix"}, "@.prefix"]
            b < [65, 5, "_"]
            b > [64, 6, {}, "@.shared"]
            b < [65, 6, "_"]
        "#,
    },
];

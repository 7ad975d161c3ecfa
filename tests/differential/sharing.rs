//! Procedures that several callees offer.

use crate::scene::Scene;

pub(crate) const SCENES: &[Scene] = &[
    Scene {
        name: "roundrobin: one after the other, beginning with the first",
        text: r#"
            a > [64, 1, {"invoke": "roundrobin"}, "@.p"]
            a < [65, 1, "$p"]
            b > [64, 1, {"invoke": "roundrobin"}, "@.p"]
            b < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            a < [68, "$a1", "$p", {}]
            caller > [48, 2, {}, "@.p"]
            b < [68, "$b1", "$p", {}]
            caller > [48, 3, {}, "@.p"]
            a < [68, "$a2", "$p", {}]
            b > [70, "$b1", {}]
            caller < [50, 2, {}]
            a > [70, "$a2", {}]
            caller < [50, 3, {}]
            a > [70, "$a1", {}]
            caller < [50, 1, {}]
        "#,
    },
    Scene {
        name: "first: as long as the first is there",
        text: r#"
            a > [64, 1, {"invoke": "first"}, "@.p"]
            a < [65, 1, "$p"]
            b > [64, 1, {"invoke": "first"}, "@.p"]
            b < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            a < [68, "$a1", "$p", {}]
            a > [70, "$a1", {}]
            caller < [50, 1, {}]
            a > [66, 2, "$p"]
            a < [67, 2]
            caller > [48, 2, {}, "@.p"]
            b < [68, "$b1", "$p", {}]
            b > [70, "$b1", {}]
            caller < [50, 2, {}]
        "#,
    },
    Scene {
        name: "last: whoever came last",
        text: r#"
            a > [64, 1, {"invoke": "last"}, "@.p"]
            a < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            a < [68, "$a1", "$p", {}]
            a > [70, "$a1", {}]
            caller < [50, 1, {}]
            b > [64, 1, {"invoke": "last"}, "@.p"]
            b < [65, 1, "$p"]
            caller > [48, 2, {}, "@.p"]
            b < [68, "$b1", "$p", {}]
            b > [70, "$b1", {}]
            caller < [50, 2, {}]
            b leaves
            caller > [48, 3, {}, "@.p"]
            a < [68, "$a2", "$p", {}]
            a > [70, "$a2", {}]
            caller < [50, 3, {}]
        "#,
    },
    Scene {
        name: "a callee registers what is shared again, and is there once",
        text: r#"
            a > [64, 1, {"invoke": "roundrobin"}, "@.p"]
            a < [65, 1, "$p"]
            a > [64, 2, {"invoke": "roundrobin"}, "@.p"]
            a < [65, 2, "$p"]
            a > [66, 3, "$p"]
            a < [67, 3]
            caller > [48, 1, {}, "@.p"]
            caller < [8, 48, 1, {}, "wamp.error.no_such_procedure", "..."]
        "#,
    },
    Scene {
        name: "the first callee decides how it is shared",
        text: r#"
            a > [64, 1, {"invoke": "roundrobin"}, "@.p"]
            a < [65, 1, "$p"]
            b > [64, 1, {"invoke": "last"}, "@.p"]
            [specification] b < [8, 64, 1, {}, "wamp.error.procedure_already_exists", "..."]
            [crossbar] b < [8, 64, 1, {}, "wamp.error.procedure_exists_with_different_invocation_policy", "..."]
            b > [64, 2, {}, "@.p"]
            [specification] b < [8, 64, 2, {}, "wamp.error.procedure_already_exists", "..."]
            [crossbar] b < [8, 64, 2, {}, "wamp.error.procedure_exists_with_different_invocation_policy", "..."]
        "#,
    },
    Scene {
        name: "a pattern can be shared",
        text: r#"
            a > [64, 1, {"match": "prefix", "invoke": "roundrobin"}, "@.p"]
            a < [65, 1, "$p"]
            b > [64, 1, {"match": "prefix", "invoke": "roundrobin"}, "@.p"]
            b < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p.one"]
            a < [68, "$a1", "$p", {"procedure": "@.p.one"}]
            a > [70, "$a1", {}]
            caller < [50, 1, {}]
            caller > [48, 2, {}, "@.p.two"]
            b < [68, "$b1", "$p", {"procedure": "@.p.two"}]
            b > [70, "$b1", {}]
            caller < [50, 2, {}]
        "#,
    },
    Scene {
        name: "one of several callees breaks: its calls are canceled, those of others are not",
        text: r#"
            a > [64, 1, {"invoke": "roundrobin"}, "@.p"]
            a < [65, 1, "$p"]
            b > [64, 1, {"invoke": "roundrobin"}, "@.p"]
            b < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            a < [68, "$a1", "$p", {}]
            caller > [48, 2, {}, "@.p"]
            b < [68, "$b1", "$p", {}]
            a breaks
            caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
            b > [70, "$b1", {}]
            caller < [50, 2, {}]
            caller > [48, 3, {}, "@.p"]
            b < [68, "$b2", "$p", {}]
            b > [70, "$b2", {}]
            caller < [50, 3, {}]
        "#,
    },
];

//! Registrations and calls.

use crate::scene::Scene;

pub(crate) const SCENES: &[Scene] = &[
    Scene {
        name: "arguments and results pass as they are",
        text: r#"
            callee > [64, 1, {}, "@.echo"]
            callee < [65, 1, "$echo"]
            caller > [48, 1, {}, "@.echo", [1, "two", null], {"k": [2.5]}]
            callee < [68, "$call", "$echo", {}, [1, "two", null], {"k": [2.5]}]
            callee > [70, "$call", {}, [1], {"k": 2}]
            caller < [50, 1, {}, [1], {"k": 2}]
            caller > [48, 2, {}, "@.echo"]
            callee < [68, "$next", "$echo", {}]
            callee > [70, "$next", {}]
            caller < [50, 2, {}]
        "#,
    },
    Scene {
        name: "the id of an invocation counts from one for each callee",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            [specification] callee < [68, 1, "$p", {}]
            [specification] callee > [70, 1, {}]
            [crossbar] callee < [68, "$call", "$p", {}]
            [crossbar] callee > [70, "$call", {}]
            caller < [50, 1, {}]
        "#,
    },
    Scene {
        name: "nobody offers it",
        text: r#"
            caller > [48, 1, {}, "@.nothing"]
            caller < [8, 48, 1, {}, "wamp.error.no_such_procedure", "..."]
        "#,
    },
    Scene {
        name: "the error of a callee passes as it is",
        text: r#"
            callee > [64, 1, {}, "@.fail"]
            callee < [65, 1, "$fail"]
            caller > [48, 1, {}, "@.fail"]
            callee < [68, "$call", "$fail", {}]
            callee > [8, 68, "$call", {"_why": 1}, "shop.error.closed", ["today"], {"until": 8}]
            [specification] caller < [8, 48, 1, {"_why": 1}, "shop.error.closed", ["today"], {"until": 8}]
            [crossbar] caller < [8, 48, 1, {}, "shop.error.closed", ["today"], {"until": 8}]
        "#,
    },
    Scene {
        name: "an exact URI is registered once",
        text: r#"
            callee > [64, 1, {}, "@.once"]
            callee < [65, 1, "$once"]
            other > [64, 1, {}, "@.once"]
            other < [8, 64, 1, {}, "wamp.error.procedure_already_exists", "..."]
            callee > [64, 2, {}, "@.once"]
            callee < [8, 64, 2, {}, "wamp.error.procedure_already_exists", "..."]
            caller > [48, 1, {}, "@.once"]
            callee < [68, "$call", "$once", {}]
            callee > [70, "$call", {}]
            caller < [50, 1, {}]
        "#,
    },
    Scene {
        name: "what is unregistered is gone, and can be registered again",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            callee > [66, 2, "$p"]
            callee < [67, 2]
            caller > [48, 1, {}, "@.p"]
            caller < [8, 48, 1, {}, "wamp.error.no_such_procedure", "..."]
            callee > [66, 3, "$p"]
            callee < [8, 66, 3, {}, "wamp.error.no_such_registration", "..."]
            other > [64, 1, {}, "@.p"]
            other < [65, 1, "$again"]
            callee > [66, 4, "$again"]
            callee < [8, 66, 4, {}, "wamp.error.no_such_registration", "..."]
            caller > [48, 2, {}, "@.p"]
            other < [68, "$call", "$again", {}]
            other > [70, "$call", {}, ["still there"]]
            caller < [50, 2, {}, ["still there"]]
        "#,
    },
    Scene {
        name: "a call that is on its way is answered although its procedure is unregistered",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            callee > [66, 2, "$p"]
            callee < [67, 2]
            callee > [70, "$call", {}, ["late"]]
            caller < [50, 1, {}, ["late"]]
        "#,
    },
    Scene {
        name: "an exact URI, a prefix and a wildcard of the same text are three registrations",
        text: r#"
            a > [64, 1, {}, "@.a.b"]
            a < [65, 1, "$exact"]
            b > [64, 1, {"match": "prefix"}, "@.a.b"]
            b < [65, 1, "$prefix"]
            c > [64, 1, {"match": "wildcard"}, "@.a.b"]
            c < [65, 1, "$wildcard"]
            other > [64, 1, {"match": "prefix"}, "@.a.b"]
            other < [8, 64, 1, {}, "wamp.error.procedure_already_exists", "..."]
            caller > [48, 1, {}, "@.a.b"]
            a < [68, "$first", "$exact", {}]
            a > [70, "$first", {}]
            caller < [50, 1, {}]
            a > [66, 2, "$exact"]
            a < [67, 2]
            caller > [48, 2, {}, "@.a.b"]
            b < [68, "$second", "$prefix", {"procedure": "@.a.b"}]
            b > [70, "$second", {}]
            caller < [50, 2, {}]
            b > [66, 2, "$prefix"]
            b < [67, 2]
            caller > [48, 3, {}, "@.a.b"]
            c < [68, "$third", "$wildcard", {"procedure": "@.a.b"}]
            c > [70, "$third", {}]
            caller < [50, 3, {}]
        "#,
    },
    Scene {
        name: "the longest prefix gets the call, and a prefix is a text, not components",
        text: r#"
            a > [64, 1, {"match": "prefix"}, "@.one"]
            a < [65, 1, "$short"]
            b > [64, 1, {"match": "prefix"}, "@.one.tw"]
            b < [65, 1, "$long"]
            c > [64, 1, {"match": "wildcard"}, "@..two.three"]
            c < [65, 1, "$wildcard"]
            caller > [48, 1, {}, "@.one.two.three"]
            b < [68, "$first", "$long", {"procedure": "@.one.two.three"}]
            b > [70, "$first", {}]
            caller < [50, 1, {}]
            caller > [48, 2, {}, "@.one.three"]
            a < [68, "$second", "$short", {"procedure": "@.one.three"}]
            a > [70, "$second", {}]
            caller < [50, 2, {}]
            caller > [48, 3, {}, "@.other.two.three"]
            c < [68, "$third", "$wildcard", {"procedure": "@.other.two.three"}]
            c > [70, "$third", {}]
            caller < [50, 3, {}]
        "#,
    },
    Scene {
        name: "the wildcard that has more before its first gap gets the call",
        text: r#"
            a > [64, 1, {"match": "wildcard"}, "@.a..c.d.e"]
            a < [65, 1, "$early"]
            b > [64, 1, {"match": "wildcard"}, "@.a.b..d."]
            b < [65, 1, "$late"]
            c > [64, 1, {"match": "wildcard"}, "@.a.b...e"]
            c < [65, 1, "$gaps"]
            caller > [48, 1, {}, "@.a.b.c.d.e"]
            b < [68, "$first", "$late", {"procedure": "@.a.b.c.d.e"}]
            b > [70, "$first", {}]
            caller < [50, 1, {}]
            caller > [48, 2, {}, "@.a.b.c.x.e"]
            c < [68, "$second", "$gaps", {"procedure": "@.a.b.c.x.e"}]
            c > [70, "$second", {}]
            caller < [50, 2, {}]
            caller > [48, 3, {}, "@.a.b.c.d.e.f"]
            caller < [8, 48, 3, {}, "wamp.error.no_such_procedure", "..."]
        "#,
    },
    Scene {
        name: "names of the router are not for registering",
        text: r#"
            callee > [64, 1, {}, "wamp.@.p"]
            callee < [8, 64, 1, {}, "wamp.error.invalid_uri", "..."]
            caller > [48, 1, {}, "wamp.@.p"]
            caller < [8, 48, 1, {}, "wamp.error.no_such_procedure", "..."]
        "#,
    },
    // Crossbar.io closes with code 1011, an internal error.
    Scene {
        name: "whoever offers everything does not offer what the router does",
        text: r#"
            callee > [64, 1, {"match": "prefix"}, ""]
            callee < [65, 1, "$all"]
            caller > [48, 1, {}, "wamp.session.get", ["$callee"]]
            caller < [50, 1, {}, ["_"]]
            caller > [48, 2, {}, "@.p"]
            callee < [68, "$call", "$all", {"procedure": "@.p"}]
            callee > [70, "$call", {}]
            caller < [50, 2, {}]
        "#,
    },
    Scene {
        name: "a session calls itself",
        text: r#"
            a > [64, 1, {}, "@.p"]
            a < [65, 1, "$p"]
            a > [48, 2, {}, "@.p", [1]]
            a < [68, "$call", "$p", {}, [1]]
            a > [70, "$call", {}, [2]]
            a < [50, 2, {}, [2]]
        "#,
    },
    Scene {
        name: "empty arguments are none",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p", [], {}]
            callee < [68, "$call", "$p", {}]
            callee > [70, "$call", {}, []]
            caller < [50, 1, {}]
            caller > [48, 2, {}, "@.p", [], {"k": 1}]
            callee < [68, "$next", "$p", {}, [], {"k": 1}]
            callee > [8, 68, "$next", {}, "shop.error.closed", [], {}]
            caller < [8, 48, 2, {}, "shop.error.closed"]
        "#,
    },
    // Crossbar.io does not know calls that come in parts: each is a call of its own.
    Scene {
        name: "a call that comes in parts goes to one callee, as one invocation",
        text: r#"
            callee joins {"callee": {"features": {"progressive_call_invocations": true, "call_canceling": true}}}
            caller joins {"caller": {"features": {"progressive_call_invocations": true}}}
            callee > [64, 1, {}, "@.sum"]
            callee < [65, 1, "$sum"]
            caller > [48, 1, {"progress": true}, "@.sum", [1]]
            [specification] callee < [68, "$call", "$sum", {"progress": true}, [1]]
            [specification] caller > [48, 1, {"progress": true}, "@.sum", [2]]
            [specification] callee < [68, "$call", "$sum", {"progress": true}, [2]]
            [specification] caller > [48, 1, {}, "@.sum", [3]]
            [specification] callee < [68, "$call", "$sum", {}, [3]]
            [specification] callee > [70, "$call", {}, [6]]
            [crossbar] callee < [68, "$call", "$sum", {}, [1]]
            [crossbar] callee > [70, "$call", {}, [1]]
            [crossbar] caller < [50, 1, {}, [1]]
            [specification] caller < [50, 1, {}, [6]]
        "#,
    },
    Scene {
        name: "a URI that is none",
        text: r#"
            callee > [64, 1, {}, "@.a b"]
            [specification] callee < [8, 64, 1, {}, "wamp.error.invalid_uri", "..."]
            [crossbar] callee closed
            caller > [48, 1, {}, "@..b"]
            [specification] caller < [8, 48, 1, {}, "wamp.error.invalid_uri", "..."]
            [crossbar] caller closed
        "#,
    },
    Scene {
        name: "a caller is disclosed if it wants to be",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {"disclose_me": true}, "@.p"]
            [specification] callee < [68, "$call", "$p", {"caller": "$caller", "caller_authid": "_", "caller_authrole": "anonymous"}]
            [crossbar] callee < [68, "$call", "$p", {}]
            callee > [70, "$call", {}]
            caller < [50, 1, {}]
        "#,
    },
    Scene {
        name: "keys that are not known are ignored, those of implementations are passed on",
        text: r#"
            callee > [64, 1, {"_mine": 1, "no_such_key": {}}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {"_mine": [1], "no_such_key": {}}, "@.p"]
            [specification] callee < [68, "$call", "$p", {"_mine": [1]}]
            [crossbar] callee < [68, "$call", "$p", {}]
            callee > [70, "$call", {"no_such_key": {}}]
            caller < [50, 1, {}]
        "#,
    },
    Scene {
        name: "an answer to what was never asked",
        text: r#"
            callee > [70, 7, {}]
            [specification] callee < [3, {}, "wamp.error.protocol_violation", "..."]
            [specification] callee closed
        "#,
    },
    Scene {
        name: "a second HELLO",
        text: r#"
            peer > [1, "realm1", {"roles": {"caller": {}}}]
            [specification] peer < [3, {}, "wamp.error.protocol_violation", "..."]
            [specification] peer closed
        "#,
    },
];

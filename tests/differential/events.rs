//! Subscriptions and events.

use crate::scene::Scene;

pub(crate) const SCENES: &[Scene] = &[
    Scene {
        name: "an event passes as it is, to all but its publisher",
        text: r#"
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$t"]
            b > [32, 1, {}, "@.t"]
            b < [33, 1, "$t"]
            a > [16, 2, {"acknowledge": true}, "@.t", [1, null], {"k": [2.5]}]
            a < [17, 2, "$event"]
            b < [36, "$t", "$event", {}, [1, null], {"k": [2.5]}]
            a > [16, 3, {}, "@.t"]
            b < [36, "$t", "_", {}]
        "#,
    },
    Scene {
        name: "a publisher that wants its own events is told first that they are published",
        text: r#"
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$t"]
            a > [16, 2, {"acknowledge": true, "exclude_me": false}, "@.t", [1]]
            a < [17, 2, "$event"]
            a < [36, "$t", "$event", {}, [1]]
        "#,
    },
    Scene {
        name: "whoever subscribes again has the same subscription",
        text: r#"
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$t"]
            a > [32, 2, {}, "@.t"]
            a < [33, 2, "$t"]
            b > [16, 1, {}, "@.t", [1]]
            a < [36, "$t", "_", {}, [1]]
            a > [34, 3, "$t"]
            a < [35, 3]
            b > [16, 2, {}, "@.t", [2]]
            a > [34, 4, "$t"]
            a < [8, 34, 4, {}, "wamp.error.no_such_subscription", "..."]
        "#,
    },
    Scene {
        name: "nobody ends somebody else's subscription",
        text: r#"
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$t"]
            b > [34, 1, "$t"]
            b < [8, 34, 1, {}, "wamp.error.no_such_subscription", "..."]
            b > [16, 2, {}, "@.t", [1]]
            a < [36, "$t", "_", {}, [1]]
        "#,
    },
    Scene {
        name: "every subscription that matches gets the event, and all get the same one",
        text: r#"
            a > [32, 1, {}, "@.a.b.c"]
            a < [33, 1, "$exact"]
            b > [32, 1, {"match": "prefix"}, "@.a"]
            b < [33, 1, "$prefix"]
            c > [32, 1, {"match": "wildcard"}, "@..b."]
            c < [33, 1, "$wildcard"]
            p > [16, 1, {"acknowledge": true}, "@.a.b.c", [1]]
            p < [17, 1, "$event"]
            a < [36, "$exact", "$event", {}, [1]]
            b < [36, "$prefix", "$event", {"topic": "@.a.b.c"}, [1]]
            c < [36, "$wildcard", "$event", {"topic": "@.a.b.c"}, [1]]
            p > [16, 2, {}, "@.ab"]
            b < [36, "$prefix", "_", {"topic": "@.ab"}]
            p > [16, 3, {}, "@.x.b"]
        "#,
    },
    Scene {
        name: "sessions are excluded, and others are eligible",
        text: r#"
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$t"]
            b > [32, 1, {}, "@.t"]
            b < [33, 1, "$t"]
            p > [16, 1, {"exclude": ["$a"]}, "@.t", ["not a"]]
            b < [36, "$t", "_", {}, ["not a"]]
            p > [16, 2, {"eligible": ["$a"]}, "@.t", ["a"]]
            a < [36, "$t", "_", {}, ["a"]]
            p > [16, 3, {"eligible": ["$a", "$b"], "exclude": ["$b"]}, "@.t", ["a again"]]
            a < [36, "$t", "_", {}, ["a again"]]
            p > [16, 4, {"eligible": [1, 2]}, "@.t", ["nobody"]]
            b > [16, 5, {"eligible": ["$a", "$b"]}, "@.t", ["not its publisher"]]
            a < [36, "$t", "_", {}, ["not its publisher"]]
        "#,
    },
    Scene {
        name: "roles and users are excluded, and others are eligible",
        text: r#"
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$t"]
            p > [16, 1, {"exclude_authrole": ["anonymous"]}, "@.t", ["nobody"]]
            p > [16, 2, {"eligible_authrole": ["anonymous", "admin"]}, "@.t", ["all"]]
            a < [36, "$t", "_", {}, ["all"]]
            p > [16, 3, {"eligible_authrole": ["admin"]}, "@.t", ["nobody"]]
            p > [16, 4, {"eligible_authid": ["nobody"]}, "@.t", ["nobody"]]
            p > [16, 5, {"exclude_authid": ["nobody"]}, "@.t", ["all"]]
            a < [36, "$t", "_", {}, ["all"]]
        "#,
    },
    Scene {
        name: "an empty list of eligible sessions is a list, and nobody is in it",
        text: r#"
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$t"]
            p > [16, 1, {"eligible": []}, "@.t", [1]]
            [crossbar] a < [36, "$t", "_", {}, [1]]
        "#,
    },
    Scene {
        name: "a publisher is disclosed if it wants to be",
        text: r#"
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$t"]
            p > [16, 1, {"disclose_me": true}, "@.t", [1]]
            [specification] a < [36, "$t", "_", {"publisher": "$p", "publisher_authid": "_", "publisher_authrole": "anonymous"}, [1]]
            [crossbar] a < [36, "$t", "_", {}, [1]]
        "#,
    },
    Scene {
        name: "an event is retained for whoever subscribes later and wants it",
        text: r#"
            p > [16, 1, {"acknowledge": true, "retain": true}, "@.t", ["old"]]
            p < [17, 1, "_"]
            p > [16, 2, {"acknowledge": true, "retain": true}, "@.t", ["new"]]
            p < [17, 2, "$event"]
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$t"]
            b > [32, 1, {"get_retained": true}, "@.t"]
            b < [33, 1, "$t"]
            [specification] b < [36, "$t", "$event", {"retained": true}, ["new"]]
            [crossbar] b < [36, "$t", "_", {"retained": true}, ["new"]]
            p > [16, 3, {}, "@.t", ["not kept"]]
            a < [36, "$t", "_", {}, ["not kept"]]
            b < [36, "$t", "_", {}, ["not kept"]]
            c > [32, 1, {"get_retained": true}, "@.t"]
            c < [33, 1, "$t"]
            c < [36, "$t", "_", {"retained": true}, ["new"]]
        "#,
    },
    Scene {
        name: "what is retained is also for whoever subscribes to a pattern",
        text: r#"
            p > [16, 1, {"acknowledge": true, "retain": true}, "@.t.one", [1]]
            p < [17, 1, "$event"]
            a > [32, 1, {"match": "prefix", "get_retained": true}, "@.t."]
            a < [33, 1, "$t"]
            [specification] a < [36, "$t", "$event", {"retained": true, "topic": "@.t.one"}, [1]]
        "#,
    },
    // Crossbar.io fails where a retained event has a list of one kind and not of the other, and never answers.
    Scene {
        name: "what is retained is only for whom it was for",
        text: r#"
            p > [32, 1, {}, "@.other"]
            p < [33, 1, "_"]
            a > [32, 1, {}, "@.other"]
            a < [33, 1, "_"]
            p > [16, 2, {"acknowledge": true, "retain": true, "exclude": ["$a"]}, "@.t", [1]]
            p < [17, 2, "_"]
            a > [32, 2, {"get_retained": true}, "@.t"]
            [specification] a < [33, 2, "$t"]
            b > [32, 1, {"get_retained": true}, "@.t"]
            [specification] b < [33, 1, "$t"]
            [specification] b < [36, "$t", "_", {"retained": true}, [1]]
        "#,
    },
    // Crossbar.io keeps one event, and hands it to whoever it was not for.
    Scene {
        name: "the newest retained event is the newest of those that the subscriber may have",
        text: r#"
            p > [32, 1, {}, "@.other"]
            p < [33, 1, "_"]
            p > [16, 2, {"acknowledge": true, "retain": true}, "@.t", ["for all"]]
            p < [17, 2, "_"]
            p > [16, 3, {"acknowledge": true, "retain": true, "eligible_authrole": ["admin"]}, "@.t", ["for admins"]]
            p < [17, 3, "_"]
            a > [32, 1, {"get_retained": true}, "@.t"]
            a < [33, 1, "$t"]
            [specification] a < [36, "$t", "_", {"retained": true}, ["for all"]]
            [crossbar] a < [36, "$t", "_", {"retained": true}, ["for admins"]]
        "#,
    },
    Scene {
        name: "a publisher does not get its own retained event either",
        text: r#"
            a > [16, 1, {"acknowledge": true, "retain": true}, "@.t", [1]]
            a < [17, 1, "_"]
            a > [32, 2, {"get_retained": true}, "@.t"]
            a < [33, 2, "$t"]
            [crossbar] a < [36, "$t", "_", {"retained": true}, [1]]
        "#,
    },
    Scene {
        name: "whoever asks again for what is retained gets it again",
        text: r#"
            p > [16, 1, {"acknowledge": true, "retain": true}, "@.t", [1]]
            p < [17, 1, "_"]
            a > [32, 1, {"get_retained": true}, "@.t"]
            a < [33, 1, "$t"]
            a < [36, "$t", "_", {"retained": true}, [1]]
            a > [32, 2, {"get_retained": true}, "@.t"]
            a < [33, 2, "$t"]
            a < [36, "$t", "_", {"retained": true}, [1]]
            a > [32, 3, {}, "@.t"]
            a < [33, 3, "$t"]
        "#,
    },
    Scene {
        name: "a session with two subscriptions that match gets the event for each",
        text: r#"
            a > [32, 1, {}, "@.t.one"]
            a < [33, 1, "$exact"]
            a > [32, 2, {"match": "prefix"}, "@.t"]
            a < [33, 2, "$prefix"]
            a > [16, 3, {"acknowledge": true, "exclude_me": false}, "@.t.one", [], {"k": 1}]
            a < [17, 3, "$event"]
            a < [36, "$exact", "$event", {}, [], {"k": 1}]
            a < [36, "$prefix", "$event", {"topic": "@.t.one"}, [], {"k": 1}]
        "#,
    },
    Scene {
        name: "lists are of ids, and flags are no numbers",
        text: r#"
            a > [16, 1, {"exclude": ["one"]}, "@.t"]
            [specification] a < [3, {}, "wamp.error.protocol_violation", "..."]
            a closed
            b > [16, 1, {"acknowledge": 1}, "@.t"]
            [specification] b < [3, {}, "wamp.error.protocol_violation", "..."]
            b closed
            c > [32, 1, {"match": "no such way"}, "@.t"]
            [specification] c < [3, {}, "wamp.error.protocol_violation", "..."]
            c closed
        "#,
    },
    Scene {
        name: "topics of the router are not for publishing",
        text: r#"
            a > [32, 1, {}, "wamp.@.t"]
            a < [33, 1, "$t"]
            p > [16, 1, {"acknowledge": true}, "wamp.@.t", [1]]
            p < [8, 16, 1, {}, "wamp.error.invalid_uri", "..."]
            p > [16, 2, {}, "wamp.@.t", [1]]
        "#,
    },
    Scene {
        name: "a topic that is none",
        text: r#"
            a > [32, 1, {}, "@.a b"]
            [specification] a < [8, 32, 1, {}, "wamp.error.invalid_uri", "..."]
            [crossbar] a closed
            b > [16, 1, {"acknowledge": true}, "@..t"]
            [specification] b < [8, 16, 1, {}, "wamp.error.invalid_uri", "..."]
            [crossbar] b closed
            c > [16, 1, {}, "@..t"]
            [crossbar] c closed
        "#,
    },
    Scene {
        name: "events of one publisher keep their order, whatever their topics",
        text: r#"
            a > [32, 1, {}, "@.one"]
            a < [33, 1, "$one"]
            a > [32, 2, {}, "@.two"]
            a < [33, 2, "$two"]
            p > [16, 1, {}, "@.one", [1]]
            a < [36, "$one", "_", {}, [1]]
            p > [16, 2, {}, "@.two", [2]]
            a < [36, "$two", "_", {}, [2]]
            p > [16, 3, {}, "@.one", [3]]
            a < [36, "$one", "_", {}, [3]]
        "#,
    },
];

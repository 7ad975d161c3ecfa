//! What a router tells of itself, and what can be asked of it.

use crate::scene::Scene;

pub(crate) const SCENES: &[Scene] = &[
    Scene {
        name: "registrations are told of, each in its order",
        text: r#"
            w > [32, 1, {}, "wamp.registration.on_create"]
            w < [33, 1, "$create"]
            w > [32, 2, {}, "wamp.registration.on_register"]
            w < [33, 2, "$register"]
            w > [32, 3, {}, "wamp.registration.on_unregister"]
            w < [33, 3, "$unregister"]
            w > [32, 4, {}, "wamp.registration.on_delete"]
            w < [33, 4, "$delete"]
            a > [64, 1, {"match": "prefix", "invoke": "roundrobin"}, "@.p"]
            a < [65, 1, "$p"]
            w < [36, "$create", "_", {}, ["$a", {"id": "$p", "created": "_", "uri": "@.p", "match": "prefix", "invoke": "roundrobin"}]]
            w < [36, "$register", "_", {}, ["$a", "$p"]]
            b > [64, 1, {"match": "prefix", "invoke": "roundrobin"}, "@.p"]
            b < [65, 1, "$p"]
            w < [36, "$register", "_", {}, ["$b", "$p"]]
            a > [66, 2, "$p"]
            a < [67, 2]
            w < [36, "$unregister", "_", {}, ["$a", "$p"]]
            b > [66, 2, "$p"]
            b < [67, 2]
            w < [36, "$unregister", "_", {}, ["$b", "$p"]]
            w < [36, "$delete", "_", {}, ["$b", "$p"]]
        "#,
    },
    Scene {
        name: "whose registration is gone is told although the session is gone, too",
        text: r#"
            a > [64, 1, {}, "@.p"]
            a < [65, 1, "$p"]
            w > [32, 1, {}, "wamp.registration.on_unregister"]
            w < [33, 1, "$unregister"]
            w > [32, 2, {}, "wamp.registration.on_delete"]
            w < [33, 2, "$delete"]
            a leaves
            [specification] w < [36, "$unregister", "_", {}, ["$a", "$p"]]
            [specification] w < [36, "$delete", "_", {}, ["$a", "$p"]]
            [crossbar] w < [36, "$unregister", "_", {}, [null, "$p"]]
            [crossbar] w < [36, "$delete", "_", {}, [null, "$p"]]
        "#,
    },
    // Crossbar.io does not tell of subscriptions to its own topics. The specification makes no difference.
    Scene {
        name: "subscriptions are told of, each in its order",
        text: r#"
            w > [32, 1, {}, "wamp.subscription.on_delete"]
            w < [33, 1, "$delete"]
            w > [32, 2, {}, "wamp.subscription.on_unsubscribe"]
            w < [33, 2, "$unsubscribe"]
            w > [32, 3, {}, "wamp.subscription.on_subscribe"]
            w < [33, 3, "$subscribe"]
            [specification] w < [36, "$subscribe", "_", {}, ["$w", "$subscribe"]]
            w > [32, 4, {}, "wamp.subscription.on_create"]
            w < [33, 4, "$create"]
            [specification] w < [36, "$create", "_", {}, ["$w", {"id": "$create", "created": "_", "uri": "wamp.subscription.on_create", "match": "exact"}]]
            [specification] w < [36, "$subscribe", "_", {}, ["$w", "$create"]]
            a > [32, 1, {"match": "wildcard"}, "@..t"]
            a < [33, 1, "$t"]
            w < [36, "$create", "_", {}, ["$a", {"id": "$t", "created": "_", "uri": "@..t", "match": "wildcard"}]]
            w < [36, "$subscribe", "_", {}, ["$a", "$t"]]
            b > [32, 1, {"match": "wildcard"}, "@..t"]
            b < [33, 1, "$t"]
            w < [36, "$subscribe", "_", {}, ["$b", "$t"]]
            a > [32, 2, {"match": "wildcard"}, "@..t"]
            a < [33, 2, "$t"]
            b > [34, 2, "$t"]
            b < [35, 2]
            w < [36, "$unsubscribe", "_", {}, ["$b", "$t"]]
            a > [34, 3, "$t"]
            a < [35, 3]
            w < [36, "$unsubscribe", "_", {}, ["$a", "$t"]]
            w < [36, "$delete", "_", {}, ["$a", "$t"]]
        "#,
    },
    Scene {
        name: "sessions are told of",
        text: r#"
            w > [32, 1, {}, "wamp.session.on_join"]
            w < [33, 1, "$join"]
            w > [32, 2, {}, "wamp.session.on_leave"]
            w < [33, 2, "$leave"]
            a joins {"caller": {}}
            w < [36, "$join", "_", {}, ["$details"]]
            a > [48, 1, {}, "wamp.session.get", ["$a"]]
            a < [50, 1, {}, ["_"]]
            a leaves
            [specification] w < [36, "$leave", "_", {}, ["$a", "_", "anonymous"]]
            [crossbar] w < [36, "$leave", "_", {}, ["$a"]]
            w > [48, 3, {}, "wamp.session.get", ["$a"]]
            w < [8, 48, 3, {}, "wamp.error.no_such_session", "..."]
            w > [48, 4, {}, "wamp.session.count", [["no such role"]]]
            w < [50, 4, {}, [0]]
            w > [48, 5, {}, "wamp.session.list", [["no such role"]]]
            w < [50, 5, {}, [[]]]
        "#,
    },
    Scene {
        name: "what is registered can be asked for",
        text: r#"
            a > [64, 1, {}, "@.p"]
            a < [65, 1, "$exact"]
            b > [64, 1, {"match": "prefix", "invoke": "last"}, "@.p"]
            b < [65, 1, "$prefix"]
            w > [48, 1, {}, "wamp.registration.lookup", ["@.p"]]
            w < [50, 1, {}, ["$exact"]]
            w > [48, 2, {}, "wamp.registration.lookup", ["@.p", {"match": "prefix"}]]
            w < [50, 2, {}, ["$prefix"]]
            w > [48, 3, {}, "wamp.registration.lookup", ["@.q"]]
            w < [50, 3, {}, [null]]
            w > [48, 4, {}, "wamp.registration.match", ["@.p.more"]]
            w < [50, 4, {}, ["$prefix"]]
            w > [48, 5, {}, "wamp.registration.match", ["@.q"]]
            w < [50, 5, {}, [null]]
            w > [48, 6, {}, "wamp.registration.get", ["$prefix"]]
            w < [50, 6, {}, [{"id": "$prefix", "created": "_", "uri": "@.p", "match": "prefix", "invoke": "last"}]]
            w > [48, 7, {}, "wamp.registration.list_callees", ["$prefix"]]
            w < [50, 7, {}, [["$b"]]]
            w > [48, 8, {}, "wamp.registration.count_callees", ["$prefix"]]
            w < [50, 8, {}, [1]]
            w > [48, 9, {}, "wamp.registration.get", [9007199254740990]]
            w < [8, 48, 9, {}, "wamp.error.no_such_registration", "..."]
            w > [48, 10, {}, "wamp.registration.count_callees", [9007199254740990]]
            w < [8, 48, 10, {}, "wamp.error.no_such_registration", "..."]
        "#,
    },
    Scene {
        name: "what is subscribed to can be asked for",
        text: r#"
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$exact"]
            b > [32, 1, {"match": "prefix"}, "@.t"]
            b < [33, 1, "$prefix"]
            w > [48, 1, {}, "wamp.subscription.lookup", ["@.t"]]
            w < [50, 1, {}, ["$exact"]]
            w > [48, 2, {}, "wamp.subscription.lookup", ["@.t", {"match": "prefix"}]]
            w < [50, 2, {}, ["$prefix"]]
            w > [48, 3, {}, "wamp.subscription.lookup", ["@.q"]]
            w < [50, 3, {}, [null]]
            w > [48, 4, {}, "wamp.subscription.match", ["@.t.more"]]
            w < [50, 4, {}, [["$prefix"]]]
            w > [48, 5, {}, "wamp.subscription.match", ["@.q"]]
            w < [50, 5, {}, [null]]
            w > [48, 6, {}, "wamp.subscription.get", ["$prefix"]]
            w < [50, 6, {}, [{"id": "$prefix", "created": "_", "uri": "@.t", "match": "prefix"}]]
            w > [48, 7, {}, "wamp.subscription.list_subscribers", ["$prefix"]]
            w < [50, 7, {}, [["$b"]]]
            w > [48, 8, {}, "wamp.subscription.count_subscribers", ["$prefix"]]
            w < [50, 8, {}, [1]]
            w > [48, 9, {}, "wamp.subscription.get", [9007199254740990]]
            w < [8, 48, 9, {}, "wamp.error.no_such_subscription", "..."]
        "#,
    },
    Scene {
        name: "a session is killed, but never by itself",
        text: r#"
            a > [64, 1, {}, "@.p"]
            a < [65, 1, "$p"]
            w > [48, 1, {}, "wamp.session.kill", ["$a"], {"reason": "shop.closed"}]
            [specification] w < [50, 1, {}]
            [crossbar] w < [50, 1, {}, [null]]
            a < [6, {}, "shop.closed"]
            a ends
            w > [48, 2, {}, "@.p"]
            w < [8, 48, 2, {}, "wamp.error.no_such_procedure", "..."]
            w > [48, 3, {}, "wamp.session.kill", [4]]
            w < [8, 48, 3, {}, "wamp.error.no_such_session", "..."]
            w > [48, 4, {}, "wamp.session.kill", ["$w"]]
            [specification] w < [8, 48, 4, {}, "wamp.error.no_such_session", "..."]
            [crossbar] w < [6, {}, "_"]
            [crossbar] w ends
        "#,
    },
    Scene {
        name: "a testament is published however its session ends",
        text: r#"
            w > [32, 1, {}, "@.t"]
            w < [33, 1, "$t"]
            a > [48, 1, {}, "wamp.session.add_testament", ["@.t", ["gone"], {"k": 1}]]
            a < [50, 1, {}, "..."]
            b > [48, 1, {}, "wamp.session.add_testament", ["@.t", ["forgotten"], {}]]
            b < [50, 1, {}, "..."]
            b > [48, 2, {}, "wamp.session.flush_testaments"]
            b < [50, 2, {}, "..."]
            c > [48, 1, {}, "wamp.session.add_testament", ["@.t", ["broken"], {}]]
            c < [50, 1, {}, "..."]
            a leaves
            w < [36, "$t", "_", {}, ["gone"], {"k": 1}]
            b leaves
            c breaks
            w < [36, "$t", "_", {}, ["broken"]]
        "#,
    },
    // The specification does not say in which order.
    Scene {
        name: "when a session ends its testament comes first, then its registrations end, then it has left",
        text: r#"
            w > [32, 1, {}, "@.t"]
            w < [33, 1, "$t"]
            w > [32, 2, {}, "wamp.registration.on_delete"]
            w < [33, 2, "$delete"]
            w > [32, 3, {}, "wamp.session.on_leave"]
            w < [33, 3, "$leave"]
            a > [64, 1, {}, "@.p"]
            a < [65, 1, "$p"]
            a > [48, 2, {}, "wamp.session.add_testament", ["@.t", ["gone"], {}]]
            a < [50, 2, {}, "..."]
            a breaks
            w < [36, "$t", "_", {}, ["gone"]]
            [specification] w < [36, "$delete", "_", {}, ["$a", "$p"]]
            w < [36, "$leave", "_", {}, ["$a", "..."]]
            [crossbar] w < [36, "$delete", "_", {}, [null, "$p"]]
        "#,
    },
    Scene {
        name: "several sessions are killed at once, and never whoever asks for it",
        text: r#"
            a joins {"caller": {}}
            w > [48, 1, {}, "wamp.session.kill_by_authid", ["nobody"]]
            w < [50, 1, {}, [[]]]
            w > [48, 2, {}, "wamp.session.kill_by_authrole", ["admin"]]
            [specification] w < [50, 2, {}, [0]]
            [crossbar] w < [50, 2, {}, [[]]]
            w > [48, 3, {}, "wamp.session.kill_all"]
            [specification] w < [50, 3, {}, ["_"]]
            [specification] a < [6, {}, "wamp.close.killed"]
            [specification] a ends
            [crossbar] w < [8, 48, 3, {}, "wamp.error.no_such_procedure", "..."]
        "#,
    },
    Scene {
        name: "a subscription is taken from somebody",
        text: r#"
            a > [32, 1, {}, "@.t"]
            a < [33, 1, "$t"]
            w > [48, 1, {}, "wamp.subscription.remove_subscriber", ["$t", "$a"]]
            w < [50, 1, {}, "..."]
            a < [35, 0, {"subscription": "$t"}]
            w > [16, 2, {}, "@.t"]
        "#,
    },
    Scene {
        name: "a registration is taken from somebody",
        text: r#"
            a > [64, 1, {}, "@.p"]
            a < [65, 1, "$p"]
            w > [48, 1, {}, "wamp.registration.remove_callee", ["$p", "$a"]]
            [specification] w < [50, 1, {}, "..."]
            [specification] a < [67, 0, {"registration": "$p"}]
            [specification] w > [48, 2, {}, "@.p"]
            [specification] w < [8, 48, 2, {}, "wamp.error.no_such_procedure", "..."]
            [crossbar] w < [8, 48, 1, {}, "wamp.error.runtime_error", "..."]
        "#,
    },
];

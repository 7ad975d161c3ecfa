//! Calls that are canceled, time out, report progress, or lose one of their ends.

use crate::scene::Scene;

pub(crate) const SCENES: &[Scene] = &[
    Scene {
        name: "progress is passed on until the answer",
        text: r#"
            callee > [64, 1, {}, "@.count"]
            callee < [65, 1, "$count"]
            caller > [48, 1, {"receive_progress": true}, "@.count"]
            callee < [68, "$call", "$count", {"receive_progress": true}]
            callee > [70, "$call", {"progress": true}, [1]]
            caller < [50, 1, {"progress": true}, [1]]
            callee > [70, "$call", {"progress": true}, [2], {"k": 1}]
            caller < [50, 1, {"progress": true}, [2], {"k": 1}]
            callee > [70, "$call", {}]
            caller < [50, 1, {}]
            callee > [70, "$call", {"progress": true}, [3]]
        "#,
    },
    Scene {
        name: "an error may follow progress",
        text: r#"
            callee > [64, 1, {}, "@.count"]
            callee < [65, 1, "$count"]
            caller > [48, 1, {"receive_progress": true}, "@.count"]
            callee < [68, "$call", "$count", {"receive_progress": true}]
            callee > [70, "$call", {"progress": true}, [1]]
            caller < [50, 1, {"progress": true}, [1]]
            callee > [8, 68, "$call", {}, "shop.error.closed"]
            caller < [8, 48, 1, {}, "shop.error.closed"]
        "#,
    },
    // The specification does not say. Ours keeps it from callers that have not asked.
    Scene {
        name: "progress that nobody has asked for",
        text: r#"
            callee > [64, 1, {}, "@.count"]
            callee < [65, 1, "$count"]
            caller > [48, 1, {}, "@.count"]
            callee < [68, "$call", "$count", {}]
            callee > [70, "$call", {"progress": true}, [1]]
            [crossbar] caller < [50, 1, {"progress": true}, [1]]
            callee > [70, "$call", {}, [2]]
            caller < [50, 1, {}, [2]]
        "#,
    },
    Scene {
        name: "canceled, mode killnowait: the caller is told at once, the callee interrupted, its answer swallowed",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            caller > [49, 1, {"mode": "killnowait"}]
            caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
            callee < [69, "$call", {"mode": "killnowait"}]
            callee > [8, 68, "$call", {}, "wamp.error.canceled"]
        "#,
    },
    // Crossbar.io answers such a call once more if the callee goes without having answered.
    Scene {
        name: "canceled without a mode is canceled in mode killnowait",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            caller > [49, 1, {}]
            caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
            [specification] callee < [69, "$call", {"mode": "killnowait"}]
            [crossbar] callee < [69, "$call", {}]
            callee > [8, 68, "$call", {}, "wamp.error.canceled"]
        "#,
    },
    // The caller of Crossbar.io waits for as long as the callee is there, here and where the callee cannot be interrupted.
    Scene {
        name: "canceled, mode skip: the caller is told at once, the callee nothing",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            caller > [49, 1, {"mode": "skip"}]
            [specification] caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
            [specification] callee > [70, "$call", {}, ["late"]]
            [crossbar] callee leaves
            [crossbar] caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
        "#,
    },
    Scene {
        name: "canceled, mode kill: the caller gets the callee's error",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            caller > [49, 1, {"mode": "kill"}]
            callee < [69, "$call", {"mode": "kill"}]
            callee > [8, 68, "$call", {}, "wamp.error.canceled", ["at once"]]
            [specification] caller < [8, 48, 1, {}, "wamp.error.canceled", ["at once"]]
            [crossbar] caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
        "#,
    },
    Scene {
        name: "canceled, mode kill: a callee may have a result after all",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            caller > [49, 1, {"mode": "kill"}]
            callee < [69, "$call", {"mode": "kill"}]
            callee > [70, "$call", {}, ["done"]]
            [specification] caller < [50, 1, {}, ["done"]]
            [crossbar] caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
        "#,
    },
    Scene {
        name: "a callee that cannot be interrupted is not, whatever the mode",
        text: r#"
            callee joins {"callee": {}}
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            caller > [49, 1, {"mode": "kill"}]
            [specification] caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
            [specification] callee > [70, "$call", {}, ["late"]]
            [crossbar] callee leaves
            [crossbar] caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
        "#,
    },
    Scene {
        name: "canceling what is not open is nothing",
        text: r#"
            caller > [49, 1, {}]
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            callee > [70, "$call", {}]
            caller < [50, 1, {}]
            caller > [49, 1, {"mode": "kill"}]
        "#,
    },
    Scene {
        name: "a callee says goodbye while it has a call",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            callee leaves
            caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
            caller > [48, 2, {}, "@.p"]
            caller < [8, 48, 2, {}, "wamp.error.no_such_procedure", "..."]
        "#,
    },
    Scene {
        name: "the connection of a callee breaks while it has a call",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            callee breaks
            caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
        "#,
    },
    Scene {
        name: "the connection of a caller breaks while its call is open",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            caller breaks
            callee < [69, "$call", {"mode": "killnowait"}]
            callee > [8, 68, "$call", {}, "wamp.error.canceled"]
            other > [48, 1, {}, "@.p"]
            callee < [68, "$next", "$p", {}]
            callee > [70, "$next", {}]
            other < [50, 1, {}]
        "#,
    },
    // Crossbar.io takes the time for seconds, tells every callee of it, and the caller that its call was canceled.
    Scene {
        name: "a call whose time is up",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {"timeout": 1}, "@.p"]
            [specification] callee < [68, "$call", "$p", {}]
            [specification] caller < [8, 48, 1, {}, "wamp.error.timeout", "..."]
            [specification] callee < [69, "$call", {"mode": "killnowait", "reason": "wamp.error.timeout"}]
            [specification] callee > [70, "$call", {}, ["late"]]
            [crossbar] callee < [68, "$call", "$p", {"timeout": 1}]
            [crossbar] caller < [8, 48, 1, {}, "wamp.error.canceled", "..."]
            [crossbar] callee < [69, "$call", {"mode": "killnowait"}]
        "#,
    },
    Scene {
        name: "a callee that wants to keep the time is told it",
        text: r#"
            callee > [64, 1, {"forward_timeout": true}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {"timeout": 100000}, "@.p"]
            callee < [68, "$call", "$p", {"timeout": 100000}]
            callee > [70, "$call", {}]
            caller < [50, 1, {}]
        "#,
    },
    Scene {
        name: "an answer to somebody else's invocation is none",
        text: r#"
            callee > [64, 1, {}, "@.p"]
            callee < [65, 1, "$p"]
            caller > [48, 1, {}, "@.p"]
            callee < [68, "$call", "$p", {}]
            thief > [70, "$call", {}, ["stolen"]]
            [specification] thief < [3, {}, "wamp.error.protocol_violation", "..."]
            thief closed
            callee > [70, "$call", {}, ["mine"]]
            caller < [50, 1, {}, ["mine"]]
        "#,
    },
];

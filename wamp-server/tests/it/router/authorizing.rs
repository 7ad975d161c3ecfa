//! Functions that decide what sessions may offer to each other, and ask of each other.

use std::time::Duration;

use wamp_server::permission::{Access, Action, Decision, Permissions, Rule};
use wamp_server::{CallError, Server, Session};

use super::permissions::{NO_PROCEDURE, NOT_AUTHORIZED, named_, outcome};
use super::support::*;
use crate::support::{Events, Log};

/// Asks an authorizer that decides when the test says so: `yes` or `no` and the URI.
fn undecided() -> (Server, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let authorizer = {
        let (events, log) = (events.clone(), log.clone());
        move |session: Session, access: Access| {
            let (events, log) = (events.clone(), log.clone());
            async move {
                let Access {
                    action,
                    uri,
                    matching,
                    ..
                } = access;
                log.note(format!("{} {action} {uri} {matching:?}", session.auth().id));
                let (yes, no, error) = (
                    format!("yes {uri}"),
                    format!("no {uri}"),
                    format!("error {uri}"),
                );
                tokio::select! {
                    () = events.wait(&yes) => Ok(Decision::allow().trust_level(5)),
                    () = events.wait(&no) => Ok(Decision::deny()),
                    () = events.wait(&error) => Err(CallError::internal("no idea")),
                }
            }
        }
    };
    let free = Permissions::new().role("root", [Rule::prefix("").all()]);
    let app = named().permissions(free).authorizer(authorizer);
    (build(app), events, log)
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_decides_on_registrations() {
    let (server, events, log) = undecided();
    let mut callee = named_(&server, "joe").await;
    let mut caller = named_(&server, "root").await;
    for (request, (matching, uri)) in
        (1..).zip([("exact", "a"), ("prefix", "b."), ("wildcard", "c..d")])
    {
        say(&mut callee, json!([64, request, {"match": matching}, uri])).await;
    }
    callee.hears_nothing().await;
    let asked = ["a Exact", "b. Prefix", "c..d Wildcard"].map(|it| format!("joe register {it}"));
    assert_eq!(log.take(), asked);
    refused(&mut caller, json!([48, 1, {}, "a"]), NO_PROCEDURE).await;
    events.happen("yes c..d");
    callee.hears(json!([65, 3, ANY])).await;
    events.happen("no a");
    callee
        .hears(json!([8, 64, 1, {}, NOT_AUTHORIZED, [ANY]]))
        .await;
    events.happen("error b.");
    let failed = "wamp.error.authorization_failed";
    callee.hears(json!([8, 64, 2, {}, failed, [ANY]])).await;
    say(&mut caller, json!([48, 2, {}, "c.x.d"])).await;
    answers(&mut callee, &mut caller, 2).await;
    refused(&mut caller, json!([48, 3, {}, "a"]), NO_PROCEDURE).await;
}

#[tokio::test(start_paused = true)]
async fn who_is_decided_on_first_registers_first() {
    let (server, events, _) = undecided();
    let mut joe = named_(&server, "joe").await;
    let mut root = named_(&server, "root").await;
    say(&mut joe, json!([64, 1, {}, "a"])).await;
    register(&mut root, 1, json!({}), "a").await;
    events.happen("yes a");
    let exists = "wamp.error.procedure_already_exists";
    joe.hears(json!([8, 64, 1, {}, exists, [ANY]])).await;
    // Who leaves meanwhile registers nothing.
    say(&mut joe, json!([64, 2, {}, "b"])).await;
    settle().await;
    joe.goodbye().await;
    events.happen("yes b");
    settle().await;
    register(&mut root, 2, json!({}), "b").await;
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_decides_on_calls() {
    let (server, events, log) = undecided();
    let (mut callee, mut caller) = (named_(&server, "root").await, named_(&server, "joe").await);
    for (request, uri) in (1..).zip(["a", "b", "c"]) {
        register(&mut callee, request, json!({}), uri).await;
    }
    for (request, uri) in (1..).zip(["a", "b", "c", "none"]) {
        let options = json!({"_x": 1, "receive_progress": true});
        say(
            &mut caller,
            json!([48, request, options, uri, [request], {"k": 1}]),
        )
        .await;
    }
    caller.hears_nothing().await;
    callee.hears_nothing().await;
    assert_eq!(
        log.take(),
        ["a", "b", "c", "none"].map(|it| format!("joe call {it} Exact"))
    );
    events.happen("no b");
    caller
        .hears(json!([8, 48, 2, {}, NOT_AUTHORIZED, [ANY]]))
        .await;
    events.happen("error c");
    let failed = "wamp.error.authorization_failed";
    caller.hears(json!([8, 48, 3, {}, failed, [ANY]])).await;
    events.happen("yes none");
    caller
        .hears(json!([8, 48, 4, {}, NO_PROCEDURE, [ANY]]))
        .await;
    callee.hears_nothing().await;
    events.happen("yes a");
    let details = json!({"_x": 1, "receive_progress": true, "trustlevel": 5});
    callee
        .hears(json!([68, 1, ANY, details, [1], {"k": 1}]))
        .await;
    say(&mut callee, json!([70, 1, {"progress": true}, [1]])).await;
    caller.hears(json!([50, 1, {"progress": true}, [1]])).await;
    say(&mut callee, json!([70, 1, {}, [2]])).await;
    caller.hears(json!([50, 1, {}, [2]])).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_may_end_before_it_is_decided_on() {
    let (server, events, _) = undecided();
    let (mut callee, mut caller) = (named_(&server, "root").await, named_(&server, "joe").await);
    register(&mut callee, 1, json!({}), "a").await;
    for (request, mode) in (1..).zip(["skip", "kill", "killnowait"]) {
        say(&mut caller, json!([48, request, {}, "a"])).await;
        say(&mut caller, json!([49, request, {"mode": mode}])).await;
        caller
            .hears(json!([8, 48, request, {}, "wamp.error.canceled"]))
            .await;
    }
    say(&mut caller, json!([48, 4, {"timeout": 1000}, "a"])).await;
    let timeout = json!([8, 48, 4, {}, "wamp.error.timeout"]);
    caller.hears_after(Duration::from_secs(1), timeout).await;
    events.happen("yes a");
    caller.hears_nothing().await;
    callee.hears_nothing().await;
    nothing_runs(&server);
}

fn nothing_runs(server: &Server) {
    assert_eq!(server.stats().running_handlers, 0);
}

#[tokio::test(start_paused = true)]
async fn time_counts_from_the_call_and_not_from_the_decision() {
    let (server, events, _) = undecided();
    let (mut callee, mut caller) = (named_(&server, "root").await, named_(&server, "joe").await);
    register(&mut callee, 1, json!({}), "a").await;
    say(&mut caller, json!([48, 1, {"timeout": 1000}, "a"])).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    events.happen("yes a");
    callee.hears(json!([68, 1, ANY, {"trustlevel": 5}])).await;
    let timeout = json!([8, 48, 1, {}, "wamp.error.timeout"]);
    caller
        .hears_after(Duration::from_millis(400), timeout)
        .await;
    let interrupt = json!({"mode": "killnowait", "reason": "wamp.error.timeout"});
    callee.hears(json!([69, 1, interrupt])).await;
}

#[tokio::test(start_paused = true)]
async fn arguments_that_come_before_the_decision_wait_for_it() {
    for ends_before in [false, true] {
        let (server, events, _) = undecided();
        let (mut callee, mut caller) =
            (named_(&server, "root").await, named_(&server, "joe").await);
        register(&mut callee, 1, json!({}), "a").await;
        let more = json!({"progress": true});
        for step in 0..3 {
            say(&mut caller, json!([48, 1, more, "a", [step]])).await;
        }
        if ends_before {
            say(&mut caller, json!([48, 1, {}, "a", [3]])).await;
        }
        callee.hears_nothing().await;
        events.happen("yes a");
        let first = json!({"progress": true, "trustlevel": 5});
        callee.hears(json!([68, 1, ANY, first, [0]])).await;
        for step in 1..3 {
            callee.hears(json!([68, 1, ANY, more, [step]])).await;
        }
        if !ends_before {
            say(&mut caller, json!([48, 1, {}, "a", [3]])).await;
        }
        callee.hears(json!([68, 1, ANY, {}, [3]])).await;
        say(&mut callee, json!([70, 1, {}, ["all"]])).await;
        caller.hears(json!([50, 1, {}, ["all"]])).await;
        nothing_runs(&server);
    }
}

#[tokio::test(start_paused = true)]
async fn who_offers_a_procedure_may_change_before_the_decision() {
    let (server, events, _) = undecided();
    let mut root = named_(&server, "root").await;
    let mut caller = named_(&server, "joe").await;
    let a = register(&mut root, 1, json!({}), "a").await;
    for (request, uri) in (1..).zip(["a", "b"]) {
        say(&mut caller, json!([48, request, {}, uri])).await;
    }
    settle().await;
    say(&mut root, json!([66, 2, a])).await;
    root.hears(json!([67, 2])).await;
    let b = register(&mut root, 3, json!({}), "b").await;
    events.happen("yes a");
    caller
        .hears(json!([8, 48, 1, {}, NO_PROCEDURE, [ANY]]))
        .await;
    events.happen("yes b");
    root.hears(json!([68, 1, b, {"trustlevel": 5}])).await;
    say(&mut root, json!([70, 1, {}])).await;
    caller.hears(json!([50, 2, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_decides_on_patterns_that_are_subscribed_to() {
    let app = named().authorizer(async |_, access: Access| {
        access.action != Action::Subscribe || &*access.uri == "t."
    });
    let server = build(app);
    let mut client = named_(&server, "joe").await;
    let options = json!({"match": "prefix"});
    for topic in ["", "t", "u."] {
        let heard = outcome(&mut client, json!([32, 1, options, topic])).await;
        assert_eq!(heard, NOT_AUTHORIZED, "{topic}");
    }
    let id = subscribe(&mut client, 2, options, "t.").await;
    let mut publisher = named_(&server, "ann").await;
    say(&mut publisher, json!([16, 1, {}, "t.x"])).await;
    client.hears(json!([36, id, ANY, {"topic": "t.x"}])).await;
}

#[tokio::test(start_paused = true)]
async fn only_so_many_arguments_wait_for_a_decision() {
    let (server, events, _) = undecided();
    let (mut callee, mut caller) = (named_(&server, "root").await, named_(&server, "joe").await);
    register(&mut callee, 1, json!({}), "a").await;
    let more = json!({"progress": true});
    for step in 0..=64 {
        say(&mut caller, json!([48, 1, more, "a", [step]])).await;
    }
    caller.hears_nothing().await;
    let limit = "wamp.error.limit_exceeded";
    refused(&mut caller, json!([48, 1, more, "a", [65]]), limit).await;
    nothing_runs(&server);
    events.happen("yes a");
    say(&mut caller, json!([48, 1, more, "a", [66]])).await;
    say(&mut caller, json!([48, 1, {}, "a", [67]])).await;
    callee.hears_nothing().await;
    caller.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn who_leaves_before_the_decision_calls_and_subscribes_to_nothing() {
    for vanishes in [false, true] {
        let (server, events, _) = undecided();
        let (mut root, mut joe) = (named_(&server, "root").await, named_(&server, "joe").await);
        register(&mut root, 1, json!({}), "a").await;
        say(&mut joe, json!([48, 1, {}, "a"])).await;
        say(&mut joe, json!([32, 2, {"match": "prefix"}, "t."])).await;
        say(&mut joe, json!([16, 3, {"acknowledge": true}, "t.x"])).await;
        settle().await;
        if vanishes {
            joe.vanish().await;
        } else {
            joe.goodbye().await;
        }
        for yes in ["yes a", "yes t.", "yes t.x"] {
            events.happen(yes);
        }
        root.hears_nothing().await;
        nothing_runs(&server);
        let realm = server.realm("realm1").expect("the default realm");
        assert_eq!(realm.topics(), 0);
    }
}

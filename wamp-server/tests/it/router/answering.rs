//! What callees answer, as their callers hear it; and what the router announces.

use std::collections::BTreeSet;

use serde_json::Value;
use wamp_server::App;

use super::support::*;

#[tokio::test(start_paused = true)]
async fn answers_are_passed_on_as_they_are() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "p").await;
    let answers = [
        (json!([70, 0, {}]), json!([50, 0, {}])),
        (json!([70, 0, {}, []]), json!([50, 0, {}])),
        (json!([70, 0, {}, [], {}]), json!([50, 0, {}])),
        (json!([70, 0, {}, [[]]]), json!([50, 0, {}, [[]]])),
        (
            json!([70, 0, {}, [], {"k": []}]),
            json!([50, 0, {}, [], {"k": []}]),
        ),
        (json!([70, 0, {}, [1], {}]), json!([50, 0, {}, [1]])),
        (
            json!([8, 68, 0, {}, "a.b", [1], {"k": 2}]),
            json!([8, 48, 0, {}, "a.b", [1], {"k": 2}]),
        ),
        (json!([8, 68, 0, {}, "a", []]), json!([8, 48, 0, {}, "a"])),
        // An error of the protocol may be the callee's own.
        (
            json!([8, 68, 0, {}, "wamp.error.invalid_argument", ["x"]]),
            json!([8, 48, 0, {}, "wamp.error.invalid_argument", ["x"]]),
        ),
        // Callers get URIs.
        (
            json!([8, 68, 0, {}, "no uri", ["x"]]),
            json!([8, 48, 0, {}, "wamp.error.runtime_error", ["x"]]),
        ),
        (
            json!([8, 68, 0, {}, ""]),
            json!([8, 48, 0, {}, "wamp.error.runtime_error"]),
        ),
    ];
    for (id, (mut answer, mut heard)) in (1..).zip(answers) {
        for message in [&mut answer, &mut heard] {
            let at = if message[0] == 8 { 2 } else { 1 };
            message[at] = json!(id);
        }
        say(&mut caller, json!([48, id, {}, "p"])).await;
        callee.hears(json!([68, id, ANY, {}])).await;
        say(&mut callee, answer).await;
        caller.hears(heard).await;
        // There is one answer.
        say(&mut callee, json!([70, id, {}, ["again"]])).await;
        caller.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn results_come_in_the_order_in_which_they_are_ready() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "p").await;
    register(&mut callee, 2, json!({}), "q").await;
    for request in 1..=6 {
        let procedure = if request % 2 == 0 { "p" } else { "q" };
        say(&mut caller, json!([48, request, {}, procedure, [request]])).await;
    }
    // Calls of one caller reach one callee in their order.
    for request in 1..=6 {
        callee.hears(json!([68, request, ANY, {}, [request]])).await;
    }
    for request in [4, 1, 6, 2, 3, 5] {
        say(&mut callee, json!([70, request, {}, [request]])).await;
        caller.hears(json!([50, request, {}, [request]])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn calls_of_nothing_are_answered() {
    let server = router();
    let mut caller = join(&server).await;
    for (request, (uri, error)) in (1..).zip([
        ("none", "wamp.error.no_such_procedure"),
        ("wamp.none", "wamp.error.no_such_procedure"),
        ("", "wamp.error.invalid_uri"),
        ("a..b", "wamp.error.invalid_uri"),
        ("a b", "wamp.error.invalid_uri"),
    ]) {
        refused(&mut caller, json!([48, request, {}, uri]), error).await;
    }
}

#[tokio::test(start_paused = true)]
async fn calls_between_sessions_are_counted_like_those_of_functions() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "p").await;
    let counted = || (server.stats().calls, server.stats().failed_calls);
    for request in 1..=4 {
        say(&mut caller, json!([48, request, {}, "p"])).await;
        assert_eq!(callee.next().await[0], 68);
    }
    assert_eq!(counted(), (4, 0));
    say(&mut callee, json!([70, 1, {}])).await;
    caller.hears(json!([50, 1, {}])).await;
    assert_eq!(counted(), (4, 0));
    say(&mut callee, json!([8, 68, 2, {}, "test.no"])).await;
    caller.hears(json!([8, 48, 2, {}, "test.no"])).await;
    assert_eq!(counted(), (4, 1));
    say(&mut caller, json!([49, 3, {}])).await;
    caller
        .hears(json!([8, 48, 3, {}, "wamp.error.canceled"]))
        .await;
    assert_eq!(counted(), (4, 2));
    // What comes too late is not counted, and whose callee has gone is.
    say(&mut callee, json!([8, 68, 3, {}, "test.no"])).await;
    callee.vanish().await;
    assert_eq!(caller.next().await[0], 8);
    assert_eq!(counted(), (4, 3));
}

/// What WELCOME announces for a role.
fn announced(welcome: &Value, role: &str) -> BTreeSet<String> {
    let features = welcome[2]["roles"][role]["features"].as_object();
    let features = features.expect("an object").iter();
    features
        .map(|(name, announced)| {
            assert_eq!(announced, &json!(true));
            name.clone()
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_router_announces_what_sessions_can_do_for_each_other() {
    let routed = [
        ("dealer", "pattern_based_registration"),
        ("dealer", "shared_registration"),
        ("dealer", "sharded_registration"),
        ("dealer", "registration_revocation"),
        ("dealer", "call_reroute"),
        ("dealer", "payload_passthru_mode"),
        ("broker", "subscriber_blackwhite_listing"),
        ("broker", "publisher_exclusion"),
        ("broker", "pattern_based_subscription"),
        ("broker", "sharded_subscription"),
        ("broker", "subscription_revocation"),
        ("broker", "payload_passthru_mode"),
    ];
    let always = [
        ("dealer", "progressive_call_results"),
        ("dealer", "progressive_call_invocations"),
        ("dealer", "call_timeout"),
        ("dealer", "call_canceling"),
        ("dealer", "caller_identification"),
        ("dealer", "call_trustlevels"),
        ("broker", "publisher_identification"),
        ("broker", "publication_trustlevels"),
    ];
    for (server, routes) in [(router(), true), (build(App::empty()), false)] {
        let mut client = Client::connect(&server);
        client.say(super::calls::EVERYTHING).await;
        let welcome = client.next().await;
        for (role, feature) in always {
            assert!(
                announced(&welcome, role).contains(feature),
                "{role} {feature}"
            );
        }
        for (role, feature) in routed {
            let announced = announced(&welcome, role).contains(feature);
            assert_eq!(announced, routes, "{role} {feature}");
        }
    }
}

//! REGISTER and UNREGISTER.

use wamp_server::{App, Limits, RouterOptions};

use super::support::*;

const EXISTS: &str = "wamp.error.procedure_already_exists";
const INVALID_URI: &str = "wamp.error.invalid_uri";
const LIMIT: &str = "wamp.error.limit_exceeded";
const NO_REGISTRATION: &str = "wamp.error.no_such_registration";
const NO_PROCEDURE: &str = "wamp.error.no_such_procedure";

#[tokio::test(start_paused = true)]
async fn registered_comes_before_any_invocation() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    // The callee calls itself in the same breath.
    say(&mut callee, json!([64, 1, {}, "math.add"])).await;
    say(&mut callee, json!([48, 2, {}, "math.add", [1]])).await;
    say(&mut caller, json!([48, 1, {}, "math.add", [2]])).await;
    callee.hears(json!([65, 1, ANY])).await;
    callee.hears(json!([68, 1, ANY, {}, [1]])).await;
    callee.hears(json!([68, 2, ANY, {}, [2]])).await;
    say(&mut callee, json!([70, 1, {}, ["me"]])).await;
    callee.hears(json!([50, 2, {}, ["me"]])).await;
    say(&mut callee, json!([70, 2, {}])).await;
    caller.hears(json!([50, 1, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn a_procedure_that_somebody_offers_cannot_be_offered_again() {
    let server = router();
    let (mut first, mut second) = (join(&server).await, join(&server).await);
    register(&mut first, 1, json!({}), "math.add").await;
    refused(&mut second, json!([64, 1, {}, "math.add"]), EXISTS).await;
    refused(&mut first, json!([64, 2, {}, "math.add"]), EXISTS).await;
    let single = json!([64, 2, {"invoke": "single"}, "math.add"]);
    refused(&mut second, single, EXISTS).await;
    let shared = json!([64, 3, {"invoke": "roundrobin"}, "math.add"]);
    refused(&mut second, shared, EXISTS).await;
}

#[tokio::test(start_paused = true)]
async fn only_uris_and_patterns_can_be_registered() {
    let server = router();
    let mut callee = join(&server).await;
    let long = format!("a{}", ".a".repeat(10_000));
    let cases = [
        (
            "exact",
            &["", ".", "a.", ".a", "a..b", "a b", "a#b", &long][..],
        ),
        ("prefix", &["a..b", "a b", "a#", ".", "a..", &long]),
        ("wildcard", &["a b..c", "#..b", &long]),
        ("exact", &["wamp.x", "wamp", "wamp.session.count"]),
        ("prefix", &["wamp.", "wamp", "wamp.x"]),
        ("wildcard", &["wamp.", "wamp..x"]),
    ];
    let mut request = 0;
    for (matching, uris) in cases {
        for uri in uris {
            request += 1;
            let register = json!([64, request, {"match": matching}, uri]);
            refused(&mut callee, register, INVALID_URI).await;
        }
    }
    for (matching, uri) in [
        ("prefix", ""),
        ("prefix", "a."),
        ("prefix", "wam"),
        ("wildcard", ""),
        ("wildcard", "."),
        ("wildcard", "a..b"),
        ("wildcard", "..x"),
        ("exact", "wampum.x"),
        ("exact", "Ünï.-+/"),
    ] {
        request += 1;
        register(&mut callee, request, json!({"match": matching}), uri).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_realm_without_a_router_takes_no_registrations() {
    let server = build(App::empty().procedure("here", async || 1));
    let mut client = join(&server).await;
    let denied = "wamp.error.not_authorized";
    refused(&mut client, json!([64, 1, {}, "math.add"]), denied).await;
    say(&mut client, json!([66, 2, 1])).await;
    client.hears(json!([8, 66, 2, {}, NO_REGISTRATION])).await;
    // Nobody can have been asked, so this is a harmless mistake.
    say(&mut client, json!([70, 1, {}])).await;
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_uri_matched_differently_is_something_else() {
    let server = router();
    let (mut callee, mut other) = (join(&server).await, join(&server).await);
    let exact = register(&mut callee, 1, json!({}), "a.b").await;
    let prefix = register(&mut other, 1, json!({"match": "prefix"}), "a.b").await;
    let wildcard = register(&mut callee, 2, json!({"match": "wildcard"}), "a.b").await;
    assert!(exact != prefix && prefix != wildcard && wildcard != exact);
    let mut caller = join(&server).await;
    say(&mut caller, json!([48, 1, {}, "a.b"])).await;
    callee.hears(json!([68, 1, exact, {}])).await;
    say(&mut callee, json!([66, 3, exact])).await;
    callee.hears(json!([67, 3])).await;
    say(&mut caller, json!([48, 2, {}, "a.b"])).await;
    other
        .hears(json!([68, 1, prefix, {"procedure": "a.b"}]))
        .await;
    say(&mut other, json!([66, 2, prefix])).await;
    other.hears(json!([67, 2])).await;
    say(&mut caller, json!([48, 3, {}, "a.b"])).await;
    callee
        .hears(json!([68, 2, wildcard, {"procedure": "a.b"}]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn only_its_callee_can_unregister_a_procedure_and_only_once() {
    let server = router();
    let (mut callee, mut other) = (join(&server).await, join(&server).await);
    let id = register(&mut callee, 1, json!({}), "math.add").await;
    let fails = |request| json!([8, 66, request, {}, NO_REGISTRATION]);
    say(&mut other, json!([66, 1, id])).await;
    other.hears(fails(1)).await;
    say(&mut callee, json!([66, 2, id + 1])).await;
    callee.hears(fails(2)).await;
    let mut caller = join(&server).await;
    say(&mut caller, json!([48, 1, {}, "math.add"])).await;
    answers(&mut callee, &mut caller, 1).await;
    say(&mut callee, json!([66, 3, id])).await;
    callee.hears(json!([67, 3])).await;
    say(&mut callee, json!([66, 4, id])).await;
    callee.hears(fails(4)).await;
    refused(&mut caller, json!([48, 2, {}, "math.add"]), NO_PROCEDURE).await;
    let again = register(&mut other, 2, json!({}), "math.add").await;
    assert_ne!(again, id);
}

#[tokio::test(start_paused = true)]
async fn what_was_called_before_is_answered_after_unregistering() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    let id = register(&mut callee, 1, json!({}), "math.add").await;
    let options = json!({"receive_progress": true});
    say(&mut caller, json!([48, 1, options, "math.add"])).await;
    callee
        .hears(json!([68, 1, id, {"receive_progress": true}]))
        .await;
    say(&mut callee, json!([66, 2, id])).await;
    callee.hears(json!([67, 2])).await;
    say(&mut callee, json!([70, 1, {"progress": true}, [1]])).await;
    caller.hears(json!([50, 1, {"progress": true}, [1]])).await;
    say(&mut callee, json!([70, 1, {}, [2]])).await;
    caller.hears(json!([50, 1, {}, [2]])).await;
}

#[tokio::test(start_paused = true)]
async fn a_function_of_the_application_is_nobody_elses() {
    let app = App::empty()
        .procedure("math.add", async |a: i64, b: i64| a + b)
        .procedure("user.{id}.name", async |id: String| id)
        .router(RouterOptions::new());
    let server = build(app);
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    for options in [
        json!({}),
        json!({"invoke": "roundrobin"}),
        json!({"force_reregister": true}),
    ] {
        let register = json!([64, 1, options, "math.add"]);
        refused(&mut callee, register, EXISTS).await;
        let mut options = options;
        options["match"] = json!("wildcard");
        let register = json!([64, 2, options, "user..name"]);
        refused(&mut callee, register, EXISTS).await;
    }
    // What matches it as well is a different registration, and comes after it.
    register(&mut callee, 3, json!({"match": "prefix"}), "math.").await;
    register(&mut callee, 4, json!({"match": "wildcard"}), "math.add").await;
    say(&mut caller, json!([48, 1, {}, "math.add", [1, 2]])).await;
    caller.hears(json!([50, 1, {}, [3]])).await;
    callee.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn nobody_can_register_without_end() {
    let limits = Limits {
        max_registrations: 3,
        max_patterns: 2,
        ..Limits::default()
    };
    let server = build(App::empty().limits(limits).router(RouterOptions::new()));
    let mut callee = join(&server).await;
    let prefix = json!({"match": "prefix"});
    register(&mut callee, 1, prefix.clone(), "a").await;
    let id = register(&mut callee, 2, prefix.clone(), "b").await;
    refused(&mut callee, json!([64, 3, prefix, "c"]), LIMIT).await;
    register(&mut callee, 4, json!({"invoke": "last"}), "c").await;
    refused(&mut callee, json!([64, 5, {}, "d"]), LIMIT).await;
    say(&mut callee, json!([66, 6, id])).await;
    callee.hears(json!([67, 6])).await;
    register(&mut callee, 7, json!({}), "d").await;
    // What somebody else has taken does not count any more.
    let mut other = join(&server).await;
    register(&mut other, 1, json!({"force_reregister": true}), "d").await;
    callee
        .hears(json!([67, 0, {"registration": ANY, "reason": ANY}]))
        .await;
    register(&mut callee, 8, json!({}), "e").await;
    refused(&mut callee, json!([64, 9, {}, "f"]), LIMIT).await;
}

#[tokio::test(start_paused = true)]
async fn who_takes_a_procedure_over_has_it_and_those_who_had_it_are_told_if_they_understand() {
    let server = router();
    let (mut told, mut untold) = (join(&server).await, plain(&server).await);
    let shared = json!({"invoke": "roundrobin"});
    let id = register(&mut told, 1, shared.clone(), "math.add").await;
    assert_eq!(register(&mut untold, 1, shared, "math.add").await, id);
    let (mut caller, mut taker) = (join(&server).await, join(&server).await);
    say(&mut caller, json!([48, 1, {}, "math.add"])).await;
    told.hears(json!([68, 1, id, {}])).await;
    let force = json!({"force_reregister": true});
    let taken = register(&mut taker, 1, force, "math.add").await;
    assert_ne!(taken, id);
    told.hears(json!([67, 0, {"registration": id, "reason": ANY}]))
        .await;
    untold.hears_nothing().await;
    say(&mut caller, json!([48, 2, {}, "math.add"])).await;
    taker.hears(json!([68, 1, taken, {}])).await;
    // What it had begun before is still its own.
    say(&mut told, json!([70, 1, {}, ["old"]])).await;
    caller.hears(json!([50, 1, {}, ["old"]])).await;
    for callee in [&mut told, &mut untold] {
        say(callee, json!([66, 2, id])).await;
        callee.hears(json!([8, 66, 2, {}, NO_REGISTRATION])).await;
    }
    // To take over what nobody has is just to register.
    register(&mut told, 3, json!({"force_reregister": true}), "math.sub").await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_leaves_frees_what_it_offers() {
    let server = router();
    let mut other = join(&server).await;
    let mut caller = join(&server).await;
    for (turn, way) in ["goodbye", "abort", "vanish", "violation"]
        .into_iter()
        .enumerate()
    {
        let mut callee = join(&server).await;
        for (request, (matching, uri)) in (1..).zip(patterns()) {
            register(&mut callee, request, json!({"match": matching}), uri).await;
        }
        let request = 10 * (turn as u64 + 1);
        refused(&mut other, json!([64, request, {}, "a.b"]), EXISTS).await;
        match way {
            "goodbye" => {
                callee.goodbye().await;
                // The same connection may have another session, which has nothing.
                hello(&mut callee, json!({"roles": everything()})).await;
                say(&mut callee, json!([66, 1, 1])).await;
                callee.hears(json!([8, 66, 1, {}, NO_REGISTRATION])).await;
            }
            "abort" => {
                callee.say(r#"[3,{},"test.enough"]"#).await;
                callee.hears_the_end().await;
            }
            "vanish" => callee.vanish().await,
            _ => {
                callee.say("[]").await;
                assert_eq!(callee.next().await[0], 3);
            }
        }
        let call = json!([48, turn + 1, {}, "a.b"]);
        refused(&mut caller, call, NO_PROCEDURE).await;
        for (at, (matching, uri)) in (1..).zip(patterns()) {
            let id = register(&mut other, request + at, json!({"match": matching}), uri).await;
            say(&mut other, json!([66, request + at, id])).await;
            other.hears(json!([67, request + at])).await;
        }
    }
}

fn patterns() -> [(&'static str, &'static str); 3] {
    [("exact", "a.b"), ("prefix", "a."), ("wildcard", "a.")]
}

#[tokio::test(start_paused = true)]
async fn unknown_words_are_a_violation_and_unknown_options_are_not() {
    let server = router();
    for (options, problem) in [
        (json!({"match": "glob"}), "match"),
        (json!({"invoke": "all"}), "invoke"),
        (json!({"disclose_caller": 1}), "disclose_caller"),
        (json!({"concurrency": -1}), "concurrency"),
    ] {
        let mut callee = join(&server).await;
        say(&mut callee, json!([64, 1, options, "a"])).await;
        callee.is_told_off_for(problem).await;
    }
    let mut callee = join(&server).await;
    let options = json!({"unknown": 1, "_mine": [1], "forward_timeout": false});
    register(&mut callee, 1, options, "a").await;
}

//! Results and arguments that come in several messages.

use wamp_server::{App, RouterOptions, Server};

use super::support::*;

const UNSUPPORTED: &str = "wamp.error.feature_not_supported";

async fn pair(server: &Server) -> (Client, Client) {
    let mut callee = join(server).await;
    register(&mut callee, 1, json!({}), "p").await;
    (callee, join(server).await)
}

#[tokio::test(start_paused = true)]
async fn results_come_one_after_the_other_and_end_with_the_last() {
    let server = router();
    let (mut callee, mut caller) = pair(&server).await;
    let options = json!({"receive_progress": true});
    for (request, last) in [
        (1, json!([70, 1, {}, ["end"]])),
        (2, json!([70, 2, {}])),
        (3, json!([8, 68, 3, {}, "test.end"])),
    ] {
        say(&mut caller, json!([48, request, options, "p"])).await;
        callee.hears(json!([68, request, ANY, options])).await;
        for step in 0..3 {
            let progress = json!({"progress": true, "_step": step});
            let more = json!([70, request, progress, [step], {"of": 3}]);
            say(&mut callee, more).await;
            caller
                .hears(json!([50, request, progress, [step], {"of": 3}]))
                .await;
        }
        // Progress may be empty.
        say(&mut callee, json!([70, request, {"progress": true}])).await;
        caller.hears(json!([50, request, {"progress": true}])).await;
        say(&mut callee, last.clone()).await;
        // Whatever comes after it comes too late.
        say(
            &mut callee,
            json!([70, request, {"progress": true}, ["late"]]),
        )
        .await;
        say(&mut callee, last.clone()).await;
        let heard = caller.next().await;
        assert!(heard[0] == 50 || heard[0] == 8, "{heard}");
        assert_ne!(heard[2]["progress"], true);
        caller.hears_nothing().await;
        callee.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn progress_that_was_not_asked_for_is_not_passed_on() {
    let server = router();
    let (mut callee, mut caller) = pair(&server).await;
    for (request, options) in [(1, json!({})), (2, json!({"receive_progress": false}))] {
        say(&mut caller, json!([48, request, options, "p"])).await;
        callee.hears(json!([68, request, ANY, {}])).await;
        say(&mut callee, json!([70, request, {"progress": true}, [1]])).await;
        caller.hears_nothing().await;
        say(&mut callee, json!([70, request, {"progress": false}, [2]])).await;
        caller.hears(json!([50, request, {}, [2]])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_callee_is_asked_for_progress_if_it_announces_it() {
    let strict = RouterOptions::new().strict(true);
    let strict = build(App::empty().router(strict));
    let results = "progressive_call_results";
    for (server, features, asked) in [
        (&router(), &[results, "call_canceling"][..], true),
        // Not to the letter of the specification, but some do.
        (&router(), &[results], true),
        (&router(), &["call_canceling"], false),
        (&strict, &[results, "call_canceling"], true),
        (&strict, &[results], false),
    ] {
        let mut callee = join_as(server, callee_of(features)).await.0;
        register(&mut callee, 1, json!({}), "p").await;
        let mut caller = join(server).await;
        let options = json!({"receive_progress": true});
        say(&mut caller, json!([48, 1, options, "p"])).await;
        let details = if asked { options } else { json!({}) };
        callee.hears(json!([68, 1, ANY, details])).await;
        say(&mut callee, json!([70, 1, {"progress": true}, [1]])).await;
        if asked {
            caller.hears(json!([50, 1, {"progress": true}, [1]])).await;
        }
        say(&mut callee, json!([70, 1, {}, [2]])).await;
        caller.hears(json!([50, 1, {}, [2]])).await;
        callee.goodbye().await;
    }
}

#[tokio::test(start_paused = true)]
async fn arguments_come_one_after_the_other_and_end_with_the_last() {
    let server = router();
    let (mut callee, mut caller) = pair(&server).await;
    let more = json!({"progress": true});
    for (request, ends) in [(1, true), (2, false)] {
        for step in 0..3 {
            say(
                &mut caller,
                json!([48, request, more, "p", [step], {"k": step}]),
            )
            .await;
            callee
                .hears(json!([68, request, ANY, more, [step], {"k": step}]))
                .await;
        }
        if ends {
            say(&mut caller, json!([48, request, {}, "p"])).await;
            callee.hears(json!([68, request, ANY, {}])).await;
        }
        say(&mut callee, json!([70, request, {}, ["all"]])).await;
        caller.hears(json!([50, request, {}, ["all"]])).await;
        caller.hears_nothing().await;
    }
    // What still comes of the second one is no new call, up to its end.
    say(&mut caller, json!([48, 2, more, "p", [3]])).await;
    say(&mut caller, json!([48, 2, {}, "p", [4]])).await;
    callee.hears_nothing().await;
    say(&mut caller, json!([48, 3, {}, "p"])).await;
    callee.hears(json!([68, 3, ANY, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn both_ways_at_once() {
    let server = router();
    let (mut callee, mut caller) = pair(&server).await;
    let options = json!({"progress": true, "receive_progress": true});
    for step in 0..3 {
        say(&mut caller, json!([48, 1, options, "p", [step]])).await;
        callee.hears(json!([68, 1, ANY, options, [step]])).await;
        say(&mut callee, json!([70, 1, {"progress": true}, [step]])).await;
        caller
            .hears(json!([50, 1, {"progress": true}, [step]]))
            .await;
    }
    // Options are those of the first message.
    say(&mut caller, json!([48, 1, {}, "p", ["last"]])).await;
    callee
        .hears(json!([68, 1, ANY, {"receive_progress": true}, ["last"]]))
        .await;
    say(&mut callee, json!([70, 1, {"progress": true}, [3]])).await;
    caller.hears(json!([50, 1, {"progress": true}, [3]])).await;
    say(&mut callee, json!([70, 1, {}, [4]])).await;
    caller.hears(json!([50, 1, {}, [4]])).await;
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_takes_no_arguments_later_gets_none_at_all() {
    for features in [
        &[][..],
        &["progressive_call_results", "call_canceling"],
        // It could not be told to stop.
        &["progressive_call_invocations"],
    ] {
        let server = router();
        let mut callee = join_as(&server, callee_of(features)).await.0;
        register(&mut callee, 1, json!({}), "p").await;
        let mut caller = join(&server).await;
        let more = json!([48, 1, {"progress": true}, "p", [1]]);
        refused(&mut caller, more.clone(), UNSUPPORTED).await;
        say(&mut caller, more).await;
        say(&mut caller, json!([48, 1, {}, "p", [1]])).await;
        caller.hears_nothing().await;
        callee.hears_nothing().await;
        say(&mut caller, json!([48, 2, {}, "p"])).await;
        callee.hears(json!([68, 1, ANY, {}])).await;
    }
    // The old name of the feature is as good.
    let server = router();
    let features = ["progressive_calls", "call_canceling"];
    let mut callee = join_as(&server, callee_of(&features)).await.0;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join(&server).await;
    say(&mut caller, json!([48, 1, {"progress": true}, "p"])).await;
    callee.hears(json!([68, 1, ANY, {"progress": true}])).await;
}

#[tokio::test(start_paused = true)]
async fn all_messages_of_a_call_go_to_the_same_callee() {
    let server = router();
    let shared = json!({"invoke": "roundrobin"});
    let mut callees = [join(&server).await, join(&server).await];
    for callee in &mut callees {
        register(callee, 1, shared.clone(), "p").await;
    }
    let mut caller = join(&server).await;
    let more = json!({"progress": true});
    let [first, second] = &mut callees;
    say(&mut caller, json!([48, 1, more, "p", [0]])).await;
    first.hears(json!([68, 1, ANY, more, [0]])).await;
    say(&mut caller, json!([48, 2, more, "p", [0]])).await;
    second.hears(json!([68, 1, ANY, more, [0]])).await;
    for step in 1..4 {
        say(&mut caller, json!([48, 1, more, "p", [step]])).await;
        first.hears(json!([68, 1, ANY, more, [step]])).await;
    }
    // Also when it does not offer the procedure any more.
    let id = register(first, 2, shared.clone(), "p").await;
    say(first, json!([66, 3, id])).await;
    first.hears(json!([67, 3])).await;
    say(&mut caller, json!([48, 1, {}, "p", ["last"]])).await;
    first.hears(json!([68, 1, ANY, {}, ["last"]])).await;
    say(first, json!([70, 1, {}])).await;
    caller.hears(json!([50, 1, {}])).await;
    second.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn an_error_ends_a_call_whose_arguments_still_come() {
    let server = router();
    let (mut callee, mut caller) = pair(&server).await;
    let more = json!({"progress": true});
    say(&mut caller, json!([48, 1, more, "p", [0]])).await;
    callee.hears(json!([68, 1, ANY, more, [0]])).await;
    say(&mut callee, json!([8, 68, 1, {}, "test.enough"])).await;
    say(&mut caller, json!([48, 1, more, "p", [1]])).await;
    say(&mut caller, json!([48, 1, more, "p", [2]])).await;
    caller.hears(json!([8, 48, 1, {}, "test.enough"])).await;
    callee.rest().await;
    say(&mut caller, json!([48, 1, more, "p", [3]])).await;
    say(&mut caller, json!([48, 1, {}, "p", [4]])).await;
    caller.hears_nothing().await;
    callee.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_can_be_canceled_while_its_arguments_come() {
    for (mode, told) in [("skip", false), ("killnowait", true)] {
        let server = router();
        let (mut callee, mut caller) = pair(&server).await;
        let more = json!({"progress": true});
        say(&mut caller, json!([48, 1, more, "p", [0]])).await;
        callee.hears(json!([68, 1, ANY, more, [0]])).await;
        say(&mut caller, json!([49, 1, {"mode": mode}])).await;
        caller
            .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
            .await;
        if told {
            callee.hears(json!([69, 1, {"mode": mode}])).await;
        }
        say(&mut caller, json!([48, 1, more, "p", [1]])).await;
        say(&mut caller, json!([48, 1, {}, "p", [2]])).await;
        callee.hears_nothing().await;
        caller.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_id_of_an_open_call_is_for_no_other() {
    let more = json!({"progress": true});
    for (first, second) in [
        (json!([48, 1, {}, "p"]), json!([48, 1, {}, "p"])),
        (json!([48, 1, {}, "p"]), json!([48, 1, more, "p"])),
        // Another procedure.
        (json!([48, 1, more, "p"]), json!([48, 1, more, "q"])),
        (json!([48, 1, more, "p"]), json!([48, 1, {}, "q"])),
    ] {
        let server = router();
        let (mut callee, mut caller) = pair(&server).await;
        register(&mut callee, 2, json!({}), "q").await;
        say(&mut caller, first).await;
        assert_eq!(callee.next().await[0], 68);
        say(&mut caller, second).await;
        caller.is_told_off_for("CALL.Request").await;
        callee.hears(json!([69, 1, {"mode": "killnowait"}])).await;
    }
    // Nor is it when the last message has come.
    let server = router();
    let (mut callee, mut caller) = pair(&server).await;
    say(&mut caller, json!([48, 1, more, "p"])).await;
    say(&mut caller, json!([48, 1, {}, "p"])).await;
    settle().await;
    assert_eq!(callee.rest().await.len(), 2);
    say(&mut caller, json!([48, 1, more, "p"])).await;
    caller.is_told_off_for("CALL.Request").await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_stops_what_is_reported_to_it() {
    for leaves in ["goodbye", "vanish"] {
        let server = router();
        let (mut callee, mut caller) = pair(&server).await;
        let options = json!({"progress": true, "receive_progress": true});
        say(&mut caller, json!([48, 1, options, "p"])).await;
        callee.hears(json!([68, 1, ANY, options])).await;
        match leaves {
            "goodbye" => caller.goodbye().await,
            _ => caller.vanish().await,
        }
        callee.hears(json!([69, 1, {"mode": "killnowait"}])).await;
        say(&mut callee, json!([70, 1, {"progress": true}, [1]])).await;
        say(&mut callee, json!([70, 1, {}, [1]])).await;
        callee.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_id_means_another_call_in_another_session() {
    let server = router();
    let (mut callee, mut caller) = pair(&server).await;
    let mut other = join(&server).await;
    let more = json!({"progress": true});
    say(&mut caller, json!([48, 1, more, "p", ["a"]])).await;
    callee.hears(json!([68, 1, ANY, more, ["a"]])).await;
    say(&mut other, json!([48, 1, more, "p", ["b"]])).await;
    callee.hears(json!([68, 2, ANY, more, ["b"]])).await;
    say(&mut caller, json!([48, 1, {}, "p", ["c"]])).await;
    callee.hears(json!([68, 1, ANY, {}, ["c"]])).await;
    say(&mut callee, json!([70, 2, {}])).await;
    other.hears(json!([50, 1, {}])).await;
    caller.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_need_not_have_announced_what_it_does() {
    let server = router();
    let mut callee = join(&server).await;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = plain(&server).await;
    let options = json!({"progress": true, "receive_progress": true});
    say(&mut caller, json!([48, 1, options, "p", [1]])).await;
    callee.hears(json!([68, 1, ANY, options, [1]])).await;
    say(&mut callee, json!([70, 1, {"progress": true}, [1]])).await;
    caller.hears(json!([50, 1, {"progress": true}, [1]])).await;
    say(&mut caller, json!([49, 1, {"mode": "kill"}])).await;
    callee.hears(json!([69, 1, {"mode": "kill"}])).await;
    say(&mut callee, json!([70, 1, {}, [2]])).await;
    caller.hears(json!([50, 1, {}, [2]])).await;
}

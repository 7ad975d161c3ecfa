//! CANCEL: what the caller is told, what the callee is told, and what comes too late.

use std::time::Duration;

use wamp_server::Server;

use super::support::*;

const CANCELED: &str = "wamp.error.canceled";

/// A caller that has called 1 of a callee that has it as 1.
async fn calling(server: &Server) -> (Client, Client) {
    calling_with(server, json!({})).await
}

async fn calling_with(server: &Server, options: serde_json::Value) -> (Client, Client) {
    let mut callee = join(server).await;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join(server).await;
    say(&mut caller, json!([48, 1, options, "p"])).await;
    assert_eq!(callee.next().await[0], 68);
    (callee, caller)
}

fn mode(mode: &str) -> serde_json::Value {
    json!([49, 1, {"mode": mode}])
}

fn interrupt(mode: &str) -> serde_json::Value {
    json!([69, 1, {"mode": mode}])
}

fn canceled() -> serde_json::Value {
    json!([8, 48, 1, {}, CANCELED])
}

/// Whatever the callee says of a call that is over, nobody hears of it, and both go on.
async fn late_answers_are_lost(callee: &mut Client, caller: &mut Client) {
    for late in [
        json!([70, 1, {"progress": true}, ["late"]]),
        json!([70, 1, {}, ["late"]]),
        json!([70, 1, {}, ["late"]]),
        json!([8, 68, 1, {}, "test.late"]),
    ] {
        say(callee, late).await;
    }
    caller.hears_nothing().await;
    callee.hears_nothing().await;
    say(caller, json!([48, 2, {}, "p"])).await;
    callee.hears(json!([68, 2, ANY, {}])).await;
    say(callee, json!([70, 2, {}])).await;
    caller.hears(json!([50, 2, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn skip_tells_the_caller_and_not_the_callee() {
    let server = router();
    let (mut callee, mut caller) = calling(&server).await;
    say(&mut caller, mode("skip")).await;
    caller.hears(canceled()).await;
    callee.hears_nothing().await;
    late_answers_are_lost(&mut callee, &mut caller).await;
}

#[tokio::test(start_paused = true)]
async fn killnowait_tells_both_and_is_what_who_says_nothing_wants() {
    for cancel in [mode("killnowait"), json!([49, 1, {}])] {
        let server = router();
        let (mut callee, mut caller) = calling(&server).await;
        say(&mut caller, cancel).await;
        caller.hears(canceled()).await;
        callee.hears(interrupt("killnowait")).await;
        late_answers_are_lost(&mut callee, &mut caller).await;
    }
}

#[tokio::test(start_paused = true)]
async fn kill_tells_the_callee_and_the_caller_hears_what_that_answers() {
    for (answer, heard) in [
        (
            json!([8, 68, 1, {}, CANCELED, ["stopped"]]),
            json!([8, 48, 1, {}, CANCELED, ["stopped"]]),
        ),
        (
            json!([8, 68, 1, {"_a": 1}, "test.other", [], {"k": 1}]),
            json!([8, 48, 1, {"_a": 1}, "test.other", [], {"k": 1}]),
        ),
        // It was done already.
        (json!([70, 1, {}, ["done"]]), json!([50, 1, {}, ["done"]])),
    ] {
        let server = router();
        let (mut callee, mut caller) = calling(&server).await;
        say(&mut caller, mode("kill")).await;
        callee.hears(interrupt("kill")).await;
        caller.hears_nothing().await;
        say(&mut callee, answer).await;
        caller.hears(heard).await;
        late_answers_are_lost(&mut callee, &mut caller).await;
    }
}

#[tokio::test(start_paused = true)]
async fn progress_goes_on_until_a_killed_call_is_answered() {
    let server = router();
    let options = json!({"receive_progress": true});
    let (mut callee, mut caller) = calling_with(&server, options).await;
    say(&mut caller, mode("kill")).await;
    callee.hears(interrupt("kill")).await;
    say(&mut callee, json!([70, 1, {"progress": true}, [1]])).await;
    caller.hears(json!([50, 1, {"progress": true}, [1]])).await;
    say(&mut callee, json!([8, 68, 1, {}, CANCELED])).await;
    caller.hears(canceled()).await;
    late_answers_are_lost(&mut callee, &mut caller).await;
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_cannot_be_interrupted_is_not() {
    for cancel in ["skip", "kill", "killnowait"] {
        let server = router();
        let mut callee = join_as(&server, callee_of(&["call_reroute"])).await.0;
        register(&mut callee, 1, json!({}), "p").await;
        let mut caller = join(&server).await;
        say(&mut caller, json!([48, 1, {}, "p"])).await;
        callee.hears(json!([68, 1, ANY, {}])).await;
        say(&mut caller, mode(cancel)).await;
        caller.hears(canceled()).await;
        callee.hears_nothing().await;
        late_answers_are_lost(&mut callee, &mut caller).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_other_way_to_write_the_feature_counts() {
    let server = router();
    let mut callee = join_as(&server, callee_of(&["call_cancelling"])).await.0;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join(&server).await;
    say(&mut caller, json!([48, 1, {}, "p"])).await;
    callee.hears(json!([68, 1, ANY, {}])).await;
    say(&mut caller, json!([49, 1, {}])).await;
    callee.hears(interrupt("killnowait")).await;
    // One that is announced as false is not announced.
    let mut roles = everything();
    roles["callee"]["features"]["call_canceling"] = json!(false);
    let (mut callee, _) = join_as(&server, json!({"roles": roles})).await;
    register(&mut callee, 1, json!({}), "q").await;
    say(&mut caller, json!([48, 2, {}, "q"])).await;
    callee.hears(json!([68, 1, ANY, {}])).await;
    say(&mut caller, json!([49, 2, {}])).await;
    callee.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn to_cancel_again_changes_nothing() {
    for again in ["skip", "kill", "killnowait"] {
        for first in ["skip", "kill", "killnowait"] {
            let server = router();
            let (mut callee, mut caller) = calling(&server).await;
            say(&mut caller, mode(first)).await;
            say(&mut caller, mode(again)).await;
            settle().await;
            let told = callee.rest().await;
            let once = match first {
                "skip" => vec![],
                first => vec![interrupt(first)],
            };
            assert_eq!(told, once, "{first}, {again}");
            if first == "kill" {
                caller.hears_nothing().await;
                say(&mut callee, json!([70, 1, {}])).await;
                caller.hears(json!([50, 1, {}])).await;
            } else {
                caller.hears(canceled()).await;
            }
            late_answers_are_lost(&mut callee, &mut caller).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_over_or_never_was_cannot_be_canceled() {
    let server = router();
    let (mut callee, mut caller) = calling(&server).await;
    say(&mut callee, json!([70, 1, {}])).await;
    caller.hears(json!([50, 1, {}])).await;
    for id in [1, 2, 77] {
        for cancel in ["skip", "kill", "killnowait"] {
            say(&mut caller, json!([49, id, {"mode": cancel}])).await;
        }
    }
    // Nor can the call of somebody else.
    say(&mut caller, json!([48, 2, {}, "p"])).await;
    callee.hears(json!([68, 2, ANY, {}])).await;
    let mut other = join(&server).await;
    for cancel in ["skip", "kill", "killnowait"] {
        say(&mut other, json!([49, 2, {"mode": cancel}])).await;
    }
    other.hears_nothing().await;
    callee.hears_nothing().await;
    say(&mut callee, json!([70, 2, {}])).await;
    caller.hears(json!([50, 2, {}])).await;
    caller.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_way_to_cancel_is_a_violation() {
    for cancel in [json!({"mode": "gently"}), json!({"mode": 1})] {
        let server = router();
        let (mut callee, mut caller) = calling(&server).await;
        say(&mut caller, json!([49, 1, cancel])).await;
        caller.is_told_off_for("mode").await;
        // It is gone, so its callee need not go on.
        callee.hears(interrupt("killnowait")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_leaves_has_canceled_what_was_killed() {
    for leaves in ["goodbye", "vanish"] {
        let server = router();
        let (mut callee, mut caller) = calling(&server).await;
        say(&mut caller, mode("kill")).await;
        callee.hears(interrupt("kill")).await;
        match leaves {
            "goodbye" => callee.goodbye().await,
            _ => callee.vanish().await,
        }
        caller.hears(json!([8, 48, 1, {}, CANCELED, [ANY]])).await;
        say(&mut caller, mode("kill")).await;
        caller.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_killed_call_runs_out_of_time_like_any_other() {
    let server = router();
    let (mut callee, mut caller) = calling_with(&server, json!({"timeout": 1000})).await;
    say(&mut caller, mode("kill")).await;
    callee.hears(interrupt("kill")).await;
    let timeout = json!([8, 48, 1, {}, "wamp.error.timeout"]);
    caller
        .hears_after(Duration::from_millis(999), timeout)
        .await;
    let interrupt = json!([69, 1, {"mode": "killnowait", "reason": "wamp.error.timeout"}]);
    callee.hears(interrupt).await;
    late_answers_are_lost(&mut callee, &mut caller).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_what_was_never_asked_is_a_violation() {
    let server = router();
    let never = [
        json!([70, 1, {}]),
        json!([70, 1, {"progress": true}]),
        json!([8, 68, 1, {}, "test.no"]),
    ];
    for answer in never {
        let mut callee = join(&server).await;
        say(&mut callee, answer).await;
        callee.is_told_off_for("no such invocation").await;
    }
    // Ids count for each callee: what somebody else was asked, this one was not.
    let (mut callee, mut caller) = calling(&server).await;
    for answer in [json!([70, 1, {}]), json!([8, 68, 1, {}, "test.no"])] {
        let mut other = join(&server).await;
        say(&mut other, answer).await;
        other.is_told_off_for("no such invocation").await;
    }
    caller.hears_nothing().await;
    say(&mut callee, json!([70, 2, {}])).await;
    callee.is_told_off_for("no such invocation").await;
    caller.hears(json!([8, 48, 1, {}, CANCELED, [ANY]])).await;
}

#[tokio::test(start_paused = true)]
async fn each_callee_has_ids_of_its_own() {
    let server = router();
    let (mut one, mut two) = (join(&server).await, join(&server).await);
    register(&mut one, 1, json!({}), "one").await;
    register(&mut two, 1, json!({}), "two").await;
    let mut caller = join(&server).await;
    for request in [1_u64, 3] {
        let invocation = request.div_ceil(2);
        say(&mut caller, json!([48, request, {}, "one", [1]])).await;
        say(&mut caller, json!([48, request + 1, {}, "two", [2]])).await;
        one.hears(json!([68, invocation, ANY, {}, [1]])).await;
        two.hears(json!([68, invocation, ANY, {}, [2]])).await;
    }
    say(&mut two, json!([70, 1, {}, ["two"]])).await;
    caller.hears(json!([50, 2, {}, ["two"]])).await;
    say(&mut one, json!([70, 2, {}, ["one"]])).await;
    caller.hears(json!([50, 3, {}, ["one"]])).await;
    // A call that nobody takes takes no id.
    say(&mut caller, json!([48, 5, {}, "none"])).await;
    assert_eq!(caller.next().await[0], 8);
    say(&mut caller, json!([48, 6, {}, "two"])).await;
    two.hears(json!([68, 3, ANY, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn errors_of_any_other_request_than_an_invocation_are_a_violation() {
    for request_type in [0, 16, 32, 34, 48, 64, 66, 70, 1000] {
        let server = router();
        let (mut callee, mut caller) = calling(&server).await;
        say(&mut callee, json!([8, request_type, 1, {}, "test.no"])).await;
        let abort = callee.next().await;
        assert_eq!(
            (&abort[0], &abort[2]),
            (&json!(3), &json!("wamp.error.protocol_violation"))
        );
        caller.hears(json!([8, 48, 1, {}, CANCELED, [ANY]])).await;
    }
}

//! Sessions that want their calls one by one, wherever they go.

use wamp_server::realm::Ordering;
use wamp_server::{App, RouterOptions, Server};

use super::support::*;

const CANCELED: &str = "wamp.error.canceled";

fn server() -> Server {
    let app = App::empty()
        .ordering(Ordering::Sequential)
        .procedure("here", async || "here")
        .router(RouterOptions::new());
    build(app)
}

#[tokio::test(start_paused = true)]
async fn calls_take_turns_here_and_elsewhere() {
    let server = server();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "there").await;
    for (request, uri) in (1..).zip(["there", "here", "there", "there", "none", "here"]) {
        say(&mut caller, json!([48, request, {}, uri, [request]])).await;
    }
    callee.hears(json!([68, 1, ANY, {}, [1]])).await;
    callee.hears_nothing().await;
    caller.hears_nothing().await;
    say(&mut callee, json!([70, 1, {}])).await;
    caller.hears(json!([50, 1, {}])).await;
    caller.hears(json!([50, 2, {}, ["here"]])).await;
    callee.hears(json!([68, 2, ANY, {}, [3]])).await;
    caller.hears_nothing().await;
    // Each way to end gives the next one its turn.
    say(&mut caller, json!([49, 3, {}])).await;
    caller.hears(json!([8, 48, 3, {}, CANCELED])).await;
    callee.hears(json!([69, 2, {"mode": "killnowait"}])).await;
    callee.hears(json!([68, 3, ANY, {}, [4]])).await;
    callee.goodbye().await;
    caller.hears(json!([8, 48, 4, {}, CANCELED, [ANY]])).await;
    assert_eq!(caller.next().await[4], "wamp.error.no_such_procedure");
    caller.hears(json!([50, 6, {}, ["here"]])).await;
}

#[tokio::test(start_paused = true)]
async fn the_parts_of_a_call_wait_for_its_turn() {
    let server = server();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "there").await;
    let more = json!({"progress": true});
    say(&mut caller, json!([48, 1, {}, "there", ["first"]])).await;
    callee.hears(json!([68, 1, ANY, {}, ["first"]])).await;
    for step in 0..3 {
        say(&mut caller, json!([48, 2, more, "there", [step]])).await;
    }
    say(&mut caller, json!([48, 3, {}, "here"])).await;
    say(&mut caller, json!([48, 2, {}, "there", ["last"]])).await;
    callee.hears_nothing().await;
    say(&mut callee, json!([70, 1, {}])).await;
    caller.hears(json!([50, 1, {}])).await;
    for step in 0..3 {
        callee.hears(json!([68, 2, ANY, more, [step]])).await;
    }
    callee.hears(json!([68, 2, ANY, {}, ["last"]])).await;
    caller.hears_nothing().await;
    say(&mut callee, json!([70, 2, {}])).await;
    caller.hears(json!([50, 2, {}])).await;
    caller.hears(json!([50, 3, {}, ["here"]])).await;
}

#[tokio::test(start_paused = true)]
async fn many_calls_that_fail_in_turn_are_answered_in_turn() {
    // With a callee that takes no later arguments every call fails at once; the others are waiting.
    let server = server();
    let (mut callee, mut caller) = (join(&server).await, plain(&server).await);
    let mut simple = plain(&server).await;
    register(&mut callee, 1, json!({}), "there").await;
    register(&mut simple, 1, json!({}), "simple").await;
    say(&mut caller, json!([48, 1, {}, "there"])).await;
    callee.hears(json!([68, 1, ANY, {}])).await;
    for request in 2..500 {
        say(
            &mut caller,
            json!([48, request, {"progress": true}, "simple"]),
        )
        .await;
        say(&mut caller, json!([48, request, {}, "simple"])).await;
    }
    say(&mut callee, json!([70, 1, {}])).await;
    caller.hears(json!([50, 1, {}])).await;
    for request in 2..500 {
        let error = "wamp.error.feature_not_supported";
        caller
            .hears(json!([8, 48, request, {}, error, [ANY]]))
            .await;
    }
    simple.hears_nothing().await;
    say(&mut caller, json!([48, 500, {}, "simple"])).await;
    answers(&mut simple, &mut caller, 500).await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_can_be_canceled_and_one_that_was_killed_is_waited_for() {
    let server = server();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "there").await;
    let more = json!({"progress": true});
    for request in 1..=4 {
        say(&mut caller, json!([48, request, {}, "there", [request]])).await;
    }
    say(&mut caller, json!([48, 5, more, "there"])).await;
    callee.hears(json!([68, 1, ANY, {}, [1]])).await;
    for (request, mode) in [(2, "skip"), (3, "kill"), (5, "killnowait")] {
        say(&mut caller, json!([49, request, {"mode": mode}])).await;
        caller.hears(json!([8, 48, request, {}, CANCELED])).await;
    }
    say(&mut caller, json!([48, 5, {}, "there"])).await;
    say(&mut caller, json!([49, 1, {"mode": "kill"}])).await;
    callee.hears(json!([69, 1, {"mode": "kill"}])).await;
    callee.hears_nothing().await;
    say(&mut callee, json!([8, 68, 1, {}, CANCELED])).await;
    caller.hears(json!([8, 48, 1, {}, CANCELED])).await;
    callee.hears(json!([68, 2, ANY, {}, [4]])).await;
    say(&mut callee, json!([70, 2, {}])).await;
    caller.hears(json!([50, 4, {}])).await;
    callee.hears_nothing().await;
    caller.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_out_of_time_gives_the_next_one_its_turn() {
    use std::time::Duration;
    let server = server();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "there").await;
    say(&mut caller, json!([48, 1, {"timeout": 1000}, "there", [1]])).await;
    // Its time begins when it does.
    say(&mut caller, json!([48, 2, {"timeout": 1000}, "there", [2]])).await;
    callee.hears(json!([68, 1, ANY, {}, [1]])).await;
    for (request, passed) in [(1, 1), (2, 0)] {
        let timeout = json!([8, 48, request, {}, "wamp.error.timeout"]);
        let time = Duration::from_millis(1000 - passed);
        caller.hears_after(time, timeout).await;
        let interrupt = json!({"mode": "killnowait", "reason": "wamp.error.timeout"});
        callee.hears(json!([69, request, interrupt])).await;
        if request == 1 {
            callee.hears(json!([68, 2, ANY, {}, [2]])).await;
        }
    }
}

//! Calls that take too long.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use wamp_server::{App, Limits, RouterOptions, Server};

use super::support::*;

const SECOND: Duration = Duration::from_secs(1);

fn timeout(request: u64) -> serde_json::Value {
    json!([8, 48, request, {}, "wamp.error.timeout"])
}

fn interrupt(invocation: u64) -> serde_json::Value {
    json!([69, invocation, {"mode": "killnowait", "reason": "wamp.error.timeout"}])
}

/// A callee that offers `p` with these options, and a caller that has called it with those.
async fn calling(
    server: &Server,
    mut callee: Client,
    options: serde_json::Value,
    call: serde_json::Value,
) -> (Client, Client, serde_json::Value) {
    register(&mut callee, 1, options, "p").await;
    let mut caller = join(server).await;
    say(&mut caller, json!([48, 1, call, "p"])).await;
    let invocation = callee.next().await;
    assert_eq!(invocation[0], 68, "{invocation}");
    (callee, caller, invocation[3].clone())
}

#[tokio::test(start_paused = true)]
async fn the_dealer_keeps_the_time() {
    let server = router();
    let callee = join(&server).await;
    let call = json!({"timeout": 1000});
    let (mut callee, mut caller, details) = calling(&server, callee, json!({}), call).await;
    assert_eq!(details, json!({}));
    caller.hears_after(SECOND, timeout(1)).await;
    callee.hears(interrupt(1)).await;
    for late in [
        json!([70, 1, {}, ["late"]]),
        json!([8, 68, 1, {}, "test.late"]),
    ] {
        say(&mut callee, late).await;
    }
    caller.hears_nothing().await;
    assert_eq!(server.stats().timeouts, 1);
    // One that is answered in time is over.
    say(&mut caller, json!([48, 2, {"timeout": 1000}, "p"])).await;
    callee.hears(json!([68, 2, ANY, {}])).await;
    sleep(SECOND / 2).await;
    say(&mut callee, json!([70, 2, {}])).await;
    caller.hears(json!([50, 2, {}])).await;
    sleep(SECOND).await;
    caller.hears_nothing().await;
    callee.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_cannot_be_interrupted_is_not_told() {
    let server = router();
    let callee = plain(&server).await;
    let call = json!({"timeout": 1000});
    let (mut callee, mut caller, _) = calling(&server, callee, json!({}), call).await;
    caller.hears_after(SECOND, timeout(1)).await;
    callee.hears_nothing().await;
    say(&mut callee, json!([70, 1, {}, ["late"]])).await;
    caller.hears_nothing().await;
    callee.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn every_call_has_its_own_time() {
    let server = router();
    let mut callee = join(&server).await;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join(&server).await;
    for (request, seconds) in [(1, 3), (2, 1), (3, 2), (4, 4)] {
        let options = json!({"timeout": seconds * 1000});
        say(&mut caller, json!([48, request, options, "p"])).await;
        callee.hears(json!([68, request, ANY, {}])).await;
    }
    caller.hears_after(SECOND, timeout(2)).await;
    caller.hears_after(SECOND, timeout(3)).await;
    say(&mut callee, json!([70, 1, {}])).await;
    caller.hears(json!([50, 1, {}])).await;
    caller
        .hears_after(2 * SECOND - Duration::from_millis(1), timeout(4))
        .await;
    for invocation in [2, 3, 4] {
        callee.hears(interrupt(invocation)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn progress_is_a_sign_of_life() {
    let server = router();
    let callee = join(&server).await;
    let call = json!({"timeout": 1000, "receive_progress": true});
    let (mut callee, mut caller, _) = calling(&server, callee, json!({}), call).await;
    for step in 1..=5 {
        sleep(SECOND * 9 / 10).await;
        say(&mut callee, json!([70, 1, {"progress": true}, [step]])).await;
        caller
            .hears(json!([50, 1, {"progress": true}, [step]]))
            .await;
    }
    caller.hears_after(SECOND, timeout(1)).await;
    callee.hears(interrupt(1)).await;
    say(&mut callee, json!([70, 1, {"progress": true}, [6]])).await;
    caller.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn progress_that_nobody_hears_of_is_none() {
    let server = router();
    let callee = join(&server).await;
    let call = json!({"timeout": 1000});
    let (mut callee, mut caller, _) = calling(&server, callee, json!({}), call).await;
    sleep(SECOND / 2).await;
    say(&mut callee, json!([70, 1, {"progress": true}, [1]])).await;
    caller.hears_nothing().await;
    caller
        .hears_after(SECOND / 2 - Duration::from_millis(1), timeout(1))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_callee_may_keep_the_time_itself_if_it_says_and_announces_so() {
    let forward = json!({"forward_timeout": true});
    for (features, options, forwarded) in [
        (&["call_timeout", "call_canceling"][..], &forward, true),
        (&["call_canceling"], &forward, false),
        (&["call_timeout", "call_canceling"], &json!({}), false),
        (&["call_timeout"], &forward, true),
    ] {
        let server = router();
        let callee = join_as(&server, callee_of(features)).await.0;
        let call = json!({"timeout": 1000});
        let (mut callee, mut caller, details) =
            calling(&server, callee, options.clone(), call).await;
        if forwarded {
            assert_eq!(details, json!({"timeout": 1000}));
            sleep(60 * SECOND).await;
            caller.hears_nothing().await;
            callee.hears_nothing().await;
            say(
                &mut callee,
                json!([8, 68, 1, {}, "wamp.error.timeout", ["mine"]]),
            )
            .await;
            caller
                .hears(json!([8, 48, 1, {}, "wamp.error.timeout", ["mine"]]))
                .await;
        } else {
            assert_eq!(details, json!({}));
            caller.hears_after(SECOND, timeout(1)).await;
            callee.hears(interrupt(1)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn zero_and_nothing_are_no_timeout() {
    for call in [json!({"timeout": 0}), json!({})] {
        let server = router();
        let callee = join(&server).await;
        let (mut callee, mut caller, details) =
            calling(&server, callee, json!({"forward_timeout": true}), call).await;
        // Nor is the time that handlers have: callees are none.
        sleep(Duration::from_secs(25 * 3600)).await;
        caller.hears_nothing().await;
        assert!(
            details == json!({}) || details == json!({"timeout": 0}),
            "{details}"
        );
        say(&mut callee, json!([70, 1, {}])).await;
        caller.hears(json!([50, 1, {}])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_can_ask_for_more_than_the_server_allows() {
    let limits = Limits {
        max_call_timeout: Duration::from_secs(5),
        ..Limits::default()
    };
    let app = App::empty().limits(limits).router(RouterOptions::new());
    let server = build(app);
    for huge in [5_001, u64::from(u32::MAX), 1 << 53, u64::MAX] {
        let callee = join(&server).await;
        let call = json!({"timeout": huge});
        let (mut callee, mut caller, _) = calling(&server, callee, json!({}), call).await;
        caller.hears_after(5 * SECOND, timeout(1)).await;
        callee.hears(interrupt(1)).await;
        callee.goodbye().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_time_is_a_violation() {
    for wrong in [
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!("1"),
        json!(true),
        json!([1]),
    ] {
        let server = router();
        let mut callee = join(&server).await;
        register(&mut callee, 1, json!({}), "p").await;
        let mut caller = join(&server).await;
        say(&mut caller, json!([48, 1, {"timeout": wrong}, "p"])).await;
        caller.is_told_off_for("timeout").await;
        callee.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_progressive_call_has_its_time_from_its_beginning() {
    let server = router();
    let callee = join(&server).await;
    let call = json!({"timeout": 1000, "progress": true});
    let begin = Instant::now();
    let (mut callee, mut caller, _) = calling(&server, callee, json!({}), call).await;
    sleep(SECOND / 2).await;
    say(&mut caller, json!([48, 1, {"progress": true}, "p", [2]])).await;
    callee
        .hears(json!([68, 1, ANY, {"progress": true}, [2]]))
        .await;
    let left = begin + SECOND - Instant::now();
    caller.hears_after(left, timeout(1)).await;
    callee.hears(interrupt(1)).await;
    // What was still on its way is no new call.
    say(&mut caller, json!([48, 1, {"progress": true}, "p", [3]])).await;
    say(&mut caller, json!([48, 1, {}, "p", [4]])).await;
    callee.hears_nothing().await;
    caller.hears_nothing().await;
}

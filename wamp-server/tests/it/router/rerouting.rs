//! Callees that are unavailable, and others that are called instead. WAMP, "Call Re-Routing".

use std::time::Duration;

use super::shared::{NOBODY, Pool, invoke};
use super::support::*;

const UNAVAILABLE: &str = "wamp.error.unavailable";

#[tokio::test(start_paused = true)]
async fn who_is_unavailable_is_passed_over() {
    for (policy, order) in [
        ("roundrobin", [0, 1, 2]),
        ("first", [0, 1, 2]),
        ("last", [2, 1, 0]),
    ] {
        let server = router();
        let mut pool = Pool::new(&server, 3, invoke(policy)).await;
        let (mut at, mut invocation) = pool.call(json!({})).await;
        for (turn, expected) in order.into_iter().enumerate() {
            assert_eq!(at, expected, "{policy}");
            let declined = json!([8, 68, invocation, {}, UNAVAILABLE, ["busy"]]);
            say(&mut pool.callees[at], declined).await;
            if turn < 2 {
                pool.caller.hears_nothing().await;
                (at, invocation) = pool.invoked().await.expect("another one");
            }
        }
        pool.caller
            .hears(json!([8, 48, 1, {}, NOBODY, [ANY]]))
            .await;
        // The next call begins anew.
        pool.turn(json!({})).await;
    }
}

#[tokio::test(start_paused = true)]
async fn at_random_every_other_one_is_tried_once() {
    let server = router();
    let mut pool = Pool::new(&server, 5, invoke("random")).await;
    for request in 1..=10 {
        let (mut at, mut invocation) = pool.call(json!({})).await;
        let mut tried = Vec::new();
        loop {
            assert!(!tried.contains(&at));
            tried.push(at);
            let declined = json!([8, 68, invocation, {}, UNAVAILABLE]);
            say(&mut pool.callees[at], declined).await;
            match pool.invoked().await {
                Some(invoked) => (at, invocation) = invoked,
                None => break,
            }
        }
        assert_eq!(tried.len(), 5);
        pool.caller
            .hears(json!([8, 48, request, {}, NOBODY, [ANY]]))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn another_callee_gets_the_call_as_the_first_one_got_it() {
    let server = router();
    let mut callees = [join(&server).await, join(&server).await];
    let options = json!({"match": "prefix", "invoke": "first", "disclose_caller": true});
    for callee in &mut callees {
        register(callee, 1, options.clone(), "p").await;
    }
    let mut caller = join(&server).await;
    let options = json!({"receive_progress": true, "_x": 1, "ppt_scheme": "x_mine"});
    say(&mut caller, json!([48, 1, options, "p.q", ["\u{0}AAE="]])).await;
    let first = callees[0].next().await;
    assert_eq!(first[3]["procedure"], "p.q");
    assert_eq!(first[3]["receive_progress"], true);
    say(&mut callees[0], json!([8, 68, 1, {}, UNAVAILABLE])).await;
    callees[1].hears(first).await;
    say(&mut callees[1], json!([70, 1, {"progress": true}, [1]])).await;
    caller.hears(json!([50, 1, {"progress": true}, [1]])).await;
    // What the first one says now comes too late.
    say(&mut callees[0], json!([70, 1, {}])).await;
    say(&mut callees[1], json!([70, 1, {}])).await;
    caller.hears(json!([50, 1, {}])).await;
    caller.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_single_callee_that_is_unavailable_leaves_nobody() {
    let server = router();
    let mut pool = Pool::new(&server, 1, json!({})).await;
    let (_, invocation) = pool.call(json!({})).await;
    say(
        &mut pool.callees[0],
        json!([8, 68, invocation, {}, UNAVAILABLE]),
    )
    .await;
    pool.caller
        .hears(json!([8, 48, 1, {}, NOBODY, [ANY]]))
        .await;
    // The arguments of a progressive call are gone, so nobody else can take it.
    let server = router();
    let mut pool = Pool::new(&server, 2, invoke("first")).await;
    let (at, invocation) = pool.call(json!({"progress": true})).await;
    say(
        &mut pool.callees[at],
        json!([8, 68, invocation, {}, UNAVAILABLE]),
    )
    .await;
    pool.caller
        .hears(json!([8, 48, 1, {}, NOBODY, [ANY]]))
        .await;
    assert_eq!(pool.invoked().await, None);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_callee_that_does_not_know_rerouting_is_just_an_error() {
    let server = router();
    let mut callee = join_as(&server, callee_of(&["call_canceling"])).await.0;
    let mut other = join(&server).await;
    for it in [&mut callee, &mut other] {
        register(it, 1, invoke("first"), "p").await;
    }
    let mut caller = join(&server).await;
    say(&mut caller, json!([48, 1, {}, "p"])).await;
    callee.hears(json!([68, 1, ANY, {}])).await;
    say(&mut callee, json!([8, 68, 1, {}, UNAVAILABLE, ["busy"]])).await;
    caller
        .hears(json!([8, 48, 1, {}, UNAVAILABLE, ["busy"]]))
        .await;
    other.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_stop_does_not_decline() {
    let server = router();
    let mut pool = Pool::new(&server, 2, invoke("first")).await;
    let (at, invocation) = pool.call(json!({})).await;
    say(&mut pool.caller, json!([49, 1, {"mode": "kill"}])).await;
    pool.callees[at]
        .hears(json!([69, invocation, {"mode": "kill"}]))
        .await;
    say(
        &mut pool.callees[at],
        json!([8, 68, invocation, {}, UNAVAILABLE]),
    )
    .await;
    pool.caller.hears(json!([8, 48, 1, {}, UNAVAILABLE])).await;
    assert_eq!(pool.invoked().await, None);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_a_call_goes_on_when_a_callee_declines() {
    let server = router();
    let mut forwarded = invoke("first");
    forwarded["forward_timeout"] = json!(true);
    for options in [invoke("first"), forwarded] {
        let (mut first, mut second) = (join(&server).await, join(&server).await);
        let id = register(&mut first, 1, options, "p").await;
        assert_eq!(register(&mut second, 1, invoke("first"), "p").await, id);
        let mut caller = join(&server).await;
        say(&mut caller, json!([48, 1, {"timeout": 1000}, "p"])).await;
        let invocation = first.next().await;
        assert_eq!(invocation[0], 68);
        tokio::time::sleep(Duration::from_millis(600)).await;
        say(&mut first, json!([8, 68, 1, {}, UNAVAILABLE])).await;
        let invocation = second.next().await;
        assert_eq!(invocation[0], 68);
        let timeout = json!([8, 48, 1, {}, "wamp.error.timeout"]);
        tokio::time::sleep(Duration::from_millis(390)).await;
        caller.hears_nothing().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        caller.hears(timeout).await;
        let interrupt = json!([69, 1, {"mode": "killnowait", "reason": "wamp.error.timeout"}]);
        second.hears(interrupt).await;
        for callee in [&mut first, &mut second] {
            callee.goodbye().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_has_a_second_home() {
    let server = router();
    let mut pool = Pool::new(&server, 4, invoke("roundrobin")).await;
    let key = json!({"runmode": "partition", "rkey": "ann"});
    let mut order = Vec::new();
    for _ in 0..3 {
        let (mut at, mut invocation) = pool.call(key.clone()).await;
        let mut tried = vec![at];
        for _ in 1..4 {
            let declined = json!([8, 68, invocation, {}, UNAVAILABLE]);
            say(&mut pool.callees[at], declined).await;
            (at, invocation) = pool.invoked().await.expect("another one");
            tried.push(at);
        }
        say(&mut pool.callees[at], json!([70, invocation, {}])).await;
        assert_eq!(pool.caller.next().await[0], 50);
        order.push(tried);
    }
    assert_eq!(order[0], order[1]);
    assert_eq!(order[0], order[2]);
    // When the first one has gone, the second one is first.
    pool.callees[order[0][0]].goodbye().await;
    assert_eq!(pool.turn(key).await, order[0][1]);
}

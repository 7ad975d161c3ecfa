//! Calls that end otherwise than by an answer.

use tokio::time::Instant;

use super::*;
use crate::support::{nothing_is_left, settle};

const SECOND: Duration = Duration::from_secs(1);

/// A callee that can do nothing special.
const PLAIN: &str = r#"[1,"realm1",{"roles":{"callee":{}}}]"#;

/// It takes one call at a time, so whatever is left of one shows.
async fn narrow_callee(server: &Server, hello: &str) -> (Client, Session) {
    let (mut client, session) = callee_of(server, hello, &[]).await;
    register(&mut client, 1, json!({"concurrency": 1}), "p").await;
    (client, session)
}

/// The callee has a place, and answers.
async fn works(client: &mut Client, session: &Session, request: u64) {
    let call = begin(session.call("p"));
    client.hears(json!([68, request, ANY, {}])).await;
    client.say(json!([70, request, {}]).to_string()).await;
    outcome(call).await.expect("a result");
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_goes_ends_its_calls() {
    let server = router();
    let (mut client, session) = callee(&server, &["p"]).await;
    let calls = [begin(session.call("p")), begin(realm(&server).call("p"))];
    for request in [1, 2] {
        client.hears(json!([68, request, ANY, {}])).await;
    }
    client.vanish().await;
    for call in calls {
        let error = failure(call).await;
        assert_eq!(error.uri(), "wamp.error.canceled");
        assert_eq!(text(&error), "the callee has gone");
    }
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_does_not_answer_in_time_is_told_to_stop() {
    let server = router();
    let (mut client, session) = narrow_callee(&server, EVERYTHING).await;
    let began = Instant::now();
    let call = begin(session.call("p").timeout(5 * SECOND));
    client.hears(json!([68, 1, ANY, {}])).await;
    client
        .hears_after(
            4_999 * Duration::from_millis(1),
            json!([69, 1, {"mode": "killnowait", "reason": "wamp.error.timeout"}]),
        )
        .await;
    assert_eq!(failure(call).await.uri(), "wamp.error.timeout");
    assert!(began.elapsed() <= 5 * SECOND + Duration::from_millis(3));
    assert_eq!(server.stats().timeouts, 1);
    // Its answer comes too late.
    client.say("[70,1,{},[1]]").await;
    works(&mut client, &session, 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_wants_to_look_after_timeouts_is_watched() {
    let server = router();
    let (mut client, session) = callee(&server, &[]).await;
    register(&mut client, 1, json!({"forward_timeout": true}), "p").await;
    let call = begin(session.call("p").timeout(SECOND));
    client.hears(json!([68, 1, ANY, {"timeout": 1000}])).await;
    client.say(r#"[8,68,1,{},"wamp.error.timeout"]"#).await;
    assert_eq!(failure(call).await.uri(), "wamp.error.timeout");
    assert_eq!(server.stats().timeouts, 0, "the callee's own");
    let call = begin(session.call("p").timeout(SECOND));
    client.hears(json!([68, 2, ANY, {"timeout": 1000}])).await;
    tokio::time::sleep(SECOND).await;
    client.hears(json!([69, 2, {"mode": "killnowait"}])).await;
    assert_eq!(failure(call).await.uri(), "wamp.error.timeout");
    // Less than a millisecond is not forever.
    let call = begin(session.call("p").timeout(Duration::from_nanos(1)));
    client.hears(json!([68, 3, ANY, {"timeout": 1}])).await;
    settle().await;
    assert_eq!(failure(call).await.uri(), "wamp.error.timeout");
    client.hears(json!([69, 3, {"mode": "killnowait"}])).await;
    // Nor is for ever more than an integer that everybody can read.
    let call = begin(session.call("p").timeout(Duration::MAX));
    client
        .hears(json!([68, 4, ANY, {"timeout": 1_u64 << 53}]))
        .await;
    client.say("[70,4,{}]").await;
    assert!(call.await.expect("no panic").is_ok());
}

#[tokio::test(start_paused = true)]
async fn without_a_timeout_there_is_none() {
    let server = router();
    let (mut client, session) = callee(&server, &["p"]).await;
    let calls = [
        begin(session.call("p")),
        begin(session.call("p").timeout(Duration::MAX)),
    ];
    for request in [1, 2] {
        client.hears(json!([68, request, ANY, {}])).await;
    }
    tokio::time::sleep(Duration::from_secs(100_000)).await;
    for (request, call) in [1, 2].into_iter().zip(calls) {
        client.say(json!([70, request, {}]).to_string()).await;
        outcome(call).await.expect("a result");
    }
}

#[tokio::test(start_paused = true)]
async fn who_drops_a_call_cancels_it() {
    let server = router();
    let (mut client, session) = narrow_callee(&server, EVERYTHING).await;
    let call = begin(session.call("p"));
    client.hears(json!([68, 1, ANY, {}])).await;
    call.abort();
    client.hears(json!([69, 1, {"mode": "killnowait"}])).await;
    client.say("[70,1,{},[1]]").await;
    works(&mut client, &session, 2).await;
    // What was never awaited was never made.
    drop(session.call("p"));
    drop(session.call("p").into_future());
    client.hears_nothing().await;
    client.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_cannot_be_told_answers_into_the_void() {
    let server = router();
    let (mut client, session) = narrow_callee(&server, PLAIN).await;
    let call = begin(session.call("p").timeout(SECOND));
    client.hears(json!([68, 1, ANY, {}])).await;
    tokio::time::sleep(SECOND).await;
    assert_eq!(failure(call).await.uri(), "wamp.error.timeout");
    client.hears_nothing().await;
    // It is still at it.
    let error = failure(begin(session.call("p"))).await;
    assert_eq!(error.uri(), "wamp.error.no_available_callee");
    client.say("[70,1,{},[1]]").await;
    works(&mut client, &session, 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_declines_is_not_replaced_by_another_client() {
    let server = router();
    let (mut first, session) = callee(&server, &[]).await;
    let (mut second, _) = callee(&server, &[]).await;
    for client in [&mut first, &mut second] {
        register(client, 1, json!({"invoke": "first"}), "p").await;
    }
    let call = begin(session.call("p"));
    first.hears(json!([68, 1, ANY, {}])).await;
    first.say(r#"[8,68,1,{},"wamp.error.unavailable"]"#).await;
    assert_eq!(failure(call).await.uri(), "wamp.error.no_available_callee");
    second.hears_nothing().await;
    // Where it is the realm that is called, it is.
    let call = begin(realm(&server).call("p"));
    first.hears(json!([68, 2, ANY, {}])).await;
    first.say(r#"[8,68,2,{},"wamp.error.unavailable"]"#).await;
    second.hears(json!([68, 1, ANY, {}])).await;
    second.say("[70,1,{},[2]]").await;
    let result = outcome(call).await.expect("a result");
    assert_eq!(result.decode::<u8>().expect("a number"), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_another_serialization_is_passed_on() {
    let server = router();
    let (mut client, session) = callee(&server, &["p"]).await;
    let call = begin(session.call("p"));
    client.hears(json!([68, 1, ANY, {}])).await;
    client
        .say(r#"[70,1,{"ppt_scheme":"x_own","ppt_serializer":"cbor"},["\u0000AQID"]]"#)
        .await;
    let result = outcome(call).await.expect("a result");
    let ppt = result.details().ppt.as_ref().expect("it says so");
    assert_eq!(ppt.scheme.as_deref(), Some("x_own"));
}

//! Calls that tell of their progress.

use futures_util::{FutureExt as _, StreamExt};
use wamp_server::realm::ProgressiveCall;
use wamp_server::{App, Limits, Progress, RouterOptions, SharedState};

use super::*;
use crate::support::{Log, build, nothing_is_left, settle};

const SECOND: Duration = Duration::from_secs(1);
const INTERRUPTED: &str = r#"{"mode":"killnowait"}"#;

/// What a call tells, and then its end; each without time passing.
async fn read(mut call: ProgressiveCall) -> (Vec<u64>, Answer) {
    let mut parts = Vec::new();
    while let Some(part) = call.next().await {
        parts.push(part.decode::<u64>().expect("a number"));
    }
    assert!(call.next().await.is_none(), "it has ended");
    (parts, call.result().await)
}

#[tokio::test(start_paused = true)]
async fn a_callee_tells_how_far_it_is() {
    let server = router();
    let (mut client, session) = callee(&server, &["update"]).await;
    let call = tokio::spawn(read(session.call("update").arg("2.1").progress()));
    client
        .hears(json!([68, 1, ANY, {"receive_progress": true}, ["2.1"]]))
        .await;
    for percent in [10, 50] {
        client
            .say(json!([70, 1, {"progress": true}, [percent]]).to_string())
            .await;
    }
    client.say(r#"[70,1,{},["done"]]"#).await;
    let (parts, result) = call.await.expect("it does not panic");
    assert_eq!(parts, [10, 50]);
    let result = result.expect("a result");
    assert_eq!(result.decode::<String>().expect("a text"), "done");
    assert!(!result.details().progress);

    let call = tokio::spawn(read(session.call("update").progress()));
    client
        .hears(json!([68, 2, ANY, {"receive_progress": true}]))
        .await;
    client.say(r#"[70,2,{"progress":true},[1]]"#).await;
    client.say(r#"[8,68,2,{},"my.error",["no"]]"#).await;
    let (parts, result) = call.await.expect("it does not panic");
    assert_eq!(parts, [1]);
    assert_eq!(result.expect_err("it fails").uri(), "my.error");
}

#[tokio::test(start_paused = true)]
async fn progress_need_not_be_read() {
    let server = router();
    let (mut client, session) = callee(&server, &["p"]).await;
    let call = tokio::spawn(session.call("p").progress().result());
    client
        .hears(json!([68, 1, ANY, {"receive_progress": true}]))
        .await;
    client.say(r#"[70,1,{"progress":true},[1]]"#).await;
    client.say(r#"[70,1,{},[2]]"#).await;
    let result = call.await.expect("it does not panic").expect("a result");
    assert_eq!(result.decode::<u8>().expect("a number"), 2);
    // Who has not asked for it gets none.
    let call = begin(session.call("p"));
    client.hears(json!([68, 2, ANY, {}])).await;
    client.say(r#"[70,2,{"progress":true},[1]]"#).await;
    client.say(r#"[70,2,{},[2]]"#).await;
    let result = outcome(call).await.expect("a result");
    assert_eq!(result.decode::<u8>().expect("a number"), 2);
}

#[tokio::test(start_paused = true)]
async fn the_timeout_counts_from_the_last_word() {
    for forwarded in [false, true] {
        let server = router();
        let (mut client, session) = callee(&server, &[]).await;
        register(&mut client, 1, json!({"forward_timeout": forwarded}), "p").await;
        let call = session.call("p").timeout(10 * SECOND).progress();
        let call = tokio::spawn(read(call));
        assert_eq!(client.next().await[0], 68);
        for part in 0..3 {
            tokio::time::sleep(9 * SECOND).await;
            client
                .say(json!([70, 1, {"progress": true}, [part]]).to_string())
                .await;
        }
        tokio::time::sleep(9 * SECOND).await;
        client.hears_nothing().await;
        tokio::time::sleep(SECOND).await;
        assert_eq!(client.next().await[0], 69, "INTERRUPT");
        let (parts, result) = call.await.expect("it does not panic");
        assert_eq!(parts, [0, 1, 2]);
        assert_eq!(result.expect_err("it fails").uri(), "wamp.error.timeout");
    }
}

#[tokio::test(start_paused = true)]
async fn who_stops_reading_cancels_the_call() {
    let server = router();
    let (mut client, session) = callee(&server, &["p"]).await;
    let mut call = session.call("p").progress();
    assert!(call.next().now_or_never().is_none());
    client
        .hears(json!([68, 1, ANY, {"receive_progress": true}]))
        .await;
    client.say(r#"[70,1,{"progress":true},[1]]"#).await;
    let part = StreamExt::next(&mut call).await.expect("progress");
    assert_eq!(part.decode::<u8>().expect("a number"), 1);
    drop(call);
    let interrupt = json!([
        69,
        1,
        serde_json::from_str::<serde_json::Value>(INTERRUPTED).expect("JSON")
    ]);
    client.hears(interrupt).await;
    client.say(r#"[70,1,{"progress":true},[2]]"#).await;
    client.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn progress_that_nobody_reads_does_not_fill_the_memory() {
    let limits = Limits {
        outbound_soft: 500,
        outbound_hard: 1000,
        ..Limits::default()
    };
    let server = build(App::empty().router(RouterOptions::new()).limits(limits));
    let (mut client, session) = callee(&server, &["p"]).await;
    let mut call = session.call("p").progress();
    assert!(call.next().now_or_never().is_none());
    client
        .hears(json!([68, 1, ANY, {"receive_progress": true}]))
        .await;
    let long = "x".repeat(300);
    for _ in 0..4 {
        client
            .say(json!([70, 1, {"progress": true}, [long]]).to_string())
            .await;
    }
    settle().await;
    let mut read = 0;
    while call.next().await.is_some() {
        read += 1;
    }
    assert!(read < 4, "{read}");
    let error = call.result().await.expect_err("it fails");
    assert_eq!(error.uri(), "wamp.error.slow_consumer");
    client.hears(json!([69, 1, {"mode": "killnowait"}])).await;
    client.goodbye().await;
}

#[tokio::test(start_paused = true)]
async fn a_callee_without_progress_is_called_all_the_same() {
    let server = router();
    let hello = r#"[1,"realm1",{"roles":{"callee":{}}}]"#;
    let (mut client, session) = callee_of(&server, hello, &["p"]).await;
    let call = tokio::spawn(read(session.call("p").progress()));
    client.hears(json!([68, 1, ANY, {}])).await;
    client.say("[70,1,{},[1]]").await;
    let (parts, result) = call.await.expect("it does not panic");
    assert!(parts.is_empty() && result.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_function_of_the_application_waits_for_its_reader() {
    let log = Log::default();
    let limits = Limits {
        outbound_soft: 100,
        outbound_hard: 1000,
        ..Limits::default()
    };
    let app = App::empty().limits(limits).state(log.clone()).procedure(
        "count",
        async |to: u64, progress: Progress<u64>, log: SharedState<Log>| {
            for i in 0..to {
                progress.send(i).await;
                log.note(i.to_string());
            }
            to
        },
    );
    let server = build(app);
    let (parts, result) = read(realm(&server).call("count").arg(500).progress()).await;
    assert_eq!(parts, (0..500).collect::<Vec<_>>());
    assert_eq!(
        result.expect("a result").decode::<u64>().expect("a number"),
        500
    );
    assert_eq!(log.take().len(), 500);
    let mut call = realm(&server).call("count").arg(500).progress();
    assert!(call.next().await.is_some());
    assert!(log.take().len() < 50, "it does not run ahead");
    drop(call);
    nothing_is_left(&server);
}

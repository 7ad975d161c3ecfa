//! Timeouts: asked for by the caller, set by the attribute, or the server's default.

use std::time::Duration;

use wamp_server::{App, CancellationToken, Limits, Progress, Server, State, procedure, procedures};

use crate::support::{Client, Events, Log, build, json, settle};

#[procedure("slow")]
async fn slow(events: State<'_, Events>, log: State<'_, Log>) {
    let _guard = log.guard("slow");
    events.wait("end").await;
}

#[procedure("brief", timeout = "2s")]
async fn brief(events: State<'_, Events>) {
    events.wait("end").await;
}

#[procedure("endless", timeout = none)]
async fn endless(events: State<'_, Events>) {
    events.wait("end").await;
}

#[procedure("stubborn")]
async fn stubborn(token: CancellationToken, log: State<'_, Log>, events: State<'_, Events>) {
    token.cancelled().await;
    log.note("told");
    events.wait("end").await;
}

#[procedure("ticks")]
async fn ticks(every: u64, count: u32, progress: &Progress<u32>) -> &'static str {
    for i in 0..count {
        tokio::time::sleep(Duration::from_millis(every)).await;
        progress.send(i).await;
    }
    std::future::pending().await
}

fn server() -> (Server, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty().procedures(procedures![slow, brief, endless, stubborn, ticks]);
    let limits = Limits {
        handler_timeout: Duration::from_secs(60),
        max_call_timeout: Duration::from_secs(600),
        ..Limits::default()
    };
    (
        build(app.state(events.clone()).state(log.clone()).limits(limits)),
        events,
        log,
    )
}

fn timeout() -> serde_json::Value {
    json!([8, 48, 1, {}, "wamp.error.timeout"])
}

async fn takes(call: &str, seconds: u64) {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(call).await;
    client
        .hears_after(Duration::from_secs(seconds), timeout())
        .await;
    assert_eq!(
        (server.stats().timeouts, server.stats().running_handlers),
        (1, 0)
    );
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn the_default_is_the_servers() {
    takes(r#"[48,1,{},"slow"]"#, 60).await;
}

#[tokio::test(start_paused = true)]
async fn the_attribute_is_stronger_than_the_default() {
    takes(r#"[48,1,{},"brief"]"#, 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_may_ask_for_less() {
    takes(r#"[48,1,{"timeout":1000},"slow"]"#, 1).await;
    takes(r#"[48,1,{"timeout":1000},"brief"]"#, 1).await;
    takes(r#"[48,1,{"timeout":90000},"endless"]"#, 90).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_may_not_ask_for_more() {
    takes(r#"[48,1,{"timeout":3000},"brief"]"#, 2).await;
    takes(r#"[48,1,{"timeout":100000},"slow"]"#, 60).await;
    takes(r#"[48,1,{"timeout":18446744073709551615},"endless"]"#, 600).await;
}

#[tokio::test(start_paused = true)]
async fn zero_means_that_the_caller_asks_for_nothing() {
    takes(r#"[48,1,{"timeout":0},"brief"]"#, 2).await;
    let (server, events, _) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"timeout":0},"endless"]"#).await;
    tokio::time::sleep(Duration::from_secs(100_000)).await;
    client.hears_nothing().await;
    events.happen("end");
    client.hears(json!([50, 1, {}])).await;
    assert_eq!(server.stats().timeouts, 0);
}

#[tokio::test(start_paused = true)]
async fn the_handler_is_dropped_and_its_late_answer_never_comes() {
    let (server, events, log) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"timeout":5},"slow"]"#).await;
    client
        .hears_after(Duration::from_millis(5), timeout())
        .await;
    assert_eq!(log.take(), ["drop slow"]);
    events.happen("end");
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_answered_in_time_is_answered_once() {
    let (server, events, _) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"timeout":1000},"slow"]"#).await;
    tokio::time::sleep(Duration::from_millis(990)).await;
    events.happen("end");
    client.hears(json!([50, 1, {}])).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    client.hears_nothing().await;
    assert_eq!(server.stats().timeouts, 0);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_was_told_by_kill_and_hangs_ends_by_timeout() {
    let (server, _, log) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"timeout":3000},"stubborn"]"#).await;
    client.say(r#"[49,1,{"mode":"kill"}]"#).await;
    client.hears_after(Duration::from_secs(3), timeout()).await;
    assert_eq!(log.take(), ["told"]);
}

#[tokio::test(start_paused = true)]
async fn every_report_of_progress_begins_the_time_anew() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"timeout":1000,"receive_progress":true},"ticks",[900,3]]"#)
        .await;
    for i in 0..3 {
        let tick = json!([50, 1, {"progress": true}, [i]]);
        client
            .hears_after(Duration::from_millis(if i == 0 { 900 } else { 899 }), tick)
            .await;
    }
    client
        .hears_after(Duration::from_millis(999), timeout())
        .await;
}

#[tokio::test(start_paused = true)]
async fn progress_that_nobody_asked_for_saves_nobody() {
    takes(r#"[48,1,{"timeout":1000},"ticks",[900,3]]"#, 1).await;
}

#[tokio::test(start_paused = true)]
async fn of_many_calls_each_has_its_own_time() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    for request in [3, 1, 4, 2, 5] {
        client
            .say(json!([48, request, {"timeout": request * 1000}, "slow"]).to_string())
            .await;
    }
    settle().await;
    for request in 1..=5 {
        client
            .hears_after(
                Duration::from_millis(999),
                json!([8, 48, request, {}, "wamp.error.timeout"]),
            )
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_turn_is_on_the_clock() {
    #[procedure("one.at.a.time", concurrency = 1)]
    async fn one_at_a_time(events: State<'_, Events>) {
        events.wait("end").await;
    }
    let server = build(
        App::empty()
            .procedures(procedures![one_at_a_time])
            .state(Events::default()),
    );
    let mut client = Client::join(&server).await;
    client.say(r#"[48,2,{},"one.at.a.time"]"#).await;
    client
        .say(r#"[48,1,{"timeout":1000},"one.at.a.time"]"#)
        .await;
    client.hears_after(Duration::from_secs(1), timeout()).await;
}

/// A handler that is told of its timeout is woken while it is dropped; that must not cost the next one its own wakes.
#[tokio::test(start_paused = true)]
async fn a_call_that_timed_out_does_not_make_the_next_one_deaf() {
    let events = Events::default();
    let app = App::empty().procedures(procedures![slow, stubborn]);
    let server = build(app.state(events.clone()).state(Log::default()));
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"timeout":1000},"stubborn"]"#).await;
    client.hears_after(Duration::from_secs(1), timeout()).await;
    client.say(r#"[48,2,{},"slow"]"#).await;
    client.hears_nothing().await;
    events.happen("end");
    client.hears(json!([50, 2, {}])).await;
}

//! Progressive results, reported by handlers and produced by streams.

use futures_util::{Stream, StreamExt as _, stream};
use serde::Serialize;
use wamp_server::{
    App, Call, CallError, Progress, Reply, Server, Session, SharedState, State, procedure,
    procedures,
};

use crate::support::{Client, Events, build, json};

#[derive(Serialize)]
struct Left {
    left: u32,
}

#[procedure("countdown")]
async fn countdown(from: u32, progress: &Progress<Left>) -> &'static str {
    for left in (1..=from).rev() {
        progress.send(Left { left }).await;
    }
    "liftoff"
}

#[procedure("fails")]
async fn fails(progress: &Progress<u32>) -> Result<(), CallError> {
    progress.send(1).await;
    Err(CallError::new("my.error").arg("no"))
}

#[procedure("wanted")]
async fn wanted(progress: &Progress<u32>, call: &Call) -> (bool, bool) {
    (progress.is_wanted(), call.wants_progress())
}

#[procedure("replies")]
async fn replies(progress: Progress<(u32, &'static str)>) -> Reply {
    progress.send((1, "a")).await;
    Reply::new().arg(2).kwarg("k", "b")
}

#[procedure("tail")]
async fn tail(count: u32) -> impl Stream<Item = u32> {
    stream::iter(0..count)
}

#[procedure("tail.later")]
async fn tail_later(events: State<'_, Events>) -> impl Stream<Item = String> {
    stream::iter(["a", "b"]).then(move |name| async move {
        events.wait(name).await;
        name.to_owned()
    })
}

#[procedure("tail.fails")]
async fn tail_fails() -> impl Stream<Item = Result<u32, CallError>> {
    stream::iter([
        Ok(1),
        Ok(2),
        Err(CallError::new("my.error").arg("broken")),
        Ok(3),
    ])
}

#[procedure("tail.refused")]
async fn tail_refused(allowed: bool) -> Result<stream::Empty<u32>, CallError> {
    if allowed {
        Ok(stream::empty())
    } else {
        Err(CallError::not_authorized())
    }
}

#[procedure("leaks")]
async fn leaks(progress: Progress<u32>, events: SharedState<Events>) -> &'static str {
    tokio::spawn(async move {
        events.wait("late").await;
        progress.send(99).await;
        events.happen("sent");
    });
    "done"
}

#[procedure("close.after.progress")]
async fn close_after_progress(progress: &Progress<u32>, session: &Session) {
    progress.send(1).await;
    session.close("wamp.close.normal", "enough");
}

fn server() -> (Server, Events) {
    let events = Events::default();
    let app = App::empty().procedures(procedures![
        countdown,
        fails,
        wanted,
        replies,
        tail,
        tail_later,
        tail_fails,
        tail_refused,
        leaks,
        close_after_progress
    ]);
    (build(app.state(events.clone())), events)
}

#[tokio::test(start_paused = true)]
async fn progress_comes_in_order_and_before_the_result() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"countdown",[2]]"#)
        .await;
    client
        .hears_bytes(r#"[50,1,{"progress":true},[],{"left":2}]"#)
        .await;
    client
        .hears_bytes(r#"[50,1,{"progress":true},[],{"left":1}]"#)
        .await;
    client.hears_bytes(r#"[50,1,{},["liftoff"]]"#).await;
}

#[tokio::test(start_paused = true)]
async fn who_did_not_ask_for_progress_hears_the_result_only() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    for options in [json!({}), json!({"receive_progress": false})] {
        client
            .say(json!([48, 1, options, "countdown", [3]]).to_string())
            .await;
        client.hears(json!([50, 1, {}, ["liftoff"]])).await;
        client
            .say(json!([48, 2, options, "wanted"]).to_string())
            .await;
        client.hears(json!([50, 2, {}, [false, false]])).await;
        client
            .say(json!([48, 3, options, "tail", [3]]).to_string())
            .await;
        client.hears(json!([50, 3, {}])).await;
    }
    client
        .say(r#"[48,2,{"receive_progress":true},"wanted"]"#)
        .await;
    client.hears(json!([50, 2, {}, [true, true]])).await;
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_after_progress_ends_the_call() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"fails"]"#)
        .await;
    client.hears(json!([50, 1, {"progress": true}, [1]])).await;
    client
        .hears(json!([8, 48, 1, {}, "my.error", ["no"]]))
        .await;
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn progress_and_result_may_be_anything_that_a_result_may_be() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"replies"]"#)
        .await;
    client
        .hears(json!([50, 1, {"progress": true}, [1, "a"]]))
        .await;
    client.hears(json!([50, 1, {}, [2], {"k": "b"}])).await;
}

#[tokio::test(start_paused = true)]
async fn every_item_of_a_stream_is_progress_and_its_end_is_the_result() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"tail",[3]]"#)
        .await;
    for i in 0..3 {
        client.hears(json!([50, 1, {"progress": true}, [i]])).await;
    }
    client.hears_bytes("[50,1,{}]").await;
    client
        .say(r#"[48,2,{"receive_progress":true},"tail",[0]]"#)
        .await;
    client.hears_bytes("[50,2,{}]").await;
}

#[tokio::test(start_paused = true)]
async fn items_are_sent_when_they_are_there() {
    let (server, events) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"tail.later"]"#)
        .await;
    client.hears_nothing().await;
    events.happen("a");
    client
        .hears(json!([50, 1, {"progress": true}, ["a"]]))
        .await;
    client.hears_nothing().await;
    events.happen("b");
    client
        .hears(json!([50, 1, {"progress": true}, ["b"]]))
        .await;
    client.hears(json!([50, 1, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn an_item_that_is_an_error_ends_the_call() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"tail.fails"]"#)
        .await;
    client.hears(json!([50, 1, {"progress": true}, [1]])).await;
    client.hears(json!([50, 1, {"progress": true}, [2]])).await;
    client
        .hears(json!([8, 48, 1, {}, "my.error", ["broken"]]))
        .await;
    client.hears_nothing().await;
    client.say(r#"[48,2,{},"tail.fails"]"#).await;
    client
        .hears(json!([8, 48, 2, {}, "my.error", ["broken"]]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_may_be_refused_before_it_begins() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"tail.refused",[false]]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.not_authorized"]))
        .await;
    client.say(r#"[48,2,{},"tail.refused",[true]]"#).await;
    client.hears(json!([50, 2, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_caller_cancels_is_dropped() {
    let (server, events) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"tail.later"]"#)
        .await;
    events.happen("a");
    client
        .hears(json!([50, 1, {"progress": true}, ["a"]]))
        .await;
    client.say(r#"[49,1,{"mode":"kill"}]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    events.happen("b");
    client.hears_nothing().await;
    assert_eq!(server.stats().running_handlers, 0);
}

#[tokio::test(start_paused = true)]
async fn progress_that_outlives_its_call_is_not_sent() {
    let (server, events) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"leaks"]"#)
        .await;
    client.hears(json!([50, 1, {}, ["done"]])).await;
    events.happen("late");
    client.hears_nothing().await;
    events.wait("sent").await;
}

#[tokio::test(start_paused = true)]
async fn what_was_reported_before_the_session_is_closed_is_still_sent() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"close.after.progress"]"#)
        .await;
    client.hears(json!([50, 1, {"progress": true}, [1]])).await;
    client.hears(json!([50, 1, {}])).await;
    client
        .hears(json!([6, {"message": "enough"}, "wamp.close.normal"]))
        .await;
}

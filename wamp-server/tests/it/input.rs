//! Progressive call invocations: arguments that keep coming.

use futures_util::StreamExt as _;
use wamp_server::{
    App, Call, CallError, Input, Limits, Progress, Server, State, procedure, procedures,
};

use crate::support::{ANY, Client, Events, Log, build, json, settle};

#[procedure("sum")]
async fn sum(mut numbers: Input<(i64,)>) -> Result<i64, CallError> {
    let mut sum = 0;
    while let Some(item) = numbers.next().await {
        sum += item?.0;
    }
    Ok(sum)
}

#[procedure("running.sum")]
async fn running_sum(
    mut numbers: Input<Vec<i64>>,
    progress: &Progress<i64>,
) -> Result<&'static str, CallError> {
    let mut sum = 0;
    while let Some(item) = numbers.next().await {
        sum += item?.iter().sum::<i64>();
        progress.send(sum).await;
    }
    Ok("end")
}

/// Answers after the first message, whatever else comes.
#[procedure("first")]
async fn first(mut numbers: Input<(i64,)>, log: State<'_, Log>) -> Result<i64, CallError> {
    log.note("begin");
    let first = numbers.next().await.transpose()?.map_or(0, |it| it.0);
    if first < 0 {
        Err(CallError::new("my.error.negative"))
    } else {
        Ok(first)
    }
}

#[procedure("sleeps")]
async fn sleeps(numbers: Input<(i64,)>, events: State<'_, Events>, log: State<'_, Log>) {
    let _guard = log.guard("sleeps");
    events.wait("end").await;
    drop(numbers);
}

#[procedure("plain")]
async fn plain(call: &Call) -> bool {
    call.wants_progress()
}

fn server() -> (Server, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty().procedures(procedures![sum, running_sum, first, sleeps, plain]);
    let limits = Limits {
        max_waiting_input: 4,
        ..Limits::default()
    };
    (
        build(app.state(events.clone()).state(log.clone()).limits(limits)),
        events,
        log,
    )
}

#[tokio::test(start_paused = true)]
async fn the_arguments_of_all_messages_reach_one_run() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"progress":true},"sum",[1]]"#).await;
    client.hears_nothing().await;
    client.say(r#"[48,1,{"progress":true},"sum",[2]]"#).await;
    client.hears_nothing().await;
    client.say(r#"[48,1,{},"sum",[3]]"#).await;
    client.hears(json!([50, 1, {}, [6]])).await;
    client.hears_nothing().await;
    assert_eq!(server.stats().calls, 1);
}

#[tokio::test(start_paused = true)]
async fn a_plain_call_is_a_progressive_one_of_one_message() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"sum",[3]]"#).await;
    client.hears(json!([50, 1, {}, [3]])).await;
}

#[tokio::test(start_paused = true)]
async fn input_and_progress_flow_at_the_same_time() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"progress":true,"receive_progress":true},"running.sum",[1,2]]"#)
        .await;
    client.hears(json!([50, 1, {"progress": true}, [3]])).await;
    client
        .say(r#"[48,1,{"progress":true},"running.sum",[]]"#)
        .await;
    client.hears(json!([50, 1, {"progress": true}, [3]])).await;
    client.say(r#"[48,1,{},"running.sum",[4]]"#).await;
    client.hears(json!([50, 1, {"progress": true}, [7]])).await;
    client.hears(json!([50, 1, {}, ["end"]])).await;
}

#[tokio::test(start_paused = true)]
async fn calls_that_overlap_are_told_apart() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    for (request, number, more) in [(1, 1, true), (2, 10, true), (1, 2, false), (2, 20, false)] {
        client
            .say(json!([48, request, {"progress": more}, "sum", [number]]).to_string())
            .await;
    }
    client
        .hears_in_any_order([json!([50, 1, {}, [3]]), json!([50, 2, {}, [30]])])
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_procedure_that_takes_no_input_says_so() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"progress":true},"plain"]"#).await;
    client
        .hears(json!([
            8,
            48,
            1,
            {},
            "wamp.error.feature_not_supported",
            [ANY]
        ]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn another_procedure_under_the_same_id_is_illegal() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"progress":true},"sum",[1]]"#).await;
    client
        .say(r#"[48,1,{"progress":true},"running.sum",[1]]"#)
        .await;
    client.is_told_off_for("CALL.Request").await;
}

#[tokio::test(start_paused = true)]
async fn a_message_after_the_last_one_is_illegal_while_the_call_is_open() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"progress":true},"sleeps",[1]]"#).await;
    client.say(r#"[48,1,{},"sleeps",[2]]"#).await;
    client.say(r#"[48,1,{},"sleeps",[3]]"#).await;
    client.is_told_off_for("CALL.Request").await;
}

#[tokio::test(start_paused = true)]
async fn an_item_of_the_wrong_type_fails_the_call() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"progress":true},"sum",[1]]"#).await;
    client.say(r#"[48,1,{"progress":true},"sum",["x"]]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.invalid_argument", [ANY]]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_an_early_answer_starts_nothing() {
    let (server, _, log) = server();
    let mut client = Client::join(&server).await;
    for (number, answer) in [
        (5, json!([50, 1, {}, [5]])),
        (-1, json!([8, 48, 1, {}, "my.error.negative"])),
    ] {
        client
            .say(json!([48, 1, {"progress": true}, "first", [number]]).to_string())
            .await;
        client.hears(answer).await;
        client.say(r#"[48,1,{"progress":true},"first",[6]]"#).await;
        client.say(r#"[48,1,{},"first",[7]]"#).await;
        client.hears_nothing().await;
        assert_eq!(log.take(), ["begin"]);
    }
    // The caller has sent its last message: the id is free.
    client.say(r#"[48,1,{},"first",[8]]"#).await;
    client.hears(json!([50, 1, {}, [8]])).await;
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_a_cancel_starts_nothing() {
    let (server, _, log) = server();
    for mode in ["skip", "kill", "killnowait"] {
        let mut client = Client::join(&server).await;
        client.say(r#"[48,1,{"progress":true},"sleeps",[1]]"#).await;
        client.say(json!([49, 1, {"mode": mode}]).to_string()).await;
        client
            .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
            .await;
        client.say(r#"[48,1,{"progress":true},"sleeps",[2]]"#).await;
        client.say(r#"[48,1,{},"sleeps",[3]]"#).await;
        client.hears_nothing().await;
        client.vanish().await;
        assert_eq!(log.take(), ["drop sleeps"], "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn more_input_than_the_limit_ends_the_call() {
    let (server, _, log) = server();
    let mut client = Client::join(&server).await;
    for _ in 0..5 {
        client.say(r#"[48,1,{"progress":true},"sleeps",[1]]"#).await;
    }
    client.hears_nothing().await;
    client.say(r#"[48,1,{"progress":true},"sleeps",[1]]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
    settle().await;
    assert_eq!(log.take(), ["drop sleeps"]);
    client.say(r#"[48,1,{"progress":true},"sleeps",[1]]"#).await;
    client.hears_nothing().await;
    assert_eq!(server.stats().running_handlers, 0);
}

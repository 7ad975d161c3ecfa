//! Calls one at a time: where a realm wants it, or a procedure.

use std::time::Duration;

use wamp_server::realm::Ordering;
use wamp_server::{App, CallError, Input, Realm, Server, State, procedure, procedures};

use crate::support::{Client, Events, Log, build, json, settle};

#[procedure("step")]
async fn step(name: String, events: State<'_, Events>, log: State<'_, Log>) -> String {
    log.note(format!("begin {name}"));
    events.wait(&name).await;
    log.note(format!("end {name}"));
    name
}

#[procedure("sum")]
async fn sum(mut numbers: Input<(i64,)>, log: State<'_, Log>) -> Result<i64, CallError> {
    use futures_util::StreamExt as _;
    let mut sum = 0;
    while let Some(item) = numbers.next().await {
        sum += item?.0;
        log.note(format!("sum {sum}"));
    }
    Ok(sum)
}

fn sequential() -> (Server, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty()
        .procedures(procedures![step, sum])
        .ordering(Ordering::Sequential);
    (
        build(app.state(events.clone()).state(log.clone())),
        events,
        log,
    )
}

async fn step_all(client: &mut Client, names: &[&str]) {
    for (request, name) in (1..).zip(names) {
        client
            .say(json!([48, request, {}, "step", [name]]).to_string())
            .await;
    }
    settle().await;
}

#[tokio::test(start_paused = true)]
async fn in_sequence_a_call_begins_when_the_one_before_it_has_ended() {
    let (server, events, log) = sequential();
    let mut client = Client::join(&server).await;
    step_all(&mut client, &["a", "b", "c"]).await;
    events.happen("b");
    events.happen("c");
    client.hears_nothing().await;
    assert_eq!(log.take(), ["begin a"]);
    events.happen("a");
    for (request, name) in [(1, "a"), (2, "b"), (3, "c")] {
        client.hears(json!([50, request, {}, [name]])).await;
    }
    assert_eq!(
        log.take(),
        ["end a", "begin b", "end b", "begin c", "end c"]
    );
}

#[tokio::test(start_paused = true)]
async fn in_sequence_sessions_do_not_wait_for_each_other() {
    let (server, events, _) = sequential();
    let mut one = Client::join(&server).await;
    let mut two = Client::join(&server).await;
    step_all(&mut one, &["a"]).await;
    step_all(&mut two, &["b"]).await;
    events.happen("b");
    two.hears(json!([50, 1, {}, ["b"]])).await;
    one.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn in_sequence_a_cancelled_call_makes_way_for_the_next_at_once() {
    let (server, events, log) = sequential();
    let mut client = Client::join(&server).await;
    step_all(&mut client, &["a", "b"]).await;
    client.say("[49,1,{}]").await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    settle().await;
    assert_eq!(log.take(), ["begin a", "begin b"]);
    events.happen("b");
    client.hears(json!([50, 2, {}, ["b"]])).await;
}

#[tokio::test(start_paused = true)]
async fn in_sequence_a_waiting_call_can_be_cancelled() {
    for mode in ["skip", "kill", "killnowait"] {
        let (server, events, log) = sequential();
        let mut client = Client::join(&server).await;
        step_all(&mut client, &["a", "b", "c"]).await;
        client.say(json!([49, 2, {"mode": mode}]).to_string()).await;
        client
            .hears(json!([8, 48, 2, {}, "wamp.error.canceled"]))
            .await;
        for name in ["a", "b", "c"] {
            events.happen(name);
        }
        client.hears(json!([50, 1, {}, ["a"]])).await;
        client.hears(json!([50, 3, {}, ["c"]])).await;
        client.hears_nothing().await;
        assert!(!log.take().contains(&"begin b".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn in_sequence_a_timeout_makes_way_for_the_next() {
    let (server, events, _) = sequential();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{"timeout":1000},"step",["a"]]"#).await;
    client.say(r#"[48,2,{},"step",["b"]]"#).await;
    events.happen("b");
    client
        .hears_after(
            Duration::from_secs(1),
            json!([8, 48, 1, {}, "wamp.error.timeout"]),
        )
        .await;
    client.hears(json!([50, 2, {}, ["b"]])).await;
}

#[tokio::test(start_paused = true)]
async fn in_sequence_calls_that_fail_at_once_make_way_too() {
    let (server, events, _) = sequential();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"step",["a"]]"#).await;
    client.say(r#"[48,2,{},"nowhere"]"#).await;
    client.say(r#"[48,3,{},"step"]"#).await;
    client.say(r#"[48,4,{},"step",["b"]]"#).await;
    client.hears_nothing().await;
    events.happen("a");
    events.happen("b");
    client.hears(json!([50, 1, {}, ["a"]])).await;
    assert_eq!(client.next().await[2], 2);
    assert_eq!(client.next().await[2], 3);
    client.hears(json!([50, 4, {}, ["b"]])).await;
}

#[tokio::test(start_paused = true)]
async fn in_sequence_a_progressive_call_keeps_its_parts_together() {
    let (server, events, log) = sequential();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"step",["a"]]"#).await;
    client.say(r#"[48,2,{"progress":true},"sum",[1]]"#).await;
    client.say(r#"[48,2,{"progress":true},"sum",[2]]"#).await;
    client.say(r#"[48,3,{},"step",["b"]]"#).await;
    client.say(r#"[48,2,{},"sum",[3]]"#).await;
    settle().await;
    assert_eq!(log.take(), ["begin a"]);
    events.happen("a");
    events.happen("b");
    client.hears(json!([50, 1, {}, ["a"]])).await;
    client.hears(json!([50, 2, {}, [6]])).await;
    client.hears(json!([50, 3, {}, ["b"]])).await;
}

#[tokio::test(start_paused = true)]
async fn in_sequence_the_id_of_a_waiting_call_is_in_use() {
    let (server, _, log) = sequential();
    let mut client = Client::join(&server).await;
    step_all(&mut client, &["a", "b"]).await;
    client.say(r#"[48,2,{},"step",["c"]]"#).await;
    client.is_told_off_for("CALL.Request").await;
    assert_eq!(log.take(), ["begin a"]);
}

#[tokio::test(start_paused = true)]
async fn a_realm_has_its_own_ordering_or_that_of_the_application() {
    let (events, log) = (Events::default(), Log::default());
    let concurrent = Realm::new("concurrent")
        .procedures(procedures![step])
        .ordering(Ordering::Concurrent);
    let inherits = Realm::new("inherits").procedures(procedures![step]);
    let app = App::empty()
        .ordering(Ordering::Sequential)
        .realm(concurrent)
        .realm(inherits);
    let server = build(app.state(events.clone()).state(log.clone()));
    for (realm, expected) in [
        ("concurrent", vec!["begin a", "begin b"]),
        ("inherits", vec!["begin a"]),
    ] {
        let mut client = Client::connect(&server);
        client
            .say(json!([1, realm, {"roles": {"caller": {}}}]).to_string())
            .await;
        client.next().await;
        step_all(&mut client, &["a", "b"]).await;
        assert_eq!(log.take(), expected, "{realm}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_procedure_runs_no_more_often_at_once_than_it_says() {
    #[procedure("two", concurrency = 2)]
    async fn two(name: String, events: State<'_, Events>, log: State<'_, Log>) -> String {
        log.note(format!("begin {name}"));
        events.wait(&name).await;
        name
    }
    let (events, log) = (Events::default(), Log::default());
    let server = build(
        App::empty()
            .procedures(procedures![two])
            .state(events.clone())
            .state(log.clone()),
    );
    let mut one = Client::join(&server).await;
    let mut other = Client::join(&server).await;
    one.say(r#"[48,1,{},"two",["a"]]"#).await;
    settle().await;
    other.say(r#"[48,1,{},"two",["b"]]"#).await;
    settle().await;
    one.say(r#"[48,2,{},"two",["c"]]"#).await;
    one.hears_nothing().await;
    assert_eq!(log.take(), ["begin a", "begin b"]);
    events.happen("b");
    other.hears(json!([50, 1, {}, ["b"]])).await;
    settle().await;
    assert_eq!(log.take(), ["begin c"]);
    one.say("[49,1,{}]").await;
    one.hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    other.say(r#"[48,2,{},"two",["d"]]"#).await;
    settle().await;
    assert_eq!(
        log.take(),
        ["begin d"],
        "a cancelled call gives its place back"
    );
}

//! Calls: what is served, in which order it is answered, what happens to those who are not waited for.

use std::sync::{Arc, Barrier};

use wamp_server::{App, Call, Limits, Server, State, procedure, procedures};

use crate::support::{ANY, Client, Events, Log, build, json, nothing_is_left, settle};

#[procedure("now")]
async fn now(value: String) -> String {
    value
}

#[procedure("later")]
async fn later(event: String, events: State<'_, Events>, log: State<'_, Log>) -> String {
    let _guard = log.guard(&event);
    events.wait(&event).await;
    event
}

#[procedure("about")]
async fn about(call: &Call) -> (String, u64, Option<u64>) {
    let left = call.time_left().map(|it| it.as_secs());
    (
        call.uri().to_owned(),
        call.request().map_or(0, wamp_proto::id::Id::get),
        left,
    )
}

fn server() -> (Server, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty().procedures(procedures![now, later, about]);
    (
        build(app.state(events.clone()).state(log.clone())),
        events,
        log,
    )
}

#[tokio::test(start_paused = true)]
async fn a_result_is_exact_bytes() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48, 7814135, { }, "now", [ "x" ]]"#).await;
    client.hears_bytes(r#"[50,7814135,{},["x"]]"#).await;
    client.say(r#"[48,9007199254740992,{},"nowhere"]"#).await;
    let error = r#"[8,48,9007199254740992,{},"wamp.error.no_such_procedure",["there is no procedure `nowhere`"]]"#;
    client.hears_bytes(error).await;
}

#[tokio::test(start_paused = true)]
async fn a_procedure_that_is_no_uri_is_an_invalid_one() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    for uri in ["", "a..b", ".a", "a b", "a#b", "a.", &"x".repeat(5000)] {
        client.say(json!([48, 1, {}, uri]).to_string()).await;
        client
            .hears(json!([8, 48, 1, {}, "wamp.error.invalid_uri", [ANY]]))
            .await;
    }
    for uri in [
        "wamp.session.count",
        "docs.getDocument",
        "slowlyCountToNumber",
        "grüße.dich",
    ] {
        client.say(json!([48, 1, {}, uri]).to_string()).await;
        client
            .hears(json!([8, 48, 1, {}, "wamp.error.no_such_procedure", [ANY]]))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn calls_run_at_the_same_time_and_end_in_any_order() {
    let (server, events, _) = server();
    let mut client = Client::join(&server).await;
    for (request, event) in [(1, "a"), (2, "b"), (3, "c")] {
        client
            .say(json!([48, request, {}, "later", [event]]).to_string())
            .await;
    }
    client.say(r#"[48,4,{},"now",["d"]]"#).await;
    client.hears(json!([50, 4, {}, ["d"]])).await;
    assert_eq!(server.stats().running_handlers, 3);
    for (request, event) in [(3, "c"), (1, "a"), (2, "b")] {
        events.happen(event);
        client.hears(json!([50, request, {}, [event]])).await;
    }
    assert_eq!(server.stats().running_handlers, 0);
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn thousands_of_calls_are_answered_in_the_order_they_were_sent_if_nobody_waits() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    for round in 0..100 {
        for i in 0..50 {
            client
                .say(json!([48, round * 50 + i + 1, {}, "now", ["x"]]).to_string())
                .await;
        }
        for i in 0..50 {
            client
                .hears(json!([50, round * 50 + i + 1, {}, ["x"]]))
                .await;
        }
    }
    assert_eq!(server.stats().calls, 5000);
}

#[tokio::test(start_paused = true)]
async fn the_same_id_in_two_sessions_is_two_calls() {
    let (server, events, _) = server();
    let mut one = Client::join(&server).await;
    let mut two = Client::join(&server).await;
    one.say(r#"[48,1,{},"later",["a"]]"#).await;
    two.say(r#"[48,1,{},"later",["b"]]"#).await;
    one.hears_nothing().await;
    events.happen("b");
    two.hears(json!([50, 1, {}, ["b"]])).await;
    one.hears_nothing().await;
    one.say("[49,1,{}]").await;
    one.hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn handlers_of_a_caller_who_leaves_are_dropped_and_say_nothing() {
    let (server, events, log) = server();
    let mut stays = Client::join(&server).await;
    let mut leaves = Client::join(&server).await;
    leaves.say(r#"[48,1,{},"later",["a"]]"#).await;
    leaves.say(r#"[48,2,{},"later",["b"]]"#).await;
    leaves.hears_nothing().await;
    leaves.vanish().await;
    assert_eq!(log.take(), ["drop a", "drop b"]);
    assert_eq!(server.stats().running_handlers, 0);
    events.happen("a");
    stays.hears_nothing().await;
    stays.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn after_goodbye_nothing_of_the_old_session_is_heard_in_the_new_one() {
    let (server, events, log) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"later",["a"]]"#).await;
    client.goodbye().await;
    assert_eq!(log.take(), ["drop a"]);
    client.hello().await;
    client.say(r#"[48,1,{},"later",["b"]]"#).await;
    events.happen("a");
    client.hears_nothing().await;
    events.happen("b");
    client.hears(json!([50, 1, {}, ["b"]])).await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_sees_its_uri_its_request_and_its_time() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,5,{},"about"]"#).await;
    client.hears(json!([50, 5, {}, ["about", 5, 60]])).await;
    client.say(r#"[48,6,{"timeout":2000},"about"]"#).await;
    client.hears(json!([50, 6, {}, ["about", 6, 2]])).await;
}

#[tokio::test(start_paused = true)]
async fn calls_and_failures_are_counted() {
    let (server, events, _) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"now",["x"]]"#).await;
    client.say(r#"[48,2,{},"now"]"#).await;
    client.say(r#"[48,3,{},"nowhere"]"#).await;
    client.say(r#"[48,4,{},"later",["a"]]"#).await;
    settle().await;
    let stats = server.stats();
    assert_eq!(
        (stats.calls, stats.failed_calls, stats.running_handlers),
        (3, 2, 1)
    );
    events.happen("a");
    client.vanish().await;
    assert_eq!(server.stats().calls, 3);
}

#[tokio::test(start_paused = true)]
async fn a_blocking_handler_blocks_nobody_and_is_answered() {
    #[procedure("block", blocking)]
    fn block(text: &str, meeting: State<'_, Arc<Barrier>>) -> String {
        meeting.wait();
        text.to_uppercase()
    }
    let meeting = Arc::new(Barrier::new(2));
    let app = App::empty().procedures(procedures![block, now]);
    let server = build(app.state(Arc::clone(&meeting)));
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"block",["a"]]"#).await;
    client.say(r#"[48,2,{},"now",["b"]]"#).await;
    client.hears(json!([50, 2, {}, ["b"]])).await;
    meeting.wait();
    client.hears(json!([50, 1, {}, ["A"]])).await;
}

#[tokio::test(start_paused = true)]
async fn a_plain_function_is_a_procedure() {
    #[procedure("plain")]
    fn plain(a: i64) -> i64 {
        a * 2
    }
    let server = build(App::empty().procedures(procedures![plain]));
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"plain",[4]]"#).await;
    client.hears(json!([50, 1, {}, [8]])).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_at_the_limit_of_a_batch_is_followed_by_others() {
    let (near, far) = wamp_server::transport::memory::pair();
    let server = build(App::empty().procedures(procedures![now]).limits(Limits {
        batch: 1,
        ..Limits::default()
    }));
    let mut client = Client::over(&server, near, far);
    client.hello().await;
    for request in 1..=20 {
        client
            .say(json!([48, request, {}, "now", ["x"]]).to_string())
            .await;
    }
    for request in 1..=20 {
        client.hears(json!([50, request, {}, ["x"]])).await;
    }
}

//! Limits on what one session, and all together, may ask for.

use wamp_server::{App, Limits, Server, State, procedure, procedures, topic, topics};

use crate::support::{ANY, Client, Events, build, json, nothing_is_left, settle};

#[procedure("wait")]
async fn wait(event: String, events: State<'_, Events>) -> String {
    events.wait(&event).await;
    event
}

#[procedure("now")]
async fn now() -> i64 {
    1
}

#[topic("news.{number}")]
async fn news(number: u32) {
    let _ = number;
}

fn server(limits: Limits) -> (Server, Events) {
    let events = Events::default();
    let app = App::empty()
        .procedures(procedures![wait, now])
        .topics(topics![news]);
    (build(app.state(events.clone()).limits(limits)), events)
}

#[tokio::test(start_paused = true)]
async fn a_session_has_no_more_open_calls_than_it_may() {
    let (server, events) = server(Limits {
        max_pending_calls: 2,
        ..Limits::default()
    });
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"wait",["a"]]"#).await;
    client.say(r#"[48,2,{},"wait",["b"]]"#).await;
    client.say(r#"[48,3,{},"now"]"#).await;
    client
        .hears(json!([8, 48, 3, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
    let mut other = Client::join(&server).await;
    other.say(r#"[48,1,{},"now"]"#).await;
    other.hears(json!([50, 1, {}, [1]])).await;
    events.happen("a");
    client.hears(json!([50, 1, {}, ["a"]])).await;
    client.say(r#"[48,4,{},"now"]"#).await;
    client.hears(json!([50, 4, {}, [1]])).await;
}

#[tokio::test(start_paused = true)]
async fn all_sessions_together_run_no_more_handlers_than_they_may() {
    let (server, events) = server(Limits {
        max_running_handlers: 2,
        ..Limits::default()
    });
    let mut one = Client::join(&server).await;
    let mut two = Client::join(&server).await;
    one.say(r#"[48,1,{},"wait",["a"]]"#).await;
    one.say(r#"[48,2,{},"wait",["b"]]"#).await;
    one.hears_nothing().await;
    two.say(r#"[48,1,{},"now"]"#).await;
    two.hears(json!([8, 48, 1, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
    two.say(r#"[32,2,{},"news.1"]"#).await;
    two.hears(json!([8, 32, 2, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
    events.happen("b");
    one.hears(json!([50, 2, {}, ["b"]])).await;
    two.say(r#"[48,3,{},"now"]"#).await;
    two.hears(json!([50, 3, {}, [1]])).await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_gives_its_handlers_back() {
    let (server, _) = server(Limits {
        max_running_handlers: 3,
        ..Limits::default()
    });
    for _ in 0..5 {
        let mut client = Client::join(&server).await;
        for request in 1..=3 {
            client
                .say(json!([48, request, {}, "wait", ["never"]]).to_string())
                .await;
        }
        client.hears_nothing().await;
        assert_eq!(server.stats().running_handlers, 3);
        client.vanish().await;
        nothing_is_left(&server);
    }
}

#[tokio::test(start_paused = true)]
async fn skipped_calls_still_count_while_they_run() {
    let (server, events) = server(Limits {
        max_running_handlers: 1,
        ..Limits::default()
    });
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"wait",["a"]]"#).await;
    client.say(r#"[49,1,{"mode":"skip"}]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    client.say(r#"[48,2,{},"now"]"#).await;
    client
        .hears(json!([8, 48, 2, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
    events.happen("a");
    settle().await;
    client.say(r#"[48,3,{},"now"]"#).await;
    client.hears(json!([50, 3, {}, [1]])).await;
}

#[tokio::test(start_paused = true)]
async fn skipping_does_not_lift_the_limit_on_open_calls() {
    let (server, _) = server(Limits {
        max_pending_calls: 3,
        ..Limits::default()
    });
    let mut client = Client::join(&server).await;
    let mut refused = 0;
    for request in 1..=20 {
        client
            .say(json!([48, request, {}, "wait", ["never"]]).to_string())
            .await;
        client
            .say(json!([49, request, {"mode": "skip"}]).to_string())
            .await;
        for answer in client.rest().await {
            refused += u32::from(answer[4] == "wamp.error.limit_exceeded");
        }
    }
    assert_eq!((server.stats().running_handlers, refused), (3, 17));
}

#[tokio::test(start_paused = true)]
async fn a_session_has_no_more_subscriptions_than_it_may() {
    let (server, _) = server(Limits {
        max_subscriptions: 2,
        ..Limits::default()
    });
    let mut client = Client::join(&server).await;
    let first = client.subscribe(1, "news.1").await;
    client.subscribe(2, "news.2").await;
    client.say(r#"[32,3,{},"news.3"]"#).await;
    client
        .hears(json!([8, 32, 3, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
    assert_eq!(
        client.subscribe(4, "news.1").await,
        first,
        "this one it has"
    );
    client.say(json!([34, 5, first]).to_string()).await;
    client.hears(json!([35, 5])).await;
    client.subscribe(6, "news.3").await;
}

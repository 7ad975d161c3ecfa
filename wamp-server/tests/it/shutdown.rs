//! The end of a server: calls are waited for, then everybody hears GOODBYE.

use std::time::Duration;

use wamp_server::{App, Limits, Server, State, procedure, procedures, session, sessions};

use crate::support::{ANY, Client, Events, HELLO, build, json, nothing_is_left, settle};

#[procedure("wait")]
async fn wait(event: String, events: State<'_, Events>) -> String {
    events.wait(&event).await;
    event
}

fn server() -> (Server, Events) {
    let events = Events::default();
    let limits = Limits {
        shutdown_timeout: Duration::from_secs(20),
        goodbye_timeout: Duration::from_secs(5),
        ..Limits::default()
    };
    (
        build(
            App::empty()
                .procedures(procedures![wait])
                .state(events.clone())
                .limits(limits),
        ),
        events,
    )
}

fn goodbye() -> serde_json::Value {
    json!([6, {"message": "the server shuts down"}, "wamp.close.system_shutdown"])
}

fn shut_down(server: &Server) -> tokio::task::JoinHandle<()> {
    let server = server.clone();
    tokio::spawn(async move { server.shutdown().await })
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_hears_goodbye_at_once() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    let shutdown = shut_down(&server);
    client.hears(goodbye()).await;
    client.hears_nothing().await;
    assert!(!shutdown.is_finished(), "it waits for the answer");
    client.say(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
    client.hears_the_end().await;
    settle().await;
    assert!(shutdown.is_finished());
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn open_calls_are_waited_for_and_new_ones_refused() {
    let (server, events) = server();
    let mut client = Client::join(&server).await;
    let mut idle = Client::join(&server).await;
    client.say(r#"[48,1,{},"wait",["a"]]"#).await;
    client.hears_nothing().await;
    let shutdown = shut_down(&server);
    idle.hears(goodbye()).await;
    client.hears_nothing().await;
    client.say(r#"[48,2,{},"wait",["b"]]"#).await;
    client
        .hears(json!([8, 48, 2, {}, "wamp.error.unavailable", [ANY]]))
        .await;
    events.happen("a");
    client.hears(json!([50, 1, {}, ["a"]])).await;
    client.hears(goodbye()).await;
    for client in [&mut client, &mut idle] {
        client.say(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
        client.hears_the_end().await;
    }
    settle().await;
    assert!(shutdown.is_finished());
}

#[tokio::test(start_paused = true)]
async fn calls_that_do_not_end_are_dropped_after_a_while() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"wait",["never"]]"#).await;
    client.hears_nothing().await;
    let shutdown = shut_down(&server);
    client.hears_after(Duration::from_secs(20), goodbye()).await;
    assert_eq!(server.stats().running_handlers, 0);
    client.say(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
    client.hears_the_end().await;
    settle().await;
    assert!(shutdown.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_cancelled_during_shutdown_is_not_waited_for() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"wait",["never"]]"#).await;
    client.hears_nothing().await;
    shut_down(&server);
    client.hears_nothing().await;
    client.say("[49,1,{}]").await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    client.hears(goodbye()).await;
}

#[tokio::test(start_paused = true)]
async fn who_does_not_answer_goodbye_is_hung_up_on() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    let begin = tokio::time::Instant::now();
    let shutdown = shut_down(&server);
    client.hears(goodbye()).await;
    client.say(r#"[48,1,{},"wait",["x"]]"#).await;
    shutdown.await.expect("no panic");
    assert_eq!(begin.elapsed().as_secs(), 5);
    client.hears_the_end().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn no_session_opens_while_the_server_shuts_down() {
    let (server, _) = server();
    let mut early = Client::connect(&server);
    settle().await;
    let mut keeps_it_alive = Client::join(&server).await;
    let shutdown = shut_down(&server);
    keeps_it_alive.hears(goodbye()).await;
    early
        .hears(json!([3, {"message": ANY}, "wamp.close.system_shutdown"]))
        .await;
    early.hears_the_end().await;
    let mut late = Client::connect(&server);
    late.hears_the_end().await;
    shutdown.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_was_opening_hears_welcome_then_goodbye() {
    #[session]
    async fn slow(events: State<'_, Events>) {
        events.wait("accept").await;
    }
    let events = Events::default();
    let server = build(App::empty().sessions(sessions![slow]).state(events.clone()));
    let mut client = Client::connect(&server);
    client.say(HELLO).await;
    client.hears_nothing().await;
    let shutdown = shut_down(&server);
    client.hears_nothing().await;
    events.happen("accept");
    let mut heard = client.rest().await;
    assert_eq!(
        heard.pop().map(|it| it[2].clone()),
        Some(json!("wamp.close.system_shutdown"))
    );
    client.say(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
    shutdown.await.expect("no panic");
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_goodbye_at_the_same_time_is_not_answered_twice() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    let shutdown = shut_down(&server);
    client.say(r#"[6,{},"wamp.close.close_realm"]"#).await;
    let heard = client.rest().await;
    assert_eq!(heard.iter().filter(|it| it[0] == 6).count(), 1, "{heard:?}");
    shutdown.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn shutting_down_twice_or_without_anybody_is_fine() {
    let (server, _) = server();
    server.shutdown().await;
    server.shutdown().await;
    Client::connect(&server).hears_the_end().await;
}

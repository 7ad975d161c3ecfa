//! Whatever ends a session, everything that belongs to it ends once, in reverse order, and whatever panics harms nobody else.

use wamp_server::{
    App, CallError, Server, Session, State, procedure, procedures, session, sessions, topic, topics,
};

use crate::support::{
    ANY, Client, Events, Guard, HELLO, Log, build, json, nothing_is_left, settle,
};

#[session]
async fn first(log: State<'_, Log>) -> Guard {
    log.note("first");
    log.guard("first")
}

#[session]
async fn second(log: State<'_, Log>) -> Guard {
    log.note("second");
    log.guard("second")
}

#[session]
async fn panicking(log: State<'_, Log>) -> Guard {
    log.panicking_guard("panicking session")
}

#[topic("topic.{name}")]
async fn topic_of(name: String, log: State<'_, Log>) -> Guard {
    log.guard(name)
}

#[topic("panicking.{name}")]
async fn panicking_topic(name: String, log: State<'_, Log>) -> Guard {
    log.panicking_guard(name)
}

#[procedure("wait")]
async fn wait(events: State<'_, Events>, log: State<'_, Log>) {
    let _guard = log.guard("call");
    events.wait("never").await;
}

#[procedure("close")]
async fn close(session: &Session) {
    session.close("my.reason", "enough");
}

#[procedure("abort")]
async fn abort(session: &Session) {
    session.abort("my.reason", "enough");
}

fn app() -> (App, Log) {
    let log = Log::default();
    let app = App::empty()
        .sessions(sessions![first, second])
        .topics(topics![topic_of, panicking_topic])
        .procedures(procedures![wait, close, abort])
        .state(Events::default());
    (app.state(log.clone()), log)
}

/// A session with two subscriptions and an open call.
async fn busy(app: App, log: &Log) -> (Client, Server) {
    let server = build(app);
    let mut client = Client::join(&server).await;
    client.subscribe(1, "topic.one").await;
    client.subscribe(2, "topic.two").await;
    client.say(r#"[48,3,{},"wait"]"#).await;
    client.hears_nothing().await;
    assert_eq!(server.stats().running_handlers, 1);
    log.take();
    (client, server)
}

const ALL: [&str; 5] = [
    "drop call",
    "drop two",
    "drop one",
    "drop second",
    "drop first",
];

async fn is_torn_down(server: &Server, log: &Log) {
    settle().await;
    assert_eq!(log.take(), ALL);
    let stats = server.stats();
    assert_eq!((stats.sessions, stats.running_handlers), (0, 0));
    assert_eq!(
        server.realm("realm1").map(wamp_server::Realm::topics),
        Some(0)
    );
}

#[tokio::test(start_paused = true)]
async fn by_goodbye() {
    let (app, log) = app();
    let (mut client, server) = busy(app, &log).await;
    client.goodbye().await;
    is_torn_down(&server, &log).await;
    client.vanish().await;
    assert_eq!(log.take(), [""; 0], "once");
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn by_abort() {
    let (app, log) = app();
    let (mut client, server) = busy(app, &log).await;
    client.say(r#"[3,{},"wamp.error.abort"]"#).await;
    client.hears_the_end().await;
    is_torn_down(&server, &log).await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn by_a_violation() {
    let (app, log) = app();
    let (mut client, server) = busy(app, &log).await;
    client.say("[48,1]").await;
    client.is_told_off_for("CALL").await;
    is_torn_down(&server, &log).await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn by_leaving_without_a_word() {
    let (app, log) = app();
    let (client, server) = busy(app, &log).await;
    client.vanish().await;
    is_torn_down(&server, &log).await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn by_the_end_of_its_task() {
    let (app, log) = app();
    let (client, server) = busy(app, &log).await;
    client.cut_off().await;
    is_torn_down(&server, &log).await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn by_a_handler_that_closes_it() {
    let (app, log) = app();
    let (mut client, server) = busy(app, &log).await;
    client.say(r#"[48,9,{},"close"]"#).await;
    client.hears(json!([50, 9, {}])).await;
    client
        .hears(json!([6, {"message": "enough"}, "my.reason"]))
        .await;
    is_torn_down(&server, &log).await;
    client.say(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
    client.hears_the_end().await;
    settle().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn by_a_handler_that_aborts_it() {
    let (app, log) = app();
    let (mut client, server) = busy(app, &log).await;
    client.say(r#"[48,9,{},"abort"]"#).await;
    client.hears(json!([50, 9, {}])).await;
    client
        .hears(json!([3, {"message": "enough"}, "my.reason"]))
        .await;
    client.hears_the_end().await;
    is_torn_down(&server, &log).await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn by_whoever_built_the_server() {
    let (app, log) = app();
    let (mut client, server) = busy(app, &log).await;
    let sessions = server.realm("realm1").map(wamp_server::Realm::sessions);
    sessions.expect("the default realm")[0].close("wamp.close.killed", "");
    client
        .hears(json!([6, {"message": ""}, "wamp.close.killed"]))
        .await;
    is_torn_down(&server, &log).await;
}

#[tokio::test(start_paused = true)]
async fn by_the_shutdown_of_the_server() {
    let (app, log) = app();
    let limits = wamp_server::Limits {
        shutdown_timeout: std::time::Duration::ZERO,
        ..Default::default()
    };
    let (mut client, server) = busy(app.limits(limits), &log).await;
    let shutdown = tokio::spawn(async move { server.shutdown().await });
    client
        .hears(json!([6, {"message": "the server shuts down"}, "wamp.close.system_shutdown"]))
        .await;
    assert_eq!(log.take(), ALL);
    client.say(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
    client.hears_the_end().await;
    shutdown.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn unsubscribing_in_any_order_leaves_the_rest_in_reverse() {
    let (app, log) = app();
    let server = build(app);
    let mut client = Client::join(&server).await;
    let mut ids = Vec::new();
    for (request, name) in (1..).zip(["a", "b", "c", "d"]) {
        ids.push(client.subscribe(request, &format!("topic.{name}")).await);
    }
    log.take();
    client.say(json!([34, 9, ids[1]]).to_string()).await;
    client.hears(json!([35, 9])).await;
    client.subscribe(10, "topic.b").await;
    client.vanish().await;
    assert_eq!(
        log.take(),
        [
            "drop b",
            "drop b",
            "drop d",
            "drop c",
            "drop a",
            "drop second",
            "drop first"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn panics_in_the_teardown_of_one_do_not_reach_the_others() {
    let (app, log) = app();
    let (mut client, server) = busy(app.sessions(sessions![panicking]), &log).await;
    client.subscribe(5, "panicking.three").await;
    client.subscribe(6, "topic.four").await;
    client.subscribe(7, "panicking.five").await;
    client.vanish().await;
    assert_eq!(
        log.take(),
        [
            "drop call",
            "drop five",
            "drop four",
            "drop three",
            "drop two",
            "drop one",
            "drop panicking session",
            "drop second",
            "drop first"
        ]
    );
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn guards_of_a_refused_session_are_dropped_in_reverse() {
    #[session]
    async fn refuses() -> Result<(), CallError> {
        Err(CallError::new("my.error.refused").arg("not for the peer"))
    }
    #[session]
    async fn never(log: State<'_, Log>) {
        log.note("never");
    }
    let (app, log) = app();
    let server = build(app.sessions(sessions![panicking, refuses, never]));
    let mut client = Client::connect(&server);
    client.say(HELLO).await;
    client
        .hears(json!([3, {"message": ANY}, "my.error.refused"]))
        .await;
    client.hears_the_end().await;
    assert_eq!(
        log.take(),
        [
            "first",
            "second",
            "drop panicking session",
            "drop second",
            "drop first"
        ]
    );
    settle().await;
    nothing_is_left(&server);
    assert_eq!(server.stats().opened_sessions, 0);
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_end_its_session_from_within_its_teardown() {
    struct Closer(Session, Log);
    impl Drop for Closer {
        fn drop(&mut self) {
            self.1.note(format!("open {}", self.0.is_open()));
            self.0.close("my.reason", "again");
            let _ = self.0.publish("topic.one", 1);
        }
    }
    #[session]
    async fn closer(session: Session, log: State<'_, Log>) -> Closer {
        Closer(session, (*log).clone())
    }
    let (app, log) = app();
    let (mut client, server) = busy(app.sessions(sessions![closer]), &log).await;
    client.goodbye().await;
    client.hears_nothing().await;
    assert!(log.take().contains(&"open false".to_owned()));
    assert_eq!(server.stats().sessions, 0);
}

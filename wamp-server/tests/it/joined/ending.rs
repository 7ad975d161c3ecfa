//! How an application leaves a router.

use std::time::Duration;

use wamp_server::client::Builder;
use wamp_server::{App, Error, JoinError, Limits, SharedState};

use super::support::{join, peer, router};
use crate::support::{Client, Events, build, json, nothing_is_left, settle};

fn app(events: &Events) -> App {
    App::empty()
        .state(events.clone())
        .procedure("wait", async |events: SharedState<Events>| {
            events.wait("go").await;
            "gone"
        })
        .procedure("hang", async || std::future::pending::<()>().await)
}

#[tokio::test(start_paused = true)]
async fn open_calls_are_finished_before_goodbye() {
    let (router, events) = (router(), Events::default());
    let joined = join(&router, app(&events)).await;
    let mut client = Client::join(&router).await;
    client.say(r#"[48,1,{},"wait"]"#).await;
    settle().await;
    let leaving = tokio::spawn(joined.leave());
    settle().await;
    assert!(!leaving.is_finished());
    // It is withdrawn already.
    client.say(r#"[48,2,{},"wait"]"#).await;
    let refused = client.next().await;
    assert_eq!(refused[4], "wamp.error.no_such_procedure");
    events.happen("go");
    client.hears(json!([50, 1, {}, ["gone"]])).await;
    leaving.await.expect("no panic");
    assert_eq!(router.stats().sessions, 1);
}

#[tokio::test(start_paused = true)]
async fn calls_that_take_too_long_are_answered_by_errors() {
    let (router, events) = (router(), Events::default());
    let limits = Limits {
        shutdown_timeout: Duration::from_secs(3),
        ..Limits::default()
    };
    let joined = join(&router, app(&events).limits(limits)).await;
    let mut client = Client::join(&router).await;
    client.say(r#"[48,1,{},"hang"]"#).await;
    settle().await;
    let leaving = tokio::spawn(joined.leave());
    let error = json!([
        8,
        48,
        1,
        {},
        "wamp.error.canceled",
        ["the session has ended"]
    ]);
    client.hears_after(Duration::from_secs(3), error).await;
    leaving.await.expect("no panic");
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_behind() {
    let router = router();
    let server = build(App::empty().procedure("add", async |a: i64, b: i64| a + b));
    for _ in 0..2 {
        let joined = server.join(Builder::over(router.connector())).await;
        let joined = joined.expect("it joins, again and again");
        let client = peer(&router).await;
        client.call("add").args((1, 2)).await.expect("an answer");
        joined.leave().await;
        client.close().await;
        settle().await;
        nothing_is_left(&server);
        nothing_is_left(&router);
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_it_leaves_at_once() {
    let router = router();
    let server = build(App::empty().procedure("add", async |a: i64, b: i64| a + b));
    let joined = server.join(Builder::over(router.connector())).await;
    drop(joined.expect("it joins"));
    settle().await;
    nothing_is_left(&router);
    nothing_is_left(&server);
    let joined = server.join(Builder::over(router.connector())).await;
    joined.expect("it joins again").leave().await;
}

#[tokio::test(start_paused = true)]
async fn an_application_runs_until_it_is_told_to_stop() {
    let router = router();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let app = App::empty().procedure("add", async |a: i64, b: i64| a + b);
    let running = tokio::spawn(app.join_with(Builder::over(router.connector()), async {
        let _ = stopped.await;
    }));
    settle().await;
    let client = peer(&router).await;
    client.call("add").args((1, 2)).await.expect("an answer");
    stop.send(()).expect("it runs");
    running.await.expect("no panic").expect("it has left");
    client.close().await;
    settle().await;
    nothing_is_left(&router);
}

#[tokio::test(start_paused = true)]
async fn a_router_that_is_gone_for_good_is_an_error() {
    let router = router();
    let app = App::empty().procedure("add", async |a: i64, b: i64| a + b);
    let client = Builder::over(router.connector()).no_reconnect();
    let running = tokio::spawn(app.join_with(client, std::future::pending()));
    settle().await;
    router.shutdown().await;
    let ended = running.await.expect("no panic");
    assert!(
        matches!(ended, Err(Error::Join(JoinError::Lost(_)))),
        "{ended:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn no_router_at_all_is_an_error() {
    let router = router();
    router.shutdown().await;
    let app = App::empty().procedure("add", async |a: i64, b: i64| a + b);
    let client = Builder::over(router.connector());
    let ended = app.join_with(client, std::future::pending()).await;
    assert!(
        matches!(ended, Err(Error::Join(JoinError::Connect(_)))),
        "{ended:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_it_connects_is_no_error() {
    struct Never;
    impl wamp_server::client::transport::Connect for Never {
        fn connect(&self) -> wamp_server::client::transport::Connecting<'_> {
            Box::pin(std::future::pending())
        }

        fn target(&self) -> String {
            "nowhere".to_owned()
        }
    }
    let app = App::empty().procedure("add", async |a: i64, b: i64| a + b);
    let ended = app.join_with(Builder::over(Never), settle()).await;
    ended.expect("it was told to stop");
}

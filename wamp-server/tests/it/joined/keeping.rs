//! What is kept for the peers of a router, and for how long.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::mpsc;
use wamp_server::client::Builder;
use wamp_server::client::transport::{Connect, Connecting};
use wamp_server::transport::memory;
use wamp_server::{App, Register as _, RouterOptions, SharedState, topic, topics};

use super::support::{by_hand, join, peer, router};
use crate::support::{Events, Guard, Log, build, json, settle};

/// A function that owns something.
fn count(
    owned: &Arc<()>,
) -> impl Fn() -> std::future::Ready<usize> + Clone + Send + Sync + 'static {
    let owned = Arc::clone(owned);
    move || std::future::ready(Arc::strong_count(&owned))
}

#[tokio::test(start_paused = true)]
async fn a_function_is_dropped_when_it_is_unregistered() {
    let router = router();
    let (callee, caller) = (peer(&router).await, peer(&router).await);
    let kept = Arc::new(());
    let registration = callee.register("count", count(&kept)).await;
    let registration = registration.expect("registered");
    caller.call("count").await.expect("an answer");
    registration.unregister().await.expect("unregistered");
    settle().await;
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_on_when_its_function_is_unregistered() {
    let (router, events) = (router(), Events::default());
    let (callee, caller) = (peer(&router).await, peer(&router).await);
    let kept = Arc::new(());
    let (owned, go) = (Arc::clone(&kept), events.clone());
    let function = move || {
        let (owned, go) = (Arc::clone(&owned), go.clone());
        async move {
            go.wait("go").await;
            Arc::strong_count(&owned)
        }
    };
    let registration = callee.register("wait", function).await;
    let running = tokio::spawn(async move { caller.call("wait").await });
    settle().await;
    let registration = registration.expect("registered");
    registration.unregister().await.expect("unregistered");
    settle().await;
    assert!(!running.is_finished());
    events.happen("go");
    running.await.expect("no panic").expect("an answer");
    settle().await;
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[tokio::test(start_paused = true)]
async fn an_application_is_dropped_with_its_session_at_the_router() {
    let router = router();
    let kept = Arc::new(());
    let server = build(App::empty().procedure("count", count(&kept)));
    let joined = server.join(Builder::over(router.connector())).await;
    let joined = joined.expect("it joins");
    let caller = peer(&router).await;
    caller.call("count").await.expect("an answer");
    drop((joined, server));
    settle().await;
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_used_elsewhere_does_not_stay_when_it_is_dropped() {
    let router = router();
    let joined = join(&router, App::empty().procedure("one", async || 1)).await;
    let used_elsewhere = joined.client().clone();
    drop(joined);
    settle().await;
    let error = peer(&router).await.call("one").await;
    let error = error.expect_err("nobody offers it");
    assert_eq!(error.uri(), Some("wamp.error.no_such_procedure"));
    drop(used_elsewhere);
}

#[tokio::test(start_paused = true)]
async fn events_that_are_being_handled_are_finished_before_goodbye() {
    let (router, events, log) = (router(), Events::default(), Log::default());
    let handle = async |events: SharedState<Events>, log: SharedState<Log>| {
        events.wait("go").await;
        log.note("handled");
    };
    let app = App::empty().state(events.clone()).state(log.clone());
    let joined = join(&router, app.subscriber("news", handle)).await;
    let client = peer(&router).await;
    client.publish("news").await.expect("sent");
    settle().await;
    let leaving = tokio::spawn(joined.leave());
    settle().await;
    assert!(!leaving.is_finished());
    events.happen("go");
    leaving.await.expect("no panic");
    assert_eq!(log.take(), ["handled"]);
}

#[topic("guarded")]
async fn guarded(log: SharedState<Log>) -> Guard {
    log.guard("it")
}

/// A router in the hands of the test.
struct Hand(mpsc::UnboundedSender<memory::Peer>);

impl Connect for Hand {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async {
            let (transport, peer) = by_hand();
            let _ = self.0.send(peer);
            Ok(transport)
        })
    }

    fn target(&self) -> String {
        "a hand".to_owned()
    }
}

async fn say(router: &mut memory::Peer, message: Value) {
    let frame = Bytes::from(message.to_string());
    router.send(frame).await.expect("it reads");
}

async fn hear(router: &mut memory::Peer) -> Value {
    let message = tokio::time::timeout(Duration::from_secs(60), router.receive()).await;
    let message = message.expect("in time").expect("a message");
    serde_json::from_slice(&message).expect("JSON")
}

/// Answers what is asked about the subscription 7 to `guarded`.
async fn tell(router: &mut memory::Peer, subscribers: &[u64]) {
    for answer in [
        json!([{ "exact": [7], "prefix": [], "wildcard": [] }]),
        json!([{ "id": 7, "uri": "guarded", "match": "exact" }]),
        json!([subscribers]),
    ] {
        let call = hear(router).await;
        assert_eq!(call[0], 48, "{call}");
        say(router, json!([50, call[1], {}, answer])).await;
    }
}

/// Opens the next session.
async fn welcome(connections: &mut mpsc::UnboundedReceiver<memory::Peer>) -> memory::Peer {
    let mut router = connections.recv().await.expect("a connection");
    assert_eq!(hear(&mut router).await[0], 1);
    let welcome = json!([2, 1, { "roles": { "dealer": {}, "broker": {} } }]);
    say(&mut router, welcome).await;
    router
}

#[tokio::test(start_paused = true)]
async fn topics_are_watched_although_the_first_session_was_short() {
    let log = Log::default();
    let (sender, mut connections) = mpsc::unbounded_channel();
    let app = App::empty().state(log.clone()).topics(topics![guarded]);
    let running = app.join_with(Builder::over(Hand(sender)), std::future::pending());
    let running = tokio::spawn(running);
    let mut router = welcome(&mut connections).await;
    assert_eq!(hear(&mut router).await[0], 32);
    drop(router);
    let mut router = welcome(&mut connections).await;
    for id in 100..105 {
        let subscribe = hear(&mut router).await;
        assert_eq!(subscribe[0], 32, "{subscribe}");
        say(&mut router, json!([33, subscribe[1], id])).await;
    }
    tell(&mut router, &[1_000]).await;
    assert_eq!(hear(&mut router).await[3], "wamp.session.get");
    running.abort();
}

#[tokio::test(start_paused = true)]
async fn when_too_many_reports_wait_the_router_is_asked_again() {
    let log = Log::default();
    let (sender, mut connections) = mpsc::unbounded_channel();
    let app = App::empty().state(log.clone()).topics(topics![guarded]);
    let running = app.join_with(Builder::over(Hand(sender)), std::future::pending());
    let running = tokio::spawn(running);
    let mut router = welcome(&mut connections).await;
    let mut reports = Vec::new();
    for id in 100..105 {
        let subscribe = hear(&mut router).await;
        assert_eq!(subscribe[0], 32, "{subscribe}");
        say(&mut router, json!([33, subscribe[1], id])).await;
        reports.push((subscribe[3].as_str().expect("a URI").to_owned(), id));
    }
    let report = |name: &str| reports.iter().find(|it| it.0 == name).map(|it| it.1);
    let joined = report("wamp.subscription.on_subscribe").expect("subscribed");
    tell(&mut router, &[1_000]).await;
    let who = hear(&mut router).await;
    assert_eq!(who[3], "wamp.session.get");
    say(&mut router, json!([50, who[1], {}, [{ "session": 1_000 }]])).await;
    settle().await;
    // It asks who this is, and more comes than can wait for the answer.
    say(&mut router, json!([36, joined, 1, {}, [1_001, 7]])).await;
    let who = hear(&mut router).await;
    for _ in 0..6_000 {
        say(&mut router, json!([36, joined, 1, {}, [1_000, 7]])).await;
    }
    settle().await;
    say(&mut router, json!([50, who[1], {}, [{ "session": 1_001 }]])).await;
    // Neither of them is subscribed any more.
    tell(&mut router, &[]).await;
    settle().await;
    assert_eq!(log.take(), ["drop it", "drop it"]);
    running.abort();
}

#[tokio::test(start_paused = true)]
async fn a_server_is_dropped_with_its_last_session() {
    let kept = Arc::new(());
    let app = App::empty().router(RouterOptions::default());
    let server = build(app.procedure("count", count(&kept)));
    for _ in 0..2 {
        let client = peer(&server).await;
        client.call("count").await.expect("an answer");
        let one = client.register("one", async || 1).await;
        one.expect("registered");
        client.call("one").await.expect("an answer");
        client.subscribe("news").await.expect("subscribed");
        client.close().await;
    }
    drop(server);
    settle().await;
    assert_eq!(Arc::strong_count(&kept), 1);
}

//! A panic costs one call, one subscription or one guard, and nobody else anything.

use futures_util::{Stream, StreamExt as _, stream};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use wamp_server::{
    App, Server, Session, State, procedure, procedures, session, sessions, subscriber, subscribers,
    topic, topics,
};

use crate::support::{ANY, Client, Events, HELLO, Log, build, json, nothing_is_left, settle};

#[procedure("at.once")]
async fn at_once() {
    panic!("a secret")
}

#[procedure("formatted")]
async fn formatted(value: i64) -> i64 {
    assert!(value > 0, "{value} is a secret");
    value
}

#[procedure("later")]
async fn later(events: State<'_, Events>) {
    events.wait("now").await;
    panic!("a secret")
}

#[procedure("in.a.stream")]
async fn in_a_stream() -> impl Stream<Item = u32> {
    stream::iter(0..3).map(|i| if i == 2 { panic!("a secret") } else { i })
}

#[procedure("in.drop")]
async fn in_drop(log: State<'_, Log>) -> i64 {
    let _guard = log.panicking_guard("a");
    1
}

#[procedure("when.dropped")]
async fn when_dropped(log: State<'_, Log>, events: State<'_, Events>) {
    let _guard = log.panicking_guard("b");
    events.wait("never").await;
}

struct Unspeakable;

impl Serialize for Unspeakable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("a secret")
    }
}

impl<'de> Deserialize<'de> for Unspeakable {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("a secret")
    }
}

#[procedure("in.serialize")]
async fn in_serialize() -> Unspeakable {
    Unspeakable
}

#[procedure("in.deserialize")]
async fn in_deserialize(value: Option<Unspeakable>) {
    let _ = value.is_some();
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a second panic")
    }
}

#[procedure("with.a.bomb")]
async fn with_a_bomb() {
    std::panic::panic_any(Bomb)
}

#[procedure("blocked", blocking)]
fn blocked() {
    panic!("a secret")
}

#[procedure("fine")]
async fn fine() -> i64 {
    1
}

#[topic("bad.at.once")]
async fn bad_topic() {
    panic!("a secret")
}

#[topic("bad.feed")]
async fn bad_feed() -> impl Stream<Item = u32> {
    stream::iter(0..2).map(|i| if i == 1 { panic!("a secret") } else { i })
}

#[topic("bad.guard")]
async fn bad_guard(log: State<'_, Log>) -> crate::support::Guard {
    log.panicking_guard("topic")
}

#[subscriber("bad.event")]
async fn bad_event() {
    panic!("a secret")
}

fn app() -> (App, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty()
        .procedures(procedures![
            at_once,
            formatted,
            later,
            in_a_stream,
            in_drop,
            when_dropped,
            in_serialize,
            in_deserialize,
            with_a_bomb,
            blocked,
            fine
        ])
        .topics(topics![bad_topic, bad_feed, bad_guard])
        .subscribers(subscribers![bad_event]);
    (app.state(events.clone()).state(log.clone()), events, log)
}

async fn is_fine(client: &mut Client) {
    client.say(r#"[48,1000,{},"fine"]"#).await;
    client.hears(json!([50, 1000, {}, [1]])).await;
}

async fn joined() -> (Client, Server, Events, Log) {
    let (app, events, log) = app();
    let server = build(app);
    (Client::join(&server).await, server, events, log)
}

const FAILED: &str = r#"[8,48,1,{},"wamp.error.runtime_error"]"#;

#[tokio::test(start_paused = true)]
async fn a_panic_is_an_internal_failure_of_which_the_caller_learns_nothing() {
    let calls = [
        r#"[48,1,{},"at.once"]"#,
        r#"[48,1,{},"formatted",[-1]]"#,
        r#"[48,1,{},"in.serialize"]"#,
        r#"[48,1,{},"in.deserialize",[1]]"#,
        r#"[48,1,{},"blocked"]"#,
        r#"[48,1,{},"with.a.bomb"]"#,
    ];
    let (mut client, server, ..) = joined().await;
    for (count, call) in (1..).zip(calls) {
        client.say(call).await;
        client.hears_bytes(FAILED).await;
        is_fine(&mut client).await;
        assert_eq!(server.stats().panics, count, "{call}");
    }
    assert_eq!(server.stats().running_handlers, 0);
}

#[tokio::test(start_paused = true)]
async fn a_panic_after_a_wait_is_no_different() {
    let (mut client, server, events, _) = joined().await;
    client.say(r#"[48,1,{},"later"]"#).await;
    is_fine(&mut client).await;
    events.happen("now");
    client.hears_bytes(FAILED).await;
    is_fine(&mut client).await;
    assert_eq!(
        (server.stats().panics, server.stats().running_handlers),
        (1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_panics_ends_its_call() {
    let (mut client, ..) = joined().await;
    client
        .say(r#"[48,1,{"receive_progress":true},"in.a.stream"]"#)
        .await;
    client.hears(json!([50, 1, {"progress": true}, [0]])).await;
    client.hears(json!([50, 1, {"progress": true}, [1]])).await;
    client.hears_bytes(FAILED).await;
    is_fine(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_drop_of_a_local_is_one_of_the_handler() {
    let (mut client, _, _, log) = joined().await;
    client.say(r#"[48,1,{},"in.drop"]"#).await;
    client.hears_bytes(FAILED).await;
    assert_eq!(log.take(), ["drop a"]);
    is_fine(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_when_it_is_cancelled_is_cancelled() {
    let (mut client, server, _, log) = joined().await;
    client.say(r#"[48,1,{},"when.dropped"]"#).await;
    client.say("[49,1,{}]").await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    assert_eq!(log.take(), ["drop b"]);
    is_fine(&mut client).await;
    client.say(r#"[48,1,{"timeout":1},"when.dropped"]"#).await;
    client.say(r#"[48,2,{},"when.dropped"]"#).await;
    client
        .hears_after(
            std::time::Duration::from_millis(1),
            json!([8, 48, 1, {}, "wamp.error.timeout"]),
        )
        .await;
    client.vanish().await;
    assert_eq!(log.take(), ["drop b", "drop b"]);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_topic_handler_that_panics_refuses_the_subscription() {
    let (mut client, server, ..) = joined().await;
    client.say(r#"[32,1,{},"bad.at.once"]"#).await;
    client
        .hears(json!([8, 32, 1, {}, "wamp.error.runtime_error"]))
        .await;
    is_fine(&mut client).await;
    assert_eq!(
        server.realm("realm1").map(wamp_server::Realm::topics),
        Some(0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_feed_that_panics_leaves_the_subscription() {
    let (mut client, server, ..) = joined().await;
    let id = client.subscribe(1, "bad.feed").await;
    client.hears(json!([36, id, ANY, {}, [0]])).await;
    settle().await;
    let realm = server.realm("realm1").expect("the default realm");
    realm.publish("bad.feed", 7).expect("a number");
    client.hears(json!([36, id, ANY, {}, [7]])).await;
    client.say(json!([34, 2, id]).to_string()).await;
    client.hears(json!([35, 2])).await;
    assert_eq!(realm.topics(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_guard_that_panics_does_not_keep_unsubscribe_from_its_answer() {
    let (mut client, _, _, log) = joined().await;
    let id = client.subscribe(1, "bad.guard").await;
    client.say(json!([34, 2, id]).to_string()).await;
    client.hears(json!([35, 2])).await;
    assert_eq!(log.take(), ["drop topic"]);
    is_fine(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn the_handler_of_an_event_may_panic() {
    let (mut client, server, ..) = joined().await;
    client
        .say(r#"[16,1,{"acknowledge":true},"bad.event"]"#)
        .await;
    client.hears(json!([17, 1, ANY])).await;
    is_fine(&mut client).await;
    assert_eq!(server.stats().panics, 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_handler_that_panics_refuses_the_session() {
    #[session]
    async fn first(log: State<'_, Log>) -> crate::support::Guard {
        log.guard("first")
    }
    #[session]
    async fn bad(session: &Session) {
        assert!(session.id().get() == 0, "a secret");
    }
    let (app, _, log) = app();
    let server = build(app.sessions(sessions![first, bad]));
    let mut client = Client::connect(&server);
    client.say(HELLO).await;
    client
        .hears(json!([3, {"message": ANY}, "wamp.error.runtime_error"]))
        .await;
    client.hears_the_end().await;
    assert_eq!(log.take(), ["drop first"]);
    settle().await;
    nothing_is_left(&server);
}

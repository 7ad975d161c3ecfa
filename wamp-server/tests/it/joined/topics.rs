//! Topics that functions decide on, where a router decides on them, too.

use futures_util::{Stream, stream};
use wamp_server::client::Client as Peer;
use wamp_server::{
    App, CallError, RouterOptions, Session, SharedState, State, Topic, topic, topics,
};

use super::support::{Fragile, join, join_over, peer, router, telling_router};
use crate::support::{Client, Guard, Log, build, json, settle};

#[topic("guarded.{name}")]
async fn guarded(name: &str, session: &Session, log: State<'_, Log>) -> Guard {
    let who = format!("{name} of {} as {}", session.id(), session.auth().role);
    log.note(format!("hold {who}"));
    log.guard(who)
}

#[topic("feed")]
async fn feed() -> impl Stream<Item = u32> {
    stream::iter(1..=3)
}

#[topic("greeting")]
async fn greeting(topic: Topic<'_>, session: &Session) -> Result<(), CallError> {
    session.publish(&topic, "welcome")?;
    Ok(())
}

#[topic("refused")]
async fn refused(log: State<'_, Log>) -> Result<(), CallError> {
    log.note("refuse");
    Err(CallError::not_authorized())
}

fn app(log: &Log) -> App {
    App::empty()
        .state(log.clone())
        .topics(topics![guarded, feed, greeting, refused])
}

fn who(client: &Peer, name: &str) -> String {
    let id = client.session().expect("a session").id();
    format!("{name} of {id} as anonymous")
}

#[tokio::test(start_paused = true)]
async fn a_guard_is_held_for_each_subscriber_until_it_unsubscribes() {
    let (router, log) = (router(), Log::default());
    let joined = join(&router, app(&log)).await;
    let (one, two) = (peer(&router).await, peer(&router).await);
    let first = one.subscribe("guarded.a").await.expect("subscribed");
    settle().await;
    assert_eq!(log.take(), [format!("hold {}", who(&one, "a"))]);
    let second = two.subscribe("guarded.a").await.expect("subscribed");
    let third = two.subscribe("guarded.b").await.expect("subscribed");
    settle().await;
    let (a, b) = (who(&two, "a"), who(&two, "b"));
    assert_eq!(log.take(), [format!("hold {a}"), format!("hold {b}")]);
    first.unsubscribe().await.expect("unsubscribed");
    settle().await;
    assert_eq!(log.take(), [format!("drop {}", who(&one, "a"))]);
    second.unsubscribe().await.expect("unsubscribed");
    settle().await;
    assert_eq!(log.take(), [format!("drop {a}")]);
    // It goes without a word.
    two.close().await;
    settle().await;
    assert_eq!(log.take(), [format!("drop {b}")]);
    drop(third);
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn streams_and_greetings_are_for_the_subscriber_alone() {
    let (router, log) = (router(), Log::default());
    let joined = join(&router, app(&log)).await;
    let (one, two) = (peer(&router).await, peer(&router).await);
    let mut first = one.subscribe("feed").await.expect("subscribed");
    for expected in 1..=3 {
        let event = first.next().await.expect("an event");
        assert_eq!(event.decode::<u32>().expect("a number"), expected);
    }
    let mut second = two.subscribe("feed").await.expect("subscribed");
    for expected in 1..=3 {
        let event = second.next().await.expect("an event");
        assert_eq!(event.decode::<u32>().expect("a number"), expected);
    }
    let mut greetings = two.subscribe("greeting").await.expect("subscribed");
    let event = greetings.next().await.expect("an event");
    assert_eq!(event.decode::<String>().expect("a text"), "welcome");
    settle().await;
    assert!(first.try_next().is_none());
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn many_subscribers_are_not_in_the_way_of_callers() {
    let (router, log) = (telling_router(), Log::default());
    let app = app(&log).procedure("add", async |a: i64, b: i64| a + b);
    let joined = join(&router, app).await;
    let mut clients = Vec::new();
    for _ in 0..1_100 {
        let client = peer(&router).await;
        let events = client.subscribe("guarded.a").await.expect("subscribed");
        clients.push((client, events));
    }
    settle().await;
    assert_eq!(log.take().len(), 1_100);
    let client = peer(&router).await;
    let sum = client.call("add").args((1, 2)).get::<i64>().await;
    assert_eq!(sum.expect("an answer"), 3);
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_function_refuses_is_subscribed_all_the_same() {
    let (router, log) = (router(), Log::default());
    let joined = join(&router, app(&log)).await;
    let client = peer(&router).await;
    let mut events = client.subscribe("refused").await.expect("subscribed");
    settle().await;
    assert_eq!(log.take(), ["refuse"]);
    let other = peer(&router).await;
    other.publish("refused").arg(1).await.expect("sent");
    assert!(events.next().await.is_some());
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn those_who_are_there_already_are_found() {
    let (router, log) = (router(), Log::default());
    let client = peer(&router).await;
    let _events = client.subscribe("guarded.a").await.expect("subscribed");
    let _others = client
        .subscribe("something.else")
        .await
        .expect("subscribed");
    let joined = join(&router, app(&log)).await;
    settle().await;
    let who = who(&client, "a");
    assert_eq!(log.take(), [format!("hold {who}")]);
    joined.leave().await;
    settle().await;
    assert_eq!(log.take(), [format!("drop {who}")]);
}

#[tokio::test(start_paused = true)]
async fn guards_are_renewed_with_the_connection() {
    let (router, log) = (router(), Log::default());
    let (connect, scissors) = Fragile::new(&router);
    let joined = join_over(connect, app(&log)).await;
    let client = peer(&router).await;
    let _events = client.subscribe("guarded.a").await.expect("subscribed");
    settle().await;
    let who = who(&client, "a");
    assert_eq!(log.take(), [format!("hold {who}")]);
    scissors.cut();
    settle().await;
    assert_eq!(log.take(), [format!("drop {who}")]);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(log.take(), [format!("hold {who}")]);
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_meta_api_everything_else_works() {
    let log = Log::default();
    let options = RouterOptions::default().meta_api(false);
    let router = build(App::empty().router(options));
    let app = app(&log).procedure("add", async |a: i64, b: i64| a + b);
    let joined = join(&router, app).await;
    let client = peer(&router).await;
    let _events = client.subscribe("guarded.a").await.expect("subscribed");
    let sum = client.call("add").args((1, 2)).get::<i64>().await;
    assert_eq!(sum.expect("an answer"), 3);
    settle().await;
    assert!(log.take().is_empty());
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn the_session_is_the_one_that_calls() {
    use wamp_server::permission::Disclosure;

    let (router, log) = (RouterOptions::default(), Log::default());
    let router = build(App::empty().router(router).disclosure(Disclosure::Forced));
    let app = app(&log).procedure("me", async |session: Session, log: SharedState<Log>| {
        log.note(format!("called by {}", session.id()));
    });
    let joined = join(&router, app).await;
    let mut client = Client::connect(&router);
    let id = client.hello().await;
    client.subscribe(1, "guarded.a").await;
    settle().await;
    client.say(r#"[48,2,{},"me"]"#).await;
    client.hears(json!([50, 2, {}])).await;
    let expected = [
        format!("hold a of {id} as anonymous"),
        format!("called by {id}"),
    ];
    assert_eq!(log.take(), expected);
    client.goodbye().await;
    settle().await;
    assert_eq!(log.take(), [format!("drop a of {id} as anonymous")]);
    joined.leave().await;
}

//! Subscriptions: what runs when a session subscribes, what it hears, and how it ends.

use futures_util::{Stream, StreamExt as _, stream};
use wamp_server::{
    App, CallError, Realm, Server, Session, State, Topic, procedure, procedures, topic, topics,
};

use crate::support::{ANY, Client, Events, Guard, Log, build, json, nothing_is_left, settle};

#[topic("hourly")]
async fn hourly(session: &Session, topic: Topic<'_>, log: State<'_, Log>) -> Guard {
    log.note(format!("subscribe {} {}", topic.0, session.id().get() > 0));
    log.guard("hourly")
}

#[topic("plain")]
fn plain(log: State<'_, Log>) {
    log.note("plain");
}

#[topic("greets")]
async fn greets(session: &Session, events: State<'_, Events>) -> Result<(), CallError> {
    session.publish("greets", "first")?;
    events.wait("agreed").await;
    session.publish("greets", "second")?;
    Ok(())
}

#[topic("refused")]
async fn refused(session: &Session) -> Result<Guard, CallError> {
    session.publish("refused", "never")?;
    Err(CallError::new("my.error.refused").arg("no"))
}

#[topic("slow")]
async fn slow(events: State<'_, Events>, log: State<'_, Log>) -> Result<Guard, CallError> {
    log.note("ask");
    let asking = log.guard("asking");
    events.wait("decide").await;
    drop(asking);
    if std::future::poll_fn(|_| std::task::Poll::Ready(true)).await {
        tokio::select! {
            biased;
            () = events.wait("refuse") => return Err(CallError::not_authorized()),
            () = std::future::ready(()) => {}
        }
    }
    Ok(log.guard("slow"))
}

#[topic("feed")]
async fn feed() -> impl Stream<Item = (u32, &'static str)> {
    stream::iter([(1, "a"), (2, "b")])
}

#[topic("feed.{name}")]
async fn named_feed(
    name: String,
    events: State<'_, Events>,
    log: State<'_, Log>,
) -> impl Stream<Item = String> {
    let guard = log.guard(format!("feed {name}"));
    stream::iter(0..).then(move |i| {
        let (_hold, name) = (&guard, name.clone());
        async move {
            events.wait(&format!("{name}{i}")).await;
            format!("{name} {i}")
        }
    })
}

#[procedure("publish.to.me")]
async fn publish_to_me(
    topic: String,
    text: String,
    session: &Session,
) -> Result<String, CallError> {
    Ok(format!("{:?}", session.publish(&topic, text)?))
}

#[procedure("publish.to.all")]
async fn publish_to_all(topic: String, text: String, realm: &Realm) -> Result<usize, CallError> {
    Ok(realm.publish(&topic, text)?.receivers)
}

fn server() -> (Server, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty()
        .topics(topics![
            hourly, plain, greets, refused, slow, feed, named_feed
        ])
        .procedures(procedures![publish_to_me, publish_to_all]);
    (
        build(app.state(events.clone()).state(log.clone())),
        events,
        log,
    )
}

#[tokio::test(start_paused = true)]
async fn a_subscription_runs_its_handler_and_holds_what_it_returns() {
    let (server, _, log) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[32,713845233,{},"hourly"]"#).await;
    client.hears(json!([33, 713_845_233, 1])).await;
    assert_eq!(log.take(), ["subscribe hourly true"]);
    client.hears_nothing().await;
    client.say("[34,2,1]").await;
    client.hears_bytes("[35,2]").await;
    assert_eq!(log.take(), ["drop hourly"]);
    client.say("[34,3,1]").await;
    client
        .hears_bytes(r#"[8,34,3,{},"wamp.error.no_such_subscription"]"#)
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_second_subscribe_gets_the_same_id_and_runs_nothing() {
    let (server, _, log) = server();
    let mut client = Client::join(&server).await;
    let id = client.subscribe(1, "hourly").await;
    log.take();
    assert_eq!(client.subscribe(2, "hourly").await, id);
    assert_eq!(log.take(), [""; 0]);
    let realm = server.realm("realm1").expect("the default realm");
    assert_eq!(realm.publish("hourly", "once").expect("text").receivers, 1);
    client.hears(json!([36, id, ANY, {}, ["once"]])).await;
    client.hears_nothing().await;
    client.say(json!([34, 3, id]).to_string()).await;
    client.hears(json!([35, 3])).await;
    assert_eq!(log.take(), ["drop hourly"]);
    client.say(json!([34, 4, id]).to_string()).await;
    client
        .hears(json!([8, 34, 4, {}, "wamp.error.no_such_subscription"]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn sessions_share_the_id_but_not_the_subscription() {
    let (server, _, log) = server();
    let mut one = Client::join(&server).await;
    let mut two = Client::join(&server).await;
    let id = one.subscribe(1, "hourly").await;
    assert_eq!(two.subscribe(1, "hourly").await, id);
    assert_eq!(log.take().len(), 2, "it runs for each of them");
    let other = two.subscribe(2, "plain").await;
    assert_ne!(other, id);
    one.say(json!([34, 2, other]).to_string()).await;
    one.hears(json!([8, 34, 2, {}, "wamp.error.no_such_subscription"]))
        .await;
    one.say(json!([34, 3, id]).to_string()).await;
    one.hears(json!([35, 3])).await;
    let realm = server.realm("realm1").expect("the default realm");
    assert_eq!(realm.publish("hourly", 1).expect("a number").receivers, 1);
    two.hears(json!([36, id, ANY, {}, [1]])).await;
    one.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn subscribed_comes_before_what_the_handler_publishes() {
    let (server, events, _) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[32,1,{},"greets"]"#).await;
    client.hears_nothing().await;
    let realm = server.realm("realm1").expect("the default realm");
    assert_eq!(
        realm
            .publish("greets", "to members")
            .expect("text")
            .receivers,
        0
    );
    client.hears_nothing().await;
    events.happen("agreed");
    client.hears(json!([33, 1, 1])).await;
    client.hears(json!([36, 1, ANY, {}, ["first"]])).await;
    client.hears(json!([36, 1, ANY, {}, ["second"]])).await;
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_subscription_leaves_nothing() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[32,1,{},"refused"]"#).await;
    client
        .hears_bytes(r#"[8,32,1,{},"my.error.refused",["no"]]"#)
        .await;
    client.hears_nothing().await;
    assert_eq!(server.realm("realm1").map(Realm::topics), Some(0));
    client
        .say(r#"[48,2,{},"publish.to.me",["refused","x"]]"#)
        .await;
    client.hears(json!([50, 2, {}, ["NotSubscribed"]])).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_serves_an_unknown_topic_and_the_session_goes_on() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    for topic in [
        "unknown",
        "wamp.session.on_join",
        "",
        "a..b",
        "a b",
        "feed.",
    ] {
        client.say(json!([32, 1, {}, topic]).to_string()).await;
        client
            .hears(json!([8, 32, 1, {}, "wamp.error.invalid_uri", [ANY]]))
            .await;
    }
    client.subscribe(2, "plain").await;
}

#[tokio::test(start_paused = true)]
async fn patterns_are_refused_not_taken_for_exact_topics() {
    let (server, _, log) = server();
    let mut client = Client::join(&server).await;
    for matching in ["prefix", "wildcard"] {
        client
            .say(json!([32, 1, {"match": matching}, "plain"]).to_string())
            .await;
        client
            .hears(json!([
                8,
                32,
                1,
                {},
                "wamp.error.option_not_allowed",
                [ANY]
            ]))
            .await;
    }
    assert_eq!(log.take(), [""; 0]);
    client
        .say(r#"[32,2,{"match":"exact","get_retained":true,"nkey":"x"},"plain"]"#)
        .await;
    client.hears(json!([33, 2, ANY])).await;
}

#[tokio::test(start_paused = true)]
async fn while_the_handler_decides_others_are_served_and_repetitions_wait() {
    let (server, events, log) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[32,1,{},"slow"]"#).await;
    client.say(r#"[32,2,{},"slow"]"#).await;
    let plain = client.subscribe(3, "plain").await;
    client.hears_nothing().await;
    assert_eq!(log.take(), ["ask", "plain"]);
    events.happen("decide");
    client.hears(json!([33, 1, ANY])).await;
    client.hears(json!([33, 2, ANY])).await;
    assert_eq!(log.take(), ["drop asking"]);
    client.say(json!([34, 4, plain]).to_string()).await;
    client.hears(json!([35, 4])).await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_answers_every_repetition() {
    let (server, events, _) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[32,1,{},"slow"]"#).await;
    client.say(r#"[32,2,{},"slow"]"#).await;
    client.hears_nothing().await;
    events.happen("refuse");
    events.happen("decide");
    client
        .hears(json!([8, 32, 1, {}, "wamp.error.not_authorized"]))
        .await;
    assert_eq!(
        client.next().await.as_array().map(|it| it[..4].to_vec()),
        json!([8, 32, 2, {}]).as_array().cloned()
    );
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_not_decided_cannot_be_left_but_is_answered() {
    let (server, events, _) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[32,1,{},"slow"]"#).await;
    client.say("[34,2,1]").await;
    client
        .hears(json!([8, 34, 2, {}, "wamp.error.no_such_subscription"]))
        .await;
    events.happen("decide");
    client.hears(json!([33, 1, 1])).await;
}

#[tokio::test(start_paused = true)]
async fn who_leaves_before_the_decision_leaves_nothing() {
    let (server, _, log) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[32,1,{},"slow"]"#).await;
    client.hears_nothing().await;
    client.vanish().await;
    assert_eq!(log.take(), ["ask", "drop asking"]);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_a_feed_for_the_session_that_subscribed() {
    let (server, ..) = server();
    let mut one = Client::join(&server).await;
    let mut two = Client::join(&server).await;
    let id = one.subscribe(1, "feed").await;
    one.hears(json!([36, id, ANY, {}, [1, "a"]])).await;
    one.hears(json!([36, id, ANY, {}, [2, "b"]])).await;
    one.hears_nothing().await;
    assert_eq!(two.subscribe(1, "feed").await, id);
    assert_eq!(two.rest().await.len(), 2);
    one.hears_nothing().await;
    // The feed has ended, the subscription has not.
    let realm = server.realm("realm1").expect("the default realm");
    assert_eq!(realm.publish("feed", 3).expect("a number").receivers, 2);
    one.hears(json!([36, id, ANY, {}, [3]])).await;
    one.say(json!([34, 2, id]).to_string()).await;
    one.hears(json!([35, 2])).await;
}

#[tokio::test(start_paused = true)]
async fn a_feed_ends_with_its_subscription() {
    let (server, events, log) = server();
    let mut client = Client::join(&server).await;
    let id = client.subscribe(1, "feed.x").await;
    events.happen("x0");
    client.hears(json!([36, id, ANY, {}, ["x 0"]])).await;
    client.say(json!([34, 2, id]).to_string()).await;
    client.hears(json!([35, 2])).await;
    assert_eq!(log.take(), ["drop feed x"]);
    events.happen("x1");
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_topic_may_be_subscribed_to_again() {
    let (server, _, log) = server();
    let mut client = Client::join(&server).await;
    for request in 0..3 {
        let id = client.subscribe(2 * request + 1, "hourly").await;
        client
            .say(json!([34, 2 * request + 2, id]).to_string())
            .await;
        client.hears(json!([35, 2 * request + 2])).await;
        assert_eq!(log.take(), ["subscribe hourly true", "drop hourly"]);
    }
    settle().await;
    client.vanish().await;
    nothing_is_left(&server);
}

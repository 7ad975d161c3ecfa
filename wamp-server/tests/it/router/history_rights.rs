//! Events of the past, and who may have them.

use std::sync::Arc;

use serde_json::Value;
use wamp_server::history::{Match, MemoryOptions, MemoryStore};
use wamp_server::permission::{Permissions, Rule};
use wamp_server::{App, CallError, RouterOptions, Session, topic};

use super::history::{events, options, publish, values};
use super::support::{build, join, join_named, json, named};
use crate::support::Client;

/// Subscribes to `log.` and what begins with it.
async fn subscribe_to_all(client: &mut Client) -> u64 {
    client.say(r#"[32,1,{"match":"prefix"},"log."]"#).await;
    client.next().await[2].as_u64().expect("a subscription")
}

async fn refused(client: &mut Client, subscription: u64) -> Value {
    client
        .say(format!(
            r#"[48,9,{{}},"wamp.subscription.get_events",[{subscription}]]"#
        ))
        .await;
    let answer = client.next().await;
    assert_eq!(answer[0], 8, "{answer}");
    answer[4].clone()
}

fn admits(session: &Session) -> Result<(), CallError> {
    match &*session.auth().id {
        "ann" => Ok(()),
        _ => Err(CallError::not_authorized()),
    }
}

#[topic("news", roles("admin"))]
async fn news() {}

#[tokio::test(start_paused = true)]
async fn whom_a_function_refuses_gets_no_history_either() {
    let app = named()
        .router(options())
        .topic("log.vip", async |session: Session| admits(&session))
        .topics(wamp_server::topics![news]);
    let server = build(app);
    let (mut ann, _) = join_named(&server, "ann").await;
    let (mut admin, _) = join_named(&server, "admin").await;
    let (mut bob, _) = join_named(&server, "bob").await;
    publish(&mut admin, 1, "log.vip", "", 1).await;
    publish(&mut admin, 2, "news", "", 2).await;
    let vip = ann.subscribe(1, "log.vip").await;
    let news = admin.subscribe(3, "news").await;
    for topic in ["log.vip", "news"] {
        bob.say(json!([32, 1, {}, topic]).to_string()).await;
        assert_eq!(bob.next().await[0], 8);
    }
    assert_eq!(values(&mut ann, 2, vip, "{}").await, [1]);
    assert_eq!(values(&mut admin, 4, news, "{}").await, [2]);
    for subscription in [vip, news] {
        assert_eq!(
            refused(&mut bob, subscription).await,
            "wamp.error.not_authorized"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_is_not_subscribed_or_no_longer_gets_nothing() {
    let server = build(App::empty().router(options()));
    let (mut client, mut other) = (join(&server).await, join(&server).await);
    publish(&mut client, 1, "news", "", 1).await;
    let subscription = client.subscribe(2, "news").await;
    assert_eq!(
        refused(&mut other, subscription).await,
        "wamp.error.not_authorized"
    );
    assert_eq!(other.subscribe(1, "news").await, subscription);
    client.say(json!([34, 3, subscription]).to_string()).await;
    client.hears(json!([35, 3])).await;
    assert_eq!(
        refused(&mut client, subscription).await,
        "wamp.error.not_authorized"
    );
    assert_eq!(values(&mut other, 2, subscription, "{}").await, [1]);
}

#[tokio::test(start_paused = true)]
async fn the_server_itself_need_not_be_subscribed() {
    let server = build(App::empty().permissions(rules()).router(options()));
    let mut client = join(&server).await;
    publish(&mut client, 1, "log.secret", "", 1).await;
    publish(&mut client, 2, "log.open", "", 2).await;
    let subscription = subscribe_to_all(&mut client).await;
    assert_eq!(values(&mut client, 3, subscription, "{}").await, [2]);
    let realm = server.realm("realm1").expect("the default realm");
    let answer = realm
        .call("wamp.subscription.get_events")
        .arg(subscription)
        .await
        .expect("events");
    let found = answer.args::<Vec<Value>>().expect("a list");
    let args = found.iter().map(|it| it["args"][0].clone());
    assert_eq!(args.collect::<Vec<_>>(), [1, 2]);
}

/// Events that a client may not have.
fn rules() -> Permissions {
    let rules = [
        Rule::prefix("").all(),
        Rule::exact("log.secret").publish(),
        Rule::prefix("wamp.").call(),
    ];
    Permissions::new().role("anonymous", rules)
}

#[tokio::test(start_paused = true)]
async fn forbidden_events_do_not_use_up_the_limit() {
    let server = build(App::empty().permissions(rules()).router(options()));
    let (mut publisher, mut late) = (join(&server).await, join(&server).await);
    for number in 1..=40 {
        let topic = if number % 10 == 0 {
            "log.open"
        } else {
            "log.secret"
        };
        publish(&mut publisher, number, topic, "", number).await;
    }
    let subscription = subscribe_to_all(&mut late).await;
    assert_eq!(
        values(&mut late, 2, subscription, r#"{"limit":3}"#).await,
        [10, 20, 30]
    );
    assert_eq!(
        values(&mut late, 3, subscription, r#"{"limit":3,"reverse":true}"#).await,
        [40, 30, 20]
    );
    let first = events(&mut late, 4, subscription, r#"{"limit":1}"#).await;
    let after = json!({"limit": 2, "after_publication": first[0]["publication"]});
    assert_eq!(
        values(&mut late, 5, subscription, &after.to_string()).await,
        [20, 30]
    );
    let before = json!({"reverse": true, "before_publication": first[0]["publication"]});
    assert_eq!(
        values(&mut late, 6, subscription, &before.to_string()).await,
        [0_u64; 0]
    );
}

/// Whoever asks again after the last one until nothing comes has all of them.
#[tokio::test(start_paused = true)]
async fn answers_that_are_too_long_are_continued() {
    let store = Arc::new(MemoryStore::new(MemoryOptions::default()));
    let router = RouterOptions::new().history(store, [("log.", Match::Prefix)]);
    let server = build(App::empty().permissions(rules()).router(router));
    let (mut publisher, mut late) = (join(&server).await, join(&server).await);
    let long = "x".repeat(300_000);
    for number in 1..=12 {
        let topic = if number % 3 == 0 {
            "log.open"
        } else {
            "log.secret"
        };
        let message = json!([16, number, {"acknowledge": true}, topic, [number, long]]);
        publisher.say(message.to_string()).await;
        assert_eq!(publisher.next().await[0], 17);
    }
    let subscription = subscribe_to_all(&mut late).await;
    let mut arguments = json!({});
    let mut answers = Vec::new();
    for request in 2.. {
        let found = events(&mut late, request, subscription, &arguments.to_string()).await;
        let Some(last) = found.last() else { break };
        arguments["after_publication"] = last["publication"].clone();
        let numbers = found.iter().map(|it| it["args"][0].as_u64());
        answers.push(numbers.map(|it| it.expect("a number")).collect::<Vec<_>>());
    }
    assert_eq!(answers, [vec![3, 6, 9], vec![12]]);
}

#[tokio::test(start_paused = true)]
async fn the_second_argument_is_the_limit() {
    let server = build(App::empty().router(options()));
    let mut client = join(&server).await;
    for number in 1..=3 {
        publish(&mut client, number, "news", "", number).await;
    }
    let subscription = client.subscribe(4, "news").await;
    for (arguments, expected) in [
        (json!([subscription, 2]), vec![1, 2]),
        (json!([subscription, null]), vec![1, 2, 3]),
    ] {
        let call = json!([48, 5, {}, "wamp.subscription.get_events", arguments]);
        client.say(call.to_string()).await;
        let answer = client.next().await;
        let found = answer[3].as_array().expect("events").iter();
        let found = found.map(|it| it["args"][0].as_u64().expect("a number"));
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
    let call = json!([48, 6, {}, "wamp.subscription.get_events", [subscription, 0]]);
    client.say(call.to_string()).await;
    assert_eq!(client.next().await[4], "wamp.error.invalid_argument");
}

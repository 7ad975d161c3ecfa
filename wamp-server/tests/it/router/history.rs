//! Events of the past: `wamp.subscription.get_events`. WAMP, "Event History".

use serde_json::Value;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::history::{Match, MemoryStore};
use wamp_server::permission::{Permissions, Rule};
use wamp_server::{App, RouterOptions, Server};

use super::calls::{EVERYTHING, join, router};
use crate::support::{ANY, Client, build, json};

pub(super) fn options() -> RouterOptions {
    let topics = [("log.", Match::Prefix), ("news", Match::Exact)];
    RouterOptions::new().history(MemoryStore::default(), topics)
}

fn server() -> Server {
    build(App::empty().router(options()))
}

pub(super) async fn publish(
    client: &mut Client,
    request: u64,
    topic: &str,
    options: &str,
    value: u64,
) -> u64 {
    client
        .say(format!(
            r#"[16,{request},{{"acknowledge":true{options}}},"{topic}",[{value}],{{"k":{value}}}]"#
        ))
        .await;
    client.next().await[2].as_u64().expect("a publication")
}

/// The values of the events that are found.
pub(super) async fn values(
    client: &mut Client,
    request: u64,
    subscription: u64,
    kwargs: &str,
) -> Vec<u64> {
    let found = events(client, request, subscription, kwargs).await;
    let value = |event: &Value| event["args"][0].as_u64().expect("a number");
    found.iter().map(value).collect()
}

pub(super) async fn events(
    client: &mut Client,
    request: u64,
    subscription: u64,
    kwargs: &str,
) -> Vec<Value> {
    client
        .say(format!(
            r#"[48,{request},{{}},"wamp.subscription.get_events",[{subscription}],{kwargs}]"#
        ))
        .await;
    let answer = client.next().await;
    assert_eq!(answer[0], 50, "{answer}");
    answer
        .get(3)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn those_who_were_not_there_get_what_was_published_in_its_order() {
    let server = server();
    let (mut publisher, mut late) = (join(&server).await, join(&server).await);
    let first = publish(&mut publisher, 1, "news", "", 1).await;
    publish(&mut publisher, 2, "elsewhere", "", 2).await;
    let third = publish(&mut publisher, 3, "news", "", 3).await;
    let realm = server.realm("realm1").expect("the default realm");
    realm.publish("news", 4).expect("a number");

    let subscription = late.subscribe(1, "news").await;
    let found = events(&mut late, 2, subscription, "{}").await;
    let publications = found.iter().map(|it| it["publication"].clone());
    let publications = publications.collect::<Vec<_>>();
    assert_eq!(publications[..2], [json!(first), json!(third)]);
    let mut event = found[0].clone();
    assert!(
        event["timestamp"]
            .as_str()
            .is_some_and(|it| it.ends_with('Z')),
        "{event}"
    );
    event["timestamp"] = json!(ANY);
    let expected = json!({
        "timestamp": ANY, "subscription": subscription, "publication": first, "details": {},
        "args": [1], "kwargs": {"k": 1},
    });
    assert_eq!(event, expected);

    assert_eq!(
        values(&mut late, 3, subscription, r#"{"reverse":true,"limit":2}"#).await,
        [4, 3]
    );
    let after = format!(r#"{{"after_publication":{first}}}"#);
    assert_eq!(values(&mut late, 4, subscription, &after).await, [3, 4]);
    let until = format!(r#"{{"until_publication":{third}}}"#);
    assert_eq!(values(&mut late, 5, subscription, &until).await, [1, 3]);
    assert_eq!(
        values(
            &mut late,
            6,
            subscription,
            r#"{"before_time":"2000-01-01T00:00:00Z"}"#
        )
        .await,
        [0_u64; 0]
    );
}

#[tokio::test(start_paused = true)]
async fn a_pattern_has_the_history_of_all_its_topics() {
    let server = server();
    let (mut publisher, mut late) = (join(&server).await, join(&server).await);
    publish(&mut publisher, 1, "log.a", "", 1).await;
    publish(&mut publisher, 2, "log.b", "", 2).await;
    late.say(r#"[32,1,{"match":"prefix"},"log"]"#).await;
    let subscription = late.next().await[2].as_u64().expect("a subscription");
    let found = events(&mut late, 2, subscription, "{}").await;
    assert_eq!(found[1]["details"], json!({"topic": "log.b"}));
    assert_eq!(
        values(&mut late, 3, subscription, r#"{"topic":"log.a"}"#).await,
        [1]
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_for_some_is_not_for_others() {
    let server = server();
    let (mut publisher, mut late) = (join(&server).await, join(&server).await);
    publish(&mut publisher, 1, "news", r#","eligible":[1]"#, 1).await;
    publish(&mut publisher, 2, "news", r#","exclude":[1]"#, 2).await;
    publish(
        &mut publisher,
        3,
        "news",
        r#","eligible_authrole":["admin"]"#,
        3,
    )
    .await;
    publish(
        &mut publisher,
        4,
        "news",
        r#","eligible_authrole":["anonymous"]"#,
        4,
    )
    .await;
    let subscription = late.subscribe(1, "news").await;
    assert_eq!(values(&mut late, 2, subscription, "{}").await, [4]);
}

#[tokio::test(start_paused = true)]
async fn where_there_are_rules_only_subscribers_ask_and_forbidden_topics_are_left_out() {
    let rules = [
        Rule::prefix("").all(),
        Rule::exact("log.secret").publish(),
        Rule::prefix("wamp.").call(),
    ];
    let permissions = Permissions::new().role("anonymous", rules);
    let server = build(App::empty().permissions(permissions).router(options()));
    let (mut publisher, mut late, mut other) = (
        join(&server).await,
        join(&server).await,
        join(&server).await,
    );
    publish(&mut publisher, 1, "log.secret", "", 1).await;
    publish(&mut publisher, 2, "log.open", "", 2).await;
    late.say(r#"[32,1,{"match":"prefix"},"log."]"#).await;
    let subscription = late.next().await[2].as_u64().expect("a subscription");
    assert_eq!(values(&mut late, 2, subscription, "{}").await, [2]);
    other
        .say(format!(
            r#"[48,1,{{}},"wamp.subscription.get_events",[{subscription}]]"#
        ))
        .await;
    assert_eq!(other.next().await[4], "wamp.error.not_authorized");
}

#[tokio::test(start_paused = true)]
async fn mistakes_are_named() {
    let server = server();
    let mut client = join(&server).await;
    let subscription = client.subscribe(1, "news").await;
    for (request, arguments, error) in [
        (2, "[999]".to_owned(), "wamp.error.no_such_subscription"),
        (3, "[]".to_owned(), "wamp.error.invalid_argument"),
        (4, r#"["x"]"#.to_owned(), "wamp.error.invalid_argument"),
        (
            5,
            format!(r#"[{subscription}],{{"limit":0}}"#),
            "wamp.error.invalid_argument",
        ),
        (
            6,
            format!(r#"[{subscription}],{{"from_time":"now"}}"#),
            "wamp.error.invalid_argument",
        ),
        (
            7,
            format!(r#"[{subscription}],{{"after_publication":5}}"#),
            "wamp.error.invalid_argument",
        ),
    ] {
        client
            .say(format!(
                r#"[48,{request},{{}},"wamp.subscription.get_events",{arguments}]"#
            ))
            .await;
        let answer = client.next().await;
        assert_eq!(answer[4], error, "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_realm_without_a_store_says_so_and_does_not_announce_it() {
    let mut client = join(&router()).await;
    let subscription = client.subscribe(1, "news").await;
    client
        .say(format!(
            r#"[48,2,{{}},"wamp.subscription.get_events",[{subscription}]]"#
        ))
        .await;
    assert_eq!(client.next().await[4], "wamp.error.history_unavailable");

    for (server, announced) in [(router(), false), (server(), true)] {
        let mut client = Client::connect(&server);
        client.say(EVERYTHING).await;
        let welcome = client.next().await;
        let features = &welcome[2]["roles"]["broker"]["features"];
        assert_eq!(features["event_history"] == true, announced, "{features}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_given_in_the_serializer_of_who_asks() {
    let server = server();
    let mut publisher = join(&server).await;
    publish(&mut publisher, 1, "news", "", 1).await;
    for subprotocol in Subprotocol::ALL {
        let mut late = Client::join_as(&server, subprotocol).await;
        let subscription = late.subscribe(1, "news").await;
        assert_eq!(values(&mut late, 2, subscription, "{}").await, [1]);
    }
}

#[test]
fn what_is_no_topic_is_reported_when_the_server_is_built() {
    let options = RouterOptions::new().history(MemoryStore::default(), [("a..b", Match::Exact)]);
    let error = App::empty().router(options).build().expect_err("a mistake");
    assert!(error.to_string().contains("`a..b`"), "{error}");
}

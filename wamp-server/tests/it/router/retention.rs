//! Events that are retained for later subscribers. WAMP, "Event Retention".

use std::time::Duration;

use wamp_server::permission::{Permissions, Rule};
use wamp_server::{App, Limits, Retention, RouterOptions};

use super::calls::{join, router};
use crate::support::{ANY, Client, build, json};

async fn retain(client: &mut Client, request: u64, topic: &str, options: &str, value: u64) {
    client
        .say(format!(
            r#"[16,{request},{{"acknowledge":true,"retain":true{options}}},"{topic}",[{value}]]"#
        ))
        .await;
    client.hears(json!([17, request, ANY])).await;
}

#[tokio::test(start_paused = true)]
async fn later_subscribers_get_the_newest_after_subscribed_and_live_ones_are_not_marked() {
    let server = router();
    let (mut publisher, mut early, mut late) = (
        join(&server).await,
        join(&server).await,
        join(&server).await,
    );
    let subscription = early.subscribe(1, "news").await;
    retain(&mut publisher, 1, "news", "", 1).await;
    retain(&mut publisher, 2, "news", "", 2).await;
    early.hears(json!([36, subscription, ANY, {}, [1]])).await;
    early.hears(json!([36, subscription, ANY, {}, [2]])).await;

    late.say(r#"[32,1,{"get_retained":true},"news"]"#).await;
    late.hears(json!([33, 1, subscription])).await;
    late.hears(json!([36, subscription, ANY, {"retained": true}, [2]]))
        .await;
    // Asked once more, it is sent once more.
    late.say(r#"[32,2,{"get_retained":true},"news"]"#).await;
    late.hears(json!([33, 2, subscription])).await;
    late.hears(json!([36, subscription, ANY, {"retained": true}, [2]]))
        .await;
    late.say(r#"[32,3,{},"news"]"#).await;
    late.hears(json!([33, 3, subscription])).await;
    late.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn it_keeps_its_id_and_nobody_has_to_be_subscribed() {
    let server = router();
    let (mut publisher, mut late) = (join(&server).await, join(&server).await);
    publisher
        .say(r#"[16,1,{"acknowledge":true,"retain":true},"news",[7],{"a":1}]"#)
        .await;
    let publication = publisher.next().await[2].clone();
    late.say(r#"[32,1,{"get_retained":true},"news"]"#).await;
    let subscription = late.next().await[2].clone();
    late.hears(json!([36, subscription, publication, {"retained": true}, [7], {"a": 1}]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn who_may_not_see_the_newest_gets_the_newest_that_he_may() {
    let server = router();
    let (mut publisher, mut chosen, mut other) = (
        join(&server).await,
        Client::connect(&server),
        join(&server).await,
    );
    let id = chosen.hello().await;
    retain(&mut publisher, 1, "news", "", 1).await;
    retain(
        &mut publisher,
        2,
        "news",
        &format!(r#","eligible":[{id}]"#),
        2,
    )
    .await;
    for (client, value) in [(&mut chosen, 2), (&mut other, 1)] {
        client.say(r#"[32,1,{"get_retained":true},"news"]"#).await;
        client.hears(json!([33, 1, ANY])).await;
        client
            .hears(json!([36, ANY, ANY, {"retained": true}, [value]]))
            .await;
    }
    // The publisher does not get its own.
    publisher
        .say(r#"[32,3,{"get_retained":true},"news"]"#)
        .await;
    publisher.hears(json!([33, 3, ANY])).await;
    publisher.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_pattern_gets_the_newest_of_each_topic_with_its_topic() {
    let server = router();
    let (mut publisher, mut late) = (join(&server).await, join(&server).await);
    for (request, topic, value) in [(1, "a.b", 1), (2, "a.c", 2), (3, "b.c", 3), (4, "a.b", 4)] {
        retain(&mut publisher, request, topic, "", value).await;
    }
    late.say(r#"[32,1,{"get_retained":true,"match":"prefix"},"a."]"#)
        .await;
    late.hears(json!([33, 1, ANY])).await;
    late.hears(json!([36, ANY, ANY, {"topic": "a.c", "retained": true}, [2]]))
        .await;
    late.hears(json!([36, ANY, ANY, {"topic": "a.b", "retained": true}, [4]]))
        .await;
    late.hears_nothing().await;
    late.say(r#"[32,2,{"get_retained":true,"match":"wildcard"},".c"]"#)
        .await;
    late.hears(json!([33, 2, ANY])).await;
    late.hears(json!([36, ANY, ANY, {"topic": "a.c", "retained": true}, [2]]))
        .await;
    late.hears(json!([36, ANY, ANY, {"topic": "b.c", "retained": true}, [3]]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_pattern_does_not_get_what_its_role_may_not_have() {
    let rules = [
        Rule::prefix("").subscribe().publish(),
        Rule::exact("a.secret").publish(),
    ];
    let permissions = Permissions::new().role("anonymous", rules);
    let server = build(
        App::empty()
            .permissions(permissions)
            .router(RouterOptions::new()),
    );
    let (mut publisher, mut late) = (join(&server).await, join(&server).await);
    retain(&mut publisher, 1, "a.secret", "", 1).await;
    retain(&mut publisher, 2, "a.open", "", 2).await;
    late.say(r#"[32,1,{"get_retained":true,"match":"prefix"},"a."]"#)
        .await;
    late.hears(json!([33, 1, ANY])).await;
    late.hears(json!([36, ANY, ANY, {"topic": "a.open", "retained": true}, [2]]))
        .await;
    late.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn events_expire_and_the_number_of_topics_is_bounded() {
    let retention = Retention {
        max_topics: 2,
        expiry: Some(Duration::from_secs(10)),
        ..Retention::default()
    };
    let server = build(App::empty().router(RouterOptions::new().retention(retention)));
    let (mut publisher, mut late) = (join(&server).await, join(&server).await);
    retain(&mut publisher, 1, "a", "", 1).await;
    retain(&mut publisher, 2, "b", "", 2).await;
    retain(&mut publisher, 3, "c", "", 3).await;
    late.say(r#"[32,1,{"get_retained":true},"a"]"#).await;
    late.hears(json!([33, 1, ANY])).await;
    late.hears_nothing().await;
    late.say(r#"[32,2,{"get_retained":true},"b"]"#).await;
    late.hears(json!([33, 2, ANY])).await;
    late.hears(json!([36, ANY, ANY, {"retained": true}, [2]]))
        .await;
    tokio::time::advance(Duration::from_secs(11)).await;
    late.say(r#"[32,3,{"get_retained":true},"c"]"#).await;
    late.hears(json!([33, 3, ANY])).await;
    late.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn the_application_retains_events_too() {
    let server = router();
    let realm = server.realm("realm1").expect("the default realm");
    let published = realm.publication("news").retain().send(7);
    let publication = published.expect("a number").id.get();
    let mut late = join(&server).await;
    late.say(r#"[32,1,{"get_retained":true},"news"]"#).await;
    late.hears(json!([33, 1, ANY])).await;
    late.hears(json!([36, ANY, publication, {"retained": true}, [7]]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_at_once_is_left_out_and_counted() {
    let limits = Limits {
        outbound_soft: 20_000,
        ..Limits::default()
    };
    let server = build(App::empty().limits(limits).router(RouterOptions::new()));
    let realm = server.realm("realm1").expect("the default realm");
    for number in 0..10 {
        let publication = realm.publication(["a.0", "a.1", "a.2", "a.3", "a.4"][number % 5]);
        publication
            .retain()
            .send((number, "x".repeat(3000)))
            .expect("text");
    }
    let mut late = join(&server).await;
    for request in 1..=2 {
        late.say(format!(
            r#"[32,{request},{{"get_retained":true,"match":"prefix"}},"a."]"#
        ))
        .await;
        late.hears(json!([33, request, ANY])).await;
        for (number, dropped) in [(7, Some(2)), (8, None), (9, None)] {
            let event = late.next().await;
            assert_eq!(event[4][0], number, "{}", event[3]);
            assert_eq!(
                event[3].get("_dropped").cloned(),
                dropped.map(|it| json!(it))
            );
        }
        late.hears_nothing().await;
    }
}

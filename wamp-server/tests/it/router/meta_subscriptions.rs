//! `wamp.subscription.*`: who is subscribed to what.

use wamp_server::{App, CallError, RouterOptions};

use super::calls::router;
use super::meta::{ask, enter, error, event, result, subscribe};
use crate::support::{ANY, build, json};

#[tokio::test(start_paused = true)]
async fn subscriptions_are_found_and_described() {
    let server = router();
    let (mut first, first_id) = enter(&server).await;
    let (mut second, second_id) = enter(&server).await;
    let exact = subscribe(&mut first, json!({}), "shop.news").await;
    assert_eq!(subscribe(&mut second, json!({}), "shop.news").await, exact);
    let prefix = subscribe(&mut first, json!({"match": "prefix"}), "shop").await;
    let wildcard = subscribe(&mut second, json!({"match": "wildcard"}), "shop.").await;

    let answer = ask(&mut first, "wamp.subscription.list", json!([])).await;
    assert_eq!(
        result(&answer),
        &json!({"exact": [exact], "prefix": [prefix], "wildcard": [wildcard]})
    );
    for (topic, options, expected) in [
        ("shop.news", json!({}), json!(exact)),
        ("shop.news", json!({"match": "exact"}), json!(exact)),
        ("shop", json!({"match": "prefix"}), json!(prefix)),
        ("shop.", json!({"match": "wildcard"}), json!(wildcard)),
        ("shop.", json!({"match": "prefix"}), json!(null)),
        ("shop.old", json!(null), json!(null)),
    ] {
        let args = json!([topic, options]);
        let answer = ask(&mut first, "wamp.subscription.lookup", args.clone()).await;
        assert_eq!(result(&answer), &expected, "{args}");
    }
    let mut all = vec![exact, prefix, wildcard];
    all.sort_unstable();
    for (topic, expected) in [
        ("shop.news", json!(all)),
        ("shopping", json!([prefix])),
        ("weather", json!(null)),
        ("not a uri", json!(null)),
    ] {
        let answer = ask(&mut first, "wamp.subscription.match", json!([topic])).await;
        assert_eq!(result(&answer), &expected, "{topic}");
    }
    let answer = ask(&mut first, "wamp.subscription.get", json!([wildcard])).await;
    let created = result(&answer)["created"].clone();
    assert!(created.is_string());
    assert_eq!(
        result(&answer),
        &json!({"id": wildcard, "created": created, "uri": "shop.", "match": "wildcard"})
    );
    let mut both = vec![first_id, second_id];
    both.sort_unstable();
    let answer = ask(
        &mut first,
        "wamp.subscription.list_subscribers",
        json!([exact]),
    )
    .await;
    assert_eq!(result(&answer), &json!(both));
    let answer = ask(
        &mut first,
        "wamp.subscription.count_subscribers",
        json!([exact]),
    )
    .await;
    assert_eq!(result(&answer), &json!(2));
    second.vanish().await;
    let answer = ask(
        &mut first,
        "wamp.subscription.list_subscribers",
        json!([exact]),
    )
    .await;
    assert_eq!(result(&answer), &json!([first_id]));
    let answer = ask(&mut first, "wamp.subscription.get", json!([wildcard])).await;
    assert_eq!(error(&answer), "wamp.error.no_such_subscription");
}

#[tokio::test(start_paused = true)]
async fn a_pattern_does_not_match_a_topic_that_a_function_decides_on() {
    let app = App::empty()
        .router(RouterOptions::new())
        .topic("shop.vip", async || {});
    let server = build(app);
    let (mut client, _) = enter(&server).await;
    let pattern = subscribe(&mut client, json!({"match": "prefix"}), "shop.").await;
    let guarded = subscribe(&mut client, json!({}), "shop.vip").await;
    let answer = ask(&mut client, "wamp.subscription.match", json!(["shop.vip"])).await;
    assert_eq!(result(&answer), &json!([guarded]));
    let answer = ask(&mut client, "wamp.subscription.match", json!(["shop.all"])).await;
    assert_eq!(result(&answer), &json!([pattern]));
}

#[tokio::test(start_paused = true)]
async fn bad_questions_about_subscriptions_get_errors() {
    let server = router();
    let (mut client, _) = enter(&server).await;
    let invalid = "wamp.error.invalid_argument";
    let unknown = "wamp.error.no_such_subscription";
    for (procedure, args, expected) in [
        ("get", json!([4711]), unknown),
        ("list_subscribers", json!([4711]), unknown),
        ("count_subscribers", json!([4711]), unknown),
        ("get", json!([]), invalid),
        ("list_subscribers", json!([-1]), invalid),
        ("count_subscribers", json!([{}]), invalid),
        ("lookup", json!([]), invalid),
        ("lookup", json!(["a.b", []]), invalid),
        ("lookup", json!(["a.b", {"match": ""}]), invalid),
        ("match", json!([{}]), invalid),
    ] {
        let procedure = format!("wamp.subscription.{procedure}");
        let answer = ask(&mut client, &procedure, args.clone()).await;
        assert_eq!(error(&answer), expected, "{procedure} {args}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_refused_or_undecided_is_none() {
    let app = App::empty()
        .router(RouterOptions::new())
        .topic("shop.no", async || {
            Err::<(), _>(CallError::new("shop.error.no"))
        })
        .topic("shop.slow", async || std::future::pending::<()>().await);
    let server = build(app);
    let (mut watcher, _) = enter(&server).await;
    let pattern = json!({"match": "prefix"});
    let meta = subscribe(&mut watcher, pattern, "wamp.subscription.").await;
    // It hears of its own subscription, which comes before the news of it.
    for topic in ["on_create", "on_subscribe"] {
        let heard = watcher.next().await;
        let topic = format!("wamp.subscription.{topic}");
        assert_eq!(
            (&heard[1], &heard[3]["topic"]),
            (&json!(meta), &json!(topic))
        );
    }
    let (mut client, _) = enter(&server).await;
    client.say(r#"[32,1,{},"shop.no"]"#).await;
    client.hears(json!([8, 32, 1, {}, "shop.error.no"])).await;
    client.say(r#"[32,2,{},"shop.slow"]"#).await;
    for topic in ["shop.no", "shop.slow"] {
        let answer = ask(&mut watcher, "wamp.subscription.lookup", json!([topic])).await;
        assert_eq!(result(&answer), &json!(null));
        let answer = ask(&mut watcher, "wamp.subscription.match", json!([topic])).await;
        assert_eq!(result(&answer), &json!(null));
    }
    client.vanish().await;
    watcher.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn subscribing_and_unsubscribing_are_events() {
    let server = router();
    let (mut watcher, _) = enter(&server).await;
    let mut topics = Vec::new();
    for topic in ["create", "subscribe", "unsubscribe", "delete"] {
        let topic = format!("wamp.subscription.on_{topic}");
        topics.push(subscribe(&mut watcher, json!({}), &topic).await);
        watcher.rest().await;
    }
    let (mut first, first_id) = enter(&server).await;
    let (mut second, second_id) = enter(&server).await;
    let news = subscribe(&mut first, json!({}), "shop.news").await;
    let details = json!({"id": news, "created": ANY, "uri": "shop.news", "match": "exact"});
    watcher
        .hears(event(topics[0], &json!([first_id, details])))
        .await;
    watcher
        .hears(event(topics[1], &json!([first_id, news])))
        .await;
    subscribe(&mut second, json!({}), "shop.news").await;
    watcher
        .hears(event(topics[1], &json!([second_id, news])))
        .await;
    subscribe(&mut second, json!({}), "shop.news").await;
    watcher.hears_nothing().await;
    first.say(json!([34, 1, news]).to_string()).await;
    first.hears(json!([35, 1])).await;
    watcher
        .hears(event(topics[2], &json!([first_id, news])))
        .await;
    second.goodbye().await;
    watcher
        .hears(event(topics[2], &json!([second_id, news])))
        .await;
    watcher
        .hears(event(topics[3], &json!([second_id, news])))
        .await;
    watcher.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn functions_of_the_application_are_subscribed_without_being_anybody() {
    let app = App::empty()
        .subscriber("shop.{kind}.sold", async || ())
        .router(RouterOptions::new());
    let server = build(app);
    let realm = server.realm("realm1").expect("the default realm");
    assert_eq!(realm.topics(), 0);
    let (mut watcher, _) = enter(&server).await;
    let answer = ask(&mut watcher, "wamp.subscription.list", json!([])).await;
    let local = result(&answer)["wildcard"][0].clone();
    assert!(local.is_u64(), "{answer}");
    for topic in ["wamp.subscription.on_delete", "wamp.subscription.on_create"] {
        subscribe(&mut watcher, json!({}), topic).await;
    }
    // It is told of its own subscription.
    watcher.rest().await;
    for (procedure, expected) in [
        ("wamp.subscription.list_subscribers", json!([])),
        ("wamp.subscription.count_subscribers", json!(0)),
    ] {
        let answer = ask(&mut watcher, procedure, json!([local])).await;
        assert_eq!(result(&answer), &expected, "{procedure}");
    }
    // A client that wants the same shares the subscription, which neither begins nor ends with it.
    let (mut client, _) = enter(&server).await;
    let options = json!({"match": "wildcard"});
    let shared = subscribe(&mut client, options, "shop..sold").await;
    assert_eq!(json!(shared), local);
    client.vanish().await;
    watcher.hears_nothing().await;
    let answer = ask(&mut watcher, "wamp.subscription.get", json!([local])).await;
    assert_eq!(result(&answer)["uri"], "shop..sold");
}

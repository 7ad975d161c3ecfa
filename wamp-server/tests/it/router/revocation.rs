//! Taking registrations and subscriptions away.

use wamp_server::{App, Call, RouterOptions, topic, topics};

use super::meta::{
    ask, ask_with, enter, error, event, nothing, register, result, subscribe, unruly,
};
use crate::support::{ANY, Client, Guard, Log, build, json, settle};

#[tokio::test(start_paused = true)]
async fn a_callee_is_removed_and_told_so() {
    let server = unruly();
    let (mut judge, _) = enter(&server).await;
    let (mut first, first_id) = enter(&server).await;
    let (mut second, second_id) = enter(&server).await;
    let shared = json!({"invoke": "first"});
    let id = register(&mut first, shared.clone(), "shop.price").await;
    register(&mut second, shared.clone(), "shop.price").await;
    let on_unregister = subscribe(&mut judge, json!({}), "wamp.registration.on_unregister").await;
    let on_delete = subscribe(&mut judge, json!({}), "wamp.registration.on_delete").await;

    // It may finish what it has begun.
    judge.say(r#"[48,1,{},"shop.price"]"#).await;
    first.hears(json!([68, 1, id, {}])).await;
    let why = json!({"reason": "shop.error.closed"});
    judge
        .say(
            json!([
                48,
                2,
                {},
                "wamp.registration.remove_callee",
                [id, first_id],
                why
            ])
            .to_string(),
        )
        .await;
    judge
        .hears(event(on_unregister, &json!([first_id, id])))
        .await;
    judge.hears(json!([50, 2, {}])).await;
    first
        .hears(json!([67, 0, {"registration": id, "reason": "shop.error.closed"}]))
        .await;
    first.say(r#"[70,1,{},[7]]"#).await;
    judge.hears(json!([50, 1, {}, [7]])).await;

    judge.say(r#"[48,3,{},"shop.price"]"#).await;
    second.hears(json!([68, 1, id, {}])).await;
    first.hears_nothing().await;
    let args = json!([id, first_id]);
    let answer = ask(&mut judge, "wamp.registration.remove_callee", args).await;
    assert_eq!(error(&answer), "wamp.error.no_such_session");
    // It is not its registration any more, but it may register anew.
    first.say(json!([66, 5, id]).to_string()).await;
    first
        .hears(json!([8, 66, 5, {}, "wamp.error.no_such_registration"]))
        .await;
    assert_eq!(register(&mut first, shared, "shop.price").await, id);
    first.say(json!([66, 6, id]).to_string()).await;
    first.hears(json!([67, 6])).await;
    judge
        .hears(event(on_unregister, &json!([first_id, id])))
        .await;

    // The reason by position.
    judge
        .say(
            json!([
                48,
                4,
                {},
                "wamp.registration.remove_callee",
                [id, second_id, "shop.error.last"]
            ])
            .to_string(),
        )
        .await;
    judge
        .hears(event(on_unregister, &json!([second_id, id])))
        .await;
    judge.hears(event(on_delete, &json!([second_id, id]))).await;
    judge.hears(json!([50, 4, {}])).await;
    second
        .hears(json!([67, 0, {"registration": id, "reason": "shop.error.last"}]))
        .await;
    judge.say(r#"[48,5,{},"shop.price"]"#).await;
    judge
        .hears(json!([8, 48, 5, {}, "wamp.error.no_such_procedure", [ANY]]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_is_removed_and_told_so() {
    let server = unruly();
    let (mut judge, _) = enter(&server).await;
    let (mut victim, victim_id) = enter(&server).await;
    let on_unsubscribe = subscribe(&mut judge, json!({}), "wamp.subscription.on_unsubscribe").await;
    let on_delete = subscribe(&mut judge, json!({}), "wamp.subscription.on_delete").await;
    let news = subscribe(&mut victim, json!({}), "shop.news").await;
    let why = json!({"reason": "shop.error.closed"});
    judge
        .say(
            json!([
                48,
                1,
                {},
                "wamp.subscription.remove_subscriber",
                [news, victim_id],
                why
            ])
            .to_string(),
        )
        .await;
    judge
        .hears(event(on_unsubscribe, &json!([victim_id, news])))
        .await;
    judge
        .hears(event(on_delete, &json!([victim_id, news])))
        .await;
    judge.hears(json!([50, 1, {}])).await;
    victim
        .hears(json!([35, 0, {"subscription": news, "reason": "shop.error.closed"}]))
        .await;
    judge.say(r#"[16,2,{},"shop.news",["x"]]"#).await;
    victim.hears_nothing().await;
    victim.say(json!([34, 5, news]).to_string()).await;
    victim
        .hears(json!([8, 34, 5, {}, "wamp.error.no_such_subscription"]))
        .await;
    let again = subscribe(&mut victim, json!({}), "shop.news").await;
    assert_ne!(again, news);
    judge.say(r#"[16,3,{},"shop.news",["y"]]"#).await;
    victim.hears(event(again, &json!(["y"]))).await;
}

#[tokio::test(start_paused = true)]
async fn who_does_not_understand_is_not_told() {
    let server = unruly();
    let (mut judge, _) = enter(&server).await;
    let mut victim = Client::connect(&server);
    let hello = r#"[1,"realm1",{"roles":{"caller":{},"callee":{},"subscriber":{}}}]"#;
    let victim_id = super::meta::greet(&mut victim, hello).await;
    let news = subscribe(&mut victim, json!({}), "shop.news").await;
    let price = register(&mut victim, json!({}), "shop.price").await;
    for (procedure, id) in [
        ("wamp.subscription.remove_subscriber", news),
        ("wamp.registration.remove_callee", price),
    ] {
        let answer = ask(&mut judge, procedure, json!([id, victim_id])).await;
        assert_eq!(answer, nothing());
    }
    judge.say(r#"[16,2,{},"shop.news"]"#).await;
    judge.say(r#"[48,1,{},"shop.price"]"#).await;
    judge
        .hears(json!([8, 48, 1, {}, "wamp.error.no_such_procedure", [ANY]]))
        .await;
    victim.hears_nothing().await;
}

#[topic("shop.feed")]
async fn feed(log: wamp_server::State<'_, Log>, call: &Call) -> Guard {
    log.guard(format!("feed of {}", call.request().expect("a request")))
}

#[topic("shop.stream")]
async fn stream(log: wamp_server::State<'_, Log>) -> impl futures_core::Stream<Item = u32> + use<> {
    let guard = log.guard("stream");
    futures_util::stream::unfold(guard, |guard| async move {
        std::future::pending::<()>().await;
        Some((1, guard))
    })
}

/// What a function holds for a subscription goes with it, at once and once.
#[tokio::test(start_paused = true)]
async fn what_a_topic_holds_is_dropped() {
    let log = Log::default();
    let options = RouterOptions::new().meta_control(true);
    let app = App::empty()
        .router(options)
        .topics(topics![feed, stream])
        .state(log.clone());
    let server = build(app);
    let (mut judge, _) = enter(&server).await;
    let (mut victim, victim_id) = enter(&server).await;
    let (mut other, _) = enter(&server).await;
    let feed = subscribe(&mut victim, json!({}), "shop.feed").await;
    subscribe(&mut other, json!({}), "shop.feed").await;
    let stream = subscribe(&mut victim, json!({}), "shop.stream").await;
    for (id, held) in [(feed, "drop feed of 700"), (stream, "drop stream")] {
        let args = json!([id, victim_id]);
        let answer = ask(&mut judge, "wamp.subscription.remove_subscriber", args).await;
        assert_eq!(answer, nothing());
        victim.hears(json!([35, 0, {"subscription": id}])).await;
        settle().await;
        assert_eq!(log.take(), [held]);
    }
    let answer = ask(
        &mut judge,
        "wamp.subscription.list_subscribers",
        json!([feed]),
    )
    .await;
    assert_eq!(result(&answer).as_array().map(Vec::len), Some(1));
    // It may subscribe again, and is asked again.
    assert_eq!(subscribe(&mut victim, json!({}), "shop.feed").await, feed);
    victim.say(json!([34, 1, feed]).to_string()).await;
    victim.hears(json!([35, 1])).await;
    assert_eq!(log.take(), ["drop feed of 700"]);
    victim.vanish().await;
    assert!(log.take().is_empty());
    other.vanish().await;
    assert_eq!(log.take(), ["drop feed of 700"]);
}

/// The SUBSCRIBE comes while the session does not know yet.
#[tokio::test(start_paused = true)]
async fn subscribing_again_while_it_is_taken_away_is_a_new_subscription() {
    let log = Log::default();
    let options = RouterOptions::new().meta_control(true);
    let app = App::empty()
        .router(options)
        .topics(topics![feed])
        .state(log.clone());
    let server = build(app);
    let (mut victim, victim_id) = enter(&server).await;
    let news = subscribe(&mut victim, json!({}), "shop.feed").await;
    // Its own call is answered, and what follows it is read, before the session looks after itself.
    victim
        .say(
            json!([
                48,
                1,
                {},
                "wamp.subscription.remove_subscriber",
                [news, victim_id]
            ])
            .to_string(),
        )
        .await;
    victim.say(r#"[32,2,{},"shop.feed"]"#).await;
    victim.hears(json!([35, 0, {"subscription": news}])).await;
    victim.hears(json!([50, 1, {}])).await;
    let subscribed = victim.next().await;
    assert_eq!((&subscribed[0], &subscribed[1]), (&json!(33), &json!(2)));
    assert_ne!(subscribed[2], json!(news));
    settle().await;
    assert_eq!(log.take(), ["drop feed of 700"]);
    let answer = ask(
        &mut victim,
        "wamp.subscription.list_subscribers",
        json!([subscribed[2]]),
    )
    .await;
    assert_eq!(result(&answer), &json!([victim_id]));
}

#[tokio::test(start_paused = true)]
async fn bad_revocations_get_errors() {
    let app = App::empty()
        .router(RouterOptions::new().meta_control(true))
        .procedure("math.add", async |a: i64, b: i64| a + b);
    let server = build(app);
    let (mut client, id) = enter(&server).await;
    let news = subscribe(&mut client, json!({}), "shop.news").await;
    let price = register(&mut client, json!({}), "shop.price").await;
    let answer = ask(&mut client, "wamp.registration.match", json!(["math.add"])).await;
    let local = result(&answer).clone();
    let invalid = "wamp.error.invalid_argument";
    let no_such_session = "wamp.error.no_such_session";
    for (procedure, args, kwargs, expected) in [
        (
            "registration.remove_callee",
            json!([4711, id]),
            json!({}),
            "wamp.error.no_such_registration",
        ),
        (
            "registration.remove_callee",
            json!([price, 4711]),
            json!({}),
            no_such_session,
        ),
        (
            "registration.remove_callee",
            json!([local, id]),
            json!({}),
            no_such_session,
        ),
        (
            "registration.remove_callee",
            json!([price]),
            json!({}),
            invalid,
        ),
        (
            "registration.remove_callee",
            json!([price, id, "a b"]),
            json!({}),
            "wamp.error.invalid_uri",
        ),
        (
            "registration.remove_callee",
            json!([price, id]),
            json!({"reason": "a b"}),
            "wamp.error.invalid_uri",
        ),
        (
            "registration.remove_callee",
            json!([price, id]),
            json!({"reason": []}),
            invalid,
        ),
        (
            "subscription.remove_subscriber",
            json!([4711, id]),
            json!({}),
            "wamp.error.no_such_subscription",
        ),
        (
            "subscription.remove_subscriber",
            json!([news, 4711]),
            json!({}),
            no_such_session,
        ),
        (
            "subscription.remove_subscriber",
            json!([]),
            json!({}),
            invalid,
        ),
        (
            "subscription.remove_subscriber",
            json!([news, id, 7]),
            json!({}),
            invalid,
        ),
        (
            "subscription.remove_subscriber",
            json!([news, id]),
            json!({"reason": ""}),
            "wamp.error.invalid_uri",
        ),
    ] {
        let procedure = format!("wamp.{procedure}");
        let answer = ask_with(&mut client, &procedure, args.clone(), kwargs.clone()).await;
        assert_eq!(error(&answer), expected, "{procedure} {args} {kwargs}");
    }
    client.hears_nothing().await;
}

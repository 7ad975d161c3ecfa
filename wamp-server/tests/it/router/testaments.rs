//! What a session leaves when it ends.

use serde_json::Value;
use wamp_server::history::{EventQuery, EventStore, Found, Match, StoredEvent};
use wamp_server::{App, RouterOptions};

use super::calls::router;
use super::meta::{ask_with, enter, error, event, nothing, register, subscribe, unruly};
use crate::support::{ANY, Client, Log, build, json, settle};

pub(super) const ADD: &str = "wamp.session.add_testament";

/// Adds one, which works.
pub(super) async fn leave(client: &mut Client, args: Value, kwargs: Value) {
    let answer = ask_with(client, ADD, args, kwargs).await;
    assert_eq!(answer, nothing());
}

#[tokio::test(start_paused = true)]
async fn testaments_are_published_however_a_session_ends() {
    let server = unruly();
    let (mut heir, _) = enter(&server).await;
    let words = subscribe(&mut heir, json!({}), "last.words").await;
    for end in ["goodbye", "abort", "violation", "gone", "cut", "killed"] {
        let (mut client, id) = enter(&server).await;
        leave(
            &mut client,
            json!(["last.words", [end, 1], {"k": [true]}]),
            json!({}),
        )
        .await;
        heir.hears_nothing().await;
        match end {
            "goodbye" => client.goodbye().await,
            "abort" => client.say(r#"[3,{},"wamp.error.whatever"]"#).await,
            "violation" => client.say("[1]").await,
            "gone" => client.vanish().await,
            "cut" => client.cut_off().await,
            _ => {
                heir.say(json!([48, 1, {}, "wamp.session.kill", [id]]).to_string())
                    .await;
            }
        }
        heir.hears(json!([36, words, ANY, {}, [end, 1], {"k": [true]}]))
            .await;
        if end == "killed" {
            heir.hears(json!([50, 1, {}])).await;
        }
        heir.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn testaments_are_published_when_the_server_shuts_down() {
    let server = router();
    let (mut heir, _) = enter(&server).await;
    let words = subscribe(&mut heir, json!({}), "last.words").await;
    // The heir has something to finish, so it is there until then.
    register(&mut heir, json!({}), "shop.price").await;
    let (mut caller, _) = enter(&server).await;
    caller.say(r#"[48,1,{},"shop.price"]"#).await;
    heir.hears(json!([68, 1, ANY, {}])).await;
    let (mut client, _) = enter(&server).await;
    leave(&mut client, json!(["last.words", ["bye"]]), json!({})).await;
    let shutdown = tokio::spawn({
        let server = server.clone();
        async move { server.shutdown().await }
    });
    client
        .hears(json!([6, {"message": ANY}, "wamp.close.system_shutdown"]))
        .await;
    heir.hears(event(words, &json!(["bye"]))).await;
    drop(shutdown);
}

#[tokio::test(start_paused = true)]
async fn the_detached_come_before_the_destroyed_each_in_their_order() {
    let server = router();
    let (mut heir, _) = enter(&server).await;
    let words = subscribe(&mut heir, json!({}), "last.words").await;
    let (mut client, _) = enter(&server).await;
    for (word, scope) in [
        (1, json!({})),
        (2, json!({"scope": "detached"})),
        (3, json!({"scope": "destroyed"})),
        (4, json!({"scope": "detached"})),
        (5, json!({"scope": null})),
    ] {
        leave(&mut client, json!(["last.words", [word]]), scope).await;
    }
    client.vanish().await;
    for word in [2, 4, 1, 3, 5] {
        heir.hears(event(words, &json!([word]))).await;
    }
    heir.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_flushed_is_not_published() {
    let server = router();
    let (mut heir, _) = enter(&server).await;
    let words = subscribe(&mut heir, json!({}), "last.words").await;
    for (flush, left) in [
        (json!({}), vec!["detached"]),
        (json!({"scope": "destroyed"}), vec!["detached"]),
        (json!({"scope": "detached"}), vec!["destroyed"]),
    ] {
        let (mut client, _) = enter(&server).await;
        let answer = ask_with(
            &mut client,
            "wamp.session.flush_testaments",
            json!([]),
            flush.clone(),
        )
        .await;
        assert_eq!(answer, nothing(), "there may be none");
        for scope in ["destroyed", "detached"] {
            leave(
                &mut client,
                json!(["last.words", [scope]]),
                json!({"scope": scope}),
            )
            .await;
        }
        let answer = ask_with(
            &mut client,
            "wamp.session.flush_testaments",
            json!([]),
            flush.clone(),
        )
        .await;
        assert_eq!(answer, nothing());
        client.vanish().await;
        for scope in left {
            heir.hears(event(words, &json!([scope]))).await;
        }
        heir.hears_nothing().await;
    }
    let (mut client, _) = enter(&server).await;
    let flush = json!({"scope": "both"});
    let answer = ask_with(
        &mut client,
        "wamp.session.flush_testaments",
        json!([]),
        flush,
    )
    .await;
    assert_eq!(error(&answer), "wamp.error.invalid_argument");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_session_has_an_order() {
    let server = router();
    let (mut watcher, _) = enter(&server).await;
    let mut topics = Vec::new();
    for topic in [
        "wamp.registration.on_unregister",
        "wamp.registration.on_delete",
        "wamp.subscription.on_unsubscribe",
        "wamp.subscription.on_delete",
        "wamp.session.on_leave",
        "last.words",
    ] {
        topics.push(subscribe(&mut watcher, json!({}), topic).await);
    }
    let (mut client, id) = enter(&server).await;
    leave(&mut client, json!(["last.words", ["destroyed"]]), json!({})).await;
    leave(
        &mut client,
        json!(["last.words", ["detached"]]),
        json!({"scope": "detached"}),
    )
    .await;
    let price = register(&mut client, json!({}), "shop.price").await;
    let news = subscribe(&mut client, json!({}), "shop.news").await;
    // It is subscribed to all of it as well, and hears nothing of it.
    subscribe(&mut client, json!({"match": "prefix"}), "").await;
    client.rest().await;
    watcher.say(r#"[48,1,{},"shop.price"]"#).await;
    client.hears(json!([68, 1, price, {}])).await;
    client.goodbye().await;
    client.hears_nothing().await;

    watcher
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled", [ANY]]))
        .await;
    watcher.hears(event(topics[5], &json!(["detached"]))).await;
    watcher.hears(event(topics[5], &json!(["destroyed"]))).await;
    watcher.hears(event(topics[0], &json!([id, price]))).await;
    watcher.hears(event(topics[1], &json!([id, price]))).await;
    // The newest first.
    watcher.hears(event(topics[2], &json!([id, ANY]))).await;
    watcher.hears(event(topics[3], &json!([id, ANY]))).await;
    watcher.hears(event(topics[2], &json!([id, news]))).await;
    watcher.hears(event(topics[3], &json!([id, news]))).await;
    watcher
        .hears(event(topics[4], &json!([id, ANY, "anonymous"])))
        .await;
    watcher.hears_nothing().await;
}

/// They run in the session that publishes, and that is over.
#[tokio::test(start_paused = true)]
async fn functions_do_not_hear_testaments() {
    let log = Log::default();
    let heard = log.clone();
    let app = App::empty()
        .router(RouterOptions::new())
        .subscriber("last.words", move || {
            let heard = heard.clone();
            async move { heard.note("heard") }
        });
    let server = build(app);
    let (mut client, _) = enter(&server).await;
    client.say(r#"[16,1,{},"last.words"]"#).await;
    settle().await;
    assert_eq!(log.take(), ["heard"]);
    leave(&mut client, json!(["last.words"]), json!({})).await;
    client.vanish().await;
    assert!(log.take().is_empty());
}

/// Whoever is not there any more when it is his turn gets nothing, not even his own.
#[tokio::test(start_paused = true)]
async fn nobody_hears_his_own_testament() {
    let server = router();
    let (mut client, _) = enter(&server).await;
    subscribe(&mut client, json!({}), "last.words").await;
    let options = json!({"publish_options": {"exclude_me": false}});
    leave(&mut client, json!(["last.words", ["mine"]]), options).await;
    client.goodbye().await;
    client.hears_nothing().await;
}

/// A store that cannot bear last words.
struct Sensitive;

impl EventStore for Sensitive {
    fn append(&self, event: StoredEvent) {
        assert!(event.topic != "last.words", "oh no");
    }

    fn query(&self, _: EventQuery) -> Found {
        Box::pin(async { Ok(Vec::new()) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_testament_that_fails_keeps_nothing_from_ending() {
    let options = RouterOptions::new().history(Sensitive, [("last.", Match::Prefix)]);
    let server = build(App::empty().router(options));
    let (mut heir, _) = enter(&server).await;
    let wish = subscribe(&mut heir, json!({}), "last.wish").await;
    let on_leave = subscribe(&mut heir, json!({}), "wamp.session.on_leave").await;
    for cut in [false, true] {
        let (mut client, id) = enter(&server).await;
        leave(&mut client, json!(["last.words"]), json!({})).await;
        leave(&mut client, json!(["last.wish", ["bye"]]), json!({})).await;
        match cut {
            false => client.goodbye().await,
            true => client.cut_off().await,
        }
        heir.hears(event(wish, &json!(["bye"]))).await;
        heir.hears(event(on_leave, &json!([id, ANY, ANY]))).await;
    }
    assert_eq!(server.stats().panics, 2);
    assert_eq!(server.stats().sessions, 1);
}

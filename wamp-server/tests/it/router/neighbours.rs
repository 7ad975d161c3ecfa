//! What sessions do to each other without meaning to: bursts, rights, names, and what is left of them.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use wamp_server::permission::{Permissions, Rule};
use wamp_server::{App, Limits, RouterOptions, Session};

use super::calls::{join, router};
use super::support::{callee_of, join_as, join_named, named, refused, register, say, subscribe};
use crate::support::{ANY, build, json, settle};

#[tokio::test(start_paused = true)]
async fn bursts_cost_nobody_who_reads_his_session() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "p").await;
    let big = "x".repeat(80 * 1024);
    let reading = tokio::spawn(async move {
        for _ in 0..60 {
            let invocation = callee.next().await;
            assert_eq!(invocation[0], 68, "{}", invocation[0]);
            say(&mut callee, json!([70, invocation[1], {}])).await;
        }
        callee
    });
    for request in 1..=60 {
        say(&mut caller, json!([48, request, {}, "p", [big]])).await;
    }
    let answers = caller.rest().await;
    assert!(answers.iter().all(|it| it[0] == 50), "{answers:?}");
    assert_eq!(answers.len(), 60);

    // And back: a burst of progress.
    let mut callee = reading.await.expect("the callee is still there");
    let progress = json!({"receive_progress": true});
    say(&mut caller, json!([48, 61, progress, "p"])).await;
    assert_eq!(callee.next().await[1], 61);
    let reading = tokio::spawn(async move {
        for _ in 0..60 {
            assert_eq!(caller.next().await[2], json!({"progress": true}));
        }
        caller
    });
    for _ in 0..60 {
        say(&mut callee, json!([70, 61, {"progress": true}, [big]])).await;
    }
    say(&mut callee, json!([70, 61, {}, ["end"]])).await;
    let mut caller = reading.await.expect("the caller is still there");
    caller.hears(json!([50, 61, {}, ["end"]])).await;
    assert_eq!(server.stats().slow_consumers, 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_offers_a_pattern_does_not_get_calls_that_he_may_not_offer() {
    let permissions = Permissions::new()
        .role(
            "shop",
            [
                Rule::prefix("shop.").register(),
                Rule::exact("shop.pay").call(),
            ],
        )
        .role("user", [Rule::prefix("shop.").call()]);
    let app = named().permissions(permissions);
    let server = build(app.router(RouterOptions::new()));
    let (mut shop, _) = join_named(&server, "shop").await;
    let (mut user, _) = join_named(&server, "user").await;
    let nobody = "wamp.error.no_available_callee";
    refused(
        &mut shop,
        json!([64, 1, {}, "shop.pay"]),
        "wamp.error.not_authorized",
    )
    .await;
    register(&mut shop, 2, json!({"match": "prefix"}), "shop.").await;
    refused(&mut user, json!([48, 1, {}, "shop.pay", ["card"]]), nobody).await;
    say(&mut user, json!([48, 2, {}, "shop.look"])).await;
    shop.hears(json!([68, 1, ANY, {"procedure": "shop.look"}]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_speaks_in_the_routers_name() {
    let server = router();
    let (mut publisher, mut subscriber) = (join(&server).await, join(&server).await);
    subscribe(&mut subscriber, 1, json!({}), "t").await;
    let options = json!({"_dropped": "x", "_mine": 1});
    say(&mut publisher, json!([16, 1, options, "t"])).await;
    subscriber.hears(json!([36, ANY, ANY, {"_mine": 1}])).await;
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_lacks_something_leaves_the_call_to_others() {
    let server = router();
    let (mut plain, _) = join_as(&server, callee_of(&[])).await;
    let (mut able, mut caller) = (join(&server).await, join(&server).await);
    let first = json!({"invoke": "first"});
    register(&mut plain, 1, first.clone(), "p").await;
    let more = json!({"progress": true});
    let unsupported = "wamp.error.feature_not_supported";
    refused(&mut caller, json!([48, 1, more, "p"]), unsupported).await;
    register(&mut able, 1, first, "p").await;
    say(&mut caller, json!([48, 2, more, "p"])).await;
    able.hears(json!([68, 1, ANY, more])).await;
    plain.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_with_a_key_is_for_one_who_may_have_it() {
    let server = router();
    let (mut publisher, mut other) = (join(&server).await, join(&server).await);
    subscribe(&mut publisher, 1, json!({"nkey": "a"}), "t").await;
    subscribe(&mut other, 1, json!({"nkey": "b"}), "t").await;
    // The publisher does not get his own events, so all are for the other one.
    for request in 2..=21 {
        say(
            &mut publisher,
            json!([16, request, {"rkey": request}, "t", [request]]),
        )
        .await;
        other.hears(json!([36, ANY, ANY, {}, [request]])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn busy_functions_keep_no_event_from_sessions() {
    let limits = Limits {
        max_pending_calls: 4,
        ..Limits::default()
    };
    let app = App::empty()
        .limits(limits)
        .subscriber("t", async |_: u64| std::future::pending::<()>().await);
    let server = build(app.router(RouterOptions::new()));
    let (mut publisher, mut other) = (join(&server).await, join(&server).await);
    subscribe(&mut other, 1, json!({}), "t").await;
    for request in 1..=8 {
        say(&mut publisher, json!([16, request, {}, "t", [request]])).await;
        other.hears(json!([36, ANY, ANY, {}, [request]])).await;
    }
    assert_eq!(server.stats().dropped_publications, 4);
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_is_about_to_leave_is_not_called() {
    let app = App::empty().procedure("slow", async || {
        tokio::time::sleep(Duration::from_secs(5)).await;
    });
    let server = build(app.router(RouterOptions::new()));
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "p").await;
    say(&mut callee, json!([48, 2, {}, "slow"])).await;
    settle().await;
    let realm = server.realm("realm1").expect("the default realm").clone();
    let stopping = tokio::spawn({
        let server = server.clone();
        async move { server.shutdown().await }
    });
    settle().await;
    let error = realm.call("p").await.expect_err("it is leaving");
    assert_eq!(error.uri(), "wamp.error.no_available_callee");
    tokio::time::sleep(Duration::from_secs(5)).await;
    callee.hears(json!([50, 2, {}])).await;
    assert_eq!(callee.next().await[0], 6);
    drop((callee, caller.next().await));
    stopping.await.expect("no panic");
}

#[tokio::test(start_paused = true)]
async fn a_session_of_the_server_ends_with_its_call() {
    let kept = Arc::new(Mutex::new(None::<Session>));
    let keep = Arc::clone(&kept);
    let app = App::empty().procedure("keep", move |session: Session| {
        *keep.lock().expect("no panic") = Some(session);
        async {}
    });
    let server = build(app.router(RouterOptions::new()));
    let realm = server.realm("realm1").expect("the default realm");
    realm.call("keep").await.expect("it is kept");
    let session = kept.lock().expect("no panic").take().expect("a session");
    assert!(!session.is_open());
    session.ended().await;
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_cannot_be_told_keeps_no_session_that_has_left() {
    let kept = Arc::new(Mutex::new(Weak::<u8>::new()));
    let keep = Arc::clone(&kept);
    let app = App::empty().procedure("keep", move |session: Session| {
        let value = Arc::new(7_u8);
        *keep.lock().expect("no panic") = Arc::downgrade(&value);
        session.data().insert(value);
        async {}
    });
    let server = build(app.router(RouterOptions::new()));
    let (mut callee, _) = join_as(&server, callee_of(&[])).await;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join(&server).await;
    say(&mut caller, json!([48, 1, {}, "keep"])).await;
    caller.hears(json!([50, 1, {}])).await;
    say(&mut caller, json!([48, 2, {}, "p"])).await;
    callee.hears(json!([68, 1, ANY, {}])).await;
    assert!(kept.lock().expect("no panic").upgrade().is_some());
    caller.vanish().await;
    // Tables without locks give their memory back when others use them.
    for _ in 0..200 {
        join(&server).await.vanish().await;
    }
    assert!(kept.lock().expect("no panic").upgrade().is_none());
    say(&mut callee, json!([70, 1, {}])).await;
    callee.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_callee_says_of_its_procedure_is_told() {
    let server = router();
    let (mut callee, mut other) = (join(&server).await, join(&server).await);
    let description = json!({"_description": {"text": "adds", "arguments": 2}});
    let id = register(&mut callee, 1, description, "p").await;
    say(
        &mut other,
        json!([48, 1, {}, "wamp.registration.get", [id]]),
    )
    .await;
    let details = other.next().await;
    assert_eq!(
        details[3][0]["_description"],
        json!({"text": "adds", "arguments": 2})
    );
}

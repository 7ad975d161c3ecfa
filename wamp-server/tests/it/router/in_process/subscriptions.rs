//! Events for server code.

use futures_util::{FutureExt as _, StreamExt as _};
use wamp_server::realm::{Event, Subscription};
use wamp_server::{App, Limits, RouterOptions};

use super::*;
use crate::support::{build, nothing_is_left, settle};

/// The next event, which has come already.
#[track_caller]
fn event(events: &mut Subscription) -> Event {
    events
        .next()
        .now_or_never()
        .expect("it has come")
        .expect("it goes on")
}

#[track_caller]
fn nothing(events: &mut Subscription) {
    assert!(events.next().now_or_never().is_none(), "nothing has come");
}

#[tokio::test(start_paused = true)]
async fn server_code_hears_what_clients_and_the_server_publish() {
    let server = router();
    let mut client = join(&server).await;
    let mut events = realm(&server).subscribe("news").expect("a URI");
    assert_eq!(events.topic(), "news");
    client
        .say(r#"[16,1,{"disclose_me":true,"_trace":"x"},"news",["a",1],{"k":2}]"#)
        .await;
    client.say(r#"[16,2,{},"other",["b"]]"#).await;
    settle().await;
    let heard = event(&mut events);
    assert_eq!(heard.topic(), "news");
    assert_eq!(
        heard.decode::<(String, u8)>().expect("a tuple"),
        ("a".into(), 1)
    );
    assert_eq!(heard.args::<(String, u8)>().expect("a tuple").1, 1);
    let kwargs = heard.kwargs::<serde_json::Value>().expect("a map");
    assert_eq!(kwargs, json!({"k": 2}));
    assert!(heard.decode::<u8>().is_err());
    assert!(heard.details().publisher.is_some());
    assert!(heard.details().unknown.get("_trace").is_some());
    assert_eq!(heard.dropped(), 0);
    nothing(&mut events);

    let published = realm(&server).publish("news", "c").expect("it can be sent");
    assert_eq!(published.receivers, 0, "no session is subscribed");
    let heard = event(&mut events);
    assert_eq!(heard.publication(), published.id);
    assert_eq!(heard.decode::<String>().expect("a text"), "c");
    assert!(heard.details().publisher.is_none());
}

#[tokio::test(start_paused = true)]
async fn patterns_match_as_they_do_for_clients() {
    let server = router();
    let realm = realm(&server);
    let mut prefix = realm
        .subscription("weather.v")
        .prefix()
        .open()
        .expect("a pattern");
    let mut wildcard = realm
        .subscription("weather..today")
        .wildcard()
        .open()
        .expect("a pattern");
    for topic in [
        "weather.vienna.today",
        "weather.paris.today",
        "weather.venice",
        "sports",
    ] {
        realm.publish(topic, topic).expect("it can be sent");
    }
    let topics = |events: &mut Subscription| {
        let mut topics = Vec::new();
        while let Some(heard) = events.next().now_or_never() {
            let heard = heard.expect("it goes on");
            assert_eq!(heard.decode::<String>().expect("a text"), heard.topic());
            topics.push(heard.topic().to_owned());
        }
        topics
    };
    assert_eq!(
        topics(&mut prefix),
        ["weather.vienna.today", "weather.venice"]
    );
    assert_eq!(
        topics(&mut wildcard),
        ["weather.vienna.today", "weather.paris.today"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_no_uri_cannot_be_subscribed_to() {
    let server = router();
    let realm = realm(&server);
    assert!(realm.subscribe("").is_err());
    assert!(realm.subscribe("a..b").is_err());
    assert!(realm.subscribe("a b").is_err());
    assert!(realm.subscription("a b").prefix().open().is_err());
    assert!(realm.subscription("a. b").wildcard().open().is_err());
    assert!(realm.subscribe("a.".repeat(5000) + "b").is_err());
    assert_eq!(realm.topics(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_read_in_time_is_dropped_and_counted() {
    let server = router();
    let mut client = join(&server).await;
    let mut events = realm(&server)
        .subscription("n")
        .buffer(3)
        .open()
        .expect("a URI");
    for i in 0..10 {
        client
            .say(json!([16, i + 1, {"acknowledge": true}, "n", [i]]).to_string())
            .await;
        client.hears(json!([17, i + 1, ANY])).await;
    }
    let read = |events: &mut Subscription| {
        let heard = event(events);
        (heard.decode::<u64>().expect("a number"), heard.dropped())
    };
    assert_eq!(read(&mut events), (7, 7));
    assert_eq!(read(&mut events), (8, 0));
    realm(&server).publish("n", 10).expect("it can be sent");
    realm(&server).publish("n", 11).expect("it can be sent");
    realm(&server).publish("n", 12).expect("it can be sent");
    assert_eq!(read(&mut events), (10, 1));
    assert_eq!(read(&mut events), (11, 0));
    assert_eq!(read(&mut events), (12, 0));
    nothing(&mut events);
}

#[tokio::test(start_paused = true)]
async fn events_that_wait_are_bounded_in_bytes() {
    let limits = Limits {
        outbound_soft: 500,
        outbound_hard: 1000,
        ..Limits::default()
    };
    let server = build(App::empty().limits(limits));
    let mut events = realm(&server).subscribe("n").expect("a URI");
    for _ in 0..5 {
        realm(&server)
            .publish("n", "x".repeat(400))
            .expect("it can be sent");
    }
    assert_eq!(event(&mut events).dropped(), 3);
    assert_eq!(event(&mut events).dropped(), 0);
    // One is kept, however long it is.
    realm(&server)
        .publish("n", "x".repeat(4000))
        .expect("it can be sent");
    assert_eq!(event(&mut events).dropped(), 0);
    nothing(&mut events);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_of_it() {
    let server = router();
    let mut witness = join(&server).await;
    for (i, change) in ["unsubscribe", "delete", "subscribe", "create"]
        .into_iter()
        .enumerate()
    {
        let topic = format!("wamp.subscription.on_{change}");
        witness.say(json!([32, i + 1, {}, topic]).to_string()).await;
        // It hears of its own.
        witness.rest().await;
    }
    let first = realm(&server).subscribe("news").expect("a URI");
    let second = realm(&server).subscribe("news").expect("a URI");
    assert_eq!(realm(&server).sessions().len(), 1);
    drop(first);
    witness.hears_nothing().await;
    // Sessions come and go as if there were none.
    let mut client = join(&server).await;
    let id = client.subscribe(1, "news").await;
    assert_eq!(witness.next().await[4][1]["uri"], "news");
    assert_eq!(witness.next().await[4][1], id);
    client.vanish().await;
    assert_eq!(witness.rest().await.len(), 2);
    drop(second);
    witness.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn the_server_hears_what_the_router_tells() {
    let server = router();
    let mut events = realm(&server)
        .subscribe("wamp.session.on_join")
        .expect("a URI");
    let (_client, session) = callee(&server, &[]).await;
    let heard = event(&mut events)
        .decode::<serde_json::Value>()
        .expect("a value");
    assert_eq!(heard["session"], session.id().get());
}

#[tokio::test(start_paused = true)]
async fn handlers_of_topics_do_not_decide_for_the_server() {
    let app = App::empty()
        .router(RouterOptions::new())
        .topic("secret", async || Err::<(), _>(CallError::not_authorized()));
    let server = build(app);
    let mut exact = realm(&server).subscribe("secret").expect("a URI");
    let mut prefix = realm(&server)
        .subscription("sec")
        .prefix()
        .open()
        .expect("a pattern");
    realm(&server).publish("secret", 1).expect("it can be sent");
    assert_eq!(event(&mut exact).topic(), "secret");
    assert_eq!(event(&mut prefix).topic(), "secret");
}

#[tokio::test(start_paused = true)]
async fn what_is_for_certain_sessions_is_not_for_the_server() {
    let server = router();
    let mut client = join(&server).await;
    let mut events = realm(&server).subscribe("news").expect("a URI");
    client
        .say(r#"[16,1,{"eligible":[1,2,3]},"news",["a"]]"#)
        .await;
    client
        .say(r#"[16,2,{"eligible_authrole":["anonymous"]},"news",["b"]]"#)
        .await;
    client
        .say(r#"[16,3,{"exclude":[1,2,3]},"news",["c"]]"#)
        .await;
    settle().await;
    realm(&server)
        .publication("news")
        .eligible_authid(["x"])
        .send("d")
        .expect("it can be sent");
    assert_eq!(event(&mut events).decode::<String>().expect("a text"), "c");
    nothing(&mut events);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_wakes_whoever_waits() {
    let server = build(App::empty());
    let events = realm(&server).subscribe("n").expect("a URI");
    let sum = tokio::spawn(async move {
        let numbers = events
            .take(3)
            .map(|it| it.decode::<u64>().expect("a number"));
        numbers.collect::<Vec<_>>().await
    });
    for i in 0..3 {
        settle().await;
        realm(&server).publish("n", i).expect("it can be sent");
    }
    assert_eq!(sum.await.expect("it does not panic"), [0, 1, 2]);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn subscriptions_end_with_the_server() {
    let server = router();
    let mut events = realm(&server).subscribe("n").expect("a URI");
    realm(&server).publish("n", 1).expect("it can be sent");
    server.shutdown().await;
    assert_eq!(event(&mut events).decode::<u8>().expect("a number"), 1);
    assert!(events.next().await.is_none());
    let mut late = realm(&server).subscribe("n").expect("a URI");
    assert!(late.next().await.is_none());
}

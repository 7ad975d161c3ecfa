//! Events that come, and events that do not.

use tokio::time::Instant;
use wamp_server::client::Match;
use wamp_server::test::TestClient;

use crate::support::{SECOND, panic_of, realm};

async fn publish(client: &TestClient, topic: &str, value: i64) {
    let published = client.publish(topic.to_owned()).arg(value).acknowledge();
    published.await.expect("the router agrees");
}

#[tokio::test(start_paused = true)]
async fn an_event_is_expected_before_or_after_it_comes() {
    let realm = realm();
    let (ann, bob) = (realm.client().await, realm.client().await);
    bob.listen("news").await;
    publish(&ann, "news", 1).await;
    let event = bob.expect_event("news", SECOND).await;
    assert_eq!((event.topic(), event.decode::<i64>().unwrap()), ("news", 1));

    let later = async {
        tokio::time::sleep(SECOND / 2).await;
        publish(&ann, "news", 2).await;
    };
    let (event, ()) = tokio::join!(bob.expect_event("news", SECOND), later);
    assert_eq!(event.decode::<i64>().unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_is_not_subscribed_is_then() {
    let realm = realm();
    let (ann, bob) = (realm.client().await, realm.client().await);
    let publishing = async {
        realm.wait_for_subscription("news").await;
        publish(&ann, "news", 1).await;
    };
    let (event, ()) = tokio::join!(bob.expect_event("news", SECOND), publishing);
    assert_eq!(event.decode::<i64>().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn any_subscription_that_fits_will_do() {
    let realm = realm();
    let (ann, bob) = (realm.client().await, realm.client().await);
    let mut own = bob
        .subscribe("news.")
        .matching(Match::Prefix)
        .await
        .unwrap();
    publish(&ann, "news.vienna", 1).await;
    let event = bob.expect_event("news.vienna", SECOND).await;
    assert_eq!(event.topic(), "news.vienna");
    assert_eq!(own.next().await.unwrap().decode::<i64>().unwrap(), 1);
    bob.listen("news.linz").await;
    realm.wait_for_subscriptions(1).await;

    own.unsubscribe().await.unwrap();
    bob.listen("news.linz").await;
    realm.wait_for_subscription("news.linz").await;
}

#[tokio::test(start_paused = true)]
async fn events_of_a_topic_keep_their_order_and_those_of_others_stay() {
    let realm = realm();
    let (ann, bob) = (realm.client().await, realm.client().await);
    bob.listen("news").await;
    bob.listen("other").await;
    for number in 0..3 {
        publish(&ann, "news", number).await;
        publish(&ann, "other", number).await;
    }
    let events = bob.collect("news", 2).await;
    let numbers = events.iter().map(|it| it.decode::<i64>().unwrap());
    assert_eq!(numbers.collect::<Vec<_>>(), [0, 1]);
    assert_eq!(bob.collect("other", 3).await.len(), 3);
    let last = bob.expect_event("news", SECOND).await;
    assert_eq!(last.decode::<i64>().unwrap(), 2);
    bob.expect_no_event(SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_event_is_told_with_what_came_instead() {
    let realm = realm();
    let (ann, bob) = (realm.client().await, realm.client().await);
    bob.listen("other").await;
    publish(&ann, "other", 7).await;
    let begin = Instant::now();
    let panic = panic_of(bob.expect_event("news", SECOND)).await;
    assert_eq!(begin.elapsed(), SECOND);
    let expected = [
        "events.rs:",
        ": no event of `news` within 1s\nevents that were not expected:\n  ← [36,1,",
        ",{},[7]]\nthe last messages:\n  → [1,\"realm1\",",
        "  → [32,2,{},\"news\"]\n  ← [33,2,2]\n",
        "The client has subscribed to it only now: `listen` does it before.",
    ];
    for part in expected {
        assert!(panic.contains(part), "{part:?} is not in:\n{panic}");
    }
    let panic = panic_of(bob.expect_event("news", SECOND)).await;
    assert!(!panic.contains("only now"), "{panic}");
}

#[tokio::test(start_paused = true)]
async fn too_few_events_are_told() {
    let realm = realm();
    let (ann, bob) = (realm.client().await, realm.client().await);
    bob.listen("news").await;
    publish(&ann, "news", 7).await;
    let panic = panic_of(bob.collect("news", 2)).await;
    assert!(
        panic.contains(": not 2 events of `news` within 5s"),
        "{panic}"
    );
    assert_eq!(bob.collect("news", 1).await.len(), 1, "it is still there");
}

#[tokio::test(start_paused = true)]
async fn an_event_that_should_not_come_is_told() {
    let realm = realm();
    let (ann, bob) = (realm.client().await, realm.client().await);
    bob.listen("news").await;
    bob.expect_no_event(SECOND).await;
    let later = async {
        tokio::time::sleep(SECOND / 2).await;
        publish(&ann, "news", 7).await;
    };
    let (panic, ()) = tokio::join!(panic_of(bob.expect_no_event(SECOND)), later);
    assert!(
        panic.contains(": an event of `news` has come: ← [36,1,"),
        "{panic}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_refused_is_told() {
    let app = wamp_server::App::empty();
    let client = wamp_server::test::TestRealm::new(app).client().await;
    let panic = panic_of(client.listen("no uri")).await;
    assert!(
        panic.contains(": cannot subscribe to `no uri`: wamp.error."),
        "{panic}"
    );
}

#[tokio::test(start_paused = true)]
async fn events_go_on_after_a_reconnection() {
    let realm = realm();
    let (ann, bob) = (realm.client().await, realm.client().await);
    bob.listen("news").await;
    bob.faults().disconnect();
    realm.wait_for_sessions(1).await;
    bob.wait_for_session().await;
    publish(&ann, "news", 1).await;
    bob.expect_event("news", SECOND).await;
    realm.wait_for_subscriptions(1).await;
}

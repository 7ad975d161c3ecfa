//! Waiting for what clients do.

use std::time::Duration;

use tokio::time::Instant;
use wamp_server::App;
use wamp_server::client::Match;
use wamp_server::test::TestRealm;

use crate::support::{SECOND, panic_of, realm};

#[tokio::test(start_paused = true)]
async fn sessions_come_and_go() {
    let realm = realm();
    realm.wait_for_sessions(0).await;
    let coming = tokio::spawn({
        let realm = realm.clone();
        async move {
            tokio::time::sleep(SECOND).await;
            (realm.client().await, realm.client().await)
        }
    });
    let begin = Instant::now();
    realm.wait_for_sessions(2).await;
    assert_eq!(begin.elapsed(), SECOND, "it is told at once");
    let (ann, bob) = coming.await.unwrap();
    drop(ann);
    realm.wait_for_sessions(1).await;
    bob.close().await;
    realm.wait_for_sessions(0).await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_not_open_yet_does_not_count() {
    #[wamp_server::session]
    async fn slow() {
        tokio::time::sleep(SECOND).await;
    }
    let app = App::empty().sessions(wamp_server::sessions![slow]);
    let realm = TestRealm::new(app);
    let begin = Instant::now();
    let (client, ()) = tokio::join!(realm.client(), realm.wait_for_sessions(1));
    assert_eq!(begin.elapsed(), SECOND);
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn registrations_come_and_go() {
    let realm = realm();
    let (ann, bob) = (realm.client().await, realm.client().await);
    let register = |client: &wamp_server::test::TestClient, procedure: &'static str| {
        let client = client.clone();
        tokio::spawn(async move {
            tokio::time::sleep(SECOND).await;
            let callee = client.register_raw(procedure, async |_| {
                Ok::<_, wamp_server::client::CallError>(())
            });
            callee.await.unwrap()
        })
    };
    let a = register(&ann, "a.b");
    realm.wait_for_registration("a.b").await;
    let b = register(&bob, "b.c");
    realm.wait_for_registrations(2).await;
    a.await.unwrap().unregister().await.unwrap();
    realm.wait_for_registrations(1).await;
    bob.close().await;
    realm.wait_for_registrations(0).await;
    drop(b);
}

#[tokio::test(start_paused = true)]
async fn subscriptions_come_and_go() {
    let realm = realm();
    let (ann, bob) = (realm.client().await, realm.client().await);
    let subscribing = tokio::spawn(async move {
        tokio::time::sleep(SECOND).await;
        ann.listen("news").await;
        let prefix = ann.subscribe("a.").matching(Match::Prefix).await.unwrap();
        (ann, prefix)
    });
    realm.wait_for_subscription("a.").await;
    bob.listen("news").await;
    realm.wait_for_subscriptions(3).await;
    let (ann, prefix) = subscribing.await.unwrap();
    prefix.unsubscribe().await.unwrap();
    realm.wait_for_subscriptions(2).await;
    ann.close().await;
    realm.wait_for_subscriptions(1).await;
}

#[tokio::test(start_paused = true)]
async fn topics_with_a_function_count_when_it_has_agreed() {
    let app = App::empty().subscription_handler(async || tokio::time::sleep(SECOND).await);
    let realm = TestRealm::new(app);
    let client = realm.client().await;
    let begin = Instant::now();
    let listening = client.listen("news");
    let ((), ()) = tokio::join!(listening, realm.wait_for_subscription("news"));
    assert_eq!(begin.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_happen_in_time_is_told_with_what_is_there() {
    let realm = realm().patience(Duration::from_secs(60 * 60));
    let begin = Instant::now();
    let panic = panic_of(realm.wait_for_sessions(1)).await;
    assert_eq!(begin.elapsed(), Duration::from_secs(60 * 60));
    assert!(panic.contains("waiting.rs:"), "{panic}");
    assert!(
        panic.ends_with(": not 1 sessions within 3600s; there are none"),
        "{panic}"
    );

    let client = realm.client().await;
    let panic = panic_of(realm.wait_for_sessions(2)).await;
    let id = client.session().unwrap().id();
    let there = format!("; there are 1: {id} (anonymous-{id})");
    assert!(panic.ends_with(&there), "{panic}");

    client.listen("news").await;
    client.listen("a.b").await;
    let panic = panic_of(realm.wait_for_subscription("nuws")).await;
    let told = ": not a subscription to `nuws` within 3600s; there are 2: a.b, news";
    assert!(panic.ends_with(told), "{panic}");
    let panic = panic_of(realm.wait_for_subscriptions(3)).await;
    assert!(panic.contains(": not 3 subscriptions within"), "{panic}");
    let panic = panic_of(realm.wait_for_registrations(1)).await;
    assert!(
        panic.ends_with(": not 1 registrations within 3600s; there are none"),
        "{panic}"
    );
    let panic = panic_of(realm.wait_for_registration("math.add")).await;
    assert!(
        panic.contains(": not a registration of `math.add`"),
        "a function is no client's: {panic}"
    );
}

#[tokio::test(start_paused = true)]
async fn messages_are_waited_for() {
    let realm = realm();
    let client = realm.client().await;
    let calls = async {
        for _ in 0..2 {
            tokio::time::sleep(SECOND).await;
            crate::support::add(&client).await.unwrap();
        }
    };
    tokio::join!(client.wait_for_messages(2), calls);
    let panic = panic_of(client.wait_for_messages(3)).await;
    let told = ": not 3 messages within 5s, but these:\n  ← [50,1,{},[5]]\n  ← [50,2,{},[5]]";
    assert!(panic.ends_with(told), "{panic}");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_does_not_come_back_is_told() {
    let realm = realm();
    let client = realm.client().await;
    client.faults().refuse_connections();
    client.faults().disconnect();
    realm.wait_for_sessions(0).await;
    let panic = panic_of(client.wait_for_session()).await;
    assert!(
        panic.contains(": no session within 5s, but Connecting"),
        "{panic}"
    );
    client.faults().accept_connections();
    client.wait_for_session().await;
    client.close().await;
    let panic = panic_of(client.wait_for_session()).await;
    assert!(
        panic.contains(": there is no session any more: "),
        "{panic}"
    );
}

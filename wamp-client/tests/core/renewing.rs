//! What was subscribed and registered is again, after a reconnection.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, advance};
use wamp_client::{CallError, Client, Invocation, Match, RemoteError};

use crate::support::{open_with, settle, spawn};

async fn with_everything(
    client: &Client,
    peer: &mut crate::support::Peer,
) -> wamp_client::Subscription {
    let subscribing = spawn(
        client
            .subscribe("t")
            .matching(Match::Prefix)
            .option("_own", 1),
    );
    peer.expect(r#"[32,1,{"match":"prefix","_own":1},"t"]"#)
        .await;
    peer.send("[33,1,7]");
    let registering = spawn(
        client
            .register_raw("p", async |_: Invocation| Ok::<_, RemoteError>(1))
            .concurrency(2),
    );
    peer.expect(r#"[64,2,{"concurrency":2},"p"]"#).await;
    peer.send("[65,2,8]");
    registering.await.unwrap().unwrap();
    subscribing.await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_was_subscribed_and_registered_is_renewed_before_the_session_is_open() {
    let (client, mut router, mut peer) = open_with(|it| it).await;
    let mut events = with_everything(&client, &mut peer).await;
    peer.close();
    let mut peer = router.welcome().await;
    peer.expect(r#"[32,1,{"match":"prefix","_own":1},"t"]"#)
        .await;
    peer.expect(r#"[64,2,{"concurrency":2},"p"]"#).await;
    settle().await;
    assert!(!client.state().is_open());
    assert_eq!(events.id(), None);
    peer.send("[65,2,80]");
    peer.send("[33,1,70]");
    client.connected().await.unwrap();
    assert_eq!(events.id().map(u64::from), Some(70));
    peer.send("[36,70,1,{}]");
    assert!(events.next().await.is_some());
    peer.send("[68,1,80,{}]");
    peer.expect("[70,1,{},[1]]").await;
    drop(events);
    peer.expect("[34,3,70]").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_in_between_is_not_renewed() {
    let (client, mut router, mut peer) = open_with(|it| it).await;
    let events = with_everything(&client, &mut peer).await;
    peer.close();
    settle().await;
    // There is nobody to tell.
    events.unsubscribe().await.unwrap();
    let mut peer = router.welcome().await;
    peer.expect(r#"[64,1,{"concurrency":2},"p"]"#).await;
    peer.send("[65,1,80]");
    client.connected().await.unwrap();
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_while_it_is_renewed_is_ended() {
    let (client, mut router, mut peer) = open_with(|it| it).await;
    let events = with_everything(&client, &mut peer).await;
    peer.close();
    let mut peer = router.welcome().await;
    peer.expect(r#"[32,1,{"match":"prefix","_own":1},"t"]"#)
        .await;
    peer.expect(r#"[64,2,{"concurrency":2},"p"]"#).await;
    drop(events);
    peer.send("[33,1,70]");
    peer.expect("[34,3,70]").await;
    peer.send("[65,2,80]");
    client.connected().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn unregistering_without_a_session_is_no_error() {
    let (client, mut router, mut peer) = open_with(|it| it).await;
    let registering =
        spawn(client.register_raw("p", async |_: Invocation| Ok::<_, RemoteError>(1)));
    peer.expect(r#"[64,1,{},"p"]"#).await;
    peer.send("[65,1,8]");
    let registration = registering.await.unwrap().unwrap();
    peer.close();
    settle().await;
    registration.unregister().await.unwrap();
    let mut peer = router.welcome().await;
    client.connected().await.unwrap();
    peer.expect_nothing().await;
}

type Told = Arc<Mutex<Vec<String>>>;

fn telling(told: &Told) -> impl Fn(&str, &CallError) + Send + Sync + use<> {
    let told = Arc::clone(told);
    move |uri, error| {
        told.lock().unwrap().push(format!("{uri}: {error}"));
        panic!("a hook that panics");
    }
}

#[tokio::test(start_paused = true)]
async fn a_procedure_that_our_own_ghost_still_has_is_insisted_on() {
    let told = Told::default();
    let (client, mut router, mut peer) = open_with(|it| it.on_renewal_error(telling(&told))).await;
    let _events = with_everything(&client, &mut peer).await;
    peer.close();
    let mut peer = router.welcome().await;
    peer.expect(r#"[32,1,{"match":"prefix","_own":1},"t"]"#)
        .await;
    peer.expect(r#"[64,2,{"concurrency":2},"p"]"#).await;
    peer.send(r#"[8,32,1,{},"wamp.error.not_authorized"]"#);
    peer.send(r#"[8,64,2,{},"wamp.error.procedure_already_exists"]"#);
    client.connected().await.unwrap();
    for request in 3..6 {
        advance(Duration::from_secs(2)).await;
        peer.expect(&format!(r#"[64,{request},{{"concurrency":2}},"p"]"#))
            .await;
        peer.send(format!(
            r#"[8,64,{request},{{}},"wamp.error.procedure_already_exists"]"#
        ));
        settle().await;
    }
    advance(Duration::from_secs(5)).await;
    peer.expect(r#"[64,6,{"concurrency":2},"p"]"#).await;
    peer.send("[65,6,80]");
    peer.send("[68,1,80,{}]");
    peer.expect("[70,1,{},[1]]").await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    peer.expect_nothing().await;
    assert_eq!(
        *told.lock().unwrap(),
        [
            "t: wamp.error.not_authorized",
            "p: wamp.error.procedure_already_exists"
        ]
    );
    // What was refused is tried again the next time.
    peer.close();
    let mut peer = router.welcome().await;
    peer.expect(r#"[32,1,{"match":"prefix","_own":1},"t"]"#)
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_router_that_does_not_answer_renewals_holds_the_client_up_for_one_timeout_only() {
    let told = Told::default();
    let (client, mut router, mut peer) = open_with(|it| {
        it.on_renewal_error(telling(&told))
            .call_timeout(Duration::from_secs(3))
    })
    .await;
    let _events = with_everything(&client, &mut peer).await;
    peer.close();
    let _peer = router.welcome().await;
    settle().await;
    let began = Instant::now();
    client.connected().await.unwrap();
    assert_eq!(began.elapsed().as_secs(), 2);
    assert_eq!(told.lock().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_to_a_renewal_renews_all_the_same() {
    let (client, mut router, mut peer) =
        open_with(|it| it.call_timeout(Duration::from_secs(3))).await;
    let mut events = with_everything(&client, &mut peer).await;
    peer.close();
    let mut peer = router.welcome().await;
    client.connected().await.unwrap();
    peer.expect(r#"[32,1,{"match":"prefix","_own":1},"t"]"#)
        .await;
    peer.expect(r#"[64,2,{"concurrency":2},"p"]"#).await;
    peer.send("[33,1,70]");
    peer.send("[65,2,80]");
    // Neither is ended because nobody has waited for it that long.
    peer.expect_nothing().await;
    peer.send("[36,70,1,{}]");
    assert!(events.next().await.is_some());
    peer.send("[68,1,80,{}]");
    peer.expect("[70,1,{},[1]]").await;
    // And both are renewed the next time.
    peer.close();
    let mut peer = router.welcome().await;
    peer.expect(r#"[32,1,{"match":"prefix","_own":1},"t"]"#)
        .await;
    peer.expect(r#"[64,2,{"concurrency":2},"p"]"#).await;
}

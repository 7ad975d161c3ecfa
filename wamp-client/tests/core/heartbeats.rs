//! Signs of life, and connections that show none.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::open_with;

#[tokio::test(start_paused = true)]
async fn missed_pongs_are_counted_and_end_the_session() {
    let (client, mut router, peer) =
        open_with(|it| it.heartbeat(Duration::from_secs(10)).close_after_missed(3)).await;
    peer.shared.pingable.store(true, Ordering::SeqCst);
    let link = client.link().unwrap();
    let interval = Duration::from_millis(10_010);
    // The first is answered, the second late, the others not at all.
    tokio::time::sleep(interval).await;
    assert_eq!(peer.shared.pings.load(Ordering::SeqCst), 1);
    peer.shared.pongs.store(1, Ordering::SeqCst);
    tokio::time::sleep(interval).await;
    assert_eq!(link.missed_pongs(), 0);
    tokio::time::sleep(interval).await;
    assert_eq!(link.missed_pongs(), 1);
    peer.shared.pongs.store(2, Ordering::SeqCst);
    tokio::time::sleep(interval).await;
    assert_eq!(link.missed_pongs(), 0);
    tokio::time::sleep(interval).await;
    tokio::time::sleep(interval).await;
    assert_eq!(link.missed_pongs(), 2);
    assert!(client.state().is_open());
    tokio::time::sleep(interval).await;
    assert!(!link.is_open());
    let _peer = router.welcome().await;
    client.connected().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn nobody_is_pinged_all_the_time() {
    let (_client, _router, peer) =
        open_with(|it| it.heartbeat(Duration::ZERO).close_after_missed(u32::MAX)).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let pings = peer.shared.pings.load(Ordering::SeqCst);
    assert!((40..=50).contains(&pings), "{pings}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_connection_is_not_a_dead_one() {
    let (client, _router, peer) = open_with(|it| it.heartbeat(Duration::from_secs(10))).await;
    let shared = &peer.shared;
    shared.pingable.store(true, Ordering::SeqCst);
    // The answer stands behind a message that takes long.
    for _ in 0..20 {
        shared.received.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    assert!(client.state().is_open());
    assert_eq!(shared.pings.load(Ordering::SeqCst), 1);
    shared.pongs.store(1, Ordering::SeqCst);
    // The ping stands behind a message that takes long.
    peer.stall(true);
    client.publish("t").await.unwrap();
    for _ in 0..20 {
        shared.sent.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    assert!(client.state().is_open());
    assert_eq!(shared.pings.load(Ordering::SeqCst), 2);
    // Nothing moves any more.
    tokio::time::sleep(Duration::from_secs(40)).await;
    assert!(!client.state().is_open());
}

#[tokio::test(start_paused = true)]
async fn pings_that_go_are_no_sign_that_anybody_is_there() {
    let (client, _router, peer) = open_with(|it| it.heartbeat(Duration::from_secs(10))).await;
    peer.shared.pingable.store(true, Ordering::SeqCst);
    for _ in 0..5 {
        peer.shared.sent.fetch_add(6, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    assert!(!client.state().is_open());
}

#[tokio::test(start_paused = true)]
async fn without_heartbeats_nobody_is_pinged() {
    let (client, _, peer) = open_with(|it| it.heartbeat(None)).await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(peer.shared.pings.load(Ordering::SeqCst), 0);
    assert!(client.state().is_open());
}

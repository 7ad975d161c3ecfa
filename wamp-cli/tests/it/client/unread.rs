//! Commands whose output nobody reads, though somebody might: a pipe that is full.

use rustix::process::Signal;

use super::support::{Running, router, told};

/// More than half of what a pipe takes.
fn much() -> String {
    "a".repeat(40_000)
}

#[tokio::test]
async fn calls_are_answered_while_nobody_reads_of_them() {
    let router = router().await;
    let mut callee = Running::registered(&router, &["com.example.echo", "--echo", "--json"]).await;
    for _ in 0..6 {
        told(&router, &["call", "com.example.echo", &much()]).await;
    }
    callee.signal(Signal::TERM);
    assert_eq!(callee.ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_subscriber_ends_although_nobody_reads_its_events() {
    let router = router().await;
    let mut subscriber = Running::ready(&router, &["subscribe", "com.example.news"]).await;
    for _ in 0..6 {
        let publish = ["publish", "com.example.news", &much(), "--acknowledge"];
        told(&router, &publish).await;
    }
    subscriber.signal(Signal::TERM);
    assert_eq!(subscriber.ended().await.code(), Some(0));
}

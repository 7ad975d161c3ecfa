//! Many tasks subscribe to and unsubscribe from one topic at once, on several threads, at a router that plays by the rules.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rand::RngExt as _;
use wamp_client::Client;

use crate::support::{Peer, open, spawn};

/// Answers until told to stop. Whether the client is subscribed in the end.
async fn serve(mut peer: Peer, stop: Arc<AtomicBool>) -> bool {
    let mut subscription = None;
    let mut last = 0;
    let mut published = 0;
    loop {
        let Some(message) = peer.receive().await else {
            if stop.load(Ordering::SeqCst) {
                return subscription.is_some();
            }
            continue;
        };
        let request = &message[1];
        match message[0].as_u64() {
            Some(32) => {
                let id = *subscription.get_or_insert_with(|| {
                    last += 1;
                    last
                });
                peer.send(format!("[33,{request},{id}]"));
            }
            Some(34) => {
                assert_eq!(message[2].as_u64(), subscription, "{message}");
                subscription = None;
                peer.send(format!("[35,{request}]"));
            }
            // Whoever publishes has a subscription, so the event has somewhere to go.
            Some(16) => {
                published += 1;
                let id = subscription.expect("the publisher is subscribed");
                peer.send(format!("[36,{id},{published},{{}}]"));
                peer.send(format!("[17,{request},{published}]"));
            }
            _ => panic!("{message}"),
        }
    }
}

async fn come_and_go(client: Client, times: u32) {
    for _ in 0..times {
        let mut one = client.subscribe("t").await.unwrap();
        let way = rand::rng().random_range(0..4);
        match way {
            0 => drop(one),
            1 => one.unsubscribe().await.unwrap(),
            2 => {
                // Given up at some point.
                let two = spawn(client.subscribe("t"));
                tokio::task::yield_now().await;
                two.abort();
                drop(one);
            }
            _ => {
                client.publish("t").acknowledge().await.unwrap();
                assert!(one.next().await.is_some());
                one.unsubscribe().await.unwrap();
            }
        }
    }
}

async fn race(tasks: u32, times: u32) {
    let (client, peer) = open().await;
    let stop = Arc::new(AtomicBool::new(false));
    let router = spawn(serve(peer, Arc::clone(&stop)));
    let tasks: Vec<_> = (0..tasks)
        .map(|_| spawn(come_and_go(client.clone(), times)))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    stop.store(true, Ordering::SeqCst);
    assert!(!router.await.unwrap(), "a subscription is left behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_takes_the_subscription_of_others_away() {
    // With few, one of them is often the last.
    race(2, 2000).await;
    race(8, 100).await;
}

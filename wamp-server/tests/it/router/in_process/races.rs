//! The same when several threads are at work. Nothing here waits for a time, only for answers.

use futures_util::future::{Either, select};
use serde_json::Value;
use wamp_server::transport::memory::{self, Peer};
use wamp_server::{App, Limits, RouterOptions};

use super::*;
use crate::support::{build, nothing_is_left};

const PLACES: usize = 64;

async fn next(peer: &mut Peer) -> Option<Value> {
    let frame = timeout(Duration::from_secs(60), peer.receive()).await;
    let frame = frame.expect("something is heard")?;
    Some(serde_json::from_slice(&frame).expect("JSON"))
}

/// Answers all calls with twice what it is given, after it has told once that it will.
async fn answer(mut peer: Peer) {
    while let Some(message) = next(&mut peer).await {
        if message[0] != 68 {
            continue;
        }
        let number = message[4][0].as_u64().expect("a number");
        tokio::task::yield_now().await;
        for answer in [
            json!([70, message[1], {"progress": true}, [number]]),
            json!([70, message[1], {}, [number * 2]]),
        ] {
            if peer.send(answer.to_string()).await.is_err() {
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_call_ends_once_and_leaves_nothing() {
    let limits = Limits {
        max_invocations: PLACES,
        ..Limits::default()
    };
    let server = build(App::empty().router(RouterOptions::new()).limits(limits));
    let (near, mut peer) = memory::pair();
    let connection = tokio::spawn(server.attach(near));
    peer.send(EVERYTHING).await.expect("the server reads");
    let welcome = next(&mut peer).await.expect("WELCOME");
    let id = welcome[1].as_u64().and_then(Id::new).expect("an id");
    let session = realm(&server).session(id).expect("it is open");
    peer.send(r#"[64,1,{},"double"]"#)
        .await
        .expect("the server reads");
    assert_eq!(next(&mut peer).await.expect("REGISTERED")[0], 65);
    let callee = tokio::spawn(answer(peer));

    let callers = (0..4_u64).map(|caller| {
        let session = session.clone();
        tokio::spawn(async move {
            let mut answered = 0;
            for i in 0..500 {
                let number = caller * 1000 + i;
                let mut call = session.call("double").arg(number).progress();
                if i % 3 == 0 {
                    // Given up after a while that is never the same.
                    let patience = async {
                        for _ in 0..i % 11 {
                            tokio::task::yield_now().await;
                        }
                    };
                    let result = std::pin::pin!(call.result());
                    if let Either::Left((result, _)) =
                        select(result, std::pin::pin!(patience)).await
                    {
                        let result = result.expect("a result");
                        assert_eq!(result.decode::<u64>().expect("a number"), number * 2);
                    }
                    continue;
                }
                let part = call.next().await.expect("progress");
                assert_eq!(part.decode::<u64>().expect("a number"), number);
                assert!(call.next().await.is_none());
                let result = call.result().await.expect("a result");
                assert_eq!(result.decode::<u64>().expect("a number"), number * 2);
                answered += 1;
            }
            answered
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(caller.await.expect("no panic"), 333);
    }
    // Every place is free again.
    let calls = (0..PLACES).map(|i| session.call("double").arg(i).into_future());
    for result in futures_util::future::join_all(calls).await {
        result.expect("a result");
    }
    callee.abort();
    assert!(callee.await.is_err(), "it would go on forever");
    connection.await.expect("no panic");
    nothing_is_left(&server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn subscriptions_come_and_go_while_others_publish() {
    let server = build(App::empty());
    let done = wamp_server::CancellationToken::new();
    let publishers = (0..2).map(|_| {
        let (realm, done) = (realm(&server).clone(), done.clone());
        tokio::task::spawn_blocking(move || {
            while !done.is_cancelled() {
                realm.publish("n.x", 1).expect("a number");
                std::thread::yield_now();
            }
        })
    });
    let publishers = publishers.collect::<Vec<_>>();
    for round in 0..300 {
        let builder = realm(&server).subscription("n").prefix();
        let mut events = builder.buffer(round % 4).open().expect("a pattern");
        let heard = timeout(Duration::from_secs(60), events.next()).await;
        let heard = heard.expect("something is heard").expect("it goes on");
        assert_eq!((heard.topic(), heard.decode().ok()), ("n.x", Some(1)));
    }
    done.cancel();
    for publisher in publishers {
        publisher.await.expect("no panic");
    }
    nothing_is_left(&server);
}

//! The same rules when several threads are at work. Nothing here waits for a time, only for answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;
use wamp_server::transport::memory::{self, Peer};
use wamp_server::{App, Progress, Server, procedure, procedures};

use crate::support::{HELLO, build, json};

async fn join(server: &Server) -> Peer {
    let (near, mut far) = memory::pair();
    tokio::spawn(server.attach(near));
    far.send(HELLO).await.expect("the server reads");
    assert_eq!(next(&mut far).await[0], 2);
    far
}

async fn next(peer: &mut Peer) -> Value {
    let frame = timeout(Duration::from_secs(60), peer.receive()).await;
    let frame = frame
        .expect("something is heard")
        .expect("the connection goes on");
    serde_json::from_slice(&frame).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_come_between_subscribed_and_unsubscribed_only() {
    let server = build(App::empty().topic("news", async || ()));
    let done = Arc::new(AtomicBool::new(false));
    let publishers = (0..2).map(|_| {
        let (realm, done) = (
            server.realm("realm1").expect("the default realm").clone(),
            Arc::clone(&done),
        );
        tokio::task::spawn_blocking(move || {
            while !done.load(Ordering::Relaxed) {
                realm.publish("news", 1).expect("a number");
                std::thread::yield_now();
            }
        })
    });
    let publishers = publishers.collect::<Vec<_>>();
    let mut peer = join(&server).await;
    for round in 0..300 {
        peer.send(json!([32, 2 * round + 1, {}, "news"]).to_string())
            .await
            .expect("the server reads");
        let subscribed = next(&mut peer).await;
        assert_eq!(
            (&subscribed[0], &subscribed[1]),
            (&json!(33), &json!(2 * round + 1))
        );
        let id = &subscribed[2];
        peer.send(json!([34, 2 * round + 2, id]).to_string())
            .await
            .expect("the server reads");
        loop {
            let message = next(&mut peer).await;
            if message == json!([35, 2 * round + 2]) {
                break;
            }
            assert_eq!((&message[0], &message[1]), (&json!(36), id), "{message}");
        }
    }
    done.store(true, Ordering::Relaxed);
    for publisher in publishers {
        publisher.await.expect("no panic");
    }
    assert_eq!(
        server.realm("realm1").map(wamp_server::Realm::topics),
        Some(0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn progress_from_another_thread_never_follows_the_answer() {
    #[procedure("race")]
    async fn race(progress: Progress<u32>) -> &'static str {
        let reporter = tokio::spawn(async move {
            for i in 0..20 {
                progress.send(i).await;
                tokio::task::yield_now().await;
            }
        });
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        drop(reporter);
        "done"
    }
    let server = build(App::empty().procedures(procedures![race]));
    let mut peer = join(&server).await;
    for request in 1..=500 {
        let call = json!([48, request, {"receive_progress": true}, "race"]);
        peer.send(call.to_string()).await.expect("the server reads");
        loop {
            let message = next(&mut peer).await;
            assert_eq!(message[1], request, "{message}");
            if message[2]["progress"] != true {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_come_and_go_on_all_threads_and_leave_nothing() {
    let app = App::empty()
        .topic("news", async || ())
        .procedure("add", async |a: i64, b: i64| a + b);
    let server = build(app);
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..100_u64 {
        let server = server.clone();
        tasks.spawn(async move {
            let mut peer = join(&server).await;
            peer.send(r#"[32,1,{},"news"]"#)
                .await
                .expect("the server reads");
            peer.send(json!([48, 2, {}, "add", [number, 1]]).to_string())
                .await
                .expect("the server reads");
            server
                .realm("realm1")
                .expect("the default realm")
                .publish("news", number)
                .expect("a number");
            loop {
                let message = next(&mut peer).await;
                if message[0] == 50 {
                    assert_eq!(message, json!([50, 2, {}, [number + 1]]));
                    break;
                }
            }
            if number % 2 == 0 {
                peer.send(r#"[6,{},"wamp.close.normal"]"#)
                    .await
                    .expect("the server reads");
                while next(&mut peer).await[0] != 6 {}
            }
        });
    }
    while let Some(task) = tasks.join_next().await {
        task.expect("no panic");
    }
    timeout(Duration::from_secs(60), server.shutdown())
        .await
        .expect("everybody is gone");
    let stats = server.stats();
    assert_eq!(
        (stats.connections, stats.sessions, stats.running_handlers),
        (0, 0, 0)
    );
    assert_eq!((stats.opened_sessions, stats.calls), (100, 100));
    assert_eq!(
        server.realm("realm1").map(wamp_server::Realm::topics),
        Some(0)
    );
}

//! Stores of events: what a server does when they fail, and that it waits for them when it shuts down.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use wamp_server::history::{
    EventQuery, EventStore, Flushed, Found, HistoryError, Match, MemoryStore, StoredEvent,
};
use wamp_server::{App, RouterOptions, Server};

use super::history::{publish, values};
use super::support::{build, join, json, settle};

fn server(store: impl EventStore) -> Server {
    let router = RouterOptions::new().history(store, [("news", Match::Exact)]);
    build(App::empty().router(router))
}

#[tokio::test(start_paused = true)]
async fn an_application_keeps_its_store() {
    let store = Arc::new(MemoryStore::default());
    let server = server(Arc::clone(&store));
    let mut client = join(&server).await;
    let publication = publish(&mut client, 1, "news", "", 1).await;
    let found = store.query(EventQuery::new("news", Match::Exact)).await;
    assert_eq!(found.expect("events")[0].publication.get(), publication);
}

/// A store that panics at what is odd.
#[derive(Default)]
struct Sensitive(MemoryStore);

impl EventStore for Sensitive {
    fn append(&self, event: StoredEvent) {
        let (number,) = event.payload.decode_args::<(u64,)>().expect("a number");
        assert!(number.is_multiple_of(2), "oh no");
        self.0.append(event);
    }

    fn query(&self, query: EventQuery) -> Found {
        self.0.query(query)
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_panics_ends_no_connection() {
    let server = server(Sensitive::default());
    let (mut publisher, mut subscriber) = (join(&server).await, join(&server).await);
    let subscription = subscriber.subscribe(1, "news").await;
    for number in 1..=4 {
        publish(&mut publisher, number, "news", "", number).await;
        let event = subscriber.next().await;
        assert_eq!((&event[0], &event[4]), (&json!(36), &json!([number])));
    }
    assert_eq!(values(&mut subscriber, 2, subscription, "{}").await, [2, 4]);
    let realm = server.realm("realm1").expect("the default realm");
    realm.publish("news", 5).expect("it is published");
    assert_eq!(subscriber.next().await[4], json!([5]));
    assert_eq!(server.stats().panics, 3);
}

/// A store that takes its time.
#[derive(Default)]
struct Slow {
    done: Notify,
    fails: bool,
    log: Mutex<Vec<&'static str>>,
}

impl Slow {
    fn log(&self, what: &'static str) {
        self.log.lock().expect("a log").push(what);
    }
}

/// What a server gets: its flush needs to hold the store.
struct Handle(Arc<Slow>);

impl EventStore for Handle {
    fn append(&self, _: StoredEvent) {
        self.0.log("appended");
    }

    fn query(&self, _: EventQuery) -> Found {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn flush(&self) -> Flushed {
        let store = Arc::clone(&self.0);
        Box::pin(async move {
            store.done.notified().await;
            store.log("flushed");
            match store.fails {
                true => Err(HistoryError::failed("no")),
                false => Ok(()),
            }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_until_everything_is_kept() {
    for fails in [false, true] {
        let store = Arc::new(Slow {
            fails,
            ..Slow::default()
        });
        let server = server(Handle(Arc::clone(&store)));
        let mut client = join(&server).await;
        publish(&mut client, 1, "news", "", 1).await;
        client.vanish().await;
        let shutdown = tokio::spawn(async move { server.shutdown().await });
        settle().await;
        assert!(!shutdown.is_finished());
        store.done.notify_one();
        shutdown.await.expect("it does not panic");
        assert_eq!(*store.log.lock().expect("a log"), ["appended", "flushed"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_ever() {
    for (timeout, expected) in [(1, 5), (25, 25)] {
        let store = Arc::new(Slow::default());
        let router = RouterOptions::new().history(Handle(store), [("news", Match::Exact)]);
        let limits = wamp_server::Limits {
            shutdown_timeout: Duration::from_secs(timeout),
            ..wamp_server::Limits::default()
        };
        let server = build(App::empty().router(router).limits(limits));
        let begin = Instant::now();
        server.shutdown().await;
        let took = begin.elapsed();
        let expected = Duration::from_secs(expected);
        assert!(
            took >= expected && took < expected + Duration::from_secs(1),
            "{took:?}"
        );
    }
}

/// Time goes on here: a thread of the store writes meanwhile.
#[cfg(feature = "sqlite")]
mod sqlite {
    use serde_json::Value;
    use wamp_server::history::SqliteStore;
    use wamp_server::proto::subprotocol::Subprotocol;
    use wamp_server::transport::TransportInfo;
    use wamp_server::transport::memory::{self, Peer};

    use super::super::calls::EVERYTHING;
    use super::*;

    async fn ask(peer: &mut Peer, message: &str) -> Value {
        peer.send(message.to_owned())
            .await
            .expect("the server reads");
        let answer = peer.receive().await.expect("the connection goes on");
        serde_json::from_slice(&answer).expect("JSON")
    }

    async fn join(server: &Server) -> Peer {
        let (near, mut far) = memory::pair_with(Subprotocol::default(), TransportInfo::default());
        tokio::spawn(server.attach(near));
        assert_eq!(ask(&mut far, EVERYTHING).await[0], 2);
        far
    }

    #[tokio::test]
    async fn a_history_outlives_the_server() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("history.db");
        let open = || SqliteStore::open(&path).expect("a database");

        // The application keeps its store, so what is written is not because it is dropped.
        let kept = Arc::new(open());
        let first = server(Arc::clone(&kept));
        let mut client = join(&first).await;
        let mut publications = Vec::new();
        for number in 1..=3 {
            let publish = format!(r#"[16,{number},{{"acknowledge":true}},"news",[{number}]]"#);
            publications.push(ask(&mut client, &publish).await[2].clone());
        }
        drop(client);
        first.shutdown().await;

        let second = server(open());
        let mut client = join(&second).await;
        let subscription = ask(&mut client, r#"[32,1,{},"news"]"#).await[2].clone();
        let call = json!([48, 2, {}, "wamp.subscription.get_events", [subscription]]);
        let answer = ask(&mut client, &call.to_string()).await;
        let found = answer[3].as_array().expect("events");
        let found = found
            .iter()
            .map(|it| (it["publication"].clone(), it["args"][0].as_u64()));
        let expected = publications.into_iter().zip([Some(1), Some(2), Some(3)]);
        assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        assert_eq!(kept.dropped(), 0);
    }
}

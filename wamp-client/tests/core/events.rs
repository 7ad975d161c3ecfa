//! Subscriptions: streams, handlers, receivers, and what happens when several share one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{FutureExt as _, StreamExt};
use tokio::sync::mpsc;
use wamp_client::host::{Link, Receiver};
use wamp_client::proto::message;
use wamp_client::{CallError, Client, Event, Match, Subscription};

use crate::support::{Peer, open, settle, spawn};

async fn subscribed(client: &Client, peer: &mut Peer, request: u64, id: u64) -> Subscription {
    let subscribing = spawn(client.subscribe("t"));
    peer.expect(&format!(r#"[32,{request},{{}},"t"]"#)).await;
    peer.send(format!("[33,{request},{id}]"));
    subscribing.await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn events_tell_what_is_known_of_them() {
    let (client, mut peer) = open().await;
    let mut events = subscribed(&client, &mut peer, 1, 7).await;
    peer.send(r#"[36,7,100,{"publisher":5,"topic":"t.sub"},[1],{"k":2}]"#);
    let event = events.next().await.unwrap();
    assert_eq!(event.topic(), "t.sub");
    assert_eq!(event.publication().get(), 100);
    assert_eq!(
        event
            .details()
            .publisher
            .as_ref()
            .and_then(|it| it.session)
            .map(u64::from),
        Some(5)
    );
    assert_eq!(event.args::<(i32,)>().unwrap(), (1,));
    assert_eq!(event.kwargs::<serde_json::Value>().unwrap()["k"], 2);
    peer.send("[36,7,101,{}]");
    assert_eq!(StreamExt::next(&mut events).await.unwrap().topic(), "t");
    assert!(events.try_next().is_none());
}

#[tokio::test(start_paused = true)]
async fn an_event_right_after_the_answer_is_not_lost() {
    let (client, mut peer) = open().await;
    let subscribing = spawn(client.subscribe("t"));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send("[33,1,7]");
    peer.send("[36,7,100,{},[1]]");
    let mut events = subscribing.await.unwrap().unwrap();
    assert_eq!(events.next().await.unwrap().decode::<i32>().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_the_last_handle_ends_the_subscription() {
    let (client, mut peer) = open().await;
    let mut one = subscribed(&client, &mut peer, 1, 7).await;
    let mut two = subscribed(&client, &mut peer, 2, 7).await;
    peer.send("[36,7,100,{},[1]]");
    assert_eq!(one.next().await.unwrap().publication().get(), 100);
    assert_eq!(two.next().await.unwrap().publication().get(), 100);
    one.unsubscribe().await.unwrap();
    peer.expect_nothing().await;
    peer.send("[36,7,101,{},[1]]");
    assert_eq!(two.next().await.unwrap().publication().get(), 101);
    drop(two);
    peer.expect("[34,3,7]").await;
    // What is on its way is of no interest.
    peer.send("[36,7,102,{},[1]]");
    peer.send("[35,3]");
    peer.expect_nothing().await;
    assert!(client.state().is_open());
}

#[tokio::test(start_paused = true)]
async fn whoever_subscribes_while_the_last_one_leaves_keeps_the_subscription() {
    let (client, mut peer) = open().await;
    let one = subscribed(&client, &mut peer, 1, 7).await;
    let two = spawn(client.subscribe("t"));
    peer.expect(r#"[32,2,{},"t"]"#).await;
    drop(one);
    peer.expect_nothing().await;
    peer.send("[33,2,7]");
    let mut two = two.await.unwrap().unwrap();
    peer.send("[36,7,101,{}]");
    assert!(two.next().await.is_some());
    drop(two);
    peer.expect("[34,3,7]").await;
}

#[tokio::test(start_paused = true)]
async fn another_way_of_matching_is_another_subscription() {
    let (client, mut peer) = open().await;
    let one = subscribed(&client, &mut peer, 1, 7).await;
    let _two = spawn(client.subscribe("t").matching(Match::Prefix));
    peer.expect(r#"[32,2,{"match":"prefix"},"t"]"#).await;
    drop(one);
    peer.expect("[34,3,7]").await;
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_nobody_waits_for_any_more_is_ended() {
    let (client, mut peer) = open().await;
    let subscribing = spawn(client.subscribe("t"));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    subscribing.abort();
    peer.expect_nothing().await;
    peer.send("[33,1,7]");
    peer.expect("[34,2,7]").await;
}

#[tokio::test(start_paused = true)]
async fn the_oldest_are_dropped_and_counted() {
    let (client, mut peer) = open().await;
    let subscribing = spawn(client.subscribe("t").capacity(3));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send("[33,1,7]");
    let mut events = subscribing.await.unwrap().unwrap();
    for publication in 1..=10 {
        peer.send(format!("[36,7,{publication},{{}}]"));
    }
    settle().await;
    let seen: Vec<_> = std::iter::from_fn(|| events.try_next())
        .map(|event| (event.publication().get(), event.dropped()))
        .collect();
    assert_eq!(seen, [(8, 7), (9, 0), (10, 0)]);
}

#[tokio::test(start_paused = true)]
async fn huge_events_are_dropped_sooner() {
    let (client, mut peer) = open().await;
    let mut events = subscribed(&client, &mut peer, 1, 7).await;
    let text = "x".repeat(1 << 20);
    for publication in 1..=100 {
        peer.send(format!(r#"[36,7,{publication},{{}},["{text}"]]"#));
    }
    settle().await;
    let seen: Vec<_> = std::iter::from_fn(|| events.try_next()).collect();
    assert!(seen.len() < 65, "{}", seen.len());
    assert_eq!(seen.last().unwrap().publication().get(), 100);
    let lost: u64 = seen.iter().map(Event::dropped).sum();
    assert_eq!(lost + seen.len() as u64, 100);
}

#[tokio::test(start_paused = true)]
async fn handlers_have_one_event_after_the_other_and_survive_their_panics() {
    let (client, mut peer) = open().await;
    let (sender, mut seen) = mpsc::unbounded_channel();
    let subscribing = spawn(client.subscribe("t").handler(move |event: Event| {
        let sender = sender.clone();
        async move {
            let number: i32 = event.decode().unwrap();
            assert_ne!(number, 2, "two is not liked");
            sender.send(number).unwrap();
        }
    }));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send("[33,1,7]");
    let subscribed = subscribing.await.unwrap().unwrap();
    for number in 1..=3 {
        peer.send(format!("[36,7,10{number},{{}},[{number}]]"));
    }
    assert_eq!(seen.recv().await, Some(1));
    assert_eq!(seen.recv().await, Some(3));
    // Dropping this changes nothing.
    let again = subscribed.clone();
    drop(subscribed);
    peer.send("[36,7,104,{},[4]]");
    assert_eq!(seen.recv().await, Some(4));
    let ending = spawn(again.unsubscribe());
    peer.expect("[34,2,7]").await;
    peer.send("[35,2]");
    ending.await.unwrap().unwrap();
    // The handler is gone.
    assert_eq!(seen.recv().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_call_and_close() {
    let (client, mut peer) = open().await;
    let (sender, mut seen) = mpsc::unbounded_channel();
    let nested = client.clone();
    let subscribing = spawn(client.subscribe("t").handler(move |_: Event| {
        let (client, sender) = (nested.clone(), sender.clone());
        async move {
            sender
                .send(client.call("x").get::<i32>().await.unwrap())
                .unwrap();
            client.close().await;
            sender.send(0).unwrap();
        }
    }));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send("[33,1,7]");
    subscribing.await.unwrap().unwrap();
    peer.send("[36,7,100,{}]");
    peer.expect(r#"[48,2,{},"x"]"#).await;
    peer.send("[50,2,{},[5]]");
    peer.expect(r#"[6,{},"wamp.close.close_realm"]"#).await;
    peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
    assert_eq!(seen.recv().await, Some(5));
    assert_eq!(seen.recv().await, Some(0));
    assert!(client.state().is_closed());
}

#[tokio::test(start_paused = true)]
async fn the_router_may_end_a_subscription() {
    let (client, mut peer) = open().await;
    let mut events = subscribed(&client, &mut peer, 1, 7).await;
    peer.send("[36,7,100,{}]");
    peer.send(r#"[35,0,{"subscription":7,"reason":"wamp.subscription.revoked"}]"#);
    assert!(events.next().await.is_some());
    assert!(events.next().await.is_none());
    assert_eq!(events.id(), None);
    events.unsubscribe().await.unwrap();
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_subscription_is_an_error() {
    let (client, mut peer) = open().await;
    let subscribing = spawn(client.subscribe("t"));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send(r#"[8,32,1,{},"wamp.error.not_authorized"]"#);
    let error = subscribing.await.unwrap().unwrap_err();
    assert_eq!(error.uri(), Some("wamp.error.not_authorized"));
}

#[tokio::test(start_paused = true)]
async fn an_acknowledged_event_has_an_id() {
    let (client, mut peer) = open().await;
    let publishing = spawn(client.publish("t").acknowledge());
    peer.expect(r#"[16,1,{"acknowledge":true},"t"]"#).await;
    peer.send("[17,1,99]");
    assert_eq!(publishing.await.unwrap().unwrap().map(u64::from), Some(99));
    let publishing = spawn(client.publish("t").acknowledge());
    peer.expect(r#"[16,2,{"acknowledge":true},"t"]"#).await;
    peer.send(r#"[8,16,2,{},"wamp.error.not_authorized"]"#);
    let error = publishing.await.unwrap().unwrap_err();
    assert_eq!(error.uri(), Some("wamp.error.not_authorized"));
    assert_eq!(client.publish("t").await.unwrap(), None);
    // Late words about it concern nobody.
    let error = client.publish("t").acknowledge().await.unwrap_err();
    assert!(matches!(error, CallError::Timeout(_)));
    peer.send("[17,4,99]");
    peer.send(r#"[8,16,3,{},"wamp.error.not_authorized"]"#);
    settle().await;
    assert!(client.state().is_open());
}

/// Panics at every opportunity.
#[derive(Default)]
struct Hysteric {
    events: AtomicUsize,
    overs: AtomicUsize,
}

impl Receiver for Hysteric {
    fn event(&self, _: &Link, _: message::Event) {
        self.events.fetch_add(1, Ordering::SeqCst);
        panic!("an event");
    }

    fn over(&self) {
        self.overs.fetch_add(1, Ordering::SeqCst);
        panic!("over");
    }
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_panics_harms_nobody() {
    let (client, mut peer) = open().await;
    let hysteric = Arc::new(Hysteric::default());
    let receiver = Arc::<Hysteric>::clone(&hysteric);
    let subscribing = spawn(async move {
        client
            .subscribe("t")
            .receiver(receiver)
            .await
            .map(|it| (client, it))
    });
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send("[33,1,7]");
    let (client, _subscribed) = subscribing.await.unwrap().unwrap();
    peer.send("[36,7,1,{}]");
    peer.send("[36,7,2,{}]");
    settle().await;
    assert_eq!(hysteric.events.load(Ordering::SeqCst), 2);
    assert!(client.state().is_open());
    let closing = spawn({
        let client = client.clone();
        async move { client.close().await }
    });
    peer.expect(r#"[6,{},"wamp.close.close_realm"]"#).await;
    peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
    closing.await.unwrap();
    assert_eq!(hysteric.overs.load(Ordering::SeqCst), 1);
}

/// Uses the client while it is dropped, which would wait for ever if that happened under a lock.
struct Clingy(Mutex<Option<Link>>);

impl Receiver for Clingy {
    fn event(&self, link: &Link, _: message::Event) {
        *self.0.lock().unwrap() = Some(link.clone());
    }
}

impl Drop for Clingy {
    fn drop(&mut self) {
        let link = self.0.lock().unwrap().take().unwrap();
        assert!(!format!("{link:?}").is_empty());
        // This looks into the tables.
        link.answer(wamp_client::Id::MIN, bytes::Bytes::new());
    }
}

#[tokio::test]
async fn receivers_are_dropped_where_they_may_use_the_session() {
    let (client, mut peer) = open().await;
    let subscribing = spawn({
        let client = client.clone();
        async move {
            client
                .subscribe("t")
                .receiver(Arc::new(Clingy(Mutex::default())))
                .await
        }
    });
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send("[33,1,7]");
    drop(subscribing.await.unwrap().unwrap());
    peer.send("[36,7,1,{}]");
    peer.send(r#"[35,0,{"subscription":7}]"#);
    peer.close();
    drop(client);
    peer.receiver_ended().await;
}

#[tokio::test(start_paused = true)]
async fn an_unsubscribe_that_nobody_awaits_is_sent_all_the_same() {
    let (client, mut peer) = open().await;
    let events = subscribed(&client, &mut peer, 1, 7).await;
    assert!(events.unsubscribe().now_or_never().is_none());
    peer.expect("[34,2,7]").await;
}

#[tokio::test(start_paused = true)]
async fn several_topics_in_one_subscription_of_a_confused_router_all_get_its_events() {
    let (client, mut peer) = open().await;
    let mut one = subscribed(&client, &mut peer, 1, 7).await;
    let subscribing = spawn(client.subscribe("other"));
    peer.expect(r#"[32,2,{},"other"]"#).await;
    peer.send("[33,2,7]");
    let mut other = subscribing.await.unwrap().unwrap();
    peer.send("[36,7,100,{}]");
    assert_eq!(one.next().await.unwrap().topic(), "t");
    assert_eq!(other.next().await.unwrap().topic(), "other");
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_hold_the_last_handle_and_drop_it() {
    let (client, mut peer) = open().await;
    let (give, mut given) = mpsc::unbounded_channel::<Client>();
    let subscribing = spawn(client.subscribe("t").handler(move |_: Event| {
        drop(given.try_recv().unwrap());
        async {}
    }));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send("[33,1,7]");
    drop(subscribing.await.unwrap().unwrap());
    let mut states = client.states();
    give.send(client).unwrap();
    settle().await;
    peer.expect_nothing().await;
    peer.send("[36,7,1,{}]");
    peer.expect(r#"[6,{},"wamp.close.close_realm"]"#).await;
    peer.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#);
    while let Some(state) = states.next().await {
        assert!(state.is_open() || state.is_closed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_router_that_does_not_let_go_is_an_error_once() {
    let (client, mut peer) = open().await;
    let events = subscribed(&client, &mut peer, 1, 7).await;
    let ending = spawn(events.unsubscribe());
    peer.expect("[34,2,7]").await;
    peer.send(r#"[8,34,2,{},"wamp.error.no_such_subscription"]"#);
    let error = ending.await.unwrap().unwrap_err();
    assert_eq!(error.uri(), Some("wamp.error.no_such_subscription"));
    // Whatever still comes is of no interest.
    peer.send("[36,7,1,{}]");
    peer.expect_nothing().await;
    assert!(client.state().is_open());
}

/// Those who wait for an answer may stop at any time, and leave nothing behind that would be missed or that harms.
#[tokio::test(start_paused = true)]
async fn requests_may_be_dropped_wherever_they_wait() {
    for stalled in [true, false] {
        for polls in 0..3 {
            let (client, mut peer) = open().await;
            if stalled {
                peer.stall(true);
                client
                    .publish("full")
                    .arg("x".repeat(2 << 20))
                    .await
                    .unwrap();
            }
            let mut waiting: Vec<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>> = vec![
                Box::pin(client.call("x").into_future().map(drop)),
                Box::pin(client.publish("x").acknowledge().into_future().map(drop)),
                Box::pin(client.subscribe("x").into_future().map(drop)),
                Box::pin(
                    client
                        .call("x")
                        .send(futures_util::stream::iter([1, 2]))
                        .map(drop),
                ),
            ];
            for _ in 0..polls {
                for future in &mut waiting {
                    assert!(futures_util::poll!(future).is_pending());
                }
                settle().await;
            }
            drop(waiting);
            peer.stall(false);
            // Answers what is to be answered, until nothing comes any more.
            while let Some(message) = peer.receive().await {
                match message[0].as_u64() {
                    Some(17 | 48 | 49 | 16) => {}
                    Some(32) => peer.send(format!("[33,{},7]", message[1])),
                    Some(34) => peer.send(format!("[35,{}]", message[1])),
                    _ => panic!("{message}"),
                }
            }
            let call = spawn(client.call("last"));
            let request = peer.expect(r#"[48,"*",{},"last"]"#).await.remove(0);
            peer.send(format!("[50,{request},{{}}]"));
            call.await.unwrap().unwrap();
        }
    }
}

//! Events for subscribers that do not read them in time.

use serde_json::Value;
use wamp_proto::message::Overflow;
use wamp_server::{App, Limits, Realm, RouterOptions, Server, Session, session, sessions};

use super::support::*;

const EVENTS: u64 = 500;

fn big() -> String {
    "x".repeat(1000)
}

/// Sessions say with their agent what becomes of their events.
#[session]
async fn chooses(session: &Session) {
    let chosen = session.hello().agent.as_deref();
    if let Some(chosen) = chosen.and_then(|it| it.parse().ok()) {
        session.set_overflow(chosen);
    }
}

fn server(realm: Option<Overflow>) -> Server {
    let limits = Limits {
        outbound_soft: 20_000,
        outbound_hard: 60_000,
        ..Limits::default()
    };
    let mut app = App::empty()
        .limits(limits)
        .sessions(sessions![chooses])
        .router(RouterOptions::new().meta_api(false));
    if let Some(overflow) = realm {
        app = app.overflow(overflow);
    }
    build(app)
}

async fn subscriber(server: &Server, agent: Option<&str>, options: &Value) -> (Client, u64) {
    let agent = agent.unwrap_or("a test");
    let details = json!({"agent": agent, "roles": everything()});
    let (mut client, _) = join_as(server, details).await;
    let id = subscribe(&mut client, 1, options.clone(), "t").await;
    (client, id)
}

async fn publish(server: &Server, events: std::ops::Range<u64>) {
    let mut publisher = join(server).await;
    for number in events {
        let event = json!([16, number + 1, {}, "t", [number, big()]]);
        say(&mut publisher, event).await;
        // Not so many at once that nobody could have read them.
        settle().await;
    }
    publisher.goodbye().await;
}

/// The events that still come: their numbers, and how many each of them says were left out before it.
async fn events(client: &mut Client, subscription: u64) -> Vec<(u64, u64)> {
    let mut events = Vec::new();
    for event in client.rest().await {
        assert_eq!((&event[0], &event[1]), (&json!(36), &json!(subscription)));
        let number = event[4][0].as_u64().expect("a number");
        let dropped = event[3].get("_dropped");
        let dropped = dropped.map(|it| it.as_u64().expect("a number"));
        assert_ne!(dropped, Some(0));
        events.push((number, dropped.unwrap_or_default()));
    }
    events
}

/// Events keep their order, and what is missing is told of, though not always by the very next one; how many are missing, and how many
/// come after the first of these.
fn gaps(events: &[(u64, u64)]) -> (u64, usize) {
    let (mut next, mut missing, mut told, mut after) = (0, 0, 0, 0);
    for (number, dropped) in events {
        assert!(*number >= next, "{events:?}");
        missing += number - next;
        told += dropped;
        assert!(told <= missing, "{events:?}");
        after += usize::from(missing > 0);
        next = number + 1;
    }
    assert_eq!(told, missing, "{events:?}");
    (missing, after)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    HungUpOn,
    LosesTheOldest,
    KeepsTheLatest,
}

#[tokio::test(start_paused = true)]
async fn the_subscription_says_it_before_the_session_before_the_realm() {
    use Fate::*;
    use Overflow::{Disconnect, DropOldest, LatestOnly};
    for (realm, session, subscription, fate) in [
        (None, None, None, HungUpOn),
        (None, None, Some("disconnect"), HungUpOn),
        (None, None, Some("drop_oldest"), LosesTheOldest),
        (None, None, Some("latest_only"), KeepsTheLatest),
        (None, Some("drop_oldest"), None, LosesTheOldest),
        (None, Some("latest_only"), None, KeepsTheLatest),
        (
            None,
            Some("latest_only"),
            Some("drop_oldest"),
            LosesTheOldest,
        ),
        (Some(DropOldest), None, None, LosesTheOldest),
        (Some(LatestOnly), None, None, KeepsTheLatest),
        (Some(Disconnect), None, None, HungUpOn),
        (Some(LatestOnly), Some("drop_oldest"), None, LosesTheOldest),
        (Some(LatestOnly), Some("disconnect"), None, HungUpOn),
        (Some(LatestOnly), None, Some("disconnect"), HungUpOn),
        (
            Some(DropOldest),
            Some("disconnect"),
            Some("latest_only"),
            KeepsTheLatest,
        ),
    ] {
        let case = format!("{realm:?} {session:?} {subscription:?}");
        let server = server(realm);
        let options = subscription.map_or(json!({}), |it| json!({"_overflow": it}));
        let (mut client, id) = subscriber(&server, session, &options).await;
        publish(&server, 0..EVENTS).await;
        let hung_up_on = server.stats().slow_consumers == 1;
        assert_eq!(hung_up_on, fate == HungUpOn, "{case}");
        let events = events(&mut client, id).await;
        let (missing, after) = gaps(&events);
        let last = events.last().expect("some events").0;
        if fate == HungUpOn {
            assert!(missing == 0 && last < EVENTS - 1, "{case}: {events:?}");
            continue;
        }
        assert_eq!(last, EVENTS - 1, "{case}");
        assert_eq!(server.stats().dropped_events, missing, "{case}");
        assert_eq!(events.len() as u64, EVENTS - missing, "{case}");
        if fate == KeepsTheLatest {
            assert_eq!(after, 1, "{case}: {events:?}");
        } else {
            assert!(after > 10, "{case}: {events:?}");
        }
        // The session goes on.
        publish(&server, 0..1).await;
        client.hears(json!([36, id, ANY, {}, [0, ANY]])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn subscriptions_of_one_session_lose_events_each_for_itself() {
    let server = server(None);
    let (mut client, exact) = subscriber(&server, None, &json!({"_overflow": "drop_oldest"})).await;
    let options = json!({"_overflow": "latest_only", "match": "prefix"});
    let prefix = subscribe(&mut client, 2, options, "t").await;
    publish(&server, 0..EVENTS).await;
    let mut heard = [Vec::new(), Vec::new()];
    for event in client.rest().await {
        let is_prefix = event[1] == prefix;
        assert!(is_prefix || event[1] == exact, "{event}");
        assert_eq!(event[3].get("topic").is_some(), is_prefix);
        let number = event[4][0].as_u64().expect("a number");
        let dropped = event[3].get("_dropped").and_then(Value::as_u64);
        heard[usize::from(is_prefix)].push((number, dropped.unwrap_or_default()));
    }
    let missing = heard.map(|events| {
        assert_eq!(events.last().map(|it| it.0), Some(EVENTS - 1));
        gaps(&events).0
    });
    assert_eq!(server.stats().dropped_events, missing[0] + missing[1]);
    assert_eq!(server.stats().slow_consumers, 0);
}

#[tokio::test(start_paused = true)]
async fn answers_are_not_left_out() {
    let server = server(Some(Overflow::DropOldest));
    let mut other = join(&server).await;
    register(&mut other, 1, json!({}), "p").await;
    let (mut client, id) = subscriber(&server, None, &json!({})).await;
    say(&mut client, json!([48, 2, {}, "p"])).await;
    other.hears(json!([68, 1, ANY, {}])).await;
    publish(&server, 0..EVENTS).await;
    say(&mut other, json!([70, 1, {}, ["answer"]])).await;
    publish(&server, EVENTS..2 * EVENTS).await;
    let heard = client.rest().await;
    let answers = heard.iter().filter(|it| it[0] == 50).collect::<Vec<_>>();
    assert_eq!(answers, [&json!([50, 2, {}, ["answer"]])]);
    assert_eq!(
        heard.last().map(|it| (&it[1], &it[4][0])),
        Some((&json!(id), &json!(2 * EVENTS - 1)))
    );
}

#[tokio::test(start_paused = true)]
async fn who_reads_loses_nothing_while_another_one_does() {
    let server = server(None);
    let lossy = json!({"_overflow": "latest_only"});
    let (_slow, _) = subscriber(&server, None, &lossy).await;
    let (mut quick, id) = subscriber(&server, None, &lossy).await;
    let mut publisher = join(&server).await;
    for number in 0..EVENTS {
        say(
            &mut publisher,
            json!([16, number + 1, {}, "t", [number, big()]]),
        )
        .await;
        quick.hears(json!([36, id, ANY, {}, [number, ANY]])).await;
    }
    assert!(server.stats().dropped_events > 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_lost_is_forgotten_with_the_subscription() {
    let server = server(Some(Overflow::DropOldest));
    let (mut client, id) = subscriber(&server, None, &json!({})).await;
    publish(&server, 0..EVENTS).await;
    say(&mut client, json!([34, 2, id])).await;
    say(&mut client, json!([32, 3, {}, "t"])).await;
    settle().await;
    let heard = client.rest().await;
    let at = heard
        .iter()
        .position(|it| it[0] == 35)
        .expect("UNSUBSCRIBED");
    assert_eq!(heard.len(), at + 2, "nothing of it comes later: {heard:?}");
    let id = heard[at + 1][2].as_u64().expect("an id");
    publish(&server, 0..1).await;
    client.hears(json!([36, id, ANY, {}, [0, ANY]])).await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_way_to_lose_events_is_a_violation() {
    let server = server(None);
    let mut client = join(&server).await;
    say(&mut client, json!([32, 1, {"_overflow": "some"}, "t"])).await;
    client.is_told_off_for("_overflow").await;
}

#[tokio::test(start_paused = true)]
async fn named_realms_do_as_the_application_does_unless_they_say_otherwise() {
    let routed = |name| Realm::new(name).router(RouterOptions::new());
    let app = App::empty()
        .overflow(Overflow::LatestOnly)
        .realm(routed("same"))
        .realm(routed("other").overflow(Overflow::Disconnect));
    let server = build(app);
    for (name, expected) in [
        ("same", vec![(5, 4)]),
        ("other", (1..=5).map(|it| (it, 0)).collect()),
    ] {
        let mut client = Client::connect(&server);
        say(&mut client, json!([1, name, {"roles": everything()}])).await;
        assert_eq!(client.next().await[0], 2);
        let id = subscribe(&mut client, 1, json!({}), "t").await;
        let realm = server.realm(name).expect("it is configured");
        for number in 1..=5 {
            // Nobody has a turn in between, so all of them wait.
            realm.publish("t", (number, big())).expect("text");
        }
        assert_eq!(events(&mut client, id).await, expected, "{name}");
    }
}

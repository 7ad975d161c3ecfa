//! Events: from handlers to sessions, and from clients to handlers.

use std::collections::BTreeMap;

use wamp_server::session::Delivery;
use wamp_server::{
    App, Call, CallError, Kwargs, Realm, Reply, Server, Session, State, procedure, procedures,
    subscriber, subscribers,
};

use crate::support::{ANY, Client, Events, Log, build, json, settle};

#[subscriber("chat.{room}.message")]
async fn on_message(
    room: &str,
    text: String,
    #[arg(default = 1)] times: u32,
    session: &Session,
    call: &Call,
    log: State<'_, Log>,
) {
    let known = session.id().get() > 0 && call.publication().is_some() && call.request().is_none();
    log.note(format!("{room}: {text} {times} {known}"));
}

#[subscriber("strict.message", strict)]
async fn on_strict(text: String, log: State<'_, Log>) {
    log.note(text);
}

#[subscriber("orders")]
async fn on_order(
    number: u32,
    events: State<'_, Events>,
    log: State<'_, Log>,
) -> Result<(), CallError> {
    log.note(format!("begin {number}"));
    events.wait(&format!("end {number}")).await;
    log.note(format!("end {number}"));
    Err(CallError::new("nobody.hears.this"))
}

#[subscriber("everything")]
async fn on_everything(
    kwargs: Kwargs<BTreeMap<String, serde_json::Value>>,
    realm: &Realm,
) -> Result<(), CallError> {
    realm.publish("news", kwargs.0)?;
    Ok(())
}

#[procedure("delivery")]
async fn delivery(topic: String, session: &Session) -> Result<String, CallError> {
    Ok(format!("{:?}", session.send_event(&topic, "x")?))
}

fn server() -> (Server, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty()
        .subscribers(subscribers![on_message, on_strict, on_order, on_everything])
        .procedures(procedures![delivery])
        .topic("news", async || ());
    (
        build(app.state(events.clone()).state(log.clone())),
        events,
        log,
    )
}

fn realm(server: &Server) -> &Realm {
    server.realm("realm1").expect("the default realm")
}

#[tokio::test(start_paused = true)]
async fn an_event_carries_whatever_a_result_may() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    let id = client.subscribe(1, "news").await;
    let realm = realm(&server);
    realm.publish("news", ()).expect("nothing");
    client.hears(json!([36, id, ANY, {}])).await;
    realm.publish("news", 0).expect("a number");
    client.hears(json!([36, id, ANY, {}, [0]])).await;
    realm.publish("news", (1, "a")).expect("a tuple");
    client.hears(json!([36, id, ANY, {}, [1, "a"]])).await;
    realm
        .publish("news", BTreeMap::from([("k", 1)]))
        .expect("a map");
    client.hears(json!([36, id, ANY, {}, [], {"k": 1}])).await;
    realm
        .publish("news", Reply::new().arg(1).kwarg("k", 2))
        .expect("a reply");
    client.hears(json!([36, id, ANY, {}, [1], {"k": 2}])).await;
}

#[tokio::test(start_paused = true)]
async fn an_event_has_one_random_id_for_all() {
    let (server, ..) = server();
    let mut one = Client::join(&server).await;
    let mut two = Client::join(&server).await;
    one.subscribe(1, "news").await;
    two.subscribe(1, "news").await;
    let mut ids = std::collections::HashSet::new();
    for _ in 0..100 {
        let published = realm(&server).publish("news", 1).expect("a number");
        assert_eq!(published.receivers, 2);
        let (one, two) = (one.next().await, two.next().await);
        assert_eq!(
            (&one[2], &two[2]),
            (&json!(published.id.get()), &json!(published.id.get()))
        );
        assert!(ids.insert(published.id));
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_is_the_publishers_error() {
    let (server, ..) = server();
    assert!(
        realm(&server)
            .publish("news", BTreeMap::from([((1, 2), 3)]))
            .is_err(),
        "even if nobody listens"
    );
    let mut client = Client::join(&server).await;
    client.subscribe(1, "news").await;
    assert!(
        realm(&server)
            .publish("news", BTreeMap::from([((1, 2), 3)]))
            .is_err()
    );
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn sessions_can_be_left_out_or_chosen() {
    let (server, ..) = server();
    let (mut clients, mut ids) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let mut client = Client::connect(&server);
        let id = client.hello().await;
        ids.push(wamp_proto::id::Id::new(id).expect("an id"));
        client.subscribe(1, "news").await;
        clients.push(client);
    }
    let realm = realm(&server);
    let [a, b, c] = ids[..] else { unreachable!() };
    let cases = [
        (realm.publication("news").exclude([a]), vec![1, 2]),
        (realm.publication("news").exclude([a, b, c]), vec![]),
        (realm.publication("news").eligible([b]), vec![1]),
        (realm.publication("news").eligible([]), vec![]),
        (
            realm.publication("news").eligible([a, b]).exclude([b]),
            vec![0],
        ),
        (
            realm.publication("news").eligible([a]).eligible([c]),
            vec![0, 2],
        ),
        (realm.publication("news"), vec![0, 1, 2]),
    ];
    for (publication, expected) in cases {
        let published = publication.send(1).expect("a number");
        assert_eq!(published.receivers, expected.len());
        let mut receivers = Vec::new();
        for (i, client) in clients.iter_mut().enumerate() {
            receivers.extend(client.rest().await.into_iter().map(|_| i));
        }
        assert_eq!(receivers, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_for_one_session_goes_to_it_alone_if_it_is_subscribed() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    let mut other = Client::join(&server).await;
    other.subscribe(1, "news").await;
    client.say(r#"[48,1,{},"delivery",["news"]]"#).await;
    client.hears(json!([50, 1, {}, ["NotSubscribed"]])).await;
    let id = client.subscribe(2, "news").await;
    client.say(r#"[48,3,{},"delivery",["news"]]"#).await;
    client.hears(json!([36, id, ANY, {}, ["x"]])).await;
    client.hears(json!([50, 3, {}, ["Queued"]])).await;
    other.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_has_ended_receives_nothing() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.subscribe(1, "news").await;
    let session = realm(&server).sessions().pop().expect("one session");
    assert!(session.is_open());
    client.vanish().await;
    assert!(!session.is_open());
    assert_ne!(
        session.publish("news", 1).expect("a number"),
        Delivery::Queued
    );
    assert_eq!(
        realm(&server)
            .publish("news", 1)
            .expect("a number")
            .receivers,
        0
    );
    session.ended().await;
}

#[tokio::test(start_paused = true)]
async fn events_of_one_publisher_keep_their_order_across_topics() {
    let (server, ..) = server();
    let server = {
        drop(server);
        build(App::empty().topic("a", async || ()).topic("b", async || ()))
    };
    let mut client = Client::join(&server).await;
    let (a, b) = (
        client.subscribe(1, "a").await,
        client.subscribe(2, "b").await,
    );
    for i in 0..200 {
        realm(&server)
            .publish(if i % 3 == 0 { "a" } else { "b" }, i)
            .expect("a number");
    }
    for i in 0..200 {
        client
            .hears(json!([36, if i % 3 == 0 { a } else { b }, ANY, {}, [i]]))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_clients_publish_reaches_its_handler_with_typed_arguments() {
    let (server, _, log) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[16,1,{},"chat.lobby.message",["hi"]]"#).await;
    client.hears_nothing().await;
    client
        .say(r#"[16,2,{"acknowledge":true},"chat.attic.message",[],{"text":"ho","times":2}]"#)
        .await;
    client.hears(json!([17, 2, ANY])).await;
    assert_eq!(log.take(), ["lobby: hi 1 true", "attic: ho 2 true"]);
    assert_eq!(server.stats().dropped_publications, 0);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_its_handler_cannot_take_is_only_logged() {
    let (server, _, log) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[16,1,{"acknowledge":true},"chat.lobby.message",[5]]"#)
        .await;
    client.hears(json!([17, 1, ANY])).await;
    client
        .say(r#"[16,2,{"acknowledge":true},"strict.message",["a","b"]]"#)
        .await;
    client.hears(json!([17, 2, ANY])).await;
    client.hears_nothing().await;
    assert_eq!(log.take(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_no_acknowledgement_gets_no_answer_whatever_happens() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    let topics = ["nobody", "wamp.metatopic", "a..b", "", "chat.lobby.message"];
    for topic in topics {
        client.say(json!([16, 1, {}, topic]).to_string()).await;
        client
            .say(json!([16, 2, {"acknowledge": false}, topic]).to_string())
            .await;
    }
    client.hears_nothing().await;
    assert_eq!(server.stats().dropped_publications, 8);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_acknowledgement_is_told_what_is_wrong() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    for topic in ["nobody", "wamp.metatopic", "a..b", "", "chat..message"] {
        client
            .say(json!([16, 1, {"acknowledge": true}, topic]).to_string())
            .await;
        client
            .hears(json!([8, 16, 1, {}, "wamp.error.invalid_uri", [ANY]]))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn events_are_handled_at_the_same_time_and_in_the_order_of_arrival() {
    let (server, events, log) = server();
    let mut client = Client::join(&server).await;
    for number in 1..=3 {
        client
            .say(json!([16, number, {}, "orders", [number]]).to_string())
            .await;
    }
    settle().await;
    assert_eq!(log.take(), ["begin 1", "begin 2", "begin 3"]);
    assert_eq!(server.stats().running_handlers, 3);
    for number in [2, 3, 1] {
        events.happen(format!("end {number}"));
        settle().await;
    }
    assert_eq!(log.take(), ["end 2", "end 3", "end 1"]);
    client.hears_nothing().await;
    assert_eq!(server.stats().running_handlers, 0);
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_pass_an_event_on_to_all() {
    let (server, ..) = server();
    let mut one = Client::join(&server).await;
    let mut two = Client::join(&server).await;
    let id = two.subscribe(1, "news").await;
    one.say(r#"[16,1,{"exclude_me":false,"exclude":[1],"eligible":[2],"disclose_me":true},"everything",[],{"a":[1]}]"#).await;
    two.hears(json!([36, id, ANY, {}, [], {"a": [1]}])).await;
    one.hears_nothing().await;
}

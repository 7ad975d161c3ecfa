//! What the tests of the router have in common.

use serde_json::Value;
use wamp_proto::codec::Format;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::auth::Principal;
use wamp_server::{App, Server, Session};

pub(super) use super::calls::{join, router};
pub(super) use crate::support::{ANY, Client, build, json, nothing_is_left, settle};

/// A realm in which everybody is who he says he is, in the role of the same name.
pub(super) fn named() -> App {
    let who = async |session: Session| {
        let name = session.hello().authid.clone()?;
        Some(Principal::new(&*name, &*name))
    };
    App::empty()
        .router(wamp_server::RouterOptions::new())
        .transport_authenticator(who)
}

/// A session that can do what it says; gives its id, too.
pub(super) async fn join_as(server: &Server, details: Value) -> (Client, u64) {
    let mut client = Client::connect(server);
    let id = hello(&mut client, details).await;
    (client, id)
}

pub(super) async fn hello(client: &mut Client, details: Value) -> u64 {
    say(client, json!([1, "realm1", details])).await;
    let welcome = client.next().await;
    assert_eq!(welcome[0], 2, "{welcome}");
    welcome[1].as_u64().expect("a session id")
}

/// A session of that name that can do everything; gives its id, too.
pub(super) async fn join_named(server: &Server, name: &str) -> (Client, u64) {
    let all = everything();
    join_as(server, json!({"authid": name, "roles": all})).await
}

/// What a session announces that can do everything.
pub(super) fn everything() -> Value {
    let hello: Value = serde_json::from_str(super::calls::EVERYTHING).expect("JSON");
    hello[2]["roles"].clone()
}

/// The same, but as a callee it can do only this.
pub(super) fn callee_of(features: &[&str]) -> Value {
    let mut roles = everything();
    let features = features.iter().map(|it| ((*it).to_owned(), json!(true)));
    roles["callee"] = json!({"features": features.collect::<serde_json::Map<_, _>>()});
    json!({"roles": roles})
}

/// A session that has announced all roles and nothing that they could.
pub(super) async fn plain(server: &Server) -> Client {
    let roles = json!({"caller": {}, "callee": {}, "publisher": {}, "subscriber": {}});
    join_as(server, json!({"roles": roles})).await.0
}

/// A session that can do everything and uses this serializer.
pub(super) async fn join_in(server: &Server, format: Format) -> Client {
    let subprotocol = Subprotocol {
        format,
        ..Subprotocol::default()
    };
    let mut client = Client::connect_as(server, subprotocol);
    hello(&mut client, json!({"roles": everything()})).await;
    client
}

pub(super) async fn say(client: &mut Client, message: Value) {
    client.say(message.to_string()).await;
}

/// Registers a procedure; gives the registration's id.
pub(super) async fn register(
    callee: &mut Client,
    request: u64,
    options: Value,
    procedure: &str,
) -> u64 {
    say(callee, json!([64, request, options, procedure])).await;
    let registered = callee.next().await;
    assert_eq!(
        (&registered[0], &registered[1]),
        (&json!(65), &json!(request)),
        "{registered}"
    );
    registered[2].as_u64().expect("a registration id")
}

/// Subscribes to a topic or a pattern; gives the subscription's id.
pub(super) async fn subscribe(
    subscriber: &mut Client,
    request: u64,
    options: Value,
    topic: &str,
) -> u64 {
    say(subscriber, json!([32, request, options, topic])).await;
    let subscribed = subscriber.next().await;
    assert_eq!(
        (&subscribed[0], &subscribed[1]),
        (&json!(33), &json!(request)),
        "{subscribed}"
    );
    subscribed[2].as_u64().expect("a subscription id")
}

/// The request is answered with an ERROR that says why in words.
pub(super) async fn refused(client: &mut Client, request: Value, error: &str) {
    say(client, request.clone()).await;
    let heard = client.next().await;
    let expected = json!([8, request[0], request[1], {}, error, [ANY]]);
    assert!(
        crate::support::matches(&expected, &heard),
        "{request}: {heard}"
    );
}

/// Who answers a call: the callee that hears the INVOCATION answers with its name.
pub(super) async fn answers(callee: &mut Client, caller: &mut Client, request: u64) {
    let invocation = callee.next().await;
    assert_eq!(invocation[0], 68, "{invocation}");
    say(callee, json!([70, invocation[1], {}, ["ok"]])).await;
    caller.hears(json!([50, request, {}, ["ok"]])).await;
}

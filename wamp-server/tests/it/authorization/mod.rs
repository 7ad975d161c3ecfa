//! What sessions may do.

mod authorizer;
mod disclosure;
mod events;
mod hidden;
mod replaced;
mod rules;

use crate::support::{ANY, Client, Events, Log, build, json, nothing_is_left, settle};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use wamp_server::auth::Principal;
use wamp_server::permission::{Access, Decision, Disclosure, Permissions, Rule};
use wamp_server::{
    App, Call, CallError, Limits, Server, Session, procedure, procedures, subscriber, subscribers,
    topic, topics,
};

#[procedure("shop.price")]
pub(super) async fn price() -> u32 {
    7
}

#[procedure("shop.orders", roles("admin", "staff"))]
pub(super) async fn orders() -> u32 {
    3
}

#[procedure("admin.stop")]
pub(super) async fn stop() {}

/// What others may be told about the caller.
#[procedure("shop.told")]
pub(super) async fn told(call: &Call) -> (bool, Option<u64>) {
    (call.is_disclosed(), call.trust_level())
}

#[topic("shop.news")]
pub(super) async fn news() {}

#[topic("shop.secrets", roles("admin"))]
pub(super) async fn secrets() {}

#[subscriber("chat.{room}")]
pub(super) async fn chat(room: &str, text: String, call: &Call, realm: &wamp_server::Realm) {
    let said = (room, text, call.is_disclosed(), call.trust_level());
    realm.publish("shop.news", said).expect("it can be sent");
}

#[subscriber("shop.alarm", roles("admin"))]
pub(super) async fn alarm() {}

/// Everybody is who he says he is, in the role of the same name.
pub(super) fn app() -> App {
    App::empty()
        .procedures(procedures![price, orders, stop, told])
        .topics(topics![news, secrets])
        .subscribers(subscribers![chat, alarm])
        .transport_authenticator(async |session: Session| {
            let name = session.hello().authid.clone()?;
            Some(Principal::new(&*name, &*name))
        })
}

pub(super) async fn join(server: &Server, name: &str) -> Client {
    let mut client = Client::connect(server);
    let roles = json!({"caller": {}, "subscriber": {}, "publisher": {}});
    client
        .say(json!([1, "realm1", {"authid": name, "roles": roles}]).to_string())
        .await;
    let welcome = client.next().await;
    assert_eq!(
        (&welcome[0], &welcome[2]["authrole"]),
        (&json!(2), &json!(name)),
        "{welcome}"
    );
    client
}

pub(super) const NOT_AUTHORIZED: &str = "wamp.error.not_authorized";
pub(super) const FAILED: &str = "wamp.error.authorization_failed";
pub(super) const NO_SUCH_PROCEDURE: &str = "wamp.error.no_such_procedure";
pub(super) const INVALID_URI: &str = "wamp.error.invalid_uri";

/// Calls and gives the result, or the error's URI.
pub(super) async fn call(client: &mut Client, procedure: &str) -> Value {
    outcome(client, json!([48, 9, {}, procedure])).await
}

pub(super) async fn outcome(client: &mut Client, request: Value) -> Value {
    client.say(request.to_string()).await;
    let answer = client.next().await;
    match answer[0].as_u64() {
        Some(8) => answer[4].clone(),
        Some(50) => answer[3][0].clone(),
        _ => answer[0].clone(),
    }
}

pub(super) async fn subscribe(client: &mut Client, topic: &str) -> Value {
    outcome(client, json!([32, 9, {}, topic])).await
}

pub(super) async fn publish(client: &mut Client, topic: &str) -> Value {
    outcome(client, json!([16, 9, {"acknowledge": true}, topic, ["hi"]])).await
}

pub(super) fn permissions() -> Permissions {
    Permissions::new()
        .role("admin", [Rule::prefix("").all()])
        .role(
            "staff",
            [
                Rule::prefix("shop.").all(),
                Rule::prefix("chat.").publish().disclose().trust_level(3),
            ],
        )
        .role(
            "customer",
            [
                Rule::prefix("shop.").call().subscribe(),
                Rule::exact("shop.told"),
                Rule::wildcard("chat.").publish(),
                Rule::exact("chat.private"),
            ],
        )
}

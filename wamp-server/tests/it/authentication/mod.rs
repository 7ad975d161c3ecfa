//! Who may come in.

mod custom;
mod failures;
mod tickets;
mod transport;

use crate::support::{ANY, Client, Events, Log, build, json, nothing_is_left, settle};
use http::{HeaderMap, HeaderValue, Uri};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;
use wamp_proto::message::details::ChallengeExtra;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::auth::{Authenticator, Exchange, Principal};
use wamp_server::transport::TransportInfo;
use wamp_server::{
    App, CallError, Identity, Limits, Server, Session, procedure, procedures, session, sessions,
};

pub(super) struct User {
    number: u32,
}

#[procedure("me")]
pub(super) async fn me(user: Identity<'_, User>, session: &Session) -> (u32, String) {
    (user.number, session.auth().id.to_string())
}

#[procedure("sessions")]
pub(super) async fn sessions(session: &Session) -> usize {
    session.realm().sessions().len()
}

pub(super) fn app() -> App {
    App::empty().procedures(procedures![me, sessions])
}

pub(super) fn joe() -> Principal {
    Principal::new("joe", "customer")
        .provider("shop")
        .extra("theme", "dark")
        .identity(User { number: 7 })
}

/// Lets Joe in by his ticket.
pub(super) fn with_ticket() -> App {
    app().ticket(async |session, ticket| {
        let is_joe = session.hello().authid.as_deref() == Some("joe");
        (ticket.is_same("open sesame") & is_joe).then(joe)
    })
}

/// HELLO of Joe, with these methods.
pub(super) fn hello(methods: &[&str]) -> String {
    hello_with(json!({"authid": "joe", "authmethods": methods}))
}

pub(super) fn hello_with(mut details: Value) -> String {
    details["roles"] = json!({"caller": {}, "subscriber": {}});
    json!([1, "realm1", details]).to_string()
}

pub(super) async fn knock(server: &Server, hello: &str) -> Client {
    let mut client = Client::connect(server);
    client.say(hello).await;
    client
}

/// ABORT with this reason, then the end; the message for people.
pub(super) async fn is_turned_away(client: &mut Client, reason: &str) -> String {
    let abort = client.next().await;
    assert_eq!(
        (&abort[0], &abort[2]),
        (&json!(3), &json!(reason)),
        "{abort}"
    );
    client.hears_the_end().await;
    abort[1]["message"]
        .as_str()
        .expect("a text for people")
        .to_owned()
}

//! What clients offer, used by server code: calls of their procedures, and events.

mod calls;
mod endings;
mod functions;
mod progress;
mod publications;
mod races;
mod subscriptions;

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::timeout;
use wamp_proto::id::Id;
use wamp_server::realm::{CallResult, OutgoingCall};
use wamp_server::{CallError, Realm, Server, Session};

use super::calls::{EVERYTHING, join, router};
use crate::support::{ANY, Client, json};

/// A client that offers procedures, and its session.
async fn callee(server: &Server, procedures: &[&str]) -> (Client, Session) {
    callee_of(server, EVERYTHING, procedures).await
}

async fn callee_of(server: &Server, hello: &str, procedures: &[&str]) -> (Client, Session) {
    let mut client = Client::connect(server);
    client.say(hello).await;
    let session = welcome(server, &mut client).await;
    for (i, procedure) in procedures.iter().enumerate() {
        register(&mut client, i + 1, json!({}), procedure).await;
    }
    (client, session)
}

async fn welcome(server: &Server, client: &mut Client) -> Session {
    let welcome = client.next().await;
    assert_eq!(welcome[0], 2, "WELCOME, not {welcome}");
    let id = welcome[1].as_u64().and_then(Id::new).expect("an id");
    realm(server).session(id).expect("it is open")
}

async fn register(
    client: &mut Client,
    request: usize,
    options: serde_json::Value,
    procedure: &str,
) {
    client
        .say(json!([64, request, options, procedure]).to_string())
        .await;
    client.hears(json!([65, request, ANY])).await;
}

fn realm(server: &Server) -> &Realm {
    server.realm("realm1").expect("there is one")
}

type Answer = Result<CallResult, CallError>;

/// Makes a call, and lets the test answer it.
fn begin(call: OutgoingCall) -> JoinHandle<Answer> {
    tokio::spawn(call.into_future())
}

/// What a call has become, without time passing.
async fn outcome(call: JoinHandle<Answer>) -> Answer {
    let outcome = timeout(Duration::from_millis(1), call).await;
    outcome.expect("it has ended").expect("it does not panic")
}

async fn failure(call: JoinHandle<Answer>) -> CallError {
    outcome(call).await.expect_err("it fails")
}

/// The text that an error of the router has.
fn text(error: &CallError) -> String {
    let (text,) = error.args::<(String,)>().expect("a text");
    text
}

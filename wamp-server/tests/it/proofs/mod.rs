//! Secrets, passwords and keys: right, wrong, replayed, and of people who do not exist.

mod cra;
mod cryptosign;
mod principals;
mod scram;

use serde_json::Value;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::Server;
use wamp_server::auth::Principal;
use wamp_server::transport::TransportInfo;

use crate::support::{ANY, Client, json};

pub(super) const DENIED: &str = "wamp.error.authentication_denied";

/// What a peer says in HELLO, and answers to CHALLENGE.
pub(super) trait Proof {
    fn hello(&self) -> Value;
    fn answer(&mut self, challenge: &Value) -> (String, Value);
}

/// Says HELLO and answers the challenge, which is given back with the answer; what comes of it is still to be heard.
pub(super) async fn prove(server: &Server, proof: &mut impl Proof) -> (Client, Value, Value) {
    prove_from(server, TransportInfo::default(), proof).await
}

pub(super) async fn prove_from(
    server: &Server,
    info: TransportInfo,
    proof: &mut impl Proof,
) -> (Client, Value, Value) {
    let (mut client, challenge) = ask(server, info, proof.hello()).await;
    let (signature, extra) = proof.answer(&challenge);
    let answer = json!([5, signature, extra]);
    client.say(answer.to_string()).await;
    (client, challenge, answer)
}

/// Says HELLO and hears the challenge.
pub(super) async fn ask(server: &Server, info: TransportInfo, mut hello: Value) -> (Client, Value) {
    hello["roles"] = json!({"caller": {}});
    let mut client = Client::connect_from(server, Subprotocol::default(), info);
    client.say(json!([1, "realm1", hello]).to_string()).await;
    let challenge = client.next().await;
    assert_eq!(
        (&challenge[0], &challenge[1]),
        (&json!(4), &hello["authmethods"][0]),
        "{challenge}"
    );
    (client, challenge[2].clone())
}

/// WELCOME of this principal.
pub(super) async fn is_let_in(client: &mut Client, id: &str, role: &str) -> Value {
    let welcome = client.next().await;
    assert_eq!(welcome[0], 2, "{welcome}");
    assert_eq!(
        (&welcome[2]["authid"], &welcome[2]["authrole"]),
        (&json!(id), &json!(role))
    );
    welcome
}

pub(super) async fn is_turned_away(client: &mut Client, reason: &str) {
    client.hears(json!([3, {"message": ANY}, reason])).await;
    client.hears_the_end().await;
}

/// A recorded answer opens no other session, whether before or after the right one.
pub(super) async fn cannot_be_replayed(server: &Server, proof: &mut impl Proof) {
    let (mut client, first, recorded) = prove(server, proof).await;
    assert_eq!(client.next().await[0], 2);
    let (mut client, second) = ask(server, TransportInfo::default(), proof.hello()).await;
    assert_ne!(first, second, "every challenge is a new one");
    client.say(recorded.to_string()).await;
    is_turned_away(&mut client, DENIED).await;
}

pub(super) fn principal(name: &str) -> Principal {
    Principal::new(name, "user").provider("shop")
}

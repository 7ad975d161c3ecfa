//! Principals that are known beforehand.

use serde_json::Value;
use wamp_proto::auth::scram::{Credential, Dialect};
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::auth::{CraCredential, Principal, Principals, ScramCredential};
use wamp_server::transport::TransportInfo;
use wamp_server::{App, Server};

use super::cra::Cra;
use super::cryptosign::{Cryptosign, key};
use super::scram::{CHEAP, Scram};
use super::{DENIED, Proof, ask, is_let_in, is_turned_away, prove};
use crate::support::{Client, build, json};

#[tokio::test(start_paused = true)]
async fn principals_that_are_known_beforehand_come_in_by_what_they_have() {
    let scram = |dialect| {
        let credential = Credential::derive(dialect, "pencil", b"0123456789abcdef", CHEAP);
        ScramCredential::new(joe(), credential.expect("good parameters"))
    };
    let principals = Principals::new()
        .ticket(joe(), "open sesame")
        .wampcra(CraCredential::new(joe(), "secret1"))
        .wamp_scram(scram(Dialect::Wamp))
        .scram(scram(Dialect::Crossbar))
        .cryptosign(joe(), key().public_key())
        .certificate(joe(), show(b"joe's").fingerprint().expect("a certificate"));
    assert!(!format!("{principals:?}").contains("sesame"));
    let server = build(App::empty().principals(principals));

    async fn comes_in(server: &Server, mut right: impl Proof, mut wrong: impl Proof) {
        let (mut client, ..) = prove(server, &mut right).await;
        let welcome = is_let_in(&mut client, "joe", "user").await;
        assert_eq!(welcome[2]["authprovider"], "static");
        let (mut client, ..) = prove(server, &mut wrong).await;
        is_turned_away(&mut client, DENIED).await;
    }
    let cra = |authid, secret| Cra { authid, secret };
    comes_in(&server, cra("joe", "secret1"), cra("jim", "secret1")).await;
    for dialect in [Dialect::Wamp, Dialect::Crossbar] {
        let proof = |authid| Scram::new(dialect, authid, "pencil");
        comes_in(&server, proof("joe"), proof("jim")).await;
    }
    comes_in(&server, Cryptosign::new(1), Cryptosign::new(2)).await;
    comes_in(
        &server,
        Ticket("joe", "open sesame"),
        Ticket("jim", "open sesame"),
    )
    .await;
    comes_in(&server, Ticket("joe", "open sesame"), Ticket("jim", "")).await;

    // A certificate needs no questions, and comes before everything else.
    let hello = json!([1, "realm1", {"roles": {"caller": {}}, "authmethods": ["ticket"]}]);
    let mut client = Client::connect_from(&server, Subprotocol::default(), show(b"joe's"));
    client.say(hello.to_string()).await;
    let welcome = is_let_in(&mut client, "joe", "user").await;
    assert_eq!(welcome[2]["authmethod"], "tls");
    let mut client = Client::connect_from(&server, Subprotocol::default(), show(b"jim's"));
    client.say(hello.to_string()).await;
    client.hears(json!([4, "ticket", {}])).await;

    // The key is Joe's, whoever the peer says it is.
    let hello = json!({"authid": "jim", "authmethods": ["cryptosign"], "authextra": {"pubkey": key().public_key().to_hex()}});
    let (mut client, challenge) = ask(&server, TransportInfo::default(), hello).await;
    let (signature, _) = Cryptosign::new(1).answer(&challenge);
    client.say(json!([5, signature, {}]).to_string()).await;
    is_turned_away(&mut client, DENIED).await;
}

fn show(certificate: &[u8]) -> TransportInfo {
    TransportInfo::default().with_certificate(certificate)
}

/// Whom `principals` knows, without saying by whom he is known.
fn joe() -> Principal {
    Principal::new("joe", "user")
}

struct Ticket(&'static str, &'static str);

impl Proof for Ticket {
    fn hello(&self) -> Value {
        json!({"authid": self.0, "authmethods": ["ticket"]})
    }

    fn answer(&mut self, _: &Value) -> (String, Value) {
        (self.1.to_owned(), json!({}))
    }
}

//! Cryptosign, and proofs that are bound to a channel.

use serde_json::Value;
use wamp_proto::auth::cryptosign::{PublicKey, SigningKey};
use wamp_proto::auth::scram::Dialect;
use wamp_server::App;
use wamp_server::transport::TransportInfo;

use super::scram::{CHEAP, Scram, with_scram};
use super::{
    DENIED, Proof, cannot_be_replayed, is_let_in, is_turned_away, principal, prove, prove_from,
};
use crate::support::{Client, build, json};

pub(super) fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

pub(super) struct Cryptosign {
    named: PublicKey,
    key: SigningKey,
    channel: Option<[u8; 32]>,
}

impl Cryptosign {
    pub(super) fn new(seed: u8) -> Self {
        let key = SigningKey::from_seed([seed; 32]);
        Self {
            named: key.public_key(),
            key,
            channel: None,
        }
    }
}

impl Proof for Cryptosign {
    fn hello(&self) -> Value {
        json!({"authmethods": ["cryptosign"], "authextra": {
            "pubkey": self.named.to_hex(),
            "channel_binding": self.channel.map(|_| "tls-exporter"),
        }})
    }

    fn answer(&mut self, challenge: &Value) -> (String, Value) {
        let text = challenge["challenge"].as_str().expect("a text");
        assert_eq!(
            challenge["channel_binding"].as_str(),
            self.channel.map(|_| "tls-exporter")
        );
        let bytes = (0..text.len()).step_by(2);
        let bytes = bytes.map(|i| u8::from_str_radix(&text[i..i + 2], 16).expect("hexadecimal"));
        let challenge: [u8; 32] = bytes.collect::<Vec<_>>().try_into().expect("32 bytes");
        (self.key.sign(&challenge, self.channel.as_ref()), json!({}))
    }
}

fn with_cryptosign() -> App {
    App::empty()
        .cryptosign(async |_, found| (found == key().public_key()).then(|| principal("joe")))
}

#[tokio::test(start_paused = true)]
async fn a_key_opens_the_session() {
    let server = build(with_cryptosign());
    let mut joe = Cryptosign::new(1);
    let (mut client, ..) = prove(&server, &mut joe).await;
    let welcome = is_let_in(&mut client, "joe", "user").await;
    assert_eq!(welcome[2]["authmethod"], "cryptosign");
    cannot_be_replayed(&server, &mut joe).await;
}

#[tokio::test(start_paused = true)]
async fn only_the_key_itself_opens_the_session() {
    let server = build(with_cryptosign());
    let stolen = Cryptosign {
        named: key().public_key(),
        ..Cryptosign::new(2)
    };
    for mut proof in [Cryptosign::new(2), stolen] {
        let (mut client, ..) = prove(&server, &mut proof).await;
        is_turned_away(&mut client, DENIED).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_proof_that_is_bound_to_a_channel_holds_for_no_other() {
    let server = build(with_cryptosign());
    let here = || TransportInfo::default().with_channel_binding([9; 32]);
    for (channel, is_right) in [([9; 32], true), ([8; 32], false)] {
        let mut joe = Cryptosign {
            channel: Some(channel),
            ..Cryptosign::new(1)
        };
        let (mut client, ..) = prove_from(&server, here(), &mut joe).await;
        if is_right {
            is_let_in(&mut client, "joe", "user").await;
        } else {
            is_turned_away(&mut client, DENIED).await;
        }
    }
    let server = build(with_scram(CHEAP));
    for (channel, is_right) in [([9; 32], true), ([8; 32], false)] {
        let mut joe = Scram::bound(Dialect::Wamp, "joe", "pencil", Some(channel));
        let (mut client, ..) = prove_from(&server, here(), &mut joe).await;
        if is_right {
            is_let_in(&mut client, "joe", "user").await;
        } else {
            is_turned_away(&mut client, DENIED).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hello_that_lacks_what_the_method_needs_is_told_so() {
    let server = build(with_scram(CHEAP).cryptosign(async |_, _| Some(principal("joe"))));
    for hello in [
        json!({"authid": "joe", "authmethods": ["wamp-scram"]}),
        json!({"authid": "joe", "authmethods": ["wamp-scram"], "authextra": {"nonce": 7}}),
        json!({"authid": "joe", "authmethods": ["scram"], "authextra": {"nonce": ""}}),
        json!({"authmethods": ["scram"], "authextra": {"nonce": "AAAA"}}),
        json!({"authid": "joe", "authmethods": ["wamp-scram"], "authextra": {"nonce": "AAAA", "channel_binding": "tls-exporter"}}),
        json!({"authid": "joe", "authmethods": ["cryptosign"]}),
        json!({"authid": "joe", "authmethods": ["cryptosign"], "authextra": {"pubkey": "00"}}),
        json!({"authid": "joe", "authmethods": ["cryptosign"], "authextra": {"pubkey": "0".repeat(64)}}),
        json!({"authid": "joe", "authmethods": ["cryptosign"], "authextra": {"pubkey": key().public_key().to_hex(), "channel_binding": "tls-unique"}}),
        json!({"authid": "joe", "authmethods": ["cryptosign"], "authextra": {"pubkey": key().public_key().to_hex(), "channel_binding": "tls-exporter"}}),
    ] {
        let mut details = hello.clone();
        details["roles"] = json!({"caller": {}});
        let mut client = Client::connect(&server);
        client.say(json!([1, "realm1", details]).to_string()).await;
        let abort = client.next().await;
        assert_eq!(
            (&abort[0], &abort[2]),
            (&json!(3), &json!("wamp.error.authentication_failed")),
            "{hello}: {abort}"
        );
        client.hears_the_end().await;
    }
}

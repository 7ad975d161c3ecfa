//! SCRAM, in both dialects.

use serde_json::Value;
use wamp_proto::auth::scram::{self, Credential, Dialect, Kdf};
use wamp_proto::message::details::ChallengeExtra;
use wamp_server::auth::{Decoys, Principals, ScramCredential};
use wamp_server::{App, Session};

use super::{DENIED, Proof, cannot_be_replayed, is_let_in, is_turned_away, principal, prove};
use crate::support::{build, json};

pub(super) struct Scram {
    dialect: Dialect,
    authid: &'static str,
    password: &'static str,
    channel: Option<[u8; 32]>,
    client: scram::Client,
    proof: Option<scram::ServerProof>,
}

impl Scram {
    pub(super) fn new(dialect: Dialect, authid: &'static str, password: &'static str) -> Self {
        Self::bound(dialect, authid, password, None)
    }

    pub(super) fn bound(
        dialect: Dialect,
        authid: &'static str,
        password: &'static str,
        channel: Option<[u8; 32]>,
    ) -> Self {
        let client = scram::Client::new(dialect, authid, &[7; 16], channel);
        Self {
            dialect,
            authid,
            password,
            channel,
            client: client.expect("a name"),
            proof: None,
        }
    }
}

impl Proof for Scram {
    fn hello(&self) -> Value {
        json!({"authid": self.authid, "authmethods": [self.dialect.method()], "authextra": {
            "nonce": self.client.nonce(),
            "channel_binding": self.client.channel_binding(),
        }})
    }

    fn answer(&mut self, challenge: &Value) -> (String, Value) {
        let text = |key: &str| challenge[key].as_str().map(|it| it.to_owned().into());
        let extra = ChallengeExtra {
            nonce: text("nonce"),
            salt: text("salt"),
            kdf: text("kdf"),
            iterations: challenge["iterations"].as_u64(),
            memory: challenge["memory"].as_u64(),
            channel_binding: text("channel_binding"),
            ..ChallengeExtra::default()
        };
        let fresh = Self::bound(self.dialect, self.authid, self.password, self.channel);
        let client = std::mem::replace(self, fresh).client;
        let (answer, proof) = client
            .answer(self.password, &extra)
            .expect("a good challenge");
        self.proof = Some(proof);
        let extra = json!({
            "nonce": answer.extra.nonce.as_deref(),
            "channel_binding": answer.extra.channel_binding.as_deref(),
            "cbind_data": answer.extra.cbind_data.as_deref(),
        });
        (answer.signature.expose().to_string(), extra)
    }
}

pub(super) const CHEAP: Kdf = Kdf::Pbkdf2 { iterations: 4096 };

pub(super) fn with_scram(kdf: Kdf) -> App {
    let credential = move |dialect| {
        Credential::derive(dialect, "pencil", b"0123456789abcdef", kdf).expect("good parameters")
    };
    let find = move |dialect: Dialect| {
        let stored = credential(dialect);
        move |session: Session| {
            let found = (session.hello().authid.as_deref() == Some("joe"))
                .then(|| ScramCredential::new(principal("joe"), stored.clone()));
            std::future::ready(found)
        }
    };
    App::empty()
        .wamp_scram(find(Dialect::Wamp))
        .scram(find(Dialect::Crossbar))
}

#[tokio::test(start_paused = true)]
async fn a_password_opens_the_session_and_the_server_proves_itself() {
    let argon = Kdf::Argon2id {
        iterations: 16,
        memory: 1024,
    };
    for kdf in [CHEAP, argon] {
        let server = build(with_scram(kdf));
        for dialect in [Dialect::Wamp, Dialect::Crossbar] {
            let mut joe = Scram::new(dialect, "joe", "pencil");
            let (mut client, ..) = prove(&server, &mut joe).await;
            let welcome = is_let_in(&mut client, "joe", "user").await;
            assert_eq!(welcome[2]["authmethod"], dialect.method());
            let verifier = welcome[2]["authextra"][dialect.verifier_key()].as_str();
            let proof = joe.proof.take().expect("it was asked");
            assert!(proof.verify(verifier.expect("a proof")).is_ok());
            cannot_be_replayed(&server, &mut joe).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_and_somebody_unknown_are_denied_alike() {
    let server = build(with_scram(CHEAP));
    for dialect in [Dialect::Wamp, Dialect::Crossbar] {
        let mut joe = Scram::new(dialect, "joe", "pencil");
        let (_, known, _) = prove(&server, &mut joe).await;
        for (authid, password) in [("joe", "wrong"), ("jim", "pencil"), ("jim", "pencil")] {
            let mut proof = Scram::new(dialect, authid, password);
            let (mut client, challenge, _) = prove(&server, &mut proof).await;
            is_turned_away(&mut client, DENIED).await;
            for key in ["kdf", "iterations", "memory"] {
                assert_eq!(challenge[key], known[key], "{key}");
            }
            let salt = |it: &Value| it["salt"].as_str().map(str::len);
            assert_eq!(salt(&challenge), salt(&known));
        }
    }
}

/// The unknown user comes first, and the salts are unusually long.
#[tokio::test(start_paused = true)]
async fn decoys_of_principals_are_like_the_first_from_the_beginning() {
    for dialect in [Dialect::Wamp, Dialect::Crossbar] {
        let credential = Credential::derive(dialect, "pencil", &[7; 32], CHEAP);
        let credential =
            ScramCredential::new(principal("joe"), credential.expect("good parameters"));
        let principals = Principals::new();
        let principals = match dialect {
            Dialect::Wamp => principals.wamp_scram(credential),
            Dialect::Crossbar => principals.scram(credential),
        };
        let server = build(App::empty().principals(principals));
        let (_, unknown, _) = prove(&server, &mut Scram::new(dialect, "jim", "pencil")).await;
        let (_, known, _) = prove(&server, &mut Scram::new(dialect, "joe", "pencil")).await;
        for key in ["kdf", "iterations", "memory"] {
            assert_eq!(unknown[key], known[key], "{key}");
        }
        let salt = |it: &Value| it["salt"].as_str().map(str::len);
        assert_eq!(salt(&unknown), salt(&known));
    }
}

#[tokio::test(start_paused = true)]
async fn decoys_cost_what_was_said_from_the_beginning() {
    for dialect in [Dialect::Wamp, Dialect::Crossbar] {
        let decoys = Decoys::new([7; 32]).scram(dialect, CHEAP, 24);
        let server = build(with_scram(CHEAP).decoys(decoys));
        let (_, unknown, _) = prove(&server, &mut Scram::new(dialect, "jim", "pencil")).await;
        assert_eq!(unknown["kdf"], "pbkdf2");
        assert_eq!(unknown["iterations"], 4096);
        assert_eq!(
            unknown["salt"].as_str().map(str::len),
            Some(32),
            "24 bytes in Base64"
        );
    }
}

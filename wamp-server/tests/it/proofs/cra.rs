//! WAMP-CRA.

use serde_json::Value;
use wamp_proto::auth::cra::{Salt, derive_key, sign};
use wamp_server::auth::{CraCredential, Decoys, Principals};
use wamp_server::transport::TransportInfo;
use wamp_server::{App, Session};

use super::{DENIED, Proof, ask, cannot_be_replayed, is_let_in, is_turned_away, principal, prove};
use crate::support::{build, json};

pub(super) struct Cra {
    pub(super) authid: &'static str,
    pub(super) secret: &'static str,
}

impl Proof for Cra {
    fn hello(&self) -> Value {
        json!({"authid": self.authid, "authmethods": ["wampcra"]})
    }

    fn answer(&mut self, challenge: &Value) -> (String, Value) {
        let text = challenge["challenge"].as_str().expect("a text");
        let key = match challenge["salt"].as_str() {
            Some(salt) => {
                let number = |key: &str| challenge[key].as_u64().and_then(|it| it.try_into().ok());
                let (iterations, keylen) = (number("iterations"), number("keylen"));
                let salt = Salt::with_cost(
                    salt,
                    iterations.expect("a number"),
                    keylen.expect("a number"),
                );
                derive_key(self.secret.as_bytes(), &salt.expect("a salt"))
                    .expose()
                    .to_string()
            }
            None => self.secret.to_owned(),
        };
        (sign(key.as_bytes(), text), json!({}))
    }
}

fn with_cra() -> App {
    App::empty().wampcra(async |session: Session| {
        let name = session.hello().authid.as_deref()?;
        (name == "joe").then(|| CraCredential::new(principal("joe"), "secret1"))
    })
}

fn with_salted_cra() -> App {
    App::empty().wampcra(async |session: Session| {
        let name = session.hello().authid.as_deref()?;
        (name == "joe").then(|| {
            let salt = Salt::with_cost("salt123salt123", 100, 16).expect("a salt");
            CraCredential::salted(principal("joe"), derive_key(b"secret1", &salt), salt)
        })
    })
}

#[tokio::test(start_paused = true)]
async fn a_shared_secret_opens_the_session_and_the_challenge_says_whose() {
    for app in [with_cra(), with_salted_cra()] {
        let server = build(app);
        let mut joe = Cra {
            authid: "joe",
            secret: "secret1",
        };
        let (mut client, challenge, _) = prove(&server, &mut joe).await;
        let welcome = is_let_in(&mut client, "joe", "user").await;
        assert_eq!(welcome[2]["authmethod"], "wampcra");
        let text = challenge["challenge"].as_str().expect("a text");
        let told: Value = serde_json::from_str(text).expect("JSON");
        for key in ["authid", "authrole", "authmethod", "authprovider"] {
            assert_eq!(told[key], welcome[2][key], "{key}");
        }
        assert_eq!(told["session"], welcome[1]);
        assert!(
            told["timestamp"]
                .as_str()
                .is_some_and(|it| it.ends_with('Z') && it.contains('T'))
        );
        cannot_be_replayed(&server, &mut joe).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_secret_and_an_unknown_user_are_denied_alike() {
    for app in [with_cra(), with_salted_cra()] {
        let server = build(app);
        let mut joe = Cra {
            authid: "joe",
            secret: "secret1",
        };
        let (mut client, known, _) = prove(&server, &mut joe).await;
        client.next().await;
        let mut unknown = Vec::new();
        for mut proof in [
            Cra {
                authid: "joe",
                secret: "wrong",
            },
            Cra {
                authid: "jim",
                secret: "secret1",
            },
            Cra {
                authid: "jim",
                secret: "",
            },
            Cra {
                authid: "ann",
                secret: "secret1",
            },
        ] {
            let (mut client, challenge, _) = prove(&server, &mut proof).await;
            is_turned_away(&mut client, DENIED).await;
            unknown.push(challenge);
        }
        // Nothing but what differs for everybody tells that Jim is not there.
        for challenge in &unknown {
            let shape = |it: &Value| {
                let mut it = it.clone();
                it["salt"] = json!(it["salt"].as_str().map(str::len));
                let text = it["challenge"].as_str().expect("a text");
                let mut told: Value = serde_json::from_str(text).expect("JSON");
                for key in ["authid", "nonce", "session", "timestamp"] {
                    told[key] = json!(null);
                }
                it["challenge"] = told;
                it
            };
            assert_eq!(shape(challenge), shape(&known));
        }
        assert_eq!(
            unknown[1]["salt"], unknown[2]["salt"],
            "the same for the same name"
        );
        if unknown[1]["salt"].is_string() {
            assert_ne!(
                unknown[1]["salt"], unknown[3]["salt"],
                "another one for another name"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_no_signature() {
    let server = build(with_cra());
    for signature in ["", "secret1", "AAAA", &"A".repeat(10_000)] {
        let hello = json!({"authid": "joe", "authmethods": ["wampcra"]});
        let (mut client, _) = ask(&server, TransportInfo::default(), hello).await;
        client.say(json!([5, signature, {}]).to_string()).await;
        is_turned_away(&mut client, DENIED).await;
    }
}

/// The unknown user comes first, and to two servers: what is said about decoys must not come from having seen somebody.
#[tokio::test(start_paused = true)]
async fn decoys_are_as_it_was_said_from_the_beginning() {
    const SALT: &str = "5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99";
    let salt = || Salt::with_cost(SALT, 100, 16).expect("a salt");
    let credential =
        move || CraCredential::salted(principal("joe"), derive_key(b"secret1", &salt()), salt());
    let find = move |session: Session| {
        let is_joe = session.hello().authid.as_deref() == Some("joe");
        std::future::ready(is_joe.then(credential))
    };
    let decoys = || {
        Decoys::new([7; 32])
            .role("user")
            .provider("shop")
            .salt(Some(salt()))
    };
    let said = || build(App::empty().wampcra(find).decoys(decoys()));
    let principals = || {
        build(
            App::empty()
                .decoys(decoys())
                .principals(Principals::new().wampcra(credential())),
        )
    };
    let mut salts = Vec::new();
    for server in [said(), said(), principals()] {
        let (_, unknown, _) = prove(
            &server,
            &mut Cra {
                authid: "jim",
                secret: "x",
            },
        )
        .await;
        let (_, known, _) = prove(
            &server,
            &mut Cra {
                authid: "joe",
                secret: "secret1",
            },
        )
        .await;
        let (_, again, _) = prove(
            &server,
            &mut Cra {
                authid: "jim",
                secret: "x",
            },
        )
        .await;
        assert_eq!(unknown["salt"], again["salt"]);
        for key in ["iterations", "keylen"] {
            assert_eq!(unknown[key], known[key], "{key}");
        }
        let text = unknown["salt"].as_str().expect("a text");
        assert_eq!(text.len(), 64);
        assert!(text.bytes().all(|it| it.is_ascii_hexdigit()), "{text}");
        salts.push(unknown["salt"].clone());
    }
    salts.dedup();
    assert_eq!(salts.len(), 1, "{salts:?}");
}

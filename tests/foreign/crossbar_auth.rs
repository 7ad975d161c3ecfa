//! Our client proves to Crossbar.io who it is, by each method that Crossbar.io has, over WebSocket and RawSocket in three serializers.

use serde_json::{Value, json};
use wamp_client::proto::auth::cryptosign::SigningKey;
use wamp_client::proto::auth::scram::{Credential, Dialect, Kdf};
use wamp_client::proto::codec::Format;
use wamp_client::proto::subprotocol::Subprotocol;
use wamp_client::{Client, ConnectError, Credentials};
use wamp_tests::crossbar::{Crossbar, REALM, ROLE};

#[tokio::test]
async fn every_method_of_authentication() {
    let Some(crossbar) = Crossbar::start_with(known()).await else {
        return;
    };
    for url in [
        format!("ws://{}/", crossbar.address()),
        format!("rs://{}", crossbar.rawsocket()),
    ] {
        for format in [Format::Json, Format::MsgPack, Format::Cbor] {
            for (method, authid, right, wrong) in proofs() {
                let client = open(&url, format, right).await;
                let client = client.unwrap_or_else(|error| panic!("{url} {method}: {error}"));
                let session = client.session().expect("it is open");
                let welcome = session.welcome();
                assert_eq!(welcome.authid.as_deref(), Some(authid));
                assert_eq!(welcome.authmethod.as_deref(), Some(method));
                client.close().await;
                let refused = open(&url, format, wrong).await.map(drop);
                assert!(
                    matches!(&refused, Err(ConnectError::Abort { reason, .. }) if *reason == "wamp.error.not_authorized"),
                    "{url} {method}: {refused:?}"
                );
            }
            let nobody = open(&url, format, Credentials::new()).await;
            nobody.expect("everybody may come in").close().await;
        }
    }
}

async fn open(url: &str, format: Format, credentials: Credentials) -> Result<Client, ConnectError> {
    Client::builder(url)
        .realm(REALM)
        .subprotocols([Subprotocol::new(format)])
        .credentials(credentials)
        .no_reconnect()
        .connect()
        .await
}

/// The name of a method, who it is, and what proves it or does not.
fn proofs() -> [(&'static str, &'static str, Credentials, Credentials); 6] {
    let who = |authid: &'static str| Credentials::new().authid(authid);
    let other = SigningKey::from_seed([2; 32]);
    [
        (
            "ticket",
            "ada",
            who("ada").ticket("open sesame"),
            who("ada").ticket("open barley"),
        ),
        (
            "wampcra",
            "bob",
            who("bob").cra("secret"),
            who("bob").cra("guess"),
        ),
        (
            "wampcra",
            "eve",
            who("eve").cra("salted secret"),
            who("eve").cra("guess"),
        ),
        (
            "scram",
            "joe",
            who("joe").scram("pencil"),
            who("joe").scram("pen"),
        ),
        (
            "cryptosign",
            "kim",
            who("kim").cryptosign(key()),
            who("kim").cryptosign(other),
        ),
        // The first of those that are offered is asked for, and one that Crossbar.io does not know does no harm.
        (
            "scram",
            "joe",
            who("joe").scram("pencil").cra("guess").ticket("guess"),
            who("joe").scram("pen").cra("guess").ticket("guess"),
        ),
    ]
}

fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

/// What Crossbar.io knows of them.
fn known() -> Value {
    let kdf = Kdf::Argon2id {
        iterations: 16,
        memory: 1024,
    };
    let stored = Credential::derive(Dialect::Crossbar, "pencil", b"0123456789abcdef", kdf);
    let stored = stored.expect("good parameters");
    let hex = |bytes: &[u8]| {
        let digits = bytes.iter().map(|it| format!("{it:02x}"));
        digits.collect::<String>()
    };
    json!({
        "ticket": {"type": "static", "principals": {
            "ada": {"ticket": "open sesame", "role": ROLE},
        }},
        "wampcra": {"type": "static", "users": {
            "bob": {"secret": "secret", "role": ROLE},
            "eve": {
                "secret": "salted secret", "salt": "salt123", "iterations": 100, "keylen": 16,
                "role": ROLE,
            },
        }},
        "scram": {"type": "static", "principals": {
            "joe": {
                "kdf": "argon2id-13", "iterations": 16, "memory": 1024,
                "salt": hex(stored.salt()),
                "stored-key": hex(stored.stored_key()),
                "server-key": hex(stored.server_key()),
                "role": ROLE,
            },
        }},
        "cryptosign": {"type": "static", "principals": {
            "kim": {"authorized_keys": [key().public_key().to_hex()], "role": ROLE},
        }},
    })
}

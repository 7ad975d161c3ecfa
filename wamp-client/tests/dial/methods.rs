//! Each method of authentication, with right and wrong secrets.

use wamp_client::auth::Credentials;
use wamp_client::dial::Dialing;
use wamp_client::error::ConnectError;
use wamp_client::proto::auth::cra::{Salt, derive_key};
use wamp_client::proto::auth::cryptosign::SigningKey;
use wamp_client::proto::auth::scram::{Credential, Dialect, Kdf};
use wamp_client::proto::codec::Format;
use wamp_client::proto::message::details::WelcomeDetails;
use wamp_client::proto::subprotocol::Subprotocol;
use wamp_server::App;
use wamp_server::auth::{CraCredential, Principal, Principals, ScramCredential};

use crate::support::{Running, app, open};

const SEED: &str = "0101010101010101010101010101010101010101010101010101010101010101";

pub(crate) fn joe() -> Principal {
    Principal::new("joe", "user")
}

fn key() -> SigningKey {
    SigningKey::from_hex(SEED).expect("a key")
}

fn scram(dialect: Dialect, kdf: Kdf) -> ScramCredential {
    let credential = Credential::derive(dialect, "pencil", b"0123456789abcdef", kdf);
    ScramCredential::new(joe(), credential.expect("good parameters"))
}

/// Tries the credentials in each serializer.
async fn tries(
    server: &Running,
    credentials: &Credentials,
) -> Result<WelcomeDetails, ConnectError> {
    let mut last = None;
    for format in [Format::Json, Format::MsgPack, Format::Cbor] {
        let dialing = Dialing::new(server.url("ws"))
            .subprotocols([Subprotocol::new(format)])
            .with_credentials(credentials.clone());
        last = Some(open(&dialing).await?.1);
    }
    Ok(last.expect("there are serializers"))
}

/// The right ones open a session by this method, and the wrong ones do not.
async fn proves(app: App, method: &str, right: Credentials, wrong: Credentials) {
    let server = Running::new(app).await;
    let welcome = tries(&server, &right).await.expect("a session");
    assert_eq!(welcome.authid.as_deref(), Some("joe"));
    assert_eq!(welcome.authrole.as_deref(), Some("user"));
    assert_eq!(welcome.authmethod.as_deref(), Some(method));
    let error = tries(&server, &wrong).await.expect_err("the wrong secret");
    let ConnectError::Abort { reason, message } = error else {
        panic!("no ABORT: {error}");
    };
    assert_eq!(&*reason, "wamp.error.authentication_denied");
    assert!(message.is_some());
}

fn credentials() -> Credentials {
    Credentials::new().authid("joe")
}

#[tokio::test]
async fn a_ticket() {
    let principals = Principals::new().ticket(joe(), "open sesame");
    let app = app().principals(principals);
    let wrong = credentials().ticket("open barley");
    proves(app, "ticket", credentials().ticket("open sesame"), wrong).await;
}

#[tokio::test]
async fn a_shared_secret() {
    let principals = Principals::new().wampcra(CraCredential::new(joe(), "secret"));
    let app = app().principals(principals);
    let wrong = credentials().cra("guess");
    proves(app, "wampcra", credentials().cra("secret"), wrong).await;
}

#[tokio::test]
async fn a_salted_password() {
    let salt = Salt::with_cost("salt123", 100, 16).expect("a salt");
    let stored = CraCredential::salted(joe(), derive_key(b"secret1", &salt), salt);
    let app = app().principals(Principals::new().wampcra(stored));
    let wrong = credentials().cra("secret2");
    proves(app, "wampcra", credentials().cra("secret1"), wrong).await;
}

#[tokio::test]
async fn a_password_in_both_dialects_of_scram() {
    let pbkdf2 = Kdf::Pbkdf2 { iterations: 4096 };
    let argon2 = Kdf::Argon2id {
        iterations: 16,
        memory: 1024,
    };
    for kdf in [pbkdf2, argon2] {
        for dialect in [Dialect::Wamp, Dialect::Crossbar] {
            let stored = scram(dialect, kdf);
            let principals = match dialect {
                Dialect::Wamp => Principals::new().wamp_scram(stored),
                Dialect::Crossbar => Principals::new().scram(stored),
            };
            let app = app().principals(principals);
            let wrong = credentials().scram("pen");
            proves(app, dialect.method(), credentials().scram("pencil"), wrong).await;
        }
    }
}

#[tokio::test]
async fn a_key() {
    let principals = Principals::new().cryptosign(joe(), key().public_key());
    let app = app().principals(principals);
    let right = Credentials::new().cryptosign_hex(SEED).expect("a key");
    let wrong = Credentials::new().cryptosign(SigningKey::from_seed([2; 32]));
    proves(app, "cryptosign", right, wrong).await;
}

#[tokio::test]
async fn nobody_in_particular() {
    let server = Running::new(app().anonymous("guest")).await;
    for credentials in [Credentials::new(), Credentials::new().anonymous()] {
        let welcome = tries(&server, &credentials).await.expect("a session");
        assert_eq!(welcome.authrole.as_deref(), Some("guest"));
        assert_eq!(welcome.authmethod.as_deref(), Some("anonymous"));
    }
    let server = Running::new(app().principals(Principals::new().ticket(joe(), "a"))).await;
    let error = tries(&server, &Credentials::new())
        .await
        .expect_err("nobody");
    assert!(error.to_string().contains("ticket"), "{error}");
}

/// The application's order counts, and all methods fit into one HELLO.
#[tokio::test]
async fn all_methods_can_be_offered_together() {
    let all = credentials()
        .ticket("open sesame")
        .cra("secret")
        .scram("pencil")
        .cryptosign(key())
        .anonymous();
    let pbkdf2 = Kdf::Pbkdf2 { iterations: 4096 };
    for (method, principals) in [
        ("ticket", Principals::new().ticket(joe(), "open sesame")),
        (
            "wampcra",
            Principals::new().wampcra(CraCredential::new(joe(), "secret")),
        ),
        (
            "wamp-scram",
            Principals::new().wamp_scram(scram(Dialect::Wamp, pbkdf2)),
        ),
        (
            "scram",
            Principals::new().scram(scram(Dialect::Crossbar, pbkdf2)),
        ),
        (
            "cryptosign",
            Principals::new().cryptosign(joe(), key().public_key()),
        ),
    ] {
        let server = Running::new(app().principals(principals)).await;
        let welcome = tries(&server, &all).await.expect("a session");
        assert_eq!(welcome.authmethod.as_deref(), Some(method));
    }
}

#[tokio::test]
async fn a_router_that_wants_something_else_says_what() {
    let server = Running::new(app().principals(Principals::new().ticket(joe(), "a"))).await;
    let error = tries(&server, &credentials().cra("secret")).await;
    let error = error.expect_err("it is not offered").to_string();
    assert!(error.contains("no_matching_auth_method"), "{error}");
    assert!(error.contains("ticket"), "{error}");
}

//! Every way in that a file can give, with the right thing and with a wrong one.

use serde_json::{Value, json};
use wamp_server::proto::auth::cryptosign::SigningKey;
use wamp_server::proto::auth::scram::{self, Dialect};
use wamp_tests::answers;
use wamp_tests::client::Client;

use crate::support::{ANYWHERE, Folder, Router, hello, out, wamp};

const DENIED: &str = "wamp.error.authentication_denied";

/// A realm with one principal, whose ways in are these.
fn realm(ways: &str) -> String {
    format!(
        "{ANYWHERE}[[realm]]\nname = \"a\"\n[[realm.principal]]\nauthid = \"joe\"\nrole = \"staff\"\n{ways}\n"
    )
}

/// Says HELLO; the challenge or whatever comes instead.
async fn knock(router: &Router, method: &str, details: Value) -> (Client, Value) {
    let mut client = Client::connect(router.address(), "/").await;
    let mut details = hello(details);
    if let Some(details) = details.as_object_mut() {
        details.insert("authmethods".to_owned(), json!([method]));
    }
    let answer = client.knock("a", details).await;
    (client, answer)
}

/// Who somebody is, as WELCOME says; or the reason of ABORT.
fn outcome(answer: &Value) -> Value {
    match answer[0].as_u64() {
        Some(2) => {
            let details = &answer[2];
            json!([
                details["authid"],
                details["authrole"],
                details["authmethod"],
                details["authprovider"]
            ])
        }
        _ => answer[2].clone(),
    }
}

fn joe(method: &str) -> Value {
    json!(["joe", "staff", method, "static"])
}

async fn ticket(router: &Router, authid: &str, ticket: &str) -> Value {
    let (_, answer) = router.show_ticket("a", authid, ticket).await;
    outcome(&answer)
}

async fn wampcra(router: &Router, secret: &str) -> Value {
    let (mut client, challenge) = knock(router, "wampcra", json!({"authid": "joe"})).await;
    assert_eq!(challenge[0], 4, "{challenge}");
    let signature = answers::wampcra(&challenge[2], secret);
    outcome(&client.authenticate(&signature).await)
}

async fn cryptosign(router: &Router, seed: &str) -> Value {
    let key = SigningKey::from_hex(seed).expect("it is hexadecimal");
    let public = key.public_key().to_hex();
    let details = json!({"authextra": {"pubkey": public}});
    let (mut client, challenge) = knock(router, "cryptosign", details).await;
    assert_eq!(challenge[0], 4, "{challenge}");
    let signature = answers::cryptosign(&challenge[2], &key);
    outcome(&client.authenticate(&signature).await)
}

async fn scram(router: &Router, dialect: Dialect, password: &str) -> Value {
    let proof = scram::Client::new(dialect, "joe", &[7; 16], None).expect("a name");
    let details = json!({"authid": "joe", "authextra": {"nonce": proof.nonce()}});
    let (mut client, challenge) = knock(router, dialect.method(), details).await;
    assert_eq!(challenge[0], 4, "{challenge}");
    let question = answers::question(&challenge[2]);
    let (answer, server) = proof.answer(password, &question).expect("a good challenge");
    let extra = json!({"nonce": answer.extra.nonce.as_deref()});
    let signature = answer.signature.expose();
    client.send(&json!([5, &**signature, extra])).await;
    let answer = client.receive().await;
    if answer[0] == 2 {
        let verifier = answer[2]["authextra"][dialect.verifier_key()].as_str();
        let verified = server.verify(verifier.expect("the router proves itself, too"));
        assert!(verified.is_ok());
    }
    outcome(&answer)
}

#[tokio::test]
async fn a_ticket() {
    let router = Folder::new(&realm("ticket = \"open sesame\""))
        .start()
        .await;
    assert_eq!(ticket(&router, "joe", "open sesame").await, joe("ticket"));
    assert_eq!(ticket(&router, "joe", "open").await, DENIED);
    assert_eq!(ticket(&router, "jim", "open sesame").await, DENIED);
    // Nobody comes in without.
    let mut client = Client::connect(router.address(), "/").await;
    let refused = client.knock("a", json!({})).await;
    assert_eq!(refused[2], "wamp.error.authentication_required");
}

#[tokio::test]
async fn secrets_are_in_variables_and_files_too() {
    let folder = Folder::new(&realm(
        "provider = \"shop\"\nticket = { env = \"JOES_TICKET\" }\nwampcra = { file = \"secret.txt\" }",
    ));
    folder.write("secret.txt", "secret1\n");
    let file = folder.text_of("wamp.toml");
    let mut command = wamp(&["router", "--config", &file]);
    command.env("JOES_TICKET", "open sesame");
    let router = Router::spawn(&mut command, 1).await;
    let known = |method| json!(["joe", "staff", method, "shop"]);
    assert_eq!(ticket(&router, "joe", "open sesame").await, known("ticket"));
    assert_eq!(wampcra(&router, "secret1").await, known("wampcra"));
    assert_eq!(wampcra(&router, "secret2").await, DENIED);
}

#[tokio::test]
async fn wampcra_plain_and_salted() {
    let router = Folder::new(&realm("wampcra = \"secret1\"")).start().await;
    assert_eq!(wampcra(&router, "secret1").await, joe("wampcra"));
    assert_eq!(wampcra(&router, "secret2").await, DENIED);

    // What `wamp keygen` writes is a line of the file.
    let line = out(&["keygen", "--cra", "--iterations", "1000"], "secret1\n").await;
    let router = Folder::new(&realm(&line)).start().await;
    assert_eq!(wampcra(&router, "secret1").await, joe("wampcra"));
    assert_eq!(wampcra(&router, "secret2").await, DENIED);
}

#[tokio::test]
async fn scram_in_both_dialects_stored_and_from_a_password() {
    let cheap = [
        "keygen",
        "--scram",
        "--kdf",
        "pbkdf2",
        "--iterations",
        "4096",
    ];
    let crossbar = out(&cheap, "pencil\n").await;
    let argon = [
        "--iterations",
        "1",
        "--memory",
        "16384",
        "--dialect",
        "wamp",
    ];
    let argon = [&["keygen", "--scram"], &argon[..]].concat();
    let argon = out(&argon, "pencil\n").await;
    let stored = format!("{crossbar}{argon}");
    let given = "scram = { password = \"pencil\" }\nwamp_scram = \"pencil\"";
    for ways in [&*stored, given] {
        let router = Folder::new(&realm(ways)).start().await;
        for dialect in [Dialect::Crossbar, Dialect::Wamp] {
            assert_eq!(
                scram(&router, dialect, "pencil").await,
                joe(dialect.method())
            );
            assert_eq!(scram(&router, dialect, "pen").await, DENIED);
        }
    }
}

#[tokio::test]
async fn cryptosign_with_several_keys() {
    let pair = async || {
        let text = out(&["keygen", "--json"], "").await;
        let pair: Value = serde_json::from_str(&text).expect("it is JSON");
        let text = |key: &str| pair[key].as_str().expect("a text").to_owned();
        (text("private_key"), text("public_key"))
    };
    let ((one, one_public), (two, two_public), (other, _)) =
        (pair().await, pair().await, pair().await);
    let ways = format!("cryptosign = [\"{one_public}\", \"{two_public}\"]");
    let router = Folder::new(&realm(&ways)).start().await;
    assert_eq!(cryptosign(&router, &one).await, joe("cryptosign"));
    assert_eq!(cryptosign(&router, &two).await, joe("cryptosign"));
    assert_eq!(cryptosign(&router, &other).await, DENIED);
}

#[tokio::test]
async fn some_may_stay_anonymous_where_that_is_said() {
    let ways = "ticket = \"t\"\n[[realm]]\nname = \"b\"\nanonymous = \"guest\"";
    let router = Folder::new(&realm(ways)).start().await;
    let mut client = Client::connect(router.address(), "/").await;
    let welcome = client.knock("b", json!({})).await;
    assert_eq!(welcome[2]["authrole"], "guest");
    let mut client = Client::connect(router.address(), "/").await;
    let refused = client.knock("a", json!({})).await;
    assert_eq!(refused[2], "wamp.error.authentication_required");
}

#[tokio::test]
async fn unknown_users_look_the_same_after_a_restart_where_there_is_a_secret() {
    let ways = "wamp_scram = \"pencil\"\n";
    let secret = "decoy_secret = \"0123456789abcdef\"\n[[realm.principal]]";
    let configuration = realm(ways).replace("[[realm.principal]]", secret);
    let folder = Folder::new(&configuration);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let router = folder.start().await;
        let mut salts = Vec::new();
        for authid in ["joe", "jim"] {
            let details =
                json!({"authid": authid, "authextra": {"nonce": "BwcHBwcHBwcHBwcHBwcHBw=="}});
            let (_, challenge) = knock(&router, "wamp-scram", details).await;
            assert_eq!(challenge[2]["iterations"], 100_000, "{challenge}");
            salts.push(challenge[2]["salt"].clone());
        }
        seen.push(salts);
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0][0], seen[0][1]);
}

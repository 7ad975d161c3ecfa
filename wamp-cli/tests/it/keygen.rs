//! `wamp keygen`.

use serde_json::Value;
use wamp_server::proto::auth::cra::{Salt, derive_key};
use wamp_server::proto::auth::cryptosign::SigningKey;
use wamp_server::proto::auth::scram::{Credential, Dialect, Kdf};

use crate::support::{Folder, out, run};

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

#[tokio::test]
async fn a_pair_belongs_together_and_is_another_one_each_time() {
    let text = out(&["keygen"], "").await;
    let lines = text.lines().collect::<Vec<_>>();
    let [private, public] = *lines else {
        panic!("two lines were expected: {text}");
    };
    let private = private.strip_prefix("private key: ").expect("it is first");
    let public = public.strip_prefix("public key: ").expect("it is second");
    let key = SigningKey::from_hex(private).expect("it is hexadecimal");
    assert_eq!(key.public_key().to_hex(), public);

    let other = json(&out(&["keygen", "--json"], "").await);
    let key = SigningKey::from_hex(other["private_key"].as_str().expect("a text"));
    let key = key.expect("it is hexadecimal");
    assert_eq!(other["public_key"], key.public_key().to_hex());
    assert_ne!(other["public_key"], public);
}

#[tokio::test]
async fn a_private_key_in_a_file_is_for_its_owner() {
    let folder = Folder::new("");
    let path = folder.text_of("device.key");
    let text = out(&["keygen", "--out", &path], "").await;
    let private = std::fs::read_to_string(&path).expect("it is there");
    let key = SigningKey::from_hex(private.trim_end()).expect("it is hexadecimal");
    assert_eq!(text, format!("public key: {}\n", key.public_key().to_hex()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let permissions = std::fs::metadata(&path).expect("it is there").permissions();
        assert_eq!(permissions.mode() & 0o777, 0o600);
    }

    let again = run(&["keygen", "--json", "--out", &path], "").await;
    assert_eq!(again.status.code(), Some(1));
    let error = String::from_utf8_lossy(&again.stderr);
    let expected = format!("wamp: `{path}` cannot be written: ");
    assert!(error.starts_with(&expected), "{error}");
    assert_eq!(
        std::fs::read_to_string(&path).expect("it is there"),
        private
    );

    let other = folder.text_of("other.key");
    let told = json(&out(&["keygen", "--json", "--out", &other], "").await);
    assert_eq!(told["private_key_file"], other);
    assert!(told.get("private_key").is_none());
}

#[tokio::test]
async fn keys_of_passwords_can_be_checked() {
    let arguments = ["keygen", "--cra", "--json", "--iterations", "1500"];
    let made = json(&out(&arguments, "secret1\nsecond line").await);
    let salt = Salt::with_cost(made["salt"].as_str().expect("a text"), 1500, 32);
    let key = derive_key(b"secret1", &salt.expect("a good salt"));
    assert_eq!(made["key"], **key.expose());
    assert_eq!(
        (&made["iterations"], &made["keylen"]),
        (&1500.into(), &32.into())
    );

    let argon = [
        "--kdf",
        "argon2id",
        "--iterations",
        "1",
        "--memory",
        "16384",
    ];
    let pbkdf2 = ["--kdf", "pbkdf2", "--iterations", "4096"];
    for (dialect, name) in [(Dialect::Wamp, "wamp"), (Dialect::Crossbar, "crossbar")] {
        for (arguments, kdf) in [
            (&pbkdf2[..], Kdf::Pbkdf2 { iterations: 4096 }),
            (
                &argon,
                Kdf::Argon2id {
                    iterations: 1,
                    memory: 16384,
                },
            ),
        ] {
            let arguments = [
                &["keygen", "--scram", "--json", "--dialect", name],
                arguments,
            ];
            let made = json(&out(&arguments.concat(), "pencil\n").await);
            let text = |key: &str| made[key].as_str().expect("a text");
            let stored =
                Credential::from_hex(text("salt"), kdf, text("stored_key"), text("server_key"));
            let stored = stored.expect("good parameters");
            let derived = Credential::derive(dialect, "pencil", stored.salt(), kdf);
            let derived = derived.expect("good parameters");
            assert_eq!(derived.stored_key(), stored.stored_key());
            assert_eq!(derived.server_key(), stored.server_key());
        }
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let empty = run(&["keygen", "--cra"], "\n").await;
    assert_eq!(empty.status.code(), Some(1));
    assert_eq!(empty.stderr, b"wamp: the password is empty\n");
    let cheap = ["keygen", "--scram", "--kdf", "pbkdf2", "--iterations", "1"];
    let cheap = run(&cheap, "pencil\n").await;
    assert_eq!(cheap.status.code(), Some(1));
    assert_eq!(
        cheap.stderr,
        b"wamp: the cost of deriving the key is missing or out of bounds; `--iterations` may be 4096 to 10000000\n"
    );
}

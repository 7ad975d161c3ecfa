//! What a client answers to a CHALLENGE whose extra is given as JSON.

use serde_json::Value;
use wamp_server::proto::auth::cra::{Salt, derive_key, sign};
use wamp_server::proto::auth::cryptosign::SigningKey;
use wamp_server::proto::message::details::ChallengeExtra;

/// `CHALLENGE.Extra`, as typed.
#[must_use]
pub fn question(extra: &Value) -> ChallengeExtra {
    let text = |key: &str| extra[key].as_str().map(Into::into);
    let number = |key: &str| extra[key].as_u64();
    ChallengeExtra {
        challenge: text("challenge"),
        salt: text("salt"),
        keylen: number("keylen"),
        iterations: number("iterations"),
        nonce: text("nonce"),
        kdf: text("kdf"),
        memory: number("memory"),
        ..ChallengeExtra::default()
    }
}

/// Of WAMP-CRA, for a secret or a password.
#[must_use]
pub fn wampcra(extra: &Value, secret: &str) -> String {
    let salt = Salt::from_challenge(&question(extra)).expect("a good salt, if any");
    match salt {
        Some(salt) => {
            let key = derive_key(secret.as_bytes(), &salt);
            sign(key.expose().as_bytes(), challenge(extra))
        }
        None => sign(secret.as_bytes(), challenge(extra)),
    }
}

/// Of Cryptosign.
#[must_use]
pub fn cryptosign(extra: &Value, key: &SigningKey) -> String {
    let byte = |pair: &[u8]| {
        let digits = std::str::from_utf8(pair).expect("hexadecimal");
        u8::from_str_radix(digits, 16).expect("hexadecimal")
    };
    let pairs = challenge(extra).as_bytes().chunks(2);
    let bytes = pairs.map(byte).collect::<Vec<_>>();
    key.sign(&bytes.try_into().expect("32 bytes"), None)
}

fn challenge(extra: &Value) -> &str {
    extra["challenge"].as_str().expect("a challenge is a text")
}

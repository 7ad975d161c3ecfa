//! `wampcra`, and tickets.

use proptest::prelude::*;
use serde_json::json;
use wamp_proto::auth::BadParameter;
use wamp_proto::auth::cra::{Challenge, METHOD, Salt, derive_key, sign, verify};
use wamp_proto::auth::ticket::is_same;
use wamp_proto::id::Id;
use wamp_proto::message::details::ChallengeExtra;

/// The results are those of `autobahn.wamp.auth.derive_key`, Autobahn|Python 26.10.2. The first one is also in the tests of many clients.
#[test]
fn derived_keys_agree_with_autobahn() {
    for (password, salt, iterations, keylen, key) in [
        ("secret1", "salt123", 100, 16, "prq7+YkJ1/KlW1X0YczMHw=="),
        (
            "secret1",
            "salt123",
            1000,
            32,
            "64xfzBvZhGDT7PB0bQwDeI8/WR1M9x6Cw5dt0yP9koc=",
        ),
        (
            "pässwörd",
            "sält",
            1000,
            32,
            "PqcS5RElBAETZutv1T9QAHP6b1jcsKSMpQNT0xis7mU=",
        ),
        (
            "p",
            "aGVsbG8=",
            1,
            33,
            "rCMJDcdMCX7APF/8ucA50dmmwtvq0YhDDbBePEBqtVeq",
        ),
        (
            "secret",
            &"s".repeat(70),
            250,
            64,
            "CRdsfUZLVLIgayncPg3fM7uiBp8j5w8B/vWjG4WfqGji8u0GZA0v/mW72qrgnuTl7SERAiT0Y2L5IRXyU5dXtw==",
        ),
    ] {
        let salt = Salt::with_cost(salt, iterations, keylen).unwrap();
        assert_eq!(derive_key(password.as_bytes(), &salt).expose(), key);
    }
}

/// The results are those of `autobahn.wamp.auth.compute_wcs`, Autobahn|Python 26.10.2.
#[test]
fn signatures_agree_with_autobahn() {
    for (key, challenge, signature) in [
        (
            "secret",
            "chal",
            "tPfXZFL1/QRzf/smZEMhruTC7fcTIub/S7DkhmRfVvI=",
        ),
        (
            "64xfzBvZhGDT7PB0bQwDeI8/WR1M9x6Cw5dt0yP9koc=",
            r#"{"authid":"peter","nonce":"LHRTC9zeOIrt_9U3","session":3251278072152162}"#,
            "zXPNNtCp7O/DpOboAmIvuS9vzunDnLB8JsPBlZxmous=",
        ),
        ("", "", "thNnmggU2ex3L5XXeMNfxf8Wl8STcVZTxscSFEKSxa0="),
        (
            &"k".repeat(100),
            "ü€😀",
            "QrmyY1upMKkcthHZzF2xSxo2dlaQTb+xyHtjsL10vyk=",
        ),
    ] {
        assert_eq!(sign(key.as_bytes(), challenge), signature);
        assert!(verify(key.as_bytes(), challenge, signature));
    }
}

#[test]
fn a_challenge_is_json_whatever_the_names_are() {
    let odd = "\"\\\u{0}\n\u{7f}ü😀</script>";
    let challenge = Challenge {
        authid: odd,
        authrole: "user",
        authprovider: "static",
        nonce: "LHRTC9zeOIrt_9U3",
        timestamp: "2014-06-22T16:36:25.448Z",
        session: Id::MAX,
    };
    let parsed: serde_json::Value = serde_json::from_str(&challenge.to_json()).unwrap();
    assert_eq!(
        parsed,
        json!({
            "authid": odd,
            "authrole": "user",
            "authmethod": METHOD,
            "authprovider": "static",
            "nonce": "LHRTC9zeOIrt_9U3",
            "timestamp": "2014-06-22T16:36:25.448Z",
            "session": 9_007_199_254_740_992_u64,
        })
    );
}

#[test]
fn an_answer_is_good_for_one_challenge_only() {
    let challenge = |session, nonce| {
        Challenge {
            authid: "peter",
            authrole: "user",
            authprovider: "static",
            nonce,
            timestamp: "2014-06-22T16:36:25.448Z",
            session: Id::new(session).unwrap(),
        }
        .to_json()
    };
    let signature = sign(b"secret", &challenge(1, "a"));
    assert!(verify(b"secret", &challenge(1, "a"), &signature));
    assert!(!verify(b"secret", &challenge(2, "a"), &signature));
    assert!(!verify(b"secret", &challenge(1, "b"), &signature));
    assert!(!verify(b"Secret", &challenge(1, "a"), &signature));
}

#[test]
fn an_answer_has_one_encoding() {
    let signature = sign(b"secret", "chal");
    for other in [
        "".into(),
        signature.trim_end_matches('=').into(),
        signature.replace('/', "_"),
        signature.replace("I=", "J="),
        format!("{signature}\n"),
        format!("{signature}{signature}"),
        signature.to_lowercase(),
    ] {
        assert!(!verify(b"secret", "chal", &other), "{other:?}");
    }
}

#[test]
fn a_router_cannot_ask_for_absurd_work() {
    for (salt, iterations, keylen, expected) in [
        ("salt", 1, 1, None),
        ("salt", 10_000_000, 64, None),
        ("", 1000, 32, Some(BadParameter::Salt)),
        ("salt", 0, 32, Some(BadParameter::Cost)),
        ("salt", 10_000_001, 32, Some(BadParameter::Cost)),
        (
            "salt",
            u64::from(u32::MAX) + 1001,
            32,
            Some(BadParameter::Cost),
        ),
        ("salt", 1000, 0, Some(BadParameter::KeyLength)),
        ("salt", 1000, 65, Some(BadParameter::KeyLength)),
        ("salt", 1000, u64::MAX, Some(BadParameter::KeyLength)),
    ] {
        let extra = ChallengeExtra {
            salt: Some(salt.into()),
            iterations: Some(iterations),
            keylen: Some(keylen),
            ..ChallengeExtra::default()
        };
        assert_eq!(Salt::from_challenge(&extra).err(), expected, "{extra:?}");
    }
}

#[test]
fn a_challenge_carries_the_salt_if_there_is_one() {
    let mut extra = ChallengeExtra::default();
    assert!(Salt::from_challenge(&extra).unwrap().is_none());

    extra.salt = Some("salt123".into());
    let salt = Salt::from_challenge(&extra).unwrap().unwrap();
    let mut written = ChallengeExtra::default();
    salt.write_to(&mut written);
    assert_eq!(written.salt.as_deref(), Some("salt123"));
    assert_eq!((written.iterations, written.keylen), (Some(1000), Some(32)));
}

proptest! {
    #[test]
    fn a_changed_answer_is_denied(at in 0..44_usize, byte in 0..128_u8) {
        let mut signature = sign(b"secret", "chal").into_bytes();
        prop_assume!(signature[at] != byte);
        signature[at] = byte;
        prop_assert!(!verify(b"secret", "chal", std::str::from_utf8(&signature).unwrap()));
    }

    #[test]
    fn tickets_are_the_same_if_their_bytes_are(left: Vec<u8>, right: Vec<u8>) {
        prop_assert!(is_same(&left, &left));
        prop_assert_eq!(is_same(&left, &right), left == right);
    }

    #[test]
    fn a_changed_ticket_is_another(ticket in prop::collection::vec(any::<u8>(), 1..100), at: prop::sample::Index, flip in 1..=u8::MAX) {
        let mut changed = ticket.clone();
        changed[at.index(ticket.len())] ^= flip;
        prop_assert!(!is_same(&ticket, &changed));
        prop_assert!(!is_same(&ticket, &ticket[1..]));
    }
}

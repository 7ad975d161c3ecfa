//! Who is not let in by `cryptosign`. The cases are those of Project Wycheproof for Ed25519, as far as they can occur here.

use proptest::prelude::*;
use wamp_proto::auth::cryptosign::{PublicKey, SigningKey, verify};
use wamp_proto::auth::{BadParameter, Denied};

use crate::{count, hex};

const CHALLENGE: [u8; 32] = [0xc3; 32];

fn key() -> SigningKey {
    SigningKey::from_seed(count(0))
}

fn denied(signature: &str) -> bool {
    verify(&key().public_key(), &CHALLENGE, None, signature) == Err(Denied)
}

#[test]
fn an_old_answer_is_denied() {
    let old = key().sign(&[0x11; 32], None);
    assert!(verify(&key().public_key(), &[0x11; 32], None, &old).is_ok());
    assert!(denied(&old));

    // What was signed is put right, but the signature is not.
    let patched = format!("{}{}", &old[..128], "c3".repeat(32));
    assert!(denied(&patched));
}

#[test]
fn an_answer_of_another_connection_is_denied() {
    let key = key();
    let bound = key.sign(&CHALLENGE, Some(&[0x5a; 32]));
    let unbound = key.sign(&CHALLENGE, None);
    for (channel_id, signature) in [
        (Some([0x5b; 32]), &bound),
        (None, &bound),
        (Some([0x5a; 32]), &unbound),
    ] {
        assert_eq!(
            verify(
                &key.public_key(),
                &CHALLENGE,
                channel_id.as_ref(),
                signature
            ),
            Err(Denied)
        );
    }
}

#[test]
fn an_answer_of_another_key_is_denied() {
    assert!(denied(
        &SigningKey::from_seed(count(1)).sign(&CHALLENGE, None)
    ));
}

/// The same signature with the order of the group added to `S`, which is the same number but not the same text.
#[test]
fn a_malleated_signature_is_denied() {
    assert!(denied(
        "4f31ac4921cfa677bc759f56da0e608f3fe6accb0ee78e4c8b91bbc651f73cf8\
         f52f945a4431d334eea783a27f3cb66f54ff9e24e4fe54e2759598168c64031d\
         c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3"
    ));
}

/// `R` is the neutral element and `S` is what makes the equation true: only strict verification refuses it.
#[test]
fn a_signature_with_a_small_order_point_is_denied() {
    assert!(denied(
        "0100000000000000000000000000000000000000000000000000000000000000\
         ddedb3eb565430c645f7fc3f6e767c5f44303b357d6fbca48331d25d4b434b07\
         c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3"
    ));
}

#[test]
fn text_that_is_no_signature_is_denied() {
    let good = key().sign(&CHALLENGE, None);
    assert!(!denied(&good));
    for text in [
        String::new(),
        good[..128].into(),
        good[..190].into(),
        good[..191].into(),
        format!("{good}0"),
        format!("{good}00"),
        format!(" {}", &good[..191]),
        format!("{}\n", &good[..191]),
        good.replacen('4', "g", 1),
        good.replacen('4', "é", 1),
        format!("0x{}", &good[..190]),
        "00".repeat(96),
        format!("{}{}", "00".repeat(64), "c3".repeat(32)),
        format!("{}{}", "ff".repeat(64), "c3".repeat(32)),
    ] {
        assert!(denied(&text), "{text:?}");
    }
}

/// All encodings of points of small order, canonical or not, and what is no point.
#[test]
fn weak_keys_are_refused() {
    for text in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        // Not on the curve.
        "0200000000000000000000000000000000000000000000000000000000000000",
    ] {
        assert_eq!(PublicKey::from_hex(text), Err(BadParameter::Key), "{text}");
        assert_eq!(
            PublicKey::from_bytes(&hex(text)),
            Err(BadParameter::Key),
            "{text}"
        );
    }
}

#[test]
fn text_that_is_no_key_is_refused() {
    let good = key().public_key().to_hex();
    assert_eq!(
        PublicKey::from_hex(&good.to_uppercase()),
        Ok(key().public_key())
    );
    for text in [
        String::new(),
        good[..62].into(),
        good[..63].into(),
        format!("{good}0"),
        format!("{good}00"),
        format!(" {}", &good[..63]),
        good.replacen('a', "g", 1),
        good.replacen('a', "é", 1),
    ] {
        assert_eq!(
            PublicKey::from_hex(&text),
            Err(BadParameter::Key),
            "{text:?}"
        );
        assert_eq!(
            SigningKey::from_hex(&text).map(|key| key.public_key()),
            Err(BadParameter::Key),
            "{text:?}"
        );
    }
}

proptest! {
    #[test]
    fn a_changed_answer_is_denied(at in 0..192_usize, digit in "[0-9a-f]") {
        let mut signature = key().sign(&CHALLENGE, None);
        prop_assume!(signature[at..=at] != digit);
        signature.replace_range(at..=at, &digit);
        prop_assert!(denied(&signature));
    }

    #[test]
    fn no_text_panics(text in ".{0,200}", digits in "[0-9a-fA-F]{192}") {
        prop_assert!(denied(&text));
        prop_assert!(denied(&digits));
        let _ = PublicKey::from_hex(&digits[..64]);
    }
}

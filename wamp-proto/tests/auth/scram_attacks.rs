//! Who is not let in by `wamp-scram` and `scram`.

use proptest::prelude::*;
use wamp_proto::auth::Denied;
use wamp_proto::auth::scram::{ClientFirst, Credential, Dialect, Kdf};
use wamp_proto::message::details::ChallengeExtra;

use crate::scram_setup::{ANSWERS, CLIENT_NONCE, KDF, Setup, UNBOUND, denied};
use crate::{count, from_base64, to_base64};

#[test]
fn the_right_answer_is_accepted() {
    for (setup, answer, proof) in &*ANSWERS {
        let (server, _) = setup.start().unwrap();
        let verifier = server.finish(answer.signature.expose(), &answer.extra);
        assert!(proof.verify(&verifier.unwrap()).is_ok());
    }
}

#[test]
fn a_wrong_password_is_denied() {
    for (setup, ..) in &*ANSWERS {
        let (server, challenge) = setup.start().unwrap();
        let (answer, _) = setup.client().answer("Pencil", &challenge).unwrap();
        assert!(denied(server, &answer));
    }
}

#[test]
fn an_old_answer_is_denied() {
    for (setup, answer, _) in &*ANSWERS {
        let later = || setup.start_at(&setup.hello(), &[0x12; 16]).unwrap();
        let (server, challenge) = later();
        assert!(denied(server, answer));

        let mut adapted = answer.clone();
        adapted.extra.nonce = challenge.nonce;
        assert!(denied(later().0, &adapted));
        assert!(!denied(setup.start().unwrap().0, answer));
    }
}

#[test]
fn a_changed_name_is_denied() {
    for (setup, answer, _) in &*ANSWERS {
        let (server, _) = setup
            .start_with(&ClientFirst {
                authid: "root",
                ..setup.hello()
            })
            .unwrap();
        assert!(denied(server, answer));
    }
}

#[test]
fn a_changed_challenge_is_denied() {
    for (setup, ..) in &*ANSWERS {
        assert!(!setup.challenge_denied(|_| {}));
        assert!(setup.challenge_denied(|extra| extra.iterations = Some(4097)));
        assert!(setup.challenge_denied(|extra| extra.salt = Some("c2FsdHNhbHQ=".into())));
        let (_, later) = setup.start_at(&setup.hello(), &[0x12; 16]).unwrap();
        assert!(setup.challenge_denied(|extra| extra.nonce = later.nonce));
    }
}

#[test]
fn a_malformed_hello_is_denied() {
    let long = "A".repeat(88);
    for (setup, ..) in &*ANSWERS {
        for nonce in [
            "", "A", "AAA", "AAB=", "AA==AA==", "AAAA\n", "AA,A", "AA-_", "%%%%", &long,
        ] {
            let start = setup.start_with(&ClientFirst {
                nonce,
                ..setup.hello()
            });
            assert_eq!(start.err(), Some(Denied), "{nonce:?}");
        }
        for authid in ["", "\u{ad}", "a\u{7}", "\u{627}1"] {
            let start = setup.start_with(&ClientFirst {
                authid,
                ..setup.hello()
            });
            assert_eq!(start.err(), Some(Denied), "{authid:?}");
        }
    }
}

#[test]
fn a_proof_that_is_none_is_denied() {
    for (setup, answer, _) in &*ANSWERS {
        let proof = answer.signature.expose();
        for signature in [
            String::new(),
            proof.trim_end_matches('=').into(),
            format!("{proof}\n"),
            format!("{proof}{proof}"),
            "A".repeat(40),
            "A".repeat(43) + "=",
            "A".repeat(44),
            "A".repeat(100_000),
        ] {
            let (server, _) = setup.start().unwrap();
            assert_eq!(server.finish(&signature, &answer.extra), Err(Denied));
        }
    }
}

#[test]
fn a_credential_is_good_for_its_dialect_only() {
    let kdf = Kdf::Argon2id {
        iterations: 1,
        memory: 16 * 1024,
    };
    let credential = Credential::derive(Dialect::Wamp, "pencil", &count::<16>(0), kdf).unwrap();
    let setup = Setup {
        dialect: Dialect::Crossbar,
        channel: None,
        credential,
    };
    assert!(setup.challenge_denied(|_| {}));
}

#[test]
fn a_name_that_does_not_exist_looks_like_one_that_does() {
    let challenge = |secret: &[u8], authid: &str| {
        let setup = Setup {
            dialect: Dialect::Wamp,
            channel: None,
            credential: Credential::mock(secret, authid, KDF, 16).unwrap(),
        };
        assert!(setup.challenge_denied(|_| {}), "no password opens it");
        setup.start().unwrap().1
    };
    let (_, real) = UNBOUND.start().unwrap();
    let mock = challenge(b"secret", "nobody");
    assert_eq!(mock, challenge(b"secret", "nobody"), "the same each time");
    assert_ne!(mock.salt, challenge(b"secret", "no one").salt);
    assert_ne!(mock.salt, challenge(b"another", "nobody").salt);
    assert_eq!(
        mock.salt.as_ref().map(|salt| salt.len()),
        real.salt.as_ref().map(|salt| salt.len())
    );
    assert_eq!(
        ChallengeExtra { salt: None, ..mock },
        ChallengeExtra { salt: None, ..real }
    );
}

proptest! {
    #[test]
    fn a_changed_proof_is_denied(which in 0..3_usize, at in 0..32_usize, flip in 1..=u8::MAX) {
        let (setup, answer, _) = &ANSWERS[which];
        let mut proof = from_base64(answer.signature.expose());
        proof[at] ^= flip;
        let signature = to_base64(&proof);
        let (server, _) = setup.start().unwrap();
        prop_assert_eq!(server.finish(&signature, &answer.extra), Err(Denied));
    }

    #[test]
    fn a_changed_nonce_is_denied(which in 0..2_usize, at: prop::sample::Index, byte in 0..128_u8) {
        let (setup, answer, _) = &ANSWERS[which];
        let mut nonce = answer.extra.nonce.as_deref().unwrap().to_owned().into_bytes();
        let at = at.index(nonce.len());
        prop_assume!(nonce[at] != byte);
        nonce[at] = byte;
        let mut changed = answer.clone();
        changed.extra.nonce = Some(String::from_utf8(nonce).unwrap().into());
        prop_assert!(denied(setup.start().unwrap().0, &changed));
    }

    #[test]
    fn a_changed_client_nonce_is_denied(which in 0..3_usize, nonce: [u8; 16]) {
        let (setup, answer, _) = &ANSWERS[which];
        let nonce = to_base64(&nonce);
        prop_assume!(nonce != CLIENT_NONCE);
        let (server, _) = setup.start_with(&ClientFirst { nonce: &nonce, ..setup.hello() }).unwrap();
        prop_assert!(denied(server, answer));
    }

    #[test]
    fn a_false_router_is_noticed(which in 0..3_usize, at: prop::sample::Index, byte in 0..128_u8) {
        let (setup, answer, proof) = &ANSWERS[which];
        let (server, _) = setup.start().unwrap();
        let mut verifier = server.finish(answer.signature.expose(), &answer.extra).unwrap().into_bytes();
        let at = at.index(verifier.len());
        prop_assume!(verifier[at] != byte);
        verifier[at] = byte;
        prop_assert_eq!(proof.verify(std::str::from_utf8(&verifier).unwrap()), Err(Denied));
    }
}

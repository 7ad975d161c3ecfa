//! What a router may ask a client to compute, and what may be stored.

use wamp_proto::auth::BadParameter;
use wamp_proto::auth::scram::{Client, Credential, Dialect, Kdf};
use wamp_proto::message::details::ChallengeExtra;

use crate::count;

const KDF: Kdf = Kdf::Pbkdf2 { iterations: 4096 };

/// A challenge for the client's nonce of 16 zeros, cheap to answer.
fn challenge(dialect: Dialect) -> ChallengeExtra {
    let nonce = match dialect {
        Dialect::Wamp => "AAAAAAAAAAAAAAAAAAAAAA==EREREREREREREREREREREQ==",
        Dialect::Crossbar => "AAAAAAAAAAAAAAAAAAAAABERERERERERERERERERERE=",
    };
    ChallengeExtra {
        nonce: Some(nonce.into()),
        salt: Some("c2FsdHNhbHQ=".into()),
        kdf: Some("pbkdf2".into()),
        iterations: Some(4096),
        ..ChallengeExtra::default()
    }
}

fn refusal(dialect: Dialect, challenge: &ChallengeExtra) -> Option<BadParameter> {
    let client = Client::new(dialect, "user", &[0; 16], None).unwrap();
    client.answer("pencil", challenge).err()
}

#[test]
fn a_client_answers_only_what_continues_its_nonce() {
    let wamp = [
        None,
        Some(""),
        Some("AAAAAAAAAAAAAAAAAAAAAA=="),
        Some("EREREREREREREREREREREQ=="),
        Some("AAAAAAAAAAAAAAAAAAAAAQ==EREREREREREREREREREREQ=="),
        Some("AAAAAAAAAAAAAAAAAAAAAA==EREREREREREREREREREREQ==,m=1"),
        Some("AAAAAAAAAAAAAAAAAAAAAA==EREREREREREREREREREREQ== "),
        Some("AAAAAAAAAAAAAAAAAAAAAA==ü"),
        Some("AAAAAAAAAAAAAAAAAAAAABERERERERERERERERERERE="),
    ];
    let crossbar = [
        None,
        Some(""),
        Some("AAAAAAAAAAAAAAAAAAAAAA=="),
        Some("AAAAAAAAAAAAAAAAAAAAARERERERERERERERERERERE="),
        Some("AAAAAAAAAAAAAAAAAAAAABERERERERERERERERERERE"),
        Some("AAAAAAAAAAAAAAAAAAAAAA==EREREREREREREREREREREQ=="),
    ];
    for (dialect, nonces) in [
        (Dialect::Wamp, &wamp[..]),
        (Dialect::Crossbar, &crossbar[..]),
    ] {
        assert_eq!(refusal(dialect, &challenge(dialect)), None);
        for nonce in nonces {
            let changed = ChallengeExtra {
                nonce: nonce.map(Into::into),
                ..challenge(dialect)
            };
            assert_eq!(
                refusal(dialect, &changed),
                Some(BadParameter::Nonce),
                "{nonce:?}"
            );
        }
    }
    let long = format!("AAAAAAAAAAAAAAAAAAAAAA=={}", "A".repeat(257));
    let changed = ChallengeExtra {
        nonce: Some(long.into()),
        ..challenge(Dialect::Wamp)
    };
    assert_eq!(refusal(Dialect::Wamp, &changed), Some(BadParameter::Nonce));
}

#[test]
fn a_client_answers_only_with_a_salt() {
    let long = "A".repeat(88);
    for salt in [
        None,
        Some(""),
        Some("c2FsdA=="),
        Some("c2FsdHNhbHQ"),
        Some("c2FsdHNhbHR="),
        Some("salt,i=1"),
        Some(&*long),
    ] {
        let changed = ChallengeExtra {
            salt: salt.map(Into::into),
            ..challenge(Dialect::Wamp)
        };
        assert_eq!(
            refusal(Dialect::Wamp, &changed),
            Some(BadParameter::Salt),
            "{salt:?}"
        );
    }
}

#[test]
fn a_client_refuses_absurd_costs() {
    const MAX: u64 = u32::MAX as u64;

    for (kdf, iterations, memory, expected) in [
        ("pbkdf2", None, None, BadParameter::Cost),
        ("pbkdf2", Some(0), None, BadParameter::Cost),
        ("pbkdf2", Some(1), None, BadParameter::Cost),
        ("pbkdf2", Some(4095), None, BadParameter::Cost),
        ("pbkdf2", Some(10_000_001), None, BadParameter::Cost),
        ("pbkdf2", Some(1 << 31), None, BadParameter::Cost),
        ("pbkdf2", Some(MAX + 4097), None, BadParameter::Cost),
        ("argon2id13", Some(3), None, BadParameter::Cost),
        ("argon2id13", None, Some(65536), BadParameter::Cost),
        ("argon2id13", Some(0), Some(65536), BadParameter::Cost),
        ("argon2id13", Some(3), Some(0), BadParameter::Cost),
        ("argon2id13", Some(4096), Some(7), BadParameter::Cost),
        (
            "argon2id13",
            Some(1),
            Some(16 * 1024 - 1),
            BadParameter::Cost,
        ),
        (
            "argon2id13",
            Some(1),
            Some(256 * 1024 + 1),
            BadParameter::Cost,
        ),
        ("argon2id13", Some(65), Some(256 * 1024), BadParameter::Cost),
        ("argon2id13", Some(MAX), Some(MAX), BadParameter::Cost),
        ("argon2id13", Some(1), Some(MAX + 65537), BadParameter::Cost),
        ("argon2id-13", Some(3), Some(65536), BadParameter::Kdf),
        ("PBKDF2", Some(4096), None, BadParameter::Kdf),
        ("", Some(4096), None, BadParameter::Kdf),
    ] {
        let changed = ChallengeExtra {
            kdf: Some(kdf.into()),
            iterations,
            memory,
            ..challenge(Dialect::Wamp)
        };
        assert_eq!(
            refusal(Dialect::Wamp, &changed),
            Some(expected),
            "{changed:?}"
        );
    }
    let without = ChallengeExtra {
        kdf: None,
        ..challenge(Dialect::Wamp)
    };
    assert_eq!(refusal(Dialect::Wamp, &without), Some(BadParameter::Kdf));
    let other_dialect = ChallengeExtra {
        kdf: Some("argon2id13".into()),
        memory: Some(4096),
        ..challenge(Dialect::Crossbar)
    };
    assert_eq!(
        refusal(Dialect::Crossbar, &other_dialect),
        Some(BadParameter::Kdf)
    );
}

/// The bounds themselves, without computing anything.
#[test]
fn what_may_be_stored() {
    let argon2id = |iterations, memory| Kdf::Argon2id { iterations, memory };
    let pbkdf2 = |iterations| Kdf::Pbkdf2 { iterations };
    for (salt_len, kdf, expected) in [
        (8, pbkdf2(4096), None),
        (64, pbkdf2(10_000_000), None),
        (16, argon2id(4096, 512), None),
        (16, argon2id(64, 256 * 1024), None),
        (16, argon2id(2048, 8), None),
        (7, pbkdf2(4096), Some(BadParameter::Salt)),
        (65, pbkdf2(4096), Some(BadParameter::Salt)),
        (16, pbkdf2(0), Some(BadParameter::Cost)),
        (16, pbkdf2(u32::MAX), Some(BadParameter::Cost)),
        (16, argon2id(4096, 7), Some(BadParameter::Cost)),
        (16, argon2id(2047, 8), Some(BadParameter::Cost)),
        (16, argon2id(u32::MAX, u32::MAX), Some(BadParameter::Cost)),
    ] {
        let salt = vec![1; salt_len];
        let stored = Credential::from_parts(&salt, kdf, [2; 32], [3; 32]);
        assert_eq!(stored.err(), expected, "{salt_len} {kdf:?}");
    }
    let derived = |password, salt: &[u8], kdf| {
        let result = Credential::derive(Dialect::Wamp, password, salt, kdf);
        result.err()
    };
    assert_eq!(derived("pencil", &[1; 7], KDF), Some(BadParameter::Salt));
    assert_eq!(
        derived("pencil", &[1; 16], pbkdf2(0)),
        Some(BadParameter::Cost)
    );
    assert_eq!(derived("", &[1; 16], KDF), Some(BadParameter::Password));
    assert_eq!(
        derived("\u{7}", &[1; 16], KDF),
        Some(BadParameter::Password)
    );
    assert_eq!(
        Credential::mock(b"secret", "user", pbkdf2(0), 16).err(),
        Some(BadParameter::Cost)
    );
}

#[test]
fn stored_text_is_checked() {
    let (salt, key) = ("00".repeat(16), "11".repeat(32));
    let stored = |salt: &str, stored: &str, server: &str| {
        Credential::from_hex(salt, KDF, stored, server).err()
    };
    assert_eq!(stored(&salt, &key, &key), None);
    for wrong in ["", "00", "xyz", &"00".repeat(65)] {
        assert_eq!(
            stored(wrong, &key, &key),
            Some(BadParameter::Salt),
            "{wrong}"
        );
    }
    for wrong in [
        "",
        &key[..62],
        &key.replacen('1', "g", 1),
        &format!("{key}11"),
    ] {
        assert_eq!(
            stored(&salt, wrong, &key),
            Some(BadParameter::Key),
            "{wrong}"
        );
        assert_eq!(
            stored(&salt, &key, wrong),
            Some(BadParameter::Key),
            "{wrong}"
        );
    }
}

#[test]
fn a_client_has_a_name_and_a_nonce() {
    for dialect in [Dialect::Wamp, Dialect::Crossbar] {
        let new = |authid, nonce: &[u8]| Client::new(dialect, authid, nonce, None).err();
        assert_eq!(new("user", &count::<64>(0)), None);
        assert_eq!(new("user", &count::<65>(0)), Some(BadParameter::Nonce));
        assert_eq!(new("user", &[]), Some(BadParameter::Nonce));
        assert_eq!(new("", &[1; 16]), Some(BadParameter::Name));
        assert_eq!(new("a\u{7}", &[1; 16]), Some(BadParameter::Name));

        let client = Client::new(dialect, "user", &[0; 16], None).unwrap();
        let answer = client.answer("", &challenge(dialect));
        assert_eq!(answer.err(), Some(BadParameter::Password));
    }
}

//! `wamp-scram` and `scram` against what others compute.

use wamp_proto::auth::scram::{
    Client, ClientFirst, Credential, Dialect, Kdf, Server, TLS_EXPORTER,
};
use wamp_proto::message::details::{AuthenticateExtra, ChallengeExtra};

use crate::{count, from_base64};

/// One exchange that somebody else computed.
struct Vector {
    dialect: Dialect,
    authid: &'static str,
    password: &'static str,
    client_nonce: &'static str,
    server_nonce: &'static str,
    channel: Option<[u8; 32]>,
    /// The nonce of both.
    nonce: &'static str,
    salt: &'static str,
    kdf: Kdf,
    kdf_name: &'static str,
    stored_key: &'static str,
    server_key: &'static str,
    proof: &'static str,
    verifier: &'static str,
}

impl Vector {
    fn credential(&self) -> Credential {
        Credential::derive(
            self.dialect,
            self.password,
            &from_base64(self.salt),
            self.kdf,
        )
        .unwrap()
    }

    fn client(&self) -> Client {
        let nonce = from_base64(self.client_nonce);
        Client::new(self.dialect, self.authid, &nonce, self.channel).unwrap()
    }

    fn challenge(&self) -> ChallengeExtra {
        let (iterations, memory) = match self.kdf {
            Kdf::Pbkdf2 { iterations } => (iterations, None),
            Kdf::Argon2id { iterations, memory } => (iterations, Some(memory.into())),
        };
        ChallengeExtra {
            nonce: Some(self.nonce.into()),
            salt: Some(self.salt.into()),
            kdf: Some(self.kdf_name.into()),
            iterations: Some(iterations.into()),
            memory,
            ..ChallengeExtra::default()
        }
    }

    fn authenticate_extra(&self) -> AuthenticateExtra {
        if self.dialect == Dialect::Crossbar {
            return AuthenticateExtra::default();
        }
        AuthenticateExtra {
            nonce: Some(self.nonce.into()),
            channel_binding: self.channel.map(|_| TLS_EXPORTER.into()),
            cbind_data: self
                .channel
                .map(|_| "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8=".into()),
            ..AuthenticateExtra::default()
        }
    }
}

/// The numbers of `autobahn.wamp.auth.AuthScram`, Autobahn|Python 26.10.2 with argon2-cffi 25.1.0: the proof is what `on_challenge`
/// returned, the verifier what `on_welcome` accepted, the keys follow from its salted password. With PBKDF2 it fails on every challenge.
const AUTOBAHN: [Vector; 3] = [
    Vector {
        dialect: Dialect::Crossbar,
        authid: "user",
        password: "pencil",
        client_nonce: "AAECAwQFBgcICQoLDA0ODw==",
        server_nonce: "EBESExQVFhcYGRobHB0eHw==",
        channel: None,
        nonce: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        salt: "ICEiIyQlJicoKSorLC0uLw==",
        kdf: Kdf::Argon2id {
            iterations: 2,
            memory: 8192,
        },
        kdf_name: "argon2id-13",
        stored_key: "020a3d88f78358b486def5b70cb17b84be87b180f870a5f21bda8b809e932863",
        server_key: "6e0b2fe5969776776b3ab2eec977866d927db22cc03b492308e828bc910ad2ff",
        proof: "GZdzMP/nJBF12ieDZM/qk9GRe17ri9lrtTIn5tZCs/g=",
        verifier: "v8UgA0zqFpMWwT/HQj2rFVLbZ3Wkm92mQWUnYk0bIls=",
    },
    Vector {
        dialect: Dialect::Crossbar,
        authid: "peter=1,2",
        password: "pä\u{a0}ßª",
        client_nonce: "/////////////////////w==",
        server_nonce: "/v7+/v7+/v7+/v7+/v7+/g==",
        channel: None,
        nonce: "//////////////////////7+/v7+/v7+/v7+/v7+/v4=",
        salt: "c2FsdHNhbHQ=",
        kdf: Kdf::Argon2id {
            iterations: 64,
            memory: 256,
        },
        kdf_name: "argon2id-13",
        stored_key: "71f1490b9a5f2b8782480976e67657692042e5d9bd75fccac2315151e4cf5202",
        server_key: "40576c5427e33747c2a9673426cfa7712162ff213fda520acfd1a7aeae07a17d",
        proof: "FP5kUdTNo6o9P/OpgTWcN4CyqqMY+U1/omJAjKfiWCc=",
        verifier: "mxhB0v84aVm/j4aHOl028D/exxWaFQvIpTPeA910/vI=",
    },
    Vector {
        dialect: Dialect::Crossbar,
        authid: "\u{2168}",
        password: "pencil",
        client_nonce: "AAAAAAAAAAAAAAAAAAAA",
        server_nonce: "AQEBAQEBAQEBAQEBAQEBAQ==",
        channel: None,
        nonce: "AAAAAAAAAAAAAAAAAAAAAQEBAQEBAQEBAQEBAQEBAQ==",
        salt: "MDEyMzQ1Njc4OWFiY2RlZg==",
        kdf: Kdf::Argon2id {
            iterations: 1,
            memory: 19456,
        },
        kdf_name: "argon2id-13",
        stored_key: "0ab2aec4ce4039cf68ec12f5fe349211dd2fde97ffa9341a38ee2661ce41c361",
        server_key: "b0a7da39063397622db19a6c39b3a9fe88f82f504412e0df8ea8a754a2c0309d",
        proof: "DQy1Uwbz/pnBoabkjvU8yAwELqPyCGJ8ZqLw+htEm80=",
        verifier: "Z2WAmXO8tpjUbdp1ziZTM7xyGg3NrR8fxlv1/fYmVkY=",
    },
];

/// Computed from the formulas of the specification with Python's hashlib and hmac, argon2-cffi 25.1.0 and `saslprep` of passlib 1.7.4.
const SPECIFICATION: [Vector; 2] = [
    Vector {
        dialect: Dialect::Wamp,
        authid: "user",
        password: "pencil",
        client_nonce: "AAECAwQFBgcICQoLDA0ODw==",
        server_nonce: "EBESExQVFhcYGRobHB0eHw==",
        channel: None,
        nonce: "AAECAwQFBgcICQoLDA0ODw==EBESExQVFhcYGRobHB0eHw==",
        salt: "ICEiIyQlJicoKSorLC0uLw==",
        kdf: Kdf::Pbkdf2 { iterations: 4096 },
        kdf_name: "pbkdf2",
        stored_key: "6535a08fbf1b5c2710789ce1be76507764c9a7892a86529d4cd749147ab3ed16",
        server_key: "d80d3a6aeb366ebe3d23d7254fa0dc7a259608cabd6fd283d0e76c1ab4cd200e",
        proof: "CkM2+8SW2mNh1Bhn9yXgeGjlnM9TIb6IjXorKFVF7K8=",
        verifier: "v=mYm0ckTL/OhOl9ADWWxy7hXMMAzP7S1hkt/4jZYsZvk=",
    },
    Vector {
        dialect: Dialect::Wamp,
        authid: "a,b=\u{2168}",
        password: "pä\u{a0}ßª",
        client_nonce: "AAECAwQFBgcICQoLDA0ODw==",
        server_nonce: "EBESExQVFhcYGRobHB0eHw==",
        channel: Some(CHANNEL),
        nonce: "AAECAwQFBgcICQoLDA0ODw==EBESExQVFhcYGRobHB0eHw==",
        salt: "ICEiIyQlJicoKSorLC0uLw==",
        kdf: Kdf::Argon2id {
            iterations: 2,
            memory: 8192,
        },
        kdf_name: "argon2id13",
        stored_key: "47dee9ec6ee69f4e8d1031f29e43fc0c093a79402c98d17791a01cdc478069b3",
        server_key: "4643183a866998bf82e4fc8a18bf6f0a280b74bd3fa6d83e816ae519b3a2aef1",
        proof: "yHPPBeUKdiAM/ARW0IOaiQa4COL6vESkdIeXij23Fac=",
        verifier: "v=TXhYF+v1H8NDxESzSGrlFLRCjwyQ309ePbQm+VOqFXs=",
    },
];

const CHANNEL: [u8; 32] = *b"@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_";

#[test]
fn the_router_agrees_with_others() {
    for vector in AUTOBAHN.iter().chain(&SPECIFICATION) {
        let credential = vector.credential();
        let (server, challenge) = Server::start(
            vector.dialect,
            &ClientFirst {
                authid: vector.authid,
                nonce: vector.client_nonce,
                channel_binding: vector.channel.map(|_| TLS_EXPORTER),
            },
            &from_base64(vector.server_nonce).try_into().unwrap(),
            &credential,
            vector.channel.as_ref(),
        )
        .unwrap();
        assert_eq!(challenge, vector.challenge());
        assert_eq!(
            server.finish(vector.proof, &vector.authenticate_extra()),
            Ok(vector.verifier.into()),
            "{}",
            vector.authid
        );
    }
}

#[test]
fn the_client_agrees_with_others() {
    for vector in AUTOBAHN.iter().chain(&SPECIFICATION) {
        let client = vector.client();
        assert_eq!(client.nonce(), vector.client_nonce);
        let (answer, proof) = client.answer(vector.password, &vector.challenge()).unwrap();
        assert_eq!(answer.signature.expose(), vector.proof);
        assert_eq!(answer.extra, vector.authenticate_extra());
        assert!(proof.verify(vector.verifier).is_ok());
    }
}

#[test]
fn credentials_agree_with_others() {
    for vector in AUTOBAHN.iter().chain(&SPECIFICATION) {
        let derived = vector.credential();
        let salt: String = from_base64(vector.salt)
            .iter()
            .map(|b| format!("{b:02X}"))
            .collect();
        let stored =
            Credential::from_hex(&salt, vector.kdf, vector.stored_key, vector.server_key).unwrap();
        assert_eq!(derived.salt(), stored.salt());
        assert_eq!(derived.kdf(), stored.kdf());
        assert_eq!(derived.stored_key(), stored.stored_key());
        assert_eq!(derived.server_key(), stored.server_key());
    }
}

/// RFC 7677, section 3. Its nonce of the router is not Base64, so only a client can play it.
#[test]
fn the_client_agrees_with_rfc_7677() {
    let nonce = from_base64("rOprNGfwEbeRWgbNEkqO");
    let client = Client::new(Dialect::Wamp, "user", &nonce, None).unwrap();
    let challenge = ChallengeExtra {
        nonce: Some("rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".into()),
        salt: Some("W22ZaJ0SNY7soEsUEjb6gQ==".into()),
        kdf: Some("pbkdf2".into()),
        iterations: Some(4096),
        ..ChallengeExtra::default()
    };
    let (answer, proof) = client.answer("pencil", &challenge).unwrap();
    assert_eq!(
        answer.signature.expose(),
        "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    );
    assert!(
        proof
            .verify("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
            .is_ok()
    );
}

/// The deployed routers allow PBKDF2, though no client of theirs can.
#[test]
fn every_function_works_in_every_dialect() {
    let argon2id = Kdf::Argon2id {
        iterations: 1,
        memory: 16 * 1024,
    };
    for dialect in [Dialect::Wamp, Dialect::Crossbar] {
        for kdf in [Kdf::Pbkdf2 { iterations: 4096 }, argon2id] {
            let credential = Credential::derive(dialect, "pencil", &count::<16>(0), kdf).unwrap();
            let client = Client::new(dialect, "user", &count::<16>(32), None).unwrap();
            let hello = ClientFirst {
                authid: "user",
                nonce: client.nonce(),
                channel_binding: client.channel_binding(),
            };
            let (server, challenge) =
                Server::start(dialect, &hello, &count(64), &credential, None).unwrap();
            let (answer, proof) = client.answer("pencil", &challenge).unwrap();
            let verifier = server
                .finish(answer.signature.expose(), &answer.extra)
                .unwrap();
            assert!(proof.verify(&verifier).is_ok(), "{dialect:?} {kdf:?}");
        }
    }
}

#[test]
fn the_names_in_messages() {
    assert_eq!(Dialect::Wamp.method(), "wamp-scram");
    assert_eq!(Dialect::Wamp.verifier_key(), "verifier");
    assert_eq!(Dialect::Crossbar.method(), "scram");
    assert_eq!(Dialect::Crossbar.verifier_key(), "scram_server_signature");
}

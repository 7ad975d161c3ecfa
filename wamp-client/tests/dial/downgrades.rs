//! What a router must not get by asking wrongly, or by not asking.

use wamp_client::auth::{Attempt, Credentials};
use wamp_client::error::ConnectError;
use wamp_client::proto::auth::cryptosign::SigningKey;
use wamp_client::proto::auth::scram::{ClientFirst, Credential, Dialect, Kdf, Server};
use wamp_client::proto::codec::Format;
use wamp_client::proto::message::details::{ChallengeExtra, HelloDetails, WelcomeDetails};
use wamp_client::proto::message::{Authenticate, Challenge, Raw};

fn joe() -> Credentials {
    Credentials::new().authid("joe")
}

fn start(credentials: &Credentials) -> Attempt {
    credentials.start(None).expect("nothing is missing")
}

async fn asked(
    attempt: &mut Attempt,
    method: &str,
    extra: ChallengeExtra,
) -> Result<Authenticate, ConnectError> {
    let challenge = Challenge {
        method: method.into(),
        extra: Box::new(extra),
    };
    attempt.answer(&challenge).await
}

fn welcome(method: Option<&str>) -> WelcomeDetails {
    WelcomeDetails {
        authmethod: method.map(Into::into),
        ..WelcomeDetails::default()
    }
}

fn said<T: std::fmt::Debug>(result: Result<T, ConnectError>) -> String {
    match result {
        Err(ConnectError::Auth(error)) => error,
        other => panic!("no error of authentication: {other:?}"),
    }
}

#[tokio::test]
async fn what_was_not_offered_is_not_answered() {
    for (method, remedy) in [
        ("ticket", "WAMP_TICKET"),
        ("wampcra", "WAMP_SECRET"),
        ("scram", "WAMP_AUTHID"),
        ("cryptosign", "WAMP_PRIVATE_KEY"),
        ("riddle", "custom"),
    ] {
        let mut attempt = start(&joe());
        let error = said(asked(&mut attempt, method, ChallengeExtra::default()).await);
        assert!(error.contains(method) && error.contains(remedy), "{error}");
    }
    let mut attempt = start(&joe().ticket("a"));
    let error = said(
        asked(
            &mut attempt,
            &"\n".repeat(100_000),
            ChallengeExtra::default(),
        )
        .await,
    );
    assert!(error.len() < 500 && !error.contains('\n'), "{error}");
}

#[tokio::test]
async fn nothing_is_given_twice() {
    let mut attempt = start(&joe().ticket("a"));
    let ticket = asked(&mut attempt, "ticket", ChallengeExtra::default()).await;
    assert!(ticket.expect("it was offered").signature.is_same("a"));
    let error = said(asked(&mut attempt, "ticket", ChallengeExtra::default()).await);
    assert!(error.contains("twice"), "{error}");
    let mut attempt = start(&joe().anonymous());
    let error = said(asked(&mut attempt, "anonymous", ChallengeExtra::default()).await);
    assert!(error.contains("has none"), "{error}");
}

#[tokio::test]
async fn a_welcome_has_to_be_by_what_was_offered_and_proved() {
    let ticket = joe().ticket("a");
    for (credentials, prove, method, error) in [
        (joe(), false, Some("anonymous"), None),
        (joe(), false, None, None),
        (ticket.clone(), true, Some("ticket"), None),
        (ticket.clone(), true, None, None),
        (
            ticket.clone(),
            true,
            Some("anonymous"),
            Some("`anonymous`, which was not offered"),
        ),
        (
            ticket.clone(),
            false,
            Some("ticket"),
            Some("without the proof"),
        ),
        (ticket.clone(), false, None, Some("without the proof")),
        (
            ticket.clone(),
            false,
            Some("anonymous"),
            Some("which was not offered"),
        ),
        (
            ticket.clone().cra("a"),
            true,
            Some("wampcra"),
            Some("without the proof"),
        ),
        (ticket.clone().anonymous(), false, Some("anonymous"), None),
        (ticket.clone().anonymous(), false, None, None),
        (
            ticket.clone().anonymous(),
            false,
            Some("ticket"),
            Some("without the proof"),
        ),
        (
            ticket.clone().unasked("cookie"),
            false,
            Some("cookie"),
            None,
        ),
        (joe().tls(), false, Some("tls"), None),
        (
            joe().tls(),
            false,
            Some("transport"),
            Some("which was not offered"),
        ),
    ] {
        let mut attempt = start(&credentials);
        if prove {
            let proof = asked(&mut attempt, "ticket", ChallengeExtra::default()).await;
            assert!(proof.is_ok());
        }
        let verified = attempt.verify(&welcome(method));
        match error {
            None => assert!(verified.is_ok(), "{credentials:?} {method:?}: {verified:?}"),
            Some(error) => {
                let said = said(verified);
                assert!(said.contains(error), "{credentials:?} {method:?}: {said}");
            }
        }
    }
}

/// Answers a true challenge; gives what the router has to say then.
async fn scram(dialect: Dialect) -> (Attempt, String) {
    let mut attempt = start(&joe().scram("pencil"));
    let mut hello = HelloDetails::default();
    attempt.hello(&mut hello);
    #[derive(serde::Deserialize)]
    struct Extra {
        nonce: String,
    }
    let extra = hello.authextra.expect("there is a nonce").decode::<Extra>();
    let first = ClientFirst {
        authid: "joe",
        nonce: &extra.expect("a dictionary").nonce,
        channel_binding: None,
    };
    let kdf = Kdf::Pbkdf2 { iterations: 4096 };
    let credential = Credential::derive(dialect, "pencil", b"0123456789abcdef", kdf);
    let credential = credential.expect("good parameters");
    let started = Server::start(dialect, &first, &[7; 16], &credential, None);
    let (server, challenge) = started.expect("a good HELLO");
    let answer = asked(&mut attempt, dialect.method(), challenge).await;
    let answer = answer.expect("a good challenge");
    let verifier = server.finish(answer.signature.expose(), &answer.extra);
    (attempt, verifier.expect("the right password"))
}

#[tokio::test]
async fn a_router_has_to_prove_that_it_knows_the_password() {
    for dialect in [Dialect::Wamp, Dialect::Crossbar] {
        let (attempt, verifier) = scram(dialect).await;
        let with = |key: &str, value: &str| WelcomeDetails {
            authextra: Some(
                Raw::new(
                    Format::Json,
                    &[(key, value)]
                        .into_iter()
                        .collect::<std::collections::BTreeMap<_, _>>(),
                )
                .expect("texts"),
            ),
            ..welcome(Some(dialect.method()))
        };
        let key = dialect.verifier_key();
        assert!(attempt.verify(&with(key, &verifier)).is_ok());
        for details in [
            welcome(Some(dialect.method())),
            with("other", &verifier),
            with(key, ""),
        ] {
            let error = said(attempt.verify(&details));
            assert!(error.contains("password"), "{error}");
        }
        let (other, _) = scram(dialect).await;
        let error =
            said(other.verify(&with(key, "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
        assert!(error.contains("proof is wrong"), "{error}");
        // The router lets us in at once.
        let attempt = start(&joe().scram("pencil"));
        let error = said(attempt.verify(&with(key, &verifier)));
        assert!(error.contains("without the proof"), "{error}");
    }
}

#[tokio::test]
async fn the_cost_of_an_answer_is_bounded() {
    let salted = |iterations, keylen| ChallengeExtra {
        challenge: Some("{}".into()),
        salt: Some("salt".into()),
        iterations,
        keylen,
        ..ChallengeExtra::default()
    };
    for extra in [
        salted(Some(u64::MAX), None),
        salted(Some(10_000_001), None),
        salted(Some(0), None),
        salted(None, Some(1 << 40)),
    ] {
        let mut attempt = start(&joe().cra("secret"));
        let error = said(asked(&mut attempt, "wampcra", extra).await);
        assert!(error.contains("out of bounds"), "{error}");
    }
    for (kdf, iterations, memory) in [
        ("pbkdf2", u64::MAX, None),
        ("pbkdf2", 1, None),
        ("argon2id-13", 1 << 20, Some(1 << 18)),
        ("argon2id-13", 1, Some(u64::MAX)),
    ] {
        let (mut attempt, nonce) = {
            let attempt = start(&joe().scram("pencil"));
            let mut hello = HelloDetails::default();
            attempt.hello(&mut hello);
            let extra = hello.authextra.expect("there is a nonce");
            let extra = extra.decode::<std::collections::BTreeMap<String, String>>();
            (
                attempt,
                extra.expect("texts").remove("nonce").expect("a nonce"),
            )
        };
        // In this dialect the nonce of both is of the bytes of both: three more make four more digits.
        let nonce = format!("{}{}", nonce.trim_end_matches('='), "AA");
        let extra = ChallengeExtra {
            nonce: Some(nonce.into()),
            salt: Some("MDEyMzQ1Njc4OWFiY2RlZg==".into()),
            kdf: Some(kdf.into()),
            iterations: Some(iterations),
            memory,
            ..ChallengeExtra::default()
        };
        let error = said(asked(&mut attempt, "scram", extra).await);
        assert!(error.contains("cost"), "{kdf} {iterations}: {error}");
    }
}

#[tokio::test]
async fn malformed_challenges_are_not_answered() {
    let text = |challenge: &str| ChallengeExtra {
        challenge: Some(challenge.into()),
        ..ChallengeExtra::default()
    };
    let key = || joe().cryptosign(SigningKey::from_seed([1; 32]));
    let hexadecimal = "ab".repeat(32);
    for (credentials, method, extra) in [
        (joe().cra("a"), "wampcra", ChallengeExtra::default()),
        (key(), "cryptosign", ChallengeExtra::default()),
        (key(), "cryptosign", text("")),
        (key(), "cryptosign", text(&"ab".repeat(31))),
        (key(), "cryptosign", text(&"ä".repeat(32))),
        (key(), "cryptosign", text(&"+b".repeat(32))),
        (
            key(),
            "cryptosign",
            ChallengeExtra {
                channel_binding: Some("tls-unique".into()),
                ..text(&hexadecimal)
            },
        ),
        (joe().scram("a"), "wamp-scram", ChallengeExtra::default()),
    ] {
        let mut attempt = start(&credentials);
        said(asked(&mut attempt, method, extra).await);
    }
    let mut attempt = start(&key());
    assert!(
        asked(&mut attempt, "cryptosign", text(&hexadecimal))
            .await
            .is_ok()
    );
}

#[test]
fn methods_are_offered_in_their_order() {
    let offered = |credentials: Credentials, channel_id| {
        let mut hello = HelloDetails::default();
        let attempt = credentials.start(channel_id);
        attempt.expect("nothing is missing").hello(&mut hello);
        hello.authmethods.join(" ")
    };
    let all = || joe().ticket("a").scram("a").cra("a").anonymous();
    assert_eq!(
        offered(all(), Some([7; 32])),
        "ticket scram wampcra anonymous wamp-scram"
    );
    assert_eq!(
        offered(all().channel_binding(true), Some([7; 32])),
        "ticket wamp-scram wampcra anonymous"
    );
    let again = joe().ticket("a").cra("a").ticket("b");
    assert_eq!(offered(again, None), "wampcra ticket");
    assert_eq!(offered(Credentials::new(), None), "");
    let one = joe().scram_dialect(Dialect::Wamp, "a").cra("a");
    assert_eq!(offered(one, None), "wamp-scram wampcra");
}

#[test]
fn what_is_missing_is_said_at_once() {
    let error = Credentials::new().scram("a").start(None);
    let error = error.expect_err("there is no name").to_string();
    assert!(error.contains("authid"), "{error}");
    let error = joe().scram("a").channel_binding(true).start(None);
    let error = error.expect_err("there is no TLS").to_string();
    assert!(error.contains("no TLS"), "{error}");
    assert!(joe().cryptosign_hex("zz").is_err());
}

#[test]
fn secrets_are_not_shown() {
    let credentials = joe()
        .ticket("hunter2")
        .cra("hunter2")
        .scram("hunter2")
        .cryptosign(SigningKey::from_seed([1; 32]))
        .extra("token", "hunter2")
        .expect("a text");
    let attempt = start(&credentials);
    for shown in [format!("{credentials:?}"), format!("{attempt:#?}")] {
        assert!(
            !shown.contains("hunter2") && !shown.contains("0101"),
            "{shown}"
        );
        assert!(shown.contains("wampcra"), "{shown}");
    }
}

//! Methods of the application's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::Deserialize;
use wamp_client::auth::{Answer, Credentials};
use wamp_client::dial::Dialing;
use wamp_client::proto::auth::cryptosign::SigningKey;
use wamp_client::proto::message::details::{ChallengeExtra, HelloDetails};
use wamp_client::proto::message::{Challenge, Raw};
use wamp_server::CallError;
use wamp_server::auth::{Authenticator, Exchange, Principal};

use crate::support::{Running, app, open};

/// Asks for the sum of two numbers, twice, and for a name that comes in HELLO.
struct Riddle;

impl Authenticator for Riddle {
    fn method(&self) -> &str {
        "riddle"
    }

    async fn authenticate(&self, mut exchange: Exchange) -> Result<Option<Principal>, CallError> {
        let extra = exchange.session().hello().authextra.clone();
        let extra = extra.and_then(|it| it.decode::<Device>().ok());
        let device = extra.map(|it| it.device);
        for (question, expected) in [("4 + 3", "7"), ("1 + 1", "2")] {
            let answer = exchange
                .challenge(ChallengeExtra {
                    challenge: Some(question.into()),
                    ..ChallengeExtra::default()
                })
                .await?;
            let device_again = answer
                .extra
                .unknown
                .get("device")
                .map(Raw::decode::<String>);
            let same = device_again.and_then(Result::ok) == device;
            if !answer.signature.is_same(expected) || !same {
                return Ok(None);
            }
        }
        Ok(Some(Principal::new("solver", "user")))
    }
}

#[derive(Deserialize)]
struct Device {
    device: String,
}

fn solve(challenge: &Challenge) -> Result<Answer, String> {
    let question = challenge.extra.challenge.as_deref().unwrap_or_default();
    let numbers = question.split(" + ").map(str::parse::<u32>);
    let numbers = numbers.collect::<Result<Vec<_>, _>>();
    let sum = numbers
        .map_err(|_| "it is no sum".to_owned())?
        .iter()
        .sum::<u32>();
    Answer::new(sum.to_string())
        .extra("device", "phone")
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_function_answers_as_often_as_it_is_asked() {
    let server = Running::new(app().authenticator(Riddle)).await;
    let asked = Arc::new(AtomicU32::new(0));
    let credentials = Credentials::new()
        .custom("riddle", {
            let asked = Arc::clone(&asked);
            move |challenge| {
                asked.fetch_add(1, Ordering::Relaxed);
                async move { solve(&challenge) }
            }
        })
        .extra("device", "phone")
        .expect("a text");
    let dialing = Dialing::new(server.url("ws")).with_credentials(credentials);
    let (_, welcome) = open(&dialing).await.expect("a session");
    assert_eq!(welcome.authid.as_deref(), Some("solver"));
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_function_that_fails_says_why() {
    let server = Running::new(app().authenticator(Riddle)).await;
    let credentials = Credentials::new().custom("riddle", async |_| Err::<Answer, _>("no idea"));
    let dialing = Dialing::new(server.url("ws")).with_credentials(credentials);
    let error = open(&dialing).await.expect_err("no answer").to_string();
    assert_eq!(error, "authentication failed: `riddle`: no idea");
}

#[tokio::test]
async fn a_router_cannot_ask_for_ever() {
    let credentials = Credentials::new().custom("riddle", async |_| Ok::<_, String>("what?"));
    let mut attempt = credentials.start(None).expect("nothing is missing");
    let challenge = Challenge {
        method: "riddle".into(),
        extra: Box::default(),
    };
    for _ in 0..32 {
        assert!(attempt.answer(&challenge).await.is_ok());
    }
    let error = attempt.answer(&challenge).await.expect_err("too often");
    assert!(error.to_string().contains("32 times"), "{error}");
}

/// What is said in HELLO by a client that has a key and something to add.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Extra {
    pubkey: String,
    device: u32,
}

#[test]
fn what_a_method_says_cannot_be_replaced() {
    let key = SigningKey::from_seed([1; 32]);
    let credentials = Credentials::new().cryptosign(key.clone());
    let credentials = credentials.extra("pubkey", "somebody else's");
    let credentials = credentials.and_then(|it| it.extra("device", 7));
    let attempt = credentials.expect("they can be written").start(None);
    let mut hello = HelloDetails::default();
    attempt.expect("nothing is missing").hello(&mut hello);
    let extra = hello.authextra.expect("there is one");
    assert_eq!(
        extra.decode::<Extra>().expect("a dictionary"),
        Extra {
            pubkey: key.public_key().to_hex(),
            device: 7
        }
    );
}

/// A ticket, then a code.
struct TwoFactors;

impl Authenticator for TwoFactors {
    fn method(&self) -> &str {
        "ticket"
    }

    async fn authenticate(&self, mut exchange: Exchange) -> Result<Option<Principal>, CallError> {
        let ticket = exchange.ticket().await?;
        let code = exchange.challenge_as("code", ChallengeExtra::default());
        let code = code.await?.signature;
        let right = ticket.is_same("open sesame") && code.is_same("123456");
        Ok(right.then(|| Principal::new("joe", "user")))
    }
}

#[tokio::test]
async fn methods_can_be_combined() {
    let server = Running::new(app().authenticator(TwoFactors)).await;
    let credentials = Credentials::new().ticket("open sesame");
    let dialing = Dialing::new(server.url("ws")).with_credentials(credentials);
    let error = open(&dialing).await.expect_err("no code").to_string();
    assert!(
        error.contains("asks for `code`, which was not offered"),
        "{error}"
    );
    let dialing =
        dialing.change_credentials(|it| it.custom("code", async |_| Ok::<_, String>("123456")));
    let (_, welcome) = open(&dialing).await.expect("a session");
    assert_eq!(welcome.authmethod.as_deref(), Some("ticket"));
}

//! Whether time tells what it must not: where a guess of a secret is wrong, and who exists.
//!
//! The first is asked of the comparisons themselves: a guess that is wrong in its first byte against one that is wrong in its last, with
//! Welch's t-test. The second is asked of whole attempts over the in-memory transport: known users with a wrong proof against users
//! who do not exist, by their medians. Both kinds run in turns, so that whatever else the machine does meets both alike. Run it on a
//! quiet machine:
//!
//! ```text
//! cargo run --release -p wamp-server --example auth_timing
//! ```

#![allow(clippy::print_stdout, reason = "a program")]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a program that only talks to itself"
)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wamp_server::auth::{CraCredential, Principal, Principals, ScramCredential};
use wamp_server::proto::auth::cra::{Salt, derive_key, sign, verify};
use wamp_server::proto::auth::scram::{Client, Credential, Dialect, Kdf};
use wamp_server::proto::message::Secret;
use wamp_server::transport::memory::{self, Peer};
use wamp_server::{App, Server};

/// Whole attempts of each kind.
const ATTEMPTS: u32 = 20_000;
/// Batches of comparisons of each kind, and comparisons in a batch: one alone is shorter than what a clock can tell.
const BATCHES: u32 = 20_000;
const BATCH: u32 = 64;
/// A difference beyond noise; the usual threshold for tests of this kind.
const MAX_T: f64 = 4.5;
/// Of the medians of attempts.
const MAX_RATIO: f64 = 1.05;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let ticket = "a ticket of some thirty-two bytes";
    let secret = Secret::new(ticket);
    let signature = sign(b"secret", "challenge");
    // Every one is run, whatever the others say.
    let guesses = compare_guesses("ticket", ticket, |guess| secret.is_same(guess))
        & compare_guesses("wampcra", &signature, |guess| {
            verify(b"secret", "challenge", guess)
        });
    let attempts = runtime.block_on(async {
        let server = server();
        let mut passed = true;
        for method in ["ticket", "wampcra", "wamp-scram", "scram"] {
            passed &= compare(&server, method).await;
        }
        passed
    });
    let passed = guesses & attempts;
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn server() -> Server {
    let mut principals = Principals::new();
    for i in 0..100 {
        let principal = || Principal::new(format!("user{i}"), "user");
        let salt = Salt::with_cost(format!("salt-of-{i:04}"), 100, 32).unwrap();
        let scram = |dialect| {
            let kdf = Kdf::Pbkdf2 { iterations: 4096 };
            let credential = Credential::derive(dialect, "pencil", b"0123456789abcdef", kdf);
            ScramCredential::new(principal(), credential.unwrap())
        };
        principals = principals
            .ticket(principal(), format!("a ticket of {i:04}"))
            .wampcra(CraCredential::salted(
                principal(),
                derive_key(b"pencil", &salt),
                salt,
            ))
            .wamp_scram(scram(Dialect::Wamp))
            .scram(scram(Dialect::Crossbar));
    }
    App::empty().principals(principals).build().unwrap()
}

async fn compare(server: &Server, method: &str) -> bool {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for i in 0..ATTEMPTS {
        let users = [
            (format!("user{}", i % 100), true),
            (format!("none{}", i % 100), false),
        ];
        for (name, exists) in in_turns(i, users) {
            let took = attempt(server, method, &name).await;
            if exists { &mut known } else { &mut unknown }.push(took);
        }
    }
    let (known, unknown) = (Times::new(known), Times::new(unknown));
    let ratio = (known.median / unknown.median).max(unknown.median / known.median);
    println!(
        "{method:10} known user {:.2?}, unknown {:.2?}: {ratio:.3} times (limit {MAX_RATIO})",
        Duration::from_secs_f64(known.median),
        Duration::from_secs_f64(unknown.median),
    );
    ratio < MAX_RATIO
}

/// A guess that is wrong at once against one that is wrong in the end.
fn compare_guesses(name: &str, right: &str, is_right: impl Fn(&str) -> bool) -> bool {
    let guesses = [wrong_at(right, 0), wrong_at(right, right.len() - 1)];
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for i in 0..BATCHES {
        for (guess, times) in in_turns(i, guesses.iter().zip([&mut first, &mut last])) {
            // Each time somewhere else in memory, so that no place is the lucky one.
            let (_elsewhere, guess) = (vec![0_u8; i as usize % 64], guess.clone());
            let begin = Instant::now();
            for _ in 0..BATCH {
                assert!(!black_box(is_right(black_box(&guess))));
            }
            times.push(begin.elapsed());
        }
    }
    let t = welch(&Times::new(first), &Times::new(last)).abs();
    println!("{name:10} wrong in the first byte or in the last: t = {t:.1} (limit {MAX_T})");
    t < MAX_T
}

/// In changing order, or what comes second would have the warmer caches.
fn in_turns<T>(i: u32, pair: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    let mut pair = pair.into_iter().collect::<Vec<_>>();
    // Thue and Morse's order: no period that anything else could have, too.
    if i.count_ones() % 2 == 1 {
        pair.reverse();
    }
    pair.into_iter()
}

fn wrong_at(right: &str, index: usize) -> String {
    let changed = right
        .char_indices()
        .map(|(at, it)| if at == index { '?' } else { it });
    changed.collect()
}

/// One connection that comes with something wrong: the time from HELLO to ABORT.
async fn attempt(server: &Server, method: &str, authid: &str) -> Duration {
    let nonce = Client::new(Dialect::Wamp, authid, &[7; 16], None).unwrap();
    let hello = json!([1, "realm1", {
        "roles": {"caller": {}},
        "authid": authid,
        "authmethods": [method],
        "authextra": {"nonce": nonce.nonce()},
    }]);
    let (near, mut far) = memory::pair();
    let connection = tokio::spawn(server.attach(near));
    let begin = Instant::now();
    far.send(hello.to_string()).await.unwrap();
    let challenge = receive(&mut far).await;
    // A nonce that was not said makes SCRAM's proof wrong before it is looked at; so it is said.
    let extra = json!({"nonce": challenge[2]["nonce"]});
    let proof = "q".repeat(43) + "=";
    far.send(json!([5, proof, extra]).to_string())
        .await
        .unwrap();
    let abort = receive(&mut far).await;
    let took = begin.elapsed();
    assert_eq!(abort[2], "wamp.error.authentication_denied", "{abort}");
    drop(far);
    connection.await.unwrap();
    took
}

async fn receive(peer: &mut Peer) -> Value {
    let frame = peer.receive().await.unwrap();
    serde_json::from_slice(&frame).unwrap()
}

/// Seconds.
struct Times {
    median: f64,
    mean: f64,
    variance: f64,
    count: f64,
}

impl Times {
    fn new(mut times: Vec<Duration>) -> Self {
        times.sort();
        // What something else interrupted is at the slow end.
        times.truncate(times.len() / 2);
        let seconds = times.iter().map(Duration::as_secs_f64);
        let count = f64::from(u32::try_from(times.len()).unwrap());
        let mean = seconds.clone().sum::<f64>() / count;
        let variance = seconds.map(|it| (it - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Self {
            median: times.get(times.len() / 2).unwrap().as_secs_f64(),
            mean,
            variance,
            count,
        }
    }
}

fn welch(a: &Times, b: &Times) -> f64 {
    (a.mean - b.mean) / (a.variance / a.count + b.variance / b.count).sqrt()
}

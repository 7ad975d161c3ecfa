//! Random programs: ten sessions, two hundred operations. Router and reference must never differ.
//!
//! `WAMP_MODEL_STEPS` says how many operations in all; `WAMP_MODEL_SEED` does one program again, the one that a failure has named.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use wamp_proto::uri;

use super::both::Both;
use super::dice::Dice;
use super::generator::{self, Taste};
use super::operation::Operation;
use super::real;
use super::reference_calls::FAILURE;
use super::said::Said;

const SESSIONS: usize = 10;
const OPERATIONS: u64 = 200;
/// In the ordinary test command.
const STEPS: u64 = 1_000_000;

/// Everything that is said in the first programs, or they would show little.
const KINDS: &[&str] = &[
    FAILURE,
    "event",
    "event for a pattern",
    "interrupt",
    "interrupt in time",
    "interrupt that is answered",
    "invocation",
    "invocation with a timeout",
    "news",
    "news of something new",
    "part of an invocation",
    "progress",
    "registered",
    "registration revoked",
    "result",
    "subscribed",
    "subscription revoked",
    "unregistered",
    "unsubscribed",
    uri::CANCELED,
    uri::FEATURE_NOT_SUPPORTED,
    uri::NO_AVAILABLE_CALLEE,
    uri::NO_SUCH_PROCEDURE,
    uri::NO_SUCH_REGISTRATION,
    uri::NO_SUCH_SUBSCRIPTION,
    uri::NOT_AUTHORIZED,
    uri::PROCEDURE_ALREADY_EXISTS,
    uri::TIMEOUT,
    uri::UNAVAILABLE,
];

#[test]
fn programs_say_everything_that_there_is() {
    let mut kinds = BTreeSet::new();
    for seed in 0..50 {
        run(seed, |said| {
            for it in said.values().flatten() {
                kinds.insert(it.kind().to_owned());
            }
        });
    }
    let missing = KINDS.iter().filter(|it| !kinds.contains(**it));
    assert_eq!(missing.collect::<Vec<_>>(), [] as [&&str; 0]);
    assert_eq!(kinds.len(), KINDS.len(), "{kinds:?}");
}

#[test]
fn the_router_does_what_the_reference_says() {
    if let Some(seed) = variable("WAMP_MODEL_SEED") {
        return run(seed, |_| {});
    }
    let steps = variable("WAMP_MODEL_STEPS").unwrap_or(STEPS);
    let programs = steps.div_ceil(OPERATIONS);
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, Into::into);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= programs {
                        break;
                    }
                    run(seed, |_| {});
                }
            });
        }
    });
}

fn run(seed: u64, mut hear: impl FnMut(&BTreeMap<u64, Vec<Said>>)) {
    let mut program = Program {
        seed,
        done: Vec::new(),
    };
    real::seed(seed);
    let mut dice = Dice::new(seed);
    let taste = Taste {
        has_chance: dice.chance(30),
        sessions: SESSIONS,
    };
    // Who is called by chance and has too many cannot be told from outside.
    let max_invocations = if taste.has_chance { usize::MAX } else { 4 };
    let mut both = Both::new(dice.chance(30), max_invocations);
    for _ in 0..SESSIONS {
        let operation = generator::join(&mut dice);
        program.done.push((0, operation.clone()));
        both.step(0, &operation);
    }
    for _ in 0..OPERATIONS {
        let (session, operation) = generator::next(&mut dice, &taste, &both.model);
        program.done.push((session, operation.clone()));
        hear(&both.step(session, &operation));
    }
    both.end();
}

/// Tells what has been done when something is wrong.
struct Program {
    seed: u64,
    done: Vec<(u64, Operation)>,
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (session, operation) in &self.done {
                eprintln!("{session}: {operation:?}");
            }
            eprintln!("again: WAMP_MODEL_SEED={}", self.seed);
        }
    }
}

fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().expect("a number"))
}

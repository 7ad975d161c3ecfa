//! Random programs: ten sessions, two hundred operations. Router and reference must never differ.
//!
//! `WAMP_MODEL_STEPS` says how many operations in all; `WAMP_MODEL_SEED` does one program again, the one that a failure has named.

use std::sync::atomic::{AtomicU64, Ordering};

use super::both::Both;
use super::dice::Dice;
use super::generator::{self, Taste};
use super::operation::Operation;
use super::real;

const SESSIONS: usize = 10;
const OPERATIONS: u64 = 200;
/// In the ordinary test command.
const STEPS: u64 = 1_000_000;

#[test]
fn the_router_does_what_the_reference_says() {
    if let Some(seed) = variable("WAMP_MODEL_SEED") {
        return run(seed);
    }
    let programs = variable("WAMP_MODEL_STEPS")
        .unwrap_or(STEPS)
        .div_ceil(OPERATIONS);
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
                    run(seed);
                }
            });
        }
    });
}

fn run(seed: u64) {
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
        both.step(session, &operation);
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

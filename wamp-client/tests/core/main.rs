//! The client against a router whose every line is written by the test: over memory, with paused time.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "whatever is not as it should be fails the test"
)]

mod support;

mod both_ways;
mod calling;
mod closing;
mod events;
mod heartbeats;
mod hostile;
mod procedures;
mod racing;
mod reconnecting;
mod renewing;
mod shuffled;
mod wire_forms;

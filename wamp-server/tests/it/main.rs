//! Behaviour, proven on exact messages over the in-memory transport.
#![allow(missing_docs, reason = "tests say what they prove by their names")]
#![allow(
    clippy::indexing_slicing,
    reason = "whoever misses an element of a message fails the test"
)]

mod authentication;
mod authorization;
mod batched;
mod binding;
mod binding_model;
mod broker_model;
mod build;
mod build_guards;
mod calls;
mod calls_model;
mod cancel;
mod context;
mod custom;
mod errors;
mod establish;
mod every_order;
mod formats;
mod from_error;
mod illegal;
mod input;
#[cfg(feature = "client")]
mod joined;
mod limits;
mod liveness;
mod ordering;
mod panics;
mod permissions_model;
mod progress;
mod proofs;
mod publish;
mod races;
mod realms;
mod results;
mod router;
mod routing;
mod routing_model;
mod service;
mod sessions;
mod shutdown;
mod slow;
mod strict;
mod support;
mod teardown;
mod timeouts;
mod topics;
mod transports;
mod types;

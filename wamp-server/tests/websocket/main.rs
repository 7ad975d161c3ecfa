//! The server over real sockets, byte by byte: what it answers to good clients, to wrong ones and to hostile ones.
//!
//! Every client here is made of bytes. Nothing sleeps: tests wait for something that the server does, but not for ever.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "clippy knows the functions that are tests, but not those that these call"
)]

mod accepting;
mod batches;
mod bombs;
mod brute_force;
mod closing;
mod elsewhere;
mod floods;
mod frames;
mod handshake;
mod handshake_limits;
mod hosts;
mod interrupted;
mod liveness;
mod mount;
mod origins;
mod proxies;
mod rawsocket;
mod refusals;
mod shutdown;
mod sizes;
mod slow_readers;
mod support;
#[cfg(feature = "tls")]
mod tls;
mod unauthenticated;

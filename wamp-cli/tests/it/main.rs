//! Drives the command `wamp` as its users do: by arguments, files, signals and connections.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value has something at every index, if only null, and a test that fails panics anyway"
)]

mod client;
mod keygen;
mod mistakes;
mod out_of_the_box;
mod permissions;
mod realms;
mod service;
mod shell;
mod stopping;
mod support;
mod variables;
mod ways_in;

#[cfg(unix)]
mod reload;
mod tls;
#[cfg(unix)]
mod unix;

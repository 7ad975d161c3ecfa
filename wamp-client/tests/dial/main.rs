//! Everything until a session is open, over real sockets: against this project's router, and against servers that are wrong or hostile.
//!
//! Nothing sleeps: tests wait for something that the other side does, but not for ever.

#![allow(
    clippy::indexing_slicing,
    reason = "clippy knows the functions that are tests, but not those that these call"
)]

mod chunks;
mod closing;
mod configuration;
mod downgrades;
mod impostors;
mod methods;
mod own_methods;
mod rawsocket;
mod schemes;
mod support;
#[cfg(feature = "tls")]
mod tls;
mod websocket;

//! The load generator: one thread, non-blocking sockets, requests that are copied rather than
//! encoded, answers that are compared rather than decoded.
//!
//! It has to be several times cheaper than the servers, or it would be measured in their place.
//!
//! - [`dialect`]: what a call and its answer look like in each protocol
//! - [`serializer`], [`message`]: the same byte by byte, with ids that can be patched
//! - [`frame`]: WebSocket frames from the client's side
//! - [`handshake`]: everything before the first request, blocking
//! - [`enroll`]: registrations and subscriptions
//! - [`calls`], [`routed`], [`fan_out`], [`idle`]: the kinds of load
//! - [`client`]: calls by this project's client
//! - [`caller`], [`callee`]: the connections of the first two
//! - [`window`]: warming up, then measuring

mod callee;
mod caller;
mod calls;
mod client;
mod dialect;
mod enroll;
mod fan_out;
mod frame;
mod handshake;
mod idle;
mod message;
mod routed;
mod serializer;
mod window;

pub use calls::{Calls, call};
pub use client::client;
pub use dialect::{Dialect, Procedure};
pub use enroll::{Crowd, Entry, Matching};
pub use fan_out::{FanOut, PublishWith, fan_out};
pub use handshake::Talk;
pub use idle::{Idle, idle};
pub use routed::{Callees, Routed, routed};
pub use serializer::Serializer;
pub use window::{Figures, Timing};

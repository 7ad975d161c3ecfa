//! The load generator: one thread, non-blocking sockets, requests that are copied rather than
//! encoded, answers that are compared rather than decoded.
//!
//! It has to be several times cheaper than the servers, or it would be measured in their place.
//!
//! - [`dialect`]: what a call and its answer look like in each protocol
//! - [`serializer`], [`message`]: the same byte by byte, with ids that can be patched
//! - [`frame`]: WebSocket frames from the client's side
//! - [`handshake`]: everything before the first request, blocking
//! - [`calls`], [`fan_out`], [`idle`]: the three kinds of load
//! - [`window`]: warming up, then measuring

mod calls;
mod dialect;
mod fan_out;
mod frame;
mod handshake;
mod idle;
mod message;
mod serializer;
mod window;

pub use calls::{Calls, call};
pub use dialect::{Dialect, Procedure};
pub use fan_out::{FanOut, PublishWith, fan_out};
pub use idle::{Idle, idle};
pub use serializer::Serializer;
pub use window::{Figures, Timing};

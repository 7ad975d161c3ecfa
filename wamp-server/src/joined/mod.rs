//! Applications whose functions are offered at another router, by a client: `App::join`.
//!
//! A server is built as always. What the router sends to our client comes out as messages of its peers, each of whom has a session here:
//! all guarantees of sessions hold without a second implementation.
//!
//! # Layout
//!
//! - `join`: [`Joined`], and how it begins and ends. `offer`, `pattern`: what is registered and subscribed to. [`JoinError`].
//! - `register`: [`Register`], functions for any client.
//! - `host`: what the client hands invocations and events to. `guests`: the sessions that stand for peers. `running`: what they are to
//!   answer. `inbox`, `turned`: their connections. `hello`, `call`, `failure`: what is said on them.
//! - `topics`: who is subscribed at the router to topics that functions decide on. `held`: what those functions return.
//! - `uplink`: what functions do at the router. `connector`: clients in the same process.

mod call;
mod connector;
mod error;
mod failure;
mod guests;
mod held;
mod hello;
mod host;
mod inbox;
mod join;
mod offer;
mod pattern;
mod register;
mod running;
mod topics;
mod turned;
mod uplink;

pub use connector::Connector;
pub use error::{JoinError, Refused};
pub use join::Joined;
pub use register::Register;

//! The rules of dealer and broker, without I/O and without a clock: messages and time in, messages out.
//!
//! A session is a [`Peer`](peer::Peer) here: something that has a name, can do this and that, and has a queue. Time is a value.
//!
//! - [`patterns`], [`wildcards`]: values by URI and pattern; [`index`]: such that come and go.
//! - [`handlers`]: which function of the application answers to a URI. [`calls`]: the open calls of its functions.
//! - [`dealer`]: who offers which procedure; [`registration`]: all who offer the same. A call goes through [`routing`],
//!   [`answering`] or [`ending`], and is kept in the [`links`] of its two sessions meanwhile.
//! - [`broker`]: who is subscribed to what; [`subscription`]: all who are subscribed to the same; [`publishing`]: events.
//!   [`audience`]: who of them may receive an event. [`keeping`], [`retained`]: what later ones get, too. [`listener`], [`listening`]:
//!   server code that is subscribed.
//! - [`meta`]: what the router tells of itself. [`passing`], [`shard`], [`cut_short`], [`detach`], [`changes`]: what several of these need.

mod answering;
pub(crate) mod audience;
pub(crate) mod broker;
pub(crate) mod calls;
pub(crate) mod changes;
mod cut_short;
pub(crate) mod dealer;
pub(crate) mod detach;
mod ending;
pub(crate) mod handlers;
mod index;
pub(crate) mod keeping;
pub(crate) mod links;
pub(crate) mod listener;
mod listening;
pub(crate) mod meta;
#[cfg(test)]
mod model;
pub(crate) mod passing;
pub(crate) mod patterns;
pub(crate) mod peer;
pub(crate) mod publishing;
pub(crate) mod registration;
pub(crate) mod retained;
pub(crate) mod routing;
pub(crate) mod shard;
pub(crate) mod subscription;
pub(crate) mod wildcards;

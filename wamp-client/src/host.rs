//! The lower layer of registrations and subscriptions: messages as they come, on the task of the connection.
//!
//! A [`Callee`] gets invocations, a [`Receiver`] events, each with the [`Link`] of the session they came in by. What they do must not
//! wait: what takes time is spawned or queued.

use wamp_proto::message::{Event, Interrupt, Invocation};

pub use crate::link::Link;

/// Answers invocations of a registration.
pub trait Callee: Send + Sync + 'static {
    /// A call, or more input for one that has begun (`progress` in the details of the one before).
    ///
    /// Exactly one [`Link::answer`] is due for each id.
    fn invoke(&self, link: &Link, invocation: Invocation);

    /// Nobody waits for the answer any more, or would like it to come soon. Only invocations that are not answered are interrupted.
    fn interrupt(&self, link: &Link, interrupt: &Interrupt);
}

/// Takes the events of a subscription.
pub trait Receiver: Send + Sync + 'static {
    /// An event has come.
    fn event(&self, link: &Link, event: Event);

    /// Nothing comes any more: the router has ended the subscription, or the client was closed.
    fn over(&self) {}
}

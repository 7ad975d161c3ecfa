//! What the router knows of a session: who it is, what it can do, and a queue.

use bytes::Bytes;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::{Feature, Features, Message, Overflow, Roles};

use super::links::Links;

/// A session as dealer and broker see it. Nothing here waits.
pub(crate) trait Peer: Send + Sync {
    fn id(&self) -> Id;
    fn format(&self) -> Format;
    fn authid(&self) -> &str;
    fn authrole(&self) -> &str;

    /// What it has announced.
    fn roles(&self) -> &Roles;

    /// The bytes of the longest message that it takes.
    fn max_message(&self) -> usize;

    /// Queues a message; false if nothing can be queued any more.
    fn push(&self, frame: Bytes) -> bool;

    /// Queues a message if there is ample room for it. One that is refused changes nothing: whoever has it has to do something else.
    fn offer(&self, frame: Bytes) -> bool;

    /// Queues an event of a subscription that would rather lose events than the session; `encode` is told how many it has lost.
    fn push_lossy(
        &self,
        subscription: Id,
        keep: Overflow,
        encode: &dyn Fn(u64) -> Option<Bytes>,
    ) -> bool;

    /// Takes out what is queued of such a subscription: it has ended.
    fn forget_lossy(&self, subscription: Id);

    /// Has it look at the time: one of its calls has got a deadline without a message to it.
    fn remind(&self);

    /// Counts that a call of its own was answered with an ERROR by somebody else; only sessions are counted.
    fn count_failed_call(&self) {}

    /// Whether it stands for a peer of another router, which sends that one its events.
    fn is_elsewhere(&self) -> bool {
        false
    }

    /// Its open calls and invocations.
    fn links(&self) -> &Links;
}

/// What a peer may be to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Caller,
    Callee,
    Publisher,
    Subscriber,
}

impl<'p> dyn Peer + 'p {
    /// Whether it has announced a feature.
    pub(crate) fn announces(&self, role: Role, feature: Feature) -> bool {
        let roles = self.roles();
        let features: &Option<Features> = match role {
            Role::Caller => &roles.caller,
            Role::Callee => &roles.callee,
            Role::Publisher => &roles.publisher,
            Role::Subscriber => &roles.subscriber,
        };
        features.as_ref().is_some_and(|it| it.contains(feature))
    }

    /// Queues a message that can always be encoded.
    pub(crate) fn tell(&self, message: &Message) -> bool {
        let mut frame = bytes::BytesMut::new();
        match message.encode(self.format(), &mut frame) {
            Ok(()) => self.push(frame.freeze()),
            Err(error) => {
                tracing::error!(message = message.name(), %error, "a message cannot be encoded");
                true
            }
        }
    }
}

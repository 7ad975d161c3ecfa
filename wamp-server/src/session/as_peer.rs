//! A session as dealer and broker see it.

use std::sync::Arc;

use bytes::Bytes;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::{Overflow, Roles};

use super::auth::{self, Auth};
use super::{Inner, Session};
use crate::router::links::Links;
use crate::router::peer::Peer;

impl Session {
    /// The session as dealer and broker see it.
    pub(crate) fn peer(&self) -> Arc<dyn Peer> {
        Arc::clone(&self.inner) as Arc<dyn Peer>
    }

    /// The same, for a moment.
    pub(crate) fn as_peer(&self) -> &dyn Peer {
        &*self.inner
    }

    /// Its calls of others and theirs of it, if there have been any.
    #[inline]
    pub(crate) fn existing_links(&self) -> Option<&Links> {
        self.inner.links.get().map(|it| &**it)
    }
}

impl Inner {
    pub(super) fn auth(&self) -> &Auth {
        self.auth.get().unwrap_or(&auth::NOBODY)
    }
}

impl Peer for Inner {
    fn id(&self) -> Id {
        self.id
    }

    fn format(&self) -> Format {
        self.format
    }

    fn authid(&self) -> &str {
        &self.auth().id
    }

    fn authrole(&self) -> &str {
        &self.auth().role
    }

    fn roles(&self) -> &Roles {
        &self.hello.roles
    }

    fn max_message(&self) -> usize {
        self.max_message
    }

    fn is_elsewhere(&self) -> bool {
        self.guest.is_some()
    }

    fn push(&self, frame: Bytes) -> bool {
        self.outbox.push(frame)
    }

    fn offer(&self, frame: Bytes) -> bool {
        self.outbox.offer(frame)
    }

    fn push_lossy(
        &self,
        subscription: Id,
        keep: Overflow,
        encode: &dyn Fn(u64) -> Option<Bytes>,
    ) -> bool {
        let counters = &self.realm.inner().shared.counters;
        self.outbox.push_lossy(subscription, keep, counters, encode)
    }

    fn forget_lossy(&self, subscription: Id) {
        self.outbox.forget_lane(subscription);
    }

    fn remind(&self) {
        self.outbox.remind();
    }

    fn count_failed_call(&self) {
        let counters = &self.realm.inner().shared.counters;
        counters.failed_calls.count();
    }

    fn links(&self) -> &Links {
        self.links.get_or_init(Box::default)
    }
}

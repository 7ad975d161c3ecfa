//! Who is subscribed to what.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;
use bytestring::ByteString;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;

/// Whoever events are for. The broker knows no sessions, only queues.
pub(crate) trait Receiver: Send + Sync {
    fn id(&self) -> Id;
    fn format(&self) -> Format;

    /// Queues an event; false if nothing can be queued any more.
    fn push(&self, event: Bytes) -> bool;
}

/// The subscriptions of one realm. Publishing takes no lock but that of the topic itself, and that one only to read.
pub(crate) struct Broker {
    topics: papaya::HashMap<ByteString, Arc<Subscription>>,
    last_id: AtomicU64,
}

/// All who are subscribed to one topic; its id is the same for all of them, so an EVENT is encoded once.
pub(crate) struct Subscription {
    pub(crate) id: Id,
    pub(crate) topic: ByteString,
    members: RwLock<Members>,
}

#[derive(Default)]
struct Members {
    sessions: HashMap<Id, Arc<dyn Receiver>>,
    /// Sessions whose topic handler has not agreed yet.
    reserved: usize,
    /// Nobody was left, so the broker forgot it; whoever still holds it must ask the broker again.
    closed: bool,
}

impl Broker {
    pub(crate) fn new() -> Self {
        Self {
            topics: papaya::HashMap::new(),
            last_id: AtomicU64::new(0),
        }
    }

    /// The subscription to `topic`, which lasts at least until [`cancel`](Self::cancel), or [`join`](Subscription::join) and
    /// then [`leave`](Self::leave).
    pub(crate) fn reserve(&self, topic: &ByteString) -> Arc<Subscription> {
        let topics = self.topics.pin();
        loop {
            let subscription =
                Arc::clone(topics.get_or_insert_with(topic.clone(), || self.create(topic)));
            let mut members = subscription.write();
            if !members.closed {
                members.reserved += 1;
                drop(members);
                return subscription;
            }
            drop(members);
            // Whoever closed it removes it too; helping means not to wait for that.
            self.forget(&subscription);
        }
    }

    fn create(&self, topic: &ByteString) -> Arc<Subscription> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(Subscription {
            id: Id::new(id).expect("a counter does not reach 2^53"),
            topic: topic.clone(),
            members: RwLock::default(),
        })
    }

    /// Gives a reservation back.
    pub(crate) fn cancel(&self, subscription: &Arc<Subscription>) {
        let mut members = subscription.write();
        members.reserved -= 1;
        self.close_if_empty(members, subscription);
    }

    /// Ends one session's membership.
    pub(crate) fn leave(&self, subscription: &Arc<Subscription>, session: Id) {
        let mut members = subscription.write();
        members.sessions.remove(&session);
        self.close_if_empty(members, subscription);
    }

    fn close_if_empty(
        &self,
        mut members: RwLockWriteGuard<'_, Members>,
        subscription: &Arc<Subscription>,
    ) {
        if members.sessions.is_empty() && members.reserved == 0 {
            members.closed = true;
            drop(members);
            self.forget(subscription);
        }
    }

    fn forget(&self, subscription: &Arc<Subscription>) {
        let same = |_: &ByteString, it: &Arc<Subscription>| Arc::ptr_eq(it, subscription);
        // It is no mistake if somebody else was faster.
        let _ = self.topics.pin().remove_if(&subscription.topic, same);
    }

    /// The subscription to `topic`, if anybody has one.
    pub(crate) fn find(&self, topic: &str) -> Option<Arc<Subscription>> {
        self.topics.pin().get(topic).map(Arc::clone)
    }

    /// Topics that somebody is subscribed to.
    pub(crate) fn len(&self) -> usize {
        self.topics.len()
    }
}

impl Subscription {
    /// Turns a reservation into membership: from here on the session receives events.
    pub(crate) fn join(&self, receiver: Arc<dyn Receiver>) {
        let mut members = self.write();
        members.reserved -= 1;
        members.sessions.insert(receiver.id(), receiver);
    }

    /// Calls `deliver` for every member.
    pub(crate) fn for_each(&self, mut deliver: impl FnMut(&dyn Receiver)) {
        let members = self.read();
        members
            .sessions
            .values()
            .for_each(|receiver| deliver(&**receiver));
    }

    /// Calls `deliver` for one member, if it is one. It cannot leave meanwhile.
    pub(crate) fn deliver_to<T>(&self, session: Id, deliver: impl FnOnce() -> T) -> Option<T> {
        let members = self.read();
        members.sessions.contains_key(&session).then(deliver)
    }

    fn read(&self) -> RwLockReadGuard<'_, Members> {
        self.members.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Members> {
        self.members.write().unwrap_or_else(PoisonError::into_inner)
    }
}

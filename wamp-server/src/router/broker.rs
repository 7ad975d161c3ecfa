//! Who is subscribed to what.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use bytestring::ByteString;
use smallvec::SmallVec;
use wamp_proto::id::{Id, random_id};
use wamp_proto::message::details::UnsubscribedDetails;
use wamp_proto::message::{Feature, Overflow, Unsubscribed};
use wamp_uri::Match;

#[cfg(feature = "test")]
use super::changes::Signal;
use super::changes::{Change, Changes};
use super::handlers::Handlers;
use super::index::Index;
use super::keeping::Keeping;
use super::meta;
use super::peer::Role;
use super::subscription::{Member, Subscription};
use crate::handler::registered::Registered;
use crate::permission::Roles;

/// The subscriptions of one realm.
///
/// Changes come one after the other; publishing does not wait for them. It takes no lock but those of the subscriptions that the
/// event is for, and those of the patterns and of the rules where there are some, all of them only to read. An event that is retained is
/// published as if it were a change.
pub(crate) struct Broker {
    pub(super) topics: Index<Arc<Subscription>>,
    by_id: papaya::HashMap<Id, Arc<Subscription>>,
    last_id: AtomicU64,
    changes: Changes,
    /// Whether nobody publishes any more.
    pub(super) is_closed: AtomicBool,
    /// The topics whose subscribers are chosen by a function.
    handlers: Arc<Handlers>,
    /// What the roles may do, if there are rules.
    pub(super) roles: Option<Roles>,
    /// Whether changes are events, too.
    announces: bool,
    entropy: fn() -> u64,
    pub(super) keeping: Keeping,
}

impl Broker {
    pub(crate) fn new(
        handlers: Arc<Handlers>,
        roles: Option<Roles>,
        announces: bool,
        entropy: fn() -> u64,
        keeping: Keeping,
    ) -> Self {
        Self {
            topics: Index::new(),
            by_id: papaya::HashMap::new(),
            last_id: AtomicU64::new(0),
            changes: Changes::default(),
            is_closed: AtomicBool::new(false),
            handlers,
            roles,
            announces,
            entropy,
            keeping,
        }
    }

    /// The id of an event.
    pub(crate) fn next_publication(&self) -> Id {
        random_id((self.entropy)())
    }

    /// Whether there is room for a subscription of a client to this topic or pattern.
    pub(crate) fn takes(&self, topic: &str, matching: Match) -> bool {
        self.topics.takes(topic, matching)
    }

    /// The subscription to `topic`, which lasts at least until [`cancel`](Self::cancel), or [`join`](Self::join) and then
    /// [`leave`](Self::leave).
    pub(crate) fn reserve(
        &self,
        topic: &ByteString,
        matching: Match,
        at: SystemTime,
    ) -> Arc<Subscription> {
        let _change = self.change();
        let subscription = self.topics.get(topic, matching).unwrap_or_else(|| {
            let subscription = Subscription::new(self.next_id(), topic, matching, at);
            self.insert(subscription)
        });
        subscription.write().reserved += 1;
        subscription
    }

    /// Makes a topic known whose events functions of the application handle.
    pub(crate) fn add_local(&self, handler: &Registered, at: SystemTime) {
        let Some((topic, matching)) = handler.pattern() else {
            return;
        };
        self.insert(Subscription::local(self.next_id(), topic, matching, at));
    }

    fn next_id(&self) -> Id {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        Id::new(id).expect("a counter does not reach 2^53")
    }

    fn insert(&self, subscription: Subscription) -> Arc<Subscription> {
        let subscription = Arc::new(subscription);
        let (topic, matching) = (&subscription.topic, subscription.matching);
        self.by_id
            .pin()
            .insert(subscription.id, Arc::clone(&subscription));
        self.topics
            .insert(topic, matching, Arc::clone(&subscription));
        subscription
    }

    /// Gives a reservation back.
    pub(crate) fn cancel(&self, subscription: &Subscription) {
        let _change = self.change();
        subscription.write().reserved -= 1;
        self.forget_if_unused(subscription);
    }

    /// Turns a reservation into membership: from here on the session receives events. `first` is done before any of them can come.
    pub(crate) fn join(&self, subscription: &Subscription, member: Member, first: impl FnOnce()) {
        let session = member.peer.id();
        let _change = self.change();
        first();
        let is_first = {
            let mut members = subscription.write();
            members.reserved -= 1;
            members.insert(member);
            members.len() == 1 && !subscription.is_local
        };
        if self.announces {
            if is_first {
                meta::subscription_created(self, session, subscription);
            }
            meta::subscribed(self, session, subscription.id);
        }
    }

    /// Ends one session's membership; false if it was no member.
    pub(crate) fn leave(&self, subscription: &Subscription, session: Id) -> bool {
        let _change = self.change();
        self.remove(subscription, session).is_some()
    }

    /// Ends the membership of a session that has not asked for it, and tells it so. WAMP, "Subscription Revocation".
    pub(crate) fn remove_subscriber(
        &self,
        subscription: &Subscription,
        session: Id,
        reason: Option<&str>,
    ) -> bool {
        let _change = self.change();
        let Some(member) = self.remove(subscription, session) else {
            return false;
        };
        if member
            .peer
            .announces(Role::Subscriber, Feature::SubscriptionRevocation)
        {
            let revoked = Unsubscribed {
                request: None,
                details: UnsubscribedDetails {
                    subscription: Some(subscription.id),
                    reason: reason.map(ByteString::from),
                    ..UnsubscribedDetails::default()
                },
            };
            member.peer.tell(&revoked.into());
        }
        true
    }

    fn remove(&self, subscription: &Subscription, session: Id) -> Option<Member> {
        let (member, is_last) = {
            let mut members = subscription.write();
            let member = members.remove(session)?;
            if member.overflow != Overflow::Disconnect {
                member.peer.forget_lossy(subscription.id);
            }
            (member, members.len() == 0 && !subscription.is_local)
        };
        self.forget_if_unused(subscription);
        if self.announces {
            meta::unsubscribed(self, session, subscription.id);
            if is_last {
                meta::subscription_deleted(self, session, subscription.id);
            }
        }
        Some(member)
    }

    pub(super) fn forget_if_unused(&self, subscription: &Subscription) {
        if !subscription.is_local && subscription.read().is_unused() {
            self.topics
                .remove(&subscription.topic, subscription.matching);
            self.by_id.pin().remove(&subscription.id);
        }
    }

    /// The subscription to exactly this topic, if anybody has one.
    pub(crate) fn find(&self, topic: &str) -> Option<Arc<Subscription>> {
        self.topics.exact(topic)
    }

    /// The subscription to this topic or pattern, if anybody has one.
    pub(crate) fn lookup(&self, topic: &str, matching: Match) -> Option<Arc<Subscription>> {
        self.topics
            .get(topic, matching)
            .filter(|it| it.is_visible())
    }

    pub(crate) fn get(&self, id: Id) -> Option<Arc<Subscription>> {
        let found = self.by_id.pin().get(&id).cloned();
        found.filter(|it| it.is_visible())
    }

    /// All subscriptions that an event of `topic` is for.
    pub(crate) fn matching(&self, topic: &str) -> SmallVec<[Arc<Subscription>; 4]> {
        self.topics.all(topic)
    }

    /// Every subscription that somebody has, in no particular order.
    pub(crate) fn subscriptions(&self) -> Vec<Arc<Subscription>> {
        let mut subscriptions = self.topics.values();
        subscriptions.retain(|it| it.is_visible());
        subscriptions
    }

    /// Topics and patterns that sessions are subscribed to.
    pub(crate) fn len(&self) -> usize {
        let topics = self.topics.values();
        topics.iter().filter(|it| it.has_members()).count()
    }

    /// Whether a function decides who receives the events of a topic: then those who are subscribed to patterns do not.
    pub(crate) fn is_guarded(&self, topic: &str) -> bool {
        self.handlers.has_own(topic)
    }

    /// Nothing changes while `act` runs.
    pub(crate) fn unchanged<R>(&self, act: impl FnOnce() -> R) -> R {
        let _change = self.change();
        act()
    }

    pub(super) fn change(&self) -> Change<'_> {
        self.changes.begin()
    }

    /// What tells that a subscription may have come or gone.
    #[cfg(feature = "test")]
    pub(crate) fn signal(&self) -> &Signal {
        self.changes.signal()
    }
}

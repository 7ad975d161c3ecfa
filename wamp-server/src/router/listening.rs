//! Subscriptions of server code: they last like those of sessions, but are not told of.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use bytestring::ByteString;
use wamp_uri::Match;

use super::broker::Broker;
use super::listener::Listener;
use super::subscription::Subscription;

impl Broker {
    /// Adds a listener; after [`close`](Self::close) it hears nothing but the end.
    pub(crate) fn listen(
        &self,
        topic: &ByteString,
        matching: Match,
        listener: &Arc<Listener>,
        at: SystemTime,
    ) -> Arc<Subscription> {
        let subscription = self.reserve(topic, matching, at);
        let _change = self.change();
        let mut members = subscription.write();
        members.reserved -= 1;
        members.listeners.push(Arc::clone(listener));
        drop(members);
        if self.is_closed.load(Ordering::Acquire) {
            listener.close();
        }
        subscription
    }

    /// Takes a listener out.
    pub(crate) fn unlisten(&self, subscription: &Subscription, listener: &Arc<Listener>) {
        let _change = self.change();
        let mut members = subscription.write();
        members.listeners.retain(|it| !Arc::ptr_eq(it, listener));
        drop(members);
        self.forget_if_unused(subscription);
    }

    /// Nobody publishes any more: those who listen are told so.
    pub(crate) fn close(&self) {
        let _change = self.change();
        self.is_closed.store(true, Ordering::Release);
        for subscription in self.topics.values() {
            for listener in &subscription.read().listeners {
                listener.close();
            }
        }
    }
}

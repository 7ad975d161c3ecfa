//! What peers of the router are subscribed to, where a function decides on the topic: the session that stands for the peer is subscribed to
//! it here, too, and holds what the function returns.

use std::collections::HashSet;
use std::sync::Arc;

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::details::{Caller, SubscribeOptions};
use wamp_proto::message::{Error, Message, Subscribe, Unsubscribe};

use super::guests::{Entry, Guests};
use super::turned::encode;

/// A subscription of a session that stands for a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// The function has not decided yet.
    Asked(Id),
    /// The same, but the peer has unsubscribed meanwhile.
    Abandoned(Id),
    Subscribed(Id),
}

impl Guests {
    /// Whether there is a session for a peer.
    pub(super) fn knows(&self, peer: Id) -> bool {
        self.lock().sessions.contains_key(&Some(peer))
    }

    /// A peer is subscribed to a topic.
    pub(super) fn subscribe(self: &Arc<Self>, peer: Box<Caller>, topic: &ByteString) {
        let mut state = self.lock();
        if state.is_over || self.host.is_leaving() {
            return;
        }
        let Ok(entry) = self.entry(&mut state, Some(peer)) else {
            tracing::warn!(topic = &**topic, "too many subscribers for a function");
            return;
        };
        match entry.topics.get_mut(topic) {
            Some(Held::Asked(_) | Held::Subscribed(_)) => {}
            Some(held @ Held::Abandoned(_)) => {
                if let Held::Abandoned(request) = *held {
                    *held = Held::Asked(request);
                }
            }
            None => {
                let request = entry.ids.next_id();
                let subscribe = Message::Subscribe(Subscribe {
                    request,
                    options: SubscribeOptions::default(),
                    topic: topic.clone(),
                });
                let frame = encode(self.link(), &subscribe);
                if frame.is_some_and(|frame| entry.inbox.push(frame).is_ok()) {
                    entry.topics.insert(topic.clone(), Held::Asked(request));
                }
            }
        }
    }

    /// A peer is not subscribed any more.
    pub(super) fn unsubscribe(&self, peer: Id, topic: &ByteString) {
        let mut state = self.lock();
        let Some(entry) = state.sessions.get_mut(&Some(peer)) else {
            return;
        };
        match entry.topics.get(topic) {
            Some(&Held::Asked(request)) => {
                entry.topics.insert(topic.clone(), Held::Abandoned(request));
            }
            Some(&Held::Subscribed(subscription)) => {
                entry.topics.remove(topic);
                self.give_up(entry, subscription);
            }
            Some(Held::Abandoned(_)) | None => {}
        }
    }

    /// These are all that are subscribed to something.
    pub(super) fn unsubscribe_all_but(&self, subscribed: &HashSet<(Id, ByteString)>) {
        let gone = {
            let state = self.lock();
            let held = state.sessions.iter().flat_map(|(peer, entry)| {
                let topics = entry.topics.keys();
                topics.filter_map(move |topic| Some(((*peer)?, topic.clone())))
            });
            held.filter(|it| !subscribed.contains(it))
                .collect::<Vec<_>>()
        };
        for (peer, topic) in gone {
            self.unsubscribe(peer, &topic);
        }
    }

    fn give_up(&self, entry: &mut Entry, subscription: Id) {
        let unsubscribe = Message::Unsubscribe(Unsubscribe {
            request: entry.ids.next_id(),
            subscription,
        });
        if let Some(frame) = encode(self.link(), &unsubscribe) {
            // A session that has ended holds nothing.
            let _ = entry.inbox.push_urgent(frame);
        }
    }

    /// A function has agreed.
    pub(super) fn subscribed(&self, peer: Option<Id>, request: Id, subscription: Id) {
        let mut state = self.lock();
        let Some(entry) = state.sessions.get_mut(&peer) else {
            return;
        };
        let topics = entry.topics.iter_mut();
        let mut found = topics.filter_map(|(topic, held)| match *held {
            Held::Asked(it) if it == request => {
                *held = Held::Subscribed(subscription);
                None
            }
            Held::Abandoned(it) if it == request => Some(topic.clone()),
            _ => None,
        });
        if let Some(abandoned) = found.next() {
            drop(found);
            entry.topics.remove(&abandoned);
            self.give_up(entry, subscription);
        }
    }

    /// A function does not agree, but it is not asked by the router.
    pub(super) fn refused(&self, peer: Option<Id>, error: &Error) {
        let mut state = self.lock();
        let Some(entry) = state.sessions.get_mut(&peer) else {
            return;
        };
        let request = error.request;
        entry.topics.retain(|topic, held| {
            let is_it = matches!(*held, Held::Asked(it) | Held::Abandoned(it) if it == request);
            if is_it {
                tracing::warn!(
                    topic = &**topic,
                    peer = peer.map(Id::get),
                    reason = &*error.error,
                    "a function refuses a subscriber, who is subscribed at the router all the same"
                );
            }
            !is_it
        });
    }

    /// A peer has left the router.
    pub(super) fn depart(&self, peer: Id) {
        let gone = self.lock().sessions.remove(&Some(peer));
        if let Some(entry) = gone {
            entry.inbox.close();
        }
    }
}

//! The reference for subscriptions and events.

use wamp_proto::message::RequestType;
use wamp_proto::uri;
use wamp_uri::{Match, matches};

use super::super::shard::weight;
use super::operation::Subscribing;
use super::reference::Reference;
use super::reference_offers::rank;
use super::said::{Body, Said};
use super::shard_key;

pub(super) struct Subscription {
    pub(super) id: u64,
    topic: &'static str,
    matching: Match,
    pub(super) members: Vec<Subscriber>,
}

pub(super) struct Subscriber {
    pub(super) session: u64,
    key: Option<u64>,
    /// Larger ones are newer.
    number: u64,
}

impl Reference {
    pub(super) fn subscribe(&mut self, session: u64, wish: &Subscribing) {
        let request = self.request(session);
        let mut all = self.subscriptions.iter();
        let at = all.position(|it| it.topic == wish.topic && it.matching == wish.matching);
        let existing = at.map(|at| &self.subscriptions[at]);
        let is_member =
            existing.is_some_and(|it| it.members.iter().any(|it| it.session == session));
        if is_member || !wish.refused {
            let id = existing.map_or(self.last_subscription + 1, |it| it.id);
            let subscribed = Said::Subscribed {
                request,
                subscription: id,
            };
            self.say(session, subscribed);
        } else {
            // The id is not used again.
            self.last_subscription += u64::from(at.is_none());
            return self.fail(
                session,
                RequestType::Subscribe,
                request,
                uri::NOT_AUTHORIZED,
            );
        }
        if is_member {
            return;
        }
        let at = at.unwrap_or_else(|| {
            self.last_subscription += 1;
            self.subscriptions.push(Subscription {
                id: self.last_subscription,
                topic: wish.topic,
                matching: wish.matching,
                members: Vec::new(),
            });
            self.subscriptions.len() - 1
        });
        self.last_membership += 1;
        let number = self.last_membership;
        let it = &mut self.subscriptions[at];
        it.members.push(Subscriber {
            session,
            key: wish.key.map(shard_key),
            number,
        });
        let (id, is_first) = (it.id, it.members.len() == 1);
        if is_first {
            let created = Body::Created {
                session,
                id,
                uri: wish.topic.to_owned(),
                matching: wish.matching.to_string(),
                invoke: None,
            };
            self.tell("wamp.subscription.on_create", &created);
        }
        self.tell("wamp.subscription.on_subscribe", &Body::Change(session, id));
    }

    pub(super) fn unsubscribe(&mut self, session: u64, subscription: u64) {
        let request = self.request(session);
        if self.end_membership(session, subscription) {
            self.say(session, Said::Unsubscribed { request });
        } else {
            let of = RequestType::Unsubscribe;
            self.fail(session, of, request, uri::NO_SUCH_SUBSCRIPTION);
        }
    }

    pub(super) fn remove_subscriber(&mut self, session: u64, subscription: u64) {
        if self.end_membership(session, subscription) && self.can(session).revocation {
            self.say(session, Said::SubscriptionRevoked(subscription));
        }
    }

    pub(super) fn unsubscribe_all(&mut self, session: u64) {
        let mut mine = Vec::new();
        for it in &self.subscriptions {
            let found = it.members.iter().find(|it| it.session == session);
            mine.extend(found.map(|found| (found.number, it.id)));
        }
        mine.sort_unstable();
        for (_, id) in mine.into_iter().rev() {
            self.end_membership(session, id);
        }
    }

    fn end_membership(&mut self, session: u64, subscription: u64) -> bool {
        let mut all = self.subscriptions.iter_mut();
        let Some(it) = all.find(|it| it.id == subscription) else {
            return false;
        };
        let Some(at) = it.members.iter().position(|it| it.session == session) else {
            return false;
        };
        it.members.remove(at);
        let is_last = it.members.is_empty();
        self.subscriptions.retain(|it| !it.members.is_empty());
        let body = Body::Change(session, subscription);
        self.tell("wamp.subscription.on_unsubscribe", &body);
        if is_last {
            self.tell("wamp.subscription.on_delete", &body);
        }
        true
    }

    /// The router publishes.
    pub(super) fn tell(&mut self, topic: &str, body: &Body) {
        self.publish(topic, None, body, &|_| true);
    }

    /// One event for each subscription, and of those who have a key to those whose key wants the event's most.
    pub(super) fn publish(
        &mut self,
        topic: &str,
        key: Option<u64>,
        body: &Body,
        admits: &dyn Fn(u64) -> bool,
    ) {
        let fitting = self.subscriptions.iter();
        let mut fitting = fitting
            .filter(|it| matches(it.topic, it.matching, topic))
            .collect::<Vec<_>>();
        fitting.sort_by_key(|it| rank(it.topic, it.matching));
        let mut events = Vec::new();
        for it in fitting {
            let admitted = it.members.iter().filter(|it| admits(it.session));
            let keys = admitted.clone().filter_map(|it| it.key);
            let wanted = key.and_then(|key| {
                let key = shard_key(key);
                keys.max_by_key(|it| (weight(key, *it), *it))
            });
            let event = Said::Event {
                subscription: it.id,
                topic: (it.matching != Match::Exact).then(|| topic.to_owned()),
                body: body.clone(),
            };
            for it in admitted {
                if it.key.is_none() || wanted.is_none() || it.key == wanted {
                    events.push((it.session, event.clone()));
                }
            }
        }
        for (session, event) in events {
            self.say(session, event);
        }
    }
}

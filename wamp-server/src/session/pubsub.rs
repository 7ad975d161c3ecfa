//! Subscriptions.

use std::sync::{Arc, LazyLock, OnceLock};
use std::time::SystemTime;

use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::id::Id;
use wamp_proto::message::details::SubscribeOptions;
use wamp_proto::message::{self, Message, RequestType, Unsubscribed};
use wamp_proto::payload::Payload;
use wamp_proto::uri;
use wamp_uri::{Match, Rule};

use super::LIMIT_EXCEEDED;
use super::access::Permit;
use super::open::{OpenSession, TopicKey, Work};
use super::rpc::{SHAPES, limit};
use super::subscription::{Pending, Terms, subscribed};
use super::tasks::{Finished, TaskId};
use super::wire::Out;
use crate::handler::call::Cause;
use crate::handler::registered::Registered;
use crate::handler::{Call, CallError, Kind, Outcome};
use crate::permission::{AccessOptions, Action};
use crate::router::shard;
use crate::router::subscription::{Member, Subscription};

/// One topic that the session is subscribed to, or about to be.
pub(super) struct Topic {
    subscription: Arc<Subscription>,
    /// Until the handler has decided.
    pending: Option<Arc<Pending>>,
    /// Holds what the handler returned.
    task: Option<TaskId>,
    /// Counts the subscriptions of the session: they end in reverse order.
    pub(super) number: u64,
}

impl Topic {
    fn is_agreed(&self) -> bool {
        self.pending
            .as_ref()
            .is_none_or(|pending| pending.is_accepted())
    }

    /// Whether it was taken away from the session.
    fn is_revoked(&self, session: Id) -> bool {
        self.is_agreed() && !self.subscription.has(session)
    }
}

impl OpenSession {
    pub(super) fn on_subscribe(&mut self, subscribe: message::Subscribe, out: &mut Out) {
        let message::Subscribe {
            request,
            options,
            topic: uri,
        } = subscribe;
        let key = (options.matching, uri);
        if self.subscribe_again(request, &key, options.get_retained, out) {
            return;
        }
        let terms = Terms {
            key: options.nkey.as_ref().map(shard::key),
            overflow: options.overflow.unwrap_or(self.session.overflow()),
            retained: options.get_retained,
        };
        let admitted = self
            .check_subscription(&key)
            .and_then(|()| self.admit_subscription(&key, options));
        match admitted {
            Ok((handler, permit)) => self.ask(request, &key, terms, &handler, permit, out),
            Err(error) => self.fail(RequestType::Subscribe, request, error, out),
        }
    }

    /// Answers a SUBSCRIBE to what the session is subscribed to; false if it is not.
    fn subscribe_again(
        &mut self,
        request: Id,
        key: &TopicKey,
        get_retained: bool,
        out: &mut Out,
    ) -> bool {
        let Some(topic) = self.topics.get(key) else {
            return false;
        };
        match &topic.pending {
            Some(pending) if !pending.is_accepted() => {
                if !pending.add_request(request) {
                    let error = CallError::new(LIMIT_EXCEEDED);
                    let error = error.arg("too many requests for the same topic");
                    self.fail(RequestType::Subscribe, request, error, out);
                }
                true
            }
            _ => {
                let subscription = Arc::clone(&topic.subscription);
                let confirmed = subscribed(request, subscription.id, self.format);
                // It is not taken away between the look and the answer.
                let session = self.session.id();
                let confirm = |_: &Member| self.emit(confirmed, out);
                if subscription.deliver_to(session, confirm).is_some() {
                    if get_retained {
                        self.send_retained(&subscription, out);
                    }
                    return true;
                }
                if let Some(revoked) = self.topics.remove(key) {
                    self.leave(revoked);
                }
                false
            }
        }
    }

    /// Drops what belongs to subscriptions that were taken away.
    pub(super) fn drop_revoked(&mut self) {
        let session = self.session.id();
        let revoked = self.topics.extract_if(|_, topic| topic.is_revoked(session));
        for (_, topic) in revoked.collect::<Vec<_>>() {
            self.leave(topic);
        }
    }

    /// Events from before, once more.
    fn send_retained(&mut self, subscription: &Subscription, out: &mut Out) {
        let session = self.session.clone();
        let broker = &session.realm().inner().broker;
        let budget = session.room_for_retained(out.len());
        let peer = session.as_peer();
        for event in broker.retained_for(subscription, peer, budget, Instant::now()) {
            self.emit(event, out);
        }
    }

    /// Checks what can be checked without asking anybody.
    fn check_subscription(&self, (matching, uri): &TopicKey) -> Result<(), CallError> {
        let limits = &self.shared.limits;
        if *matching == Match::Exact {
            check(uri)?;
        } else if self.session.realm().inner().router.is_none() {
            return Err(CallError::new(uri::OPTION_NOT_ALLOWED)
                .arg("this realm has no pattern-based subscriptions"));
        } else {
            check_pattern(uri, *matching)?;
            if self.topic_patterns >= limits.max_patterns {
                return Err(limit("patterns among the subscriptions"));
            }
            if !self.session.realm().inner().broker.takes(uri, *matching) {
                return Err(limit(SHAPES));
            }
        }
        if self.topics.len() >= limits.max_subscriptions {
            return Err(limit("subscriptions"));
        }
        Ok(())
    }

    /// The handler that decides on a subscription, unless it is refused at once.
    fn admit_subscription(
        &self,
        (matching, topic): &TopicKey,
        options: SubscribeOptions,
    ) -> Result<(Arc<Registered>, Permit), CallError> {
        let access = || AccessOptions::Subscribe(Box::new(options));
        let permit = self.permit(Action::Subscribe, topic, *matching, access)?;
        let realm = self.session.realm().inner();
        if *matching != Match::Exact && realm.topics.fallback().is_some() {
            // It decides on topics; what it would say to each that matches is unknown.
            return Err(CallError::new(uri::OPTION_NOT_ALLOWED).arg(
                "this realm decides on each topic, so there are no subscriptions to patterns",
            ));
        }
        let found = (*matching == Match::Exact)
            .then(|| realm.topics.resolve(topic))
            .flatten();
        let handler = match found {
            Some(handler) => Arc::clone(handler),
            None if realm.router.is_some() => Arc::clone(&OPEN_TOPIC),
            None if permit.is_asking() => Arc::clone(&NO_TOPIC),
            None => return Err(nobody_serves(topic)),
        };
        let permit = permit.check(&self.session, &handler, topic)?;
        if !Arc::ptr_eq(&handler, &OPEN_TOPIC) && !self.may_start() {
            return Err(limit("running handlers"));
        }
        Ok((handler, permit))
    }

    /// Runs the topic's handler, which decides.
    fn ask(
        &mut self,
        request: Id,
        key: &TopicKey,
        terms: Terms,
        handler: &Arc<Registered>,
        permit: Permit,
        out: &mut Out,
    ) {
        let (matching, uri) = (key.0, ByteString::from(&*key.1));
        let key = (matching, uri.clone());
        let broker = &self.session.realm().inner().broker;
        let subscription = broker.reserve(&uri, matching, SystemTime::now());
        let pending = Pending::new(
            self.session.clone(),
            Arc::clone(&subscription),
            request,
            terms,
        );
        let extras = permit.extras();
        let call = Call {
            session: self.session.clone(),
            target: Arc::clone(handler),
            uri,
            payload: Payload::empty(self.format),
            cause: Cause::Subscribe(Arc::clone(&pending)),
            unescaped: OnceLock::new(),
            deadline: None,
            extras,
        };
        let run = permit.start(handler, call);
        self.topics_by_id.insert(subscription.id, key.clone());
        self.topics_so_far += 1;
        self.topic_patterns += usize::from(matching != Match::Exact);
        self.topics.insert(
            key.clone(),
            Topic {
                subscription,
                pending: Some(pending),
                task: None,
                number: self.topics_so_far,
            },
        );
        match self.tasks.start(run, || Work::Topic(key.clone())) {
            Ok(finished) => self.topic_decided(&key, finished, out),
            Err(task) => {
                if let Some(topic) = self.topics.get_mut(&key) {
                    topic.task = Some(task);
                }
            }
        }
    }

    /// A topic's handler has ended. If it has accepted, the subscription goes on without it; a closure accepts by returning.
    pub(super) fn topic_decided(&mut self, key: &TopicKey, finished: Finished, out: &mut Out) {
        let outcome = self.settle(finished);
        let Some(topic) = self.topics.get_mut(key) else {
            return;
        };
        topic.task = None;
        let pending = topic.pending.take();
        match outcome {
            Ok(_) => {
                if let Some(pending) = pending {
                    pending.accept();
                }
            }
            Err(error) if pending.as_ref().is_none_or(|it| it.is_accepted()) => {
                tracing::error!(session = self.session.id().get(), topic = ?&*key.1, ?error, "the feed of a topic failed");
            }
            Err(error) => self.refuse_topic(key, error, out),
        }
    }

    fn refuse_topic(&mut self, key: &TopicKey, error: CallError, out: &mut Out) {
        let Some(topic) = self.topics.remove(key) else {
            return;
        };
        self.forget_topic(&topic);
        // `pending` was taken by the caller, so it is found where it waits.
        let requests = self
            .session
            .pending()
            .find(&key.1, key.0)
            .map(|it| it.refuse());
        let mut requests = requests.unwrap_or_default().into_iter();
        if let Some(first) = requests.next() {
            self.fail(RequestType::Subscribe, first, error, out);
        }
        for request in requests {
            let again = CallError::new(uri::NOT_AUTHORIZED).arg("the subscription was refused");
            self.fail(RequestType::Subscribe, request, again, out);
        }
    }

    pub(super) fn on_unsubscribe(&mut self, unsubscribe: &message::Unsubscribe, out: &mut Out) {
        let request = unsubscribe.request;
        let key = self.topics_by_id.get(&unsubscribe.subscription).cloned();
        // A subscription that its handler has not agreed to does not exist yet.
        let key = key.filter(|key| self.topics.get(key).is_some_and(Topic::is_agreed));
        let topic = key.and_then(|key| self.topics.remove(&key));
        if !topic.is_some_and(|topic| self.leave(topic)) {
            let error = CallError::new(uri::NO_SUCH_SUBSCRIPTION);
            self.fail(RequestType::Unsubscribe, request, error, out);
            return;
        }
        let confirmed = Message::Unsubscribed(Unsubscribed {
            request: Some(request),
            details: Default::default(),
        });
        self.send(&confirmed, out);
    }

    fn forget_topic(&mut self, topic: &Topic) {
        self.topics_by_id.remove(&topic.subscription.id);
        self.topic_patterns -= usize::from(topic.subscription.matching != Match::Exact);
    }

    /// Ends a subscription: no more events, then what its handler returned is dropped.
    ///
    /// False if it had been taken away before.
    pub(super) fn leave(&mut self, topic: Topic) -> bool {
        self.forget_topic(&topic);
        let broker = &self.session.realm().inner().broker;
        let left = match topic.pending {
            Some(pending) if !pending.is_accepted() => {
                drop(pending.refuse());
                true
            }
            _ => broker.leave(&topic.subscription, self.session.id()),
        };
        if let Some(task) = topic.task {
            self.drop_task(task);
        }
        left
    }
}

/// Topics are URIs.
pub(super) fn check(topic: &ByteString) -> Result<(), CallError> {
    wamp_uri::check(topic, Rule::Loose)
        .and_then(|()| wamp_uri::check_limits(topic))
        .map_err(|error| CallError::new(uri::INVALID_URI).arg(error.to_string()))
}

/// What may be subscribed to or registered.
pub(super) fn check_pattern(pattern: &str, matching: Match) -> Result<(), CallError> {
    wamp_uri::check_pattern(pattern, matching, Rule::Loose)
        .and_then(|()| wamp_uri::check_limits(pattern))
        .map_err(|error| CallError::new(uri::INVALID_URI).arg(error.to_string()))
}

/// Agrees to whatever is subscribed to.
static OPEN_TOPIC: LazyLock<Arc<Registered>> = LazyLock::new(|| {
    Arc::new(Registered::nobody(Kind::Topic, |_| {
        Box::pin(async { Ok(Outcome::Done) })
    }))
});

/// Answers to a subscription to nothing whose subscriber has to wait for an authorizer, like any other.
static NO_TOPIC: LazyLock<Arc<Registered>> = LazyLock::new(|| {
    Arc::new(Registered::nobody(Kind::Topic, |call| {
        Box::pin(async move { Err(nobody_serves(&call.uri)) })
    }))
});

pub(super) fn nobody_serves(topic: &ByteString) -> CallError {
    CallError::new(uri::INVALID_URI).arg(format!("nobody serves the topic `{topic}`"))
}

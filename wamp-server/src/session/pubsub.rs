//! Subscriptions.

use std::sync::{Arc, LazyLock, OnceLock};

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::details::SubscribeOptions;
use wamp_proto::message::{self, Message, RequestType, Unsubscribed};
use wamp_proto::payload::Payload;
use wamp_proto::uri;
use wamp_uri::{Match, Rule};

use super::LIMIT_EXCEEDED;
use super::access::Permit;
use super::open::{OpenSession, Work};
use super::subscription::{Pending, subscribed};
use super::tasks::{Finished, TaskId};
use super::wire::Out;
use crate::handler::call::Cause;
use crate::handler::registered::Registered;
use crate::handler::{Call, CallError, Kind};
use crate::permission::{AccessOptions, Action};
use crate::router::broker::Subscription;

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
}

impl OpenSession {
    pub(super) fn on_subscribe(&mut self, subscribe: message::Subscribe, out: &mut Out) {
        let message::Subscribe {
            request,
            options,
            topic: uri,
        } = subscribe;
        if let Some(topic) = self.topics.get(&uri) {
            match &topic.pending {
                Some(pending) if !pending.is_accepted() => {
                    if !pending.add_request(request) {
                        let error = CallError::new(LIMIT_EXCEEDED);
                        let error = error.arg("too many requests for the same topic");
                        self.fail(RequestType::Subscribe, request, error, out);
                    }
                }
                _ => {
                    let confirmed = subscribed(request, topic.subscription.id, self.format);
                    self.emit(confirmed, out);
                }
            }
            return;
        }
        let refusal = if options.matching != Match::Exact {
            CallError::new(uri::OPTION_NOT_ALLOWED)
                .arg("this realm has no pattern-based subscriptions")
        } else if let Err(error) = check(&uri) {
            error
        } else if self.topics.len() >= self.shared.limits.max_subscriptions {
            CallError::new(LIMIT_EXCEEDED).arg("too many subscriptions")
        } else if !self.may_start() {
            CallError::new(LIMIT_EXCEEDED).arg("too many running handlers")
        } else {
            match self.admit_subscription(&uri, options) {
                Ok((handler, permit)) => return self.ask(request, &uri, &handler, permit, out),
                Err(error) => error,
            }
        };
        self.fail(RequestType::Subscribe, request, refusal, out);
    }

    /// The handler that decides on a subscription, unless it is refused at once.
    fn admit_subscription(
        &self,
        topic: &ByteString,
        options: SubscribeOptions,
    ) -> Result<(Arc<Registered>, Permit), CallError> {
        let access = || AccessOptions::Subscribe(Box::new(options));
        let permit = self.permit(Action::Subscribe, topic, Match::Exact, access)?;
        let handler = match self.session.realm().inner().topics.resolve(topic) {
            Some(handler) => Arc::clone(handler),
            None if permit.is_asking() => Arc::clone(&NO_TOPIC),
            None => return Err(nobody_serves(topic)),
        };
        let permit = permit.check(&self.session, &handler, topic)?;
        Ok((handler, permit))
    }

    /// Runs the topic's handler, which decides.
    fn ask(
        &mut self,
        request: Id,
        uri: &ByteString,
        handler: &Arc<Registered>,
        permit: Permit,
        out: &mut Out,
    ) {
        let subscription = self.session.realm().inner().broker.reserve(uri);
        let pending = Pending::new(self.session.clone(), Arc::clone(&subscription), request);
        let extras = permit.extras();
        let call = Call {
            session: self.session.clone(),
            target: Arc::clone(handler),
            uri: uri.clone(),
            payload: Payload::empty(self.format),
            cause: Cause::Subscribe(Arc::clone(&pending)),
            unescaped: OnceLock::new(),
            deadline: None,
            extras,
        };
        let run = permit.start(handler, call);
        self.topics_by_id.insert(subscription.id, uri.clone());
        self.topics_so_far += 1;
        self.topics.insert(
            uri.clone(),
            Topic {
                subscription,
                pending: Some(pending),
                task: None,
                number: self.topics_so_far,
            },
        );
        match self.tasks.start(run, || Work::Topic(uri.clone())) {
            Ok(finished) => self.topic_decided(uri, finished, out),
            Err(task) => {
                if let Some(topic) = self.topics.get_mut(uri) {
                    topic.task = Some(task);
                }
            }
        }
    }

    /// A topic's handler has ended. If it has accepted, the subscription goes on without it; a closure accepts by returning.
    pub(super) fn topic_decided(&mut self, uri: &ByteString, finished: Finished, out: &mut Out) {
        let outcome = self.settle(finished);
        let Some(topic) = self.topics.get_mut(uri) else {
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
                tracing::error!(session = self.session.id().get(), topic = ?&**uri, ?error, "the feed of a topic failed");
            }
            Err(error) => self.refuse_topic(uri, error, out),
        }
    }

    fn refuse_topic(&mut self, uri: &ByteString, error: CallError, out: &mut Out) {
        let Some(topic) = self.topics.remove(uri) else {
            return;
        };
        self.topics_by_id.remove(&topic.subscription.id);
        // `pending` was taken by the caller, so it is found where it waits.
        let requests = self.session.pending().find(uri).map(|it| it.refuse());
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
        let uri = self.topics_by_id.get(&unsubscribe.subscription).cloned();
        // A subscription that its handler has not agreed to does not exist yet.
        let uri = uri.filter(|uri| self.topics.get(uri).is_some_and(Topic::is_agreed));
        let Some(topic) = uri.and_then(|uri| self.topics.remove(&uri)) else {
            let error = CallError::new(uri::NO_SUCH_SUBSCRIPTION);
            self.fail(RequestType::Unsubscribe, request, error, out);
            return;
        };
        self.leave(topic);
        let confirmed = Message::Unsubscribed(Unsubscribed {
            request: Some(request),
            details: Default::default(),
        });
        self.send(&confirmed, out);
    }

    /// Ends a subscription: no more events, then what its handler returned is dropped.
    pub(super) fn leave(&mut self, topic: Topic) {
        self.topics_by_id.remove(&topic.subscription.id);
        let broker = &self.session.realm().inner().broker;
        match topic.pending {
            Some(pending) if !pending.is_accepted() => drop(pending.refuse()),
            _ => broker.leave(&topic.subscription, self.session.id()),
        }
        if let Some(task) = topic.task {
            self.drop_task(task);
        }
    }
}

/// Topics are URIs.
pub(super) fn check(topic: &ByteString) -> Result<(), CallError> {
    wamp_uri::check(topic, Rule::Loose)
        .and_then(|()| wamp_uri::check_limits(topic))
        .map_err(|error| CallError::new(uri::INVALID_URI).arg(error.to_string()))
}

/// Answers to a subscription to nothing whose subscriber has to wait for an authorizer, like any other.
static NO_TOPIC: LazyLock<Arc<Registered>> = LazyLock::new(|| {
    Arc::new(Registered::nobody(Kind::Topic, |call| {
        Box::pin(async move { Err(nobody_serves(&call.uri)) })
    }))
});

pub(super) fn nobody_serves(topic: &ByteString) -> CallError {
    CallError::new(uri::INVALID_URI).arg(format!("nobody serves the topic `{topic}`"))
}

//! Events that a client publishes.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::details::{EventDetails, Publisher};
use wamp_proto::message::{self, Message, Published, RequestType};
use wamp_proto::uri;
use wamp_uri::Match;

use super::access::{Permit, refusal};
use super::guest::Handed;
use super::open::{OpenSession, Work};
use super::pubsub::check;
use super::tasks::Finished;
use super::wire::Out;
use super::{LIMIT_EXCEEDED, Session};
use crate::app::shared::now;
use crate::handler::call::Cause;
use crate::handler::registered::Registered;
use crate::handler::{Call, CallError, Outcome};
use crate::permission::gate::Gate;
use crate::permission::{AccessOptions, Action};
use crate::router::audience::Audience;
use crate::router::passing::custom;
use crate::router::publishing::{Event, is_for_some};
use crate::router::shard;

/// A PUBLISH that an authorizer decides on.
pub(super) struct Undecided {
    publish: message::Publish,
    /// Once it has.
    permit: Arc<Mutex<Option<Permit>>>,
}

/// A PUBLISH that waits for the decision on the one before it.
pub(super) struct Waiting {
    publish: message::Publish,
    /// Of the message, whose memory its parts share.
    bytes: usize,
}

impl OpenSession {
    pub(super) fn on_publish(&mut self, publish: message::Publish, out: &mut Out) {
        if self.deciding.is_none() {
            self.publish(publish, out);
        } else if self.has_room() {
            // Events keep their order.
            let bytes = self.frame_len;
            self.publications.push_back(Waiting { publish, bytes });
        } else {
            let error = CallError::new(LIMIT_EXCEEDED).arg("too many events to decide on");
            self.published(&publish, Err(error), out);
        }
    }

    /// Whether one more event may wait for a decision, as far as their number and their size go.
    fn has_room(&self) -> bool {
        let limits = &self.shared.limits;
        let waiting = self.publications.iter().map(|it| it.bytes).sum::<usize>();
        self.publications.len() < limits.max_pending_calls
            && waiting + self.frame_len <= 2 * limits.max_message
    }

    fn publish(&mut self, publish: message::Publish, out: &mut Out) {
        match admit_event(self.gate.as_deref(), &self.session, &publish) {
            Ok(permit) if permit.is_asking() => self.decide(publish, permit, out),
            Ok(permit) => self.publish_permitted(&publish, Ok(permit), out),
            Err(error) => self.published(&publish, Err(error), out),
        }
    }

    fn decide(&mut self, publish: message::Publish, permit: Permit, out: &mut Out) {
        let decided = Arc::new(Mutex::new(None));
        let decision = {
            let (session, topic) = (self.session.clone(), publish.topic.clone());
            let decided = Arc::clone(&decided);
            async move {
                let permit = permit.decide(&session, &topic).await?;
                *decided.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
                Ok(Outcome::Done)
            }
        };
        match self.tasks.start(Box::pin(decision), || Work::Decision) {
            Ok(finished) => self.end_decision(&publish, finished, &decided, out),
            Err(_) => {
                self.runs();
                self.deciding = Some(Box::new(Undecided {
                    publish,
                    permit: decided,
                }));
            }
        }
    }

    /// The authorizer has decided on an event, so the next ones get their turn: one after the other, for as long as nothing has to wait.
    pub(super) fn event_decided(&mut self, finished: Finished, out: &mut Out) {
        if let Some(undecided) = self.deciding.take() {
            let Undecided { publish, permit } = *undecided;
            self.end_decision(&publish, finished, &permit, out);
        }
        while self.deciding.is_none()
            && let Some(Waiting { publish, .. }) = self.publications.pop_front()
        {
            self.publish(publish, out);
        }
    }

    fn end_decision(
        &mut self,
        publish: &message::Publish,
        finished: Finished,
        decided: &Mutex<Option<Permit>>,
        out: &mut Out,
    ) {
        let permit = self.settle(finished).and_then(|_| {
            let mut permit = decided.lock().unwrap_or_else(PoisonError::into_inner);
            permit
                .take()
                .ok_or_else(|| CallError::internal("a decision got lost"))
        });
        self.publish_permitted(publish, permit, out);
    }

    fn publish_permitted(
        &mut self,
        publish: &message::Publish,
        permit: Result<Permit, CallError>,
        out: &mut Out,
    ) {
        let handled = permit.and_then(|permit| self.handle_event(publish, permit, out));
        match handled {
            Ok(None) => {}
            Ok(Some(publication)) => self.published(publish, Ok(publication), out),
            Err(error) => self.published(publish, Err(error), out),
        }
    }

    fn published(
        &mut self,
        publish: &message::Publish,
        handled: Result<Id, CallError>,
        out: &mut Out,
    ) {
        let request = publish.request;
        match handled {
            Ok(publication) if publish.options.acknowledge => {
                let published = Published {
                    request,
                    publication,
                };
                self.send(&Message::Published(published), out);
            }
            Ok(_) => {}
            Err(error) => {
                self.shared.counters.dropped_publications.count();
                if publish.options.acknowledge {
                    self.fail(RequestType::Publish, request, error, out);
                } else {
                    tracing::debug!(session = self.session.id().get(), topic = ?&*publish.topic, ?error, "an event is dropped");
                }
            }
        }
    }

    /// Hands an event to everybody that it is for; `None` if the publisher has been told already.
    fn handle_event(
        &mut self,
        publish: &message::Publish,
        permit: Permit,
        out: &mut Out,
    ) -> Result<Option<Id>, CallError> {
        let realm = self.session.realm().clone();
        let realm = realm.inner();
        let (uri, options) = (&publish.topic, &publish.options);
        if let Some(guest) = self.session.guest() {
            let handed = guest.handed(publish.request);
            return handed.map_or(Ok(None), |handed| self.run_handed(publish, &handed, permit));
        }
        let routes = realm.router.is_some();
        let role = &self.session.auth().role.clone();
        let mut handlers = realm.subscribers.resolve_all(uri).peekable();
        if !routes && handlers.peek().is_none() {
            return Err(nobody_handles(uri));
        }
        let mut handlers = handlers.filter(|it| it.admits(role)).peekable();
        if !routes && handlers.peek().is_none() {
            return Err(refusal(&self.session, Action::Publish, uri));
        }
        let permit = permit.settled(&self.session, false)?;
        let is_busy = || !self.may_start() || self.running >= self.shared.limits.max_pending_calls;
        let is_busy = handlers.peek().is_some() && is_busy();
        if is_busy && !routes {
            return Err(CallError::new(LIMIT_EXCEEDED).arg("too many running handlers"));
        }
        let publication = self.shared.random_id();
        let mut answer = Some(publication);
        if routes {
            // Whoever gets his own event learns first that it was published.
            if options.exclude_me == Some(false) && options.acknowledge {
                self.published(publish, Ok(publication), out);
                answer = None;
            }
            self.route_event(publish, publication, &permit);
        }
        // Functions are no sessions: what is for certain sessions is not for them.
        if routes && is_for_some(options.receivers.as_deref()) {
            return Ok(answer);
        }
        if is_busy {
            // The sessions have it; only the functions have too much to do.
            self.shared.counters.dropped_publications.count();
            tracing::warn!(topic = ?&**uri, "an event is not handled: too many running handlers");
            return Ok(answer);
        }
        for handler in handlers {
            self.run_subscriber(publish, handler, publication, &permit);
        }
        Ok(answer)
    }

    /// Runs the function that an event from another router is for.
    fn run_handed(
        &mut self,
        publish: &message::Publish,
        handed: &Handed,
        permit: Permit,
    ) -> Result<Option<Id>, CallError> {
        let handler = &handed.handler;
        if !handler.admits(&self.session.auth().role) {
            return Err(refusal(&self.session, Action::Publish, &publish.topic));
        }
        if !self.may_start() || self.running >= self.shared.limits.max_pending_calls {
            return Err(CallError::new(LIMIT_EXCEEDED).arg("too many running handlers"));
        }
        let permit = permit.settled(&self.session, false)?;
        self.run_subscriber(publish, handler, handed.publication, &permit);
        Ok(None)
    }

    fn run_subscriber(
        &mut self,
        publish: &message::Publish,
        handler: &Arc<Registered>,
        publication: Id,
        permit: &Permit,
    ) {
        let uri = &publish.topic;
        let run = handler.start(Call {
            session: self.session.clone(),
            target: Arc::clone(handler),
            uri: uri.clone(),
            payload: publish.payload.clone(),
            cause: Cause::Event { publication },
            unescaped: OnceLock::new(),
            deadline: None,
            extras: permit.extras(),
        });
        match self.tasks.start(run, || Work::Event(uri.clone())) {
            Ok(finished) => self.event_handled(uri, finished),
            Err(_) => self.runs(),
        }
    }

    /// Sends an event to the sessions that are subscribed.
    pub(super) fn route_event(&self, publish: &message::Publish, publication: Id, permit: &Permit) {
        let options = &publish.options;
        let publisher = permit.is_disclosed().then(|| {
            let auth = self.session.auth();
            Box::new(Publisher {
                session: Some(self.session.id()),
                authid: Some(auth.id.clone()),
                authrole: Some(auth.role.clone()),
            })
        });
        let event = Event {
            topic: publish.topic.clone(),
            publication,
            payload: publish.payload.clone(),
            details: EventDetails {
                trustlevel: permit.trust_level(),
                publisher,
                ppt: options.ppt.clone(),
                unknown: custom(&options.unknown),
                ..EventDetails::default()
            },
            key: options.rkey.as_ref().map(shard::key),
            is_for_some: is_for_some(options.receivers.as_deref()),
        };
        let exclude_me = options.exclude_me.unwrap_or(true);
        let publisher = Some(self.session.id());
        let audience = Audience::new(options.receivers.clone(), publisher, exclude_me);
        let broker = &self.session.realm().inner().broker;
        broker.publish_to(&event, &audience, options.retain, now());
    }

    /// Nobody waits for the outcome of an event's handler, so a failure is only logged.
    pub(super) fn event_handled(&self, topic: &ByteString, finished: Finished) {
        if let Err(error) = self.settle(finished) {
            tracing::error!(
                session = self.session.id().get(),
                ?topic,
                ?error,
                "the handler of an event failed"
            );
        }
    }
}

/// Whether an event may be published, as far as that is known.
pub(super) fn admit_event(
    gate: Option<&Gate>,
    session: &Session,
    publish: &message::Publish,
) -> Result<Permit, CallError> {
    let topic = &publish.topic;
    check(topic)?;
    if wamp_uri::is_reserved(topic) {
        let error = CallError::new(uri::INVALID_URI);
        return Err(error.arg("topics that begin with `wamp.` are reserved"));
    }
    let access = || AccessOptions::Publish(Box::new(publish.options.clone()));
    let permit = Permit::new(gate, session, Action::Publish, topic, Match::Exact, access)?;
    Ok(permit.wanting(publish.options.disclose_me))
}

pub(super) fn nobody_handles(topic: &ByteString) -> CallError {
    CallError::new(uri::INVALID_URI).arg(format!("nobody handles events of the topic `{topic}`"))
}

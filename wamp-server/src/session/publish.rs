//! Events that a client publishes.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::{self, Message, Published, RequestType};
use wamp_proto::payload::Payload;
use wamp_proto::uri;
use wamp_uri::Match;

use super::LIMIT_EXCEEDED;
use super::access::{Permit, refusal};
use super::open::{OpenSession, Work};
use super::pubsub::check;
use super::tasks::Finished;
use super::wire::Out;
use crate::handler::call::Cause;
use crate::handler::{Call, CallError, Outcome};
use crate::permission::{AccessOptions, Action};

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
        match self.admit_event(&publish) {
            Ok(permit) if permit.is_asking() => self.decide(publish, permit, out),
            Ok(permit) => self.publish_permitted(&publish, Ok(permit), out),
            Err(error) => self.published(&publish, Err(error), out),
        }
    }

    fn admit_event(&self, publish: &message::Publish) -> Result<Permit, CallError> {
        let topic = &publish.topic;
        check(topic)?;
        if wamp_uri::is_reserved(topic) {
            let error = CallError::new(uri::INVALID_URI);
            return Err(error.arg("topics that begin with `wamp.` are reserved"));
        }
        let access = || AccessOptions::Publish(Box::new(publish.options.clone()));
        let permit = self.permit(Action::Publish, topic, Match::Exact, access)?;
        Ok(permit.wanting(publish.options.disclose_me))
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
        let handled =
            permit.and_then(|permit| self.handle_event(&publish.topic, &publish.payload, permit));
        self.published(publish, handled, out);
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

    fn handle_event(
        &mut self,
        uri: &ByteString,
        payload: &Payload,
        permit: Permit,
    ) -> Result<Id, CallError> {
        let realm = self.session.realm().clone();
        let role = &self.session.auth().role.clone();
        let mut handlers = realm.inner().subscribers.resolve_all(uri).peekable();
        if handlers.peek().is_none() {
            return Err(nobody_handles(uri));
        }
        let mut handlers = handlers.filter(|it| it.admits(role)).peekable();
        if handlers.peek().is_none() {
            return Err(refusal(&self.session, Action::Publish, uri));
        }
        let permit = permit.settled(&self.session, false)?;
        if !self.may_start() || self.running >= self.shared.limits.max_pending_calls {
            return Err(CallError::new(LIMIT_EXCEEDED).arg("too many running handlers"));
        }
        let publication = self.shared.random_id();
        for handler in handlers {
            let run = handler.start(Call {
                session: self.session.clone(),
                target: Arc::clone(handler),
                uri: uri.clone(),
                payload: payload.clone(),
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
        Ok(publication)
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

pub(super) fn nobody_handles(topic: &ByteString) -> CallError {
    CallError::new(uri::INVALID_URI).arg(format!("nobody handles events of the topic `{topic}`"))
}

//! What is done about a message, by its type.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::time::Instant;
use wamp_proto::id::Id;
use wamp_proto::message::{Message, ProtocolViolation, RequestType};

use super::answer::shutting_down;
use super::open::{Flow, OpenSession};
use super::sequence::Place;
use super::tasks::Panic;
use super::wire::Out;

impl OpenSession {
    /// Whether a message is to be acted on, as far as its request id goes.
    pub(super) fn is_in_sequence(&mut self, message: &Message) -> Result<bool, ProtocolViolation> {
        let Some(sequence) = &mut self.sequence else {
            return Ok(true);
        };
        let checked = match message {
            // The messages of a progressive call have the same id; what comes after its end is late.
            Message::Call(call) => match sequence.place(call.request) {
                Ok(Place::Before) => Ok(self.is_open_or_queued(call.request)),
                other => other.map(|_| true),
            },
            Message::Publish(publish) => sequence.advance(publish.request),
            Message::Subscribe(subscribe) => sequence.advance(subscribe.request),
            Message::Unsubscribe(unsubscribe) => sequence.advance(unsubscribe.request),
            Message::Register(register) => sequence.advance(register.request),
            Message::Unregister(unregister) => sequence.advance(unregister.request),
            _ => Ok(true),
        };
        checked.map_err(|violation| violation.within(message.name()))
    }

    fn is_open_or_queued(&self, request: Id) -> bool {
        self.is_open(request) || self.queue.iter().any(|call| call.request == request)
    }

    pub(super) fn on_message(
        &mut self,
        mut message: Message,
        now: Instant,
        out: &mut Out,
    ) -> Result<Flow, ProtocolViolation> {
        if let Some(handler) = &self.session.realm().inner().message_handler {
            match catch_unwind(AssertUnwindSafe(|| {
                handler.on_message(&self.session, message)
            })) {
                Ok(Some(passed_on)) => message = passed_on,
                Ok(None) => return Ok(Flow::Continue),
                Err(panic) => {
                    self.shared.counters.panics.count();
                    let Panic(message) = Panic::from(panic);
                    tracing::error!(%message, "the message handler panicked");
                    return Ok(Flow::Failed);
                }
            }
        }
        match message {
            Message::Call(call) => self.on_call(call, now, out)?,
            other => return self.on_other(other, now, out),
        }
        Ok(Flow::Continue)
    }

    fn on_other(
        &mut self,
        message: Message,
        now: Instant,
        out: &mut Out,
    ) -> Result<Flow, ProtocolViolation> {
        match message {
            Message::Cancel(cancel) => self.on_cancel(&cancel, now, out),
            Message::Subscribe(subscribe) if self.draining => {
                self.fail(
                    RequestType::Subscribe,
                    subscribe.request,
                    shutting_down(),
                    out,
                );
            }
            Message::Publish(publish) if self.draining => {
                self.shared.counters.dropped_publications.count();
                if publish.options.acknowledge {
                    self.fail(RequestType::Publish, publish.request, shutting_down(), out);
                }
            }
            Message::Subscribe(subscribe) => self.on_subscribe(subscribe, out),
            Message::Unsubscribe(unsubscribe) => self.on_unsubscribe(&unsubscribe, out),
            Message::Publish(publish) => {
                self.check_publish(&publish.options)?;
                self.on_publish(publish, out);
            }
            Message::Register(register) if self.draining => {
                let request = register.request;
                self.fail(RequestType::Register, request, shutting_down(), out);
            }
            Message::Register(register) => self.on_register(&register, out),
            Message::Unregister(unregister) => self.on_unregister(&unregister, out),
            Message::Goodbye(_) => return Ok(Flow::Goodbye),
            Message::Abort(abort) => {
                tracing::debug!(session = self.session.id().get(), reason = ?&*abort.reason, "the peer aborted the session");
                return Ok(Flow::Aborted);
            }
            Message::Authenticate(_) if std::mem::take(&mut self.unanswered) => {}
            Message::Yield(answer) => self.on_yield(answer, now)?,
            Message::Error(error) if error.request_type == RequestType::Invocation => {
                self.on_invocation_error(error)?;
            }
            // An acknowledgment that was not asked for is harmless.
            Message::EventReceived(_) => {}
            other => {
                return Err(ProtocolViolation::new(format!(
                    "a client must not send {} in an open session",
                    other.name()
                )));
            }
        }
        Ok(Flow::Continue)
    }
}

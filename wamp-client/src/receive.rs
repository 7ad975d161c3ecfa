//! What follows from a message of the router while the session is open.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::details::{ErrorDetails, UnsubscribedDetails};
use wamp_proto::message::{
    self, CancelMode, Error, Event, Interrupt, Invocation, Message, RequestType, Unregistered,
    Unsubscribed,
};
use wamp_proto::payload::Payload;
use wamp_proto::uri;

use crate::bounded::Refused;
use crate::contained::contained;
use crate::error::CallError;
use crate::kept::Renewed as _;
use crate::link::Link;
use crate::pending::Pending;
use crate::subscription::Topic;
use crate::tables::NeverAsked;

/// Acts on a message; a text that says which rule it breaks.
pub(crate) fn receive(link: &Link, message: Message) -> Result<(), String> {
    match message {
        Message::Result(result) => on_result(link, result),
        Message::Error(error) => on_error(link, error),
        Message::Event(event) => {
            on_event(link, event);
            Ok(())
        }
        Message::Invocation(invocation) => on_invocation(link, invocation),
        Message::Interrupt(interrupt) => {
            on_interrupt(link, &interrupt);
            Ok(())
        }
        Message::Published(it) => {
            if let Some(Pending::Publish(reply)) =
                take(link, RequestType::Publish, it.request, "PUBLISHED")?
            {
                drop(reply.send(Ok(it.publication)));
            }
            Ok(())
        }
        Message::Subscribed(it) => on_subscribed(link, it.request, it.subscription),
        Message::Unsubscribed(it) => on_unsubscribed(link, it),
        Message::Registered(it) => {
            let mut tables = link.tables();
            match tables.take(RequestType::Register, it.request) {
                Ok(Some(Pending::Register(offer, reply))) => {
                    // Before anything else is read: the next message may be an invocation.
                    offer.standing().agreed(link, it.registration);
                    let before = tables
                        .registrations
                        .insert(it.registration, Arc::clone(&offer));
                    drop(tables);
                    drop(before);
                    // Whoever wanted it may have given up meanwhile. That nobody waits for the answer is not that: a renewal may be late.
                    if offer.is_given_up() {
                        if let Err(error) = offer.give_up() {
                            tracing::debug!(%error, "a registration ends with its session");
                        }
                    } else {
                        drop(reply.send(Ok(it.registration)));
                    }
                    Ok(())
                }
                Ok(_) => Ok(()),
                Err(NeverAsked) => Err(never_asked("REGISTERED", it.request)),
            }
        }
        Message::Unregistered(it) => on_unregistered(link, it),
        other => Err(format!(
            "{} is not for a client with a session",
            other.name()
        )),
    }
}

fn never_asked(name: &str, request: Id) -> String {
    format!("{name} for request {request}, which was never made")
}

fn take(
    link: &Link,
    request_type: RequestType,
    request: Id,
    name: &str,
) -> Result<Option<Pending>, String> {
    let taken = link.tables().take(request_type, request);
    taken.map_err(|NeverAsked| never_asked(name, request))
}

fn on_result(link: &Link, result: message::Result) -> Result<(), String> {
    let request = result.request;
    if !result.details.progress {
        if let Some(Pending::Call(reply) | Pending::Progressive(_, reply)) =
            take(link, RequestType::Call, request, "RESULT")?
        {
            drop(reply.send(Ok(result.into())));
        }
        return Ok(());
    }
    let tables = link.tables();
    match tables.pending.get(&request) {
        Some(Pending::Progressive(progress, _)) => {
            if progress.try_send(result.into()) != Err(Refused::Full) {
                // That nobody reads it is no reason to give the call up: its result may be all that is wanted.
                return Ok(());
            }
        }
        // Progress that nobody has asked for.
        Some(Pending::Call(_)) => return Ok(()),
        _ => {
            let asked = tables.was_asked(request);
            return asked.map_err(|NeverAsked| never_asked("RESULT", request));
        }
    }
    drop(tables);
    overflowed(link, request);
    Ok(())
}

/// The progress of a call is not read as fast as it comes: it is given up, so that others go on.
#[cold]
fn overflowed(link: &Link, request: Id) {
    let pending = link.tables().pending.remove(&request);
    if let Some(pending) = pending {
        pending.fail(CallError::Overflow);
        link.tell_cancel(request, CancelMode::KillNoWait);
    }
}

fn on_error(link: &Link, error: Error) -> Result<(), String> {
    if error.request_type == RequestType::Invocation {
        return Err("ERROR for an INVOCATION is not for a callee".to_owned());
    }
    if let Some(pending) = take(link, error.request_type, error.request, "ERROR")? {
        pending.refuse(error.into());
    }
    Ok(())
}

fn on_subscribed(link: &Link, request: Id, subscription: Id) -> Result<(), String> {
    let mut tables = link.tables();
    let pending = tables.take(RequestType::Subscribe, request);
    if let Some(Pending::Subscribe(topic, reply)) =
        pending.map_err(|NeverAsked| never_asked("SUBSCRIBED", request))?
    {
        // Before anything else is read: the next message may be an event.
        let is_wanted = topic.standing().agreed(link, subscription);
        let topics = tables.subscriptions.entry(subscription).or_default();
        topics.push(Arc::clone(&topic));
        drop(tables);
        // Whoever wanted it may have given up meanwhile. That nobody waits for the answer is not that: a renewal may be late.
        if is_wanted {
            drop(reply.send(Ok(subscription)));
        } else {
            abandon(&topic);
        }
    }
    Ok(())
}

fn on_unsubscribed(link: &Link, message: Unsubscribed) -> Result<(), String> {
    let Some(request) = message.request else {
        if let UnsubscribedDetails {
            subscription: Some(id),
            reason,
            ..
        } = message.details
        {
            revoked_subscription(link, id, reason.as_ref());
        }
        return Ok(());
    };
    if let Some(Pending::Unsubscribe(reply)) =
        take(link, RequestType::Unsubscribe, request, "UNSUBSCRIBED")?
    {
        drop(reply.send(Ok(())));
    }
    Ok(())
}

fn revoked_subscription(link: &Link, id: Id, reason: Option<&ByteString>) {
    let topics = link.tables().subscriptions.remove(&id);
    for topic in topics.into_iter().flatten() {
        tracing::warn!(
            topic = topic.name(),
            reason = reason.map(|it| &**it),
            "the router has ended a subscription"
        );
        topic.revoked();
    }
}

fn on_unregistered(link: &Link, message: Unregistered) -> Result<(), String> {
    let Some(request) = message.request else {
        if let Some(id) = message.details.registration {
            let offer = link.tables().registrations.remove(&id);
            if let Some(offer) = offer {
                let reason = message.details.reason;
                tracing::warn!(
                    procedure = offer.procedure(),
                    reason = reason.as_deref(),
                    "the router has ended a registration"
                );
                offer.standing().revoked();
            }
        }
        return Ok(());
    };
    if let Some(Pending::Unregister(registration, reply)) =
        take(link, RequestType::Unregister, request, "UNREGISTERED")?
    {
        // Dropped when the tables are free again: it may be the last owner of somebody else's code.
        let offer = link.tables().registrations.remove(&registration);
        drop(offer);
        let _ = reply.send(Ok(()));
    }
    Ok(())
}

fn on_event(link: &Link, event: Event) {
    let tables = link.tables();
    // One that is not known may just have been unsubscribed from.
    let Some(topics) = tables.subscriptions.get(&event.subscription) else {
        return;
    };
    match &**topics {
        [topic] => {
            let topic = Arc::clone(topic);
            drop(tables);
            topic.event(link, event);
        }
        topics => {
            let topics = topics.to_vec();
            drop(tables);
            for topic in topics {
                topic.event(link, event.clone());
            }
        }
    }
}

fn on_invocation(link: &Link, invocation: Invocation) -> Result<(), String> {
    let (id, registration) = (invocation.request, invocation.registration);
    let has_input = invocation.details.progress;
    let callee = link.tables().invoked(id, registration, has_input);
    match callee {
        Ok(Some(callee)) => {
            if !contained("callee", || callee.invoke(link, invocation)) {
                let frame = invocation_error(link, id, uri::RUNTIME_ERROR)?;
                link.answer(id, frame);
            }
        }
        // Input for what has been answered.
        Ok(None) => {}
        // It may just have been unregistered.
        Err(NeverAsked) => {
            let frame = invocation_error(link, id, uri::NO_SUCH_REGISTRATION)?;
            link.push(frame);
        }
    }
    Ok(())
}

fn invocation_error(link: &Link, request: Id, error: &'static str) -> Result<Bytes, String> {
    let error = Error {
        request_type: RequestType::Invocation,
        request,
        details: ErrorDetails::default(),
        error: ByteString::from_static(error),
        payload: Payload::empty(link.format()),
    };
    let mut frame = BytesMut::new();
    let encoded = error.encode(link.format(), &mut frame);
    encoded.map_err(|error| error.to_string())?;
    Ok(frame.freeze())
}

fn on_interrupt(link: &Link, interrupt: &Interrupt) {
    let callee = link.tables().running(interrupt.request);
    if let Some(callee) = callee {
        contained("callee", || callee.interrupt(link, interrupt));
    }
}

/// Ends a subscription that nobody wants any more.
fn abandon(topic: &Arc<Topic>) {
    if let Err(error) = topic.give_up() {
        tracing::debug!(%error, "a subscription ends with its session");
    }
}

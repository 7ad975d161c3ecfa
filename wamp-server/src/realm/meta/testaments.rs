//! `wamp.session.add_testament`: what is published when the caller's session ends.

use bytes::{Bytes, BytesMut};
use serde::de::IgnoredAny;
use wamp_proto::codec::{Format, from_slice};
use wamp_proto::id::Id;
use wamp_proto::message::details::PublishOptions;
use wamp_proto::message::{Message, Publish, Raw};
use wamp_proto::payload::Payload;
use wamp_proto::uri;

use super::Procedures;
use super::options::{dictionary, keyword};
use crate::handler::{Call, CallError, FromCall};
use crate::session::Session;
use crate::session::testament::{Scope, Testament, add_testament, flush_testaments};

pub(super) fn add(procedures: &mut Procedures) {
    procedures.add("wamp.session.add_testament", add_one);
    procedures.add("wamp.session.flush_testaments", flush);
}

async fn add_one(session: Session, testament: Testament, scope: Scope) -> Result<(), CallError> {
    if session.is_inside() {
        return Err(CallError::new(uri::NO_SUCH_SESSION)
            .arg("the server has no session that ends, so it has no testament"));
    }
    add_testament(&session, testament, scope).await
}

async fn flush(session: Session, scope: Scope) {
    flush_testaments(&session, scope);
}

impl<'c> FromCall<'c> for Scope {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        match keyword::<String>(&call.payload, "scope")?.as_deref() {
            None | Some("destroyed") => Ok(Self::Destroyed),
            Some("detached") => Ok(Self::Detached),
            Some(_) => Err(CallError::invalid_argument(
                "scope: one of destroyed, detached",
            )),
        }
    }
}

/// Its arguments are those of the event, and stay undecoded.
impl<'c> FromCall<'c> for Testament {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        read(&call.payload)
    }
}

/// Takes a testament for the PUBLISH that it will be, so that it is checked like any other.
fn read(payload: &Payload) -> Result<Testament, CallError> {
    let format = payload.format();
    let mut arguments = payload.elements();
    let topic = arguments.next();
    let topic = topic.ok_or_else(|| CallError::missing_argument("topic"))?;
    let topic = from_slice::<String>(format, topic);
    let topic = topic.map_err(|error| CallError::invalid_argument(format!("args[0]: {error}")))?;
    let given = |raw: Option<&[u8]>| {
        let raw = raw.filter(|it| !is_null(format, it));
        raw.map(Bytes::copy_from_slice)
    };
    let (args, kwargs) = (given(arguments.next()), given(arguments.next()));
    let options = payload.entries().find(|(key, _)| key == "publish_options");
    let options = match options {
        Some((key, raw)) => dictionary(format, raw, &key)?,
        None => None,
    };
    let publish = Publish {
        request: Id::MIN,
        options: options.as_ref().map(unread).unwrap_or_default(),
        topic: topic.into(),
        payload: Payload::new(format, args, kwargs),
    };
    let mut frame = BytesMut::new();
    let encoded = publish.encode(format, &mut frame);
    encoded.map_err(|error| CallError::invalid_argument(&error))?;
    // What is kept shares this memory, and not that of the call.
    let frame = frame.freeze();
    match Message::decode(format, &frame) {
        Ok(Message::Publish(publish)) => Ok(Testament::new(publish, frame.len())),
        Ok(_) => Err(CallError::invalid_argument("this is no event")),
        Err(violation) => Err(CallError::invalid_argument(violation)),
    }
}

/// The options as they are, to be read with the message.
fn unread(options: &Payload) -> PublishOptions {
    let mut read = PublishOptions::default();
    for (key, raw) in options.entries() {
        let value = Raw::from_encoded(options.format(), Bytes::copy_from_slice(raw));
        read.unknown.push(key.as_ref().into(), value);
    }
    read
}

fn is_null(format: Format, raw: &[u8]) -> bool {
    matches!(from_slice::<Option<IgnoredAny>>(format, raw), Ok(None))
}

//! What a session is told, as the model speaks of it: a message without what the model does not decide.

use bytes::Bytes;
use serde::Deserialize;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::{CancelMode, Message, RequestType};
use wamp_proto::payload::Payload;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Said {
    Registered {
        request: u64,
        registration: u64,
    },
    Unregistered {
        request: u64,
    },
    /// Without having asked for it.
    RegistrationRevoked(u64),
    Invocation {
        id: u64,
        registration: u64,
        procedure: Option<String>,
        receive_progress: bool,
        progress: bool,
        timeout: Option<u64>,
        caller: Option<u64>,
        tag: u64,
    },
    Interrupt {
        id: u64,
        /// Or nobody waits for the answer.
        kill: bool,
        reason: Option<String>,
    },
    Result {
        request: u64,
        progress: bool,
        tag: u64,
    },
    Failed {
        /// The type code of the request.
        of: u64,
        request: u64,
        uri: String,
        /// Of errors that a callee sent.
        tag: Option<u64>,
    },
    Subscribed {
        request: u64,
        subscription: u64,
    },
    Unsubscribed {
        request: u64,
    },
    /// Without having asked for it.
    SubscriptionRevoked(u64),
    Event {
        subscription: u64,
        topic: Option<String>,
        body: Body,
    },
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Body {
    Tag(u64),
    /// A session, and a registration or subscription.
    Change(u64, u64),
    Created {
        session: u64,
        id: u64,
        uri: String,
        matching: String,
        invoke: Option<String>,
    },
}

impl Said {
    pub(super) fn failed(of: RequestType, request: u64, uri: &str, tag: Option<u64>) -> Self {
        Self::Failed {
            of: of.code(),
            request,
            uri: uri.to_owned(),
            tag,
        }
    }

    /// Whether it is the last answer to a call.
    pub(super) fn ends(&self, call: u64) -> bool {
        match self {
            Self::Result {
                request, progress, ..
            } => *request == call && !progress,
            Self::Failed { of, request, .. } => *request == call && *of == RequestType::Call.code(),
            _ => false,
        }
    }

    /// What kind of message it is; of errors, which one.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Registered { .. } => "registered",
            Self::Unregistered { .. } => "unregistered",
            Self::RegistrationRevoked(_) => "registration revoked",
            Self::Invocation { progress: true, .. } => "part of an invocation",
            Self::Invocation {
                timeout: Some(_), ..
            } => "invocation with a timeout",
            Self::Invocation { .. } => "invocation",
            Self::Interrupt {
                reason: Some(_), ..
            } => "interrupt in time",
            Self::Interrupt { kill: true, .. } => "interrupt that is answered",
            Self::Interrupt { .. } => "interrupt",
            Self::Result { progress: true, .. } => "progress",
            Self::Result { .. } => "result",
            Self::Failed { uri, .. } => uri,
            Self::Subscribed { .. } => "subscribed",
            Self::Unsubscribed { .. } => "unsubscribed",
            Self::SubscriptionRevoked(_) => "subscription revoked",
            Self::Event { topic: Some(_), .. } => "event for a pattern",
            Self::Event {
                body: Body::Created { .. },
                ..
            } => "news of something new",
            Self::Event {
                body: Body::Change(..),
                ..
            } => "news",
            Self::Event { .. } => "event",
        }
    }

    /// What a message says; for events also the id of the publication.
    pub(super) fn read(format: Format, frame: &Bytes) -> (Self, Option<u64>) {
        let message = Message::decode(format, frame).expect("the router writes messages");
        let said = match message {
            Message::Registered(it) => Self::Registered {
                request: it.request.get(),
                registration: it.registration.get(),
            },
            Message::Unregistered(it) => match (it.request, it.details.registration) {
                (Some(request), None) => Self::Unregistered {
                    request: request.get(),
                },
                (None, Some(registration)) => Self::RegistrationRevoked(registration.get()),
                other => panic!("UNREGISTERED with {other:?}"),
            },
            Message::Invocation(it) => Self::Invocation {
                id: it.request.get(),
                registration: it.registration.get(),
                procedure: it.details.procedure.map(Into::into),
                receive_progress: it.details.receive_progress,
                progress: it.details.progress,
                timeout: it.details.timeout,
                caller: it.details.caller.and_then(|it| it.session).map(Id::get),
                tag: tag(&it.payload).expect("an invocation has its call's arguments"),
            },
            Message::Interrupt(it) => Self::Interrupt {
                id: it.request.get(),
                kill: it.options.mode == Some(CancelMode::Kill),
                reason: it.options.reason.map(Into::into),
            },
            Message::Result(it) => Self::Result {
                request: it.request.get(),
                progress: it.details.progress,
                tag: tag(&it.payload).expect("a result has its callee's arguments"),
            },
            Message::Error(it) => Self::failed(
                it.request_type,
                it.request.get(),
                &it.error,
                tag(&it.payload),
            ),
            Message::Subscribed(it) => Self::Subscribed {
                request: it.request.get(),
                subscription: it.subscription.get(),
            },
            Message::Unsubscribed(it) => match (it.request, it.details.subscription) {
                (Some(request), None) => Self::Unsubscribed {
                    request: request.get(),
                },
                (None, Some(subscription)) => Self::SubscriptionRevoked(subscription.get()),
                other => panic!("UNSUBSCRIBED with {other:?}"),
            },
            Message::Event(it) => {
                let said = Self::Event {
                    subscription: it.subscription.get(),
                    topic: it.details.topic.map(Into::into),
                    body: body(&it.payload),
                };
                return (said, Some(it.publication.get()));
            }
            other => panic!("the router does not say {}", other.name()),
        };
        (said, None)
    }
}

/// The only argument, if it is a number: texts are the router's own.
fn tag(payload: &Payload) -> Option<u64> {
    let is_one = payload.elements().count() == 1;
    let decoded = is_one.then(|| payload.decode_args::<(u64,)>())?;
    decoded.ok().map(|(tag,)| tag)
}

#[derive(Deserialize)]
#[serde(untagged)]
enum News {
    Id(u64),
    Created(Created),
}

#[derive(Deserialize)]
struct Created {
    id: u64,
    uri: String,
    r#match: String,
    invoke: Option<String>,
}

fn body(payload: &Payload) -> Body {
    if let Some(tag) = tag(payload) {
        return Body::Tag(tag);
    }
    let news = payload.decode_args::<(u64, News)>();
    let (session, it) = match news.expect("an event of the router") {
        (session, News::Id(id)) => return Body::Change(session, id),
        (session, News::Created(it)) => (session, it),
    };
    Body::Created {
        session,
        id: it.id,
        uri: it.uri,
        matching: it.r#match,
        invoke: it.invoke,
    }
}

//! A transport that is turned around: what the router sends to our client comes out of it as the messages of a peer, and what the
//! server says to that peer goes to the router.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use wamp_client::host::Link;
use wamp_proto::id::Id;
use wamp_proto::message::details::YieldOptions;
use wamp_proto::message::{self, Message, RequestType, Yield};
use wamp_proto::subprotocol::Subprotocol;

use super::failure::Failed;
use super::guests::Guests;
use super::inbox::Inbox;
use crate::transport::{Close, Failure, Transport};

/// The connection of one session that stands for a peer of the router.
pub(super) struct Turned {
    link: Link,
    guests: Arc<Guests>,
    /// Whom the session stands for.
    peer: Option<Id>,
    inbox: Arc<Inbox>,
    /// Why the session is over, if the server has said so.
    reason: Option<Failed>,
}

impl Turned {
    pub(super) fn new(guests: Arc<Guests>, peer: Option<Id>, inbox: Arc<Inbox>) -> Self {
        Self {
            link: guests.link().clone(),
            guests,
            peer,
            inbox,
            reason: None,
        }
    }

    fn on_message(&mut self, message: Message) {
        match message {
            Message::Result(result) => self.on_result(result),
            Message::Error(error) if error.request_type == RequestType::Call => {
                self.on_error(error);
            }
            Message::Error(error) if error.request_type == RequestType::Subscribe => {
                self.guests.refused(self.peer, &error);
            }
            Message::Subscribed(it) => {
                let (request, subscription) = (it.request, it.subscription);
                self.guests.subscribed(self.peer, request, subscription);
            }
            Message::Abort(abort) => {
                self.reason = Some(Failed::aborted(&abort));
                self.inbox.close();
            }
            Message::Goodbye(goodbye) => {
                self.reason = Some(Failed::parted(&goodbye));
                self.inbox.close();
            }
            // Events come from the router itself; nothing else is told that somebody waits for.
            _ => {}
        }
    }

    fn on_result(&self, result: message::Result) {
        let message::Result {
            request,
            details,
            payload,
        } = result;
        let progress = details.progress;
        let answer = Yield {
            request,
            options: YieldOptions {
                progress,
                ppt: details.ppt,
                unknown: details.unknown,
            },
            payload,
        };
        match encode(&self.link, &answer.into()) {
            Some(frame) if progress => self.guests.report(request, frame),
            Some(frame) => self.guests.answer(request, frame),
            None => {}
        }
    }

    fn on_error(&self, error: message::Error) {
        let request = error.request;
        let answer = message::Error {
            request_type: RequestType::Invocation,
            ..error
        };
        if let Some(frame) = encode(&self.link, &answer.into()) {
            self.guests.answer(request, frame);
        }
    }
}

/// A message in the format of the link. Its payload came in that very format, so there is nothing that could fail.
pub(super) fn encode(link: &Link, message: &Message) -> Option<Bytes> {
    let mut frame = BytesMut::new();
    match message.encode(link.format(), &mut frame) {
        Ok(()) => Some(frame.freeze()),
        Err(error) => {
            tracing::error!(message = message.name(), %error, "a message cannot be encoded");
            None
        }
    }
}

impl Transport for Turned {
    fn subprotocol(&self) -> Subprotocol {
        Subprotocol {
            format: self.link.format(),
            batched: false,
        }
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        self.inbox.poll_next(cx).map(|frame| frame.map(Ok))
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Failure> {
        match Message::decode(self.link.format(), &frame) {
            Ok(message) => self.on_message(message),
            // The server writes nothing of that kind.
            Err(error) => tracing::error!(%error, "a message cannot be passed on"),
        }
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.link.poll_room(cx).map(Ok)
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: Close) -> Poll<()> {
        Poll::Ready(())
    }

    fn peer_max_message(&self) -> usize {
        // What answers an invocation is as long as what answers the call.
        self.link.max_message()
    }
}

/// However the session has ended: what it has not answered is answered.
impl Drop for Turned {
    fn drop(&mut self) {
        self.inbox.close();
        let reason = self.reason.take();
        self.guests
            .left(&self.inbox, &reason.unwrap_or_else(Failed::canceled));
    }
}

impl std::fmt::Debug for Turned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Turned").finish_non_exhaustive()
    }
}

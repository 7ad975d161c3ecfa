//! The router itself, with what sessions do for it: answers to requests that it does not send, and the end.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::details::{ErrorDetails, YieldOptions};
use wamp_proto::message::{self, Message, RequestType, Yield};
use wamp_proto::payload::Payload;
use wamp_proto::uri;

use super::super::broker::Broker;
use super::super::dealer::Dealer;
use super::super::handlers::Handlers;
use super::super::keeping::Keeping;
use super::super::peer::Peer;
use super::super::publishing::Event;
use super::super::registration::Registration;
use super::super::retained::Retention;
use super::super::shard;
use super::super::subscription::Subscription;
use super::fake::Fake;
use super::operation::Operation;
use super::reference::Violation;
use super::reference_calls::FAILURE;
use super::said::{Body, Said};
use super::{id, raw};

/// Dealer, broker and their sessions.
pub(super) struct Real {
    pub(super) dealer: Dealer,
    pub(super) broker: Broker,
    pub(super) now: Instant,
    pub(super) sessions: BTreeMap<u64, Session>,
    last_session: u64,
}

pub(super) struct Session {
    pub(super) fake: Arc<Fake>,
    last_request: u64,
    pub(super) registrations: BTreeMap<Id, Arc<Registration>>,
    /// The newest is the last.
    pub(super) subscriptions: Vec<Arc<Subscription>>,
}

impl Real {
    pub(super) fn new(is_strict: bool, max_invocations: usize) -> Self {
        Self {
            dealer: Dealer::new(is_strict, max_invocations, None, entropy),
            broker: Broker::new(
                Arc::new(Handlers::default()),
                None,
                true,
                entropy,
                Keeping::new(Retention::default(), None),
            ),
            now: Instant::now(),
            sessions: BTreeMap::new(),
            last_session: 0,
        }
    }

    pub(super) fn step(
        &mut self,
        id: u64,
        operation: &Operation,
        tag: u64,
    ) -> Result<(), Violation> {
        match operation {
            Operation::Join(format, can) => {
                self.last_session += 1;
                let session = Session {
                    fake: Arc::new(Fake::new(self.last_session, *format, *can)),
                    last_request: 0,
                    registrations: BTreeMap::new(),
                    subscriptions: Vec::new(),
                };
                self.sessions.insert(self.last_session, session);
            }
            Operation::Leave => self.leave(id),
            Operation::Drain => self.fake(id).links().drain(),
            Operation::Register(it) => self.register(id, it),
            Operation::Unregister(it) => self.unregister(id, *it),
            Operation::RemoveCallee(it) => {
                if let Some(it) = self.dealer.get(super::id(*it)) {
                    let (session, meta) = (super::id(id), Some(&self.broker));
                    self.dealer
                        .remove_callee(&it, session, Some("why not"), meta);
                }
            }
            Operation::Call(it) => self.call(id, it, tag),
            Operation::Continue { request, uri, more } => {
                return self.continue_call(id, *request, uri, *more, tag);
            }
            Operation::Yield {
                invocation,
                progress,
            } => {
                let answer = Yield {
                    request: super::id(*invocation),
                    options: YieldOptions {
                        progress: *progress,
                        ..YieldOptions::default()
                    },
                    payload: payload(self.fake(id).format(), tag),
                };
                let done = self.dealer.on_yield(&**self.fake(id), answer, self.now);
                return done.map_err(|_| Violation);
            }
            Operation::Error {
                invocation,
                declines,
            } => {
                let error = if *declines { uri::UNAVAILABLE } else { FAILURE };
                let error = message::Error {
                    request_type: RequestType::Invocation,
                    request: super::id(*invocation),
                    details: ErrorDetails::default(),
                    error: ByteString::from_static(error),
                    payload: payload(self.fake(id).format(), tag),
                };
                let done = self.dealer.on_error(&**self.fake(id), error);
                return done.map_err(|_| Violation);
            }
            Operation::Cancel(request, mode) => {
                let fake = self.fake(id);
                if self.dealer.cancel(&**fake, super::id(*request), *mode) {
                    fail(fake, RequestType::Call, *request, uri::CANCELED);
                }
            }
            Operation::Pass(time) => {
                self.now += Duration::from_millis(*time);
                for session in self.sessions.values() {
                    for request in self.dealer.expire(&*session.fake, self.now) {
                        fail(
                            &session.fake,
                            RequestType::Call,
                            request.get(),
                            uri::TIMEOUT,
                        );
                    }
                }
            }
            Operation::Subscribe(it) => self.subscribe(id, it),
            Operation::Unsubscribe(it) => self.unsubscribe(id, *it),
            Operation::RemoveSubscriber(it) => {
                if let Some(it) = self.broker.get(super::id(*it)) {
                    let session = super::id(id);
                    self.broker.remove_subscriber(&it, session, Some("why not"));
                }
            }
            Operation::Publish {
                topic,
                key,
                exclude_me,
                excluded,
            } => {
                let format = self.fake(id).format();
                let mut event = Event::new(
                    ByteString::from_static(topic),
                    self.broker.next_publication(),
                    payload(format, tag),
                );
                event.key = key.map(|key| shard::key(&raw(format, key)));
                self.broker.publish(&event, |peer| {
                    let it = peer.id().get();
                    (!exclude_me || it != id) && !excluded.contains(&it)
                });
            }
        }
        Ok(())
    }

    /// What has been said to whom since the last time.
    pub(super) fn said(&self) -> BTreeMap<u64, Vec<Said>> {
        let mut said = BTreeMap::new();
        let mut publication = None;
        for (id, session) in &self.sessions {
            let format = session.fake.format();
            let mut messages = Vec::new();
            for frame in session.fake.frames() {
                let (said, published) = Said::read(format, &frame);
                if let Said::Event {
                    body: Body::Tag(_), ..
                } = said
                {
                    // It is the same event, whatever subscription it is for.
                    assert_eq!(*publication.get_or_insert(published), published);
                }
                messages.push(said);
            }
            if !messages.is_empty() {
                said.insert(*id, messages);
            }
        }
        said
    }

    pub(super) fn fake(&self, id: u64) -> &Arc<Fake> {
        &self.sessions[&id].fake
    }

    pub(super) fn peer(&self, id: u64) -> Arc<dyn Peer> {
        Arc::clone(self.fake(id)) as Arc<dyn Peer>
    }

    pub(super) fn request(&mut self, id: u64) -> u64 {
        let session = self.sessions.get_mut(&id).expect("it is there");
        session.last_request += 1;
        session.last_request
    }

    fn leave(&mut self, id: u64) {
        let session = self.sessions.remove(&id).expect("it is there");
        session.fake.close();
        self.dealer.leave(&*session.fake);
        let id = session.fake.id();
        for it in session.registrations.values() {
            self.dealer.unregister(it, id, Some(&self.broker));
        }
        for it in session.subscriptions.iter().rev() {
            self.broker.leave(it, id);
        }
        let links = session.fake.links();
        assert_eq!((links.made(), links.invoked()), (0, 0));
        assert_eq!(links.next_deadline(), None);
    }

    /// Nothing is kept of anybody.
    pub(super) fn assert_empty(&self, last_registration: u64, last_subscription: u64) {
        assert!(self.sessions.is_empty());
        assert!(self.dealer.registrations().is_empty());
        assert_eq!(self.broker.len(), 0);
        assert!(self.broker.subscriptions().is_empty());
        for it in 1..=last_registration {
            assert!(self.dealer.get(id(it)).is_none());
        }
        for it in 1..=last_subscription {
            assert!(self.broker.get(id(it)).is_none());
        }
    }
}

pub(super) fn payload(format: Format, tag: u64) -> Payload {
    Payload::from_value(format, &(tag,)).expect("a number can be written")
}

pub(super) fn tell(fake: &Arc<Fake>, message: impl Into<Message>) {
    let peer: &dyn Peer = &**fake;
    peer.tell(&message.into());
}

/// An ERROR of the session's own.
pub(super) fn fail(fake: &Arc<Fake>, of: RequestType, request: u64, error: impl Into<ByteString>) {
    let error = message::Error {
        request_type: of,
        request: id(request),
        details: ErrorDetails::default(),
        error: error.into(),
        payload: Payload::empty(fake.format()),
    };
    tell(fake, error);
}

thread_local! {
    static ENTROPY: Cell<u64> = const { Cell::new(0) };
}

/// Begins anew, so that a program does the same each time.
pub(super) fn seed(seed: u64) {
    ENTROPY.set(seed);
}

pub(super) fn entropy() -> u64 {
    let mut dice = super::dice::Dice::new(ENTROPY.get());
    ENTROPY.set(ENTROPY.get().wrapping_add(1));
    dice.next()
}

//! The router itself, with what sessions do for it: answers to requests that it does not send, and the end.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::details::{
    CallOptions, CallSharding, ErrorDetails, RegisterOptions, YieldOptions,
};
use wamp_proto::message::{
    self, Message, Overflow, Register, RequestType, Subscribed, Unregistered, Unsubscribed, Yield,
};
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
use super::super::routing::{Continued, Part, Request};
use super::super::shard;
use super::super::subscription::{Member, Subscription};
use super::fake::Fake;
use super::operation::{Calling, Operation, Registering, Subscribing};
use super::reference::Violation;
use super::reference_calls::FAILURE;
use super::said::{Body, Said};
use super::{id, raw};
use crate::handler::CallError;

/// Dealer, broker and their sessions.
pub(super) struct Real {
    pub(super) dealer: Dealer,
    pub(super) broker: Broker,
    now: Instant,
    pub(super) sessions: BTreeMap<u64, Session>,
    last_session: u64,
}

pub(super) struct Session {
    pub(super) fake: Arc<Fake>,
    last_request: u64,
    registrations: BTreeMap<Id, Arc<Registration>>,
    /// The newest is the last.
    subscriptions: Vec<Arc<Subscription>>,
}

impl Real {
    pub(super) fn new(is_strict: bool, max_invocations: usize) -> Self {
        Self {
            dealer: Dealer::new(is_strict, max_invocations, entropy),
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

    fn request(&mut self, id: u64) -> u64 {
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

    fn register(&mut self, id: u64, wish: &Registering) {
        let request = self.request(id);
        let register = Register {
            request: super::id(request),
            options: RegisterOptions {
                matching: wish.matching,
                invoke: wish.invoke,
                disclose_caller: Some(wish.disclose_caller),
                forward_timeout: wish.forward_timeout,
                concurrency: wish.concurrency,
                force_reregister: wish.force,
                ..RegisterOptions::default()
            },
            procedure: ByteString::from_static(wish.uri),
        };
        let peer = self.peer(id);
        let meta = Some(&self.broker);
        let registered = self
            .dealer
            .register(&peer, &register, SystemTime::UNIX_EPOCH, meta);
        match registered {
            Ok(registration) => {
                let session = self.sessions.get_mut(&id).expect("it is there");
                session.registrations.insert(registration.id, registration);
            }
            Err(error) => refuse(self.fake(id), RequestType::Register, request, error),
        }
    }

    fn unregister(&mut self, id: u64, registration: u64) {
        let request = self.request(id);
        let session = self.sessions.get_mut(&id).expect("it is there");
        let found = session.registrations.remove(&super::id(registration));
        let (id, meta) = (session.fake.id(), Some(&self.broker));
        if found.is_some_and(|it| self.dealer.unregister(&it, id, meta)) {
            let confirmed = Unregistered {
                request: Some(super::id(request)),
                details: Default::default(),
            };
            tell(&session.fake, confirmed);
        } else {
            let of = RequestType::Unregister;
            fail(&session.fake, of, request, uri::NO_SUCH_REGISTRATION);
        }
    }

    fn call(&mut self, id: u64, calling: &Calling, tag: u64) {
        let request = self.request(id);
        let fake = self.fake(id);
        let Some(registration) = self.dealer.resolve(calling.uri) else {
            return fail(fake, RequestType::Call, request, uri::NO_SUCH_PROCEDURE);
        };
        let format = fake.format();
        let sharding = calling.key.map(|key| {
            Box::new(CallSharding {
                runmode: Some(ByteString::from_static("partition")),
                rkey: Some(raw(format, key)),
            })
        });
        let asked = Request {
            id: super::id(request),
            options: CallOptions {
                timeout: calling.timeout,
                receive_progress: calling.receive_progress,
                progress: calling.progress,
                sharding,
                ..CallOptions::default()
            },
            procedure: ByteString::from_static(calling.uri),
            payload: payload(format, tag),
            disclosed: calling.disclosed,
            disclosable: calling.disclosable,
            trust_level: None,
            timeout: calling.timeout.map(Duration::from_millis),
        };
        let deadline = asked.timeout.map(|it| self.now + it);
        let placed = self
            .dealer
            .call(&self.peer(id), &registration, &asked, deadline);
        if let Err(error) = placed {
            refuse(fake, RequestType::Call, request, error);
        }
    }

    fn continue_call(
        &self,
        session: u64,
        request: u64,
        uri: &'static str,
        more: bool,
        tag: u64,
    ) -> Result<(), Violation> {
        let peer = self.peer(session);
        if !peer.links().has_call(id(request)) {
            assert!(
                peer.links().is_late(id(request), more),
                "a part of a call that has ended is taken for a new call"
            );
            return Ok(());
        }
        let procedure = ByteString::from_static(uri);
        let payload = payload(peer.format(), tag);
        let part = Part {
            request: id(request),
            procedure: &procedure,
            more,
            options: &CallOptions::default(),
            payload: &payload,
        };
        let continued = self.dealer.continue_call(&*peer, part);
        match continued {
            Continued::Accepted => Ok(()),
            Continued::Conflict => Err(Violation),
            Continued::Failed(error) => {
                refuse(self.fake(session), RequestType::Call, request, error);
                Ok(())
            }
        }
    }

    fn subscribe(&mut self, id: u64, wish: &Subscribing) {
        let request = self.request(id);
        let session = self.sessions.get_mut(&id).expect("it is there");
        let session_id = session.fake.id();
        let topic = ByteString::from_static(wish.topic);
        let confirm = |it: &Subscription| {
            let confirmed = Subscribed {
                request: super::id(request),
                subscription: it.id,
            };
            tell(&session.fake, confirmed);
        };
        if let Some(it) = self.broker.lookup(&topic, wish.matching)
            && it.sessions().contains(&session_id)
        {
            return confirm(&it);
        }
        let at = SystemTime::UNIX_EPOCH;
        let subscription = self.broker.reserve(&topic, wish.matching, at);
        if wish.refused {
            self.broker.cancel(&subscription);
            let of = RequestType::Subscribe;
            return fail(&session.fake, of, request, uri::NOT_AUTHORIZED);
        }
        let format = session.fake.format();
        let member = Member {
            peer: Arc::clone(&session.fake) as Arc<dyn Peer>,
            key: wish.key.map(|key| shard::key(&raw(format, key))),
            overflow: Overflow::Disconnect,
        };
        self.broker
            .join(&subscription, member, || confirm(&subscription));
        session.subscriptions.push(subscription);
    }

    fn unsubscribe(&mut self, id: u64, subscription: u64) {
        let request = self.request(id);
        let session = self.sessions.get_mut(&id).expect("it is there");
        let mut all = session.subscriptions.iter();
        let at = all.position(|it| it.id.get() == subscription);
        let found = at.map(|at| session.subscriptions.remove(at));
        if found.is_some_and(|it| self.broker.leave(&it, session.fake.id())) {
            let confirmed = Unsubscribed {
                request: Some(super::id(request)),
                details: Default::default(),
            };
            tell(&session.fake, confirmed);
        } else {
            let of = RequestType::Unsubscribe;
            fail(&session.fake, of, request, uri::NO_SUCH_SUBSCRIPTION);
        }
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

fn tell(fake: &Arc<Fake>, message: impl Into<Message>) {
    let peer: &dyn Peer = &**fake;
    peer.tell(&message.into());
}

/// An ERROR of the session's own.
pub(super) fn fail(fake: &Arc<Fake>, of: RequestType, request: u64, error: &'static str) {
    let error = message::Error {
        request_type: of,
        request: id(request),
        details: ErrorDetails::default(),
        error: ByteString::from_static(error),
        payload: Payload::empty(fake.format()),
    };
    tell(fake, error);
}

fn refuse(fake: &Arc<Fake>, of: RequestType, request: u64, error: CallError) {
    let (error, _, _) = error.into_parts();
    let error = message::Error {
        request_type: of,
        request: id(request),
        details: ErrorDetails::default(),
        error: error.into_owned().into(),
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

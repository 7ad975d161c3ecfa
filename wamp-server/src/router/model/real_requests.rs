//! The router itself: requests that sessions make.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytestring::ByteString;
use wamp_proto::message::details::{CallOptions, CallSharding, RegisterOptions};
use wamp_proto::message::{
    Overflow, Register, RequestType, Subscribed, Unregistered, Unsubscribed,
};
use wamp_proto::uri;

use super::super::peer::Peer;
use super::super::routing::{Continued, Part, Request};
use super::super::shard;
use super::super::subscription::{Member, Subscription};
use super::fake::Fake;
use super::operation::{Calling, Registering, Subscribing};
use super::real::{Real, fail, payload, tell};
use super::reference::Violation;
use super::{id, raw};
use crate::handler::CallError;

impl Real {
    pub(super) fn register(&mut self, id: u64, wish: &Registering) {
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

    pub(super) fn unregister(&mut self, id: u64, registration: u64) {
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

    pub(super) fn call(&mut self, id: u64, calling: &Calling, tag: u64) {
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

    pub(super) fn continue_call(
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

    pub(super) fn subscribe(&mut self, id: u64, wish: &Subscribing) {
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

    pub(super) fn unsubscribe(&mut self, id: u64, subscription: u64) {
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
}

fn refuse(fake: &Arc<Fake>, of: RequestType, request: u64, error: CallError) {
    let (error, _, _) = error.into_parts();
    fail(fake, of, request, error.into_owned());
}

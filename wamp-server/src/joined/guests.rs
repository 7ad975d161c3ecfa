//! The sessions that stand for the peers of the router, for as long as one session at the router lasts.
//!
//! There is one for each peer that the router names, and one for all others. Those of peers that have not called for the longest time end
//! when there are too many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use bytestring::ByteString;
use foldhash::fast::RandomState;
use tokio_util::sync::CancellationToken;
use wamp_client::host::Link;
use wamp_proto::id::{Id, RequestIds};
use wamp_proto::message::details::{Caller, CancelOptions, PublishOptions};
use wamp_proto::message::{Cancel, CancelMode, Event, Interrupt, Invocation, Message, Publish};

use super::call::call;
use super::failure::Failed;
use super::held::Held;
use super::hello::hello;
use super::host::Host;
use super::inbox::{Inbox, NoRoom};
use super::running::Running;
use super::turned::{Turned, encode};
use crate::handler::registered::Registered;
use crate::realm::upstream::Uplink;
use crate::session::guest::{Guest, Handed};

/// How many peers that have nothing to wait for are told apart.
const MAX_IDLE: usize = 1024;

/// The sessions of one link.
pub(super) struct Guests {
    pub(super) host: Arc<Host>,
    link: Link,
    state: Mutex<State>,
    over: CancellationToken,
}

#[derive(Default)]
pub(super) struct State {
    /// By the id of the peer; `None` is all that are not named.
    pub(super) sessions: HashMap<Option<Id>, Entry, RandomState>,
    /// Invocations that are not answered, and who answers them.
    running: HashMap<Id, Running, RandomState>,
    /// Counts what comes, to find who has been quiet for the longest time.
    now: u64,
    pub(super) is_over: bool,
}

/// One session.
pub(super) struct Entry {
    pub(super) inbox: Arc<Inbox>,
    guest: Arc<Guest>,
    /// Requests other than calls.
    pub(super) ids: RequestIds,
    calls: usize,
    used: u64,
    /// What the peer is subscribed to, as far as functions decide on it.
    pub(super) topics: HashMap<ByteString, Held, RandomState>,
}

impl Entry {
    fn is_idle(&self) -> bool {
        self.calls == 0 && self.topics.is_empty() && self.inbox.is_empty()
    }
}

impl Guests {
    pub(super) fn new(host: Arc<Host>, link: Link) -> Self {
        Self {
            host,
            link,
            state: Mutex::default(),
            over: CancellationToken::new(),
        }
    }

    pub(super) fn link(&self) -> &Link {
        &self.link
    }

    /// Passes an invocation on to the session that stands for its caller.
    pub(super) fn invoke(self: &Arc<Self>, invocation: Invocation, registered: &ByteString) {
        let id = invocation.request;
        let peer = peer(invocation.details.caller.clone());
        let call = call(invocation, registered, self.host.tells_callers());
        let Some(frame) = encode(&self.link, &call) else {
            return self.refuse(id, &Failed::canceled());
        };
        let mut state = self.lock();
        if let Some(running) = state.running.get(&id) {
            let inbox = Arc::clone(&running.inbox);
            drop(state);
            return self.go_on(id, &inbox, frame);
        }
        if !self.link.is_running(id) {
            // It has been answered since the client looked: this is input that comes too late.
            return;
        }
        if self.host.is_leaving() || state.is_over {
            drop(state);
            return self.refuse(id, &Failed::leaving());
        }
        match self.deliver(&mut state, peer.as_deref(), &frame) {
            Ok((peer, inbox)) => {
                state.running.insert(id, Running::new(peer, inbox));
                self.host.began();
            }
            Err(failed) => {
                drop(state);
                self.refuse(id, &failed);
            }
        }
    }

    /// Queues a call for a session, which is made if need be.
    fn deliver(
        self: &Arc<Self>,
        state: &mut State,
        peer: Option<&Caller>,
        frame: &Bytes,
    ) -> Result<(Option<Id>, Arc<Inbox>), Failed> {
        let key = peer.and_then(|it| it.session);
        // A session that has just ended is replaced by another one.
        for _ in 0..2 {
            let entry = self.entry(state, peer.cloned().map(Box::new))?;
            match entry.inbox.push(frame.clone()) {
                Ok(()) => {
                    entry.calls += 1;
                    return Ok((key, Arc::clone(&entry.inbox)));
                }
                Err(NoRoom::Full) => return Err(Failed::overloaded()),
                Err(NoRoom::Closed) => drop(state.sessions.remove(&key)),
            }
        }
        Err(Failed::canceled())
    }

    /// The session that stands for a peer.
    pub(super) fn entry<'s>(
        self: &Arc<Self>,
        state: &'s mut State,
        peer: Option<Box<Caller>>,
    ) -> Result<&'s mut Entry, Failed> {
        let key = peer.as_ref().and_then(|it| it.session);
        state.now += 1;
        if !state.sessions.contains_key(&key) {
            state.make_room(self.host.server().limits().max_connections)?;
            let entry = self.open(peer);
            state.sessions.insert(key, entry);
        }
        let now = state.now;
        let entry = state.sessions.get_mut(&key).ok_or_else(Failed::crowded)?;
        entry.used = now;
        Ok(entry)
    }

    fn open(self: &Arc<Self>, peer: Option<Box<Caller>>) -> Entry {
        let key = peer.as_ref().and_then(|it| it.session);
        let limits = self.host.server().limits();
        // HELLO, and what may be called at once.
        let inbox = Inbox::new(limits.max_pending_calls + 1, limits.outbound_hard);
        let inbox = Arc::new(inbox);
        if let Some(hello) = encode(&self.link, &hello(self.host.realm_name())) {
            // It is empty, so there is room.
            let _ = inbox.push(hello);
        }
        let uplink = Arc::clone(self.host.uplink()) as Arc<dyn Uplink>;
        let guest = Arc::new(Guest::new(peer, uplink));
        let turned = Turned::new(Arc::clone(self), key, Arc::clone(&inbox));
        let session = self.host.server().attach_guest(turned, Arc::clone(&guest));
        self.host.serve(session);
        Entry {
            inbox,
            guest,
            ids: RequestIds::default(),
            calls: 0,
            used: 0,
            topics: HashMap::default(),
        }
    }

    /// More input for a call that runs.
    fn go_on(&self, id: Id, inbox: &Inbox, frame: Bytes) {
        if inbox.push(frame) == Err(NoRoom::Full) {
            self.cancel(id, inbox, CancelMode::KillNoWait);
            self.refuse(id, &Failed::overloaded());
        }
    }

    /// The caller has lost interest.
    pub(super) fn interrupt(&self, interrupt: &Interrupt) {
        let id = interrupt.request;
        let mode = interrupt.options.mode.unwrap_or(CancelMode::Kill);
        let inbox = {
            let mut state = self.lock();
            let running = state.running.get_mut(&id);
            let running = running.and_then(|it| it.cancel(mode).then_some(it));
            running.map(|it| Arc::clone(&it.inbox))
        };
        if let Some(inbox) = inbox {
            self.cancel(id, &inbox, mode);
        }
    }

    fn cancel(&self, id: Id, inbox: &Inbox, mode: CancelMode) {
        let cancel = Cancel {
            request: id,
            options: CancelOptions {
                mode: Some(mode),
                ..CancelOptions::default()
            },
        };
        if let Some(frame) = encode(&self.link, &cancel.into()) {
            // A session that has ended has answered already.
            let _ = inbox.push_urgent(frame);
        }
    }

    /// Has a function run for an event.
    pub(super) fn event(
        self: &Arc<Self>,
        event: Event,
        topic: &ByteString,
        handler: &Arc<Registered>,
    ) {
        let publisher = event.details.publisher.map(|it| {
            Box::new(Caller {
                session: it.session,
                authid: it.authid,
                authrole: it.authrole,
            })
        });
        let mut state = self.lock();
        if state.is_over || self.host.is_leaving() {
            return;
        }
        let entry = match self.entry(&mut state, peer(publisher)) {
            Ok(entry) => entry,
            Err(_) => return self.missed(topic),
        };
        let request = entry.ids.next_id();
        let publish = Message::Publish(Publish {
            request,
            options: PublishOptions {
                ppt: event.details.ppt,
                unknown: event.details.unknown,
                ..PublishOptions::default()
            },
            topic: topic.clone(),
            payload: event.payload,
        });
        let Some(frame) = encode(&self.link, &publish) else {
            return;
        };
        entry.guest.hand(Handed {
            request,
            publication: event.publication,
            handler: Arc::clone(handler),
        });
        if entry.inbox.push(frame).is_err() {
            entry.guest.take_back();
            self.missed(topic);
        }
    }

    fn missed(&self, topic: &str) {
        let counters = &self.host.server().shared().counters;
        counters.dropped_publications.count();
        tracing::warn!(topic, "an event is not handled: too many are waiting");
    }

    /// A function tells of its progress.
    pub(super) fn report(&self, id: Id, frame: Bytes) {
        if self.lock().running.contains_key(&id) {
            self.link.push(frame);
        }
    }

    /// A function has answered.
    pub(super) fn answer(&self, id: Id, frame: Bytes) {
        if !self.lock().running.contains_key(&id) {
            return;
        }
        // Before it is forgotten here: more input that comes in between would be taken for a call.
        self.link.answer(id, frame);
        let is_first = {
            let mut state = self.lock();
            let running = state.running.remove(&id);
            if let Some(running) = &running
                && let Some(entry) = state.sessions.get_mut(&running.peer)
                && Arc::ptr_eq(&entry.inbox, &running.inbox)
            {
                entry.calls -= 1;
            }
            running.is_some()
        };
        if is_first {
            self.host.ended(1);
        }
    }

    /// Answers an invocation with an ERROR, whether it runs or not.
    fn refuse(&self, id: Id, failed: &Failed) {
        let Some(frame) = failed.answer(&self.link, id) else {
            return;
        };
        if self.lock().running.contains_key(&id) {
            self.answer(id, frame);
        } else {
            self.link.answer(id, frame);
        }
    }

    /// A session has ended.
    pub(super) fn left(&self, inbox: &Arc<Inbox>, reason: &Failed) {
        let is_it = |it: &Arc<Inbox>| Arc::ptr_eq(it, inbox);
        let unanswered = {
            let mut state = self.lock();
            state.sessions.retain(|_, entry| !is_it(&entry.inbox));
            let unanswered = state.running.iter().filter(|(_, it)| is_it(&it.inbox));
            unanswered.map(|(id, _)| *id).collect::<Vec<_>>()
        };
        for id in &unanswered {
            if let Some(frame) = reason.answer(&self.link, *id) {
                self.link.answer(*id, frame);
            }
        }
        let gone = self
            .lock()
            .running
            .extract_if(|_, it| is_it(&it.inbox))
            .count();
        self.host.ended(gone);
    }

    /// Ends all sessions. Whatever they have not answered is answered, if that is still possible.
    pub(super) fn end(&self) {
        let sessions = {
            let mut state = self.lock();
            state.is_over = true;
            std::mem::take(&mut state.sessions)
        };
        for entry in sessions.values() {
            entry.inbox.close();
        }
        self.over.cancel();
    }

    /// Ready when they have been ended.
    pub(super) async fn over(&self) {
        self.over.cancelled().await;
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Sees to it that there is room for one more session. Those that have something to do stay, up to as many as the server has room for.
    fn make_room(&mut self, most: usize) -> Result<(), Failed> {
        if self.sessions.len() < MAX_IDLE.min(most) {
            return Ok(());
        }
        let idle = self.sessions.iter().filter(|(_, entry)| entry.is_idle());
        let quietest = idle.min_by_key(|(_, entry)| entry.used);
        match quietest.map(|(key, _)| *key) {
            Some(quietest) => {
                if let Some(entry) = self.sessions.remove(&quietest) {
                    entry.inbox.close();
                }
                Ok(())
            }
            None if self.sessions.len() < most => Ok(()),
            None => Err(Failed::crowded()),
        }
    }
}

/// Somebody who can be told apart from others.
fn peer(caller: Option<Box<Caller>>) -> Option<Box<Caller>> {
    caller.filter(|it| it.session.is_some())
}

//! A subscription whose handler has not decided yet.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use smallvec::{SmallVec, smallvec};
use tokio::time::Instant;
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::{Message, Overflow, Subscribed};
use wamp_uri::Match;

use super::Session;
use crate::router::subscription::{Member, Subscription};

/// How often a session may subscribe to the same topic while its handler decides.
const MAX_REQUESTS: usize = 16;

/// One SUBSCRIBE from its arrival until its handler accepts or refuses.
///
/// What the handler publishes meanwhile waits here: SUBSCRIBED comes before any event.
pub(crate) struct Pending {
    session: Session,
    subscription: Arc<Subscription>,
    /// The first request.
    request: Id,
    terms: Terms,
    state: Mutex<State>,
}

/// What the subscriber wants of the subscription.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// Which events with a key.
    pub(crate) key: Option<u64>,
    /// What becomes of events that it does not read in time.
    pub(crate) overflow: Overflow,
    /// Whether it wants events from before.
    pub(crate) retained: bool,
}

enum State {
    Deciding {
        /// All SUBSCRIBE requests to this topic so far.
        requests: SmallVec<[Id; 1]>,
        events: Vec<Bytes>,
        /// Of the events.
        bytes: usize,
    },
    Accepted,
    Refused,
}

impl Pending {
    pub(crate) fn new(
        session: Session,
        subscription: Arc<Subscription>,
        request: Id,
        terms: Terms,
    ) -> Arc<Self> {
        let pending = Arc::new(Self {
            session,
            subscription,
            request,
            terms,
            state: Mutex::new(State::Deciding {
                requests: smallvec![request],
                events: Vec::new(),
                bytes: 0,
            }),
        });
        pending
            .session
            .pending()
            .add(Arc::clone(&pending) as Arc<dyn Undecided>);
        pending
    }

    /// The first request.
    pub(crate) fn request(&self) -> Id {
        self.request
    }

    /// Another SUBSCRIBE to the same topic: it is answered with the first. False if there are too many of them.
    pub(crate) fn add_request(&self, request: Id) -> bool {
        if let State::Deciding { requests, .. } = &mut *self.lock() {
            if requests.len() >= MAX_REQUESTS {
                return false;
            }
            requests.push(request);
            return true;
        }
        self.confirm(&[request]);
        true
    }

    /// Sends an event, at once or after SUBSCRIBED.
    pub(crate) fn send(&self, frame: Bytes) -> bool {
        match &mut *self.lock() {
            State::Deciding { events, bytes, .. } => {
                *bytes += frame.len();
                let fits = *bytes <= self.session.realm().inner().shared.limits.outbound_hard;
                if fits {
                    events.push(frame);
                }
                fits
            }
            State::Accepted => self.session.outbox().push(frame),
            State::Refused => false,
        }
    }

    /// The handler agrees: SUBSCRIBED, then what it has published, then everybody's events.
    pub(crate) fn accept(&self) {
        let mut state = self.lock();
        let State::Deciding {
            requests, events, ..
        } = std::mem::replace(&mut *state, State::Accepted)
        else {
            return;
        };
        let member = Member {
            peer: self.session.peer(),
            key: self.terms.key,
            overflow: self.terms.overflow,
        };
        let broker = &self.session.realm().inner().broker;
        broker.join(&self.subscription, member, || {
            self.confirm(&requests);
            let peer = self.session.as_peer();
            let retained = self.terms.retained.then(|| {
                let budget = self.session.room_for_retained(0);
                broker.retained_for(&self.subscription, peer, budget, Instant::now())
            });
            for event in retained.into_iter().flatten().chain(events) {
                self.session.outbox().push(event);
            }
        });
        drop(state);
        self.session.pending().remove(&self.subscription);
    }

    /// The handler does not agree, or the session has ended; the requests that are to be answered.
    pub(crate) fn refuse(&self) -> SmallVec<[Id; 1]> {
        let refused = std::mem::replace(&mut *self.lock(), State::Refused);
        self.session.pending().remove(&self.subscription);
        match refused {
            State::Deciding { requests, .. } => {
                self.session
                    .realm()
                    .inner()
                    .broker
                    .cancel(&self.subscription);
                requests
            }
            State::Accepted | State::Refused => SmallVec::new(),
        }
    }

    pub(crate) fn is_accepted(&self) -> bool {
        matches!(*self.lock(), State::Accepted)
    }

    fn confirm(&self, requests: &[Id]) {
        for &request in requests {
            let confirmed = subscribed(request, self.subscription.id, self.session.format());
            self.session.outbox().push(confirmed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// SUBSCRIBED, encoded.
pub(crate) fn subscribed(request: Id, subscription: Id, format: Format) -> Bytes {
    let mut out = BytesMut::new();
    let message = Message::Subscribed(Subscribed {
        request,
        subscription,
    });
    message
        .encode(format, &mut out)
        .expect("a message without payload can be encoded");
    out.freeze()
}

/// The undecided subscriptions of one session: hardly ever more than one.
#[derive(Default)]
pub(crate) struct PendingTopics(Mutex<Vec<Arc<dyn Undecided>>>);

/// A [`Pending`], without saying so: a session would contain itself otherwise, and see
/// [`Sessions`](super::registry::Sessions) for why it must not.
pub(crate) trait Undecided: Send + Sync {
    fn subscription(&self) -> &Subscription;
    fn send(&self, event: Bytes) -> bool;
    fn refuse(&self) -> SmallVec<[Id; 1]>;
}

impl Undecided for Pending {
    fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    fn send(&self, event: Bytes) -> bool {
        Self::send(self, event)
    }

    fn refuse(&self) -> SmallVec<[Id; 1]> {
        Self::refuse(self)
    }
}

impl PendingTopics {
    fn add(&self, pending: Arc<dyn Undecided>) {
        self.lock().push(pending);
    }

    fn remove(&self, subscription: &Arc<Subscription>) {
        self.lock()
            .retain(|it| !std::ptr::eq(it.subscription(), &**subscription));
    }

    pub(crate) fn find(&self, topic: &str, matching: Match) -> Option<Arc<dyn Undecided>> {
        let is_it = |it: &Subscription| it.topic == topic && it.matching == matching;
        let pending = self.lock();
        let found = pending.iter().find(|it| is_it(it.subscription()));
        found.map(Arc::clone)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<dyn Undecided>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

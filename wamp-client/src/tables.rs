//! What an open session knows: requests that wait for answers, subscriptions, registrations, invocations.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use foldhash::fast::RandomState;
use tokio::time::Instant;
use wamp_proto::id::{Id, RequestIds};
use wamp_proto::message::{CancelMode, RequestType};

use crate::error::CallError;
use crate::host::Callee;
use crate::pending::Pending;
use crate::registration::Offer;
use crate::subscription::Topic;

/// How many invocations may be remembered that were answered before all of their input had come.
const MAX_ANSWERED_EARLY: usize = 256;

/// Times of answered calls that are not worth looking for.
const FEW: usize = 1024;

#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) is_over: bool,
    pub(crate) ids: RequestIds,
    pub(crate) pending: HashMap<Id, Pending, RandomState>,
    /// What is subscribed to: several handles may share one subscription.
    pub(crate) subscriptions: HashMap<Id, Vec<Arc<Topic>>, RandomState>,
    pub(crate) registrations: HashMap<Id, Arc<Offer>, RandomState>,
    /// When calls have taken too long, in order: all have the same time.
    times: VecDeque<(Instant, Id, CancelMode)>,
    running: HashMap<Id, Running, RandomState>,
    /// Invocations whose input may go on although they are answered, the oldest first. A router that knows of the answer sends no more,
    /// so the oldest are forgotten.
    answered_early: VecDeque<Id>,
}

struct Running {
    callee: Arc<dyn Callee>,
    /// Whether there is more input to come.
    has_input: bool,
}

/// A reply to a request that was never made.
#[derive(Debug)]
pub(crate) struct NeverAsked;

impl Tables {
    /// Takes the request that an answer is for; `None` if nobody waits for it any more.
    pub(crate) fn take(
        &mut self,
        request_type: RequestType,
        id: Id,
    ) -> Result<Option<Pending>, NeverAsked> {
        match self.pending.entry(id) {
            std::collections::hash_map::Entry::Occupied(entry) => {
                match entry.get().request_type() == request_type {
                    true => Ok(Some(entry.remove())),
                    false => Err(NeverAsked),
                }
            }
            std::collections::hash_map::Entry::Vacant(_) => {
                self.was_asked(id)?;
                Ok(None)
            }
        }
    }

    /// Whether a request with this id was ever made.
    pub(crate) fn was_asked(&self, id: Id) -> Result<(), NeverAsked> {
        match id < self.ids.peek() {
            true => Ok(()),
            false => Err(NeverAsked),
        }
    }

    /// Keeps the time of a call.
    pub(crate) fn keep_time(&mut self, call: Id, due: Instant, mode: CancelMode) {
        self.forget_answered();
        self.times.push_back((due, call, mode));
    }

    /// When the time of the next call is up.
    pub(crate) fn next_due(&mut self) -> Option<Instant> {
        self.forget_answered();
        self.times.front().map(|(due, ..)| *due)
    }

    /// Takes the calls whose time is up.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<(Id, Pending, CancelMode)> {
        let mut late = Vec::new();
        while let Some((due, id, mode)) = self.times.front().copied()
            && due <= now
        {
            self.times.pop_front();
            if let Some(pending) = self.pending.remove(&id) {
                late.push((id, pending, mode));
            }
        }
        late
    }

    /// Forgets the times of calls that are answered. Behind one that takes long, they are let pile up to twice as many as there are calls.
    fn forget_answered(&mut self) {
        let Self { times, pending, .. } = self;
        while let Some((_, id, _)) = times.front()
            && !pending.contains_key(id)
        {
            times.pop_front();
        }
        if times.len() > 2 * pending.len() + FEW {
            times.retain(|(_, id, _)| pending.contains_key(id));
        }
    }

    /// Who answers an invocation, which now runs; `None` for input that comes after the answer.
    pub(crate) fn invoked(
        &mut self,
        invocation: Id,
        registration: Id,
        has_input: bool,
    ) -> Result<Option<Arc<dyn Callee>>, NeverAsked> {
        if let Some(running) = self.running.get_mut(&invocation) {
            running.has_input = has_input;
            return Ok(Some(Arc::clone(&running.callee)));
        }
        if let Some(place) = self.answered_early.iter().position(|it| *it == invocation) {
            if !has_input {
                self.answered_early.remove(place);
            }
            return Ok(None);
        }
        let Some(offer) = self.registrations.get(&registration) else {
            if has_input {
                self.answered_early(invocation);
            }
            return Err(NeverAsked);
        };
        let callee = Arc::clone(offer.callee());
        let running = Running {
            callee: Arc::clone(&callee),
            has_input,
        };
        self.running.insert(invocation, running);
        Ok(Some(callee))
    }

    /// Whom an interrupt concerns.
    pub(crate) fn running(&self, invocation: Id) -> Option<Arc<dyn Callee>> {
        let running = self.running.get(&invocation)?;
        Some(Arc::clone(&running.callee))
    }

    /// Whether an invocation is not answered yet.
    pub(crate) fn is_running(&self, invocation: Id) -> bool {
        self.running.contains_key(&invocation)
    }

    /// An invocation is answered, by whom; `None` if it has been before.
    pub(crate) fn answered(&mut self, invocation: Id) -> Option<Arc<dyn Callee>> {
        let running = self.running.remove(&invocation)?;
        if running.has_input {
            self.answered_early(invocation);
        }
        Some(running.callee)
    }

    fn answered_early(&mut self, invocation: Id) {
        if self.answered_early.len() == MAX_ANSWERED_EARLY {
            self.answered_early.pop_front();
        }
        self.answered_early.push_back(invocation);
    }

    /// Removes a handle of a subscription; true if it was the last one, so that the router is to be told.
    pub(crate) fn remove_topic(&mut self, id: Id, topic: &Arc<Topic>) -> bool {
        let Some(topics) = self.subscriptions.get_mut(&id) else {
            return false;
        };
        let before = topics.len();
        topics.retain(|it| !Arc::ptr_eq(it, topic));
        if topics.len() == before || !topics.is_empty() {
            return false;
        }
        self.subscriptions.remove(&id);
        // The router would take a subscription away that is being asked for.
        !self.pending.values().any(
            |pending| matches!(pending, Pending::Subscribe(other, _) if other.is_same_as(topic)),
        )
    }

    /// Nothing more comes.
    pub(crate) fn end(&mut self) -> Ended {
        self.is_over = true;
        self.answered_early.clear();
        self.times.clear();
        Ended {
            pending: std::mem::take(&mut self.pending),
            _subscriptions: std::mem::take(&mut self.subscriptions),
            _registrations: std::mem::take(&mut self.registrations),
            _running: std::mem::take(&mut self.running),
        }
    }
}

/// What a session leaves behind. It is dropped when its tables are free again, because dropping it may run code of others.
pub(crate) struct Ended {
    pending: HashMap<Id, Pending, RandomState>,
    _subscriptions: HashMap<Id, Vec<Arc<Topic>>, RandomState>,
    _registrations: HashMap<Id, Arc<Offer>, RandomState>,
    _running: HashMap<Id, Running, RandomState>,
}

impl Ended {
    /// Tells those who wait for answers that there will be none.
    pub(crate) fn fail(self) {
        for pending in self.pending.into_values() {
            pending.fail(CallError::Lost);
        }
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables")
            .field("pending", &self.pending.len())
            .field("subscriptions", &self.subscriptions.len())
            .field("registrations", &self.registrations.len())
            .field("running", &self.running.len())
            .finish_non_exhaustive()
    }
}

//! The calls that one session has made to others, and those that others have made to it.
//!
//! Whoever takes a call out of its caller's table has the right and the duty to answer it: so there is exactly one answer. A table is
//! locked for a few look-ups, and while another one is only in one order: the callee's, then the caller's.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytestring::ByteString;
use tokio::time::Instant;
use wamp_proto::id::{Id, RequestIds};

use super::cut_short::CutShort;
use super::peer::Peer;
use super::registration::{Callee, Registration};
use super::routing::Request;

/// A call on its way from a caller to a callee.
pub(crate) struct Routed {
    pub(crate) caller: Arc<dyn Peer>,
    pub(crate) request: Id,
    pub(crate) registration: Arc<Registration>,
    pub(crate) callee: Arc<Callee>,
    pub(crate) invocation: Id,
    /// Whether the caller takes results before the last one.
    pub(crate) receive_progress: bool,
    /// Counts from the last result.
    pub(crate) timeout: Option<Duration>,
    /// What another callee would have to know, where this one may decline.
    pub(crate) again: Option<Box<Again>>,
}

/// What it takes to call once more.
pub(crate) struct Again {
    pub(crate) request: Request,
    /// The callees that have declined.
    pub(crate) tried: Vec<Id>,
    /// When its time is up, also if this callee looks after that.
    pub(crate) deadline: Option<Instant>,
}

/// A call that is not answered yet, as its caller has it.
pub(super) struct OpenCall {
    pub(super) routed: Arc<Routed>,
    pub(super) deadline: Option<Instant>,
    /// The callee was told to end it, and answers.
    pub(super) killed: bool,
    /// What was called, while the caller announces more.
    pub(super) more: Option<ByteString>,
}

/// The calls that a session has made.
#[derive(Default)]
pub(super) struct OpenCalls {
    open: HashMap<Id, OpenCall>,
    cut_short: CutShort,
    /// No deadline is before this.
    next_deadline: Option<Instant>,
}

/// The calls that others have made to a session.
pub(super) struct Invocations {
    ids: RequestIds,
    open: HashMap<Id, Open>,
    is_closed: bool,
}

/// A call that a callee has not answered.
enum Open {
    Wanted(Arc<Routed>),
    /// Nobody waits for the answer any more: all that is kept is whose place it takes.
    Orphan(Arc<Callee>),
}

impl Open {
    fn callee(&self) -> &Callee {
        match self {
            Self::Wanted(routed) => &routed.callee,
            Self::Orphan(callee) => callee,
        }
    }

    fn wanted(self) -> Option<Arc<Routed>> {
        match self {
            Self::Wanted(routed) => Some(routed),
            Self::Orphan(_) => None,
        }
    }
}

pub(crate) struct Links {
    calls: Mutex<OpenCalls>,
    /// How many there are; read without the lock.
    made: AtomicUsize,
    /// Whether one was cut short, ever; read without the lock.
    has_cut_short: AtomicBool,
    invocations: Mutex<Invocations>,
    /// Whether it takes invocations.
    accepting: AtomicBool,
}

impl Default for Links {
    fn default() -> Self {
        Self {
            calls: Mutex::default(),
            made: AtomicUsize::new(0),
            has_cut_short: AtomicBool::new(false),
            invocations: Mutex::new(Invocations {
                ids: RequestIds::new(),
                open: HashMap::new(),
                is_closed: false,
            }),
            accepting: AtomicBool::new(true),
        }
    }
}

impl Links {
    /// From now on it is not called any more; what it has it may finish.
    pub(crate) fn drain(&self) {
        self.accepting.store(false, Ordering::Release);
    }

    pub(crate) fn is_accepting(&self) -> bool {
        self.accepting.load(Ordering::Acquire)
    }

    /// How many calls it has made that are not answered.
    #[inline]
    pub(crate) fn made(&self) -> usize {
        self.made.load(Ordering::Acquire)
    }

    /// How many invocations it has not answered.
    pub(crate) fn invoked(&self) -> usize {
        self.lock_invocations().open.len()
    }

    pub(super) fn add_call(&self, request: Id, call: OpenCall) {
        let mut calls = self.lock_calls();
        calls.expect(call.deadline);
        calls.open.insert(request, call);
        self.made.store(calls.open.len(), Ordering::Release);
    }

    /// Puts a call in the place of one that its callee has declined; false if nobody waits for that any more.
    pub(super) fn replace_call(&self, request: Id, declined: &Arc<Routed>, call: OpenCall) -> bool {
        let mut calls = self.lock_calls();
        calls.expect(call.deadline);
        let open = calls.open.get_mut(&request);
        let wanted = open.filter(|it| Arc::ptr_eq(&it.routed, declined) && !it.killed);
        wanted.map(|open| *open = call).is_some()
    }

    /// Takes a call out, if it is still that one: the caller is to be answered.
    pub(super) fn take_call(&self, request: Id, routed: &Arc<Routed>) -> Option<OpenCall> {
        self.take_call_if(request, |call| Arc::ptr_eq(&call.routed, routed))
    }

    pub(super) fn take_call_if(
        &self,
        request: Id,
        which: impl FnOnce(&OpenCall) -> bool,
    ) -> Option<OpenCall> {
        let mut calls = self.lock_calls();
        calls.open.get(&request).filter(|call| which(call))?;
        let call = calls.open.remove(&request);
        self.made.store(calls.open.len(), Ordering::Release);
        if call.as_ref().is_some_and(|it| it.more.is_some()) {
            self.cut_short(&mut calls, request);
        }
        call
    }

    fn cut_short(&self, calls: &mut OpenCalls, request: Id) {
        calls.cut_short.add(request);
        self.has_cut_short.store(true, Ordering::Release);
    }

    /// Looks at a call while nobody else can answer it.
    pub(super) fn with_call<R>(
        &self,
        request: Id,
        look: impl FnOnce(&mut OpenCall) -> R,
    ) -> Option<R> {
        let mut calls = self.lock_calls();
        let call = calls.open.get_mut(&request)?;
        let looked = look(call);
        let deadline = call.deadline;
        calls.expect(deadline);
        Some(looked)
    }

    /// Whether a CALL belongs to a call that was answered before its end.
    pub(crate) fn is_late(&self, request: Id, more: bool) -> bool {
        self.has_cut_short.load(Ordering::Acquire) && self.lock_calls().cut_short.has(request, more)
    }

    pub(crate) fn has_call(&self, request: Id) -> bool {
        self.made() > 0 && self.lock_calls().open.contains_key(&request)
    }

    /// When to look for calls that took too long.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.lock_calls().next_deadline
    }

    /// Takes out the calls whose time is up.
    pub(super) fn expire(&self, now: Instant) -> Vec<(Id, OpenCall)> {
        let mut calls = self.lock_calls();
        if calls.next_deadline.is_none_or(|next| next > now) {
            return Vec::new();
        }
        let is_due = |_: &Id, call: &mut OpenCall| call.deadline.is_some_and(|it| it <= now);
        let expired = calls.open.extract_if(is_due).collect::<Vec<_>>();
        for (request, _) in expired.iter().filter(|(_, call)| call.more.is_some()) {
            self.cut_short(&mut calls, *request);
        }
        calls.next_deadline = calls.open.values().filter_map(|it| it.deadline).min();
        self.made.store(calls.open.len(), Ordering::Release);
        expired
    }

    /// Takes out all calls: the caller is gone.
    pub(super) fn take_calls(&self) -> Vec<OpenCall> {
        let mut calls = self.lock_calls();
        self.made.store(0, Ordering::Release);
        calls.next_deadline = None;
        calls.open.drain().map(|(_, call)| call).collect()
    }

    /// Takes out all invocations: the callee is gone, and gets no more. Their places are free; those that somebody waits for.
    pub(super) fn take_invocations(&self) -> Vec<Arc<Routed>> {
        self.drain();
        let mut invocations = self.lock_invocations();
        invocations.is_closed = true;
        let open = invocations.open.drain().map(|(_, open)| open);
        open.filter_map(|open| {
            open.callee().release();
            open.wanted()
        })
        .collect()
    }

    /// No invocation of a procedure that the callee does not offer any more is sent once this has been done.
    pub(super) fn withdraw(&self, callee: &Callee) {
        let _invocations = self.lock_invocations();
        callee.withdraw();
    }

    /// Nobody waits for an answer any more, which will come: the callee's place is taken until then, the caller is forgotten.
    pub(super) fn abandon_invocation(&self, id: Id) {
        let mut invocations = self.lock_invocations();
        if let Some(open) = invocations.open.get_mut(&id)
            && let Open::Wanted(routed) = open
        {
            *open = Open::Orphan(Arc::clone(&routed.callee));
        }
    }

    /// Has `send` send an invocation with the next id, unless there are too many or the callee is gone.
    pub(super) fn invoke(&self, max: usize, send: impl FnOnce(Id) -> Option<Arc<Routed>>) -> bool {
        let mut invocations = self.lock_invocations();
        if invocations.is_closed || invocations.open.len() >= max {
            return false;
        }
        // Ids go up one by one on the wire, so the next one has to wait until this one is queued.
        let id = invocations.ids.peek();
        let Some(routed) = send(id) else {
            return true;
        };
        invocations.ids.next_id();
        invocations.open.insert(id, Open::Wanted(routed));
        true
    }

    /// An open invocation, for more of it.
    pub(super) fn invocation(&self, id: Id) -> Invoked {
        let invocations = self.lock_invocations();
        match invocations.open.get(&id) {
            Some(Open::Wanted(routed)) => Invoked::Open(Arc::clone(routed)),
            Some(Open::Orphan(_)) => Invoked::Late,
            None => invocations.missing(id),
        }
    }

    /// Ends an invocation; its callee's place is free again.
    pub(super) fn end_invocation(&self, id: Id) -> Invoked {
        let mut invocations = self.lock_invocations();
        let Some(open) = invocations.open.remove(&id) else {
            return invocations.missing(id);
        };
        open.callee().release();
        open.wanted().map_or(Invoked::Late, Invoked::Open)
    }

    fn lock_calls(&self) -> MutexGuard<'_, OpenCalls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_invocations(&self) -> MutexGuard<'_, Invocations> {
        self.invocations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenCalls {
    fn expect(&mut self, deadline: Option<Instant>) {
        if let Some(deadline) = deadline {
            self.next_deadline = Some(self.next_deadline.map_or(deadline, |it| it.min(deadline)));
        }
    }
}

/// What is known of an invocation.
pub(super) enum Invoked {
    Open(Arc<Routed>),
    /// It is over.
    Late,
    /// There has been none with this id.
    Never,
}

impl Invocations {
    fn missing(&self, id: Id) -> Invoked {
        if id < self.ids.peek() {
            Invoked::Late
        } else {
            Invoked::Never
        }
    }
}

//! A procedure and those who offer it.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use bytestring::ByteString;
use wamp_proto::id::Id;
use wamp_proto::message::details::RegisterOptions;
use wamp_proto::message::{Invoke, Raw};
use wamp_uri::Match;

use super::peer::Peer;
use super::shard;
use crate::handler::registered::Registered;

/// All who offer one URI or pattern; its id is the same for all of them.
pub(crate) struct Registration {
    pub(crate) id: Id,
    pub(crate) uri: ByteString,
    pub(crate) matching: Match,
    pub(crate) invoke: Invoke,
    pub(crate) created: SystemTime,
    /// The application's own function; then there are no callees.
    pub(crate) local: Option<Arc<Registered>>,
    /// What its first callee says about it.
    pub(crate) description: Option<Raw>,
    callees: Mutex<Callees>,
}

#[derive(Default)]
struct Callees {
    /// In the order of registration.
    list: Vec<Arc<Callee>>,
    /// Whose turn it is, where they take turns.
    next: usize,
}

/// One of those who offer a procedure.
pub(crate) struct Callee {
    pub(crate) peer: Arc<dyn Peer>,
    pub(crate) disclose_caller: bool,
    pub(crate) forward_timeout: bool,
    /// How many invocations it takes at once.
    concurrency: Option<usize>,
    /// How many it has.
    open: AtomicUsize,
    /// Whether it does not offer the procedure any more.
    withdrawn: AtomicBool,
}

impl Callee {
    pub(crate) fn new(peer: Arc<dyn Peer>, options: &RegisterOptions) -> Arc<Self> {
        let concurrency = options.concurrency.filter(|&it| it > 0);
        Arc::new(Self {
            peer,
            disclose_caller: options.disclose_caller.unwrap_or_default(),
            forward_timeout: options.forward_timeout,
            concurrency: concurrency.map(|it| usize::try_from(it).unwrap_or(usize::MAX)),
            open: AtomicUsize::new(0),
            withdrawn: AtomicBool::new(false),
        })
    }

    /// Takes one of its places, if there is one.
    fn take(&self) -> bool {
        let limit = self.concurrency.unwrap_or(usize::MAX);
        let more = |open: usize| (open < limit).then_some(open + 1);
        self.open
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, more)
            .is_ok()
    }

    pub(super) fn is_withdrawn(&self) -> bool {
        self.withdrawn.load(Ordering::Acquire)
    }

    pub(super) fn withdraw(&self) {
        self.withdrawn.store(true, Ordering::Release);
    }

    /// Gives a place back.
    pub(crate) fn release(&self) {
        self.open.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Registration {
    pub(crate) fn new(
        id: Id,
        uri: &ByteString,
        options: &RegisterOptions,
        created: SystemTime,
    ) -> Self {
        Self {
            id,
            // What is kept does not keep the frame alive that it came in.
            uri: ByteString::from(&**uri),
            matching: options.matching,
            invoke: options.invoke.unwrap_or(Invoke::Single),
            created,
            local: None,
            description: options.unknown.get("_description").map(detached),
            callees: Mutex::default(),
        }
    }

    pub(crate) fn local(
        id: Id,
        uri: &str,
        matching: Match,
        handler: Arc<Registered>,
        created: SystemTime,
    ) -> Self {
        Self {
            id,
            uri: ByteString::from(uri),
            matching,
            invoke: Invoke::Single,
            created,
            local: Some(handler),
            description: None,
            callees: Mutex::default(),
        }
    }

    pub(super) fn add(&self, callee: Arc<Callee>) {
        self.lock().list.push(callee);
    }

    /// Takes a callee out; the others keep their turns. Once that has been done, it is not invoked any more.
    pub(super) fn remove(&self, session: Id) -> Option<Arc<Callee>> {
        let mut callees = self.lock();
        let mut list = callees.list.iter();
        let at = list.position(|it| it.peer.id() == session)?;
        let callee = callees.list.remove(at);
        if at < callees.next {
            callees.next -= 1;
        }
        drop(callees);
        callee.peer.links().withdraw(&callee);
        Some(callee)
    }

    pub(crate) fn has(&self, session: Id) -> bool {
        self.lock().list.iter().any(|it| it.peer.id() == session)
    }

    /// The callees, in the order of registration.
    pub(crate) fn callees(&self) -> Vec<Arc<Callee>> {
        self.lock().list.clone()
    }

    /// Whether nobody offers it any more.
    pub(super) fn is_empty(&self) -> bool {
        self.local.is_none() && self.lock().list.is_empty()
    }

    /// Chooses one who takes a call and has not been tried: its place is taken. With a key the same callee gets all calls that have it,
    /// as long as it is there. WAMP, "Shared Registration" and "Sharded Registration".
    pub(super) fn choose(
        &self,
        key: Option<u64>,
        tried: &[Id],
        may: impl Fn(&Callee) -> bool,
        entropy: fn() -> u64,
    ) -> Option<Arc<Callee>> {
        let mut callees = self.lock();
        let Callees { list, next } = &mut *callees;
        let takes = |callee: &&Arc<Callee>| {
            !tried.contains(&callee.peer.id())
                && callee.peer.links().is_accepting()
                && may(callee)
                && callee.take()
        };
        if let Some(key) = key {
            let weight = |it: &&Arc<Callee>| Reverse(shard::weight(key, it.peer.id().get()));
            // Nearly always the first one takes it.
            let first = list.iter().min_by_key(weight).filter(takes);
            return first.cloned().or_else(|| {
                let mut ranked = list.iter().collect::<Vec<_>>();
                ranked.sort_by_cached_key(weight);
                ranked.into_iter().find(takes).cloned()
            });
        }
        match self.invoke {
            Invoke::Single | Invoke::First => list.iter().find(takes).cloned(),
            Invoke::Last => list.iter().rev().find(takes).cloned(),
            Invoke::RoundRobin | Invoke::Random => {
                let len = list.len();
                let start = match self.invoke {
                    Invoke::Random => shard::below(entropy(), len)?,
                    _ => *next,
                };
                let turns = (0..len).map(|turn| (start + turn) % len);
                let mut turns = turns.filter_map(|at| Some((at, list.get(at)?)));
                let (at, chosen) = turns.find(|(_, callee)| takes(callee))?;
                *next = (at + 1) % len;
                Some(Arc::clone(chosen))
            }
        }
    }

    /// Chooses a certain one, if it takes a call: its place is taken.
    pub(super) fn choose_one(
        &self,
        session: Id,
        may: impl Fn(&Callee) -> bool,
    ) -> Option<Arc<Callee>> {
        let callees = self.lock();
        let callee = callees.list.iter().find(|it| it.peer.id() == session)?;
        let takes = callee.peer.links().is_accepting() && may(callee) && callee.take();
        takes.then(|| Arc::clone(callee))
    }

    fn lock(&self) -> MutexGuard<'_, Callees> {
        self.callees.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn detached(raw: &Raw) -> Raw {
    Raw::from_encoded(raw.format(), bytes::Bytes::copy_from_slice(raw.bytes()))
}

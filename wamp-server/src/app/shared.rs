//! What all realms of a server have in common.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::SystemTime;

use rand::Rng as _;
use tokio::time::Instant;
use wamp_proto::id::{Id, random_id};

use super::stats::Counters;
use crate::Limits;
use crate::auth::Throttle;
use crate::handler::blocking::BlockingPool;
use crate::router::keeping::When;
use crate::session::registry::Sessions;

/// Limits, counters, and the sessions of all realms: ids are unique in the whole server.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) counters: Counters,
    pub(crate) blocking: BlockingPool,
    pub(crate) sessions: Sessions,
    pub(crate) running: AtomicUsize,
    pub(crate) closing: AtomicBool,
    pub(crate) throttle: Throttle,
}

/// Random bits that nobody can guess.
pub(crate) fn entropy() -> u64 {
    rand::rng().next_u64()
}

/// What the clocks say.
pub(crate) fn now() -> When {
    When {
        instant: Instant::now(),
        time: SystemTime::now(),
    }
}

impl Shared {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            blocking: BlockingPool::new(limits.max_blocking_handlers, limits.max_waiting_handlers),
            throttle: Throttle::new(&limits),
            limits,
            counters: Counters::default(),
            sessions: Sessions::default(),
            running: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
        }
    }

    /// An id of global scope.
    pub(crate) fn random_id(&self) -> Id {
        random_id(entropy())
    }

    /// Whether the server is shutting down.
    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }
}

//! Handlers that block their thread: run on tokio's blocking pool, so many at a time and no more.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wamp_proto::uri;

use super::{Call, CallError, Invoke};

/// Room for blocking handlers: some run, some wait, the rest is refused.
#[derive(Debug)]
pub(crate) struct BlockingPool {
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
}

impl BlockingPool {
    pub(crate) fn new(max_running: usize, max_waiting: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(max_running)),
            waiting: AtomicUsize::new(0),
            max_waiting,
        }
    }

    async fn enter(&self) -> Result<OwnedSemaphorePermit, CallError> {
        if let Ok(permit) = Arc::clone(&self.running).try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = Waiting::enter(&self.waiting, self.max_waiting)?;
        let permit = Arc::clone(&self.running).acquire_owned().await;
        Ok(permit.expect("the semaphore is never closed"))
    }
}

/// Counts one that waits, for as long as it does.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize, max: usize) -> Result<Self, CallError> {
        let entered = Self(count);
        if count.fetch_add(1, Ordering::Relaxed) < max {
            Ok(entered)
        } else {
            Err(CallError::new(uri::UNAVAILABLE).arg("too many calls are waiting"))
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs `invoke`, which blocks, on the blocking pool. Written by `#[procedure(…, blocking)]`.
///
/// A run that has begun cannot be interrupted: when its call is cancelled, it goes on and its result is dropped.
#[must_use]
pub fn blocking(call: Call, invoke: fn(Call) -> Invoke) -> Invoke {
    Box::pin(async move {
        let permit = call.session.realm().blocking_pool().enter().await?;
        let runtime = Handle::current();
        let task = tokio::task::spawn_blocking(move || {
            let outcome = runtime.block_on(invoke(call));
            drop(permit);
            outcome
        });
        match task.await {
            Ok(outcome) => outcome,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(error) => Err(CallError::internal(error)),
            },
        }
    })
}

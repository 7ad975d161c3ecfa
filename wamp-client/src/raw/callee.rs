//! All invocations of one registration.

use std::collections::HashMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use wamp_proto::id::Id;
use wamp_proto::message::{self, Interrupt};
use wamp_proto::payload::Payload;
use wamp_proto::uri;

use super::invocation::Invocation;
use super::run::{answer, finished};
use crate::bounded::{self, Refused};
use crate::contained::said;
use crate::error::RemoteError;
use crate::host::{Callee, Link};

/// How many invocations of one registration may run at the same time.
const MAX_RUNNING: usize = 10_000;

/// Bytes of the arguments of all of them, unless a single one has more.
const MAX_BYTES: usize = 256 << 20;

/// Too much of something that is allowed.
const LIMIT_EXCEEDED: &str = "wamp.error.limit_exceeded";

pub(super) struct Function<F> {
    function: Arc<F>,
    running: Arc<Running>,
}

/// Invocations that are not answered, by session and id: those of a session that has ended may not be over yet.
#[derive(Default)]
struct Running(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    by_id: HashMap<(Id, Id), Entry>,
    /// Bytes of their arguments.
    bytes: usize,
}

struct Entry {
    canceled: CancellationToken,
    /// Where more arguments go, until they have all come.
    input: Option<bounded::Sender<Payload>>,
    /// Bytes of its arguments.
    bytes: usize,
}

impl Entries {
    fn is_full(&self, more: usize) -> bool {
        self.by_id.len() >= MAX_RUNNING || (self.bytes > 0 && self.bytes + more > MAX_BYTES)
    }

    fn insert(&mut self, key: (Id, Id), entry: Entry) {
        self.bytes += entry.bytes;
        self.by_id.insert(key, entry);
    }

    fn remove(&mut self, key: (Id, Id)) {
        if let Some(entry) = self.by_id.remove(&key) {
            self.bytes -= entry.bytes;
        }
    }
}

impl<F> Function<F> {
    pub(super) fn new(function: F) -> Self {
        Self {
            function: Arc::new(function),
            running: Arc::default(),
        }
    }
}

impl<F, Fut, T, E> Callee for Function<F>
where
    F: Fn(Invocation) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, E>> + Send + 'static,
    T: Serialize + Send + 'static,
    E: Into<RemoteError> + Send + 'static,
{
    fn invoke(&self, link: &Link, message: message::Invocation) {
        let id = message.request;
        let key = (link.info().id(), id);
        let mut running = self.running.lock();
        if let Some(entry) = running.by_id.get_mut(&key) {
            entry.feed(message);
            return;
        }
        let bytes = message.payload.len();
        if running.is_full(bytes) {
            drop(running);
            let error = RemoteError::new(LIMIT_EXCEEDED).arg("too many running invocations");
            answer(link, id, Err(error));
            return;
        }
        let canceled = CancellationToken::new();
        let (sender, input) = bounded::queue();
        let entry = Entry {
            canceled: canceled.clone(),
            input: message.details.progress.then_some(sender),
            bytes,
        };
        running.insert(key, entry);
        drop(running);
        let timeout = message.details.timeout;
        let invocation = Invocation::new(link.clone(), message, input);
        let function = Arc::clone(&self.function);
        let (link, running) = (link.clone(), Arc::clone(&self.running));
        let work = {
            let link = link.clone();
            // What is returned is serialized in here, because that runs code of others, too.
            async move { finished(&link, id, function(invocation).await) }
        };
        let outcome = {
            let link = link.clone();
            async move {
                tokio::select! {
                    biased;
                    () = link.ended() => None,
                    () = canceled.cancelled() => Some(Err(RemoteError::new(uri::CANCELED))),
                    () = super::run::time_is_up(timeout) => Some(Err(RemoteError::new(uri::TIMEOUT))),
                    finished = work => Some(finished),
                }
            }
        };
        tokio::spawn(async move {
            // Dropping the work may panic as well.
            let outcome = AssertUnwindSafe(outcome).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|panic| {
                let message = said(&*panic);
                tracing::error!(message, "a procedure has panicked");
                Some(Err(RemoteError::new(uri::RUNTIME_ERROR)))
            });
            // In this order: input that comes in between is not taken for a new invocation.
            if let Some(outcome) = outcome {
                answer(&link, id, outcome);
            }
            running.lock().remove(key);
        });
    }

    fn interrupt(&self, link: &Link, interrupt: &Interrupt) {
        let key = (link.info().id(), interrupt.request);
        if let Some(entry) = self.running.lock().by_id.get(&key) {
            entry.canceled.cancel();
        }
    }
}

impl Entry {
    fn feed(&mut self, message: message::Invocation) {
        let Some(input) = &self.input else {
            return;
        };
        // A function that does not read what it is sent is not worth going on with, unless it does not want to read at all.
        if input.try_send(message.payload) == Err(Refused::Full) {
            self.canceled.cancel();
        }
        if !message.details.progress {
            self.input = None;
        }
    }
}

impl Running {
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F> fmt::Debug for Function<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function")
            .field("running", &self.running.lock().by_id.len())
            .finish_non_exhaustive()
    }
}

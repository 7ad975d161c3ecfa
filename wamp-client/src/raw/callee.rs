//! All invocations of one registration.

use std::collections::HashMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use wamp_proto::id::Id;
use wamp_proto::message::{self, Interrupt};
use wamp_proto::payload::Payload;

use super::invocation::Invocation;
use super::run::{Outcome, answer};
use crate::error::RemoteError;
use crate::host::{Callee, Link};

/// How many invocations of one registration may run at the same time.
const MAX_RUNNING: usize = 10_000;

/// How much input may wait for an invocation to read it.
const MAX_INPUT: usize = 1024;

/// Too much of something that is allowed.
const LIMIT_EXCEEDED: &str = "wamp.error.limit_exceeded";

pub(super) struct Function<F> {
    function: Arc<F>,
    running: Arc<Running>,
}

/// Invocations that are not answered, by session and id: those of a session that has ended may not be over yet.
#[derive(Default)]
struct Running(Mutex<HashMap<(Id, Id), Entry>>);

struct Entry {
    canceled: CancellationToken,
    /// Where more arguments go, until they have all come.
    input: Option<mpsc::Sender<Payload>>,
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
        if let Some(entry) = running.get_mut(&key) {
            entry.feed(message);
            return;
        }
        if running.len() >= MAX_RUNNING {
            drop(running);
            let error = RemoteError::new(LIMIT_EXCEEDED).arg("too many running invocations");
            answer::<()>(link, id, Outcome::Failed(error));
            return;
        }
        let canceled = CancellationToken::new();
        let (sender, input) = mpsc::channel(MAX_INPUT);
        let entry = Entry {
            canceled: canceled.clone(),
            input: message.details.progress.then_some(sender),
        };
        running.insert(key, entry);
        drop(running);
        let timeout = message.details.timeout;
        let invocation = Invocation::new(link.clone(), message, input);
        let function = Arc::clone(&self.function);
        let run = async move { function(invocation).await };
        let (link, running) = (link.clone(), Arc::clone(&self.running));
        tokio::spawn(async move {
            let outcome = tokio::select! {
                biased;
                () = link.ended() => None,
                () = canceled.cancelled() => Some(Outcome::Canceled),
                () = super::run::time_is_up(timeout) => Some(Outcome::TimedOut),
                result = AssertUnwindSafe(run).catch_unwind() => Some(result.into()),
            };
            // In this order: input that comes in between is not taken for a new invocation.
            if let Some(outcome) = outcome {
                answer(&link, id, outcome);
            }
            running.lock().remove(&key);
        });
    }

    fn interrupt(&self, link: &Link, interrupt: &Interrupt) {
        let key = (link.info().id(), interrupt.request);
        if let Some(entry) = self.running.lock().get(&key) {
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
        if let Err(mpsc::error::TrySendError::Full(_)) = input.try_send(message.payload) {
            self.canceled.cancel();
        }
        if !message.details.progress {
            self.input = None;
        }
    }
}

impl Running {
    fn lock(&self) -> MutexGuard<'_, HashMap<(Id, Id), Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F> fmt::Debug for Function<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function")
            .field("running", &self.running.lock().len())
            .finish_non_exhaustive()
    }
}

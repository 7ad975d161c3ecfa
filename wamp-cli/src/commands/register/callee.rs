//! All calls of one registration.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wamp_client::Id;
use wamp_client::host::{Callee, Link};
use wamp_client::proto::codec::EncodeError;
use wamp_client::proto::message::details::{ErrorDetails, YieldOptions};
use wamp_client::proto::message::{Error, Interrupt, Invocation, RequestType, Yield};
use wamp_client::proto::payload::Payload;
use wamp_client::proto::uri;

use super::log::Log;
use super::work::{Outcome, Work};
use crate::client::{ClientFailure, Output, aside};

/// Calls that may wait here or run, programs and echoes alike.
const MAX_CALLS: usize = 10_000;

/// Too much of something that is allowed.
const LIMIT_EXCEEDED: &str = "wamp.error.limit_exceeded";

/// What is done with each call.
pub(super) struct Procedure {
    shared: Arc<Shared>,
    tasks: TaskTracker,
    /// Why nobody can be told of calls any more.
    failures: tokio::sync::Mutex<mpsc::Receiver<ClientFailure>>,
}

struct Shared {
    uri: String,
    work: Work,
    log: Log,
    /// Who tells of a call: one at a time, because it may take long until that is read.
    telling: tokio::sync::Mutex<()>,
    permits: Semaphore,
    /// Those that are not answered, by session and id.
    running: Mutex<HashMap<(Id, Id), CancellationToken>>,
    end: CancellationToken,
    failed: mpsc::Sender<ClientFailure>,
}

impl Procedure {
    pub(super) fn new(uri: &str, work: Work, at_once: Option<u16>, output: Output) -> Self {
        let (failed, failures) = mpsc::channel(1);
        Self {
            shared: Arc::new(Shared {
                uri: uri.to_owned(),
                work,
                log: Log(output),
                telling: tokio::sync::Mutex::default(),
                permits: Semaphore::new(at_once.map_or(MAX_CALLS, usize::from)),
                running: Mutex::default(),
                end: CancellationToken::new(),
                failed,
            }),
            tasks: TaskTracker::new(),
            failures: tokio::sync::Mutex::new(failures),
        }
    }

    /// Ready when nobody can be told of calls any more, and why.
    pub(super) async fn failed(&self) -> ClientFailure {
        let failure = self.failures.lock().await.recv().await;
        failure.unwrap_or(ClientFailure::Unread)
    }

    /// Ends calls that still run; ready when that is done.
    pub(super) async fn end(&self) {
        self.shared.end.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Callee for Procedure {
    fn invoke(&self, link: &Link, invocation: Invocation) {
        let id = invocation.request;
        let key = (link.info().id(), id);
        let mut running = self.shared.running();
        if running.contains_key(&key) {
            // More input for a call that is answered by what came first.
            return;
        }
        if running.len() >= MAX_CALLS {
            drop(running);
            let outcome = Outcome::failed(LIMIT_EXCEEDED, "too many calls wait here");
            answer(link, id, &outcome);
            return;
        }
        let canceled = self.shared.end.child_token();
        running.insert(key, canceled.clone());
        drop(running);
        let (link, shared) = (link.clone(), Arc::clone(&self.shared));
        self.tasks.spawn(async move {
            shared.serve(&link, invocation, canceled).await;
            shared.running().remove(&key);
        });
    }

    fn interrupt(&self, link: &Link, interrupt: &Interrupt) {
        let key = (link.info().id(), interrupt.request);
        if let Some(canceled) = self.shared.running().get(&key) {
            canceled.cancel();
        }
    }
}

impl Shared {
    async fn serve(&self, link: &Link, invocation: Invocation, canceled: CancellationToken) {
        let begin = Instant::now();
        let procedure = invocation.details.procedure.as_deref();
        let procedure = procedure.unwrap_or(&self.uri).to_owned();
        let work = async {
            // It is never closed.
            let _permit = self.permits.acquire().await;
            self.work.run(&procedure, &invocation).await
        };
        let outcome = tokio::select! {
            biased;
            () = link.ended() => Outcome::Lost,
            () = canceled.cancelled() => Outcome::failed(uri::CANCELED, "canceled"),
            () = time_is_up(invocation.details.timeout) => Outcome::failed(uri::TIMEOUT, "not done in time"),
            outcome = work => outcome,
        };
        let outcome = answer(link, invocation.request, &outcome).unwrap_or(outcome);
        let (log, duration) = (self.log, begin.elapsed());
        let _turn = self.telling.lock().await;
        let told = aside(move || log.tell(&procedure, &invocation, &outcome, duration)).await;
        if let Err(failure) = told {
            // Only the first one is waited for.
            let _ = self.failed.try_send(failure);
        }
    }

    fn running(&self) -> MutexGuard<'_, HashMap<(Id, Id), CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn time_is_up(timeout: Option<u64>) {
    match timeout {
        Some(millis) if millis > 0 => sleep(Duration::from_millis(millis)).await,
        _ => std::future::pending().await,
    }
}

/// Sends the one answer. What is told instead, if it cannot be sent.
fn answer(link: &Link, request: Id, outcome: &Outcome) -> Option<Outcome> {
    let failure = match sendable(link, request, outcome) {
        Ok(frame) => {
            if let Some(frame) = frame {
                link.answer(request, frame);
            }
            return None;
        }
        Err(what) => Outcome::failed(uri::RUNTIME_ERROR, &what),
    };
    match sendable(link, request, &failure) {
        Ok(Some(frame)) => drop(link.answer(request, frame)),
        Ok(None) => {}
        Err(error) => tracing::error!(error, "an answer cannot be sent"),
    }
    Some(failure)
}

fn sendable(link: &Link, request: Id, outcome: &Outcome) -> Result<Option<Bytes>, String> {
    let mut frame = BytesMut::new();
    let encoded: Result<(), EncodeError> = match outcome {
        Outcome::Lost => return Ok(None),
        Outcome::Result(payload) => Yield {
            request,
            options: YieldOptions::default(),
            payload: payload.clone(),
        }
        .encode(link.format(), &mut frame),
        Outcome::Error(uri, payload) => Error {
            request_type: RequestType::Invocation,
            request,
            details: ErrorDetails::default(),
            error: uri.as_str().into(),
            payload: Payload::clone(payload),
        }
        .encode(link.format(), &mut frame),
    };
    encoded.map_err(|error| error.to_string())?;
    let length = link.check_length(frame.len());
    length.map_err(|error| error.to_string())?;
    Ok(Some(frame.freeze()))
}

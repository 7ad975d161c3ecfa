//! A function of the application that the server itself calls.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use wamp_proto::id::Id;
use wamp_proto::message::details::CallOptions;
use wamp_proto::payload::Payload;

use bytestring::ByteString;

use crate::app::shared::Shared;
use crate::handler::call::{Cause, Extras, LastProgress, Reports, Token};
use crate::handler::registered::Registered;
use crate::handler::scratch::detach;
use crate::handler::{Call, CallError, Invoke, Outcome};
use crate::session::tasks::{Finished, Panic, discard, poll};
use crate::session::{LIMIT_EXCEEDED, Session};

/// One run of a function. It is polled by whoever waits for the call.
pub(super) struct Function {
    shared: Arc<Shared>,
    /// Until it has finished.
    run: Option<Invoke>,
    /// Whether it is among the running handlers.
    is_counted: bool,
    token: Option<CancellationToken>,
    progress: Option<Reports>,
    started: Instant,
    timeout: Option<Duration>,
}

/// What is to be run, and for whom.
pub(super) struct Start<'a> {
    pub(super) session: &'a Session,
    pub(super) handler: &'a Arc<Registered>,
    pub(super) uri: ByteString,
    pub(super) payload: Payload,
    pub(super) options: CallOptions,
    pub(super) timeout: Option<Duration>,
}

impl Function {
    pub(super) fn start(start: Start<'_>, now: Instant) -> Result<Self, CallError> {
        let Start {
            session,
            handler,
            uri,
            payload,
            options,
            timeout,
        } = start;
        let shared = Arc::clone(&session.realm().inner().shared);
        if shared.running.load(Relaxed) >= shared.limits.max_running_handlers {
            return Err(CallError::new(LIMIT_EXCEEDED).arg("too many running handlers"));
        }
        let timeout = timeout.into_iter().chain(handler.timeout).min();
        let progress = options
            .receive_progress
            .then(|| Arc::new(LastProgress::new(now)));
        let token = handler.needs.token.then(CancellationToken::new);
        let is_plain = progress.is_none() && !handler.needs.any();
        let extras = (!is_plain).then(|| {
            Box::new(Extras {
                options,
                progress: progress.clone(),
                token: token
                    .clone()
                    .map(|token| Box::new(move || token.clone()) as Token),
                ..Extras::default()
            })
        });
        let call = Call {
            session: session.clone(),
            target: Arc::clone(handler),
            uri,
            payload,
            cause: Cause::Call { request: Id::MIN },
            unescaped: OnceLock::new(),
            deadline: timeout.and_then(|timeout| now.checked_add(timeout)),
            extras,
        };
        Ok(Self {
            run: Some(handler.start(call)),
            shared,
            is_counted: false,
            token,
            progress: progress.map(Reports),
            started: now,
            timeout,
        })
    }

    /// When its time is up. It counts from the last report of progress.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let progress = self.progress.as_ref();
        let since = progress.map_or(self.started, |it| it.0.at());
        since.checked_add(self.timeout?)
    }

    /// Runs it as far as it gets; what it has returned, encoded.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Bytes, CallError>> {
        let Some(run) = &mut self.run else {
            return Poll::Pending;
        };
        match poll(run, cx.waker()) {
            Poll::Pending => {
                if !self.is_counted {
                    self.is_counted = true;
                    self.shared.running.fetch_add(1, Relaxed);
                }
                Poll::Pending
            }
            Poll::Ready(finished) => {
                self.stop();
                Poll::Ready(self.settle(finished))
            }
        }
    }

    fn settle(&self, finished: Finished) -> Result<Bytes, CallError> {
        match finished {
            // It may be kept for long.
            Ok(Ok(Outcome::Reply(frame))) => Ok(detach(frame)),
            Ok(Ok(Outcome::Done | Outcome::Routed)) => {
                Err(CallError::internal("the handler did not produce a result"))
            }
            Ok(Err(error)) => Err(error),
            Err(Panic(message)) => {
                self.shared.counters.panics.count();
                Err(CallError::internal(format!(
                    "the handler panicked: {message}"
                )))
            }
        }
    }

    /// Drops what has finished, or is not wanted any more.
    fn stop(&mut self) {
        self.progress = None;
        if let Some(run) = self.run.take() {
            discard(run);
        }
        if std::mem::take(&mut self.is_counted) {
            self.shared.running.fetch_sub(1, Relaxed);
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        if let Some(token) = self.token.take().filter(|_| self.run.is_some()) {
            token.cancel();
        }
        self.stop();
    }
}

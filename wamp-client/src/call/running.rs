//! A call that was sent.

use std::time::Duration;

use bytestring::ByteString;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::details::CallOptions;
use wamp_proto::message::{self, CancelMode};
use wamp_proto::payload::Payload;
use wamp_proto::received::CallResult;
use wamp_proto::uri;

use crate::error::CallError;
use crate::link::Link;
use crate::pending::Pending;

/// Progressive results that may wait to be read.
const MAX_PROGRESS: usize = 1024;

/// Progressive results; `None` if they were not asked for.
pub(super) type Progress = Option<mpsc::Receiver<CallResult>>;

/// A call that is waited for. Dropping it cancels the call.
#[derive(Debug)]
pub(super) struct Running {
    link: Link,
    id: Id,
    procedure: ByteString,
    options: CallOptions,
    answer: oneshot::Receiver<Result<CallResult, CallError>>,
    is_answered: bool,
    timeout: Option<Duration>,
    since: Instant,
    mode: CancelMode,
}

impl Running {
    pub(super) fn start(
        link: Link,
        procedure: ByteString,
        options: CallOptions,
        payload: Payload,
        timeout: Option<Duration>,
        mode: CancelMode,
    ) -> Result<(Self, Progress), CallError> {
        let (reply, answer) = oneshot::channel();
        let (pending, progress) = match options.receive_progress {
            true => {
                let (sender, receiver) = mpsc::channel(MAX_PROGRESS);
                (Pending::Progressive(sender, reply), Some(receiver))
            }
            false => (Pending::Call(reply), None),
        };
        let mut call = message::Call {
            request: Id::MIN,
            options,
            procedure,
            payload,
        };
        let encode = |request, format, out: &mut _| {
            call.request = request;
            call.encode(format, out)
        };
        let id = link.request(encode, || Some(pending))?;
        let running = Self {
            link,
            id,
            procedure: call.procedure,
            options: call.options,
            answer,
            is_answered: false,
            timeout,
            since: Instant::now(),
            mode,
        };
        Ok((running, progress))
    }

    /// What gives the callee more arguments.
    pub(super) fn feeder(&self) -> Feeder {
        Feeder {
            link: self.link.clone(),
            id: self.id,
            procedure: self.procedure.clone(),
            options: self.options.clone(),
        }
    }

    /// Progress was made: the timeout counts from now.
    pub(super) fn touch(&mut self) {
        self.since = Instant::now();
    }

    /// When it has taken too long, and how long that is.
    pub(super) fn due(&self) -> Option<(Instant, Duration)> {
        let timeout = self.timeout?;
        Some((self.since.checked_add(timeout)?, timeout))
    }

    /// It has taken too long, and is canceled.
    pub(super) fn expire(&mut self, timeout: Duration) -> CallError {
        self.is_answered = true;
        self.link.cancel(self.id, self.mode);
        CallError::Timeout(timeout)
    }

    /// The final result.
    pub(super) async fn result(&mut self) -> Result<CallResult, CallError> {
        let due = self.due();
        let answer = tokio::select! {
            biased;
            answer = self.answered() => return answer,
            timeout = late(due) => timeout,
        };
        Err(self.expire(answer))
    }

    /// The final result, however long it takes.
    pub(super) async fn answered(&mut self) -> Result<CallResult, CallError> {
        let answer = (&mut self.answer).await;
        self.is_answered = true;
        let result = answer.unwrap_or(Err(CallError::Lost));
        result.map_err(|error| self.in_our_words(error))
    }

    /// The router keeps the time that we have told it, too: whoever is first, it is a timeout.
    fn in_our_words(&self, error: CallError) -> CallError {
        match (self.timeout, error.uri()) {
            (Some(timeout), Some(uri::TIMEOUT)) if self.options.timeout.is_some() => {
                CallError::Timeout(timeout)
            }
            _ => error,
        }
    }
}

/// Ready when that is over.
pub(super) async fn late(due: Option<(Instant, Duration)>) -> Duration {
    match due {
        Some((due, timeout)) => {
            sleep_until(due).await;
            timeout
        }
        None => std::future::pending().await,
    }
}

/// Gives the callee of a call more arguments.
pub(super) struct Feeder {
    link: Link,
    id: Id,
    procedure: ByteString,
    options: CallOptions,
}

impl Feeder {
    pub(super) fn format(&self) -> Format {
        self.link.format()
    }

    pub(super) async fn feed(&self, payload: Payload, more: bool) -> Result<(), CallError> {
        self.link.room().await;
        let call = message::Call {
            request: self.id,
            options: CallOptions {
                progress: more,
                ..self.options.clone()
            },
            procedure: self.procedure.clone(),
            payload,
        };
        self.link.send(&call.into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_answered {
            self.link.cancel(self.id, self.mode);
        }
    }
}

//! A call that was sent.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytestring::ByteString;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep_until};
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::details::CallOptions;
use wamp_proto::message::{self, CancelMode};
use wamp_proto::payload::Payload;
use wamp_proto::received::CallResult;
use wamp_proto::uri;

use super::Patience;
use crate::bounded;
use crate::client::Client;
use crate::error::CallError;
use crate::link::Link;
use crate::pending::Pending;

/// What there is once a call was sent.
pub(super) struct Sent {
    pub(super) running: Running,
    /// Progressive results, if they were asked for.
    pub(super) progress: Option<bounded::Receiver<CallResult>>,
    /// If there are more arguments to come.
    pub(super) feeder: Option<Feeder>,
}

/// A call that is waited for. Dropping it cancels the call.
pub(super) struct Running {
    /// Kept open meanwhile.
    _client: Client,
    link: Link,
    id: Id,
    answer: oneshot::Receiver<Result<CallResult, CallError>>,
    is_answered: bool,
    /// Its own time; that of others is kept by the session.
    time: Option<Box<Time>>,
    mode: CancelMode,
}

/// The time of one call.
struct Time {
    timeout: Duration,
    /// Whether the router keeps it, too.
    is_told: bool,
    sleep: Pin<Box<Sleep>>,
}

impl Sent {
    pub(super) fn new(
        client: Client,
        link: Link,
        mut call: message::Call,
        patience: Patience,
        begin: Instant,
        mode: CancelMode,
    ) -> Result<Self, CallError> {
        let (reply, answer) = oneshot::channel();
        let is_progressive = call.options.receive_progress;
        let has_input = call.options.progress;
        let (pending, progress) = match is_progressive {
            true => {
                let (sender, receiver) = bounded::queue();
                (Pending::Progressive(sender, reply), Some(receiver))
            }
            false => (Pending::Call(reply), None),
        };
        let encode = |request, format, out: &mut _| {
            call.request = request;
            call.encode(format, out)
        };
        // Time that begins anew again and again is its own business.
        let (own, shared) = match patience {
            Patience::Own(timeout) => (Time::new(timeout, begin, true), None),
            Patience::Clients if is_progressive || has_input => {
                let patience = link.patience();
                (patience.and_then(|it| Time::new(it, begin, false)), None)
            }
            Patience::Clients => (None, Some(mode)),
            Patience::Endless => (None, None),
        };
        let id = link.call(encode, pending, shared)?;
        let feeder = has_input.then(|| Feeder {
            link: link.clone(),
            id,
            procedure: call.procedure,
            options: call.options,
        });
        let running = Running {
            _client: client,
            link,
            id,
            answer,
            is_answered: false,
            time: own.map(Box::new),
            mode,
        };
        Ok(Self {
            running,
            progress,
            feeder,
        })
    }
}

impl Running {
    /// Progress was made: the time begins anew.
    pub(super) fn touch(&mut self) {
        if let Some(time) = &mut self.time {
            time.begin();
        }
    }

    /// The final result.
    pub(super) async fn result(&mut self) -> Result<CallResult, CallError> {
        poll_fn(|cx| self.poll_answer(cx)).await
    }

    /// The final result, however long it takes.
    pub(super) async fn answered(&mut self) -> Result<CallResult, CallError> {
        poll_fn(|cx| self.poll_answered(cx)).await
    }

    /// The final result, or that it has taken too long.
    pub(super) fn poll_answer(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<CallResult, CallError>> {
        if let Poll::Ready(answer) = self.poll_answered(cx) {
            return Poll::Ready(answer);
        }
        self.poll_late(cx).map(Err)
    }

    /// Ready when it has taken too long. Then it is canceled.
    pub(super) fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<CallError> {
        let Some(time) = &mut self.time else {
            return Poll::Pending;
        };
        ready!(time.sleep.as_mut().poll(cx));
        let timeout = time.timeout;
        self.is_answered = true;
        self.link.cancel(self.id, self.mode);
        Poll::Ready(CallError::Timeout(timeout))
    }

    fn poll_answered(&mut self, cx: &mut Context<'_>) -> Poll<Result<CallResult, CallError>> {
        let answer = ready!(Pin::new(&mut self.answer).poll(cx));
        self.is_answered = true;
        let result = answer.unwrap_or(Err(CallError::Lost));
        Poll::Ready(result.map_err(|error| self.in_our_words(error)))
    }

    /// The router keeps the time that we have told it, too: whoever is first, it is a timeout.
    fn in_our_words(&self, error: CallError) -> CallError {
        match &self.time {
            Some(time) if time.is_told && error.uri() == Some(uri::TIMEOUT) => {
                CallError::Timeout(time.timeout)
            }
            _ => error,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_answered {
            self.link.cancel(self.id, self.mode);
        }
    }
}

impl Time {
    /// `None` if it ends after the end of all times.
    fn new(timeout: Duration, begin: Instant, is_told: bool) -> Option<Self> {
        Some(Self {
            timeout,
            is_told,
            sleep: Box::pin(sleep_until(begin.checked_add(timeout)?)),
        })
    }

    fn begin(&mut self) {
        if let Some(end) = Instant::now().checked_add(self.timeout) {
            self.sleep.as_mut().reset(end);
        }
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

    /// Sends them when there is room; `more` if they are not the last.
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
        // The call itself was sent before.
        self.link.send(&call.into()).map_err(|error| match error {
            CallError::NotConnected => CallError::Lost,
            error => error,
        })
    }
}

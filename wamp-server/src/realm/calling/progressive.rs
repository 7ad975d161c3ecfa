//! A call that tells of its progress.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::running::{Answer, Driven};
use super::{CallResult, OutgoingCall};
use crate::handler::CallError;

/// A call on its way: a [`Stream`] of the results before the last one, which ends when the call does. [`result`](Self::result) then says
/// how. Dropping it cancels the call.
///
/// It begins when it is first awaited. WAMP, "Progressive Call Results".
#[must_use = "a call is made when it is awaited"]
pub struct ProgressiveCall {
    driven: Driven,
    /// How the call has ended.
    result: Option<Result<CallResult, CallError>>,
}

impl ProgressiveCall {
    pub(super) fn new(call: OutgoingCall) -> Self {
        Self {
            driven: Driven::new(call),
            result: None,
        }
    }

    /// The next of the results before the last one; `None` when the call has ended, well or not.
    pub async fn next(&mut self) -> Option<CallResult> {
        poll_fn(|cx| self.poll_progress(cx)).await
    }

    /// Waits for the end of the call. Progress that has not been read is passed over.
    ///
    /// # Errors
    ///
    /// Those of [`OutgoingCall`].
    pub async fn result(mut self) -> Result<CallResult, CallError> {
        loop {
            if let Some(result) = self.result.take() {
                return result;
            }
            self.next().await;
        }
    }

    fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<Option<CallResult>> {
        if self.result.is_some() {
            return Poll::Ready(None);
        }
        Poll::Ready(match ready!(self.driven.poll_answer(cx)) {
            Answer::Progress(progress) => Some(progress),
            Answer::Final(result) => {
                self.result = Some(result);
                None
            }
        })
    }
}

impl Stream for ProgressiveCall {
    type Item = CallResult;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<CallResult>> {
        self.poll_progress(cx)
    }
}

impl fmt::Debug for ProgressiveCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressiveCall")
            .field("has_ended", &self.result.is_some())
            .finish_non_exhaustive()
    }
}

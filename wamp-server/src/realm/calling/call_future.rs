//! A call that is awaited for its result.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::running::{Answer, Driven};
use super::{CallResult, OutgoingCall};
use crate::handler::CallError;

/// An [`OutgoingCall`] on its way. Dropping it cancels the call.
pub struct CallFuture(Driven);

impl CallFuture {
    pub(super) fn new(call: OutgoingCall) -> Self {
        Self(Driven::new(call))
    }
}

impl Future for CallFuture {
    type Output = Result<CallResult, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            if let Answer::Final(result) = ready!(self.0.poll_answer(cx)) {
                return Poll::Ready(result);
            }
        }
    }
}

impl fmt::Debug for CallFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFuture").finish_non_exhaustive()
    }
}

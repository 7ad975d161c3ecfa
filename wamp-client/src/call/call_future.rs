//! A call that is awaited for its result.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use wamp_proto::received::CallResult;

use super::Call;
use super::running::Running;
use crate::error::CallError;
use crate::link::Link;

/// A [`Call`] on its way. Dropping it cancels the call.
///
/// Its own future instead of an `async` block: a call is small, and costs little more than its messages.
#[must_use = "a call is made when it is awaited"]
pub struct CallFuture(Stage);

enum Stage {
    New(Box<Call>),
    /// Until there is room to send it.
    Waiting(Box<Call>, Link),
    Running(Running),
    Over,
}

impl CallFuture {
    pub(super) fn new(call: Call) -> Self {
        Self(Stage::New(Box::new(call)))
    }
}

impl Future for CallFuture {
    type Output = Result<CallResult, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            self.0 = match std::mem::replace(&mut self.0, Stage::Over) {
                Stage::New(call) => {
                    let link = call.client.open_link()?;
                    Stage::Waiting(call, link)
                }
                Stage::Waiting(call, link) => {
                    if link.poll_room(cx).is_pending() {
                        self.0 = Stage::Waiting(call, link);
                        return Poll::Pending;
                    }
                    Stage::Running(call.send_on(link, false)?.running)
                }
                Stage::Running(mut running) => {
                    let answer = running.poll_answer(cx);
                    if answer.is_pending() {
                        self.0 = Stage::Running(running);
                    }
                    return answer;
                }
                // Not polled again by anybody who keeps to the rules.
                Stage::Over => return Poll::Pending,
            };
        }
    }
}

impl fmt::Debug for CallFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallFuture").finish_non_exhaustive()
    }
}

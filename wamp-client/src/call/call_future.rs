//! A call that is awaited for its result.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::Instant;
use wamp_proto::received::CallResult;

use super::Call;
use super::running::{Running, Sent};
use crate::error::CallError;

/// A [`Call`] on its way. Dropping it cancels the call.
///
/// Its own future instead of an `async` block: a call is small, and costs little more than its messages.
#[must_use = "a call is made when it is awaited"]
pub struct CallFuture(Stage);

enum Stage {
    New(Box<Call>),
    /// There is no room for it.
    Waiting(Pin<Box<dyn Future<Output = Result<Sent, CallError>> + Send>>),
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
                    match link.has_room() {
                        true => {
                            let sent = call.send_on(link, false, Instant::now())?;
                            Stage::Running(sent.running)
                        }
                        false => Stage::Waiting(Box::pin(call.start(false))),
                    }
                }
                Stage::Waiting(mut waiting) => match waiting.as_mut().poll(cx) {
                    Poll::Ready(sent) => Stage::Running(sent?.running),
                    Poll::Pending => {
                        self.0 = Stage::Waiting(waiting);
                        return Poll::Pending;
                    }
                },
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

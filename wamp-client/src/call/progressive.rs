//! A call that reports before it is done.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use wamp_proto::received::CallResult;

use super::Call;
use super::running::{Running, Sent};
use crate::bounded;
use crate::error::CallError;

/// A call with progressive results. It is made when the first one is asked for; dropping it cancels it. WAMP, "Progressive Call Results".
///
/// Up to 1,024 results and 64 MiB may wait to be read; with more, the call is canceled and fails with [`CallError::Overflow`].
#[must_use = "a call is made when its progress or its result is asked for"]
pub struct ProgressiveCall(Stage);

enum Stage {
    New(Box<Call>),
    /// It waits for room. Whoever drops `next` meanwhile may go on later.
    Starting(Pin<Box<dyn Future<Output = Result<Sent, CallError>> + Send>>),
    Running(Box<Running>, bounded::Receiver<CallResult>),
    Over(Result<CallResult, CallError>),
    /// The result was taken.
    Gone,
}

impl ProgressiveCall {
    pub(super) fn new(call: Call) -> Self {
        Self(Stage::New(Box::new(call)))
    }

    /// The next progressive result; `None` when the final one is there, or the call has failed: see [`result`](Self::result).
    pub async fn next(&mut self) -> Option<CallResult> {
        if let Err(error) = self.start().await {
            self.0 = Stage::Over(Err(error));
        }
        let Stage::Running(running, progress) = &mut self.0 else {
            return None;
        };
        let next = tokio::select! {
            biased;
            next = progress.recv() => Ok(next),
            late = poll_fn(|cx| running.poll_late(cx)) => Err(late),
        };
        match next {
            Ok(Some(step)) => {
                running.touch();
                return Some(step);
            }
            Ok(None) => {
                let result = running.result().await;
                self.0 = Stage::Over(result);
            }
            Err(late) => self.0 = Stage::Over(Err(late)),
        }
        None
    }

    /// The final result. What is left of the progress is passed over.
    ///
    /// # Errors
    ///
    /// As for any [`Call`].
    pub async fn result(mut self) -> Result<CallResult, CallError> {
        while self.next().await.is_some() {}
        match std::mem::replace(&mut self.0, Stage::Gone) {
            Stage::Over(result) => result,
            Stage::New(_) | Stage::Starting(_) | Stage::Running(..) | Stage::Gone => {
                Err(CallError::Lost)
            }
        }
    }

    async fn start(&mut self) -> Result<(), CallError> {
        if let Stage::New(_) = self.0
            && let Stage::New(call) = std::mem::replace(&mut self.0, Stage::Gone)
        {
            self.0 = Stage::Starting(Box::pin(call.start(false)));
        }
        if let Stage::Starting(starting) = &mut self.0 {
            let Sent {
                running, progress, ..
            } = starting.await?;
            // It was asked for, so it is there.
            let progress = progress.ok_or(CallError::Lost)?;
            self.0 = Stage::Running(Box::new(running), progress);
        }
        Ok(())
    }
}

impl fmt::Debug for ProgressiveCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressiveCall").finish_non_exhaustive()
    }
}

//! A call that reports before it is done.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream;
use serde::Serialize;
use wamp_proto::received::CallResult;

use super::Call;
use super::input::feed;
use super::running::{Feeder, Running, Sent};
use crate::bounded;
use crate::error::CallError;

/// A call with progressive results. It is made when the first one is asked for; dropping it cancels it. WAMP, "Progressive Call Results".
///
/// Up to 1,024 results and 64 MiB may wait to be read; with more, the call is canceled and fails with [`CallError::Overflow`].
#[must_use = "a call is made when its progress or its result is asked for"]
pub struct ProgressiveCall {
    stage: Stage,
    /// What has more arguments.
    input: Option<Input>,
}

/// Begins to give the callee more arguments.
type Input = Box<dyn FnOnce(Feeder) -> Feeding + Send>;

/// Gives the callee more arguments.
type Feeding = Pin<Box<dyn Future<Output = Result<(), CallError>> + Send>>;

enum Stage {
    New(Box<Call>),
    /// It waits for room. Whoever drops `next` meanwhile may go on later.
    Starting(Pin<Box<dyn Future<Output = Result<Sent, CallError>> + Send>>),
    Running(Box<Progress>),
    Over(Result<CallResult, CallError>),
    /// The result was taken.
    Gone,
}

struct Progress {
    running: Running,
    steps: bounded::Receiver<CallResult>,
    /// Until all has been given.
    feeding: Option<Feeding>,
}

/// What happens next.
enum Step {
    Progress(Option<CallResult>),
    Fed(Result<(), CallError>),
    Late(CallError),
}

impl Progress {
    async fn step(&mut self) -> Step {
        let Self {
            running,
            steps,
            feeding,
        } = self;
        let fed = async {
            match feeding {
                Some(feeding) => Step::Fed(feeding.await),
                // Who is still talking cannot expect to be answered.
                None => Step::Late(poll_fn(|cx| running.poll_late(cx)).await),
            }
        };
        tokio::select! {
            biased;
            step = steps.recv() => Step::Progress(step),
            step = fed => step,
        }
    }
}

impl ProgressiveCall {
    pub(super) fn new(call: Call) -> Self {
        Self {
            stage: Stage::New(Box::new(call)),
            input: None,
        }
    }

    /// Gives the callee more arguments as the stream has them, as [`Call::send`] does, while its progress is read.
    ///
    /// ```no_run
    /// # async fn f(client: wamp_client::Client, lines: impl futures_core::Stream<Item = String> + Send + 'static) -> Result<(), wamp_client::CallError> {
    /// let mut translation = client.call("text.translate").arg("de").progress().input(lines);
    /// while let Some(line) = translation.next().await {
    ///     println!("{}", line.decode::<String>()?);
    /// }
    /// translation.result().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn input<S>(mut self, values: S) -> Self
    where
        S: Stream + Send + 'static,
        S::Item: Serialize + Send,
    {
        self.input = Some(Box::new(move |feeder| Box::pin(feed(feeder, values))));
        self
    }

    /// The next progressive result; `None` when the final one is there, or the call has failed: see [`result`](Self::result).
    pub async fn next(&mut self) -> Option<CallResult> {
        if let Err(error) = self.start().await {
            self.stage = Stage::Over(Err(error));
        }
        while let Stage::Running(progress) = &mut self.stage {
            match progress.step().await {
                Step::Progress(Some(step)) => {
                    progress.running.touch();
                    return Some(step);
                }
                Step::Progress(None) => {
                    let result = progress.running.result().await;
                    self.stage = Stage::Over(result);
                }
                Step::Fed(Ok(())) => {
                    progress.feeding = None;
                    progress.running.touch();
                }
                Step::Fed(Err(error)) | Step::Late(error) => self.stage = Stage::Over(Err(error)),
            }
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
        match std::mem::replace(&mut self.stage, Stage::Gone) {
            Stage::Over(result) => result,
            Stage::New(_) | Stage::Starting(_) | Stage::Running(..) | Stage::Gone => {
                Err(CallError::Lost)
            }
        }
    }

    async fn start(&mut self) -> Result<(), CallError> {
        if let Stage::New(_) = self.stage
            && let Stage::New(call) = std::mem::replace(&mut self.stage, Stage::Gone)
        {
            let starting = call.start(self.input.is_some());
            self.stage = Stage::Starting(Box::pin(starting));
        }
        if let Stage::Starting(starting) = &mut self.stage {
            let Sent {
                running,
                progress,
                feeder,
            } = starting.await?;
            let feeding = feeder.zip(self.input.take());
            self.stage = Stage::Running(Box::new(Progress {
                running,
                // It was asked for, so it is there.
                steps: progress.ok_or(CallError::Lost)?,
                feeding: feeding.map(|(feeder, input)| input(feeder)),
            }));
        }
        Ok(())
    }
}

impl fmt::Debug for ProgressiveCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgressiveCall").finish_non_exhaustive()
    }
}

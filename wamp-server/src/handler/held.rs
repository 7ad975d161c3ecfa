//! What topic and session handlers return: a guard that is held, or a stream of events.

use std::future::pending;
use std::pin::pin;

use futures_core::Stream;
use futures_util::StreamExt as _;

use super::{Call, CallError, IntoPayload, Outcome};

/// Chooses between [`HoldStream`] and [`HoldGuard`] by method lookup: by value comes before by reference.
///
/// Generated code calls `Hold::new(value).hold(&call)` with both traits in scope.
#[derive(Debug)]
pub struct Hold<T>(Option<T>);

impl<T> Hold<T> {
    /// Wraps what a handler returned.
    pub fn new(value: T) -> Self {
        Self(Some(value))
    }
}

/// A stream is a feed: its items are events for the one session that subscribed.
///
/// What else it takes is asked of the method, not of the implementation: otherwise a stream of something that cannot be sent would
/// be taken for a guard, without a word.
pub trait HoldStream {
    /// The stream.
    type Stream: Stream;

    /// Accepts the subscription, then sends every item; ends when the stream does.
    ///
    /// # Errors
    ///
    /// When an item cannot be serialized.
    fn hold<Via>(self, call: &Call) -> impl Future<Output = Result<Outcome, CallError>> + Send
    where
        Self::Stream: Send,
        <Self::Stream as Stream>::Item: IntoPayload<Via> + Send;
}

impl<S: Stream> HoldStream for Hold<S> {
    type Stream = S;

    async fn hold<Via>(mut self, call: &Call) -> Result<Outcome, CallError>
    where
        S: Send,
        S::Item: IntoPayload<Via> + Send,
    {
        let Some(stream) = self.0.take() else {
            return Ok(Outcome::Done);
        };
        call.accept();
        let mut items = pin!(stream);
        while let Some(item) = items.next().await {
            // Streams that are always ready let others have their turn.
            tokio::task::coop::consume_budget().await;
            call.session
                .publish(&call.uri, item)
                .map_err(CallError::from)?;
            call.session.room().await;
        }
        Ok(Outcome::Done)
    }
}

/// Anything else is a guard: dropped when the subscription or the session ends.
pub trait HoldGuard {
    /// The guard.
    type Guard;

    /// Accepts, then holds the value until the future is dropped.
    ///
    /// # Errors
    ///
    /// None.
    fn hold(self, call: &Call) -> impl Future<Output = Result<Outcome, CallError>> + Send
    where
        Self::Guard: Send;
}

impl<T> HoldGuard for &mut Hold<T> {
    type Guard = T;

    async fn hold(self, call: &Call) -> Result<Outcome, CallError>
    where
        T: Send,
    {
        let guard = self.0.take();
        call.accept();
        if std::mem::needs_drop::<T>() {
            pending::<()>().await;
        }
        drop(guard);
        Ok(Outcome::Done)
    }
}

//! Progress reports: what a slow handler says while it runs.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;

use super::{Call, CallError, FromCall, Requirements};
use crate::session::Session;

/// Sends progressive results, if the caller asked for them.
///
/// ```
/// use wamp_server::{Progress, procedure};
///
/// /// Counts down, slowly for those who watch.
/// #[procedure("demo.countdown")]
/// async fn countdown(from: u32, progress: &Progress<u32>) -> &'static str {
///     for left in (1..=from).rev() {
///         progress.send(left).await;
///     }
///     "liftoff"
/// }
/// ```
///
/// The WAMP specification, "Progressive Call Results".
pub struct Progress<T> {
    call: Reporter,
    values: PhantomData<fn(T)>,
}

/// What is left of a [`Call`] when it is sent progress for.
#[derive(Clone)]
struct Reporter {
    session: Session,
    request: Option<wamp_proto::id::Id>,
    last: Option<std::sync::Arc<super::call::LastProgress>>,
}

impl<T: Serialize> Progress<T> {
    /// Whether the caller asked for progress; if not, [`send`](Self::send) does nothing.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.call.last.is_some()
    }

    /// Sends `value` at once, then waits until the caller has read enough for there to be room for more.
    ///
    /// A value that cannot be serialized is left out, and the log says why.
    pub async fn send(&self, value: T) {
        let Reporter {
            session,
            request: Some(request),
            last: Some(last),
        } = &self.call
        else {
            return;
        };
        if let Err(error) = super::call::send_progress(session, *request, last, &value) {
            tracing::error!(request = request.get(), %error, "a progress report cannot be serialized");
        }
        // The value may not be `Sync`: it is gone before anything waits.
        drop(value);
        session.outbox().room().await;
    }
}

impl<T> Progress<T> {
    fn new(call: &Call) -> Self {
        Self {
            call: Reporter {
                session: call.session.clone(),
                request: call.request(),
                last: call.extras.as_deref().and_then(|it| it.progress.clone()),
            },
            values: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Progress<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress")
            .field("wanted", &self.call.last.is_some())
            .finish_non_exhaustive()
    }
}

impl<'c, T: 'static> FromCall<'c> for Progress<T> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        Ok(Self::new(call))
    }
}

impl<'c, T: 'static> FromCall<'c> for &'c Progress<T> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let extras = call
            .extras
            .as_deref()
            .ok_or_else(|| CallError::internal("only a procedure can take `&Progress<T>`"))?;
        let reporter = extras
            .reporter
            .get_or_init(|| Box::new(Progress::<T>::new(call)));
        reporter.downcast_ref().ok_or_else(|| {
            CallError::internal("a handler takes `&Progress<T>` for one type `T` only")
        })
    }

    fn requires(requirements: &mut Requirements) {
        requirements.progress = true;
    }
}

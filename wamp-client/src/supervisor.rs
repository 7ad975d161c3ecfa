//! The task of a client: connects, renews, and connects again.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::client::Inner;
use crate::contained::contained;
use crate::driver::End;
use crate::error::{ConnectError, TransportError};
use crate::establish::{Established, establish};
use crate::renew::renew;
use crate::state::State;

/// A session that lasts longer was worth connecting for, however long that took.
const SHORT: Duration = Duration::from_secs(5);

/// Told how the first attempt ended.
pub(crate) type First = oneshot::Sender<Result<(), ConnectError>>;

/// Why a client is closed, unless it was on purpose.
type Reason = Option<Arc<ConnectError>>;

/// Keeps a client connected until it is closed. Without `first`, the first attempt is like any other.
pub(crate) async fn supervise(inner: Arc<Inner>, first: Option<First>) {
    let mut closing = Closing {
        inner: &inner,
        reason: None,
    };
    closing.reason = keep_connected(&inner, first).await;
}

/// Closes the client when it is dropped: also if the task is, together with its runtime, and if it panics.
struct Closing<'a> {
    inner: &'a Inner,
    reason: Reason,
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        if let Some(link) = self.inner.set_link(None) {
            // After a panic there may be a session.
            link.leave();
        }
        let kept = (
            self.inner.kept.topics().clear(),
            self.inner.kept.offers().clear(),
        );
        for topic in &kept.0 {
            topic.over();
        }
        let reason = self.reason.take();
        self.inner.state.send_replace(State::Closed { reason });
        // Functions that are offered often hold the client themselves: nobody else would ever let go of either.
        contained("drop", || drop(kept));
    }
}

async fn keep_connected(inner: &Arc<Inner>, mut first: Option<First>) -> Reason {
    // Attempts in a row that have failed; and the same, with sessions that have ended at once: nobody is to connect in a circle.
    let (mut failures, mut restless) = (0, 0);
    let mut waited = Duration::ZERO;
    loop {
        let attempt = tokio::select! {
            biased;
            () = inner.closing.cancelled() => return None,
            attempt = establish(&inner.config) => attempt,
        };
        let why = match attempt {
            Ok(established) => {
                let since = Instant::now();
                let (end, was_open) = run(inner, established, &mut first).await;
                if inner.closing.is_cancelled() {
                    return objection(end);
                }
                failures = if was_open { 0 } else { failures + 1 };
                let was_short = !was_open || since.elapsed() < waited.min(SHORT);
                restless = if was_short { restless + 1 } else { 0 };
                lost(end)
            }
            Err(error) => {
                failures += 1;
                restless += 1;
                error
            }
        };
        if let Some(first) = first.take() {
            // Nobody waits for it any more if that is so; the client is closed either way.
            let _ = first.send(Err(why));
            return None;
        }
        let why = Arc::new(why);
        tell(&why, failures);
        let Some(backoff) = inner.config.backoff.filter(|it| it.allows(failures)) else {
            return Some(why);
        };
        inner.state.send_replace(State::Connecting {
            failures,
            reason: Some(why),
        });
        waited = backoff.wait(restless);
        tokio::select! {
            biased;
            () = inner.closing.cancelled() => return None,
            () = sleep(waited) => {}
        }
    }
}

/// Runs one session to its end. How it ended, and whether it was open to the users of the client.
async fn run(
    inner: &Arc<Inner>,
    (link, driver, end): Established,
    first: &mut Option<First>,
) -> (End, bool) {
    let driver = tokio::spawn(driver);
    let mut was_open = false;
    let serve = async {
        let open = async {
            renew(inner, &link).await;
            let session = link.info().clone();
            tracing::info!(
                session = session.id().get(),
                realm = session.realm(),
                "the session is open"
            );
            inner.set_link(Some(link.clone()));
            was_open = true;
            inner.state.send_replace(State::Open(session));
            if let Some(first) = first.take() {
                let _ = first.send(Ok(()));
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            biased;
            () = inner.closing.cancelled() => link.leave(),
            () = open => {}
        }
        std::future::pending::<()>().await;
    };
    let end = tokio::select! {
        biased;
        end = end => end,
        () = serve => return (End::Unanswered, was_open),
    };
    inner.set_link(None);
    if inner.closing.is_cancelled() {
        // The connection is closed, too, within its time. Otherwise nobody has to wait for that.
        let _ = driver.await;
    }
    // It is told unless the transport panics.
    let end = end.unwrap_or_else(|_| End::Violation("the transport has panicked".to_owned()));
    (end, was_open)
}

/// Logs why there is no session: as an error, with its sources, which say what the system says.
fn tell(why: &ConnectError, failures: u32) {
    let reason: &(dyn Error + 'static) = why;
    tracing::info!(reason, failures, "there is no session");
}

/// What the router has said against the last messages of a client that leaves.
fn objection(end: End) -> Reason {
    match end {
        End::Lost(error @ TransportError::ClosedWith { .. }) => {
            Some(Arc::new(ConnectError::Transport(error)))
        }
        _ => None,
    }
}

/// How a session ended, as a reason why there is none.
fn lost(end: End) -> ConnectError {
    match end {
        End::Lost(error) => ConnectError::Transport(error),
        End::Goodbye(reason) => ConnectError::Goodbye(reason),
        End::Aborted(reason, message) => ConnectError::Abort { reason, message },
        End::Violation(what) => ConnectError::Protocol(what),
        End::Unanswered => ConnectError::Closed,
    }
}

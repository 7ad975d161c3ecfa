//! One timer for everything that a connection waits for.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep, sleep_until};

use super::wire::unconstrained;

/// Wakes the connection no later than it asked for.
///
/// Deadlines move later all the time, with every sign of life; the timer is then left alone, fires too early, and is set again.
pub(super) struct Timer {
    sleep: Pin<Box<Sleep>>,
    at: Instant,
}

impl Timer {
    pub(super) fn new(at: Instant) -> Self {
        Self {
            sleep: Box::pin(sleep_until(at)),
            at,
        }
    }

    /// Ready when `deadline` has passed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        loop {
            if deadline < self.at {
                self.set(deadline);
            }
            match unconstrained(cx, |cx| self.sleep.as_mut().poll(cx)) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) if deadline <= Instant::now() => {
                    // Not polled again before it is set again: that would wake the task without end.
                    self.set(deadline + std::time::Duration::from_secs(3600));
                    return Poll::Ready(());
                }
                Poll::Ready(()) => self.set(deadline),
            }
        }
    }

    fn set(&mut self, at: Instant) {
        self.at = at;
        self.sleep.as_mut().reset(at);
    }
}

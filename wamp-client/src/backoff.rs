//! How long to wait before the next attempt to connect.

use std::time::Duration;

use rand::RngExt as _;

/// Longer than anybody waits, and short enough to calculate with: a year.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// When to try again after a connection was lost or could not be made: the time doubles from attempt to attempt, and chance takes up to half
/// of it away, so that the clients of a router that restarts do not come all at once.
///
/// ```
/// use std::time::Duration;
/// use wamp_client::Backoff;
///
/// let patient = Backoff::new().first(Duration::from_secs(1)).longest(Duration::from_secs(60)).attempts(25);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    attempts: Option<u32>,
}

impl Backoff {
    /// From 0.2 to 30 s, for ever.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            first: Duration::from_millis(200),
            longest: Duration::from_secs(30),
            attempts: None,
        }
    }

    /// Sets the time before the first attempt.
    #[must_use]
    pub const fn first(mut self, wait: Duration) -> Self {
        self.first = wait;
        self
    }

    /// Sets the longest time before an attempt.
    #[must_use]
    pub const fn longest(mut self, wait: Duration) -> Self {
        self.longest = wait;
        self
    }

    /// Sets how many attempts in a row may fail before the client is closed. Without it, there is no limit.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = Some(attempts);
        self
    }

    /// Whether there is to be another attempt after so many have failed.
    pub(crate) fn allows(&self, failures: u32) -> bool {
        self.attempts.is_none_or(|attempts| failures < attempts)
    }

    /// How long to wait before an attempt, counted from zero.
    pub(crate) fn wait(&self, attempt: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempt);
        let wait = self.first.saturating_mul(factor).min(self.longest);
        wait.min(LONGEST)
            .mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_longest_and_are_never_less_than_half() {
        let backoff = Backoff::new()
            .first(Duration::from_secs(1))
            .longest(Duration::from_secs(10));
        for attempt in 0..100 {
            let most = Duration::from_secs(1 << attempt.min(4)).min(Duration::from_secs(10));
            let wait = backoff.wait(attempt);
            assert!(wait <= most && wait >= most / 2, "{attempt}: {wait:?}");
        }
    }

    #[test]
    fn attempts_are_counted() {
        let backoff = Backoff::new().attempts(2);
        assert!(backoff.allows(1));
        assert!(!backoff.allows(2));
        assert!(!Backoff::new().attempts(0).allows(0));
        assert!(Backoff::new().allows(u32::MAX));
    }

    #[test]
    fn no_wait_is_too_long_to_calculate_with() {
        let backoff = Backoff::new().first(Duration::MAX).longest(Duration::MAX);
        assert!(backoff.wait(u32::MAX) <= LONGEST);
    }
}

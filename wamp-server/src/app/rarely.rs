//! Log entries that the network can cause again and again.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Says yes once, and then no until some time has passed.
#[derive(Debug)]
pub(crate) struct Rarely {
    pause: Duration,
    last: Mutex<Option<Instant>>,
}

impl Rarely {
    pub(crate) fn every(pause: Duration) -> Self {
        Self {
            pause,
            last: Mutex::new(None),
        }
    }

    pub(crate) fn is_due(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let due = last.is_none_or(|last| now.duration_since(last) >= self.pause);
        if due {
            *last = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_once_in_a_while() {
        let never_again = Rarely::every(Duration::MAX);
        assert!(never_again.is_due());
        assert!(!never_again.is_due());
        let always = Rarely::every(Duration::ZERO);
        assert!(always.is_due() && always.is_due());
    }
}

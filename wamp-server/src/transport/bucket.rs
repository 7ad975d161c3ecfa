//! A token bucket: so many at once, so many a second.

use tokio::time::Instant;

#[derive(Debug)]
pub(super) struct Bucket {
    per_second: f64,
    burst: f64,
    left: f64,
    /// When `left` was right; nothing is measured before the first is taken.
    at: Option<Instant>,
}

impl Bucket {
    pub(super) fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: per_second.into(),
            burst: burst.into(),
            left: burst.into(),
            at: None,
        }
    }

    /// Takes one, if there is one.
    pub(super) fn take(&mut self) -> bool {
        let now = Instant::now();
        if let Some(at) = self.at.replace(now) {
            let refill = (now - at).as_secs_f64() * self.per_second;
            self.left = (self.left + refill).min(self.burst);
        }
        let any = self.left >= 1.0;
        if any {
            self.left -= 1.0;
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_empties_it_and_time_refills_it() {
        let mut bucket = Bucket::new(10, 3);
        assert_eq!([(); 4].map(|()| bucket.take()), [true, true, true, false]);
        tokio::time::advance(Duration::from_millis(100)).await;
        assert_eq!([(); 2].map(|()| bucket.take()), [true, false]);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!([(); 4].map(|()| bucket.take()), [true, true, true, false]);
    }
}

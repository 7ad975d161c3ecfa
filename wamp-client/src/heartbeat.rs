//! Signs of life: pings that the router is to answer.

use std::time::Duration;

use tokio::time::Instant;

use crate::config::Timing;
use crate::error::TransportError;
use crate::link::Link;
use crate::transport::{Traffic, Transport};

/// Pings at an interval, and counts those in a row that are not answered until the next one, while nothing else moves, either.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    interval: Option<Duration>,
    limit: u32,
    next: Option<Instant>,
    /// The signs of life before the last ping, if one is out.
    asked_at: Option<(u64, Traffic)>,
    missed: u32,
}

impl Heartbeat {
    pub(crate) fn new(timing: &Timing, now: Instant) -> Self {
        Self {
            interval: timing.heartbeat,
            limit: timing.max_missed_pongs,
            next: timing
                .heartbeat
                .and_then(|interval| now.checked_add(interval)),
            asked_at: None,
            missed: 0,
        }
    }

    pub(crate) fn due(&self) -> Option<Instant> {
        self.next
    }

    /// Does what is due: the last ping is judged, the next one sent.
    pub(crate) fn beat(
        &mut self,
        transport: &mut dyn Transport,
        link: &Link,
        now: Instant,
    ) -> Result<(), TransportError> {
        let (Some(next), Some(interval)) = (self.next, self.interval) else {
            return Ok(());
        };
        if now < next {
            return Ok(());
        }
        self.next = now.checked_add(interval);
        let (pongs, traffic) = (transport.pongs(), transport.traffic());
        if let Some((pongs_before, before)) = self.asked_at.take() {
            let comes = traffic.received != before.received;
            let goes = traffic.sent != before.sent && !link.outbox().is_flushed();
            let is_answered = pongs > pongs_before;
            self.missed = match is_answered || comes || goes {
                true => 0,
                false => self.missed + 1,
            };
            link.set_missed_pongs(self.missed);
            if self.missed >= self.limit {
                return Err(TransportError::Silent(self.missed));
            }
            if !is_answered && self.missed == 0 {
                // The answer, or the ping itself, stands behind a message that takes its time. Another one would stand there, too.
                self.asked_at = Some((pongs_before, traffic));
                return Ok(());
            }
        }
        if transport.ping() {
            self.asked_at = Some((pongs, traffic));
        }
        Ok(())
    }
}

//! Warming up, then measuring: what is counted, and between which two moments.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;

use crate::family;
use crate::process::ServerProcess;

/// How long a load runs.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Before anything is counted.
    pub warm_up: Duration,
    /// While it is counted.
    pub measured: Duration,
}

/// What a run came to.
#[derive(Debug)]
pub struct Figures {
    /// Right answers, or deliveries.
    pub count: u64,
    /// Wrong ones, from the first moment on.
    pub bad: u64,
    /// The first wrong one.
    pub first_bad: Option<String>,
    /// Length of the measured time.
    pub elapsed: Duration,
    /// Nanoseconds from sending to the answer, or to the last delivery.
    pub latency: Histogram<u64>,
    /// CPU time of the server in the measured time.
    pub server_cpu: Option<Duration>,
    /// CPU time of the load generator in the measured time.
    pub load_cpu: Option<Duration>,
    /// Most memory the server ever had resident, in KiB.
    pub peak_rss: Option<u64>,
}

impl Figures {
    /// Right answers per second.
    pub fn per_second(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64()
    }

    /// Latency at a quantile, in microseconds.
    pub fn quantile(&self, quantile: f64) -> f64 {
        self.latency.value_at_quantile(quantile) as f64 / 1e3
    }

    /// CPU time of the server per right answer, in microseconds.
    pub fn cpu_per_call(&self) -> Option<f64> {
        Some(self.server_cpu?.as_secs_f64() * 1e6 / self.count.max(1) as f64)
    }

    /// Right answers per second of the server's CPU time.
    pub fn per_second_of_cpu(&self) -> Option<f64> {
        let seconds = self.server_cpu?.as_secs_f64();
        (seconds > 0.0).then(|| self.count as f64 / seconds)
    }

    /// Share of its core that the server used.
    pub fn server_share(&self) -> Option<f64> {
        Some(self.server_cpu?.as_secs_f64() / self.elapsed.as_secs_f64())
    }

    /// Share of its core that the load generator used.
    pub fn load_share(&self) -> Option<f64> {
        Some(self.load_cpu?.as_secs_f64() / self.elapsed.as_secs_f64())
    }
}

/// Counts.
#[derive(Debug)]
pub struct Tally {
    count: u64,
    bad: u64,
    first_bad: Option<String>,
    latency: Histogram<u64>,
}

impl Tally {
    /// Something right that is counted but not timed.
    pub fn good(&mut self) {
        self.count += 1;
    }

    /// A duration in nanoseconds.
    #[inline]
    pub fn time(&mut self, nanoseconds: u64) {
        self.latency.saturating_record(nanoseconds.max(1));
    }

    /// Something wrong.
    #[cold]
    pub fn bad(&mut self, what: impl FnOnce() -> String) {
        self.bad += 1;
        self.first_bad.get_or_insert_with(what);
    }
}

/// The time of a run.
pub struct Window<'a> {
    server: &'a ServerProcess,
    timing: Timing,
    start: Instant,
    measuring: Option<Reading>,
    /// What is counted.
    pub tally: Tally,
}

/// What the clocks say when measuring begins.
struct Reading {
    at: Instant,
    server_cpu: Option<Duration>,
    load_cpu: Option<Duration>,
}

impl<'a> Window<'a> {
    /// Starts warming up.
    pub fn open(server: &'a ServerProcess, timing: Timing) -> Result<Self> {
        let latency = Histogram::new_with_bounds(1, 60_000_000_000, 2)
            .context("bounds that a histogram does not take")?;
        let tally = Tally {
            count: 0,
            bad: 0,
            first_bad: None,
            latency,
        };
        Ok(Self {
            server,
            timing,
            start: Instant::now(),
            measuring: None,
            tally,
        })
    }

    /// Starts warming up again: what came before was preparation.
    pub fn restart(&mut self) {
        self.start = Instant::now();
    }

    /// Nanoseconds since the start.
    pub fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Starts measuring when it is time. Says for how long to wait for sockets, `None` at the end.
    pub fn tick(&mut self) -> Option<Duration> {
        let warm = self.start + self.timing.warm_up;
        if self.measuring.is_none() && Instant::now() >= warm {
            self.tally.count = 0;
            self.tally.latency.reset();
            self.measuring = Some(Reading {
                at: Instant::now(),
                server_cpu: self.server.cpu_time(),
                load_cpu: family::own_cpu_time(),
            });
        }
        let next = match &self.measuring {
            None => warm,
            Some(reading) => reading.at + self.timing.measured,
        };
        next.checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
    }

    /// Ends measuring.
    pub fn close(self) -> Result<Figures> {
        let begin = self
            .measuring
            .context("the run ended before it was measured")?;
        let since =
            |now: Option<Duration>, then: Option<Duration>| Some(now?.saturating_sub(then?));
        Ok(Figures {
            count: self.tally.count,
            bad: self.tally.bad,
            first_bad: self.tally.first_bad,
            elapsed: begin.at.elapsed(),
            latency: self.tally.latency,
            server_cpu: since(self.server.cpu_time(), begin.server_cpu),
            load_cpu: since(family::own_cpu_time(), begin.load_cpu),
            peak_rss: self.server.peak_rss(),
        })
    }
}

//! How long is measured, and what people are shown meanwhile.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::interval;

use crate::client::{ClientFailure, stopped};
use crate::config::units;

/// How often people see new numbers.
const TICK: Duration = Duration::from_millis(200);

/// How long is measured.
#[derive(Debug, Args)]
pub(super) struct Pace {
    /// How long it is measured
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = units::duration)]
    duration: Duration,

    /// How long it runs before it is measured
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = units::duration)]
    warm_up: Duration,
}

/// From when to when things count, and how many there are so far.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) begin: Instant,
    pub(super) end: Instant,
    pub(super) count: Arc<AtomicU64>,
}

impl Pace {
    /// The window that begins after the warm-up.
    pub(super) fn window(&self) -> Result<Window, ClientFailure> {
        let begin = Instant::now().checked_add(self.warm_up);
        let end = begin.and_then(|it| it.checked_add(self.duration));
        match begin.zip(end).filter(|_| !self.duration.is_zero()) {
            Some((begin, end)) => Ok(Window {
                begin,
                end,
                count: Arc::default(),
            }),
            None => Err(ClientFailure::Usage(
                "`--duration` and `--warm-up` make no sense".to_owned(),
            )),
        }
    }
}

impl Window {
    /// Whether something that began and ended at these times counts; then it is counted.
    pub(super) fn counts(&self, began: Instant, ended: Instant) -> bool {
        let counts = began >= self.begin && ended <= self.end;
        if counts {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        counts
    }

    /// Shows people how it goes until it is over, or the command is told to stop.
    pub(super) async fn show(&self, what: &str) -> Result<(), ClientFailure> {
        let bar = bar(Some(self.end.saturating_duration_since(Instant::now())));
        let mut ticks = interval(TICK);
        let stop = stopped();
        tokio::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => {
                    bar.finish_and_clear();
                    return Err(ClientFailure::Interrupted);
                }
                _ = ticks.tick() => {}
            }
            let now = Instant::now();
            if now >= self.end {
                bar.finish_and_clear();
                return Ok(());
            }
            bar.set_position(millis(bar.elapsed()));
            let measured = now.saturating_duration_since(self.begin).as_secs_f64();
            if measured > 0.0 {
                #[expect(clippy::cast_precision_loss, reason = "it is for people")]
                let rate = self.count.load(Ordering::Relaxed) as f64 / measured;
                bar.set_message(format!("{rate:.0} {what}/s"));
            } else {
                bar.set_message("warming up");
            }
        }
    }
}

/// A bar on stderr, if that is a terminal; without a length, it only counts.
pub(super) fn bar(length: Option<Duration>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let (bar, template) = match length {
        Some(length) => (
            ProgressBar::new(millis(length)),
            "{elapsed} {bar:30} {percent}%  {msg}",
        ),
        None => (ProgressBar::no_length(), "{elapsed} {msg}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

//! Progress: slow procedures that report as they go.
//!
//! `cargo run --example countdown [ADDRESS [MILLISECONDS]]`, or `… countdown join --url ws://… [-- MILLISECONDS]` to offer it at a router;
//! the last argument is the time between two reports, 1,000 by default.
//!
//! Call `rocket.countdown` with `[5]` and ask for progressive results (`receive_progress`): each is `{"timeLeft": …}`, the last one
//! is `{"liftoffStatus": "SUCCESS"}`. Callers that do not ask see only the last one. `rocket.telemetry` does without `Progress`: it
//! returns a stream, whose items are the progressive results and whose end is the final one, without arguments. Cancel it, or leave,
//! and it stops.

use std::process::ExitCode;
use std::time::Duration;

use futures_util::{Stream, stream};
use serde::Serialize;
use wamp_server::{App, Progress, State, cli, procedure};

/// The time between two reports.
struct Tick {
    length: Duration,
}

/// Structs are sent as keyword arguments, in progressive results as in final ones.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct TimeLeft {
    time_left: u32,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Liftoff {
    liftoff_status: &'static str,
}

/// Counts down, then launches.
#[procedure("rocket.countdown")]
async fn countdown(
    #[arg(default = 10)] from: u32,
    tick: State<'_, Tick>,
    progress: &Progress<TimeLeft>,
) -> Liftoff {
    for time_left in (1..=from).rev() {
        progress.send(TimeLeft { time_left }).await;
        tokio::time::sleep(tick.length).await;
    }
    Liftoff {
        liftoff_status: "SUCCESS",
    }
}

/// The rocket's altitude in metres, as often as it reports it, until it is in orbit.
#[procedure("rocket.telemetry")]
async fn telemetry(tick: State<'_, Tick>) -> impl Stream<Item = u32> {
    stream::unfold(1_u32, move |second| async move {
        tokio::time::sleep(tick.length).await;
        let altitude = 5 * second * second;
        (altitude < ORBIT).then_some((altitude, second + 1))
    })
}

const ORBIT: u32 = 400_000;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let milliseconds = cli::rest().first().map_or(Ok(1_000), |it| it.parse())?;
    let tick = Tick {
        length: Duration::from_millis(milliseconds),
    };
    Ok(cli::run(App::new().state(tick)).await)
}

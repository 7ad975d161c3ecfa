//! `wamp bench sessions`.

use std::time::{Duration, Instant};

use clap::Args;
use futures_util::{StreamExt as _, stream};
use wamp_client::Client;

use super::pace::bar;
use super::report::{Report, Times};
use crate::client::{ClientFailure, Connection, Output, Patience, unless_stopped};
use crate::config::units;

/// Sessions that are opened and then do nothing
#[derive(Debug, Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct Options {
    /// How many
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,

    /// How many are being opened at the same time
    #[arg(long, value_name = "NUMBER", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: u16,

    /// How long they stay
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = units::duration)]
    hold: Duration,

    /// JSON, for machines
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    patience: Patience,
}

const MEANING: &str = "\
A closed loop: a session is opened when one before it was.
Each is a connection of its own with all that belongs to it: TCP, TLS, authentication.";

pub(super) async fn run(options: &Options, output: Output) -> Result<(), ClientFailure> {
    let settings = options.connection.settings(&options.patience)?;
    let bar = bar(None);
    let begin = Instant::now();
    let open = async |_| {
        let began = Instant::now();
        let client = settings.builder().no_reconnect().connect().await;
        (client, began.elapsed())
    };
    let mut opening = stream::iter(0..options.count)
        .map(open)
        .buffer_unordered(options.concurrency.into());
    let mut times = Times::new()?;
    let mut clients = Vec::new();
    while let Some((client, time)) =
        unless_stopped(async { Ok::<_, ClientFailure>(opening.next().await) }).await?
    {
        let client = client.map_err(|error| after(clients.len(), error.into()))?;
        clients.push(client);
        times.add(time);
        bar.set_message(format!("{} of {} sessions", clients.len(), options.count));
        bar.tick();
    }
    let time = begin.elapsed();
    if !options.hold.is_zero() {
        let until = humantime::format_duration(options.hold);
        bar.set_message(format!("{} sessions for {until}", clients.len()));
        bar.enable_steady_tick(Duration::from_millis(200));
        let hold = async {
            tokio::time::sleep(options.hold).await;
            Ok::<_, ClientFailure>(())
        };
        unless_stopped(hold).await?;
    }
    bar.finish_and_clear();
    let lost = clients.iter().filter(|it| it.state().is_closed()).count();
    stream::iter(&clients)
        .for_each_concurrent(usize::from(options.concurrency), Client::close)
        .await;

    let mut report = Report::new("sessions");
    report.rate("sessions", "sessions", options.count.into(), time);
    report.times("time to open one", &times);
    report.add("lost meanwhile", "lost", lost);
    report.add("opened at a time", "concurrency", options.concurrency);
    report.write(output, MEANING)
}

/// Where it has ended.
fn after(opened: usize, failure: ClientFailure) -> ClientFailure {
    match failure {
        ClientFailure::Connect { what, .. } if opened > 0 => ClientFailure::Connect {
            what: format!("after {opened} sessions: {what}"),
            hint: Some(
                "are there enough file descriptors, here and there (`ulimit -n`)? does the router let so many be opened at a time (`--concurrency`)?",
            ),
        },
        ClientFailure::Connect { what, hint: None } => ClientFailure::Connect {
            what,
            hint: Some("does the router let so many be opened at a time (`--concurrency`)?"),
        },
        failure => failure,
    }
}

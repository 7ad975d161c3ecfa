//! `wamp subscribe`: events as they come.

use std::time::Duration;

use clap::Args;
use tokio::time::sleep;
use wamp_client::proto::message;
use wamp_client::proto::payload::Payload;
use wamp_client::{Client, Event, Id, Subscription};

use super::watch::{Renewal, renewal, watch};
use crate::client::{
    self, ClientFailure, Connection, MatchWord, Output, Patience, aside, note, stopped,
    unless_stopped,
};
use crate::config::units;
use crate::exit::{self, Failure};
use crate::value::{Shown, details, printable};

/// Write events to stdout as they come, until Ctrl-C
///
/// On a terminal an event is a line for people; elsewhere, and with `--json`, it is a line of JSON: `{"topic": …, "publication": …,
/// "details": {…}, "args": […], "kwargs": {…}}`. When the connection is lost, it is made and the topic is subscribed to again, and stderr
/// tells of it; events in between are lost. If the router does not want that any more, the command fails.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{}", exit::HELP))]
pub(crate) struct Options {
    /// The topic, or a pattern
    uri: String,

    /// How topics are compared with it
    #[arg(long = "match", value_enum, value_name = "HOW", default_value_t)]
    matching: MatchWord,

    /// Ask for the event that the router has kept, too
    #[arg(long)]
    retained: bool,

    /// End after so many events
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,

    /// End after this time; that is a failure only if `--count` is not reached
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    timeout: Option<Duration>,

    /// Lines of JSON, also on a terminal
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,
}

const EXAMPLES: &str = "\
Examples:
  wamp subscribe com.example.news
  wamp subscribe com.example --match prefix
  wamp subscribe com.example..state --match wildcard --json | jq .args[0]
  wamp subscribe com.example.weather --retained --count 1 --timeout 5s";

/// Events that may wait for stdout.
const CAPACITY: usize = 1 << 14;

/// Writes them.
///
/// # Errors
///
/// Why there are no more.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let output = Output::new(options.json);
    client::run(output, subscribe(options, output))
}

async fn subscribe(options: &Options, output: Output) -> Result<(), ClientFailure> {
    super::check_pattern(&options.uri, options.matching)?;
    let settings = options.connection.settings(&Patience::default())?;
    let (hook, mut renewal) = renewal();
    let client = settings.keep_connected(hook).await?;
    let mut subscription = client
        .subscribe(options.uri.as_str())
        .matching(options.matching.into())
        .capacity(CAPACITY);
    if options.retained {
        subscription = subscription.get_retained();
    }
    let subscription = unless_stopped(subscription.into_future()).await?;
    let what = format!("subscribed to `{}`", printable(&options.uri));
    let watching = watch(client.clone(), what, renewal.taken());
    let done = listen(subscription, options, output, &client, &mut renewal).await;
    watching.abort();
    client.close().await;
    done
}

async fn listen(
    mut subscription: Subscription,
    options: &Options,
    output: Output,
    client: &Client,
    renewal: &mut Renewal,
) -> Result<(), ClientFailure> {
    let over = async {
        match options.timeout {
            Some(timeout) => sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(over);
    let stop = stopped();
    tokio::pin!(stop);
    let mut left = options.count;
    while left != Some(0) {
        let event = tokio::select! {
            biased;
            () = &mut stop => return Ok(()),
            () = &mut over => return late(left, options.timeout),
            failure = renewal.refused() => return Err(failure),
            event = subscription.next() => event,
        };
        let Some(event) = event else {
            return Err(match client.state().is_closed() {
                true => ClientFailure::Lost("the connection was lost".to_owned()),
                false => ClientFailure::Lost("the router has ended the subscription".to_owned()),
            });
        };
        let write = aside(move || tell(&event, output));
        tokio::select! {
            biased;
            written = write => written?,
            () = &mut stop => return Ok(()),
            () = &mut over => return late(left, options.timeout),
        }
        left = left.map(|it| it - 1);
    }
    Ok(())
}

/// Time is over: that is a failure if some are missing.
fn late(left: Option<u64>, within: Option<Duration>) -> Result<(), ClientFailure> {
    match (left, within) {
        (Some(left), Some(within)) => Err(ClientFailure::Timeout {
            what: format!("{left} more events have not come"),
            within,
        }),
        _ => Ok(()),
    }
}

fn tell(event: &Event, output: Output) -> Result<(), ClientFailure> {
    if event.dropped() > 0 {
        note(format_args!(
            "{} events came faster than they could be written and are lost",
            event.dropped()
        ));
    }
    output.line(&line(event, output))
}

fn line(event: &Event, output: Output) -> String {
    let shown = Shown::of(event.payload());
    if output.is_for_people() {
        return format!("{}  {}", printable(event.topic()), shown.words());
    }
    let message = message::Event {
        subscription: Id::MIN,
        publication: event.publication(),
        details: event.details().clone(),
        payload: Payload::default(),
    };
    let details = details(3, |format, out| message.encode(format, out));
    let topic = serde_json::Value::from(event.topic());
    let publication = event.publication().get();
    let arguments = shown.members();
    format!(r#"{{"topic":{topic},"publication":{publication},"details":{details},{arguments}}}"#)
}

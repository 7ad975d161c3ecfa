//! `wamp bench events`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use clap::Args;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Notify;
use tokio::time::timeout;
use wamp_client::host::{Link, Receiver};
use wamp_client::proto::message;
use wamp_client::{CallError, Client};

use super::own_uri;
use super::pace::{Pace, Window};
use super::report::{Report, Times};
use crate::client::{ClientFailure, Connection, Output, Patience, unless_stopped};
use crate::config::units;

/// Events of one publisher for many subscribers
#[derive(Debug, Args)]
#[command(after_help = super::EXAMPLES)]
pub(super) struct Options {
    /// Sessions that are subscribed
    #[arg(long, value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    subscribers: u16,

    /// Events at the same time that the router has not acknowledged
    #[arg(long, value_name = "NUMBER", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    in_flight: u16,

    /// What is sent with each: a string of so many bytes
    #[arg(long, value_name = "SIZE", default_value = "16", value_parser = units::size)]
    payload: usize,

    #[command(flatten)]
    pace: Pace,

    /// JSON, for machines
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    connection: Connection,

    #[command(flatten)]
    patience: Patience,
}

/// How long the last events may take.
const STRAGGLERS: Duration = Duration::from_secs(5);

const MEANING: &str = "\
A closed loop: an event is published when one before it was acknowledged.
Times go from publishing to receiving, all in this process.";

impl Options {
    pub(super) fn json(&self) -> bool {
        self.json
    }
}

pub(super) async fn run(options: &Options, output: Output) -> Result<(), ClientFailure> {
    let settings = options.connection.settings(&options.patience)?;
    let topic = own_uri("events");
    let epoch = Instant::now();
    let deliveries = Arc::new(Deliveries::default());
    let mut subscribers = Vec::new();
    for _ in 0..options.subscribers {
        let builder = settings.builder().no_reconnect();
        let client = unless_stopped(builder.connect()).await?;
        let ear = Arc::new(Ear {
            epoch,
            times: Mutex::new(Times::new()?),
            deliveries: Arc::clone(&deliveries),
        });
        let subscribed = client
            .subscribe(topic.as_str())
            .receiver(Arc::<Ear>::clone(&ear));
        unless_stopped(subscribed).await?;
        subscribers.push((client, ear));
    }
    let builder = settings.builder().no_reconnect();
    let client = unless_stopped(builder.connect()).await?;
    let format = client.link().map(|it| it.format());
    let window = options.pace.window()?;
    let _ = deliveries.window.set(window.clone());
    let publisher = Publisher {
        client: client.clone(),
        topic,
        payload: "x".repeat(options.payload),
        epoch,
        window: window.clone(),
    };
    let publish = async { Ok(publisher.run(options.in_flight).await?) };
    let ((), published) = tokio::try_join!(window.show("events"), publish)?;
    let expected = published.counted * u64::from(options.subscribers);
    // What does not come then is lost.
    let _ = timeout(STRAGGLERS, deliveries.reach(expected)).await;
    let delivered = deliveries.count.load(Ordering::Relaxed);
    let mut times = Times::new()?;
    for (client, ear) in &subscribers {
        client.close().await;
        times.merge(&ear.times.lock().unwrap_or_else(PoisonError::into_inner));
    }
    client.close().await;

    let mut report = Report::new("events");
    let time = window.end - window.begin;
    // Those that are late take the time that they take.
    let last = epoch + Duration::from_nanos(deliveries.last.load(Ordering::Relaxed));
    let until_last = last.saturating_duration_since(window.begin).max(time);
    report.rate("published", "published", published.counted, time);
    report.rate("received", "received", delivered, until_last);
    report.times("time to a subscriber", &times);
    report.add("lost", "lost", expected.saturating_sub(delivered));
    report.add("subscribers", "subscribers", options.subscribers);
    report.add("in flight", "in_flight", options.in_flight);
    report.add("bytes of payload", "payload", options.payload);
    report.add(
        "serializer",
        "serializer",
        format.map_or("?", |it| it.name()),
    );
    report.write(output, MEANING)
}

struct Publisher {
    client: Client,
    topic: String,
    payload: String,
    epoch: Instant,
    window: Window,
}

struct Published {
    counted: u64,
}

impl Publisher {
    async fn run(self, in_flight: u16) -> Result<Published, CallError> {
        let mut counted = 0;
        let mut events = FuturesUnordered::new();
        for _ in 0..in_flight {
            events.push(self.publish());
        }
        while let Some(event) = events.next().await {
            let began = event?;
            // The ears count by the same rule.
            if began >= self.window.begin && began < self.window.end {
                counted += 1;
                self.window.count.fetch_add(1, Ordering::Relaxed);
            }
            if Instant::now() < self.window.end {
                events.push(self.publish());
            }
        }
        Ok(Published { counted })
    }

    async fn publish(&self) -> Result<Instant, CallError> {
        let began = Instant::now();
        let nanos = nanos(began - self.epoch);
        let event = self.client.publish(self.topic.as_str()).acknowledge();
        event.arg(nanos).arg(&self.payload).await?;
        // As precise as what the subscribers read.
        Ok(self.epoch + Duration::from_nanos(nanos))
    }
}

/// What all subscribers have received of what counts.
#[derive(Default)]
struct Deliveries {
    window: std::sync::OnceLock<Window>,
    count: AtomicU64,
    /// When the last one came, in nanoseconds.
    last: AtomicU64,
    more: Notify,
}

impl Deliveries {
    async fn reach(&self, expected: u64) {
        loop {
            let more = self.more.notified();
            if self.count.load(Ordering::Acquire) >= expected {
                return;
            }
            more.await;
        }
    }
}

/// One subscriber.
struct Ear {
    epoch: Instant,
    times: Mutex<Times>,
    deliveries: Arc<Deliveries>,
}

impl Receiver for Ear {
    fn event(&self, _: &Link, event: message::Event) {
        let ended = Instant::now();
        let Ok((nanos, _)) = event.payload.decode_args::<(u64, serde::de::IgnoredAny)>() else {
            return;
        };
        let began = self.epoch + Duration::from_nanos(nanos);
        let Some(window) = self.deliveries.window.get() else {
            return;
        };
        if began >= window.begin && began < window.end {
            let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            times.add(ended.saturating_duration_since(began));
            let at = ended.saturating_duration_since(self.epoch);
            let at = u64::try_from(at.as_nanos()).unwrap_or(u64::MAX);
            self.deliveries.last.fetch_max(at, Ordering::Relaxed);
            self.deliveries.count.fetch_add(1, Ordering::Release);
            self.deliveries.more.notify_one();
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

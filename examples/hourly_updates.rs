//! Topics that push: a guard that lives as long as a subscription, and a feed of events for each subscriber.
//!
//! `cargo run --example hourly_updates [ADDRESS [SECONDS]]`, or `… hourly_updates join --url ws://… [-- SECONDS]` to offer it at a router;
//! the last argument is the length of an hour, 3,600 by default.
//!
//! Subscribe to `hourly_updates` for an event an hour, or to `hourly_updates.feed` to be told the current hour at once, too.
//! `hourly_updates.listeners` counts the subscribers of the first: the guard makes sure that nobody is counted who is gone, whether
//! they unsubscribed, said goodbye or lost their connection.
//!
//! The hours come from a channel. The program feeds it from tokio's clock; the test at the end does so by hand.

use std::collections::HashSet;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::sync::watch;
use wamp_server::{App, Session, State, cli, procedure, topic};

/// Tells the number of the current hour, and waits for the next one.
struct Clock {
    hours: watch::Receiver<u32>,
}

/// The sessions that want to know.
#[derive(Default)]
struct Listeners(Mutex<HashSet<Session>>);

impl Listeners {
    fn add<'a>(&'a self, session: &'a Session) -> Listening<'a> {
        self.lock().insert(session.clone());
        Listening {
            listeners: self,
            session,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps a session among the listeners; the server drops it when the subscription ends.
struct Listening<'a> {
    listeners: &'a Listeners,
    session: &'a Session,
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        self.listeners.lock().remove(self.session);
    }
}

/// A topic with a guard: whoever subscribes is a listener until the subscription ends.
#[topic("hourly_updates")]
async fn hourly_updates<'c>(
    session: &'c Session,
    listeners: State<'c, Arc<Listeners>>,
) -> Listening<'c> {
    listeners.0.add(session)
}

/// A topic with a feed: the items of the stream are events for the one who subscribed.
#[topic("hourly_updates.feed")]
async fn feed(clock: State<'_, Clock>) -> impl Stream<Item = String> {
    let mut hours = clock.hours.clone();
    hours.mark_changed(); // The current hour is news to a new subscriber.
    stream::unfold(hours, async |mut hours| {
        hours.changed().await.ok()?;
        let text = announcement(*hours.borrow_and_update());
        Some((text, hours))
    })
}

/// How many sessions are subscribed to `hourly_updates`.
#[procedure("hourly_updates.listeners")]
async fn count(listeners: State<'_, Arc<Listeners>>) -> usize {
    listeners.lock().len()
}

/// Tells the listeners what time it is whenever an hour begins.
async fn announce(mut hours: watch::Receiver<u32>, listeners: Arc<Listeners>) {
    while hours.changed().await.is_ok() {
        let text = announcement(*hours.borrow_and_update());
        for session in listeners.lock().iter() {
            if let Err(error) = session.publish("hourly_updates", &text) {
                tracing::error!(%error, "an update cannot be sent");
            }
        }
    }
}

fn announcement(hour: u32) -> String {
    format!("The hour is {hour}")
}

/// The application, on any clock.
fn app(hours: watch::Receiver<u32>) -> App {
    let listeners = Arc::new(Listeners::default());
    tokio::spawn(announce(hours.clone(), Arc::clone(&listeners)));
    App::new().state(Clock { hours }).state(listeners)
}

/// Hours that take `length`.
fn hours(length: Duration) -> watch::Receiver<u32> {
    let (sender, receiver) = watch::channel(0);
    tokio::spawn(async move {
        let start = tokio::time::Instant::now() + length;
        let mut ticks = tokio::time::interval_at(start, length);
        while !sender.is_closed() {
            ticks.tick().await;
            sender.send_modify(|hour| *hour += 1);
        }
    });
    receiver
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let seconds = cli::rest().first().map_or(Ok(3600.0), |it| it.parse())?;
    let hours = hours(Duration::try_from_secs_f64(seconds)?);
    Ok(cli::run(app(hours)).await)
}

#[cfg(test)]
mod tests {
    use wamp_server::transport::memory::{self, Peer};

    use super::*;

    /// Receives a frame as text.
    async fn next(peer: &mut Peer) -> String {
        let frame = peer.receive().await.expect("the session is open");
        String::from_utf8(frame.to_vec()).expect("JSON is UTF-8")
    }

    #[tokio::test]
    async fn an_event_an_hour_until_unsubscribed() {
        let (clock, hours) = watch::channel(7);
        let server = app(hours).build().unwrap();
        let (near, mut peer) = memory::pair();
        tokio::spawn(server.attach(near));
        peer.send(r#"[1,"realm1",{"roles":{"subscriber":{},"caller":{}}}]"#)
            .await
            .unwrap();
        assert!(next(&mut peer).await.starts_with("[2,"));

        peer.send(r#"[32,1,{},"hourly_updates"]"#).await.unwrap();
        let subscribed = next(&mut peer).await;
        let subscription = subscribed
            .strip_prefix("[33,1,")
            .unwrap()
            .trim_end_matches(']');
        clock.send_replace(8);
        assert!(next(&mut peer).await.ends_with(r#"["The hour is 8"]]"#));
        assert_eq!(listeners(&mut peer).await, "[50,2,{},[1]]");

        let unsubscribe = format!("[34,3,{subscription}]");
        peer.send(unsubscribe).await.unwrap();
        assert_eq!(next(&mut peer).await, "[35,3]");
        assert_eq!(listeners(&mut peer).await, "[50,2,{},[0]]");
    }

    async fn listeners(peer: &mut Peer) -> String {
        let call = r#"[48,2,{},"hourly_updates.listeners"]"#;
        peer.send(call).await.expect("the session is open");
        next(peer).await
    }

    #[tokio::test]
    async fn a_feed_begins_with_the_current_hour() {
        let (clock, hours) = watch::channel(7);
        let server = app(hours).build().unwrap();
        let (near, mut peer) = memory::pair();
        tokio::spawn(server.attach(near));
        peer.send(r#"[1,"realm1",{"roles":{"subscriber":{}}}]"#)
            .await
            .unwrap();
        assert!(next(&mut peer).await.starts_with("[2,"));

        peer.send(r#"[32,1,{},"hourly_updates.feed"]"#)
            .await
            .unwrap();
        assert!(next(&mut peer).await.starts_with("[33,1,"));
        assert!(next(&mut peer).await.ends_with(r#"["The hour is 7"]]"#));
        clock.send_replace(8);
        assert!(next(&mut peer).await.ends_with(r#"["The hour is 8"]]"#));
    }
}

//! Events that a client is to receive, or not.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use wamp_client::host::{Link, Receiver};
use wamp_client::{Event, Match};
use wamp_proto::message;

use super::client::TestClient;
use super::diff::list;

/// Messages that are shown when an event is missing.
const SHOWN: usize = 20;

/// Takes no notice: the connection has done that already.
struct Nobody;

impl Receiver for Nobody {
    fn event(&self, _: &Link, _: message::Event) {}
}

impl TestClient {
    /// Subscribes to a topic, so that its events can be [expected](Self::expect_event) later. Nothing happens if the client is subscribed to
    /// it already, in whatever way.
    ///
    /// # Panics
    ///
    /// When the router refuses.
    #[track_caller]
    pub fn listen<'a>(&'a self, topic: &'a str) -> impl Future<Output = ()> + Send + 'a {
        let caller = Location::caller();
        async move {
            self.begin(topic, caller).await;
        }
    }

    /// True if the client was not subscribed before.
    async fn begin(&self, topic: &str, caller: &Location<'_>) -> bool {
        if self.tap.lock().log.is_subscribed(topic) {
            return false;
        }
        let subscribe = self.subscribe(topic).matching(Match::Exact);
        match subscribe.receiver(Arc::new(Nobody)).await {
            Ok(_) => true,
            Err(error) => panic!("{caller}: cannot subscribe to `{topic}`: {error}"),
        }
    }

    /// The next event of a topic, which may have come before already: each event is expected once, in the order in which they came.
    ///
    /// Events come by any subscription of the client that fits the topic, [`listen`](Self::listen) among them. If there is none, one is made
    /// now, and what was published before is missed.
    ///
    /// # Panics
    ///
    /// When none comes in time. The message shows what came instead.
    #[track_caller]
    pub fn expect_event<'a>(
        &'a self,
        topic: &'a str,
        within: Duration,
    ) -> impl Future<Output = Event> + Send + 'a {
        let caller = Location::caller();
        async move {
            let mut events = self.wait(topic, 1, within, caller).await;
            events.remove(0)
        }
    }

    /// The next events of a topic, which is as if each were [expected](Self::expect_event). They have the time that
    /// [`TestRealm::patience`](super::TestRealm::patience) says.
    ///
    /// # Panics
    ///
    /// When fewer come in time.
    #[track_caller]
    pub fn collect<'a>(
        &'a self,
        topic: &'a str,
        count: usize,
    ) -> impl Future<Output = Vec<Event>> + Send + 'a {
        let caller = Location::caller();
        self.wait(topic, count, self.patience, caller)
    }

    /// There is no event that has not been expected, of any topic, and none comes in that time.
    ///
    /// # Panics
    ///
    /// When there is one.
    #[track_caller]
    pub fn expect_no_event(&self, within: Duration) -> impl Future<Output = ()> + Send + '_ {
        let caller = Location::caller();
        async move {
            let came = self
                .tap
                .until(within, |state| state.log.events().pop_front());
            if let Some((event, message)) = came.await {
                let topic = event.topic();
                panic!("{caller}: an event of `{topic}` has come: {message}");
            }
        }
    }

    async fn wait(
        &self,
        topic: &str,
        count: usize,
        within: Duration,
        caller: &Location<'_>,
    ) -> Vec<Event> {
        let is_late = self.begin(topic, caller).await;
        let found = self.tap.until(within, |state| {
            let events = state.log.events();
            let enough = events.iter().filter(|(it, _)| it.topic() == topic).count() >= count;
            enough.then(|| take(events, topic, count))
        });
        match found.await {
            Some(events) => events,
            None => panic!("{caller}: {}", self.missing(topic, count, within, is_late)),
        }
    }

    fn missing(&self, topic: &str, count: usize, within: Duration, is_late: bool) -> String {
        let mut state = self.tap.lock();
        let events = list(state.log.events().iter().map(|(_, message)| message));
        let end = state.log.end();
        let last = list(state.log.since(end.saturating_sub(SHOWN as u64)));
        let late = match is_late {
            true => "\nThe client has subscribed to it only now: `listen` does it before.",
            false => "",
        };
        let what = match count {
            1 => format!("no event of `{topic}`"),
            _ => format!("not {count} events of `{topic}`"),
        };
        format!(
            "{what} within {within:?}\nevents that were not expected:{events}\nthe last messages:{last}{late}"
        )
    }
}

fn take(
    events: &mut std::collections::VecDeque<(Event, super::WireMessage)>,
    topic: &str,
    count: usize,
) -> Vec<Event> {
    let mut taken = Vec::new();
    events.retain(|(event, _)| {
        let wanted = taken.len() < count && event.topic() == topic;
        if wanted {
            taken.push(event.clone());
        }
        !wanted
    });
    taken
}

//! Events for server code.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytestring::ByteString;
use futures_core::Stream;
use wamp_proto::message::Message;
use wamp_uri::{Match, Rule, UriError};

use super::{Event, Realm};
use crate::router::listener::{FORMAT, Listener};
use crate::router::subscription::Subscription as Subscribed;

/// How many events wait to be read, unless somebody says otherwise.
const BUFFER: usize = 1024;

impl Realm {
    /// Subscribes to a topic: a [`Stream`] of the events that clients and the application publish.
    ///
    /// Events that are for [certain sessions](super::Publication::eligible) only are for no server code. Neither handlers of the topic nor
    /// rules are asked, and the meta API does not show the subscription.
    ///
    /// ```
    /// # async fn f(realm: &wamp_server::Realm) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut weather = realm.subscribe("weather.vienna")?;
    /// while let Some(event) = weather.next().await {
    ///     let (sky, degrees): (String, f64) = event.decode()?;
    ///     println!("{sky}, {degrees} °C");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When it is no URI.
    pub fn subscribe(&self, topic: impl Into<ByteString>) -> Result<Subscription, UriError> {
        self.subscription(topic).open()
    }

    /// Begins a subscription to a pattern, or one that reads more or fewer events ahead.
    ///
    /// ```
    /// # async fn f(realm: &wamp_server::Realm) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut all = realm.subscription("weather").prefix().buffer(16).open()?;
    /// while let Some(event) = all.next().await {
    ///     println!("{}: {} were not read in time before", event.topic(), event.dropped());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn subscription(&self, topic: impl Into<ByteString>) -> SubscriptionBuilder {
        SubscriptionBuilder {
            realm: self.clone(),
            topic: topic.into(),
            matching: Match::Exact,
            buffer: BUFFER,
        }
    }
}

/// What to subscribe to, and how. See [`Realm::subscription`].
#[derive(Debug)]
#[must_use = "a subscription begins when it is opened"]
pub struct SubscriptionBuilder {
    realm: Realm,
    topic: ByteString,
    matching: Match,
    buffer: usize,
}

impl SubscriptionBuilder {
    /// Subscribes to all topics that begin with this. WAMP, "Prefix Matching".
    pub fn prefix(mut self) -> Self {
        self.matching = Match::Prefix;
        self
    }

    /// Subscribes to all topics with these components, where an empty one stands for any: `weather..today`. WAMP, "Wildcard Matching".
    pub fn wildcard(mut self) -> Self {
        self.matching = Match::Wildcard;
        self
    }

    /// Sets how many events wait to be read, at least one: 1024 without it. They are also bounded by
    /// [`Limits::outbound_hard`](crate::Limits), in bytes. When there are more, the oldest are dropped, and the next that is read
    /// [says how many](Event::dropped).
    pub fn buffer(mut self, events: usize) -> Self {
        self.buffer = events;
        self
    }

    /// Subscribes: what is published from here on is received.
    ///
    /// # Errors
    ///
    /// When it is neither a URI nor a pattern of the chosen kind.
    pub fn open(self) -> Result<Subscription, UriError> {
        let Self {
            realm,
            topic,
            matching,
            buffer,
        } = self;
        match matching {
            Match::Exact => wamp_uri::check(&topic, Rule::Loose)?,
            _ => wamp_uri::check_pattern(&topic, matching, Rule::Loose)?,
        }
        wamp_uri::check_limits(&topic)?;
        let inner = realm.inner();
        let listener = Arc::new(Listener::new(buffer, inner.shared.limits.outbound_hard));
        let now = SystemTime::now();
        let subscribed = inner.broker.listen(&topic, matching, &listener, now);
        inner.upstream.listen(&topic, matching, &listener);
        Ok(Subscription {
            realm,
            subscribed,
            listener,
        })
    }
}

/// A [`Stream`] of events. It ends when the server has shut down; the subscription ends when this is dropped.
///
/// Whoever publishes never waits for it: see [`buffer`](SubscriptionBuilder::buffer) for what is not read in time.
#[must_use = "the subscription ends when this is dropped"]
pub struct Subscription {
    realm: Realm,
    subscribed: Arc<Subscribed>,
    listener: Arc<Listener>,
}

impl Subscription {
    /// The next event; `None` when the server has shut down.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|cx| self.poll_event(cx)).await
    }

    /// What is subscribed to.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.subscribed.topic
    }

    fn poll_event(&self, cx: &Context<'_>) -> Poll<Option<Event>> {
        loop {
            let Some(heard) = ready!(self.listener.poll_next(cx)) else {
                return Poll::Ready(None);
            };
            match Message::decode(FORMAT, &heard.frame) {
                Ok(Message::Event(event)) => {
                    let topic = &self.subscribed.topic;
                    return Poll::Ready(Some(Event::new(event, topic, heard.dropped)));
                }
                // The broker writes nothing else.
                other => tracing::error!(?other, "this is no event"),
            }
        }
    }
}

impl Stream for Subscription {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll_event(cx)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let inner = self.realm.inner();
        inner.upstream.unlisten(&self.listener);
        inner.broker.unlisten(&self.subscribed, &self.listener);
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("topic", &self.subscribed.topic)
            .field("match", &self.subscribed.matching)
            .finish_non_exhaustive()
    }
}

//! Subscribing to events: as a stream, or with a handler.

use std::collections::VecDeque;
use std::fmt;
use std::future::{IntoFuture, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytestring::ByteString;
use futures_core::Stream;
use futures_util::FutureExt as _;
use wamp_proto::id::Id;
use wamp_proto::message;
use wamp_proto::message::Overflow;
use wamp_proto::message::details::SubscribeOptions;
use wamp_proto::received::Event;
use wamp_uri::Match;

use crate::client::Client;
use crate::error::CallError;
use crate::host::Receiver;
use crate::link::Link;
use crate::subscription::{Subscribed, Topic};
use crate::values::{CustomOptions, option_method};

/// Events that may wait to be read.
const CAPACITY: usize = 1024;

/// Bytes of their arguments.
const MAX_BYTES: usize = 64 << 20;

/// A subscription that is about to be made. It is when it is awaited.
///
/// ```no_run
/// # use wamp_client::{Client, Match};
/// # async fn f(client: Client) -> Result<(), wamp_client::CallError> {
/// let mut events = client.subscribe("weather").matching(Match::Prefix).await?;
/// while let Some(event) = events.next().await {
///     println!("{}: {} degrees", event.topic(), event.decode::<i32>()?);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// What the router answers, that it does not, and that there is no session.
#[must_use = "a subscription is made when it is awaited"]
pub struct Subscribe {
    client: Client,
    topic: ByteString,
    options: SubscribeOptions,
    custom: CustomOptions,
    capacity: usize,
}

impl Subscribe {
    pub(crate) fn new(client: Client, topic: ByteString) -> Self {
        Self {
            client,
            topic,
            options: SubscribeOptions::default(),
            custom: CustomOptions::default(),
            capacity: CAPACITY,
        }
    }

    option_method!();

    /// Sets how topics are compared with this one. WAMP, "Pattern-based Subscription".
    pub fn matching(mut self, matching: Match) -> Self {
        self.options.matching = matching;
        self
    }

    /// Asks for the last event that the router has kept, too. WAMP, "Event Retention".
    pub fn get_retained(mut self) -> Self {
        self.options.get_retained = true;
        self
    }

    /// Sets what the router does with events that this client does not read in time. Only routers of this project know it.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.options.overflow = Some(overflow);
        self
    }

    /// Sets how many events may wait to be read; 1,024 without it, at least 1. If there are more, or more than 64 MiB, the oldest are dropped
    /// and [counted](Event::dropped).
    pub fn capacity(mut self, events: usize) -> Self {
        self.capacity = events.max(1);
        self
    }

    /// Has a function called for each event, one after the other, in a task of its own. One that panics is logged, and the next event has its turn.
    ///
    /// ```no_run
    /// # use wamp_client::Event;
    /// # async fn f(client: wamp_client::Client) -> Result<(), wamp_client::CallError> {
    /// let subscribed = client
    ///     .subscribe("weather.vienna")
    ///     .handler(async |event: Event| println!("{:?}", event.details().publisher))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for any [`Subscribe`].
    pub async fn handler<F, Fut>(self, mut handler: F) -> Result<Subscribed, CallError>
    where
        F: FnMut(Event) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let queue = Arc::new(Queue::new(self.topic.clone(), self.capacity));
        let subscribed = self.receiver(Arc::<Queue>::clone(&queue)).await?;
        tokio::spawn(async move {
            while let Some(event) = poll_fn(|cx| queue.poll_next(cx)).await {
                let handled = AssertUnwindSafe(async { handler(event).await });
                if handled.catch_unwind().await.is_err() {
                    tracing::error!(
                        topic = &*queue.topic,
                        "the handler of an event has panicked"
                    );
                }
            }
        });
        Ok(subscribed)
    }

    /// Has each event given to a [`Receiver`] as it comes.
    ///
    /// # Errors
    ///
    /// As for any [`Subscribe`].
    pub async fn receiver(self, receiver: Arc<dyn Receiver>) -> Result<Subscribed, CallError> {
        let Self {
            client,
            topic,
            mut options,
            custom,
            ..
        } = self;
        custom.add_to(&mut options.unknown)?;
        let link = client.open_link()?;
        client.room(&link).await?;
        let topic = Arc::new(Topic::new(topic, options, receiver));
        let wanted = client.want_topic(&topic);
        let answer = topic.ask(&link)?;
        client.in_time(answer).await?;
        wanted.keep();
        Ok(Subscribed { client, topic })
    }
}

impl IntoFuture for Subscribe {
    type Output = Result<Subscription, CallError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let queue = Arc::new(Queue::new(self.topic.clone(), self.capacity));
            let subscribed = self.receiver(Arc::<Queue>::clone(&queue)).await?;
            Ok(Subscription { queue, subscribed })
        })
    }
}

impl fmt::Debug for Subscribe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscribe")
            .field("topic", &self.topic)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// The events of a subscription: a stream, which ends when the client is closed or the router ends the subscription, and goes on after a
/// reconnection. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Subscription {
    queue: Arc<Queue>,
    subscribed: Subscribed,
}

impl Subscription {
    /// The next event; `None` when there will be none.
    pub async fn next(&mut self) -> Option<Event> {
        poll_fn(|cx| self.queue.poll_next(cx)).await
    }

    /// The next event, if there is one already.
    pub fn try_next(&mut self) -> Option<Event> {
        self.queue.lock().pop(&self.queue.topic)
    }

    /// The id that the router has given it; `None` while there is no session. It changes with the session.
    #[must_use]
    pub fn id(&self) -> Option<Id> {
        self.subscribed.id()
    }

    /// What is subscribed to.
    #[must_use]
    pub fn topic(&self) -> &str {
        self.subscribed.topic()
    }

    /// Ends it, and waits until the router has agreed.
    ///
    /// # Errors
    ///
    /// What the router answers, or that it does not.
    pub async fn unsubscribe(self) -> Result<(), CallError> {
        self.subscribed.clone().unsubscribe().await
    }
}

impl Stream for Subscription {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.queue.poll_next(cx)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.subscribed.abandon();
    }
}

/// Events that wait to be read. If there are too many, the oldest are dropped.
struct Queue {
    topic: ByteString,
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: VecDeque<message::Event>,
    /// Bytes of their arguments.
    bytes: usize,
    /// Events that were dropped since the last one was read.
    dropped: u64,
    over: bool,
    waker: Option<Waker>,
}

impl Queue {
    fn new(topic: ByteString, capacity: usize) -> Self {
        Self {
            topic,
            capacity,
            state: Mutex::default(),
        }
    }

    fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut state = self.lock();
        if let Some(event) = state.pop(&self.topic) {
            return Poll::Ready(Some(event));
        }
        if state.over {
            return Poll::Ready(None);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.events.pop_front() {
            self.bytes -= oldest.payload.len();
            self.dropped += 1;
        }
    }

    fn pop(&mut self, topic: &ByteString) -> Option<Event> {
        let event = self.events.pop_front()?;
        self.bytes -= event.payload.len();
        Some(Event::new(event, topic, std::mem::take(&mut self.dropped)))
    }
}

impl Receiver for Queue {
    fn event(&self, _: &Link, event: message::Event) {
        let mut state = self.lock();
        state.bytes += event.payload.len();
        state.events.push_back(event);
        while state.events.len() > self.capacity
            || (state.bytes > MAX_BYTES && state.events.len() > 1)
        {
            state.drop_oldest();
        }
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn over(&self) {
        let mut state = self.lock();
        state.over = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("topic", &self.topic)
            .field("waiting", &self.lock().events.len())
            .finish_non_exhaustive()
    }
}

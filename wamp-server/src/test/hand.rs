//! Messages that are written by hand, on the session of a client.

use std::future::poll_fn;
use std::panic::Location;

use bytes::Bytes;
use wamp_proto::message::Message;

use super::client::TestClient;
use super::diff::list;
use super::message::{Direction, WireMessage};
use super::pattern::Pattern;

/// Sends messages on a client's session that the client knows nothing of, and shows what is received from then on; see
/// [`TestClient::raw`].
///
/// Answers to what was sent by hand are not given to the client, which would take them for a violation of the protocol. Everything else
/// is: for callees by hand, and for what comes before a session, there is [`TestRealm::raw`](super::TestRealm::raw).
#[derive(Debug)]
pub struct Hand<'c> {
    client: &'c TestClient,
    /// The number of the first message that has not been looked at.
    next: u64,
}

impl<'c> Hand<'c> {
    pub(super) fn new(client: &'c TestClient) -> Self {
        let next = client.tap.lock().log.end();
        Self { client, next }
    }

    /// Sends a message, written as JSON: `[48,1,{},"math.add",[2,3]]`. What is no JSON is sent as it is.
    ///
    /// # Panics
    ///
    /// When there is no connection.
    #[track_caller]
    pub fn send(&self, message: &str) -> impl Future<Output = ()> + Send + '_ {
        let message = self.client.tap.encode(message);
        self.send_bytes(message)
    }

    /// Sends bytes as they are, as one message.
    ///
    /// # Panics
    ///
    /// When there is no connection.
    #[track_caller]
    pub fn send_bytes(&self, message: impl Into<Bytes>) -> impl Future<Output = ()> + Send + '_ {
        let caller = Location::caller();
        let tap = &self.client.tap;
        let message = message.into();
        let format = tap.subprotocol().format;
        let read = WireMessage::new(Direction::ToServer, format, message.clone()).message();
        if let Some(request) = read.as_ref().and_then(request) {
            tap.lock().log.ask_by_hand(request);
        }
        let frame = tap.pack(&message);
        async move {
            let sent = match tap.send(frame) {
                Ok(()) => poll_fn(|cx| tap.poll_flush(cx)).await,
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                panic!("{caller}: cannot send: {error}");
            }
        }
    }

    /// The next message that is received.
    ///
    /// # Panics
    ///
    /// When there is none in time.
    #[track_caller]
    pub fn receive(&mut self) -> impl Future<Output = WireMessage> + Send + '_ {
        let caller = Location::caller();
        async move {
            match self.next().await {
                Some(message) => message,
                None => panic!(
                    "{caller}: nothing was received within {:?}",
                    self.client.patience
                ),
            }
        }
    }

    /// The next message that is received is like a [pattern](super#patterns).
    ///
    /// # Panics
    ///
    /// When it is not, or there is none in time.
    #[track_caller]
    pub fn expect<'a>(
        &'a mut self,
        pattern: &'a str,
    ) -> impl Future<Output = WireMessage> + Send + 'a {
        let caller = Location::caller();
        let expected = Pattern::parse(pattern);
        async move {
            match self.next().await {
                Some(message) if expected.matches(&message) => message,
                other => panic!("{caller}: expected {pattern}, but received{}", list(&other)),
            }
        }
    }

    async fn next(&mut self) -> Option<WireMessage> {
        let Self { client, next } = self;
        let found = client.tap.until(client.patience, |state| {
            let log = &state.log;
            let first = log.first_number(*next);
            let mut messages = (first..).zip(log.since(first));
            messages
                .find(|(_, it)| it.direction() == Direction::ToClient)
                .map(|(number, it)| (number, it.clone()))
        });
        let (number, message) = found.await?;
        *next = number + 1;
        Some(message)
    }
}

/// The id of a request that is answered to the client.
fn request(message: &Message) -> Option<wamp_proto::id::Id> {
    match message {
        Message::Call(it) => Some(it.request),
        Message::Publish(it) => Some(it.request),
        Message::Subscribe(it) => Some(it.request),
        Message::Unsubscribe(it) => Some(it.request),
        Message::Register(it) => Some(it.request),
        Message::Unregister(it) => Some(it.request),
        _ => None,
    }
}

//! A peer of the server that sends what it is told to.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::timeout;
use wamp_client::transport::Transport as _;
use wamp_proto::id::Id;
use wamp_proto::message::Message;
use wamp_proto::subprotocol::Subprotocol;

use super::PATIENCE;
use super::diff::list;
use super::faults::Faults;
use super::line::Line;
use super::message::{Direction, WireMessage};
use super::pattern::Pattern;
use super::tap::Tap;
use crate::transport::memory::{Closed, Peer};

/// A connection without a client: messages are written by hand, and nothing is answered by itself. See
/// [`TestRealm::raw`](super::TestRealm::raw).
///
/// ```
/// use wamp_server::App;
/// use wamp_server::test::TestRealm;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let realm = TestRealm::new(App::empty());
/// let mut raw = realm.raw();
/// raw.send(r#"[48,1,{},"math.add",[2,3]]"#).await?;
/// raw.expect(r#"← [3,*,"wamp.error.protocol_violation"]"#).await;
/// raw.expect_end().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RawClient {
    line: Line,
    tap: Arc<Tap>,
    /// Received in a batch, and not looked at.
    received: VecDeque<WireMessage>,
    patience: Duration,
}

impl RawClient {
    /// The far end of a connection in memory, whatever is at the near one.
    #[must_use]
    pub fn over(subprotocol: Subprotocol, peer: Peer) -> Self {
        let tap = Arc::new(Tap::new(subprotocol));
        Self {
            line: Line::new(Arc::clone(&tap), peer),
            tap,
            received: VecDeque::new(),
            patience: PATIENCE,
        }
    }

    pub(super) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// What can go wrong on the connection.
    #[must_use]
    pub fn faults(&self) -> Faults {
        Faults::new(&self.tap)
    }

    /// What was sent and received so far.
    #[must_use]
    pub fn wire(&self) -> Vec<WireMessage> {
        self.tap.lock().log.since(0).cloned().collect()
    }

    /// Sends a message, written as JSON: `[48,1,{},"math.add",[2,3]]`. What is no JSON is sent as it is.
    ///
    /// # Errors
    ///
    /// When the server has closed the connection.
    pub async fn send(&mut self, message: impl AsRef<str>) -> Result<(), Closed> {
        self.send_all(&[message.as_ref()]).await
    }

    /// Sends several messages, in one frame if the serializer is a batched one.
    ///
    /// # Errors
    ///
    /// When the server has closed the connection.
    pub async fn send_all(&mut self, messages: &[&str]) -> Result<(), Closed> {
        let frames = messages
            .iter()
            .map(|message| self.tap.pack(&self.tap.encode(message)));
        if self.tap.subprotocol().batched {
            let batch = frames.flatten().collect::<BytesMut>();
            return self.send_bytes(batch).await;
        }
        for frame in frames.collect::<Vec<_>>() {
            self.send_bytes(frame).await?;
        }
        Ok(())
    }

    /// Sends a frame as it is, as soon as there is room for it on the way.
    ///
    /// # Errors
    ///
    /// When the server has closed the connection.
    pub async fn send_bytes(&mut self, frame: impl Into<Bytes>) -> Result<(), Closed> {
        let ready = poll_fn(|cx| self.tap.poll_ready(cx)).await;
        ready.map_err(|_| Closed)?;
        self.line.send(frame.into()).map_err(|_| Closed)?;
        let flushed = poll_fn(|cx| self.line.poll_flush(cx)).await;
        flushed.map_err(|_| Closed)
    }

    /// The next message, however long it takes; `None` when the connection has ended.
    pub async fn next(&mut self) -> Option<WireMessage> {
        loop {
            if let Some(message) = self.received.pop_front() {
                return Some(message);
            }
            let frame = poll_fn(|cx| self.line.poll_receive(cx)).await?.ok()?;
            self.received = self.tap.split(Direction::ToClient, &frame).into();
        }
    }

    /// Whether the frame that came last held more messages.
    #[must_use]
    pub fn has_more(&self) -> bool {
        !self.received.is_empty()
    }

    /// The next message.
    ///
    /// # Panics
    ///
    /// When there is none in time, or the connection has ended.
    #[track_caller]
    pub fn receive(&mut self) -> impl Future<Output = WireMessage> + Send + '_ {
        let caller = Location::caller();
        async move {
            match self.soon().await {
                Ok(Some(message)) => message,
                other => panic!("{caller}: {}", missing("a message", &other)),
            }
        }
    }

    /// The next message is like a [pattern](super#patterns).
    ///
    /// # Panics
    ///
    /// When it is not, there is none in time, or the connection has ended.
    #[track_caller]
    pub fn expect<'a>(
        &'a mut self,
        pattern: &'a str,
    ) -> impl Future<Output = WireMessage> + Send + 'a {
        let caller = Location::caller();
        let expected = Pattern::parse(pattern);
        async move {
            match self.soon().await {
                Ok(Some(message)) if expected.matches(&message) => message,
                other => panic!("{caller}: {}", missing(pattern, &other)),
            }
        }
    }

    /// The server closes the connection, and says nothing before that.
    ///
    /// # Panics
    ///
    /// When it says something, or does not close it in time.
    #[track_caller]
    pub fn expect_end(&mut self) -> impl Future<Output = ()> + Send + '_ {
        let caller = Location::caller();
        async move {
            match self.soon().await {
                Ok(None) => {}
                other => panic!("{caller}: {}", missing("the end of the connection", &other)),
            }
        }
    }

    /// Opens a session that can do everything; gives its id.
    ///
    /// # Panics
    ///
    /// When it is not opened in time.
    #[track_caller]
    pub fn join<'a>(&'a mut self, realm: &'a str) -> impl Future<Output = Id> + Send + 'a {
        let caller = Location::caller();
        async move {
            let sent = self.send(hello(realm)).await;
            let answer = match sent {
                Ok(()) => self.soon().await,
                Err(Closed) => Ok(None),
            };
            let message = answer.as_ref().ok().and_then(|it| it.as_ref()?.message());
            match message {
                Some(Message::Welcome(welcome)) => welcome.session,
                _ => panic!("{caller}: {}", missing("WELCOME", &answer)),
            }
        }
    }

    async fn soon(&mut self) -> Result<Option<WireMessage>, Duration> {
        let patience = self.patience;
        let next = timeout(patience, self.next()).await;
        next.map_err(|_| patience)
    }
}

/// HELLO of somebody who can do everything.
fn hello(realm: &str) -> String {
    const ALL: &str = r#"{"progressive_call_results":true,"progressive_call_invocations":true,"call_canceling":true,"call_timeout":true,"registration_revocation":true,"subscription_revocation":true}"#;
    let realm = serde_json::Value::from(realm);
    let roles = ["caller", "callee", "publisher", "subscriber"]
        .map(|role| format!(r#""{role}":{{"features":{ALL}}}"#))
        .join(",");
    format!(r#"[1,{realm},{{"roles":{{{roles}}}}}]"#)
}

fn missing(wanted: &str, instead: &Result<Option<WireMessage>, Duration>) -> String {
    match instead {
        Ok(Some(message)) => format!("expected {wanted}, but received{}", list([message])),
        Ok(None) => format!("expected {wanted}, but the connection has ended"),
        Err(patience) => format!("expected {wanted}, but received nothing within {patience:?}"),
    }
}

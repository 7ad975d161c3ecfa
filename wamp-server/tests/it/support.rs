//! A client that reads like prose, and events that tests and handlers wait for.
//!
//! Time is paused in nearly all tests. It moves only when nothing else can happen, so waiting for one (virtual) millisecond is
//! waiting until everything has settled: what has not come by then does not come without time passing.

mod witness;

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::test::{RawClient, WireMessage};
use wamp_server::transport::memory::{self, Peer};
use wamp_server::transport::{Transport, TransportInfo};
use wamp_server::{App, Server};

pub(crate) use serde_json::json;

pub(crate) use self::witness::{Events, Guard, Log};

/// Stands for a value that is not known beforehand, such as a random id.
pub(crate) const ANY: &str = "<anything>";

/// HELLO as most tests say it.
pub(crate) const HELLO: &str =
    r#"[1,"realm1",{"roles":{"caller":{},"subscriber":{},"publisher":{}}}]"#;

/// Long enough for the machine to be slow, too short to wait for.
const SETTLED: Duration = Duration::from_millis(1);

/// Builds an application that has no mistakes.
pub(crate) fn build(app: App) -> Server {
    app.build().expect("the application has no mistakes")
}

/// Waits until nothing happens any more.
pub(crate) async fn settle() {
    tokio::time::sleep(SETTLED).await;
}

/// Runs a case of a property test, with time paused.
pub(crate) fn blocking(case: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.expect("a runtime").block_on(case);
}

/// A peer of the server that says what it is told to, and compares what it hears: a [`RawClient`] whose connection can be looked after.
pub(crate) struct Client {
    raw: RawClient,
    connection: JoinHandle<()>,
}

impl Client {
    /// A connection without a session.
    pub(crate) fn connect(server: &Server) -> Self {
        Self::connect_as(server, Subprotocol::default())
    }

    /// The same with another serializer.
    pub(crate) fn connect_as(server: &Server, subprotocol: Subprotocol) -> Self {
        Self::connect_from(server, subprotocol, TransportInfo::default())
    }

    /// The same with something to know about the peer.
    pub(crate) fn connect_from(
        server: &Server,
        subprotocol: Subprotocol,
        info: TransportInfo,
    ) -> Self {
        let (near, far) = memory::pair_with(subprotocol, info);
        Self::over(server, near, far)
    }

    /// The same over any transport whose other end is a memory peer.
    pub(crate) fn over(server: &Server, near: impl Transport, peer: Peer) -> Self {
        Self {
            raw: RawClient::over(near.subprotocol(), peer),
            connection: tokio::spawn(server.attach(near)),
        }
    }

    /// A connection with an open session.
    pub(crate) async fn join(server: &Server) -> Self {
        Self::join_as(server, Subprotocol::default()).await
    }

    /// The same with another serializer.
    pub(crate) async fn join_as(server: &Server, subprotocol: Subprotocol) -> Self {
        let mut client = Self::connect_as(server, subprotocol);
        client.hello().await;
        client
    }

    /// Says HELLO, hears WELCOME, and gives the session's id.
    pub(crate) async fn hello(&mut self) -> u64 {
        self.say(HELLO).await;
        let welcome = self.next().await;
        assert_eq!(welcome[0], 2, "WELCOME, not {welcome}");
        welcome[1].as_u64().expect("a session id")
    }

    /// Sends a message, written as JSON.
    pub(crate) async fn say(&mut self, message: impl AsRef<str>) {
        self.raw.send(message).await.expect("the server reads");
    }

    /// Sends several messages in one frame; the subprotocol must be a batched one.
    pub(crate) async fn say_all(&mut self, messages: &[&str]) {
        let sent = self.raw.send_all(messages).await;
        sent.expect("the server reads");
    }

    /// Whether the batch that came last has not been looked at completely.
    pub(crate) fn has_more_of_its_batch(&self) -> bool {
        self.raw.has_more()
    }

    /// Sends a frame as it is.
    pub(crate) async fn say_bytes(&mut self, frame: impl Into<Bytes>) {
        let sent = self.raw.send_bytes(frame).await;
        sent.expect("the server reads");
    }

    /// Sends a frame if the connection is still there.
    pub(crate) async fn try_say(&mut self, message: &str) -> bool {
        self.raw.send(message).await.is_ok()
    }

    /// The next message, if it comes without time passing; `None` inside when the connection has ended.
    async fn heard(&mut self) -> Option<Option<WireMessage>> {
        timeout(SETTLED, self.raw.next()).await.ok()
    }

    async fn next_heard(&mut self) -> WireMessage {
        match self.heard().await {
            Some(Some(message)) => message,
            Some(None) => panic!("the connection has ended"),
            None => panic!("nothing was heard"),
        }
    }

    /// The next message as bytes.
    pub(crate) async fn next_bytes(&mut self) -> Bytes {
        self.next_heard().await.bytes().clone()
    }

    /// The next message.
    pub(crate) async fn next(&mut self) -> Value {
        value(&self.next_heard().await)
    }

    /// The next message is this, where [`ANY`] is anything.
    #[track_caller]
    pub(crate) fn hears(&mut self, expected: Value) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            match self.heard().await {
                Some(Some(message)) => {
                    let heard = value(&message);
                    assert!(
                        matches(&expected, &heard),
                        "{caller}: expected {expected}, heard {heard}"
                    );
                }
                Some(None) => panic!("{caller}: expected {expected}, but the connection has ended"),
                None => panic!("{caller}: expected {expected}, but nothing was heard"),
            }
        }
    }

    /// The next message is this, byte for byte.
    pub(crate) async fn hears_bytes(&mut self, expected: &str) {
        let heard = self.next_bytes().await;
        assert_eq!(String::from_utf8_lossy(&heard), expected);
    }

    /// The next messages are these, in any order.
    pub(crate) async fn hears_in_any_order(&mut self, expected: impl IntoIterator<Item = Value>) {
        let mut expected = expected.into_iter().collect::<Vec<_>>();
        while !expected.is_empty() {
            let heard = self.next().await;
            let found = expected.iter().position(|it| matches(it, &heard));
            expected
                .remove(found.unwrap_or_else(|| panic!("heard {heard}, not one of {expected:?}")));
        }
    }

    /// This comes after that much time, and nothing before it.
    pub(crate) async fn hears_after(&mut self, time: Duration, expected: Value) {
        let begin = Instant::now();
        assert!(!self.raw.has_more(), "something was heard before");
        let heard = timeout(time + Duration::from_secs(3600), self.raw.next()).await;
        let heard = heard
            .expect("within the hour")
            .expect("the connection goes on");
        let took = begin.elapsed();
        let heard = value(&heard);
        assert!(
            matches(&expected, &heard),
            "expected {expected}, heard {heard}"
        );
        assert!(
            took >= time && took <= time + SETTLED,
            "after {took:?}, not {time:?}: {heard}"
        );
    }

    /// Nothing comes, without time passing.
    pub(crate) async fn hears_nothing(&mut self) {
        match self.heard().await {
            None => {}
            Some(None) => panic!("the connection has ended"),
            Some(Some(message)) => panic!("heard {message}"),
        }
    }

    /// The connection ends, and nothing is said before that.
    pub(crate) async fn hears_the_end(&mut self) {
        match self.heard().await {
            Some(None) => {}
            Some(Some(message)) => panic!("heard {message}"),
            None => panic!("the connection goes on"),
        }
    }

    /// All messages that come without time passing.
    pub(crate) async fn rest(&mut self) -> Vec<Value> {
        let mut rest = Vec::new();
        while let Some(Some(message)) = self.heard().await {
            rest.push(value(&message));
        }
        rest
    }

    /// ABORT `wamp.error.protocol_violation` that names the problem, then the end.
    pub(crate) async fn is_told_off_for(&mut self, problem: &str) {
        let abort = self.next().await;
        assert_eq!(
            (&abort[0], &abort[2]),
            (&json!(3), &json!("wamp.error.protocol_violation")),
            "{abort}"
        );
        let message = abort[1]["message"].as_str().expect("ABORT says why");
        assert!(
            message.contains(problem),
            "`{message}` does not name `{problem}`"
        );
        assert_eq!(abort.as_array().map(Vec::len), Some(3), "{abort}");
        self.hears_the_end().await;
    }

    /// SUBSCRIBE and SUBSCRIBED; gives the subscription's id.
    pub(crate) async fn subscribe(&mut self, request: u64, topic: &str) -> u64 {
        self.say(json!([32, request, {}, topic]).to_string()).await;
        let subscribed = self.next().await;
        assert_eq!(
            (&subscribed[0], &subscribed[1]),
            (&json!(33), &json!(request)),
            "{subscribed}"
        );
        subscribed[2].as_u64().expect("a subscription id")
    }

    /// Says GOODBYE and hears the answer.
    pub(crate) async fn goodbye(&mut self) {
        self.say(r#"[6,{},"wamp.close.close_realm"]"#).await;
        self.hears(json!([6, {}, "wamp.close.goodbye_and_out"]))
            .await;
    }

    /// Is gone without a word; ready when the server has noticed.
    pub(crate) async fn vanish(self) {
        drop(self.raw);
        let ended = timeout(SETTLED, self.connection).await;
        ended
            .expect("the server notices")
            .expect("the connection does not panic");
    }

    /// Ends the connection's task from outside, as a runtime that shuts down does.
    pub(crate) async fn cut_off(self) {
        self.connection.abort();
        assert!(self.connection.await.is_err());
    }

    /// Waits for the end of the connection's task.
    pub(crate) async fn ended(self) {
        let ended = timeout(SETTLED, self.connection).await;
        ended
            .expect("the connection has ended")
            .expect("the connection does not panic");
    }

    /// No longer reads: the server's end stays open.
    pub(crate) fn stops_reading(self) -> (RawClient, JoinHandle<()>) {
        (self.raw, self.connection)
    }
}

fn value(message: &WireMessage) -> Value {
    message.value().expect("well-formed")
}

/// Whether `heard` is what was expected.
pub(crate) fn matches(expected: &Value, heard: &Value) -> bool {
    match (expected, heard) {
        (Value::String(text), _) if text == ANY => true,
        (Value::Array(expected), Value::Array(heard)) => {
            expected.len() == heard.len() && expected.iter().zip(heard).all(|(e, h)| matches(e, h))
        }
        (Value::Object(expected), Value::Object(heard)) => {
            let same = |(key, e)| heard.get(key).is_some_and(|h| matches(e, h));
            expected.len() == heard.len() && expected.iter().all(same)
        }
        _ => expected == heard,
    }
}

/// Nothing is left of sessions that have ended.
#[track_caller]
pub(crate) fn nothing_is_left(server: &Server) {
    let stats = server.stats();
    assert_eq!(
        (stats.connections, stats.sessions, stats.running_handlers),
        (0, 0, 0),
        "{stats:?}"
    );
    if let Some(realm) = server.realm("realm1") {
        assert_eq!((realm.topics(), realm.sessions().len()), (0, 0));
    }
}

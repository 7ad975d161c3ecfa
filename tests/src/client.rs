//! A WAMP client that shows every message as it is on the wire, in JSON.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value has something at every index, if only null"
)]

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::soon;

/// A connection to a server, and the number of its last request.
#[derive(Debug)]
pub struct Client<S = TcpStream> {
    socket: WebSocketStream<S>,
    request: u64,
}

impl Client {
    /// Connects to `path`, and stops before HELLO.
    pub async fn connect(address: SocketAddr, path: &str) -> Self {
        Self::connect_with(address, path, &[]).await
    }

    /// The same with further headers.
    pub async fn connect_with(
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Self {
        let stream = TcpStream::connect(address)
            .await
            .expect("the server listens");
        // Or what follows a message that is not answered waits until it is acknowledged.
        stream.set_nodelay(true).expect("it is open");
        Self::over(stream, &format!("ws://{address}{path}"), headers).await
    }

    /// Connects to the root and joins a realm.
    pub async fn join(address: SocketAddr, realm: &str) -> Self {
        let mut client = Self::connect(address, "/").await;
        client.hello(realm).await;
        client
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// Asks for the upgrade over a connection of whatever kind, and stops before HELLO.
    pub async fn over(stream: S, url: &str, headers: &[(&'static str, &str)]) -> Self {
        let request = url.into_client_request();
        let mut request = request.expect("an address and a path make a URL");
        let subprotocol = ("sec-websocket-protocol", "wamp.2.json");
        for (name, value) in [&[subprotocol], headers].concat() {
            let value = HeaderValue::from_str(value).expect("it has no control characters");
            request.headers_mut().append(name, value);
        }
        let upgrade = soon("the upgrade", client_async(request, stream)).await;
        let (socket, _) = upgrade.expect("the server speaks WebSocket");
        Self { socket, request: 0 }
    }

    /// Joins a realm.
    pub async fn hello(&mut self, realm: &str) {
        let welcome = self.knock(realm, json!({})).await;
        assert_eq!(welcome[0], 2, "{welcome}");
    }

    /// Says HELLO with these details; the answer, whatever it is. Without roles among them it has those of a client of a server.
    pub async fn knock(&mut self, realm: &str, mut details: Value) -> Value {
        if details.get("roles").is_none() {
            details["roles"] = json!({"caller": {}, "publisher": {}, "subscriber": {}});
        }
        self.send(&json!([1, realm, details])).await;
        self.receive().await
    }

    /// Answers a CHALLENGE; what comes then.
    pub async fn authenticate(&mut self, signature: &str) -> Value {
        self.send(&json!([5, signature, {}])).await;
        self.receive().await
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &Value) {
        self.send_text(message.to_string()).await;
    }

    /// Sends a text, which may be no message at all.
    pub async fn send_text(&mut self, text: String) {
        let frame = Message::Text(Utf8Bytes::from(text));
        self.socket
            .send(frame)
            .await
            .expect("the connection is open");
    }

    /// The next message.
    pub async fn receive(&mut self) -> Value {
        let message = soon("a message", self.next()).await;
        message.expect("the connection is open")
    }

    /// The next message, or `None` if the server closes the connection.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            match self.socket.next().await?.ok()? {
                Message::Text(text) => return Some(serde_json::from_str(&text).expect("JSON")),
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Close(_) => return None,
                other => panic!("a message was expected, not {other:?}"),
            }
        }
    }

    /// Waits until the server closes the connection; whatever it says before is passed over.
    pub async fn end(mut self) {
        let end = async { while let Some(Ok(_)) = self.socket.next().await {} };
        soon("the end of a connection", end).await;
    }

    /// Calls a procedure; the number of the request.
    pub async fn start_call(
        &mut self,
        procedure: &str,
        options: Value,
        arguments: Arguments,
    ) -> u64 {
        self.request += 1;
        let Arguments(args, kwargs) = arguments;
        self.send(&json!([48, self.request, options, procedure, args, kwargs]))
            .await;
        self.request
    }

    /// Calls a procedure and waits for its result: `[args, kwargs]`, as far as there are any, or `[uri, args, kwargs]` of an error.
    pub async fn call(&mut self, procedure: &str, arguments: Arguments) -> Value {
        let request = self.start_call(procedure, json!({}), arguments).await;
        let answer = self.receive().await;
        self.outcome(request, &answer)
    }

    /// What a RESULT or ERROR says.
    #[must_use]
    pub fn outcome(&self, request: u64, answer: &Value) -> Value {
        let parts = answer.as_array().expect("messages are arrays");
        let rest = match (answer[0].as_u64(), answer[1].as_u64()) {
            (Some(50), Some(id)) if id == request => parts.get(3..),
            (Some(8), Some(48)) if answer[2] == request => parts.get(4..),
            _ => panic!("the answer to request {request} was expected, not {answer}"),
        };
        Value::Array(rest.unwrap_or_default().to_vec())
    }

    /// Subscribes to a topic, which must succeed; the id of the subscription.
    pub async fn subscribe(&mut self, topic: &str) -> u64 {
        self.request += 1;
        self.send(&json!([32, self.request, {}, topic])).await;
        let answer = self.receive().await;
        assert_eq!(
            (&answer[0], &answer[1]),
            (&json!(33), &json!(self.request)),
            "{answer}"
        );
        answer[2].as_u64().expect("ids are numbers")
    }

    /// Unsubscribes.
    pub async fn unsubscribe(&mut self, subscription: u64) {
        self.request += 1;
        self.send(&json!([34, self.request, subscription])).await;
        let answer = self.receive().await;
        assert_eq!(answer, json!([35, self.request]));
    }

    /// Asks for what is refused, so that the answer is the next message if nothing else has been on its way.
    pub async fn unsubscribe_from_nothing(&mut self) {
        self.request += 1;
        self.send(&json!([34, self.request, NO_SUBSCRIPTION])).await;
        let answer = self.receive().await;
        assert_eq!(
            (&answer[0], &answer[1], &answer[2]),
            (&json!(8), &json!(34), &json!(self.request)),
            "{answer}"
        );
    }

    /// Publishes an event and waits for the acknowledgement.
    pub async fn publish(&mut self, topic: &str, arguments: Arguments) {
        self.request += 1;
        let Arguments(args, kwargs) = arguments;
        let options = json!({"acknowledge": true});
        self.send(&json!([16, self.request, options, topic, args, kwargs]))
            .await;
        let answer = self.receive().await;
        assert_eq!(
            (&answer[0], &answer[1]),
            (&json!(17), &json!(self.request)),
            "{answer}"
        );
    }

    /// The next message, which must be an event: `[args, kwargs]`, as far as there are any.
    pub async fn event(&mut self, subscription: u64) -> Value {
        let event = self.receive().await;
        assert_eq!(
            (&event[0], &event[1]),
            (&json!(36), &json!(subscription)),
            "{event}"
        );
        let parts = event.as_array().and_then(|parts| parts.get(4..));
        Value::Array(parts.unwrap_or_default().to_vec())
    }
}

/// An id that no router gives away before all others.
pub const NO_SUBSCRIPTION: u64 = (1 << 53) - 1;

/// Positional and keyword arguments.
#[derive(Clone, Debug)]
pub struct Arguments(Value, Value);

impl Arguments {
    /// None at all.
    #[must_use]
    pub fn none() -> Self {
        Self(json!([]), json!({}))
    }
}

/// Positional arguments: a JSON array.
#[must_use]
pub fn args(values: Value) -> Arguments {
    Arguments(values, json!({}))
}

/// Keyword arguments: a JSON object.
#[must_use]
pub fn kwargs(values: Value) -> Arguments {
    Arguments(json!([]), values)
}

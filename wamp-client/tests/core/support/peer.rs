//! The router's side of one connection, in JSON.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::timeout;
use wamp_client::error::TransportError;
use wamp_client::proto::subprotocol::Subprotocol;

use super::wire::Shared;
use super::{WELCOME, settle};

/// How long a message may take that is on its way: no timeout of the client is that short.
const PATIENCE: Duration = Duration::from_millis(50);

pub(crate) struct Peer {
    subprotocol: Subprotocol,
    sender: Option<UnboundedSender<Result<Bytes, TransportError>>>,
    receiver: UnboundedReceiver<Bytes>,
    heard: VecDeque<Bytes>,
    pub(crate) shared: Arc<Shared>,
}

impl Peer {
    pub(crate) fn new(
        subprotocol: Subprotocol,
        sender: UnboundedSender<Result<Bytes, TransportError>>,
        receiver: UnboundedReceiver<Bytes>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            subprotocol,
            sender: Some(sender),
            receiver,
            heard: VecDeque::new(),
            shared,
        }
    }

    /// Takes HELLO and opens a session.
    pub(crate) async fn welcome(&mut self) {
        self.expect(r#"[1,"*","*"]"#).await;
        self.send(WELCOME);
    }

    /// The next message, which has to be like this; `"*"` stands for anything. What stood for it is returned.
    #[track_caller]
    pub(crate) fn expect(&mut self, pattern: &str) -> impl Future<Output = Vec<Value>> {
        let place = std::panic::Location::caller();
        let pattern: Value = serde_json::from_str(pattern).expect("the pattern is JSON");
        async move {
            let message = self.receive().await;
            let message =
                message.unwrap_or_else(|| panic!("{place}: nothing comes, expected {pattern}"));
            let mut parts = Vec::new();
            assert!(
                matches(&pattern, &message, &mut parts),
                "{place}:\nexpected {pattern}\nbut got  {message}"
            );
            parts
        }
    }

    /// The next message; `None` if none comes.
    pub(crate) async fn receive(&mut self) -> Option<Value> {
        if self.heard.is_empty() {
            let frame = timeout(PATIENCE, self.receiver.recv()).await.ok()??;
            let batch = self
                .subprotocol
                .split_batch(&frame)
                .expect("a proper batch");
            self.heard.extend(batch);
        }
        let message = self.heard.pop_front()?;
        Some(serde_json::from_slice(&message).expect("JSON comes"))
    }

    /// Nothing more is said by the client.
    #[track_caller]
    pub(crate) fn expect_nothing(&mut self) -> impl Future<Output = ()> {
        let place = std::panic::Location::caller();
        async move {
            if let Some(message) = self.receive().await {
                panic!("{place}: expected nothing, but got {message}");
            }
        }
    }

    /// Says something.
    pub(crate) fn send(&self, message: impl AsRef<str>) {
        self.send_all([message]);
    }

    /// Says several things in one frame, if this is a batched connection.
    pub(crate) fn send_all(&self, messages: impl IntoIterator<Item = impl AsRef<str>>) {
        let mut frame = BytesMut::new();
        for message in messages {
            let begin = self.subprotocol.batch_begin(&mut frame);
            frame.extend_from_slice(message.as_ref().as_bytes());
            self.subprotocol.batch_end(&mut frame, begin).unwrap();
            if !self.subprotocol.batched {
                self.send_bytes(frame.split().freeze());
            }
        }
        if !frame.is_empty() {
            self.send_bytes(frame.freeze());
        }
    }

    pub(crate) fn send_bytes(&self, frame: impl Into<Bytes>) {
        if let Some(sender) = &self.sender {
            // A client that has gone is noticed by what comes next.
            let _ = sender.send(Ok(frame.into()));
        }
    }

    /// The connection breaks.
    pub(crate) fn fail(&self, error: TransportError) {
        if let Some(sender) = &self.sender {
            let _ = sender.send(Err(error));
        }
    }

    /// Closes the connection properly.
    pub(crate) fn close(&mut self) {
        self.sender = None;
    }

    /// Whether the client has closed the connection.
    pub(crate) async fn is_closed(&self) -> bool {
        settle().await;
        self.shared.closed.load(Ordering::SeqCst)
            || self.sender.as_ref().is_some_and(UnboundedSender::is_closed)
    }

    /// Waits until the client has let go of the connection.
    pub(crate) async fn receiver_ended(&mut self) {
        while self.receiver.recv().await.is_some() {}
    }

    /// Reads nothing from now on, or reads on.
    pub(crate) fn stall(&self, stalled: bool) {
        self.shared.stalled.store(stalled, Ordering::SeqCst);
        self.shared.wake();
    }
}

fn matches(pattern: &Value, message: &Value, parts: &mut Vec<Value>) -> bool {
    match (pattern, message) {
        (Value::String(any), part) if any == "*" => {
            parts.push(part.clone());
            true
        }
        (Value::Array(patterns), Value::Array(messages)) => {
            patterns.len() == messages.len()
                && patterns
                    .iter()
                    .zip(messages)
                    .all(|(pattern, message)| matches(pattern, message, parts))
        }
        (Value::Object(patterns), Value::Object(messages)) => {
            patterns.len() == messages.len()
                && patterns.iter().all(|(key, pattern)| {
                    messages
                        .get(key)
                        .is_some_and(|message| matches(pattern, message, parts))
                })
        }
        _ => pattern == message,
    }
}

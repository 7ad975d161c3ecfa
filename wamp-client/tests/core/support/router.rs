//! Where clients connect.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use wamp_client::error::ConnectError;
use wamp_client::proto::subprotocol::Subprotocol;
use wamp_client::transport::{Connect, Connecting};

use super::peer::Peer;
use super::wire::{Outcome, Shared, Wire};

/// The test's end: attempts to connect, each of which waits until it is accepted or refused.
pub(crate) struct Router {
    attempts: mpsc::UnboundedReceiver<oneshot::Sender<Outcome>>,
    subprotocol: Subprotocol,
    pub(crate) max_message: u64,
}

/// The client's end.
pub(crate) struct InMemory(mpsc::UnboundedSender<oneshot::Sender<Outcome>>);

impl Router {
    pub(crate) fn new(subprotocol: Subprotocol) -> (Self, InMemory) {
        let (sender, attempts) = mpsc::unbounded_channel();
        let router = Self {
            attempts,
            subprotocol,
            max_message: 0,
        };
        (router, InMemory(sender))
    }

    /// The next attempt to connect succeeds.
    pub(crate) async fn accept(&mut self) -> Peer {
        let attempt = self.attempt().await;
        self.connect(attempt)
    }

    /// The next attempt to connect succeeds, and a session is opened.
    pub(crate) async fn welcome(&mut self) -> Peer {
        let mut peer = self.accept().await;
        peer.welcome().await;
        peer
    }

    /// The next attempt to connect fails.
    pub(crate) async fn refuse(&mut self, error: ConnectError) {
        let attempt = self.attempt().await;
        assert!(attempt.send(Err(error)).is_ok(), "the client has given up");
    }

    /// The next attempt, whose outcome is decided later.
    pub(crate) async fn attempt(&mut self) -> oneshot::Sender<Outcome> {
        let attempt = timeout(Duration::from_secs(3600), self.attempts.recv()).await;
        attempt
            .expect("the client does not connect")
            .expect("the client is gone")
    }

    /// Whether nobody tries to connect.
    pub(crate) fn is_idle(&mut self) -> bool {
        self.attempts.try_recv().is_err()
    }

    pub(crate) fn connect(&self, attempt: oneshot::Sender<Outcome>) -> Peer {
        let (sender, incoming) = mpsc::unbounded_channel();
        let (outgoing, receiver) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared::default());
        shared.max_message.store(self.max_message, Ordering::SeqCst);
        let wire = Wire {
            subprotocol: self.subprotocol,
            incoming,
            outgoing,
            queued: Vec::new(),
            shared: Arc::clone(&shared),
        };
        assert!(
            attempt.send(Ok(Box::new(wire))).is_ok(),
            "the client has given up"
        );
        Peer::new(self.subprotocol, sender, receiver, shared)
    }
}

impl Connect for InMemory {
    fn connect(&self) -> Connecting<'_> {
        Box::pin(async {
            let (sender, outcome) = oneshot::channel();
            let gone = || ConnectError::Config("the test is over".to_owned());
            self.0.send(sender).map_err(|_| gone())?;
            outcome.await.map_err(|_| gone())?
        })
    }

    fn target(&self) -> String {
        "memory".to_owned()
    }
}

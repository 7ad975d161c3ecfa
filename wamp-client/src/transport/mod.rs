//! How messages come and go.
//!
//! A [`Connect`] makes connections, each a [`Transport`] that carries whole messages. [`Dialer`](crate::dial::Dialer) makes those of this
//! crate: WebSocket and RawSocket, over TCP, TLS (`tls`) and Unix sockets.

#[cfg(test)]
mod hesitant;
pub(crate) mod rawsocket;
#[cfg(feature = "tls")]
pub mod tls;
pub(crate) mod websocket;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use wamp_proto::subprotocol::Subprotocol;

use crate::error::{ConnectError, TransportError};

/// Carries the messages of one connection. One task drives it, and never waits for anything else.
pub trait Transport: Send + Unpin + 'static {
    /// What was agreed on.
    fn subprotocol(&self) -> Subprotocol;

    /// The next frame; `None` when the peer has closed the connection properly.
    fn poll_receive(&mut self, cx: &mut Context<'_>)
    -> Poll<Option<Result<Bytes, TransportError>>>;

    /// Queues a frame. May write, but must not wait.
    ///
    /// # Errors
    ///
    /// When the connection is broken.
    fn send(&mut self, frame: Bytes) -> Result<(), TransportError>;

    /// Sends everything that is queued.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>>;

    /// Closes the connection; ready when that is done or impossible.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()>;

    /// Asks the peer for a sign of life; false if this transport cannot, or need not.
    fn ping(&mut self) -> bool {
        false
    }

    /// How many such signs have come so far.
    fn pongs(&self) -> u64 {
        0
    }

    /// What has come and gone so far: a connection on which something moves is slow, but not dead.
    fn traffic(&self) -> Traffic {
        Traffic::default()
    }

    /// Bytes of the longest message that the peer takes.
    fn peer_max_message(&self) -> usize {
        usize::MAX
    }

    /// What identifies this connection and no other, where that is known: the `tls-exporter` of RFC 9266.
    fn channel_id(&self) -> Option<[u8; 32]> {
        None
    }
}

/// What a connection has carried, messages that are not complete included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes that have come.
    pub received: u64,
    /// Bytes that have gone.
    pub sent: u64,
}

impl Traffic {
    pub(crate) fn receive(&mut self, bytes: usize) {
        self.received = self.received.wrapping_add(bytes as u64);
    }

    pub(crate) fn send(&mut self, bytes: usize) {
        self.sent = self.sent.wrapping_add(bytes as u64);
    }
}

/// A connection in the making.
pub type Connecting<'a> =
    Pin<Box<dyn Future<Output = Result<Box<dyn Transport>, ConnectError>> + Send + 'a>>;

/// A way to make connections: one for the first time and one for each time that one is lost.
pub trait Connect: Send + Sync + 'static {
    /// Makes a connection. Whoever asks bounds the time.
    fn connect(&self) -> Connecting<'_>;

    /// Where to, for messages to humans. Without user names, passwords and queries.
    fn target(&self) -> String;
}

impl fmt::Debug for dyn Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("subprotocol", &self.subprotocol())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for dyn Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("target", &self.target())
            .finish_non_exhaustive()
    }
}

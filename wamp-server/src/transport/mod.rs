//! How messages come and go: WebSocket, RawSocket, memory, or your own.
//!
//! A [`Transport`] carries frames; it knows nothing of WAMP but which [`Subprotocol`] was agreed on.

mod bucket;
mod connection;
mod info;
pub mod memory;
mod meter;
pub(crate) mod peer;
pub(crate) mod rawsocket;
pub(crate) mod rewound;
#[cfg(feature = "tls")]
pub mod tls;
pub mod websocket;

use std::task::{Context, Poll};

use bytes::Bytes;
use wamp_proto::subprotocol::Subprotocol;

pub use connection::ConnectionInfo;
pub use info::TransportInfo;

/// Carries the frames of one connection.
///
/// One task drives it: it receives, queues, flushes and closes, and never waits for anything but its own socket. Implement it to
/// serve sessions over something else than sockets; see [`Server::attach`](crate::Server::attach).
pub trait Transport: Send + Unpin + 'static {
    /// What was agreed on: serializer and batching.
    fn subprotocol(&self) -> Subprotocol;

    /// The next frame; `None` when the peer has closed the connection properly.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>>;

    /// Queues a frame to be sent. May write, but must not wait.
    ///
    /// # Errors
    ///
    /// When the connection is broken.
    fn send(&mut self, frame: Bytes) -> Result<(), Failure>;

    /// Sends everything that is queued.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>>;

    /// Closes the connection, telling the peer why; ready when that is done or impossible.
    fn poll_close(&mut self, cx: &mut Context<'_>, reason: Close) -> Poll<()>;

    /// Asks the peer for a sign of life, which [`activity`](Self::activity) then shows. Transports that cannot lose their peer
    /// unnoticed return false: nothing is expected of a peer that was not asked.
    fn ping(&mut self) -> bool {
        false
    }

    /// What has been seen of the peer.
    fn activity(&self) -> Activity {
        Activity::default()
    }

    /// Bytes of the longest message that the peer takes. A longer one is not sent: an EVENT is left out, a RESULT becomes an ERROR
    /// `wamp.error.payload_size_exceeded`.
    fn peer_max_message(&self) -> usize {
        usize::MAX
    }

    /// Whether [`poll_close`](Self::poll_close) can tell the peer about a limit. If not, an ABORT does it before.
    fn has_close_codes(&self) -> bool {
        true
    }

    /// The session is open: from now on messages may be as large as the limits say.
    fn opened(&mut self) {}

    /// The session has ended, and the peer may open another one; false if there is no room for a connection without a session.
    fn left(&mut self) -> bool {
        true
    }

    /// Where the peer is and how it came in.
    fn info(&self) -> TransportInfo {
        TransportInfo::default()
    }
}

/// Counters that show whether a peer is alive and whether it reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Bytes received so far.
    pub received: u64,
    /// Bytes sent so far.
    pub sent: u64,
    /// Messages received so far.
    pub messages: u64,
    /// Whether a message has begun to arrive and is not complete.
    pub partial: bool,
}

/// Why a transport cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The connection is broken.
    #[error("the connection is broken")]
    Io(#[source] std::io::Error),
    /// The peer violates the transport's own protocol.
    #[error("the peer violates the transport's protocol: {0}")]
    Protocol(String),
    /// Text that is not UTF-8.
    #[error("the peer sent text that is not UTF-8")]
    NotUtf8,
    /// A binary frame where text was agreed on, or the reverse.
    #[error("the peer sent a frame of the wrong kind: {0}")]
    WrongKind(&'static str),
    /// A message or frame over the limit.
    #[error("the peer sent a message over the limit of {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// A message that cannot be left out, or the answer to a ping, is longer than the peer takes.
    #[error("the peer does not take as much as has to be sent: at most {limit} bytes")]
    TooLargeForPeer {
        /// The peer's limit.
        limit: usize,
    },
    /// More than a peer may send without sending a message.
    #[error("the peer floods the connection: {0}")]
    Flood(&'static str),
}

impl Failure {
    /// What the peer is told when the connection is closed because of this.
    #[must_use]
    pub fn close(&self) -> Close {
        match self {
            Self::Io(_) => Close::GoingAway,
            Self::Protocol(_) => Close::ProtocolError,
            Self::NotUtf8 => Close::NotUtf8,
            Self::WrongKind(_) => Close::WrongKind,
            Self::TooLarge { .. } => Close::TooLarge,
            Self::TooLargeForPeer { .. } | Self::Flood(_) => Close::Policy,
        }
    }
}

/// What a peer is told when its connection is closed. The numbers are WebSocket's (RFC 6455, 7.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Close {
    /// The session has ended: 1000.
    Normal,
    /// The server shuts down: 1001.
    GoingAway,
    /// A violation of WebSocket's or WAMP's rules: 1002.
    ProtocolError,
    /// A frame of the wrong kind: 1003.
    WrongKind,
    /// Text that is not UTF-8: 1007.
    NotUtf8,
    /// A limit other than that of size: 1008.
    Policy,
    /// A message over the limit: 1009.
    TooLarge,
}

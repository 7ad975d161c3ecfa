//! Sessions without sockets, for tests, examples and peers in the same process.
//!
//! ```
//! use wamp_server::transport::memory;
//! use wamp_server::{App, procedure, procedures};
//!
//! #[procedure("math.add")]
//! async fn add(a: i64, b: i64) -> i64 {
//!     a + b
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = App::empty().procedures(procedures![add]).build()?;
//! let (near, mut far) = memory::pair();
//! let session = tokio::spawn(server.attach(near));
//! far.send(r#"[1,"realm1",{"roles":{"caller":{}}}]"#).await?;
//! far.receive().await; // WELCOME
//! far.send(r#"[48,1,{},"math.add",[2,3]]"#).await?;
//! assert_eq!(far.receive().await.as_deref(), Some(&b"[50,1,{},[5]]"[..]));
//! # Ok(())
//! # }
//! ```

use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::mpsc;
use wamp_proto::subprotocol::Subprotocol;

use super::{Activity, Close, Failure, Transport, TransportInfo};

/// How many frames may be on their way in one direction; a sender then waits, as on a socket.
const CAPACITY: usize = 64;

/// Two ends of a connection that speaks JSON: one for [`Server::attach`](crate::Server::attach), one for the peer.
#[must_use]
pub fn pair() -> (MemoryTransport, Peer) {
    pair_with(Subprotocol::default(), TransportInfo::default())
}

/// The same with another serializer, or with something to know about the peer.
#[must_use]
pub fn pair_with(subprotocol: Subprotocol, info: TransportInfo) -> (MemoryTransport, Peer) {
    let (to_server, from_peer) = mpsc::channel(CAPACITY);
    let (to_peer, from_server) = mpsc::channel(CAPACITY);
    let near = MemoryTransport {
        subprotocol,
        info,
        incoming: from_peer,
        outgoing: tokio_util::sync::PollSender::new(to_peer),
        unsent: std::collections::VecDeque::new(),
        activity: Activity::default(),
    };
    let far = Peer {
        outgoing: to_server,
        incoming: from_server,
    };
    (near, far)
}

/// The server's end of [`pair`].
#[derive(Debug)]
pub struct MemoryTransport {
    subprotocol: Subprotocol,
    info: TransportInfo,
    incoming: mpsc::Receiver<Bytes>,
    outgoing: tokio_util::sync::PollSender<Bytes>,
    unsent: std::collections::VecDeque<Bytes>,
    activity: Activity,
}

impl Transport for MemoryTransport {
    fn subprotocol(&self) -> Subprotocol {
        self.subprotocol
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        let frame = std::task::ready!(self.incoming.poll_recv(cx));
        if let Some(frame) = &frame {
            self.activity.received += frame.len() as u64;
            self.activity.messages += 1;
        }
        Poll::Ready(frame.map(Ok))
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Failure> {
        self.unsent.push_back(frame);
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        while !self.unsent.is_empty() {
            let ready = std::task::ready!(self.outgoing.poll_reserve(cx));
            let Some(frame) = self.unsent.pop_front() else {
                break;
            };
            self.activity.sent += frame.len() as u64;
            if ready.and_then(|()| self.outgoing.send_item(frame)).is_err() {
                return Poll::Ready(Err(Failure::Io(std::io::ErrorKind::BrokenPipe.into())));
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: Close) -> Poll<()> {
        // What cannot be sent any more is lost, as on a socket.
        let _ = std::task::ready!(self.poll_flush(cx));
        self.outgoing.close();
        Poll::Ready(())
    }

    fn activity(&self) -> Activity {
        self.activity
    }

    fn info(&self) -> TransportInfo {
        self.info.clone()
    }
}

/// The peer's end of [`pair`]: whole frames, as they would stand on the wire.
#[derive(Debug)]
pub struct Peer {
    outgoing: mpsc::Sender<Bytes>,
    incoming: mpsc::Receiver<Bytes>,
}

/// The server has closed the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server has closed the connection")]
pub struct Closed;

impl Peer {
    /// What it sends to and receives from.
    #[cfg(feature = "client")]
    pub(crate) fn into_channels(self) -> (mpsc::Sender<Bytes>, mpsc::Receiver<Bytes>) {
        (self.outgoing, self.incoming)
    }

    /// Sends a frame.
    ///
    /// # Errors
    ///
    /// When the server has closed the connection.
    pub async fn send(&self, frame: impl Into<Bytes>) -> Result<(), Closed> {
        let sent = self.outgoing.send(frame.into()).await;
        sent.map_err(|_| Closed)
    }

    /// The next frame; `None` when the server has closed the connection.
    pub async fn receive(&mut self) -> Option<Bytes> {
        self.incoming.recv().await
    }

    /// The next frame, if there is one already.
    pub fn try_receive(&mut self) -> Option<Bytes> {
        self.incoming.try_recv().ok()
    }
}

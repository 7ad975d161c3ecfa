//! Clients in the same process: connections to a server in memory.

use std::collections::VecDeque;
use std::fmt;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::PollSender;
use wamp_client::ConnectError;
use wamp_client::error::TransportError;
use wamp_client::transport::{Connect, Connecting, Transport};
use wamp_proto::subprotocol::Subprotocol;

use crate::Server;
use crate::transport::{TransportInfo, memory};

/// Connects clients to a server in memory. See [`Server::connector`].
#[derive(Clone)]
pub struct Connector {
    server: Server,
    subprotocol: Subprotocol,
    info: TransportInfo,
}

impl Server {
    /// Connects clients to this server in memory, in JSON.
    ///
    /// ```
    /// use wamp_server::App;
    /// use wamp_server::client::Builder;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = App::empty().procedure("math.add", async |a: i64, b: i64| a + b).build()?;
    /// let client = Builder::over(server.connector()).realm("realm1").connect().await?;
    /// let sum: i64 = client.call("math.add").arg(2).arg(3).get().await?;
    /// assert_eq!(sum, 5);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn connector(&self) -> Connector {
        Connector {
            server: self.clone(),
            subprotocol: Subprotocol::default(),
            info: TransportInfo::default(),
        }
    }
}

impl Connector {
    /// The same with another serializer.
    #[must_use]
    pub fn subprotocol(mut self, subprotocol: Subprotocol) -> Self {
        self.subprotocol = subprotocol;
        self
    }

    /// The same with something to know about the client.
    #[must_use]
    pub fn info(mut self, info: TransportInfo) -> Self {
        self.info = info;
        self
    }
}

impl Connect for Connector {
    fn connect(&self) -> Connecting<'_> {
        let (near, far) = memory::pair_with(self.subprotocol, self.info.clone());
        tokio::spawn(self.server.attach(near));
        let (outgoing, incoming) = far.into_channels();
        let wire = Wire {
            subprotocol: self.subprotocol,
            outgoing: PollSender::new(outgoing),
            incoming,
            unsent: VecDeque::new(),
        };
        Box::pin(async move { Ok::<_, ConnectError>(Box::new(wire) as Box<dyn Transport>) })
    }

    fn target(&self) -> String {
        "a server in the same process".to_owned()
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("subprotocol", &self.subprotocol)
            .finish_non_exhaustive()
    }
}

/// The client's end of a connection.
struct Wire {
    subprotocol: Subprotocol,
    outgoing: PollSender<Bytes>,
    incoming: mpsc::Receiver<Bytes>,
    unsent: VecDeque<Bytes>,
}

impl Transport for Wire {
    fn subprotocol(&self) -> Subprotocol {
        self.subprotocol
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        self.incoming.poll_recv(cx).map(|frame| frame.map(Ok))
    }

    fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        self.unsent.push_back(frame);
        Ok(())
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        while !self.unsent.is_empty() {
            let room = ready!(self.outgoing.poll_reserve(cx));
            let Some(frame) = self.unsent.pop_front() else {
                break;
            };
            if room.and_then(|()| self.outgoing.send_item(frame)).is_err() {
                return Poll::Ready(Err(TransportError::Closed));
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // What cannot be sent any more is lost, as on a socket.
        let _ = ready!(self.poll_flush(cx));
        self.outgoing.close();
        Poll::Ready(())
    }
}

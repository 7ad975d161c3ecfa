//! Where connections come from: TCP, with or without TLS, and Unix sockets.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

use super::Server;
use super::gate::Arrival;
use super::serve::speak;

/// A listener, and how its connections begin.
pub(super) trait Listener: Sync + 'static {
    type Stream: Send + 'static;

    /// Where it listens, for people.
    fn address(&self) -> io::Result<String>;

    /// Whether it is bound to a loopback address, by which pages in a browser on this machine might be led to it.
    fn is_loopback(&self) -> bool;

    fn accept(&self)
    -> impl Future<Output = io::Result<(Self::Stream, Option<SocketAddr>)>> + Send;

    /// What comes before HTTP or RawSocket, and then one of them.
    fn greet(
        server: &Server,
        stream: Self::Stream,
        arrival: Arrival,
    ) -> impl Future<Output = ()> + Send;
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    fn address(&self) -> io::Result<String> {
        self.local_addr().map(|it| it.to_string())
    }

    fn is_loopback(&self) -> bool {
        let address = self.local_addr();
        address.is_ok_and(|it| it.ip().to_canonical().is_loopback())
    }

    async fn accept(&self) -> io::Result<(TcpStream, Option<SocketAddr>)> {
        let (stream, peer) = Self::accept(self).await?;
        // Messages are coalesced before they are written; Nagle's algorithm would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
        Ok((stream, Some(peer)))
    }

    async fn greet(server: &Server, stream: TcpStream, arrival: Arrival) {
        #[cfg(feature = "tls")]
        if let Some(tls) = &server.gate().tls {
            let peer = arrival.peer;
            return match tls.accept(stream).await {
                Ok((stream, secured)) => {
                    speak(server, stream, Some(arrival.with_tls(secured))).await;
                }
                Err((error, _stream)) => {
                    server.shared().counters.failed_tls_handshakes.count();
                    tracing::debug!(%error, ?peer, "the TLS handshake failed");
                }
            };
        }
        speak(server, stream, Some(arrival)).await;
    }
}

#[cfg(unix)]
impl Listener for UnixListener {
    type Stream = UnixStream;

    fn address(&self) -> io::Result<String> {
        self.local_addr().map(|it| format!("{it:?}"))
    }

    /// Browsers do not connect to it.
    fn is_loopback(&self) -> bool {
        false
    }

    async fn accept(&self) -> io::Result<(UnixStream, Option<SocketAddr>)> {
        let (stream, _) = Self::accept(self).await?;
        Ok((stream, None))
    }

    async fn greet(server: &Server, stream: UnixStream, arrival: Arrival) {
        speak(server, stream, Some(arrival)).await;
    }
}

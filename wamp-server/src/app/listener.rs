//! Where connections come from: TCP, with or without TLS, and Unix sockets.

use std::future::Future;
use std::io::{self, ErrorKind};

use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};

use super::Server;
use super::gate::Arrival;
use super::serve::speak;
#[cfg(feature = "tls")]
use crate::Tls;
use crate::transport::ConnectionInfo;

/// A listener, and how its connections begin.
pub(super) trait Listener: Sync + 'static {
    type Stream: Send + 'static;

    /// Where it listens, for people.
    fn address(&self) -> io::Result<String>;

    /// The next connection, and what is known of it before anything is said.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, ConnectionInfo)>> + Send;

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

    async fn accept(&self) -> io::Result<(TcpStream, ConnectionInfo)> {
        let (stream, peer) = Self::accept(self).await?;
        // Of each connection, because a listener on all addresses has loopback ones, too. One that has none is gone.
        let local = stream.local_addr();
        let local = local.map_err(|error| io::Error::new(ErrorKind::ConnectionAborted, error))?;
        // Messages are coalesced before they are written; Nagle's algorithm would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY cannot be set");
        }
        let info = ConnectionInfo::new().with_peer(peer).with_local(local);
        Ok((stream, info.with_security(false)))
    }

    async fn greet(server: &Server, stream: TcpStream, arrival: Arrival) {
        #[cfg(feature = "tls")]
        if let Some(tls) = &server.gate().tls {
            return speak_tls(server, tls, stream, arrival).await;
        }
        speak(server, stream, arrival).await;
    }
}

/// A TCP listener with TLS of its own, whatever the application says.
#[cfg(feature = "tls")]
pub(super) struct TlsListener {
    pub(super) tcp: TcpListener,
    pub(super) tls: Tls,
}

#[cfg(feature = "tls")]
impl Listener for TlsListener {
    type Stream = (TcpStream, Tls);

    fn address(&self) -> io::Result<String> {
        self.tcp.address()
    }

    async fn accept(&self) -> io::Result<(Self::Stream, ConnectionInfo)> {
        let (stream, info) = Listener::accept(&self.tcp).await?;
        Ok(((stream, self.tls.clone()), info))
    }

    async fn greet(server: &Server, (stream, tls): Self::Stream, arrival: Arrival) {
        speak_tls(server, &tls, stream, arrival).await;
    }
}

#[cfg(feature = "tls")]
async fn speak_tls(server: &Server, tls: &Tls, stream: TcpStream, arrival: Arrival) {
    let peer = arrival.info.peer;
    match tls.accept(stream, arrival.info.clone()).await {
        Ok((stream, info)) => speak(server, stream, arrival.with_info(info)).await,
        Err((error, _stream)) => {
            server.shared().counters.failed_tls_handshakes.count();
            tracing::debug!(%error, ?peer, "the TLS handshake failed");
        }
    }
}

#[cfg(unix)]
impl Listener for UnixListener {
    type Stream = UnixStream;

    fn address(&self) -> io::Result<String> {
        self.local_addr().map(|it| format!("{it:?}"))
    }

    /// There are no addresses, and browsers come through a proxy only, over whatever they speak with it.
    async fn accept(&self) -> io::Result<(UnixStream, ConnectionInfo)> {
        let (stream, _) = Self::accept(self).await?;
        Ok((stream, ConnectionInfo::new()))
    }

    async fn greet(server: &Server, stream: UnixStream, arrival: Arrival) {
        speak(server, stream, arrival).await;
    }
}

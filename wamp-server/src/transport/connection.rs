//! What is known about a connection before anything is said on it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// What is known about a connection before anything is said on it: where it is from, where it leads to, and what TLS tells.
///
/// The listeners of this server find that out for themselves. It is for connections that somebody else accepts: give it to
/// [`Server::attach_stream_from`](crate::Server::attach_stream_from), or put it into the extensions of a request for a
/// [`WampService`](crate::transport::websocket::WampService).
///
/// What is not said is not known. Without the peer's address, no proxy is trusted and no peer has limits of its own; if neither address is
/// known, the Host of a request is held against [`Handshake::hosts`](crate::Handshake::hosts) only; and if nobody knows whether it is
/// secure, it counts as not secure, but web pages of both schemes are the server's own.
///
/// ```
/// use wamp_server::App;
/// use wamp_server::transport::ConnectionInfo;
///
/// # async fn f(stream: tokio::io::DuplexStream, certificate: Vec<u8>) -> Result<(), wamp_server::BuildError> {
/// let server = App::empty().procedure("math.add", async |a: i64, b: i64| a + b).build()?;
/// // What a TLS library of your own has accepted.
/// let info = ConnectionInfo::new()
///     .with_peer(([192, 0, 2, 1], 4711).into())
///     .with_local(([192, 0, 2, 2], 443).into())
///     .with_security(true)
///     .with_certificate(certificate);
/// server.attach_stream_from(stream, info).await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct ConnectionInfo {
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) local: Option<SocketAddr>,
    pub(crate) secure: Option<bool>,
    pub(crate) credentials: Credentials,
}

/// What the peer has proved by TLS.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    /// DER.
    pub(crate) certificate: Option<Arc<[u8]>>,
    pub(crate) channel_binding: Option<Arc<[u8; 32]>>,
}

impl ConnectionInfo {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the connection comes from: a client's address, or a proxy's.
    #[must_use]
    pub fn with_peer(mut self, address: SocketAddr) -> Self {
        self.peer = Some(address);
        self
    }

    /// The address that was connected to, not the one that a listener is bound to. If it is a loopback address, the Host of a request has
    /// to be a loopback name. Where it is not known, the peer's address tells as much.
    #[must_use]
    pub fn with_local(mut self, address: SocketAddr) -> Self {
        self.local = Some(address);
        self
    }

    /// Whether nobody on the way can read or change what is sent, as over TLS.
    #[must_use]
    pub fn with_security(mut self, secure: bool) -> Self {
        self.secure = Some(secure);
        self
    }

    /// The certificate that the peer has proved to own, in DER; see [`TransportInfo::certificate`](super::TransportInfo::certificate).
    #[must_use]
    pub fn with_certificate(mut self, certificate: impl Into<Vec<u8>>) -> Self {
        self.credentials.certificate = Some(certificate.into().into());
        self
    }

    /// The value that only the two ends of this connection know; see
    /// [`TransportInfo::channel_binding`](super::TransportInfo::channel_binding).
    #[must_use]
    pub fn with_channel_binding(mut self, value: [u8; 32]) -> Self {
        self.credentials.channel_binding = Some(Arc::new(value));
        self
    }

    /// Whether it stays on this machine: what comes from a loopback address also leads to one.
    pub(crate) fn is_loopback(&self) -> bool {
        let address = self.local.or(self.peer);
        address.is_some_and(|it| it.ip().to_canonical().is_loopback())
    }
}

/// The channel binding is secret, and certificates are long.
impl fmt::Debug for ConnectionInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionInfo")
            .field("peer", &self.peer)
            .field("local", &self.local)
            .field("secure", &self.secure)
            .field("certificate", &self.credentials.certificate.is_some())
            .finish_non_exhaustive()
    }
}

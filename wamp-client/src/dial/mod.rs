//! Making connections: from a URL and what is said beside it to a [`Transport`](crate::transport::Transport).
//!
//! # URLs
//!
//! | URL | what it is |
//! |---|---|
//! | `ws://host:port/path?query` | WebSocket over TCP; port 80 if none is given |
//! | `wss://host:port/path?query` | WebSocket over TLS; port 443 |
//! | `rs://host:port`, also `tcp://` | RawSocket over TCP; port 80 |
//! | `rss://host:port`, also `tcps://` | RawSocket over TLS; port 443 |
//! | `ws+unix:///path/to.sock`, `ws+unix:///path/to.sock:/path?query` | WebSocket over a Unix socket |
//! | `rs+unix:///path/to.sock`, also `unix://` | RawSocket over a Unix socket |
//!
//! The ports are those of WebSocket's own standard; wampy's was 8080. Routers that speak RawSocket on the same port as WebSocket need no
//! other for it, and for all others the port has to be given.
//!
//! User name and password in a URL of WebSocket become a header `Authorization: Basic`, for a proxy in front of the router; who we are to
//! the router is said by [`Credentials`]. RawSocket has nothing to put them in, and refuses them. Errors and logs show neither them nor
//! the query.
//!
//! # Layout
//!
//! - [`Dialing`]: what is said. [`Dialer`]: what becomes of it. `address`: URLs. `greeting`: handshakes. `race`: several addresses of one name.

mod address;
mod dialer;
mod greeting;
mod race;

use std::fmt;

use wamp_proto::codec::Format;
use wamp_proto::rawsocket::MaxLength;
use wamp_proto::subprotocol::Subprotocol;

pub use dialer::Dialer;

use crate::auth::Credentials;
use crate::error::ConnectError;
#[cfg(feature = "tls")]
use crate::transport::tls::Tls;

/// Where a client connects to if nothing is said: `Builder::default()`.
pub const DEFAULT_URL: &str = "ws://localhost:8080";

/// How to connect, and as whom. It is checked when a [`Dialer`] is made of it.
#[derive(Clone)]
#[must_use]
pub struct Dialing {
    url: String,
    headers: Vec<(String, String)>,
    subprotocols: Vec<Subprotocol>,
    #[cfg(feature = "tls")]
    tls: Tls,
    credentials: Credentials,
    max_message: usize,
}

impl Dialing {
    /// To this URL; see [the module](self).
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            headers: Vec::new(),
            subprotocols: [Format::Json, Format::MsgPack, Format::Cbor]
                .map(Subprotocol::new)
                .to_vec(),
            #[cfg(feature = "tls")]
            tls: Tls::new(),
            credentials: Credentials::new(),
            max_message: MaxLength::MAX.bytes(),
        }
    }

    /// Sends a header with the request to become a WebSocket: `Authorization`, `Cookie`, `Origin`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Offers these serializers, in order of preference. Without it: JSON, MessagePack, CBOR.
    ///
    /// RawSocket has no batches: batched ones are left out there. A router that does not speak the first one is connected to again.
    pub fn subprotocols(mut self, subprotocols: impl IntoIterator<Item = Subprotocol>) -> Self {
        self.subprotocols = subprotocols.into_iter().collect();
        self
    }

    /// Takes messages of up to so many bytes, 16 MiB if nothing is said. A longer one ends the connection.
    ///
    /// Over RawSocket the router is told, and the limit is a power of two from 512 bytes to 16 MiB: the next lower one.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.max_message = bytes;
        self
    }

    /// Says whom to trust, and which certificate to show.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Says whom to trust, and which certificate to show, beginning with what was said before.
    #[cfg(feature = "tls")]
    pub fn change_tls(mut self, change: impl FnOnce(Tls) -> Tls) -> Self {
        self.tls = change(self.tls);
        self
    }

    /// Says who we are to the router.
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Says who we are to the router, beginning with what was said before.
    pub fn change_credentials(mut self, change: impl FnOnce(Credentials) -> Credentials) -> Self {
        self.credentials = change(self.credentials);
        self
    }

    /// Who we are to the router.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Checks all that was said, and reads the files that were named.
    ///
    /// # Errors
    ///
    /// [`ConnectError::Url`] and [`ConnectError::Config`], when something makes no sense.
    pub fn dialer(&self) -> Result<Dialer, ConnectError> {
        Dialer::new(self)
    }
}

/// Names of headers, but not their values, and nothing secret of the URL.
impl fmt::Debug for Dialing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers = self.headers.iter().map(|(name, _)| name);
        let subprotocols = self.subprotocols.iter().map(Subprotocol::name);
        let mut all = f.debug_struct("Dialing");
        all.field("url", &address::presentable(&self.url))
            .field("headers", &headers.collect::<Vec<_>>())
            .field("subprotocols", &subprotocols.collect::<Vec<_>>())
            .field("credentials", &self.credentials)
            .field("max_message", &self.max_message);
        #[cfg(feature = "tls")]
        all.field("tls", &self.tls);
        all.finish()
    }
}

//! How a client is described.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytestring::ByteString;
use serde::Serialize;
use tokio::sync::oneshot;

use wamp_proto::message::Unknown;
use wamp_proto::subprotocol::Subprotocol;

use crate::auth::Credentials;
use crate::backoff::Backoff;
use crate::client::{Client, Inner};
use crate::config::{Config, RenewalHook, Timing};
use crate::dial::{DEFAULT_URL, Dialing};
use crate::error::{CallError, ConnectError};
use crate::supervisor::supervise;
use crate::transport::Connect;
use crate::values::CustomOptions;

/// Nobody is pinged more often: routers hang up on those who ping all the time, those of this project at ten a second.
const SHORTEST: Duration = Duration::from_millis(200);

/// A client that is about to connect.
///
/// ```no_run
/// use std::time::Duration;
/// use wamp_client::{Backoff, Client};
///
/// # async fn f() -> Result<(), wamp_client::ConnectError> {
/// let client = Client::builder("ws://localhost:8080/ws")
///     .realm("realm1")
///     .call_timeout(Duration::from_secs(5))
///     .reconnect(Backoff::new().attempts(25))
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a client connects when it is told to"]
pub struct Builder {
    dialing: Dialing,
    realm: ByteString,
    agent: ByteString,
    details: CustomOptions,
    connect: Option<Box<dyn Connect>>,
    timing: Timing,
    backoff: Option<Backoff>,
    on_renewal_error: Option<RenewalHook>,
}

impl Builder {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            dialing: Dialing::new(url),
            realm: ByteString::from_static("realm1"),
            agent: ByteString::from_static(concat!("wamp-client-", env!("CARGO_PKG_VERSION"))),
            details: CustomOptions::default(),
            connect: None,
            timing: Timing::default(),
            backoff: Some(Backoff::new()),
            on_renewal_error: None,
        }
    }

    /// Describes a client whose connections are not made from a URL: in memory, for tests, or in your own way.
    pub fn over(connect: impl Connect) -> Self {
        Self {
            connect: Some(Box::new(connect)),
            ..Self::new("")
        }
    }

    /// Sets the realm to join; `realm1` without it.
    pub fn realm(mut self, realm: impl Into<ByteString>) -> Self {
        self.realm = realm.into();
        self
    }

    /// Sets who we are to the router. Without it, nobody in particular.
    ///
    /// ```no_run
    /// use wamp_client::{Client, Credentials};
    ///
    /// # async fn f() -> Result<(), wamp_client::ConnectError> {
    /// let client = Client::builder("wss://example.com/ws")
    ///     .credentials(Credentials::new().authid("ada").cra("secret"))
    ///     .connect()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.dialing = self.dialing.with_credentials(credentials);
        self
    }

    /// Offers these serializers, in order of preference. Without it: JSON, MessagePack, CBOR.
    pub fn subprotocols(mut self, subprotocols: impl IntoIterator<Item = Subprotocol>) -> Self {
        self.dialing = self.dialing.subprotocols(subprotocols);
        self
    }

    /// Sends a header with the request to become a WebSocket: `Authorization`, `Cookie`, `Origin`.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.dialing = self.dialing.header(name, value);
        self
    }

    /// Takes messages of up to so many bytes, 16 MiB without it. A longer one ends the connection.
    pub fn max_message(mut self, bytes: usize) -> Self {
        self.dialing = self.dialing.max_message(bytes);
        self
    }

    /// Sets whom to trust, and which certificate to show.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: crate::transport::tls::Tls) -> Self {
        self.dialing = self.dialing.tls(tls);
        self
    }

    /// Sets what the client calls itself.
    pub fn agent(mut self, agent: impl Into<ByteString>) -> Self {
        self.agent = agent.into();
        self
    }

    /// Adds something of one's own to `HELLO.Details`: an underscore and at least three of `a-z`, `0-9` and `_`. What authentication is to know
    /// is said by [`Credentials::extra`].
    pub fn detail(mut self, name: &str, value: impl Serialize) -> Self {
        self.details.push(name, &value);
        self
    }

    /// Sets how long it may take until a session is open; 10 s without it.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.timing.connect = timeout;
        self
    }

    /// Sets how long requests wait for their answers, unless they say it themselves; 30 s without it. `None`: for as long as it takes.
    pub fn call_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timing.call = timeout.into();
        self
    }

    /// Sets how long the router has to answer GOODBYE, and the connection to close; 5 s each without it.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.timing.close = timeout;
        self
    }

    /// Sets how to connect again after the connection was lost. Without it, as in [`Backoff::new`].
    pub fn reconnect(mut self, backoff: Backoff) -> Self {
        self.backoff = Some(backoff);
        self
    }

    /// The client is closed when its connection is lost.
    pub fn no_reconnect(mut self) -> Self {
        self.backoff = None;
        self
    }

    /// Sets how often the router is pinged; every 20 s without it, every 200 ms at most. `None`: never. In memory there are no pings.
    pub fn heartbeat(mut self, interval: impl Into<Option<Duration>>) -> Self {
        let interval: Option<Duration> = interval.into();
        self.timing.heartbeat = interval.map(|it| it.max(SHORTEST));
        self
    }

    /// Sets how many pings in a row may stay without an answer, each until the next one, before the connection counts as lost; 2 without
    /// it, at least 1. While anything else comes, or goes out of what waits, nothing counts as missed: the answer may stand behind it.
    pub fn close_after_missed(mut self, pings: u32) -> Self {
        self.timing.max_missed_pongs = pings.max(1);
        self
    }

    /// Sets what is called with the URI and the reason when a subscription or registration could not be renewed after a reconnection. Without
    /// it, that is only logged.
    pub fn on_renewal_error(
        mut self,
        hook: impl Fn(&str, &CallError) + Send + Sync + 'static,
    ) -> Self {
        self.on_renewal_error = Some(Arc::new(hook));
        self
    }

    /// Connects and opens the first session. There is one attempt; [`reconnect`](Self::reconnect) is for later.
    ///
    /// # Errors
    ///
    /// Why there is no session.
    pub async fn connect(self) -> Result<Client, ConnectError> {
        let (first, outcome) = oneshot::channel();
        let client = self.spawn(Some(first))?;
        outcome.await.unwrap_or(Err(ConnectError::Closed))?;
        Ok(client)
    }

    /// Connects in the background, as often as it takes; see [`Client::connected`].
    ///
    /// # Errors
    ///
    /// When what is described makes no sense.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn start(self) -> Result<Client, ConnectError> {
        self.spawn(None)
    }

    fn spawn(
        self,
        first: Option<oneshot::Sender<Result<(), ConnectError>>>,
    ) -> Result<Client, ConnectError> {
        let credentials = self.dialing.credentials().clone();
        // What no connection mends is said before there is one, not again and again.
        credentials.start(Some([0; 32]))?;
        let connect = match self.connect {
            Some(connect) => connect,
            None => Box::new(self.dialing.dialer()?),
        };
        let mut details = Unknown::default();
        let added = self.details.add_to(&mut details);
        added.map_err(|error| ConnectError::Config(error.to_string()))?;
        let inner = Arc::new(Inner::new(Config {
            connect,
            realm: self.realm,
            agent: self.agent,
            details,
            credentials,
            timing: self.timing,
            backoff: self.backoff,
            on_renewal_error: self.on_renewal_error,
        }));
        let client = Client::new(Arc::clone(&inner));
        tokio::spawn(supervise(inner, first));
        Ok(client)
    }
}

/// Of [`DEFAULT_URL`], where a router listens if nothing is said.
impl Default for Builder {
    fn default() -> Self {
        Self::new(DEFAULT_URL)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("dialing", &self.dialing)
            .field("realm", &self.realm)
            .field("timing", &self.timing)
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}

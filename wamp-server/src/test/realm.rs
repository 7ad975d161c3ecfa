//! An application that is served to the clients of a test.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use wamp_client::{Backoff, Builder, ConnectError};

use super::PATIENCE;
use super::client::TestClient;
use super::line::Connector;
use super::options::ClientOptions;
use super::raw::RawClient;
use super::tap::Tap;
use crate::app::{App, BuildError, Server};
use crate::transport::memory;

/// Between two attempts to connect: less than what is waited for sessions.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// An application in the same process, without sockets. The [module](super) shows how to use it.
///
/// It needs a tokio runtime, and time may be paused: `#[tokio::test(start_paused = true)]`. Then nothing waits longer than it has to, and what
/// takes an hour is tested at once.
#[derive(Clone, Debug)]
pub struct TestRealm {
    server: Server,
    patience: Duration,
}

impl TestRealm {
    /// Serves an application.
    ///
    /// # Panics
    ///
    /// When it has mistakes: with all of them.
    #[must_use]
    #[track_caller]
    pub fn new(app: App) -> Self {
        Self::build(app).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same.
    ///
    /// # Errors
    ///
    /// All mistakes of the application.
    pub fn build(app: App) -> Result<Self, BuildError> {
        Ok(Self::of(&app.build()?))
    }

    /// The same for one that is built already.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        Self {
            server: server.clone(),
            patience: PATIENCE,
        }
    }

    /// Sets how long is waited for something that a method does not take the time for; 5 s without it.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub(super) fn limit(&self) -> Duration {
        self.patience
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// A client with an open session in `realm1`, which speaks JSON. If its connection is lost, it is there again after a second at most.
    ///
    /// # Panics
    ///
    /// When it is not let in.
    #[track_caller]
    pub fn client(&self) -> impl Future<Output = TestClient> + Send + '_ {
        let caller = Location::caller();
        async move {
            match self.client_as(ClientOptions::new()).await {
                Ok(client) => client,
                Err(error) => panic!("{caller}: a client is not let in: {error}"),
            }
        }
    }

    /// The same, but another realm, another serializer, or somebody in particular.
    ///
    /// # Errors
    ///
    /// Why it is not let in.
    pub async fn client_as(&self, options: ClientOptions) -> Result<TestClient, ConnectError> {
        let tap = Arc::new(Tap::new(options.subprotocol));
        let connector = Connector {
            server: self.server.clone(),
            info: options.transport_info(),
            tap: Arc::clone(&tap),
        };
        let builder = Builder::over(connector).reconnect(Backoff::new().longest(LONGEST_WAIT));
        let client = options.apply(builder).connect().await?;
        Ok(TestClient::new(client, tap, self.patience))
    }

    /// A connection without a session, on which messages are written by hand: in JSON.
    #[must_use]
    pub fn raw(&self) -> RawClient {
        self.raw_as(&ClientOptions::new())
    }

    /// The same with another serializer, or something to know of the connection. What else is in the options is for clients that do not
    /// speak for themselves.
    #[must_use]
    pub fn raw_as(&self, options: &ClientOptions) -> RawClient {
        let (near, far) = memory::pair_with(options.subprotocol, options.transport_info());
        tokio::spawn(self.server.attach(near));
        RawClient::over(options.subprotocol, far).patience(self.patience)
    }

    /// Ends the server gracefully, as [`Server::shutdown`].
    pub async fn shutdown(&self) {
        self.server.shutdown().await;
    }
}

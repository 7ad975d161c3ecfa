//! Joining a router, and leaving it.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use bytestring::ByteString;
use futures_util::FutureExt as _;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::DropGuard;
use wamp_client::{Builder, Client, ConnectError, State};

use super::error::JoinError;
use super::host::Host;
use super::offer::{Offers, offer};
use super::topics::watch;
use super::uplink::ClientUplink;
use crate::app::{Error, signal};
use crate::realm::Realm;
use crate::realm::upstream::Uplink;
use crate::{App, Server};

impl App {
    /// Offers the functions of the application at a router until the process is told to stop (Ctrl-C, or SIGTERM on Unix), then leaves it
    /// gracefully.
    ///
    /// Every procedure is registered, every subscriber subscribed, in this realm of the router: those that the application would
    /// [serve](Self::serve) to clients of a realm of that name, which are those of the default realm if no other is configured. Functions
    /// of other realms would not be offered, which is an error; see [`Server::join`].
    ///
    /// When the connection is lost, it is made again, and everything is registered again. Callers whose calls were running are told so by
    /// the router; what their functions return then goes nowhere.
    ///
    /// # Who calls
    ///
    /// The router is asked to say who calls. For each peer that it names, there is a session with its id, `authid` and `authrole`; it begins
    /// with the first call, and ends with the connection to the router, or when there are more than a thousand and it is the one that has not
    /// called for the longest time, of those that wait for nothing. There can be as many that do as
    /// [`max_connections`](crate::Limits::max_connections) says. All peers that the router does not name share one session. Its role is `anonymous`.
    ///
    /// Nobody is authenticated here: the router has done that, and its word is taken. Permissions of the application hold for the role that
    /// the router tells; where it tells none, for `anonymous`, so functions that are for certain roles are not for peers without a name.
    ///
    /// # What functions do
    ///
    /// What they [publish](Realm::publish), [call](Realm::call) and [subscribe](Realm::subscribe) to is for the peers of the router as well,
    /// and so are [events](crate::Session::publish) for whoever has called.
    ///
    /// # Topics
    ///
    /// The router decides on who may subscribe, and a function that does is asked too late: its guard or its stream is held for each peer that
    /// is subscribed to its topic, as the router's meta API tells (`wamp.subscription.…`, `wamp.session.…`), but what it refuses is only
    /// logged. Where the router does not tell, such functions do not run, and the log says so.
    ///
    /// ```no_run
    /// use wamp_server::App;
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), wamp_server::Error> {
    ///     let app = App::empty().procedure("math.add", async |a: i64, b: i64| a + b);
    ///     app.join("ws://localhost:8080/ws", "realm1").await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When the application has mistakes, there is no session at the router, or it does not take what is offered; also when the session is
    /// lost and there will be no other.
    pub async fn join(self, url: &str, realm: &str) -> Result<(), Error> {
        let builder = Client::builder(url).realm(realm);
        self.join_with(builder, signal()).await
    }

    /// The same as [`join_with`](Self::join_with); `tell` is called when everything is offered.
    pub(crate) async fn join_and_tell(
        self,
        client: Builder,
        shutdown: impl Future<Output = ()> + Send,
        tell: impl FnOnce() + Send,
    ) -> Result<(), Error> {
        let server = self.build_to_join()?;
        let mut shutdown = pin!(shutdown);
        let joined = tokio::select! {
            biased;
            () = &mut shutdown => None,
            joined = join(&server, client, true) => Some(joined?),
        };
        let Some(joined) = joined else {
            server.shutdown().await;
            return Ok(());
        };
        tell();
        let lost = tokio::select! {
            biased;
            () = &mut shutdown => None,
            reason = joined.ended() => reason,
        };
        joined.leave().await;
        server.shutdown().await;
        match lost {
            None => Ok(()),
            Some(reason) => Err(JoinError::Lost(reason).into()),
        }
    }

    /// The same with more to say about the client, until `shutdown` is ready.
    ///
    /// # Errors
    ///
    /// Those of [`join`](Self::join).
    pub async fn join_with(
        self,
        client: Builder,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), Error> {
        self.join_and_tell(client, shutdown, || {}).await
    }
}

impl Server {
    /// Offers the functions of a realm at a router, in its realm of the same name; the server may serve clients of its own at the same time.
    /// See [`App::join`].
    ///
    /// ```no_run
    /// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// use wamp_server::App;
    /// use wamp_server::client::Client;
    ///
    /// let server = App::empty().procedure("math.add", async |a: i64, b: i64| a + b).build()?;
    /// let joined = server.join(Client::builder("ws://localhost:8080/ws").realm("realm1")).await?;
    /// // …
    /// joined.leave().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no session at the router, or it does not take what is offered.
    pub async fn join(&self, client: Builder) -> Result<Joined, JoinError> {
        join(self, client, false).await
    }
}

async fn join(server: &Server, client: Builder, only: bool) -> Result<Joined, JoinError> {
    let client = client.connect().await?;
    let joined = offer_all(server, &client, only).await;
    if joined.is_err() {
        client.close().await;
    }
    joined
}

async fn offer_all(server: &Server, client: &Client, only: bool) -> Result<Joined, JoinError> {
    let name = client.realm();
    let realm = server.realm(name);
    let realm = realm.ok_or_else(|| JoinError::NoSuchRealm(name.to_owned()))?;
    if only {
        let others = server.other_realms(realm);
        if !others.is_empty() {
            return Err(JoinError::OtherRealms(others));
        }
    }
    let uplink = Arc::new(ClientUplink::new(client));
    let way_out = Arc::clone(&uplink) as Arc<dyn Uplink>;
    if !realm.inner().upstream.open(way_out) {
        return Err(JoinError::AlreadyJoined);
    }
    let upstream = Upstream(realm.clone());
    let name = ByteString::from(name);
    let host = Arc::new(Host::new(server.clone(), realm.clone(), name, uplink));
    let offers = offer(&host, client, None).await?;
    let topics = watch(&host, client).await;
    Ok(Joined {
        client: client.clone(),
        _end: End(client.clone()),
        host,
        offers,
        _topics: topics,
        _upstream: upstream,
    })
}

/// A realm whose functions are offered at a router. Dropping it ends that at once; [`leave`](Self::leave) does it gracefully.
#[must_use = "the router is left when this is dropped"]
pub struct Joined {
    client: Client,
    /// Others may have that client, too.
    _end: End,
    host: Arc<Host>,
    offers: Offers,
    /// Watches who is subscribed.
    _topics: Option<DropGuard>,
    /// Before this is dropped, the functions can still reach the router.
    _upstream: Upstream,
}

impl Joined {
    /// The client that the functions are offered by.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Ready when there is no session at the router and there will be none: why, unless the client was closed on purpose.
    pub async fn ended(&self) -> Option<Arc<ConnectError>> {
        let mut states = self.client.states();
        while let Some(state) = states.next().await {
            if let State::Closed { reason } = state {
                return reason;
            }
        }
        None
    }

    /// Leaves the router gracefully: procedures are withdrawn, open calls and the handlers of events are finished, for which they have
    /// [`Limits::shutdown_timeout`](crate::Limits), then GOODBYE.
    pub async fn leave(self) {
        let limits = self.host.server().limits();
        let (until, last) = (
            Instant::now() + limits.shutdown_timeout,
            limits.close_timeout,
        );
        let withdrawn = timeout_at(until, self.offers.withdraw()).await.is_ok();
        if !self.host.finish(until).await || !withdrawn {
            tracing::warn!("some calls are not finished in time");
        }
        self.host.end();
        // Those that are cut short are answered before GOODBYE, unless one of them keeps its thread busy.
        let _ = timeout(last, self.host.all_answered()).await;
        self.client.close().await;
    }
}

impl fmt::Debug for Joined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined")
            .field("client", &self.client)
            .field("offers", &self.offers)
            .finish_non_exhaustive()
    }
}

/// Closes a client when it is dropped.
struct End(Client);

impl Drop for End {
    fn drop(&mut self) {
        // It has begun; nobody waits for the end.
        let _ = self.0.close().now_or_never();
    }
}

/// Closes a realm's way out when it is dropped.
struct Upstream(Realm);

impl Drop for Upstream {
    fn drop(&mut self) {
        self.0.inner().upstream.close();
    }
}

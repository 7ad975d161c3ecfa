//! Applications: what is served, and how it is run.

mod build;
pub(crate) mod gate;
pub(crate) mod guard;
mod listener;
pub(crate) mod newcomers;
mod problem;
pub(crate) mod rarely;
mod serve;
mod server;
pub(crate) mod shared;
mod slot;
mod source;
mod stats;

use std::fmt;
use std::future::Future;

use tokio::net::{TcpListener, ToSocketAddrs};
use wamp_proto::subprotocol::Subprotocol;

use crate::Limits;
use crate::handler::function::Handler;
use crate::handler::{Call, CallError, Definition, Kind};
use crate::realm::config::{Config, config_methods};
use crate::realm::config_auth::auth_methods;
use crate::realm::{Ordering, RealmBuilder};
use crate::session::hook::MessageHandler;
use crate::transport::websocket::{Handshake, WampService};

pub use problem::{BuildError, Error, Problem};
pub(crate) use serve::signal;
pub use server::Server;
pub(crate) use slot::ConnectionSlot;
pub(crate) use stats::Counters;
pub use stats::Stats;

/// An application: handlers, state and realms.
///
/// What is configured here directly is the default realm, which serves every realm name that is not configured by
/// [`realm`](Self::realm).
///
/// ```no_run
/// use wamp_server::{App, procedure};
///
/// #[procedure("math.add")]
/// async fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<(), wamp_server::Error> {
///     App::new().serve("127.0.0.1:8080").await
/// }
/// ```
#[must_use = "an application does nothing until it is served"]
pub struct App {
    pub(crate) config: Config,
    pub(crate) realms: Vec<RealmBuilder>,
    default_realm: bool,
    discovers: bool,
    limits: Limits,
    paths: Option<Vec<String>>,
    subprotocols: Vec<Subprotocol>,
    entrance: gate::Entrance,
}

impl App {
    /// An application that serves every annotated function linked into the program.
    ///
    /// A library crate takes part if the program names it, if only by `use my_handlers as _;`. In `cargo test` all annotated
    /// functions of the test binary take part; tests are clearer with [`empty`](Self::empty).
    #[cfg(feature = "inventory")]
    pub fn new() -> Self {
        let mut app = Self::empty().definitions(crate::handler::described::discovered());
        app.discovers = true;
        app
    }

    /// An application that serves nothing until it is told to.
    pub fn empty() -> Self {
        Self {
            config: Config::default(),
            realms: Vec::new(),
            default_realm: true,
            discovers: false,
            limits: Limits::default(),
            paths: None,
            subprotocols: Subprotocol::ALL.to_vec(),
            entrance: gate::Entrance::default(),
        }
    }

    /// Adds every annotated function in `module` or below it, as in `.module("shop::admin")`.
    ///
    /// A module that has none is reported by [`build`](Self::build).
    #[cfg(feature = "inventory")]
    pub fn module(self, module: &str) -> Self {
        let found = crate::handler::described::discovered()
            .into_iter()
            .filter(|it| {
                let below = it.module.strip_prefix(module);
                below.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            })
            .collect::<Vec<_>>();
        let mut app = self;
        app.discovers |= found.is_empty();
        app.definitions(found)
    }

    config_methods!();
    auth_methods!();

    /// Adds a realm with handlers, state and rules of its own.
    pub fn realm(mut self, realm: RealmBuilder) -> Self {
        self.realms.push(realm);
        self
    }

    /// Whether realm names that are not configured are served too, by what is configured here directly. They are, unless this is
    /// turned off; clients then get ABORT `wamp.error.no_such_realm`.
    pub fn default_realm(mut self, serve: bool) -> Self {
        self.default_realm = serve;
        self
    }

    /// Sets the bounds on what clients may do.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Serves these paths only; others get HTTP 404. Without it, every path is served.
    pub fn paths<S: Into<String>>(mut self, paths: impl IntoIterator<Item = S>) -> Self {
        self.paths = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    /// Offers these serializers only. Without it: JSON, MessagePack and CBOR, each also batched.
    pub fn subprotocols(mut self, subprotocols: impl IntoIterator<Item = Subprotocol>) -> Self {
        self.subprotocols = subprotocols.into_iter().collect();
        self
    }

    /// Sets what HTTP requests are checked for: origins, hosts, proxies. Without it: the default of [`Handshake`].
    pub fn handshake(mut self, handshake: Handshake) -> Self {
        self.entrance.handshake = handshake;
        self
    }

    /// Whether RawSocket is spoken beside WebSocket, on the same listeners: the first byte of a connection tells them apart. It is, unless
    /// this is turned off. [`subprotocols`](Self::subprotocols) and [`limits`](Self::limits) hold for it, too, but there are no
    /// paths, no headers and no batches.
    ///
    /// The longest message that a client is told it may send is the largest power of two that is not above
    /// [`Limits::max_message`], and 16 MiB at most. Nor is anything sent that is longer than a client takes: an event is left out for it,
    /// and what would answer a call becomes ERROR `wamp.error.payload_size_exceeded`.
    ///
    /// What [`Handshake`] checks is in HTTP requests, so it does not concern RawSocket, which browsers cannot speak. Behind a proxy, the
    /// proxy's address is all that is known. Clients that are silent for [`Limits::ping_interval`] are pinged; autobahn for Python on
    /// asyncio does not know pings and loses its connection then, so it needs a longer interval.
    pub fn rawsocket(mut self, speak: bool) -> Self {
        self.entrance.rawsocket = speak;
        self
    }

    /// Speaks TLS on the listeners of [`serve`](Self::serve) and [`serve_with`](Self::serve_with), for clients of `wss://` and of RawSocket
    /// over TLS. Without it, they speak plainly. Where the server is mounted elsewhere, TLS is the business of what is around it.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, tls: crate::Tls) -> Self {
        self.entrance.tls = Some(tls);
        self
    }

    /// Serves over WebSocket and RawSocket until the process is told to stop (Ctrl-C, or SIGTERM on Unix), then shuts down gracefully.
    ///
    /// # Errors
    ///
    /// When the application has mistakes, or the address cannot be listened on.
    pub async fn serve(self, address: impl ToSocketAddrs) -> Result<(), Error> {
        let server = self.build()?;
        let listener = TcpListener::bind(address).await.map_err(Error::Listen)?;
        server.serve_with(listener, signal()).await
    }

    /// Serves over WebSocket and RawSocket until `shutdown` is ready, then shuts down gracefully; see
    /// [`Server::shutdown`](Server::shutdown).
    ///
    /// # Errors
    ///
    /// When the application has mistakes, or the listener fails for good.
    pub async fn serve_with(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), Error> {
        self.build()?.serve_with(listener, shutdown).await
    }

    /// Turns the application into a tower service that upgrades WebSocket requests, to be mounted beside other routes.
    ///
    /// ```
    /// # fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// use axum::Router;
    /// use axum::routing::get;
    /// use wamp_server::App;
    ///
    /// let app = App::empty().procedure("math.add", async |a: i64, b: i64| a + b);
    /// let router: Router = Router::new()
    ///     .route("/health", get(async || "ok"))
    ///     .route_service("/ws", app.into_service()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the application has mistakes.
    pub fn into_service(self) -> Result<WampService, BuildError> {
        Ok(self.build()?.service())
    }

    /// Checks the application.
    ///
    /// # Errors
    ///
    /// All mistakes at once, each with the places in the source that it is about.
    pub fn build(self) -> Result<Server, BuildError> {
        build::build(self, false)
    }

    /// The same where the roles that callers have are those of another router.
    #[cfg(feature = "client")]
    pub(crate) fn build_to_join(self) -> Result<Server, BuildError> {
        build::build(self, true)
    }
}

#[cfg(feature = "inventory")]
impl Default for App {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("realms", &self.realms)
            .finish_non_exhaustive()
    }
}

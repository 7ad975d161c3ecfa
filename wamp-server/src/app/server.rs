//! A server: an application that has been checked.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering, fence};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wamp_proto::subprotocol::Subprotocol;
use wamp_proto::uri;

use super::Error;
use super::gate::Gate;
#[cfg(feature = "tls")]
use super::listener::TlsListener;
use super::serve;
use super::shared::Shared;
use super::slot::{ConnectionSlot, Placed};
use super::stats::Stats;
use crate::Limits;
use crate::history::EventStore as _;
use crate::realm::Realm;
use crate::session::connection::Connection;
#[cfg(feature = "client")]
use crate::session::guest::Guest;
use crate::session::outbox::Command;
use crate::transport::websocket::WampService;
use crate::transport::{ConnectionInfo, Transport};

/// How long stores of events may take to write what is left, however long sessions took to end.
const FLUSH_TIME: Duration = Duration::from_secs(5);

/// A running server, or one that is ready to run. Cloning it is cheap; all clones are the same server.
#[derive(Clone)]
pub struct Server {
    inner: Arc<Inner>,
}

struct Inner {
    parts: ServerParts,
    connections: AtomicUsize,
    /// Every task of every connection.
    tasks: TaskTracker,
    /// Ends the accept loops.
    closing: CancellationToken,
}

/// What [`App::build`](crate::App::build) puts together.
pub(super) struct ServerParts {
    pub(super) realms: HashMap<String, Realm>,
    pub(super) default: Option<Realm>,
    pub(super) paths: Option<Vec<String>>,
    pub(super) subprotocols: Vec<Subprotocol>,
    pub(super) gate: Gate,
    pub(super) shared: Arc<Shared>,
}

impl Server {
    pub(super) fn new(parts: ServerParts) -> Self {
        for realm in parts.realms.values().chain(&parts.default) {
            for handler in realm.annotated() {
                tracing::info!(realm = realm.name(), kind = %handler.kind, uri = %handler.shown, "serves");
            }
        }
        Self {
            inner: Arc::new(Inner {
                parts,
                connections: AtomicUsize::new(0),
                tasks: TaskTracker::new(),
                closing: CancellationToken::new(),
            }),
        }
    }

    /// The realm that a session which asks for `name` joins.
    #[must_use]
    pub fn realm(&self, name: &str) -> Option<&Realm> {
        let ServerParts {
            realms, default, ..
        } = &self.inner.parts;
        realms.get(name).or(default.as_ref())
    }

    /// Serves WebSocket and RawSocket connections until `shutdown` is ready, then shuts down gracefully.
    ///
    /// # Errors
    ///
    /// None today: an `accept` that fails is logged and tried again.
    pub async fn serve_with(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), Error> {
        serve::accept_until(self, listener, shutdown).await;
        self.shutdown().await;
        Ok(())
    }

    /// The same over TLS, whatever [`App::tls`](crate::App::tls) says: for servers that serve several listeners, each with a certificate of
    /// its own or without.
    ///
    /// # Errors
    ///
    /// None today, as with [`serve_with`](Self::serve_with).
    #[cfg(feature = "tls")]
    pub async fn serve_tls(
        &self,
        listener: TcpListener,
        tls: crate::Tls,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), Error> {
        let tcp = listener;
        serve::accept_until(self, TlsListener { tcp, tls }, shutdown).await;
        self.shutdown().await;
        Ok(())
    }

    /// Serves WebSocket and RawSocket connections over a Unix socket until `shutdown` is ready, then shuts down gracefully. There is no
    /// TLS, and clients have no [address](crate::transport::TransportInfo::peer).
    ///
    /// A server can serve several listeners at once; the first `shutdown` that is ready ends them all.
    ///
    /// ```no_run
    /// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// use tokio::net::UnixListener;
    /// use wamp_server::App;
    ///
    /// let server = App::empty().procedure("math.add", async |a: i64, b: i64| a + b).build()?;
    /// let listener = UnixListener::bind("/run/math/wamp.sock")?;
    /// server.serve_unix(listener, std::future::pending()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// None today, as with [`serve_with`](Self::serve_with).
    #[cfg(unix)]
    pub async fn serve_unix(
        &self,
        listener: tokio::net::UnixListener,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<(), Error> {
        serve::accept_until(self, listener, shutdown).await;
        self.shutdown().await;
        Ok(())
    }

    /// A tower service that upgrades WebSocket requests.
    #[must_use]
    pub fn service(&self) -> WampService {
        WampService::new(self.clone())
    }

    /// Serves one connection over a transport whose handshake is done, until it ends.
    ///
    /// For a byte stream that still has to be upgraded, see [`attach_stream`](Self::attach_stream).
    pub fn attach<T: Transport>(&self, transport: T) -> impl Future<Output = ()> + Send + use<T> {
        let server = self.clone();
        let slot = server.admit();
        // Tracked although the caller drives it: a shutdown waits for it.
        let tracked = self.inner.tasks.clone();
        tracked.track_future(async move {
            if slot.is_some() {
                server.drive(transport).await;
            }
            drop(slot);
        })
    }

    /// The same for somebody who is connected to another router.
    #[cfg(feature = "client")]
    pub(crate) fn attach_guest<T: Transport>(
        &self,
        transport: T,
        guest: Arc<Guest>,
    ) -> impl Future<Output = ()> + Send + use<T> {
        let server = self.clone();
        let slot = server.admit();
        let tracked = self.inner.tasks.clone();
        tracked.track_future(async move {
            if slot.is_some() {
                Connection::for_guest(server, transport, guest).await;
            }
            drop(slot);
        })
    }

    /// Serves one connection over a byte stream: the HTTP upgrade, then WebSocket; or RawSocket, if the client begins with that.
    ///
    /// Ready when the handshake is done or refused; the session then runs in a task of its own, which
    /// [`shutdown`](Self::shutdown) waits for.
    ///
    /// Nothing is known about where the stream comes from, so no peer has limits of its own; see
    /// [`attach_stream_from`](Self::attach_stream_from).
    pub fn attach_stream<S>(&self, stream: S) -> impl Future<Output = ()> + Send + use<S>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        self.attach_stream_from(stream, ConnectionInfo::new())
    }

    /// The same, with what is known about the connection.
    pub fn attach_stream_from<S>(
        &self,
        stream: S,
        info: ConnectionInfo,
    ) -> impl Future<Output = ()> + Send + use<S>
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        serve::attached(self.clone(), stream, info)
    }

    /// Ends the server gracefully: no new connections and sessions; GOODBYE `wamp.close.system_shutdown` to each session once its
    /// open calls are finished, or [`Limits::shutdown_timeout`] is over; then all connections are closed.
    ///
    /// Ready when no connection is left. Then the [subscriptions](Realm::subscribe) of server code end, too, and
    /// [stores of events](crate::history::EventStore::flush) write what is left, for which they have the rest of that time, or 5 s.
    pub async fn shutdown(&self) {
        let begin = Instant::now();
        let shared = &self.inner.parts.shared;
        shared.closing.store(true, Ordering::Release);
        // A session that this does not see in the table will see that the server is closing.
        fence(Ordering::SeqCst);
        self.inner.closing.cancel();
        self.inner.tasks.close();
        for session in shared.sessions.all() {
            session.outbox().command(Command::Goodbye {
                reason: uri::SYSTEM_SHUTDOWN.into(),
                message: "the server shuts down".to_owned(),
                grace: shared.limits.shutdown_timeout,
            });
        }
        self.inner.tasks.wait().await;
        for realm in self.realms() {
            realm.inner().broker.close();
        }
        let left = shared
            .limits
            .shutdown_timeout
            .saturating_sub(begin.elapsed());
        self.flush_histories(left.max(FLUSH_TIME)).await;
    }

    /// Waits until all events are kept, but not for ever.
    async fn flush_histories(&self, patience: Duration) {
        let histories = self.realms().filter_map(|realm| {
            let history = realm.inner().broker.history()?;
            Some((realm, history.store.flush()))
        });
        let flushes = histories.map(|(realm, flush)| async move {
            if let Err(error) = flush.await {
                let realm = realm.name();
                tracing::error!(realm, ?error, "events are missing in the history");
            }
        });
        let flushes = flushes.collect::<Vec<_>>();
        if !flushes.is_empty() && timeout(patience, join_all(flushes)).await.is_err() {
            tracing::error!("an event store has not kept everything in time");
        }
    }

    /// What has happened so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let shared = &self.inner.parts.shared;
        Stats {
            connections: self.inner.connections.load(Ordering::Relaxed),
            sessions: shared.sessions.len(),
            running_handlers: shared.running.load(Ordering::Relaxed),
            ..shared.counters.read()
        }
    }

    /// The bounds on what clients may do.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.parts.shared.limits
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.inner.parts.shared
    }

    pub(crate) fn subprotocols(&self) -> &[Subprotocol] {
        &self.inner.parts.subprotocols
    }

    pub(crate) fn serves_path(&self, path: &str) -> bool {
        let paths = self.inner.parts.paths.as_deref();
        paths.is_none_or(|paths| paths.iter().any(|it| it == path))
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.inner.parts.gate
    }

    /// Says in the log, once, that a connection whose address is not known is a loss where secrets can be guessed.
    pub(crate) fn miss_address(&self, info: &ConnectionInfo) {
        if info.peer.is_some() || !self.authenticates() {
            return;
        }
        self.gate().without_address.call_once(|| {
            tracing::warn!(
                "connections come without the addresses of their peers, so nobody who guesses secrets is slowed down; \
                 see `WampService::peer_from` and `Server::attach_stream_from`"
            );
        });
    }

    /// Whether somebody may have to authenticate.
    fn authenticates(&self) -> bool {
        self.realms().any(|realm| realm.inner().methods().is_some())
    }

    /// The names of realms that have functions, other than this one.
    #[cfg(feature = "client")]
    pub(crate) fn other_realms(&self, realm: &Realm) -> Vec<String> {
        let others = self.realms().filter(|it| it.name() != realm.name());
        let mut names = others
            .filter(|it| it.inner().has_functions())
            .map(|it| match it.name() {
                Some(name) => format!("`{name}`"),
                None => "the default realm".to_owned(),
            })
            .collect::<Vec<_>>();
        names.sort();
        names
    }

    pub(crate) fn realms(&self) -> impl Iterator<Item = &Realm> {
        let ServerParts {
            realms, default, ..
        } = &self.inner.parts;
        realms.values().chain(default)
    }

    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.inner.closing
    }

    pub(crate) fn count_refusal(&self) {
        self.inner.parts.shared.counters.refused_upgrades.count();
    }

    /// A place for one more connection, if there is one.
    pub(crate) fn admit(&self) -> Option<ConnectionSlot> {
        if self.shared().is_closing() {
            return None;
        }
        let slot = ConnectionSlot::new(self.clone());
        let before = self.inner.connections.fetch_add(1, Ordering::AcqRel);
        (before < self.limits().max_connections).then_some(slot)
    }

    /// A place is free again.
    pub(super) fn connection_ended(&self) {
        self.inner.connections.fetch_sub(1, Ordering::AcqRel);
    }

    /// Runs a task that a shutdown waits for.
    pub(crate) fn track(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.inner.tasks.spawn(task);
    }

    /// The same for a connection, with its place.
    pub(crate) fn track_connection<T: Transport>(&self, transport: T, slot: ConnectionSlot) {
        self.inner
            .tasks
            .spawn(Placed::new(self.drive(transport), slot));
    }

    /// What serves a connection to its end.
    pub(crate) fn drive<T: Transport>(&self, transport: T) -> Connection<T> {
        Connection::new(self.clone(), transport)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

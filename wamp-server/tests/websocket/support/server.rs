//! A server to test.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wamp_server::app::Stats;
use wamp_server::{App, CancellationToken, Limits, Server};

use super::{PATIENCE, soon};

/// What most tests serve.
pub(crate) fn app() -> App {
    App::empty()
        .procedure("test.add", async |a: i64, b: i64| a + b)
        .procedure("test.echo", async |text: String| text)
        .procedure("test.large", async |size: usize| "x".repeat(size))
        .procedure("test.forever", async || std::future::pending::<()>().await)
        .subscription_handler(async || {})
}

/// Limits of time that no test lives to see: what happens with them was not brought about by some timer. All clients of a test have the
/// same address.
pub(crate) fn timeless() -> Limits {
    const NEVER: Duration = Duration::from_secs(60 * 60);
    Limits {
        max_unauthenticated_per_peer: 1024,
        handshake_timeout: NEVER,
        hello_timeout: NEVER,
        welcome_timeout: NEVER,
        message_timeout: NEVER,
        write_timeout: NEVER,
        ping_interval: NEVER,
        pong_timeout: NEVER,
        close_timeout: NEVER,
        goodbye_timeout: NEVER,
        shutdown_timeout: NEVER,
        ..Limits::default()
    }
}

/// A server on a port of its own.
pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn new(app: App) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        Self::on(listener.expect("loopback exists"), app)
    }

    pub(crate) fn on(listener: TcpListener, app: App) -> Self {
        let server = app.build().expect("the application has no mistakes");
        let address = listener.local_addr().expect("it is bound");
        let stop = CancellationToken::new();
        let task = tokio::spawn({
            let (server, stop) = (server.clone(), stop.clone());
            async move {
                let served = server.serve_with(listener, stop.cancelled_owned()).await;
                served.expect("serving does not fail");
            }
        });
        Self {
            server,
            address,
            stop,
            task,
        }
    }

    /// [`app`] with these limits.
    pub(crate) async fn with(limits: Limits) -> Self {
        Self::new(app().limits(limits)).await
    }

    pub(crate) async fn default() -> Self {
        Self::with(timeless()).await
    }

    pub(crate) fn stats(&self) -> Stats {
        self.server.stats()
    }

    /// Waits until the counters are as they must become: there is no event for that, so it looks again and again.
    #[track_caller]
    pub(crate) fn until(
        &self,
        what: &str,
        is_so: impl Fn(&Stats) -> bool,
    ) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let mut interval = tokio::time::interval(Duration::from_millis(2));
            let look = async {
                while !is_so(&self.stats()) {
                    interval.tick().await;
                }
            };
            let so = tokio::time::timeout(PATIENCE, look).await;
            assert!(
                so.is_ok(),
                "{what} did not happen ({caller}): {:?}",
                self.stats()
            );
        }
    }

    /// Nothing is left of any connection.
    pub(crate) async fn idle(&self) {
        self.until("rest", |stats| {
            (stats.connections, stats.sessions, stats.running_handlers) == (0, 0, 0)
        })
        .await;
    }

    /// Begins to shut down.
    pub(crate) fn begin_to_stop(&self) {
        self.stop.cancel();
    }

    /// The end of what [`begin_to_stop`](Self::begin_to_stop) began.
    pub(crate) async fn stopped(self) {
        soon("the end of the server", self.task)
            .await
            .expect("no panic");
    }

    /// The end of a test: all connections have ended, and the server ends too.
    pub(crate) async fn rest(self) {
        self.idle().await;
        self.begin_to_stop();
        self.stopped().await;
    }
}

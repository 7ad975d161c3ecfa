//! A server on a port of its own, for clients in other processes.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Server};
use crate::realm::RouterOptions;

/// How long clients have to say goodbye when nobody waits for them.
const GRACE: Duration = Duration::from_millis(250);

/// A server on a free port of the loopback interface, in a thread of its own: with a runtime around or without, blocked or not. It ends when
/// this is dropped.
///
/// ```
/// use wamp_server::test::TestRouter;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use wamp_server::client::Client;
///
/// let router = TestRouter::start();
/// let client = Client::connect(&router.url(), "realm1").await?;
/// # client.close().await;
/// # Ok(())
/// # }
/// ```
pub struct TestRouter {
    server: Server,
    address: SocketAddr,
    /// Begins the end.
    stop: CancellationToken,
    /// Makes it a quick one.
    hurry: CancellationToken,
    /// Told when nothing is left.
    ended: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl TestRouter {
    /// Starts a router in which clients can do everything, in any realm, and may use the meta API.
    ///
    /// # Panics
    ///
    /// When there is no port or no thread.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        Self::start_with(App::empty().router(RouterOptions::new().meta_control(true)))
    }

    /// Starts an application.
    ///
    /// # Panics
    ///
    /// When it has mistakes, or there is no port or no thread.
    #[must_use]
    #[track_caller]
    pub fn start_with(app: App) -> Self {
        let server = app.build().unwrap_or_else(|error| panic!("{error}"));
        let listener = listener().unwrap_or_else(|error| panic!("no port: {error}"));
        let (listener, address) = listener;
        let (stop, hurry) = (CancellationToken::new(), CancellationToken::new());
        let (end, ended) = oneshot::channel();
        let serve = serve(server.clone(), listener, stop.clone(), hurry.clone());
        let thread = std::thread::Builder::new()
            .name("test-router".to_owned())
            .spawn(move || run(serve, end));
        Self {
            server,
            address,
            stop,
            hurry,
            ended: Some(ended),
            thread: Some(thread.unwrap_or_else(|error| panic!("no thread: {error}"))),
        }
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Where it is.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Where it is, for clients that speak WebSocket.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// Where it is, for clients that speak RawSocket.
    #[must_use]
    pub fn rawsocket_url(&self) -> String {
        format!("rs://{}", self.address)
    }

    /// Ends it [gracefully](Server::shutdown), however long that takes. Dropping it is quicker: sessions are told GOODBYE then, but have no
    /// more than a quarter of a second to answer.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(ended) = self.ended.take() {
            // It fails when the thread has panicked, which is then told of by `drop`.
            let _ = ended.await;
        }
    }
}

fn listener() -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn serve(
    server: Server,
    listener: TcpListener,
    stop: CancellationToken,
    hurry: CancellationToken,
) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "a test router cannot listen"),
    };
    let too_late = async {
        hurry.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = server.serve_with(listener, stop.cancelled()) => drop(served),
        () = too_late => {}
    }
}

/// The thread of a router. What is left of its tasks ends with it.
fn run(serve: impl Future<Output = ()>, end: oneshot::Sender<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            runtime.block_on(serve);
            runtime.shutdown_timeout(GRACE);
        }
        Err(error) => tracing::error!(%error, "a test router has no runtime"),
    }
    // Nobody may want to know.
    let _ = end.send(());
}

impl Drop for TestRouter {
    fn drop(&mut self) {
        self.stop.cancel();
        self.hurry.cancel();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the thread of a test router has panicked");
        }
    }
}

impl fmt::Debug for TestRouter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestRouter")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

//! This project's router, on a port or a socket of its own.

use std::future::pending;
use std::net::SocketAddr;
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::net::{TcpListener, UnixListener};
use tokio::task::JoinHandle;
use wamp_server::{App, Server};

/// What most tests serve.
pub(crate) fn app() -> App {
    App::empty()
        .procedure("test.echo", async |text: String| text)
        .procedure("test.add", async |a: i64, b: i64| a + b)
}

/// Ends with the test.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn new(app: App) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        Self::on(listener.expect("loopback exists"), app)
    }

    pub(crate) fn on(listener: TcpListener, app: App) -> Self {
        let server = build(app);
        let address = listener.local_addr().expect("it is bound");
        let task = tokio::spawn(async move {
            let served = server.serve_with(listener, pending()).await;
            served.expect("serving does not fail");
        });
        Self { address, task }
    }

    pub(crate) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://localhost:{}", self.address.port())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The same on a Unix socket.
pub(crate) struct Local {
    directory: TempDir,
    task: JoinHandle<()>,
}

impl Local {
    pub(crate) fn new(app: App) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let listener = UnixListener::bind(Self::path_in(&directory)).expect("the path is free");
        let server = build(app);
        let task = tokio::spawn(async move {
            let served = server.serve_unix(listener, pending()).await;
            served.expect("serving does not fail");
        });
        Self { directory, task }
    }

    pub(crate) fn path(&self) -> PathBuf {
        Self::path_in(&self.directory)
    }

    fn path_in(directory: &TempDir) -> PathBuf {
        directory.path().join("the router.sock")
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn build(app: App) -> Server {
    app.build().expect("the application has no mistakes")
}

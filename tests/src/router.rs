//! Our router: a realm in which clients call each other and hear from each other, and nothing else.

use std::net::SocketAddr;
use std::path::PathBuf;

use tempfile::TempDir;
use wamp_server::test::TestRouter;
use wamp_server::{App, Realm, RouterOptions};

/// The realm, named as the one of [`Crossbar`](crate::crossbar).
pub use crate::crossbar::REALM;

/// A router that serves [`REALM`] to everybody over TCP, and over a Unix socket where there are any, until it is dropped.
#[derive(Debug)]
pub struct Router {
    router: TestRouter,
    /// Of the Unix socket; removed when this is dropped.
    directory: TempDir,
}

impl Router {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let realm = Realm::new(REALM).router(RouterOptions::new().meta_control(true));
        let router = TestRouter::start_with(App::empty().default_realm(false).realm(realm));
        let directory = TempDir::with_prefix("wamp-tests-router-").expect("a temporary directory");
        #[cfg(unix)]
        {
            let listener = tokio::net::UnixListener::bind(directory.path().join(SOCKET))
                .expect("nothing else is in the directory");
            let server = router.server().clone();
            tokio::spawn(async move { server.serve_unix(listener, std::future::pending()).await });
        }
        Self { router, directory }
    }

    /// The address that it serves.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.router.addr()
    }

    /// The path of the Unix socket that it serves, too.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.directory.path().join(SOCKET)
    }
}

const SOCKET: &str = "router.sock";

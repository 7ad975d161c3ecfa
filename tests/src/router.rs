//! Our router: a realm in which clients call each other and hear from each other, and nothing else.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::net::TcpListener;
use wamp_server::{App, Realm, RouterOptions};

/// The realm, named as the one of [`Crossbar`](crate::crossbar).
pub use crate::crossbar::REALM;

/// A router that serves [`REALM`] to everybody over TCP, and over a Unix socket where there are any, until the test's runtime ends.
#[derive(Debug)]
pub struct Router {
    address: SocketAddr,
    /// Of the Unix socket; removed when this is dropped.
    directory: TempDir,
}

impl Router {
    /// Starts it on a free port.
    pub async fn start() -> Self {
        let server = App::empty()
            .default_realm(false)
            .realm(Realm::new(REALM).router(RouterOptions::new().meta_control(true)))
            .build()
            .expect("the application has no mistakes");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let directory = TempDir::with_prefix("wamp-tests-router-").expect("a temporary directory");
        #[cfg(unix)]
        {
            let listener = tokio::net::UnixListener::bind(directory.path().join(SOCKET))
                .expect("nothing else is in the directory");
            let server = server.clone();
            tokio::spawn(async move { server.serve_unix(listener, pending()).await });
        }
        tokio::spawn(async move { server.serve_with(listener, pending()).await });
        Self { address, directory }
    }

    /// The address that it serves.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The path of the Unix socket that it serves, too.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.directory.path().join(SOCKET)
    }
}

const SOCKET: &str = "router.sock";

//! Sockets that are listened on.

use std::future::Future;
use std::io;
use std::pin::Pin;

use tokio::net::TcpListener;
use wamp_server::{CancellationToken, Server, Tls};

use crate::config::{Endpoint, Listener};

#[cfg(unix)]
use self::unix::{SocketFile, UnixBound};

/// A socket that is listened on.
pub(super) enum Bound {
    Tcp(TcpListener, Option<Tls>),
    #[cfg(unix)]
    Unix(UnixBound),
}

/// What is left of a socket in the file system.
#[cfg(unix)]
pub(super) type Trace = Option<SocketFile>;
#[cfg(not(unix))]
pub(super) type Trace = ();

impl Bound {
    /// # Errors
    ///
    /// When there is no such address, somebody else has it, or it is not allowed.
    pub(super) async fn bind(listener: &Listener) -> io::Result<Self> {
        match &listener.endpoint {
            Endpoint::Tcp(address) => {
                let tls = listener.tls.as_ref().map(|it| it.tls.clone());
                Ok(Self::Tcp(TcpListener::bind(address).await?, tls))
            }
            #[cfg(unix)]
            Endpoint::Unix { path, mode } => Ok(Self::Unix(UnixBound::bind(path, *mode).await?)),
            #[cfg(not(unix))]
            Endpoint::Unix { .. } => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The line that says that it is ready.
    pub(super) fn describe(&self, rawsocket: bool) -> String {
        let spoken = if rawsocket {
            "WebSocket and RawSocket"
        } else {
            "WebSocket"
        };
        let url = match self {
            Self::Tcp(listener, tls) => {
                let scheme = if tls.is_some() { "wss" } else { "ws" };
                let address = listener.local_addr();
                address.map_or(scheme.to_owned(), |it| format!("{scheme}://{it}"))
            }
            #[cfg(unix)]
            Self::Unix(socket) => socket.url(),
        };
        format!("listening on {url} ({spoken})\n")
    }

    /// What serves its connections until it is told to stop, and what is to be kept until then.
    pub(super) fn serve(self, server: Server, stop: CancellationToken) -> (Serving, Trace) {
        let stopped = stop.cancelled_owned();
        match self {
            Self::Tcp(listener, None) => {
                let serving = async move { server.serve_with(listener, stopped).await };
                (Box::pin(serving), Trace::default())
            }
            Self::Tcp(listener, Some(tls)) => {
                let serving = async move { server.serve_tls(listener, tls, stopped).await };
                (Box::pin(serving), Trace::default())
            }
            #[cfg(unix)]
            Self::Unix(UnixBound { listener, file }) => {
                let serving = async move { server.serve_unix(listener, stopped).await };
                (Box::pin(serving), Some(file))
            }
        }
    }
}

type Serving = Pin<Box<dyn Future<Output = Result<(), wamp_server::Error>> + Send>>;

#[cfg(unix)]
mod unix {
    //! Unix sockets, whose files stay when a program does not end in good order.

    use std::fs::{self, Permissions};
    use std::io;
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
    use std::path::{Path, PathBuf};

    use tokio::net::{UnixListener, UnixStream};

    /// A listener and its file.
    pub(crate) struct UnixBound {
        pub(super) listener: UnixListener,
        pub(super) file: SocketFile,
    }

    /// The file of a socket. It is removed when this is dropped, unless somebody else has put another one in its place.
    pub(crate) struct SocketFile {
        path: PathBuf,
        id: (u64, u64),
    }

    impl UnixBound {
        pub(super) async fn bind(path: &Path, mode: Option<u32>) -> io::Result<Self> {
            remove_leftover(path).await?;
            let listener = UnixListener::bind(path)?;
            let file = SocketFile {
                path: path.to_owned(),
                id: id(path)?,
            };
            if let Some(mode) = mode {
                fs::set_permissions(path, Permissions::from_mode(mode))?;
            }
            Ok(Self { listener, file })
        }

        pub(super) fn url(&self) -> String {
            let path = std::path::absolute(&self.file.path);
            let path = path.as_deref().unwrap_or(&self.file.path);
            format!("ws+unix://{}", path.display())
        }
    }

    /// A socket that nobody listens on is what a router has left that was killed.
    async fn remove_leftover(path: &Path) -> io::Result<()> {
        let is_socket = fs::symlink_metadata(path).is_ok_and(|it| it.file_type().is_socket());
        if !is_socket {
            return Ok(());
        }
        match UnixStream::connect(path).await {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                tracing::info!(path = %path.display(), "a socket that nobody listens on is removed");
                fs::remove_file(path)
            }
            // Somebody is there, or nobody may know: binding says so.
            _ => Ok(()),
        }
    }

    fn id(path: &Path) -> io::Result<(u64, u64)> {
        let metadata = fs::symlink_metadata(path)?;
        Ok((metadata.dev(), metadata.ino()))
    }

    impl Drop for SocketFile {
        fn drop(&mut self) {
            if id(&self.path).is_ok_and(|it| it == self.id)
                && let Err(error) = fs::remove_file(&self.path)
            {
                tracing::warn!(path = %self.path.display(), %error, "a socket cannot be removed");
            }
        }
    }
}

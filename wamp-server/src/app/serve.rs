//! Accepting connections.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, StatusCode};
use hyper::service::Service as _;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use super::Server;
use crate::transport::websocket::PeerAddr;

/// How long to wait when the system has no more file descriptors or buffers: connections that end make room.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until `shutdown` is ready or the server is shut down otherwise.
pub(super) async fn accept_until(
    server: &Server,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "serving");
    }
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return,
            () = server.closing().cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Messages are coalesced before they are written; Nagle's algorithm would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY cannot be set");
                }
                server.track(connection(server.clone(), stream, Some(peer)));
            }
            Err(error) if concerns_one_peer(&error) => {
                tracing::debug!(%error, "a connection was lost before it was accepted");
            }
            Err(error) => {
                tracing::error!(%error, "connections cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn concerns_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

/// Speaks HTTP until the upgrade, for which there is not much time. The session then runs in a task of its own, so what HTTP needed
/// is freed.
pub(super) async fn connection<S>(server: Server, stream: S, peer: Option<SocketAddr>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = server.limits();
    let service = server.service();
    let service =
        hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            if let Some(peer) = peer {
                request.extensions_mut().insert(PeerAddr(peer));
            }
            let response = service.call(request);
            async move {
                let mut response = response.await?;
                // hyper's own `keep_alive(false)` adds `close` to the answer to an upgrade, too, which clients may refuse.
                if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                    response
                        .headers_mut()
                        .insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(response)
            }
        });
    let connection = hyper::server::conn::http1::Builder::new()
        .max_buf_size(limits.max_request_head)
        .max_headers(limits.max_headers)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // Lives until the end of this function: what goes wrong is counted before the peer can see that the connection is closed.
    let mut connection = pin!(connection);
    let handshake = tokio::select! {
        biased;
        handshake = tokio::time::timeout(limits.handshake_timeout, connection.as_mut()) => handshake,
        // It has not even asked for anything.
        () = server.closing().cancelled() => return,
    };
    match handshake {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::debug!(%error, ?peer, "the handshake failed");
        }
        Err(_) => {
            server.shared().counters.limits_hit.count();
            tracing::debug!(?peer, "the handshake took too long");
        }
    }
}

/// Ready when the process is told to stop.
pub(super) async fn signal() {
    let interrupt = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::warn!(%error, "Ctrl-C cannot be caught");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be caught");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

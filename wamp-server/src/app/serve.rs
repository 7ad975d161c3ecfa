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
use tokio::net::{TcpListener, TcpStream};

use super::Server;
use super::gate::Arrival;
use super::rarely::Rarely;
use crate::transport::ConnectionInfo;

/// How long to wait when the system has no more file descriptors or buffers: connections that end make room.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often the log says so.
const ACCEPT_REPORT: Duration = Duration::from_secs(1);

/// Accepts connections until `shutdown` is ready or the server is shut down otherwise.
pub(super) async fn accept_until(
    server: &Server,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "serving");
    }
    let failures = Rarely::every(ACCEPT_REPORT);
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return,
            () = server.closing().cancelled() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Of each connection, because a listener on all addresses has loopback ones, too.
                let Ok(local) = stream.local_addr() else {
                    tracing::debug!(%peer, "a connection was lost when it was accepted");
                    continue;
                };
                let info = ConnectionInfo::new().with_peer(peer).with_local(local);
                let Some(arrival) = server.gate().arrive(info.with_security(false)) else {
                    server.shared().counters.limits_hit.count();
                    tracing::debug!(%peer, "too many connections without a session");
                    continue;
                };
                // Messages are coalesced before they are written; Nagle's algorithm would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY cannot be set");
                }
                server.track(connection(server.clone(), stream, arrival));
            }
            Err(error) if concerns_one_peer(&error) => {
                tracing::debug!(%error, "a connection was lost before it was accepted");
            }
            Err(error) => {
                if failures.is_due() {
                    tracing::error!(%error, "connections cannot be accepted");
                }
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

/// One connection that a listener has accepted.
async fn connection(server: Server, stream: TcpStream, arrival: Arrival) {
    let peer = arrival.info.peer;
    let handshake = async {
        #[cfg(feature = "tls")]
        if let Some(tls) = &server.gate().tls {
            return match tls.accept(stream, arrival.info.clone()).await {
                Ok((stream, info)) => http(&server, stream, arrival.with_info(info)).await,
                Err((error, _stream)) => {
                    server.shared().counters.failed_tls_handshakes.count();
                    tracing::debug!(%error, ?peer, "the TLS handshake failed");
                }
            };
        }
        http(&server, stream, arrival).await;
    };
    within_time(&server, peer, handshake).await;
}

/// A stream of bytes that has come from elsewhere.
pub(super) async fn attached<S>(server: Server, stream: S, info: ConnectionInfo)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    within_time(&server, info.peer, http(&server, stream, info)).await;
}

/// There is not much time for a handshake, and none once the server shuts down.
async fn within_time(
    server: &Server,
    peer: Option<SocketAddr>,
    handshake: impl Future<Output = ()>,
) {
    // Lives until the end of this function: what goes wrong is counted before the peer can see that the connection is closed.
    let mut handshake = pin!(handshake);
    tokio::select! {
        biased;
        done = tokio::time::timeout(server.limits().handshake_timeout, handshake.as_mut()) => {
            if done.is_err() {
                server.shared().counters.limits_hit.count();
                tracing::debug!(?peer, "a handshake took too long");
            }
        }
        // It has not even asked for anything.
        () = server.closing().cancelled() => {}
    }
}

/// Speaks HTTP until the upgrade. The session then runs in a task of its own, so what HTTP needed is freed. What is known of the
/// connection travels with the request.
async fn http<S, K>(server: &Server, stream: S, known: K)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    K: Clone + Send + Sync + 'static,
{
    let limits = server.limits();
    let service = server.service();
    let service =
        hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(known.clone());
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
    if let Err(error) = connection.await {
        tracing::debug!(%error, "the handshake failed");
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

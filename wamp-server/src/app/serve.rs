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
use wamp_proto::rawsocket::MAGIC;

use super::Server;
use super::gate::Arrival;
use super::listener::Listener;
use super::rarely::Rarely;
use crate::transport::rewound::Rewound;
use crate::transport::{ConnectionInfo, rawsocket};

/// How long to wait when the system has no more file descriptors or buffers: connections that end make room.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often the log says so.
const ACCEPT_REPORT: Duration = Duration::from_secs(1);

/// Accepts connections until `shutdown` is ready or the server is shut down otherwise.
pub(super) async fn accept_until<L: Listener>(
    server: &Server,
    listener: L,
    shutdown: impl Future<Output = ()>,
) {
    if let Ok(address) = listener.address() {
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
            Ok((stream, info)) => {
                let peer = info.peer;
                let Some(arrival) = server.gate().arrive(info) else {
                    server.shared().counters.limits_hit.count();
                    tracing::debug!(?peer, "too many connections without a session");
                    continue;
                };
                server.track(connection::<L>(server.clone(), stream, arrival));
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
async fn connection<L: Listener>(server: Server, stream: L::Stream, arrival: Arrival) {
    let peer = arrival.info.peer;
    within_time(&server, peer, L::greet(&server, stream, arrival)).await;
}

/// A stream of bytes that has come from elsewhere.
pub(super) async fn attached<S>(server: Server, stream: S, info: ConnectionInfo)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    server.miss_address(&info);
    let peer = info.peer;
    let arrival = Arrival::elsewhere(info);
    within_time(&server, peer, speak(&server, stream, arrival)).await;
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

/// Speaks RawSocket or HTTP, as the first byte says.
pub(super) async fn speak<S>(server: &Server, stream: S, arrival: Arrival)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut stream = Rewound::new(stream);
    if server.gate().rawsocket {
        match stream.first().await {
            Ok(Some(MAGIC)) => {
                return rawsocket::accept(server, stream.into_inner(), arrival).await;
            }
            Ok(Some(_)) => {}
            Ok(None) | Err(_) => return,
        }
    }
    http(server, stream, arrival).await;
}

/// Speaks HTTP until the upgrade. The session then runs in a task of its own, so what HTTP needed is freed. What is known of the
/// connection travels with the request.
async fn http<S>(server: &Server, stream: Rewound<S>, arrival: Arrival)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = server.limits();
    let service = server.service();
    let service =
        hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(arrival.clone());
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
pub(crate) async fn signal() {
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

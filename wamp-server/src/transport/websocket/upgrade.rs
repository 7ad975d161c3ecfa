//! The HTTP side: a tower service that turns upgrade requests into sessions.

use std::convert::Infallible;
use std::fmt;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
};
use http::{Extensions, Request, Response, StatusCode};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use wamp_proto::subprotocol::Subprotocol;

use super::agreed::Agreed;
use super::handshake::{self, Objection};
use super::refusal::{Body, Refusal};
use super::{Accepted, WebSocket};
use crate::app::gate::Arrival;
use crate::app::{ConnectionSlot, Server};
use crate::transport::ConnectionInfo;
use crate::transport::rewound::Rewound;

/// The address that a request comes from: a client's, or a proxy's.
///
/// A server that mounts [`WampService`] may put it into the request's extensions, where the service looks for it; what else is known
/// about the connection goes into a [`ConnectionInfo`] there. See also [`WampService::peer_from`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a plain new type")]
pub struct PeerAddr(pub SocketAddr);

/// A [`tower_service::Service`] for WebSocket upgrade requests: mounts in axum, or in anything else on hyper 1.
///
/// See [`App::into_service`](crate::App::into_service). It never fails: bad requests get a response that says what is wrong.
///
/// It knows the address that a request comes from only if it is told: by [`peer_from`](Self::peer_from), or by a [`PeerAddr`] or
/// [`ConnectionInfo`] among the request's extensions. Without it, whoever guesses secrets is not slowed down, no peer has limits of its
/// own, no proxy is trusted, and the Host of a request is held against [`Handshake::hosts`](crate::Handshake::hosts) only.
/// [`Server::serve_with`](crate::Server::serve_with) knows it anyway.
#[derive(Clone)]
pub struct WampService {
    server: Server,
    peer_from: Option<Arc<PeerFrom>>,
}

type PeerFrom = dyn Fn(&Extensions) -> Option<SocketAddr> + Send + Sync;

impl WampService {
    pub(crate) fn new(server: Server) -> Self {
        Self {
            server,
            peer_from: None,
        }
    }

    /// Says where what is around the service has put the address that a request comes from. axum does so when it is asked to:
    ///
    /// ```no_run
    /// use std::net::SocketAddr;
    ///
    /// use axum::Router;
    /// use axum::extract::ConnectInfo;
    /// use wamp_server::App;
    ///
    /// # async fn f(listener: tokio::net::TcpListener) -> Result<(), Box<dyn std::error::Error>> {
    /// let service = App::new()
    ///     .into_service()?
    ///     .peer_from(|it| it.get::<ConnectInfo<SocketAddr>>().map(|it| it.0));
    /// let router = Router::new().route_service("/ws", service);
    /// axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn peer_from(
        mut self,
        find: impl Fn(&Extensions) -> Option<SocketAddr> + Send + Sync + 'static,
    ) -> Self {
        self.peer_from = Some(Arc::new(find));
        self
    }

    fn respond<B>(&self, request: &mut Request<B>) -> Result<Response<Body>, Refusal> {
        let gate = self.server.gate();
        let connection = self.connection(request.extensions());
        // Before anything else: what is served here is nothing that a page from elsewhere should find out.
        let visitor = gate
            .rules
            .examine(&handshake::Request {
                uri: request.uri(),
                headers: request.headers(),
                connection: &connection,
            })
            .map_err(Refusal::Objection)?;
        if !self.server.serves_path(request.uri().path()) {
            return Err(Refusal::NotFound);
        }
        let Agreed {
            subprotocol,
            accept,
        } = Agreed::on(request, self.server.subprotocols())?;
        let slot = self.server.admit().ok_or_else(|| self.full())?;
        let headers = gate.rules.kept(request.headers(), &visitor);
        let info = visitor
            .info(connection)
            .with_request(request.uri(), headers);
        let newcomer = gate.newcomer(request.extensions().get(), info.counted());
        let accepted = Accepted {
            subprotocol,
            info,
            newcomer: newcomer.ok_or(Refusal::Full)?,
        };

        let upgrade = hyper::upgrade::on(request);
        let server = self.server.clone();
        let handshake_timeout = server.limits().handshake_timeout;
        self.server.track(async move {
            match tokio::time::timeout(handshake_timeout, upgrade).await {
                Ok(Ok(upgraded)) => begin(server, upgraded, accepted, slot).await,
                Ok(Err(_)) | Err(_) => tracing::debug!("the client left during the handshake"),
            }
        });
        switching(accept, subprotocol)
    }

    /// What is known about the connection that a request came over.
    fn connection(&self, extensions: &Extensions) -> ConnectionInfo {
        if let Some(arrival) = extensions.get::<Arrival>() {
            return arrival.info.clone();
        }
        let mut info = extensions
            .get()
            .cloned()
            .unwrap_or_else(ConnectionInfo::new);
        if info.peer.is_none() {
            let told = extensions.get::<PeerAddr>().map(|it| it.0);
            info.peer = told.or_else(|| self.peer_from.as_ref()?(extensions));
        }
        self.server.miss_address(&info);
        info
    }

    fn full(&self) -> Refusal {
        if self.server.shared().is_closing() {
            Refusal::Closing
        } else {
            Refusal::Full
        }
    }

    fn report<B>(&self, refusal: Refusal, request: &Request<B>) {
        self.server.count_refusal();
        let path = request.uri().path();
        tracing::debug!(?refusal, path, "an upgrade was refused");
        if matches!(refusal, Refusal::Objection(Objection::NearlyOwnOrigin))
            && self.server.gate().nearly_own.is_due()
        {
            tracing::warn!(
                "a web page was refused whose origin differs from the server's own in scheme or port only: is a TLS proxy in front? \
                 see `Handshake::trusted_proxies`"
            );
        }
    }
}

fn switching(accept: HeaderValue, subprotocol: Subprotocol) -> Result<Response<Body>, Refusal> {
    let subprotocol =
        HeaderValue::try_from(&*subprotocol.name()).map_err(|_| Refusal::Subprotocol)?;
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    headers.insert(SEC_WEBSOCKET_PROTOCOL, subprotocol);
    Ok(response)
}

/// A socket of our own is used directly; one that a web framework has wrapped stays wrapped.
async fn begin(server: Server, upgraded: Upgraded, accepted: Accepted, slot: ConnectionSlot) {
    let upgraded = match bare::<TcpStream>(upgraded) {
        Ok((stream, early)) => return serve(server, stream, early, accepted, slot).await,
        Err(upgraded) => upgraded,
    };
    #[cfg(unix)]
    let upgraded = match bare::<tokio::net::UnixStream>(upgraded) {
        Ok((stream, early)) => return serve(server, stream, early, accepted, slot).await,
        Err(upgraded) => upgraded,
    };
    #[cfg(feature = "tls")]
    let upgraded = match bare::<crate::transport::tls::Stream>(upgraded) {
        Ok((stream, early)) => return serve(server, stream, early, accepted, slot).await,
        Err(upgraded) => upgraded,
    };
    serve(server, TokioIo::new(upgraded), Vec::new(), accepted, slot).await;
}

/// The stream that HTTP was spoken on, if it is of this type, and what has arrived after the request. HTTP's buffer is freed, or it would
/// stay for as long as the connection lasts.
fn bare<S>(upgraded: Upgraded) -> Result<(S, Vec<u8>), Upgraded>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let parts = upgraded.downcast::<TokioIo<Rewound<S>>>()?;
    Ok((parts.io.into_inner().into_inner(), parts.read_buf.to_vec()))
}

/// The session gets a task of its own: what the handshake needed is freed.
async fn serve<S>(
    server: Server,
    stream: S,
    early: Vec<u8>,
    accepted: Accepted,
    slot: ConnectionSlot,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let websocket = WebSocket::new(stream, early, accepted, server.limits()).await;
    #[cfg(test)]
    if websocket.info.path() == super::conformance::PATH {
        return super::conformance::echo(websocket).await;
    }
    server.track_connection(websocket, slot);
}

impl<B> tower_service::Service<Request<B>> for WampService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        hyper::service::Service::call(self, request)
    }
}

impl<B> hyper::service::Service<Request<B>> for WampService {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn call(&self, mut request: Request<B>) -> Self::Future {
        let response = self.respond(&mut request);
        ready(Ok(response.unwrap_or_else(|refusal| {
            self.report(refusal, &request);
            refusal.response(&self.server)
        })))
    }
}

impl fmt::Debug for WampService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WampService")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

//! The HTTP side: a tower service that turns upgrade requests into sessions.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::task::{Context, Poll};

use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use http::{Method, Request, Response, StatusCode, Version};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wamp_proto::subprotocol::Subprotocol;

use super::handshake;
use super::refusal::{Body, Refusal};
use super::{Accepted, WebSocket};
use crate::app::Server;
use crate::app::gate::Arrival;
use crate::app::newcomers::Newcomer;
use crate::transport::TransportInfo;
use crate::transport::rewound::Rewound;

/// The address that a request comes from.
///
/// A server that mounts [`WampService`] may put it into the request's extensions, where the service looks for it. Without it, no proxy
/// is trusted and no address has a limit of its own. [`Server::serve_with`](crate::Server::serve_with) knows it anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a plain new type")]
pub struct PeerAddr(pub SocketAddr);

/// A [`tower_service::Service`] for WebSocket upgrade requests: mounts in axum, or in anything else on hyper 1.
///
/// See [`App::into_service`](crate::App::into_service). It never fails: bad requests get a response that says what is wrong.
#[derive(Clone, Debug)]
pub struct WampService {
    server: Server,
}

impl WampService {
    pub(crate) fn new(server: Server) -> Self {
        Self { server }
    }

    fn respond<B>(&self, request: &mut Request<B>) -> Result<Response<Body>, Refusal> {
        let Agreed {
            subprotocol,
            accept,
        } = self.check(request)?;
        let (info, peer) = self.examine(request)?;
        let slot = self.server.admit().ok_or_else(|| self.full())?;
        let accepted = Accepted {
            subprotocol,
            info,
            newcomer: self.newcomer(request, peer).ok_or(Refusal::Full)?,
        };

        let upgrade = hyper::upgrade::on(request);
        let server = self.server.clone();
        let handshake_timeout = server.limits().handshake_timeout;
        self.server.track(async move {
            match tokio::time::timeout(handshake_timeout, upgrade).await {
                Ok(Ok(upgraded)) => run(server, upgraded, accepted).await,
                Ok(Err(_)) | Err(_) => tracing::debug!("the client left during the handshake"),
            }
            drop(slot);
        });
        switching(accept, subprotocol)
    }

    /// Who comes, and from where.
    fn examine<B>(
        &self,
        request: &Request<B>,
    ) -> Result<(TransportInfo, Option<SocketAddr>), Refusal> {
        let rules = &self.server.gate().rules;
        let arrival = request.extensions().get::<Arrival>();
        let mounted = || request.extensions().get::<PeerAddr>().map(|it| it.0);
        let visitor = rules
            .examine(&handshake::Request {
                uri: request.uri(),
                headers: request.headers(),
                peer: arrival.map_or_else(mounted, |it| it.peer),
                loopback: arrival.is_some_and(|it| it.loopback),
                secure: arrival.map(|it| it.secured.is_some()),
            })
            .map_err(Refusal::Objection)?;
        let headers = rules.kept(request.headers(), &visitor);
        let mut info = TransportInfo::from_parts(request.uri(), headers, visitor.peer);
        if visitor.secure {
            info = info.with_security();
        }
        let secured = arrival.and_then(|it| it.secured.as_deref());
        if let Some(secured) = secured.filter(|_| !visitor.by_proxy) {
            info = secured.add_to(info);
        }
        Ok((info, visitor.peer))
    }

    fn newcomer<B>(&self, request: &Request<B>, peer: Option<SocketAddr>) -> Option<Newcomer> {
        let arrival = request.extensions().get::<Arrival>();
        self.server.gate().newcomer(arrival, peer)
    }

    fn full(&self) -> Refusal {
        if self.server.shared().is_closing() {
            Refusal::Closing
        } else {
            Refusal::Full
        }
    }

    fn check<B>(&self, request: &Request<B>) -> Result<Agreed, Refusal> {
        if !self.server.serves_path(request.uri().path()) {
            return Err(Refusal::NotFound);
        }
        if request.method() != Method::GET {
            return Err(Refusal::Method);
        }
        let headers = request.headers();
        if request.version() != Version::HTTP_11
            || !has_token(headers, &CONNECTION, "upgrade")
            || !has_token(headers, &UPGRADE, "websocket")
        {
            return Err(Refusal::NoUpgrade);
        }
        if headers
            .get(SEC_WEBSOCKET_VERSION)
            .is_none_or(|it| it != "13")
        {
            return Err(Refusal::Version);
        }
        if headers.contains_key(TRANSFER_ENCODING)
            || headers.get(CONTENT_LENGTH).is_some_and(|it| it != "0")
        {
            return Err(Refusal::Body);
        }
        let mut keys = headers.get_all(SEC_WEBSOCKET_KEY).iter();
        let key = keys.next().ok_or(Refusal::Key)?;
        if keys.next().is_some() {
            return Err(Refusal::Keys);
        }
        // 16 bytes in base64 (RFC 6455, 4.1).
        if key.len() != 24 || !key.as_bytes().ends_with(b"==") {
            return Err(Refusal::Key);
        }
        let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes()));
        let offered = tokens(headers, &SEC_WEBSOCKET_PROTOCOL);
        let subprotocol = Subprotocol::negotiate(offered, self.server.subprotocols())
            .ok_or(Refusal::Subprotocol)?;
        Ok(Agreed {
            subprotocol,
            accept: accept.map_err(|_| Refusal::Key)?,
        })
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
async fn run(server: Server, upgraded: Upgraded, accepted: Accepted) {
    let upgraded = match bare::<TcpStream>(upgraded) {
        Ok((stream, early)) => return serve(server, stream, early, accepted).await,
        Err(upgraded) => upgraded,
    };
    #[cfg(unix)]
    let upgraded = match bare::<tokio::net::UnixStream>(upgraded) {
        Ok((stream, early)) => return serve(server, stream, early, accepted).await,
        Err(upgraded) => upgraded,
    };
    #[cfg(feature = "tls")]
    let upgraded = match bare::<crate::transport::tls::Stream>(upgraded) {
        Ok((stream, early)) => return serve(server, stream, early, accepted).await,
        Err(upgraded) => upgraded,
    };
    serve(server, TokioIo::new(upgraded), Vec::new(), accepted).await;
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

async fn serve<S>(server: Server, stream: S, early: Vec<u8>, accepted: Accepted)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let websocket = WebSocket::new(stream, early, accepted, server.limits()).await;
    #[cfg(test)]
    if websocket.info.path() == super::conformance::PATH {
        return super::conformance::echo(websocket).await;
    }
    server.drive(websocket).await;
}

/// What is agreed on in a request that can be upgraded.
struct Agreed {
    subprotocol: Subprotocol,
    accept: HeaderValue,
}

/// The elements of a comma-separated header, over all its lines.
fn tokens<'h>(
    headers: &'h HeaderMap,
    name: &http::HeaderName,
) -> impl Iterator<Item = &'h str> + use<'h> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

fn has_token(headers: &HeaderMap, name: &http::HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|it| it.eq_ignore_ascii_case(token))
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
            self.server.count_refusal();
            tracing::debug!(
                ?refusal,
                path = request.uri().path(),
                "an upgrade was refused"
            );
            refusal.response(&self.server)
        })))
    }
}

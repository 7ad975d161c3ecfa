//! The HTTP side: a tower service that turns upgrade requests into sessions.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{
    ALLOW, CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderValue, RETRY_AFTER, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Frame;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wamp_proto::subprotocol::Subprotocol;

use super::WebSocket;
use crate::app::Server;
use crate::transport::TransportInfo;

/// The address that a request comes from.
///
/// A server that mounts [`WampService`] may put it into the request's extensions, where the service looks for it;
/// [`Server::serve_with`](crate::Server::serve_with) does.
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
        let Handshake {
            subprotocol,
            accept,
        } = self.check(request)?;
        let slot = self.server.admit().ok_or(Refusal::Full)?;
        let peer = request.extensions().get::<PeerAddr>().map(|it| it.0);
        let info = TransportInfo::from_request(request.uri(), request.headers(), peer);

        let upgrade = hyper::upgrade::on(request);
        let server = self.server.clone();
        let handshake_timeout = server.limits().handshake_timeout;
        self.server.track(async move {
            let Ok(Ok(upgraded)) = tokio::time::timeout(handshake_timeout, upgrade).await else {
                tracing::debug!("the client left during the handshake");
                return;
            };
            // A socket of our own is used directly; one that a web framework has wrapped stays wrapped.
            match upgraded.downcast::<TokioIo<TcpStream>>() {
                Ok(parts) => {
                    let stream = parts.io.into_inner();
                    let early = parts.read_buf.to_vec();
                    // Or it would keep HTTP's buffer for as long as the connection lasts.
                    drop(parts.read_buf);
                    run(server, stream, early, subprotocol, info).await;
                }
                Err(upgraded) => {
                    run(
                        server,
                        TokioIo::new(upgraded),
                        Vec::new(),
                        subprotocol,
                        info,
                    )
                    .await;
                }
            }
            drop(slot);
        });

        let mut response = Response::new(Body::default());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        headers.insert(
            SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::try_from(&*subprotocol.name()).map_err(|_| Refusal::Subprotocol)?,
        );
        Ok(response)
    }

    fn check<B>(&self, request: &Request<B>) -> Result<Handshake, Refusal> {
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
        let key = headers.get(SEC_WEBSOCKET_KEY).ok_or(Refusal::Key)?;
        // 16 bytes in base64 (RFC 6455, 4.1).
        if key.len() != 24 || !key.as_bytes().ends_with(b"==") {
            return Err(Refusal::Key);
        }
        let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes()));
        let offered = tokens(headers, &SEC_WEBSOCKET_PROTOCOL);
        let subprotocol = Subprotocol::negotiate(offered, self.server.subprotocols())
            .ok_or(Refusal::Subprotocol)?;
        Ok(Handshake {
            subprotocol,
            accept: accept.map_err(|_| Refusal::Key)?,
        })
    }
}

async fn run<S>(
    server: Server,
    stream: S,
    early: Vec<u8>,
    subprotocol: Subprotocol,
    info: TransportInfo,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let websocket = WebSocket::new(stream, early, subprotocol, info, server.limits()).await;
    #[cfg(test)]
    if websocket.info.path() == super::conformance::PATH {
        return super::conformance::echo(websocket).await;
    }
    server.drive(websocket).await;
}

/// A request that can be upgraded.
struct Handshake {
    subprotocol: Subprotocol,
    accept: HeaderValue,
}

/// Why a request is not upgraded.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    NotFound,
    Method,
    NoUpgrade,
    Version,
    Body,
    Key,
    Subprotocol,
    Full,
}

impl Refusal {
    fn response(self, server: &Server) -> Response<Body> {
        let (status, text) = match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "There is no WAMP endpoint here.\n".to_owned(),
            ),
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "A WebSocket upgrade is a GET request.\n".to_owned(),
            ),
            Self::NoUpgrade => (
                StatusCode::UPGRADE_REQUIRED,
                "This is a WAMP endpoint: a WebSocket upgrade (HTTP/1.1) is required.\n".to_owned(),
            ),
            Self::Version => (
                StatusCode::UPGRADE_REQUIRED,
                "Sec-WebSocket-Version 13 is required.\n".to_owned(),
            ),
            Self::Body => (
                StatusCode::BAD_REQUEST,
                "A WebSocket upgrade has no body.\n".to_owned(),
            ),
            Self::Key => (
                StatusCode::BAD_REQUEST,
                "Sec-WebSocket-Key is missing or not 16 bytes in base64.\n".to_owned(),
            ),
            Self::Subprotocol => {
                let names = server
                    .subprotocols()
                    .iter()
                    .map(Subprotocol::name)
                    .collect::<Vec<_>>();
                (
                    StatusCode::BAD_REQUEST,
                    format!(
                        "Sec-WebSocket-Protocol must offer one of: {}.\n",
                        names.join(", ")
                    ),
                )
            }
            Self::Full => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many connections.\n".to_owned(),
            ),
        };
        let mut response = Response::new(Body(Some(text.into())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        match self {
            Self::Method => {
                headers.insert(ALLOW, HeaderValue::from_static("GET"));
            }
            Self::NoUpgrade | Self::Version => {
                headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            }
            Self::Full => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::NotFound | Self::Body | Self::Key | Self::Subprotocol => {}
        }
        response
    }
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

/// The body of a response: nothing, or a line of text.
#[derive(Debug, Default)]
pub struct Body(Option<Bytes>);

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        hyper::body::SizeHint::with_exact(self.0.as_ref().map_or(0, |data| data.len() as u64))
    }
}

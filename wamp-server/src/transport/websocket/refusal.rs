//! Requests that are not upgraded, and what they are told.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{
    ALLOW, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http::{Response, StatusCode};
use hyper::body::Frame;
use wamp_proto::subprotocol::Subprotocol;

use super::handshake::Objection;
use crate::app::Server;

/// Why a request is not upgraded.
#[derive(Clone, Copy, Debug)]
pub(super) enum Refusal {
    NotFound,
    Method,
    NoUpgrade,
    Version,
    Body,
    Key,
    Keys,
    Objection(Objection),
    Subprotocol,
    Full,
    Closing,
}

impl Refusal {
    pub(super) fn response(self, server: &Server) -> Response<Body> {
        let mut response = Response::new(Body(Some(self.text(server).into())));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        self.hint(headers);
        response
    }

    fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoUpgrade | Self::Version => StatusCode::UPGRADE_REQUIRED,
            Self::Body
            | Self::Key
            | Self::Keys
            | Self::Subprotocol
            | Self::Objection(Objection::NoHost | Objection::Unclear) => StatusCode::BAD_REQUEST,
            Self::Objection(Objection::WrongHost) => StatusCode::MISDIRECTED_REQUEST,
            Self::Objection(Objection::WrongOrigin | Objection::NearlyOwnOrigin) => {
                StatusCode::FORBIDDEN
            }
            Self::Full | Self::Closing => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn text(self, server: &Server) -> String {
        let text = match self {
            Self::NotFound => "There is no WAMP endpoint here.\n",
            Self::Method => "A WebSocket upgrade is a GET request.\n",
            Self::NoUpgrade => {
                "This is a WAMP endpoint: a WebSocket upgrade (HTTP/1.1) is required.\n"
            }
            Self::Version => "Sec-WebSocket-Version 13 is required.\n",
            Self::Body => "A WebSocket upgrade has no body.\n",
            Self::Key => "Sec-WebSocket-Key is missing or not 16 bytes in base64.\n",
            Self::Keys => "Sec-WebSocket-Key is there more than once.\n",
            Self::Objection(objection) => objection.text(),
            Self::Subprotocol => return offer(server.subprotocols()),
            Self::Full => "Too many connections.\n",
            Self::Closing => "The server is shutting down.\n",
        };
        text.to_owned()
    }

    /// Headers that say what would be right.
    fn hint(self, headers: &mut HeaderMap) {
        let mut insert = |name: HeaderName, value| {
            headers.insert(name, HeaderValue::from_static(value));
        };
        match self {
            Self::Method => insert(ALLOW, "GET"),
            Self::NoUpgrade | Self::Version => {
                insert(UPGRADE, "websocket");
                insert(SEC_WEBSOCKET_VERSION, "13");
            }
            Self::Full | Self::Closing => insert(RETRY_AFTER, "1"),
            Self::NotFound
            | Self::Body
            | Self::Key
            | Self::Keys
            | Self::Objection(_)
            | Self::Subprotocol => {}
        }
    }
}

impl Objection {
    fn text(self) -> &'static str {
        match self {
            Self::NoHost => {
                "There must be exactly one Host header, with a host and no more than a port.\n"
            }
            Self::Unclear => {
                "The headers that proxies have added contradict each other, or cannot be understood.\n"
            }
            Self::WrongHost => "The server does not answer for this host.\n",
            Self::WrongOrigin => "Pages of this origin may not connect.\n",
            Self::NearlyOwnOrigin => {
                "Pages of this origin may not connect: the server has another scheme or port, or knows nothing of a proxy in front of it.\n"
            }
        }
    }
}

fn offer(subprotocols: &[Subprotocol]) -> String {
    let names = subprotocols.iter().map(Subprotocol::name);
    format!(
        "Sec-WebSocket-Protocol must offer one of: {}.\n",
        names.collect::<Vec<_>>().join(", ")
    )
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

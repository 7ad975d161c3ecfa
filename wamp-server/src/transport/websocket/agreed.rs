//! What makes a request one that can be upgraded (RFC 6455, 4.2.1), and what is agreed on then.

use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use http::{Method, Request, Version};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use wamp_proto::subprotocol::Subprotocol;

use super::refusal::Refusal;

pub(super) struct Agreed {
    pub(super) subprotocol: Subprotocol,
    /// The proof that the request was understood.
    pub(super) accept: HeaderValue,
}

impl Agreed {
    pub(super) fn on<B>(request: &Request<B>, served: &[Subprotocol]) -> Result<Self, Refusal> {
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
        let subprotocol = Subprotocol::negotiate(offered, served).ok_or(Refusal::Subprotocol)?;
        Ok(Self {
            subprotocol,
            accept: accept.map_err(|_| Refusal::Key)?,
        })
    }
}

/// The elements of a comma-separated header, over all its lines.
fn tokens<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'h str> + use<'h> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|it| it.eq_ignore_ascii_case(token))
}

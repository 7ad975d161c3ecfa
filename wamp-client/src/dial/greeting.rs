//! How a connection begins: the handshakes of WebSocket and RawSocket, with what was configured for them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncRead, AsyncWrite};
use wamp_proto::codec::Format;
use wamp_proto::rawsocket::MaxLength;

use super::Dialing;
use super::address::{Address, Protocol};
use crate::error::ConnectError;
use crate::transport::Transport;
use crate::transport::rawsocket::{self, Refused};
use crate::transport::websocket::{Upgrade, is_reserved};

/// What is said first.
pub(super) enum Greeting {
    WebSocket(Box<Upgrade>),
    RawSocket(Format, MaxLength),
}

impl Greeting {
    /// All that are worth trying, in order of preference.
    pub(super) fn all(dialing: &Dialing, address: &Address) -> Result<Vec<Self>, ConnectError> {
        match address.protocol {
            Protocol::WebSocket => websocket(dialing, address).map(|it| vec![it]),
            Protocol::RawSocket => rawsocket(dialing),
        }
    }

    pub(super) async fn say<S>(
        &self,
        stream: S,
        channel_id: Option<[u8; 32]>,
        target: &str,
    ) -> Result<Box<dyn Transport>, Refused>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        match self {
            Self::WebSocket(upgrade) => {
                let websocket = upgrade.connect(stream, target).await?;
                Ok(Box::new(websocket.with_channel_id(channel_id)))
            }
            Self::RawSocket(format, max_length) => {
                let rawsocket = rawsocket::connect(stream, *format, *max_length, target).await?;
                Ok(Box::new(rawsocket.with_channel_id(channel_id)))
            }
        }
    }
}

fn websocket(dialing: &Dialing, address: &Address) -> Result<Greeting, ConnectError> {
    if dialing.subprotocols.is_empty() {
        return Err(misconfigured("there is no serializer to offer"));
    }
    let upgrade = Upgrade::new(
        &address.authority(),
        &address.resource,
        headers(dialing, address)?,
        dialing.subprotocols.clone(),
        dialing.max_message,
    )?;
    Ok(Greeting::WebSocket(Box::new(upgrade)))
}

fn rawsocket(dialing: &Dialing) -> Result<Vec<Greeting>, ConnectError> {
    if !dialing.headers.is_empty() {
        return Err(misconfigured(
            "RawSocket has no headers; they need WebSocket",
        ));
    }
    let max_length = MaxLength::at_most(dialing.max_message).ok_or_else(|| {
        misconfigured("over RawSocket, messages of at least 512 bytes have to be taken")
    })?;
    let formats = dialing.subprotocols.iter().filter(|it| !it.batched);
    let greetings = formats.map(|it| Greeting::RawSocket(it.format, max_length));
    let greetings = greetings.collect::<Vec<_>>();
    if greetings.is_empty() {
        return Err(misconfigured(
            "there is no serializer to offer; RawSocket has none that are batched",
        ));
    }
    Ok(greetings)
}

/// Those that were given, and who we are to a proxy.
fn headers(dialing: &Dialing, address: &Address) -> Result<HeaderMap, ConnectError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &dialing.headers {
        let shown = name.escape_debug();
        let parsed = name.parse::<HeaderName>().map_err(|_| {
            ConnectError::Config(format!("`{shown}` cannot be the name of a header"))
        })?;
        if is_reserved(&parsed) {
            return Err(ConnectError::Config(format!(
                "the header `{shown}` belongs to the handshake"
            )));
        }
        headers.append(parsed, secret(value, &shown.to_string())?);
    }
    if let Some(user) = &address.user {
        if headers.contains_key(AUTHORIZATION) {
            return Err(misconfigured(
                "there is a header `Authorization`, and a user name in the URL",
            ));
        }
        let basic = format!("Basic {}", STANDARD.encode(user.expose()));
        headers.insert(AUTHORIZATION, secret(&basic, "Authorization")?);
    }
    Ok(headers)
}

/// A value that is not shown by `Debug`.
fn secret(value: &str, name: &str) -> Result<HeaderValue, ConnectError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        ConnectError::Config(format!(
            "the header `{name}` has characters that are not allowed"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

fn misconfigured(what: &str) -> ConnectError {
    ConnectError::Config(what.to_owned())
}

//! The request to become a WebSocket, and what is checked of the answer.

use std::io;

use http::header::{
    CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Request, Response, Uri};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use wamp_proto::subprotocol::Subprotocol;

use super::gathered::Gathered;
use super::outgoing::Outgoing;
use super::{Closing, WebSocket, config};
use crate::error::ConnectError;

/// What is asked for, each time anew.
#[derive(Clone)]
pub(crate) struct Upgrade {
    /// With the scheme `ws`, whatever the transport below.
    uri: Uri,
    headers: HeaderMap,
    /// In order of preference.
    subprotocols: Vec<Subprotocol>,
    max_message: usize,
}

/// Whether a header is the handshake's own business.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    *name == CONNECTION || *name == UPGRADE || name.as_str().starts_with("sec-websocket-")
}

impl Upgrade {
    /// Asks for `resource`, a path with or without query, at `authority`. A header `Host` takes the place of the authority.
    pub(crate) fn new(
        authority: &str,
        resource: &str,
        headers: HeaderMap,
        subprotocols: Vec<Subprotocol>,
        max_message: usize,
    ) -> Result<Self, ConnectError> {
        let unusable = |what: &str| ConnectError::Config(format!("{what} cannot be sent by HTTP"));
        let uri = format!("ws://{authority}{resource}");
        let uri = uri.parse().map_err(|_| unusable("this address"))?;
        let mut all = HeaderMap::new();
        let value = |text: &str| HeaderValue::from_str(text);
        all.insert(HOST, value(authority).map_err(|_| unusable("this host"))?);
        all.extend(headers);
        all.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        all.insert(UPGRADE, HeaderValue::from_static("websocket"));
        all.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        let names = subprotocols.iter().map(Subprotocol::name);
        let names = names.collect::<Vec<_>>().join(", ");
        let names = value(&names).map_err(|_| unusable("the name of a serializer"))?;
        all.insert(SEC_WEBSOCKET_PROTOCOL, names);
        Ok(Self {
            uri,
            headers: all,
            subprotocols,
            max_message,
        })
    }

    /// Shakes hands.
    pub(crate) async fn connect<S>(
        &self,
        stream: S,
        target: &str,
    ) -> Result<WebSocket<S>, ConnectError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let config = config(self.max_message);
        let stream = Gathered::new(stream);
        let connected = client_async_with_config(self.request()?, stream, Some(config)).await;
        let (stream, response) = connected.map_err(|error| failure(error, target))?;
        Ok(WebSocket {
            stream,
            subprotocol: self.agreed(&response)?,
            max_message: self.max_message,
            channel_id: None,
            outgoing: Outgoing::default(),
            pongs: 0,
            ended: false,
            closing: Closing::No,
        })
    }

    fn request(&self) -> Result<Request<()>, ConnectError> {
        let key = HeaderValue::from_str(&generate_key());
        let key = key.map_err(|error| ConnectError::Handshake(error.to_string()))?;
        let mut request = Request::new(());
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert(SEC_WEBSOCKET_KEY, key);
        Ok(request)
    }

    /// The subprotocol that the server has chosen.
    fn agreed<B>(&self, response: &Response<B>) -> Result<Subprotocol, ConnectError> {
        let wrong = |what: &str| Err(ConnectError::Handshake(what.to_owned()));
        if response.headers().contains_key(SEC_WEBSOCKET_EXTENSIONS) {
            return wrong("the server uses an extension of WebSocket that was not offered");
        }
        let mut chosen = response.headers().get_all(SEC_WEBSOCKET_PROTOCOL).iter();
        let (Some(name), None) = (chosen.next(), chosen.next()) else {
            return wrong("the server does not choose one of the offered subprotocols");
        };
        let name = name.to_str().unwrap_or_default();
        Subprotocol::negotiate([name], &self.subprotocols).map_or_else(
            || wrong("the server chooses a subprotocol that was not offered"),
            Ok,
        )
    }
}

fn failure(error: Error, target: &str) -> ConnectError {
    ConnectError::Handshake(match error {
        Error::Http(response) => return ConnectError::Http(response.status()),
        Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => HUNG_UP.to_owned(),
        Error::Io(source) => {
            let target = target.to_owned();
            return ConnectError::Io { target, source };
        }
        Error::Protocol(ProtocolError::HandshakeIncomplete) => HUNG_UP.to_owned(),
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(
            SubProtocolError::NoSubProtocol,
        )) => "the server speaks WebSocket, but none of the offered subprotocols: is it a WAMP router?"
            .to_owned(),
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(_)) => {
            "the server chooses a subprotocol that was not offered".to_owned()
        }
        Error::Protocol(ProtocolError::HttparseError(error)) => {
            format!("the server does not answer in HTTP: {error}")
        }
        Error::AttackAttempt => "the server's answer is too long".to_owned(),
        error => error.to_string(),
    })
}

const HUNG_UP: &str = "the server has closed the connection instead of answering";

//! What can go wrong: [`ConnectError`] until a session is open, [`CallError`] for each request after that.

use std::fmt;
use std::io;
use std::time::Duration;

use bytestring::ByteString;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use wamp_proto::codec::{DecodeError, EncodeError, Format, from_slice};
use wamp_proto::message;
use wamp_proto::payload::{Payload, PayloadBuilder};
use wamp_proto::uri;

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address makes no sense.
    #[error("`{url}` is not an address to connect to: {reason}")]
    Url {
        /// What was given, without user name, password and query.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Something else in the configuration makes no sense, such as a certificate that cannot be read.
    #[error("the configuration is not usable: {0}")]
    Config(String),
    /// Nobody answers there.
    #[error("cannot connect to {target}")]
    Io {
        /// Where to.
        target: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// TLS could not be agreed on, or the certificate is not trusted.
    #[error("TLS with {target} failed")]
    Tls {
        /// Where to.
        target: String,
        /// What the library says.
        #[source]
        source: io::Error,
    },
    /// The server answers in HTTP, but does not upgrade to WebSocket.
    #[error("the server answers with HTTP {0} instead of upgrading to WebSocket")]
    Http(StatusCode),
    /// The answer to the handshake breaks the rules of the transport.
    #[error("the handshake failed: {0}")]
    Handshake(String),
    /// The transport broke, before the session was open or, where this is the reason of a [`State`](crate::State), later.
    #[error("the connection broke")]
    Transport(#[from] TransportError),
    /// The router does not let us in: ABORT, with its reason and what it says to humans.
    #[error("the router refuses the session with `{reason}`{}", said(.message.as_deref()))]
    Abort {
        /// The reason, a URI.
        reason: ByteString,
        /// What the router says to humans.
        message: Option<ByteString>,
    },
    /// The router has ended the session.
    #[error("the router has said goodbye: `{0}`")]
    Goodbye(ByteString),
    /// The router asks for something that we do not have, or does not prove what it should.
    #[error("authentication failed: {0}")]
    Auth(String),
    /// The router breaks WAMP's rules.
    #[error("the router breaks the protocol: {0}")]
    Protocol(String),
    /// It took too long.
    #[error("no session within {0:?}")]
    Timeout(Duration),
    /// The client was closed meanwhile.
    #[error("the client was closed")]
    Closed,
}

fn said(message: Option<&str>) -> String {
    message.map_or_else(String::new, |message| format!(": {message}"))
}

/// Why a connection cannot go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// It is broken.
    #[error("the connection is broken")]
    Io(#[source] io::Error),
    /// The peer violates the transport's own protocol.
    #[error("the peer violates the transport's protocol: {0}")]
    Protocol(String),
    /// A message over the limit.
    #[error("the peer sent a message over the limit of {limit} bytes")]
    TooLarge {
        /// Bytes.
        limit: usize,
    },
    /// A message that is longer than the peer takes.
    #[error("the peer takes messages of up to {limit} bytes")]
    TooLargeForPeer {
        /// Bytes.
        limit: usize,
    },
    /// The peer has closed the connection without saying goodbye.
    #[error("the peer has closed the connection")]
    Closed,
    /// The peer has closed the connection and has said why: a close code of WebSocket (RFC 6455, 7.4.1) that tells of something wrong.
    #[error("the peer has closed the connection with code {code}{}", said(Some(.reason).filter(|it| !it.is_empty()).map(String::as_str)))]
    ClosedWith {
        /// The code.
        code: u16,
        /// What it says to humans.
        reason: String,
    },
    /// The peer does not answer pings.
    #[error("the peer has not answered {0} pings")]
    Silent(u32),
}

/// Why a request failed: a call, a publication, a subscription, a registration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The router, or the callee behind it, has answered with an error.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// There was no answer in time. A call has then been canceled.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The connection was lost, or the session ended, before the answer came: nobody knows whether the request was acted on. It is not
    /// sent again.
    #[error("the session ended before the answer came")]
    Lost,
    /// There is no session now. The request was not sent.
    #[error("there is no session now")]
    NotConnected,
    /// The client was closed. The request was not sent.
    #[error("the client was closed")]
    Closed,
    /// What was to be sent cannot be serialized.
    #[error("the arguments cannot be serialized")]
    Encode(#[from] EncodeError),
    /// The answer is not of the type that was asked for.
    #[error("the answer is not of the expected type")]
    Decode(#[from] DecodeError),
    /// The message is longer than the router takes.
    #[error("the message has {length} bytes; the router takes {limit}")]
    TooLarge {
        /// Bytes of the message.
        length: usize,
        /// Bytes that the router takes.
        limit: usize,
    },
    /// More progressive results came than were read; the call was canceled.
    #[error("more progressive results came than were read")]
    Overflow,
    /// More waits to be sent than the router reads, so nothing is added that could not wait.
    #[error("more waits to be sent than the router reads")]
    Full,
    /// What is asked for cannot be: an option, a URI.
    #[error("{0}")]
    Invalid(String),
}

impl CallError {
    /// The URI, if the router or the callee has answered with an error.
    #[must_use]
    pub fn uri(&self) -> Option<&str> {
        self.remote().map(RemoteError::uri)
    }

    /// What the router or the callee has answered, if it has.
    #[must_use]
    pub fn remote(&self) -> Option<&RemoteError> {
        match self {
            Self::Remote(error) => Some(error),
            _ => None,
        }
    }
}

/// The ERROR that answered a request: a URI to act on, with arguments. WAMP, "Call Invocation Errors".
#[derive(Clone)]
pub struct RemoteError(Box<(ByteString, Payload)>);

impl RemoteError {
    /// An error to answer with.
    ///
    /// ```
    /// use wamp_client::RemoteError;
    ///
    /// let error = RemoteError::new("bank.error.insufficient_funds").arg("not enough money").kwarg("balance", 3);
    /// assert_eq!(error.to_string(), "bank.error.insufficient_funds: not enough money");
    /// ```
    #[must_use]
    pub fn new(uri: impl Into<ByteString>) -> Self {
        Self(Box::new((uri.into(), Payload::empty(Format::Cbor))))
    }

    /// Adds a positional argument. One that cannot be serialized is left out, and logged.
    #[must_use]
    pub fn arg(self, value: impl Serialize) -> Self {
        self.with(|payload| {
            payload.arg(&value);
        })
    }

    /// Adds a keyword argument. One that cannot be serialized is left out, and logged.
    #[must_use]
    pub fn kwarg(self, name: &str, value: impl Serialize) -> Self {
        self.with(|payload| {
            payload.kwarg(name, &value);
        })
    }

    fn with(mut self, add: impl FnOnce(&mut PayloadBuilder)) -> Self {
        let mut builder = PayloadBuilder::new();
        builder.append(self.payload());
        add(&mut builder);
        match builder.build(Format::Cbor) {
            Ok(payload) => self.0.1 = payload,
            Err(error) => {
                tracing::error!(uri = self.uri(), %error, "an argument of an error cannot be serialized");
            }
        }
        self
    }

    /// The URI.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.0.0
    }

    /// Decodes the positional arguments as a list or tuple. If there are none, it is empty.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn args<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.payload().decode_args()
    }

    /// Decodes the keyword arguments as a struct or map. If there are none, it is empty.
    ///
    /// # Errors
    ///
    /// When they are not of this type.
    pub fn kwargs<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        self.payload().decode_kwargs()
    }

    /// The arguments, not decoded.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.0.1
    }
}

impl From<message::Error> for RemoteError {
    fn from(error: message::Error) -> Self {
        Self(Box::new((error.error, error.payload)))
    }
}

/// An answer that does not have the form that was expected: `wamp.error.invalid_argument` to whoever has called.
impl From<DecodeError> for RemoteError {
    fn from(error: DecodeError) -> Self {
        Self::new(uri::INVALID_ARGUMENT).arg(error.to_string())
    }
}

/// What others have answered is passed on; the rest is `wamp.error.runtime_error`, and logged.
impl From<CallError> for RemoteError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Remote(error) => error,
            other => {
                tracing::error!(error = %other, "a call has failed within a procedure");
                Self::new(uri::RUNTIME_ERROR)
            }
        }
    }
}

/// Arguments may hold secrets and are left out.
impl fmt::Debug for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteError").field(&self.uri()).finish()
    }
}

/// The URI, and the first argument if it is a text: that is where servers explain themselves.
impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.uri())?;
        let first = self.payload().elements().next();
        match first.map(|it| from_slice::<String>(self.payload().format(), it)) {
            Some(Ok(text)) => write!(f, ": {text}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for RemoteError {}

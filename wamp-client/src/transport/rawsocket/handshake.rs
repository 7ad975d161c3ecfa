//! The four octets each way with which a RawSocket connection begins.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use wamp_proto::codec::Format;
use wamp_proto::rawsocket::{Handshake, MaxLength, RawSocketError, Refusal};
use wamp_proto::subprotocol::Subprotocol;

use super::RawSocket;
use super::incoming::Incoming;
use super::outgoing::Outgoing;
use crate::error::ConnectError;
use crate::transport::Traffic;

/// Why there is no connection.
pub(crate) enum Refused {
    /// The router does not speak the serializer; it may speak another one, on another connection.
    Serializer(ConnectError),
    Otherwise(ConnectError),
}

impl From<ConnectError> for Refused {
    fn from(error: ConnectError) -> Self {
        Self::Otherwise(error)
    }
}

/// Shakes hands: asks for a serializer, and says how long messages may be that we take.
pub(crate) async fn connect<S>(
    mut stream: S,
    format: Format,
    max_length: MaxLength,
    target: &str,
) -> Result<RawSocket<S>, Refused>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let asked = Handshake::new(format, max_length);
    let request = asked.octets().map_err(refused)?;
    let reply = exchange(&mut stream, request).await;
    let reply = reply.map_err(|source| Refused::Otherwise(broken(source, target)))?;
    let peer_max = asked.parse_reply(reply).map_err(refused)?;
    Ok(RawSocket {
        stream,
        subprotocol: Subprotocol::new(format),
        max_message: max_length.bytes(),
        peer_max_message: peer_max.bytes(),
        channel_id: None,
        incoming: Incoming::default(),
        outgoing: Outgoing::default(),
        owes_pong: false,
        pongs: 0,
        traffic: Traffic::default(),
        ended: false,
        hung_up: false,
    })
}

async fn exchange<S>(stream: &mut S, request: [u8; 4]) -> io::Result<[u8; 4]>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(&request).await?;
    stream.flush().await?;
    let mut reply = [0; 4];
    stream.read_exact(&mut reply).await?;
    Ok(reply)
}

fn refused(error: RawSocketError) -> Refused {
    let said = match &error {
        RawSocketError::NotRawSocket(_) => {
            format!("{error}: does the server speak RawSocket, and is TLS as in the URL?")
        }
        _ => error.to_string(),
    };
    match error {
        RawSocketError::Refused(Refusal::SerializerUnsupported)
        | RawSocketError::UnnumberedSerializer(_) => {
            Refused::Serializer(ConnectError::Handshake(said))
        }
        _ => Refused::Otherwise(ConnectError::Handshake(said)),
    }
}

fn broken(source: io::Error, target: &str) -> ConnectError {
    if source.kind() == io::ErrorKind::UnexpectedEof {
        return ConnectError::Handshake(
            "the server has closed the connection instead of answering".to_owned(),
        );
    }
    ConnectError::Io {
        target: target.to_owned(),
        source,
    }
}

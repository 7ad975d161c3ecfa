//! From a stream to a RawSocket connection.

use std::future::poll_fn;
use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use wamp_proto::rawsocket::{Handshake, MAGIC, MaxLength, RawSocketError, Refusal};
use wamp_proto::subprotocol::Subprotocol;

use super::RawSocket;
use crate::app::gate::Arrival;
use crate::app::newcomers::Newcomer;
use crate::app::{ConnectionSlot, Server};
use crate::transport::TransportInfo;
use crate::transport::meter::Meter;

/// What a client must take at least: WELCOME names the features of the server, and does not fit into 512 bytes.
const LEAST: usize = 1024;

/// What the handshake has led to.
pub(super) struct Accepted {
    pub(super) subprotocol: Subprotocol,
    pub(super) info: TransportInfo,
    /// Bytes of a message that the client was told we take.
    pub(super) promised: usize,
    /// Bytes of a message that the client takes.
    pub(super) peer_max_message: usize,
    pub(super) newcomer: Newcomer,
}

/// Shakes hands with a client whose first byte has been read. The session then runs in a task of its own.
pub(crate) async fn accept<S>(server: &Server, mut stream: S, arrival: Arrival)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let done = match request(&mut stream).await {
        Ok(request) => match agree(server, request, &arrival) {
            Ok(agreed) => agreed.open(server, stream).await,
            Err(refusal) => refuse(server, stream, refusal).await,
        },
        Err(error) => Err(error),
    };
    if let Err(error) = done {
        tracing::debug!(%error, "the client left during the handshake");
    }
}

async fn request<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<[u8; 4]> {
    let mut request = [MAGIC, 0, 0, 0];
    let [_, rest @ ..] = &mut request;
    stream.read_exact(rest).await?;
    Ok(request)
}

/// A request that can be accepted.
struct Agreed {
    accepted: Accepted,
    reply: [u8; 4],
    slot: ConnectionSlot,
}

fn agree(server: &Server, request: [u8; 4], arrival: &Arrival) -> Result<Agreed, Refusal> {
    let unsupported = |error: RawSocketError| {
        tracing::debug!(%error, "a RawSocket handshake cannot be accepted");
        error.refusal().unwrap_or(Refusal::SerializerUnsupported)
    };
    let asked = Handshake::parse_request(request).map_err(unsupported)?;
    let subprotocol = Subprotocol::new(asked.format);
    if !server.subprotocols().contains(&subprotocol) {
        return Err(Refusal::SerializerUnsupported);
    }
    if asked.max_length.bytes() < LEAST {
        return Err(Refusal::LengthUnacceptable);
    }
    let promised = MaxLength::at_most(server.limits().max_message).unwrap_or(MaxLength::MIN);
    let reply = Handshake::new(asked.format, promised).octets();
    let reply = reply.map_err(unsupported)?;
    let slot = server.admit().ok_or(Refusal::TooManyConnections)?;
    let gate = server.gate();
    let info = gate.rules.unnamed(&arrival.info).info(arrival.info.clone());
    let newcomer = gate.newcomer(Some(arrival), info.counted());
    let newcomer = newcomer.ok_or(Refusal::TooManyConnections)?;
    Ok(Agreed {
        accepted: Accepted {
            subprotocol,
            info,
            promised: promised.bytes(),
            peer_max_message: asked.max_length.bytes(),
            newcomer,
        },
        reply,
        slot,
    })
}

impl Agreed {
    async fn open<S>(self, server: &Server, mut stream: S) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        stream.write_all(&self.reply).await?;
        stream.flush().await?;
        let rawsocket = RawSocket::new(stream, self.accepted, server.limits());
        server.track_connection(rawsocket, self.slot);
        Ok(())
    }
}

/// Says why not, and sees to it that the client can read that.
async fn refuse<S>(server: &Server, mut stream: S, refusal: Refusal) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    server.shared().counters.refused_rawsockets.count();
    tracing::debug!(%refusal, "a RawSocket connection was refused");
    stream.write_all(&refusal.octets()).await?;
    let mut stream = Meter::new(stream, usize::MAX);
    let hang_up = poll_fn(|cx| stream.poll_hang_up(cx));
    // A client that does not hang up, too, has had its time.
    let _ = tokio::time::timeout(server.limits().close_timeout, hang_up).await;
    Ok(())
}

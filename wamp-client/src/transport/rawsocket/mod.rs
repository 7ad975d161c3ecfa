//! RawSocket: the connection here, its parts in `incoming` and `outgoing`, how it begins in `handshake`.

mod handshake;
mod incoming;
mod outgoing;
#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wamp_proto::rawsocket::{FrameHeader, FrameKind, RawSocketError};
use wamp_proto::subprotocol::Subprotocol;

pub(crate) use handshake::{Refused, connect};

use self::incoming::Incoming;
use self::outgoing::Outgoing;
use super::{Traffic, Transport};
use crate::error::TransportError;

/// A RawSocket connection after its handshake.
#[derive(Debug)]
pub(crate) struct RawSocket<S> {
    stream: S,
    subprotocol: Subprotocol,
    /// Bytes of a message or a ping that we take: what the handshake has promised.
    max_message: usize,
    /// Bytes of a message or a pong that the peer takes.
    peer_max_message: usize,
    channel_id: Option<[u8; 32]>,
    incoming: Incoming,
    outgoing: Outgoing,
    /// Whether the answer to a ping waits to be written.
    owes_pong: bool,
    pongs: u64,
    traffic: Traffic,
    /// Whether nothing more is to be received.
    ended: bool,
    /// Whether the peer was told that nothing more is sent.
    hung_up: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> RawSocket<S> {
    /// What the connection is known by to both ends, if TLS says so.
    pub(crate) fn with_channel_id(mut self, channel_id: Option<[u8; 32]>) -> Self {
        self.channel_id = channel_id;
        self
    }

    fn poll_message(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, TransportError>> {
        loop {
            // A peer that pings and does not read is read no further: one answer at most is kept for it.
            if self.owes_pong {
                ready!(self.poll_write(cx))?;
                self.owes_pong = false;
            }
            match self.incoming.next_frame(self.max_message)? {
                Some((FrameKind::Message, message)) => return Poll::Ready(Ok(Some(message))),
                Some((FrameKind::Ping, payload)) => {
                    self.push(FrameKind::Pong, payload)?;
                    self.owes_pong = true;
                }
                Some((FrameKind::Pong, _)) => self.pongs += 1,
                None => {
                    let filled = ready!(self.incoming.poll_fill(&mut self.stream, cx));
                    match filled.map_err(TransportError::Io)? {
                        0 => return Poll::Ready(self.end()),
                        bytes => self.traffic.receive(bytes),
                    }
                }
            }
        }
    }

    /// The peer has closed its half: properly, unless it was in the middle of something.
    fn end(&self) -> Result<Option<Bytes>, TransportError> {
        if self.incoming.is_empty() {
            Ok(None)
        } else {
            Err(TransportError::Closed)
        }
    }

    fn push(&mut self, kind: FrameKind, payload: Bytes) -> Result<(), TransportError> {
        let limit = self.peer_max_message;
        if payload.len() > limit {
            return Err(TransportError::TooLargeForPeer { limit });
        }
        let header = FrameHeader::new(kind, payload.len()).map_err(violation)?;
        self.outgoing.push(header, payload);
        Ok(())
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let traffic = &mut self.traffic;
        let written = self.outgoing.poll_write(&mut self.stream, traffic, cx);
        written.map_err(TransportError::Io)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Transport for RawSocket<S> {
    fn subprotocol(&self) -> Subprotocol {
        self.subprotocol
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let received = ready!(self.poll_message(cx)).transpose();
        self.ended = !matches!(received, Some(Ok(_)));
        Poll::Ready(received)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        self.push(FrameKind::Message, frame)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_write(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.ended = true;
        if !self.hung_up {
            // What cannot be written any more is lost.
            let _ = ready!(self.poll_write(cx));
            let _ = ready!(Pin::new(&mut self.stream).poll_shutdown(cx));
            self.hung_up = true;
        }
        // Nobody reads what comes now, but whoever leaves it unread takes back what he has written last.
        let mut rest = [0; 1024];
        loop {
            let mut rest = ReadBuf::new(&mut rest);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut rest)) {
                Ok(()) if !rest.filled().is_empty() => {}
                _ => return Poll::Ready(()),
            }
        }
    }

    fn ping(&mut self) -> bool {
        // Nothing in it: every peer takes that.
        let _ = self.push(FrameKind::Ping, Bytes::new());
        true
    }

    fn pongs(&self) -> u64 {
        self.pongs
    }

    fn traffic(&self) -> Traffic {
        self.traffic
    }

    fn peer_max_message(&self) -> usize {
        self.peer_max_message
    }

    fn channel_id(&self) -> Option<[u8; 32]> {
        self.channel_id
    }
}

fn violation(error: RawSocketError) -> TransportError {
    TransportError::Protocol(error.to_string())
}

//! RawSocket: messages over a bare stream of bytes. How a connection begins is in `handshake`; `incoming` cuts what arrives into frames,
//! `outgoing` writes many of them at once. What the octets mean is in [`wamp_proto::rawsocket`].

mod handshake;
mod incoming;
mod outgoing;

use std::io;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use wamp_proto::rawsocket::{FrameHeader, FrameKind, RawSocketError};
use wamp_proto::subprotocol::Subprotocol;

pub(crate) use handshake::accept;

use self::handshake::Accepted;
use self::incoming::Incoming;
use self::outgoing::Outgoing;
use super::bucket::Bucket;
use super::meter::Meter;
use super::{Activity, Close, Failure, Transport, TransportInfo};
use crate::Limits;
use crate::app::newcomers::Newcomer;

/// A RawSocket connection after its handshake.
#[derive(Debug)]
pub(crate) struct RawSocket<S> {
    stream: Meter<S>,
    subprotocol: Subprotocol,
    info: TransportInfo,
    /// Bytes of a message or a ping that we take, now.
    max_message: usize,
    /// The same while there is no session.
    max_hello: usize,
    /// The same in a session: what the handshake has promised.
    promised: usize,
    /// Bytes of a message or a pong that the peer takes.
    peer_max_message: usize,
    control: Bucket,
    incoming: Incoming,
    outgoing: Outgoing,
    /// Whether the answer to a ping waits to be written.
    owes_pong: bool,
    /// Counts as long as there is no session.
    newcomer: Newcomer,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> RawSocket<S> {
    fn new(stream: S, accepted: Accepted, limits: &Limits) -> Self {
        let Accepted {
            subprotocol,
            info,
            promised,
            peer_max_message,
            newcomer,
        } = accepted;
        let max_hello = promised.min(limits.max_hello);
        Self {
            // Every frame says how long it is, and those that are no messages are counted: there is nothing else to be flooded with.
            stream: Meter::new(stream, usize::MAX),
            subprotocol,
            info,
            max_message: max_hello,
            max_hello,
            promised,
            peer_max_message,
            control: Bucket::new(
                limits.control_frames_per_second,
                limits.control_frames_burst,
            ),
            incoming: Incoming::new(limits.read_buffer),
            outgoing: Outgoing::default(),
            owes_pong: false,
            newcomer,
        }
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Failure>> {
        loop {
            // A peer that pings and does not read is read no further: one answer at most is kept for it.
            if self.owes_pong {
                ready!(self.poll_write(cx))?;
                self.owes_pong = false;
            }
            match self.incoming.next_frame(self.max_message)? {
                Some((FrameKind::Message, message)) => {
                    self.stream.message(self.incoming.len());
                    return Poll::Ready(Ok(Some(message)));
                }
                Some((kind, payload)) => self.control(kind, payload)?,
                None => {
                    let filled = ready!(self.incoming.poll_fill(&mut self.stream, cx));
                    if filled.map_err(Failure::Io)? == 0 {
                        return Poll::Ready(self.end());
                    }
                }
            }
        }
    }

    fn control(&mut self, kind: FrameKind, payload: Bytes) -> Result<(), Failure> {
        self.stream.control(FrameHeader::SIZE + payload.len());
        if !self.control.take() {
            return Err(Failure::Flood("too many control frames"));
        }
        if kind == FrameKind::Ping {
            self.push(FrameKind::Pong, payload)?;
            self.owes_pong = true;
        }
        Ok(())
    }

    /// The peer has closed its half: properly, unless it was in the middle of something.
    fn end(&self) -> Result<Option<Bytes>, Failure> {
        if self.incoming.len() == 0 {
            Ok(None)
        } else {
            Err(Failure::Io(io::ErrorKind::UnexpectedEof.into()))
        }
    }

    fn push(&mut self, kind: FrameKind, payload: Bytes) -> Result<(), Failure> {
        let limit = self.peer_max_message;
        if payload.len() > limit {
            return Err(Failure::TooLargeForPeer { limit });
        }
        let header = FrameHeader::new(kind, payload.len()).map_err(violation)?;
        self.outgoing.push(header, payload);
        Ok(())
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let written = self.outgoing.poll_write(&mut self.stream, cx);
        written.map_err(Failure::Io)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Transport for RawSocket<S> {
    fn subprotocol(&self) -> Subprotocol {
        self.subprotocol
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        self.poll_message(cx).map(Result::transpose)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Failure> {
        self.push(FrameKind::Message, frame)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.poll_write(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: Close) -> Poll<()> {
        // What cannot be written any more is lost.
        let _ = ready!(self.poll_write(cx));
        self.stream.poll_hang_up(cx)
    }

    fn ping(&mut self) -> bool {
        // Nothing in it: every peer takes that.
        let _ = self.push(FrameKind::Ping, Bytes::new());
        true
    }

    fn activity(&self) -> Activity {
        self.stream.activity()
    }

    fn peer_max_message(&self) -> usize {
        self.peer_max_message
    }

    fn has_close_codes(&self) -> bool {
        false
    }

    fn opened(&mut self) {
        self.newcomer.leave();
        self.max_message = self.promised;
    }

    fn left(&mut self) -> bool {
        self.max_message = self.max_hello;
        self.newcomer.enter()
    }

    fn info(&self) -> TransportInfo {
        self.info.clone()
    }
}

fn violation(error: RawSocketError) -> Failure {
    Failure::Protocol(error.to_string())
}

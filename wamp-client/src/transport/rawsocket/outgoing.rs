//! Frames on their way to the socket.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::AsyncWrite;
use wamp_proto::rawsocket::FrameHeader;

use crate::transport::Traffic;

/// Bytes of a payload up to which it is copied behind what is written before it.
const COPIED: usize = 16 * 1024;

/// What is to be written, in as few pieces as possible. Once all is written it keeps no memory.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// What comes first.
    pieces: VecDeque<Bytes>,
    /// What comes last, and can be appended to.
    tail: BytesMut,
}

impl Outgoing {
    pub(super) fn push(&mut self, header: FrameHeader, payload: Bytes) {
        self.tail.extend_from_slice(&header.octets());
        if payload.len() <= COPIED {
            self.tail.extend_from_slice(&payload);
        } else {
            self.end_tail();
            self.pieces.push_back(payload);
        }
    }

    /// Writes everything.
    pub(super) fn poll_write<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        traffic: &mut Traffic,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        self.end_tail();
        while let Some(piece) = self.pieces.front_mut() {
            let written = ready!(Pin::new(&mut *stream).poll_write(cx, piece))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            traffic.send(written);
            piece.advance(written);
            if piece.is_empty() {
                self.pieces.pop_front();
            }
        }
        *self = Self::default();
        Pin::new(stream).poll_flush(cx)
    }

    fn end_tail(&mut self) {
        if !self.tail.is_empty() {
            self.pieces.push_back(self.tail.split().freeze());
        }
    }
}

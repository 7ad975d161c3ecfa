//! Frames on their way to the socket.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use smallvec::SmallVec;
use tokio::io::AsyncWrite;
use wamp_proto::rawsocket::FrameHeader;

/// Bytes of a payload up to which it is copied behind what is written before it.
const COPIED: usize = 16 * 1024;

/// Pieces that are written with one system call.
const PIECES: usize = 16;

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
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        self.end_tail();
        while !self.pieces.is_empty() {
            let written = {
                let pieces = self.pieces.iter().take(PIECES);
                let slices = pieces
                    .map(|piece| io::IoSlice::new(piece))
                    .collect::<SmallVec<[_; PIECES]>>();
                ready!(Pin::new(&mut *stream).poll_write_vectored(cx, &slices))?
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.advance(written);
        }
        *self = Self::default();
        Pin::new(stream).poll_flush(cx)
    }

    fn end_tail(&mut self) {
        if !self.tail.is_empty() {
            self.pieces.push_back(self.tail.split().freeze());
        }
    }

    fn advance(&mut self, mut written: usize) {
        while let Some(first) = self.pieces.front_mut() {
            let taken = written.min(first.len());
            first.advance(taken);
            written -= taken;
            if !first.is_empty() {
                return;
            }
            self.pieces.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use wamp_proto::rawsocket::FrameKind;

    use super::*;

    /// Takes so many bytes of each write, and remembers how many writes there were.
    struct Sink {
        most: usize,
        writes: usize,
        written: Vec<u8>,
    }

    impl AsyncWrite for Sink {
        fn poll_write(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.poll_write_vectored(cx, &[io::IoSlice::new(buf)])
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bufs: &[io::IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let all = bufs.iter().flat_map(|it| it.iter().copied());
            let taken = all.take(self.most).collect::<Vec<_>>();
            self.writes += 1;
            self.written.extend_from_slice(&taken);
            Poll::Ready(Ok(taken.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Writes payloads of these lengths; gives how many writes that took.
    fn writes(most: usize, lengths: &[usize]) -> usize {
        let mut outgoing = Outgoing::default();
        let mut expected = Vec::new();
        for (len, byte) in lengths.iter().zip((0..=u8::MAX).cycle()) {
            let header = FrameHeader::new(FrameKind::Message, *len).expect("it fits");
            let payload = vec![byte; *len];
            expected.extend_from_slice(&header.octets());
            expected.extend_from_slice(&payload);
            outgoing.push(header, payload.into());
        }
        let mut sink = Sink {
            most,
            writes: 0,
            written: Vec::new(),
        };
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let written = outgoing.poll_write(&mut sink, &mut cx);
        assert!(matches!(written, Poll::Ready(Ok(()))));
        assert!(sink.written == expected, "{lengths:?}");
        assert!(outgoing.pieces.is_empty() && outgoing.tail.is_empty());
        sink.writes
    }

    #[test]
    fn many_frames_are_written_at_once() {
        assert_eq!(writes(usize::MAX, &[]), 0);
        assert_eq!(writes(usize::MAX, &[10; 1000]), 1);
        assert_eq!(writes(usize::MAX, &[10, 100_000, 10, 0, 70_000, 10]), 1);
    }

    #[test]
    fn nothing_is_lost_or_repeated_when_less_is_taken() {
        for most in [1, 3, 4, 5, 1000, 16_384, 16_385] {
            writes(
                most,
                &[0, 1, COPIED, COPIED + 1, 5, COPIED + 1, COPIED + 1, 0],
            );
        }
    }
}

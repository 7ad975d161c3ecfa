//! Counts the bytes of a connection, and refuses those that lead to no message.
//!
//! Empty fragments, tiny fragments and pings never show up as messages, so no limit on messages stops a flood of them. What they all
//! have in common is bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Activity;

/// A byte stream with a budget of bytes for each message.
#[derive(Debug)]
pub(super) struct Meter<S> {
    stream: S,
    received: u64,
    sent: u64,
    messages: u64,
    /// Bytes received since the last complete message, without those of control frames.
    unaccounted: usize,
    /// How many of them there may be.
    allowance: usize,
    /// Whether our half of the connection is closed.
    hung_up: bool,
}

/// The error kind by which a breach is recognised once it has passed through the layers above.
pub(super) const BREACH: io::ErrorKind = io::ErrorKind::QuotaExceeded;

impl<S> Meter<S> {
    pub(super) fn new(stream: S, allowance: usize) -> Self {
        Self {
            stream,
            received: 0,
            sent: 0,
            messages: 0,
            unaccounted: 0,
            allowance,
            hung_up: false,
        }
    }

    /// A message is complete; so many bytes that have been read belong to what comes after it.
    pub(super) fn message(&mut self, left: usize) {
        self.messages += 1;
        self.unaccounted = left;
    }

    pub(super) fn set_allowance(&mut self, allowance: usize) {
        self.allowance = allowance;
    }

    /// A control frame of so many bytes is complete: it is no part of a message, and how many may come is limited elsewhere.
    pub(super) fn control(&mut self, bytes: usize) {
        self.unaccounted = self.unaccounted.saturating_sub(bytes);
    }

    pub(super) fn activity(&self) -> Activity {
        Activity {
            received: self.received,
            sent: self.sent,
            messages: self.messages,
            partial: self.unaccounted > 0,
        }
    }
}

/// Reads in one turn while hanging up.
const READS: usize = 16;

impl<S: AsyncRead + AsyncWrite + Unpin> Meter<S> {
    /// Closes our half of the connection, then reads and drops what still arrives, until the peer closes its own: otherwise the kernel
    /// would reset the connection, and the peer might never see our last words.
    pub(super) fn poll_hang_up(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.hung_up {
            if ready!(Pin::new(&mut self.stream).poll_shutdown(cx)).is_err() {
                return Poll::Ready(());
            }
            self.hung_up = true;
        }
        let mut scratch = [0; 4096];
        for _ in 0..READS {
            let mut buf = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(()),
            }
        }
        // A peer that never stops sending leaves others their turn, and whoever closes the connection a look at the clock.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Meter<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unaccounted > self.allowance {
            return Poll::Ready(Err(BREACH.into()));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let read = buf.filled().len() - before;
        self.unaccounted = self.unaccounted.saturating_add(read);
        self.received += read as u64;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Meter<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.sent += written as u64;
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bufs))?;
        self.sent += written as u64;
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// A peer that never stops sending.
    struct Endless;

    impl AsyncRead for Endless {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            buf.initialize_unfilled();
            buf.set_filled(buf.capacity());
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Endless {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(buf.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn hanging_up_on_a_peer_that_never_stops_gives_others_their_turn() {
        let mut meter = Meter::new(Endless, usize::MAX);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(meter.poll_hang_up(&mut cx).is_pending());
    }
}

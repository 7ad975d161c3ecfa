//! Counts the bytes of a connection, and refuses those that lead to no message.
//!
//! Empty fragments, tiny fragments and pings never show up as messages, so no limit on messages stops a flood of them. What they all
//! have in common is bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Activity;

/// A byte stream with a budget of bytes for each message.
#[derive(Debug)]
pub(super) struct Meter<S> {
    stream: S,
    received: u64,
    sent: u64,
    /// Bytes received since the last complete message, without those of control frames.
    unaccounted: usize,
    /// How many of them there may be.
    allowance: usize,
}

/// The error kind by which a breach is recognised once it has passed through the layers above.
pub(super) const BREACH: io::ErrorKind = io::ErrorKind::QuotaExceeded;

impl<S> Meter<S> {
    pub(super) fn new(stream: S, allowance: usize) -> Self {
        Self {
            stream,
            received: 0,
            sent: 0,
            unaccounted: 0,
            allowance,
        }
    }

    /// A message is complete.
    pub(super) fn message(&mut self) {
        self.unaccounted = 0;
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
            partial: self.unaccounted > 0,
        }
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
        std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
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
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, buf))?;
        self.sent += written as u64;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

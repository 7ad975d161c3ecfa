//! A stream whose first bytes are the head of an answer in HTTP, which is given out as a whole.
//!
//! tungstenite takes an answer that comes in many small pieces for an attack. What can be an attack is an answer without an end, so that is
//! what is bounded here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::transport::Traffic;

/// Bytes that a head may have.
const LONGEST_HEAD: usize = 64 * 1024;

/// Bytes that are read at once.
const CHUNK: usize = 1024;

#[derive(Debug)]
pub(crate) struct Gathered<S> {
    stream: S,
    /// What has come of the head, or what is still to be given out of it and of what came with it.
    head: BytesMut,
    complete: bool,
    traffic: Traffic,
}

impl<S: AsyncRead + Unpin> Gathered<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            head: BytesMut::new(),
            complete: false,
            traffic: Traffic::default(),
        }
    }

    /// What has come and gone, the head included.
    pub(super) fn traffic(&self) -> Traffic {
        self.traffic
    }

    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut chunk = [0; CHUNK];
        while !self.complete {
            let mut chunk = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut chunk))?;
            self.traffic.receive(chunk.filled().len());
            // The end may have begun in the chunk before.
            let seen = self.head.len().saturating_sub(END.len() - 1);
            self.head.extend_from_slice(chunk.filled());
            let unseen = self.head.get(seen..).unwrap_or_default();
            self.complete = chunk.filled().is_empty()
                || self.head.len() > LONGEST_HEAD
                || unseen.windows(END.len()).any(|it| it == END);
        }
        Poll::Ready(Ok(()))
    }
}

const END: &[u8] = b"\r\n\r\n";

impl<S: AsyncRead + Unpin> AsyncRead for Gathered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.complete {
            ready!(self.poll_head(cx))?;
        }
        if self.head.is_empty() {
            let before = buf.filled().len();
            let read = Pin::new(&mut self.stream).poll_read(cx, buf);
            self.traffic.receive(buf.filled().len() - before);
            return read;
        }
        let given = self.head.len().min(buf.remaining());
        buf.put_slice(self.head.get(..given).unwrap_or_default());
        self.head.advance(given);
        if self.head.is_empty() {
            self.head = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gathered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        if let Poll::Ready(Ok(bytes)) = written {
            self.traffic.send(bytes);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

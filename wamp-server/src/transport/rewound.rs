//! A stream whose first byte is looked at before it is decided what is spoken.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// A stream with its first byte put back.
#[derive(Debug)]
pub(crate) struct Rewound<S> {
    first: Option<u8>,
    stream: S,
}

impl<S> Rewound<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            first: None,
            stream,
        }
    }

    /// What is left of the stream. The first byte is gone if it has been looked at.
    pub(crate) fn into_inner(self) -> S {
        self.stream
    }
}

impl<S: AsyncRead + Unpin> Rewound<S> {
    /// The first byte, which will be read again; `None` if there is none.
    pub(crate) async fn first(&mut self) -> io::Result<Option<u8>> {
        let mut first = [0];
        let read = self.stream.read(&mut first).await?;
        self.first = (read > 0).then_some(u8::from_be_bytes(first));
        Ok(self.first)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buf.remaining() > 0
            && let Some(first) = self.first.take()
        {
            buf.put_slice(&[first]);
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

//! A stream for tests that reads and writes as little at a time as it is told, and often not at all.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

#[derive(Debug, Default)]
pub(super) struct Hesitant {
    /// What is to be read; its end is the end of the stream.
    pub(super) input: VecDeque<u8>,
    pub(super) output: Vec<u8>,
    /// How many bytes the next steps take, over and over; at 0 a step has to be taken again.
    pub(super) steps: Vec<usize>,
    step: usize,
    pub(super) writes: usize,
}

impl Hesitant {
    pub(super) fn new(steps: Vec<usize>) -> Self {
        Self {
            steps,
            ..Self::default()
        }
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        let step = self.steps.get(self.step % self.steps.len().max(1));
        self.step += 1;
        match step {
            Some(0) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(step) => Poll::Ready(*step),
            None => Poll::Ready(usize::MAX),
        }
    }
}

impl AsyncRead for Hesitant {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_step(cx).map(|step| {
            let len = step.min(buf.remaining()).min(self.input.len());
            buf.put_slice(&self.input.drain(..len).collect::<Vec<_>>());
            Ok(())
        })
    }
}

impl AsyncWrite for Hesitant {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_step(cx).map(|step| {
            let taken = buf.get(..step).unwrap_or(buf);
            self.output.extend_from_slice(taken);
            self.writes += 1;
            Ok(taken.len())
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

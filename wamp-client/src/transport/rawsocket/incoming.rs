//! What has arrived, cut into frames.

use std::future::Future as _;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use wamp_proto::rawsocket::{FrameKind, RawSocketError, take_frame};

use super::violation;
use crate::error::TransportError;

/// Bytes that are made room for at least.
const CHUNK: usize = 16 * 1024;

/// Bytes that belong to no frame yet. Between frames it keeps no memory.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    buffer: BytesMut,
}

impl Incoming {
    /// Whether all that has arrived was taken.
    pub(super) fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Takes the first frame, if it is complete. One that is going to be longer than `limit` is found out by its header.
    pub(super) fn next_frame(
        &mut self,
        limit: usize,
    ) -> Result<Option<(FrameKind, Bytes)>, TransportError> {
        take_frame(&mut self.buffer, limit).map_err(|error| match error {
            RawSocketError::OverLimit { limit } => TransportError::TooLarge { limit },
            error => violation(error),
        })
    }

    /// Reads once; 0 bytes at the end of the stream.
    pub(super) fn poll_fill<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        // A header may promise more than ever comes: room is made for as much again as has come.
        self.buffer.reserve(self.buffer.len().max(CHUNK));
        let filled = pin!(stream.read_buf(&mut self.buffer)).poll(cx);
        if filled.is_pending() && self.buffer.is_empty() {
            self.buffer = BytesMut::new();
        }
        filled
    }
}

//! WebSocket (RFC 6455): the frames here, how they are cut in `outgoing`, the HTTP handshake in `handshake`
//! and `gathered`.

mod gathered;
mod handshake;
mod outgoing;
#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::{Sink as _, Stream as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame, Utf8Bytes};
use tokio_tungstenite::tungstenite::protocol::{Message, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self};
use wamp_proto::subprotocol::Subprotocol;

pub(crate) use handshake::{Upgrade, is_reserved};

use self::gathered::Gathered;
use self::outgoing::{FRAGMENT, Fragment, Outgoing, WINDOW};
use super::{Traffic, Transport};
use crate::error::TransportError;

/// Bytes that are read at once. They are cleared before each read, so more of them cost more.
const READ_BUFFER: usize = 16 * 1024;

/// Bytes that tungstenite may buffer: the window, the headers in it, and the answers to pings.
const WRITE_BUFFER: usize = 4 * WINDOW;

/// A WebSocket connection after its handshake.
#[derive(Debug)]
pub(crate) struct WebSocket<S> {
    stream: WebSocketStream<Gathered<S>>,
    subprotocol: Subprotocol,
    max_message: usize,
    channel_id: Option<[u8; 32]>,
    outgoing: Outgoing,
    pongs: u64,
    /// Whether nothing more is to be received.
    ended: bool,
    closing: Closing,
}

/// How far closing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    No,
    /// The Close frame is queued.
    Queued,
    /// It is flushed; the peer answers and hangs up.
    Flushed,
    /// It has done so, or cannot.
    HungUp,
}

fn config(max_message: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        // Never written before the flush, unless the window is full.
        .write_buffer_size(WINDOW + FRAGMENT)
        .max_write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(max_message))
        .max_frame_size(Some(max_message))
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> WebSocket<S> {
    /// What the connection is known by to both ends, if TLS says so.
    pub(crate) fn with_channel_id(mut self, channel_id: Option<[u8; 32]>) -> Self {
        self.channel_id = channel_id;
        self
    }

    fn poll_message(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, TransportError>>> {
        loop {
            let Some(item) = ready!(Pin::new(&mut self.stream).poll_next(cx)) else {
                return Poll::Ready(None);
            };
            let message = match item {
                Ok(message) => message,
                Err(error) => return Poll::Ready(Some(Err(self.failure(error)))),
            };
            return Poll::Ready(match message {
                Message::Text(text) => Some(self.data(text.into(), false)),
                Message::Binary(bytes) => Some(self.data(bytes, true)),
                // tungstenite has queued the answer, and writes it when it is polled again.
                Message::Ping(_) | Message::Frame(_) => continue,
                Message::Pong(_) => {
                    self.pongs += 1;
                    continue;
                }
                Message::Close(frame) => farewell(frame).map(Err),
            });
        }
    }

    fn data(&self, message: Bytes, binary: bool) -> Result<Bytes, TransportError> {
        let wrong = |what: &str| Err(TransportError::Protocol(what.to_owned()));
        match (binary, self.subprotocol.format.is_binary()) {
            (true, false) => wrong("a binary message, but text was agreed on"),
            (false, true) => wrong("a text message, but binary was agreed on"),
            _ => Ok(message),
        }
    }

    fn failure(&self, error: tungstenite::Error) -> TransportError {
        match error {
            tungstenite::Error::Io(error) => TransportError::Io(error),
            tungstenite::Error::Capacity(_) => TransportError::TooLarge {
                limit: self.max_message,
            },
            tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)
            | tungstenite::Error::ConnectionClosed
            | tungstenite::Error::AlreadyClosed => TransportError::Closed,
            error => TransportError::Protocol(error.to_string()),
        }
    }

    fn start_send(&mut self, message: Message) -> Result<(), TransportError> {
        Pin::new(&mut self.stream)
            .start_send(message)
            .map_err(|error| self.failure(error))
    }

    /// Hands over as much as the window has room for.
    fn hand_over(&mut self) -> Result<(), TransportError> {
        let first = if self.subprotocol.format.is_binary() {
            Data::Binary
        } else {
            Data::Text
        };
        while let Some(Fragment {
            bytes,
            begins,
            ends,
        }) = self.outgoing.next()
        {
            let code = if begins { first } else { Data::Continue };
            let frame = Frame::message(bytes, OpCode::Data(code), ends);
            self.start_send(Message::Frame(frame))?;
        }
        Ok(())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Transport for WebSocket<S> {
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
        let received = ready!(self.poll_message(cx));
        self.ended = !matches!(received, Some(Ok(_)));
        Poll::Ready(received)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), TransportError> {
        self.outgoing.push(frame);
        self.hand_over()
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        loop {
            if let Err(error) = ready!(Pin::new(&mut self.stream).poll_flush(cx)) {
                return Poll::Ready(Err(self.failure(error)));
            }
            self.outgoing.flushed();
            if self.outgoing.is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.hand_over()?;
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.closing = match self.closing {
                Closing::No => {
                    let frame = CloseFrame {
                        code: CloseCode::Normal,
                        reason: Utf8Bytes::from_static(""),
                    };
                    // What did not go out before cannot go out after it. It fails if the peer closed first: the answer is queued then.
                    self.outgoing = Outgoing::default();
                    let _ = self.start_send(Message::Close(Some(frame)));
                    Closing::Queued
                }
                Closing::Queued => match ready!(Pin::new(&mut self.stream).poll_flush(cx)) {
                    Ok(()) => Closing::Flushed,
                    Err(tungstenite::Error::ConnectionClosed) => Closing::HungUp,
                    Err(_) => return Poll::Ready(()),
                },
                // What comes before the answer is nobody's any more. The server is the one who hangs up first: RFC 6455, 7.1.1.
                Closing::Flushed => match ready!(Pin::new(&mut self.stream).poll_next(cx)) {
                    Some(Ok(_)) => Closing::Flushed,
                    Some(Err(_)) | None => Closing::HungUp,
                },
                Closing::HungUp => {
                    return Pin::new(self.stream.get_mut()).poll_shutdown(cx).map(drop);
                }
            };
        }
    }

    fn ping(&mut self) -> bool {
        // A connection that cannot take it is found dead soon enough.
        let _ = self.start_send(Message::Ping(Bytes::new()));
        true
    }

    fn pongs(&self) -> u64 {
        self.pongs
    }

    fn traffic(&self) -> Traffic {
        self.stream.get_ref().traffic()
    }

    fn channel_id(&self) -> Option<[u8; 32]> {
        self.channel_id
    }
}

/// What a Close frame says, if it says that something is wrong.
fn farewell(frame: Option<CloseFrame>) -> Option<TransportError> {
    let CloseFrame { code, reason } = frame?;
    match code {
        CloseCode::Normal | CloseCode::Away | CloseCode::Status => None,
        _ => Some(TransportError::ClosedWith {
            code: code.into(),
            reason: reason.as_str().to_owned(),
        }),
    }
}

//! WebSocket (RFC 6455): the frames here, the HTTP handshake in [`upgrade`].

mod bucket;
mod upgrade;

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::{Sink as _, Stream as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame, Utf8Bytes};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use wamp_proto::subprotocol::Subprotocol;

pub use upgrade::{Body, PeerAddr, WampService};

use self::bucket::Bucket;
use super::meter::{BREACH, Meter};
use super::{Activity, Close, Failure, Transport, TransportInfo};
use crate::Limits;

/// Bytes of a frame that is sent. Longer messages are sent in fragments: tungstenite's buffer keeps the size of its largest frame
/// for the rest of the connection.
const FRAGMENT: usize = 16 * 1024;

/// Bytes of a control frame's header, masked.
const CONTROL_HEADER: usize = 6;

/// A WebSocket connection after its handshake.
#[derive(Debug)]
pub(crate) struct WebSocket<S> {
    stream: WebSocketStream<Meter<S>>,
    subprotocol: Subprotocol,
    info: TransportInfo,
    limits: Allowances,
    control: Bucket,
    /// Bytes of control frames since the last complete message.
    control_bytes: usize,
    closing: Closing,
}

#[derive(Clone, Copy, Debug)]
struct Allowances {
    max_message: usize,
    opened: usize,
}

/// How far closing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    No,
    /// The Close frame is queued.
    Sent,
    /// It is flushed; what still arrives is read and dropped, or the kernel would reset the connection and the peer might never
    /// see why.
    Draining,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> WebSocket<S> {
    /// Takes over a stream whose handshake is done; `early` is what arrived after the handshake's last byte.
    pub(crate) async fn new(
        stream: S,
        early: Vec<u8>,
        subprotocol: Subprotocol,
        info: TransportInfo,
        limits: &Limits,
    ) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(limits.read_buffer)
            .write_buffer_size(2 * FRAGMENT)
            .max_write_buffer_size(limits.max_message.saturating_add(64 * 1024 + 2 * FRAGMENT))
            .max_message_size(Some(limits.max_message))
            .max_frame_size(Some(limits.max_message));
        let meter = Meter::new(stream, limits.max_hello.saturating_add(limits.read_buffer));
        Self {
            stream: WebSocketStream::from_partially_read(meter, early, Role::Server, Some(config)).await,
            subprotocol,
            info,
            limits: Allowances {
                max_message: limits.max_message,
                opened: limits.bytes_without_message(),
            },
            control: Bucket::new(limits.control_frames_per_second, limits.control_frames_burst),
            control_bytes: 0,
            closing: Closing::No,
        }
    }

    fn data(&mut self, frame: Bytes, binary: bool) -> Result<Bytes, Failure> {
        self.control_bytes = 0;
        self.stream.get_mut().message();
        match (binary, self.subprotocol.format.is_binary()) {
            (true, false) => Err(Failure::WrongKind("binary, but text was agreed on")),
            (false, true) => Err(Failure::WrongKind("text, but binary was agreed on")),
            _ => Ok(frame),
        }
    }

    fn control(&mut self, payload: &Bytes) -> Result<(), Failure> {
        self.control_bytes += CONTROL_HEADER + payload.len();
        if self.control.take() {
            Ok(())
        } else {
            Err(Failure::Flood("too many control frames"))
        }
    }

    fn failure(&self, error: Error) -> Failure {
        match error {
            Error::Io(error) if error.kind() == BREACH => {
                Failure::Flood("too many bytes without a message")
            }
            Error::Io(error) => Failure::Io(error),
            Error::Capacity(_) => Failure::TooLarge {
                limit: self.limits.max_message,
            },
            Error::Utf8(_) => Failure::NotUtf8,
            Error::Protocol(tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
                Failure::Io(std::io::ErrorKind::ConnectionReset.into())
            }
            error => Failure::Protocol(error.to_string()),
        }
    }

    fn start_send(&mut self, message: Message) -> Result<(), Failure> {
        Pin::new(&mut self.stream)
            .start_send(message)
            .map_err(|error| self.failure(error))
    }

    fn send_fragments(&mut self, mut rest: Bytes, mut code: OpCode) -> Result<(), Failure> {
        while rest.len() > FRAGMENT {
            let fragment = rest.split_to(FRAGMENT);
            self.start_send(Message::Frame(Frame::message(fragment, code, false)))?;
            code = OpCode::Data(Data::Continue);
        }
        self.start_send(Message::Frame(Frame::message(rest, code, true)))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Transport for WebSocket<S> {
    fn subprotocol(&self) -> Subprotocol {
        self.subprotocol
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        loop {
            let Some(item) = ready!(Pin::new(&mut self.stream).poll_next(cx)) else {
                return Poll::Ready(None);
            };
            let message = match item {
                Ok(message) => message,
                Err(error) => return Poll::Ready(Some(Err(self.failure(error)))),
            };
            match message {
                Message::Text(text) => return Poll::Ready(Some(self.data(text.into(), false))),
                Message::Binary(bytes) => return Poll::Ready(Some(self.data(bytes, true))),
                // tungstenite has queued the answer to a ping.
                Message::Ping(payload) | Message::Pong(payload) => {
                    if let Err(failure) = self.control(&payload) {
                        return Poll::Ready(Some(Err(failure)));
                    }
                }
                Message::Close(_) => return Poll::Ready(None),
                Message::Frame(_) => {}
            }
        }
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Failure> {
        let code = if self.subprotocol.format.is_binary() {
            Data::Binary
        } else {
            Data::Text
        };
        self.send_fragments(frame, OpCode::Data(code))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        Poll::Ready(flushed.map_err(|error| self.failure(error)))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, reason: Close) -> Poll<()> {
        if self.closing == Closing::No {
            self.closing = Closing::Sent;
            let frame = CloseFrame {
                code: code(reason),
                reason: Utf8Bytes::from_static(""),
            };
            // It fails if the peer closed first: the answer is queued then.
            let _ = self.start_send(Message::Close(Some(frame)));
        }
        if self.closing == Closing::Sent {
            if ready!(self.poll_flush(cx)).is_err() {
                return Poll::Ready(());
            }
            if ready!(Pin::new(self.stream.get_mut()).poll_shutdown(cx)).is_err() {
                return Poll::Ready(());
            }
            self.closing = Closing::Draining;
            self.stream.get_mut().set_allowance(usize::MAX);
        }
        let mut scratch = [0; 4096];
        loop {
            let mut buf = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(self.stream.get_mut()).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(()),
            }
        }
    }

    fn ping(&mut self) {
        // A connection that cannot take it is found dead soon enough.
        let _ = self.start_send(Message::Ping(Bytes::new()));
    }

    fn activity(&self) -> Activity {
        self.stream.get_ref().activity(self.control_bytes)
    }

    fn opened(&mut self) {
        self.stream.get_mut().set_allowance(self.limits.opened);
    }

    fn info(&self) -> TransportInfo {
        self.info.clone()
    }
}

fn code(reason: Close) -> CloseCode {
    match reason {
        Close::Normal => CloseCode::Normal,
        Close::GoingAway => CloseCode::Away,
        Close::ProtocolError => CloseCode::Protocol,
        Close::WrongKind => CloseCode::Unsupported,
        Close::NotUtf8 => CloseCode::Invalid,
        Close::Policy => CloseCode::Policy,
        Close::TooLarge => CloseCode::Size,
    }
}

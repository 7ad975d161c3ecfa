//! WebSocket (RFC 6455): the frames here, the HTTP handshake in `upgrade`, what it is checked for in `handshake` and `agreed`, and the
//! answers to those who are not let in in `refusal`.

mod agreed;
#[cfg(test)]
mod conformance;
mod handshake;
mod refusal;
mod upgrade;

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::{Sink as _, Stream as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame, Utf8Bytes};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use wamp_proto::subprotocol::Subprotocol;

pub use handshake::Handshake;
pub(crate) use handshake::Rules;
pub use refusal::Body;
pub use upgrade::{PeerAddr, WampService};

use super::bucket::Bucket;
use super::meter::{BREACH, Meter};
use super::{Activity, Close, Failure, Transport, TransportInfo};
use crate::Limits;
use crate::app::newcomers::Newcomer;

/// Bytes of a frame that is sent. Longer messages are sent in fragments: tungstenite's buffer keeps the size of its largest frame
/// for the rest of the connection.
const FRAGMENT: usize = 16 * 1024;

/// Bytes handed to tungstenite before it has to flush. The rest of a message waits here, where it takes no buffer of its own.
const WINDOW: usize = 64 * 1024;

/// Bytes that tungstenite may buffer: the window, the headers in it, and the answers to pings.
const WRITE_BUFFER: usize = 4 * WINDOW;

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
    outgoing: Outgoing,
    closing: Closing,
    /// Counts as long as there is no session.
    newcomer: Newcomer,
}

/// What the handshake has led to.
struct Accepted {
    subprotocol: Subprotocol,
    info: TransportInfo,
    newcomer: Newcomer,
}

/// Messages on their way to tungstenite, fragment by fragment.
#[derive(Debug, Default)]
struct Outgoing {
    messages: VecDeque<Bytes>,
    /// Whether the first of them is what is left of a message that has begun.
    begun: bool,
    /// Bytes handed over since the last flush.
    unflushed: usize,
}

#[derive(Clone, Copy, Debug)]
struct Allowances {
    /// Bytes of a message, now.
    message: usize,
    /// Bytes of a message while there is no session.
    max_hello: usize,
    /// Bytes of a message in a session.
    max_message: usize,
    /// Bytes without a message while there is no session.
    closed: usize,
    /// Bytes without a message in a session.
    opened: usize,
}

/// How far closing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closing {
    No,
    /// The Close frame is queued.
    Sent,
    /// It is flushed.
    Flushed,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> WebSocket<S> {
    /// Takes over a stream whose handshake is done; `early` is what arrived after the handshake's last byte.
    async fn new(
        stream: S,
        early: Vec<u8>,
        Accepted {
            subprotocol,
            info,
            newcomer,
        }: Accepted,
        limits: &Limits,
    ) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(limits.read_buffer)
            .write_buffer_size(2 * FRAGMENT)
            .max_write_buffer_size(WRITE_BUFFER)
            .max_message_size(Some(limits.max_message))
            .max_frame_size(Some(limits.max_message));
        let closed = limits.max_hello.saturating_add(limits.read_buffer);
        let meter = Meter::new(stream, closed);
        Self {
            stream: WebSocketStream::from_partially_read(meter, early, Role::Server, Some(config))
                .await,
            subprotocol,
            info,
            limits: Allowances {
                message: limits.max_hello,
                max_hello: limits.max_hello,
                max_message: limits.max_message,
                closed,
                opened: limits.max_without_message,
            },
            control: Bucket::new(
                limits.control_frames_per_second,
                limits.control_frames_burst,
            ),
            outgoing: Outgoing::default(),
            closing: Closing::No,
            newcomer,
        }
    }

    /// The next message, and whether it is binary.
    fn poll_message(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<(Bytes, bool), Failure>>> {
        loop {
            let Some(item) = ready!(Pin::new(&mut self.stream).poll_next(cx)) else {
                return Poll::Ready(None);
            };
            let message = match item {
                Ok(message) => message,
                Err(error) => return Poll::Ready(Some(Err(self.failure(error)))),
            };
            match message {
                Message::Text(text) => return Poll::Ready(Some(Ok(self.data(text.into(), false)))),
                Message::Binary(bytes) => return Poll::Ready(Some(Ok(self.data(bytes, true)))),
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

    fn data(&mut self, message: Bytes, binary: bool) -> (Bytes, bool) {
        // What tungstenite has read beyond it is counted when more comes.
        self.stream.get_mut().message(0);
        (message, binary)
    }

    fn control(&mut self, payload: &Bytes) -> Result<(), Failure> {
        self.stream
            .get_mut()
            .control(CONTROL_HEADER + payload.len());
        if self.control.take() {
            Ok(())
        } else {
            Err(Failure::Flood("too many control frames"))
        }
    }

    fn failure(&self, error: Error) -> Failure {
        match error {
            // As many bytes as that would have been a message too large, were it one.
            Error::Io(error)
                if error.kind() == BREACH && self.limits.message < self.limits.max_message =>
            {
                Failure::TooLarge {
                    limit: self.limits.message,
                }
            }
            Error::Io(error) if error.kind() == BREACH => {
                Failure::Flood("too many bytes without a message")
            }
            Error::Io(error) => Failure::Io(error),
            Error::Capacity(_) => Failure::TooLarge {
                limit: self.limits.message,
            },
            Error::Utf8(_) => Failure::NotUtf8,
            Error::Protocol(
                tokio_tungstenite::tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            ) => Failure::Io(std::io::ErrorKind::ConnectionReset.into()),
            error => Failure::Protocol(error.to_string()),
        }
    }

    fn start_send(&mut self, message: Message) -> Result<(), Failure> {
        Pin::new(&mut self.stream)
            .start_send(message)
            .map_err(|error| self.failure(error))
    }

    /// What a message begins with.
    fn data_code(&self) -> Data {
        if self.subprotocol.format.is_binary() {
            Data::Binary
        } else {
            Data::Text
        }
    }

    /// Hands over as much as the window has room for.
    fn hand_over(&mut self) -> Result<(), Failure> {
        let first = self.data_code();
        while self.outgoing.unflushed < WINDOW
            && let Some(message) = self.outgoing.messages.front_mut()
        {
            let fragment = message.split_to(message.len().min(FRAGMENT));
            let last = message.is_empty();
            let code = if self.outgoing.begun {
                Data::Continue
            } else {
                first
            };
            self.outgoing.begun = !last;
            self.outgoing.unflushed += fragment.len();
            if last {
                self.outgoing.messages.pop_front();
            }
            self.start_send(Message::Frame(Frame::message(
                fragment,
                OpCode::Data(code),
                last,
            )))?;
        }
        Ok(())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Transport for WebSocket<S> {
    fn subprotocol(&self) -> Subprotocol {
        self.subprotocol
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        let received = ready!(self.poll_message(cx));
        Poll::Ready(received.map(|received| {
            let (message, binary) = received?;
            match (binary, self.subprotocol.format.is_binary()) {
                (true, false) => Err(Failure::WrongKind("binary, but text was agreed on")),
                (false, true) => Err(Failure::WrongKind("text, but binary was agreed on")),
                _ => Ok(message),
            }
        }))
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Failure> {
        let fits = frame.len() <= FRAGMENT && self.outgoing.unflushed < WINDOW;
        if fits && self.outgoing.messages.is_empty() {
            self.outgoing.unflushed += frame.len();
            return self.start_send(Message::Frame(Frame::message(
                frame,
                OpCode::Data(self.data_code()),
                true,
            )));
        }
        self.outgoing.messages.push_back(frame);
        self.hand_over()
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        loop {
            if let Err(error) = ready!(Pin::new(&mut self.stream).poll_flush(cx)) {
                return Poll::Ready(Err(self.failure(error)));
            }
            self.outgoing.unflushed = 0;
            if self.outgoing.messages.is_empty() {
                return Poll::Ready(Ok(()));
            }
            self.hand_over()?;
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, reason: Close) -> Poll<()> {
        if self.closing == Closing::No {
            self.closing = Closing::Sent;
            // What did not go out before cannot go out after it.
            self.outgoing.messages.clear();
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
            self.closing = Closing::Flushed;
        }
        self.stream.get_mut().poll_hang_up(cx)
    }

    fn ping(&mut self) -> bool {
        // A connection that cannot take it is found dead soon enough.
        let _ = self.start_send(Message::Ping(Bytes::new()));
        true
    }

    fn activity(&self) -> Activity {
        self.stream.get_ref().activity()
    }

    fn opened(&mut self) {
        self.newcomer.leave();
        self.limits.message = self.limits.max_message;
        self.stream.get_mut().set_allowance(self.limits.opened);
    }

    fn left(&mut self) -> bool {
        self.limits.message = self.limits.max_hello;
        self.stream.get_mut().set_allowance(self.limits.closed);
        self.newcomer.enter()
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

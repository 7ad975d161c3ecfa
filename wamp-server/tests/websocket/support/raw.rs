//! A client of RawSocket made of bytes.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wamp_server::proto::codec::{Format, from_slice, to_bytes};

use super::{Client, hello};

pub(crate) const MESSAGE: u8 = 0;
pub(crate) const PING: u8 = 1;
pub(crate) const PONG: u8 = 2;

/// JSON, and messages of up to 16 MiB.
pub(crate) const REQUEST: [u8; 4] = [0x7f, 0xf1, 0, 0];

/// The header of a frame whose payload has so many bytes.
pub(crate) fn header(kind: u8, len: usize) -> [u8; 4] {
    let [extra, a, b, c] = u32::try_from(len).expect("25 bits").to_be_bytes();
    [extra << 3 | kind, a, b, c]
}

/// A frame.
pub(crate) fn frame(kind: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    [&header(kind, payload.len()), payload].concat()
}

/// One end of a connection, in the hands of a test.
pub(crate) struct Raw<S = TcpStream> {
    pub(crate) bytes: Client<S>,
    format: Format,
    last_request: u64,
}

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(Client::connect(address).await)
    }

    /// Connected, and the handshake is done.
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let mut raw = Self::connect(address).await;
        raw.handshake(REQUEST).await;
        raw
    }

    /// Connected and in a session, in JSON.
    pub(crate) async fn joined(address: SocketAddr) -> Self {
        let mut raw = Self::open(address).await;
        raw.join().await;
        raw
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    pub(crate) fn over(bytes: Client<S>) -> Self {
        Self {
            bytes,
            format: Format::Json,
            last_request: 0,
        }
    }

    /// Asks for something, and is answered.
    pub(crate) async fn ask(&mut self, request: [u8; 4]) -> [u8; 4] {
        self.bytes.send(request).await;
        self.reply().await
    }

    pub(crate) async fn reply(&mut self) -> [u8; 4] {
        let reply = self.bytes.exactly(4).await.expect("a reply");
        reply.try_into().expect("four octets")
    }

    /// Asks for something that is granted, and gives the longest message that the server takes.
    pub(crate) async fn handshake(&mut self, request: [u8; 4]) -> usize {
        let reply = self.ask(request).await;
        let serializer = request[1] & 0x0f;
        assert_eq!(reply, [0x7f, reply[1] & 0xf0 | serializer, 0, 0]);
        self.format = match serializer {
            1 => Format::Json,
            2 => Format::MsgPack,
            _ => Format::Cbor,
        };
        512 << (reply[1] >> 4)
    }

    pub(crate) async fn send(&mut self, message: Value) {
        let mut payload = bytes::BytesMut::new();
        to_bytes(self.format, &message, &mut payload).expect("it can be written");
        self.send_frame(MESSAGE, payload).await;
    }

    pub(crate) async fn send_frame(&mut self, kind: u8, payload: impl AsRef<[u8]>) {
        self.bytes.send(frame(kind, payload)).await;
    }

    /// The next frame, unless the server has closed the connection.
    pub(crate) async fn next_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let header = self.bytes.exactly(4).await?;
        let [first, a, b, c] = header.try_into().expect("four octets");
        assert_eq!(first & 0xf0, 0, "reserved");
        let len = u32::from_be_bytes([first >> 3, a, b, c]);
        let len = usize::try_from(len).expect("25 bits");
        let payload = self.bytes.exactly(len).await?;
        Some((first & 0b111, payload))
    }

    pub(crate) async fn frame(&mut self) -> (u8, Vec<u8>) {
        let frame = self.next_frame().await;
        frame.expect("the server has closed the connection")
    }

    pub(crate) async fn message(&mut self) -> Value {
        let (kind, payload) = self.frame().await;
        assert_eq!(kind, MESSAGE, "not a message: {payload:?}");
        self.decoded(&payload)
    }

    fn decoded(&self, payload: &[u8]) -> Value {
        from_slice(self.format, payload).expect("a message")
    }

    pub(crate) async fn join(&mut self) {
        self.send(hello()).await;
        let welcome = self.message().await;
        assert_eq!(welcome[0], 2, "{welcome}");
    }

    /// Calls `procedure` and gives RESULT or ERROR; nothing else may come before it.
    pub(crate) async fn call(&mut self, procedure: &str, args: Value) -> Value {
        self.last_request += 1;
        let request = self.last_request;
        self.send(json!([48, request, {}, procedure, args])).await;
        self.message().await
    }

    /// The messages that come until the server has closed the connection; then it is closed here, too.
    pub(crate) async fn end(&mut self) -> Vec<Value> {
        let mut messages = Vec::new();
        while let Some((kind, payload)) = self.next_frame().await {
            if kind == MESSAGE {
                messages.push(self.decoded(&payload));
            }
        }
        let _ = self.bytes.stream.shutdown().await;
        messages
    }

    /// The server says ABORT for this reason, and closes the connection.
    pub(crate) async fn is_aborted(&mut self, reason: &str) {
        let messages = self.end().await;
        let [abort] = &messages[..] else {
            panic!("not only ABORT: {messages:?}");
        };
        assert_eq!((&abort[0], &abort[2]), (&json!(3), &json!(reason)));
    }

    /// Closes the connection properly.
    pub(crate) async fn leave(mut self) {
        let _ = self.bytes.stream.shutdown().await;
        assert_eq!(self.end().await, Vec::<Value>::new());
    }
}

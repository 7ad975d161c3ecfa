//! A client made of bytes.

use std::io;
use std::net::SocketAddr;

use bytes::{Buf as _, BytesMut};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::frame::{self, Frame, close_code};
use super::soon;

/// The request that RFC 6455 shows, for this path and these subprotocols.
pub(crate) fn request(path: &str, protocols: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\n\
         Host: localhost\r\n\
         Upgrade: websocket\r\n\
         Connection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: {protocols}\r\n\
         Sec-WebSocket-Version: 13\r\n\
         \r\n"
    )
}

/// One end of a connection, in the hands of a test.
pub(crate) struct Client<S = TcpStream> {
    pub(crate) stream: S,
    inbox: BytesMut,
    last_request: u64,
}

/// How the server ended a connection.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct End {
    /// Complete messages before that.
    pub(crate) messages: Vec<Vec<u8>>,
    /// The code of its Close frame, if there was one.
    pub(crate) code: Option<u16>,
}

impl End {
    /// The reason of the ABORT in JSON that came last.
    pub(crate) fn abort(&self) -> Option<String> {
        let message: Value = serde_json::from_slice(self.messages.last()?).ok()?;
        (message[0] == 3).then(|| message[2].as_str().map(ToOwned::to_owned))?
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = soon("a connection", TcpStream::connect(address)).await;
        let stream = stream.expect("the server listens");
        stream.set_nodelay(true).expect("a TCP socket");
        Self::over(stream)
    }

    /// Connected and upgraded.
    pub(crate) async fn upgraded(address: SocketAddr, protocol: &str) -> Self {
        let mut client = Self::connect(address).await;
        client.upgrade(protocol).await;
        client
    }

    /// Connected, upgraded and in a session, in JSON.
    pub(crate) async fn joined(address: SocketAddr) -> Self {
        let mut client = Self::upgraded(address, "wamp.2.json").await;
        client.join().await;
        client
    }

    /// Ends the connection as a crash does: the peer gets RST.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().expect("a TCP socket");
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub(crate) fn over(stream: S) -> Self {
        Self {
            stream,
            inbox: BytesMut::new(),
            last_request: 0,
        }
    }

    /// Bytes as they are. The server may have hung up: that is for the reader to find out.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = soon("writing", self.stream.write_all(bytes.as_ref())).await;
    }

    pub(crate) async fn send_frame(&mut self, frame: &Frame) {
        self.send(frame.bytes()).await;
    }

    pub(crate) async fn send_json(&mut self, message: Value) {
        self.send_frame(&Frame::text(message.to_string())).await;
    }

    pub(crate) async fn upgrade(&mut self, protocol: &str) {
        self.send(request("/", protocol)).await;
        let response = self.response_head().await;
        assert!(response.starts_with("HTTP/1.1 101 "), "{response}");
        assert!(
            response.contains(&format!("sec-websocket-protocol: {protocol}\r\n")),
            "{response}"
        );
    }

    pub(crate) async fn join(&mut self) {
        self.send_json(hello()).await;
        let welcome = self.message().await;
        assert_eq!(welcome[0], 2, "{welcome}");
    }

    /// Calls `procedure` and gives RESULT or ERROR; nothing else may come before it.
    pub(crate) async fn call(&mut self, procedure: &str, args: Value) -> Value {
        self.last_request += 1;
        let request = self.last_request;
        self.send_json(json!([48, request, {}, procedure, args]))
            .await;
        let answer = self.message().await;
        let answered = if answer[0] == 8 {
            &answer[2]
        } else {
            &answer[1]
        };
        assert_eq!(*answered, request, "{answer}");
        answer
    }

    /// The head of a response, with the line and its end.
    pub(crate) async fn response_head(&mut self) -> String {
        loop {
            let end = self.inbox.windows(4).position(|it| it == b"\r\n\r\n");
            if let Some(end) = end {
                let head = self.inbox.split_to(end + 4);
                return String::from_utf8(head.to_vec()).expect("ASCII");
            }
            assert!(self.fill().await, "the server hung up: {:?}", self.inbox);
        }
    }

    /// The next bytes, so many, unless the server closes the connection before.
    pub(crate) async fn exactly(&mut self, len: usize) -> Option<Vec<u8>> {
        while self.inbox.len() < len {
            if !self.fill().await {
                return None;
            }
        }
        Some(self.inbox.split_to(len).to_vec())
    }

    /// Everything until the server closes the connection; what was lost to a reset is not there.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.fill().await {}
        self.inbox.split().to_vec()
    }

    /// The next frame, unless the server has closed the connection.
    pub(crate) async fn next_frame(&mut self) -> Option<Frame> {
        loop {
            if let Some((frame, len)) = Frame::parse(&self.inbox) {
                self.inbox.advance(len);
                return Some(frame);
            }
            if !self.fill().await {
                return None;
            }
        }
    }

    pub(crate) async fn frame(&mut self) -> Frame {
        self.next_frame()
            .await
            .expect("the server has closed the connection")
    }

    /// The next message in JSON.
    pub(crate) async fn message(&mut self) -> Value {
        serde_json::from_slice(&self.frames().await).expect("JSON")
    }

    /// The payload of the next message, put together from its fragments.
    pub(crate) async fn frames(&mut self) -> Vec<u8> {
        let mut message = Vec::new();
        loop {
            let frame = self.frame().await;
            match frame.opcode {
                frame::CONTINUATION | frame::TEXT | frame::BINARY => {
                    message.extend_from_slice(&frame.payload);
                }
                frame::PONG => continue,
                _ => panic!("not a message: {frame:?}"),
            }
            if frame.fin {
                return message;
            }
        }
    }

    /// Reads until the server has closed the connection, answers its Close, and closes too.
    pub(crate) async fn end(&mut self) -> End {
        let mut end = End::default();
        let mut message = Vec::new();
        while let Some(frame) = self.next_frame().await {
            match frame.opcode {
                frame::CLOSE => {
                    assert_eq!(end.code, None, "closed twice");
                    end.code = Some(close_code(&frame.payload).unwrap_or(1005));
                    self.send_frame(&Frame::new(frame::CLOSE, frame.payload))
                        .await;
                }
                _ if end.code.is_some() => panic!("a frame after Close: {frame:?}"),
                frame::CONTINUATION | frame::TEXT | frame::BINARY => {
                    message.extend_from_slice(&frame.payload);
                    if frame.fin {
                        end.messages.push(std::mem::take(&mut message));
                    }
                }
                _ => {}
            }
        }
        // The server's side is closed; this is ours.
        let _ = self.stream.shutdown().await;
        end
    }

    /// Answers a GOODBYE.
    pub(crate) async fn answer_goodbye(&mut self) {
        self.send_json(json!([6, {}, "wamp.close.goodbye_and_out"]))
            .await;
    }

    /// The server closes with this code, and says nothing before.
    pub(crate) async fn is_closed_with(&mut self, code: u16) {
        let end = End {
            messages: vec![],
            code: Some(code),
        };
        assert_eq!(self.end().await, end);
    }

    /// Closes the connection properly.
    pub(crate) async fn leave(mut self) {
        self.send_frame(&Frame::close(1000, "")).await;
        assert_eq!(self.end().await.code, Some(1000));
    }

    /// Reads once; false at the end of the connection.
    async fn fill(&mut self) -> bool {
        match soon(
            "a byte from the server",
            self.stream.read_buf(&mut self.inbox),
        )
        .await
        {
            Ok(read) => read > 0,
            // Over TLS, hanging up without a word is an error of its own.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof
                ) =>
            {
                false
            }
            Err(error) => panic!("reading failed: {error}"),
        }
    }
}

pub(crate) fn hello() -> Value {
    json!([1, "test.realm", {"roles": {"caller": {}, "subscriber": {}, "publisher": {}}}])
}

//! Everything before the first request: connecting, upgrading, greeting. Blocking, since nothing
//! of it is measured.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use super::dialect::Dialect;
use super::frame::{self, MAX_HEAD, ReadBuffer, Receive, Walker};
use super::serializer::Serializer;

/// A connection on which whole messages are sent and awaited.
pub struct Talk {
    stream: TcpStream,
    dialect: Dialect,
    walker: Walker,
    buffer: ReadBuffer,
    inbox: Inbox,
}

impl Talk {
    /// Connects and does what the protocol wants done before the first request.
    pub fn open(address: SocketAddr, dialect: Dialect) -> Result<Self> {
        let stream = TcpStream::connect(address).context("cannot connect")?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut talk = Self {
            stream,
            dialect,
            walker: Walker::default(),
            buffer: ReadBuffer::new(),
            inbox: Inbox::default(),
        };
        talk.upgrade().context("the WebSocket handshake failed")?;
        talk.greet().context("the greeting failed")?;
        Ok(talk)
    }

    /// How messages are written.
    pub fn serializer(&self) -> Serializer {
        self.dialect.serializer()
    }

    /// Sends a message.
    pub fn send(&mut self, payload: &[u8]) -> Result<()> {
        self.send_all(&[payload])
    }

    /// Sends messages in one piece.
    pub fn send_all(&mut self, payloads: &[impl AsRef<[u8]>]) -> Result<()> {
        let opcode = self.serializer().opcode();
        let mut bytes = Vec::new();
        for payload in payloads {
            let payload = payload.as_ref();
            frame::put_header(opcode, payload.len(), &mut bytes);
            bytes.extend_from_slice(payload);
        }
        self.stream.write_all(&bytes).context("cannot send")
    }

    /// Waits for a message.
    pub fn receive(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some(message) = self.inbox.whole.pop_front() {
                return Ok(message);
            }
            self.walker
                .read(&mut self.stream, &mut self.buffer, &mut self.inbox)
                .context("no answer")?;
        }
    }

    /// Ends the talk: the socket, not blocking any more.
    pub fn into_stream(self) -> Result<TcpStream> {
        ensure!(
            self.inbox.whole.is_empty(),
            "the server sent more than was asked for"
        );
        self.stream.set_nonblocking(true)?;
        Ok(self.stream)
    }

    fn upgrade(&mut self) -> Result<()> {
        let (path, subprotocol) = match self.dialect {
            Dialect::Wamp(serializer) => (
                "/",
                format!("Sec-WebSocket-Protocol: {}\r\n", serializer.subprotocol()),
            ),
            Dialect::Echo(_) | Dialect::JsonRpc => ("/", String::new()),
            Dialect::SocketIo => ("/socket.io/?EIO=4&transport=websocket", String::new()),
        };
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{subprotocol}\r\n"
        );
        self.stream.write_all(request.as_bytes())?;

        const END: &[u8] = b"\r\n\r\n";
        let mut response = Vec::new();
        let end = loop {
            if let Some(end) = response.windows(END.len()).position(|part| part == END) {
                break end + END.len();
            }
            ensure!(response.len() < 16 * 1024, "a response without end");
            let mut part = [0; 1024];
            let read = self.stream.read(&mut part)?;
            ensure!(read > 0, "the server closed the connection");
            response.extend_from_slice(&part[..read]);
        };
        let (head, mut rest) = response.split_at(end);
        let head = String::from_utf8_lossy(head);
        if !head.starts_with("HTTP/1.1 101 ") || !head.contains(ACCEPT) {
            bail!("the server answered {head}");
        }
        if !rest.is_empty() {
            self.walker
                .read(&mut rest, &mut self.buffer, &mut self.inbox)?;
        }
        Ok(())
    }

    fn greet(&mut self) -> Result<()> {
        match self.dialect {
            Dialect::Wamp(serializer) => {
                let roles = json!({"caller": {}, "callee": {}, "subscriber": {}, "publisher": {}});
                self.send(&serializer.encode(&json!([1, "realm1", {"roles": roles}]))?)?;
                let welcome = serializer.decode(&self.receive()?)?;
                ensure!(welcome[0] == 2, "no WELCOME but {welcome}");
            }
            Dialect::SocketIo => {
                let open = self.receive()?;
                ensure!(
                    open.starts_with(b"0{"),
                    "no open packet but {}",
                    String::from_utf8_lossy(&open)
                );
                self.send(b"40")?;
                // The answer, and the first ping: Engine.IO sends one at once.
                let (mut connected, mut pinged) = (false, false);
                while !(connected && pinged) {
                    let packet = self.receive()?;
                    match packet.as_slice() {
                        b"2" => pinged = true,
                        [b'4', b'0', ..] => connected = true,
                        _ => bail!("no connect packet but {}", String::from_utf8_lossy(&packet)),
                    }
                }
                self.send(b"3")?;
            }
            Dialect::Echo(_) | Dialect::JsonRpc => {}
        }
        Ok(())
    }
}

/// Messages received and not yet asked for.
#[derive(Default)]
struct Inbox {
    whole: VecDeque<Vec<u8>>,
    part: Vec<u8>,
}

impl Receive for Inbox {
    fn head_len(&self) -> usize {
        MAX_HEAD
    }

    fn begin(&mut self, head: &[u8]) {
        self.part.extend_from_slice(head);
    }

    fn more(&mut self, bytes: &[u8]) {
        self.part.extend_from_slice(bytes);
    }

    fn end(&mut self) {
        self.whole.push_back(std::mem::take(&mut self.part));
    }
}

/// How long a blocking step may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The key of RFC 6455's example, and its answer.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

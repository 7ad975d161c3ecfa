//! A connection that answers whatever it is called for, always the same.

use std::io::{ErrorKind, Write};

use anyhow::{Context, Result, ensure};
use mio::net::TcpStream;
use serde_json::{Value, json};

use super::dialect::Procedure;
use super::frame::{self, MAX_HEAD, More, PONG, ReadBuffer, Receive, Walker};
use super::message::{Answer, Request};
use super::serializer::Serializer;
use super::window::Tally;

/// A connection on which a procedure is registered.
pub struct Callee {
    /// The socket, to be polled.
    pub stream: TcpStream,
    walker: Walker,
    desk: Desk,
}

impl Callee {
    /// A connection that has registered `procedure`, and was not called yet.
    pub fn new(stream: TcpStream, serializer: Serializer, procedure: Procedure) -> Result<Self> {
        let result = Value::Array(vec![procedure.result()]);
        let desk = Desk {
            serializer,
            arguments: Value::Array(procedure.arguments()),
            answer: Request::wamp(serializer, YIELD, &[json!({}), result])?,
            expected: None,
            incoming: Vec::new(),
            outgoing: Vec::new(),
        };
        Ok(Self {
            stream,
            walker: Walker::default(),
            desk,
        })
    }

    /// Answers all invocations that are there, and writes as much as the socket takes.
    pub fn serve(&mut self, buffer: &mut ReadBuffer, tally: &mut Tally) -> Result<()> {
        let mut clerk = Clerk {
            desk: &mut self.desk,
            tally,
        };
        loop {
            match self.walker.read(&mut self.stream, buffer, &mut clerk) {
                Ok(More::Perhaps) => {}
                Ok(More::No) => break,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("while waiting for invocations"),
            }
        }
        for ping in self.walker.pings.drain(..) {
            frame::put_header(PONG, ping.len(), &mut self.desk.outgoing);
            self.desk.outgoing.extend_from_slice(&ping);
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        let outgoing = &mut self.desk.outgoing;
        let mut written = 0;
        while written < outgoing.len() {
            match self.stream.write(&outgoing[written..]) {
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("while sending answers"),
            }
        }
        outgoing.drain(..written);
        Ok(())
    }
}

/// What comes in and what goes out.
struct Desk {
    serializer: Serializer,
    arguments: Value,
    answer: Request,
    /// What every invocation looks like, learned from the first.
    expected: Option<Answer>,
    /// The message that is coming.
    incoming: Vec<u8>,
    /// Frames that are not yet written.
    outgoing: Vec<u8>,
}

impl Desk {
    /// Answers the message that has come, if it is the invocation that it has to be.
    fn handle(&mut self) -> Result<()> {
        let expected = match &self.expected {
            Some(expected) => expected,
            None => self
                .expected
                .insert(learn(self.serializer, &self.arguments, &self.incoming)?),
        };
        let id = expected
            .id(&self.incoming)
            .filter(|(_, rest)| *rest == expected.rest(0));
        let (id, _) = id.context("it differs from the first one")?;
        self.answer.put_head(id, &mut self.outgoing);
        self.outgoing.extend_from_slice(self.answer.tail());
        Ok(())
    }
}

/// Looks at the first invocation in earnest: the others have to equal it but for the id.
fn learn(serializer: Serializer, arguments: &Value, message: &[u8]) -> Result<Answer> {
    let decoded = serializer.decode(message)?;
    ensure!(
        decoded[0] == INVOCATION && decoded[4] == *arguments && decoded[5].is_null(),
        "it is not the invocation that was expected"
    );
    let prefix_len = Request::wamp(serializer, INVOCATION, &[])?.prefix().len();
    let (prefix, after) = message.split_at(prefix_len);
    let (_, rest) = serializer.take_id(after).context("it has no id")?;
    Ok(Answer::new(serializer, prefix, rest))
}

/// Takes invocations to the desk.
struct Clerk<'a> {
    desk: &'a mut Desk,
    tally: &'a mut Tally,
}

impl Receive for Clerk<'_> {
    fn head_len(&self) -> usize {
        MAX_HEAD
    }

    #[inline]
    fn begin(&mut self, head: &[u8]) {
        self.desk.incoming.clear();
        self.desk.incoming.extend_from_slice(head);
    }

    fn more(&mut self, bytes: &[u8]) {
        self.desk.incoming.extend_from_slice(bytes);
    }

    #[inline]
    fn end(&mut self) {
        if let Err(error) = self.desk.handle() {
            let message = &self.desk.incoming;
            let shown = String::from_utf8_lossy(&message[..message.len().min(200)]);
            self.tally.bad(|| format!("a callee got {shown}: {error}"));
        }
    }
}

const INVOCATION: u8 = 68;
const YIELD: u8 = 70;

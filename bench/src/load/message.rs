//! Messages prepared once: all that changes from one to the next is the id.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::frame::{self, MAX_HEAD};
use super::serializer::Serializer;

/// Requests that differ in their id only.
#[derive(Debug)]
pub struct Request {
    serializer: Serializer,
    prefix: Vec<u8>,
    tail: Vec<u8>,
}

impl Request {
    /// What comes before the id, and what after it.
    pub fn new(serializer: Serializer, prefix: Vec<u8>, tail: Vec<u8>) -> Self {
        Self {
            serializer,
            prefix,
            tail,
        }
    }

    /// The WAMP message `[kind, ID, fields...]`.
    pub fn wamp(serializer: Serializer, kind: u8, fields: &[Value]) -> Result<Self> {
        let mut tail = Vec::new();
        for field in fields {
            if serializer == Serializer::Json {
                tail.push(b',');
            }
            tail.extend(serializer.encode(field)?);
        }
        let len = u8::try_from(fields.len() + 2).context("too many fields")?;
        let mut prefix = match serializer {
            Serializer::Json => vec![b'['],
            Serializer::MsgPack => vec![0x90 | len],
            Serializer::Cbor => vec![0x80 | len],
        };
        prefix.extend(serializer.encode(&kind)?);
        if serializer == Serializer::Json {
            prefix.push(b',');
            tail.push(b']');
        }
        Ok(Self {
            serializer,
            prefix,
            tail,
        })
    }

    /// The CALL of a procedure.
    pub fn call(serializer: Serializer, uri: &str, arguments: Vec<Value>) -> Result<Self> {
        Self::wamp(
            serializer,
            48,
            &[json!({}), json!(uri), Value::Array(arguments)],
        )
    }

    /// What comes before the id.
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// What comes after the id.
    pub fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// The message without a frame.
    pub fn payload(&self, id: u64) -> Vec<u8> {
        [&self.prefix, self.serializer.id(id).as_bytes(), &self.tail].concat()
    }

    /// Appends the frame up to and with the id; [`tail`](Self::tail) is to follow.
    #[inline]
    pub fn put_head(&self, id: u64, out: &mut Vec<u8>) {
        let id = self.serializer.id(id);
        let len = self.prefix.len() + id.as_bytes().len() + self.tail.len();
        frame::put_header(self.serializer.opcode(), len, out);
        out.extend_from_slice(&self.prefix);
        out.extend_from_slice(id.as_bytes());
    }
}

/// Answers that differ in their id only, or are of a few kinds.
#[derive(Debug)]
pub struct Answer {
    serializer: Serializer,
    prefix: Vec<u8>,
    /// What comes after the id, for each kind.
    rests: Vec<Vec<u8>>,
}

impl Answer {
    /// What comes before the id, and what after it.
    pub fn new(serializer: Serializer, prefix: &[u8], rest: &[u8]) -> Self {
        Self {
            serializer,
            prefix: prefix.to_vec(),
            rests: vec![rest.to_vec()],
        }
    }

    /// Takes the kinds of another one that begins alike.
    pub fn or(&mut self, other: Self) {
        for rest in other.rests {
            if !self.rests.contains(&rest) {
                self.rests.push(rest);
            }
        }
    }

    /// Bytes that tell of which kind an answer is, and hold the longest id.
    pub fn head_len(&self) -> usize {
        match self.rests.len() {
            1 => self.prefix.len() + 16,
            _ => MAX_HEAD,
        }
    }

    /// The id, and what follows it in `head`. `None` if this is another kind of message.
    #[inline]
    pub fn id<'a>(&self, head: &'a [u8]) -> Option<(u64, &'a [u8])> {
        self.serializer
            .take_id(head.strip_prefix(self.prefix.as_slice())?)
    }

    /// The kind of which an answer can be that goes on like this after the id.
    #[inline]
    pub fn kind(&self, begin: &[u8]) -> Option<usize> {
        self.rests.iter().position(|rest| rest.starts_with(begin))
    }

    /// What comes after the id in this kind.
    pub fn rest(&self, kind: usize) -> &[u8] {
        &self.rests[kind]
    }
}

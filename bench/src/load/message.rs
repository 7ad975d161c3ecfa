//! Messages prepared once: all that changes from one to the next is the id.

use anyhow::{Context, Result};
use serde_json::Value;

use super::frame;
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

/// Answers that differ in their id only.
#[derive(Debug)]
pub struct Answer {
    serializer: Serializer,
    prefix: Vec<u8>,
    rest: Vec<u8>,
}

impl Answer {
    /// What comes before the id, and what after it.
    pub fn new(serializer: Serializer, prefix: &[u8], rest: &[u8]) -> Self {
        Self {
            serializer,
            prefix: prefix.to_vec(),
            rest: rest.to_vec(),
        }
    }

    /// Bytes that hold the longest id together with what precedes it.
    pub fn head_len(&self) -> usize {
        self.prefix.len() + 16
    }

    /// The id, and what follows it in `head`. `None` if this is another kind of message.
    #[inline]
    pub fn id<'a>(&self, head: &'a [u8]) -> Option<(u64, &'a [u8])> {
        self.serializer
            .take_id(head.strip_prefix(self.prefix.as_slice())?)
    }

    /// What comes after the id.
    pub fn rest(&self) -> &[u8] {
        &self.rest
    }
}

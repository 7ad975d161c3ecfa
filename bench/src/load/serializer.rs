//! WAMP's serializers: values, and the request ids that are patched into prepared messages.

use anyhow::Result;
use serde::Serialize;
use serde_json::Value;

use super::frame::{BINARY, TEXT};

/// How WAMP messages are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Serializer {
    /// `wamp.2.json`
    Json,
    /// `wamp.2.msgpack`
    MsgPack,
    /// `wamp.2.cbor`
    Cbor,
}

impl Serializer {
    /// The WebSocket subprotocol.
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::Json => "wamp.2.json",
            Self::MsgPack => "wamp.2.msgpack",
            Self::Cbor => "wamp.2.cbor",
        }
    }

    /// Text or binary.
    pub fn opcode(self) -> u8 {
        match self {
            Self::Json => TEXT,
            Self::MsgPack | Self::Cbor => BINARY,
        }
    }

    /// The bytes of a value.
    pub fn encode(self, value: &impl Serialize) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Json => serde_json::to_vec(value)?,
            Self::MsgPack => rmp_serde::to_vec(value)?,
            Self::Cbor => {
                let mut bytes = Vec::new();
                ciborium::into_writer(value, &mut bytes)?;
                bytes
            }
        })
    }

    /// The value of bytes.
    pub fn decode(self, bytes: &[u8]) -> Result<Value> {
        Ok(match self {
            Self::Json => serde_json::from_slice(bytes)?,
            Self::MsgPack => rmp_serde::from_slice(bytes)?,
            Self::Cbor => ciborium::from_reader(bytes)?,
        })
    }

    /// A request id as it is written, as short as it gets.
    #[inline]
    pub fn id(self, id: u64) -> Id {
        let mut bytes = [0; 20];
        let (short, markers) = match self {
            Self::Json => {
                let mut buffer = itoa::Buffer::new();
                let digits = buffer.format(id).as_bytes();
                bytes[..digits.len()].copy_from_slice(digits);
                return Id {
                    bytes,
                    len: digits.len(),
                };
            }
            Self::MsgPack => (0x80, [0xcc, 0xcd, 0xce, 0xcf]),
            Self::Cbor => (0x18, [0x18, 0x19, 0x1a, 0x1b]),
        };
        let be = id.to_be_bytes();
        let (marker, width) = match id {
            _ if id < short => (be[7], 0),
            0..0x100 => (markers[0], 1),
            0x100..0x1_0000 => (markers[1], 2),
            0x1_0000..0x1_0000_0000 => (markers[2], 4),
            _ => (markers[3], 8),
        };
        bytes[0] = marker;
        bytes[1..=width].copy_from_slice(&be[8 - width..]);
        Id {
            bytes,
            len: width + 1,
        }
    }

    /// Takes a request id off the front of `bytes`.
    #[inline]
    pub fn take_id(self, bytes: &[u8]) -> Option<(u64, &[u8])> {
        if self == Self::Json {
            let digits = bytes
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            let (digits, rest) = bytes.split_at(digits);
            if digits.is_empty() || digits.len() > 16 {
                return None;
            }
            let id = digits
                .iter()
                .fold(0, |id, digit| id * 10 + u64::from(digit - b'0'));
            return Some((id, rest));
        }
        let (&marker, rest) = bytes.split_first()?;
        let width = match (self, marker) {
            (Self::MsgPack, 0..0x80) | (Self::Cbor, 0..0x18) => {
                return Some((u64::from(marker), rest));
            }
            (Self::MsgPack, 0xcc) | (Self::Cbor, 0x18) => 1,
            (Self::MsgPack, 0xcd) | (Self::Cbor, 0x19) => 2,
            (Self::MsgPack, 0xce) | (Self::Cbor, 0x1a) => 4,
            (Self::MsgPack, 0xcf) | (Self::Cbor, 0x1b) => 8,
            _ => return None,
        };
        let (id, rest) = rest.split_at_checked(width)?;
        Some((
            id.iter().fold(0, |id, &byte| id << 8 | u64::from(byte)),
            rest,
        ))
    }
}

/// A written request id.
#[derive(Clone, Copy, Debug)]
pub struct Id {
    bytes: [u8; 20],
    len: usize,
}

impl Id {
    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

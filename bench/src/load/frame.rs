//! WebSocket frames from the client's side: writes masked ones, walks over unmasked ones.
//!
//! The mask key is 0, which RFC 6455 allows and which makes masking a no-op; the server cannot
//! know and unmasks all the same.

use std::io::{self, Read};

use anyhow::{Result, bail};

/// Opcode of a text message.
pub const TEXT: u8 = 1;
/// Opcode of a binary message.
pub const BINARY: u8 = 2;
const CONTINUATION: u8 = 0;
const CLOSE: u8 = 8;
const PING: u8 = 9;
/// Opcode of the answer to a ping.
pub const PONG: u8 = 10;

/// Appends the header of a frame with `payload_len` bytes.
pub fn put_header(opcode: u8, payload_len: usize, out: &mut Vec<u8>) {
    const FIN: u8 = 0x80;
    const MASKED: u8 = 0x80;
    const KEY: [u8; 4] = [0; 4];
    out.push(FIN | opcode);
    if let Ok(short) = u8::try_from(payload_len)
        && short < 126
    {
        out.push(MASKED | short);
    } else if let Ok(medium) = u16::try_from(payload_len) {
        out.push(MASKED | 126);
        out.extend_from_slice(&medium.to_be_bytes());
    } else {
        out.push(MASKED | 127);
        out.extend_from_slice(&(payload_len as u64).to_be_bytes());
    }
    out.extend_from_slice(&KEY);
}

/// What the server sent, piece by piece.
pub trait Receive {
    /// The first bytes of a message (all of it if it is shorter) come in one piece of this length.
    /// [`MAX_HEAD`] at most.
    fn head_len(&self) -> usize;

    /// A message begins with `head`.
    fn begin(&mut self, head: &[u8]);

    /// The message goes on. Only called for messages longer than [`head_len`](Self::head_len).
    fn more(&mut self, bytes: &[u8]);

    /// The message ended.
    fn end(&mut self);
}

/// Where a connection is in the stream of frames it reads.
#[derive(Debug, Default)]
pub struct Walker {
    /// The beginning of a frame that has not come whole.
    carry: Vec<u8>,
    /// Payload bytes to come of the frame that has begun.
    remaining: usize,
    /// The message goes on in another frame after that one.
    goes_on: bool,
    /// Payloads of pings to answer.
    pub pings: Vec<Vec<u8>>,
}

impl Walker {
    /// Reads once and hands what came to `receiver`.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is nothing to read, `UnexpectedEof` if the server went away,
    /// `InvalidData` if it does not send WebSocket frames.
    pub fn read(
        &mut self,
        source: &mut impl Read,
        buffer: &mut ReadBuffer,
        receiver: &mut impl Receive,
    ) -> io::Result<More> {
        let (read, bytes) = buffer.read(source, &self.carry)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.carry.clear();
        let left = self
            .walk(bytes, receiver)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.carry.extend_from_slice(left);
        Ok(if read == ReadBuffer::READ {
            More::Perhaps
        } else {
            More::No
        })
    }

    /// Hands `bytes` to `receiver` and returns those that are the beginning of a frame only.
    fn walk<'a>(&mut self, mut bytes: &'a [u8], receiver: &mut impl Receive) -> Result<&'a [u8]> {
        loop {
            if self.remaining > 0 {
                let (now, later) = bytes.split_at(self.remaining.min(bytes.len()));
                if now.is_empty() {
                    return Ok(later);
                }
                receiver.more(now);
                self.remaining -= now.len();
                if self.remaining == 0 && !self.goes_on {
                    receiver.end();
                }
                bytes = later;
                continue;
            }
            let Some(Header {
                last,
                opcode,
                len,
                payload,
            }) = header(bytes)?
            else {
                return Ok(bytes);
            };
            let head_len = if opcode < CLOSE {
                len.min(receiver.head_len())
            } else {
                len
            };
            let Some((head, later)) = payload.split_at_checked(head_len) else {
                return Ok(bytes);
            };
            bytes = later;
            match opcode {
                TEXT | BINARY | CONTINUATION => {
                    if opcode == CONTINUATION {
                        receiver.more(head);
                    } else {
                        receiver.begin(head);
                    }
                    self.remaining = len - head_len;
                    self.goes_on = !last;
                    if self.remaining == 0 && last {
                        receiver.end();
                    }
                }
                PING => self.pings.push(head.to_vec()),
                PONG => {}
                CLOSE => bail!(
                    "the server closes the connection: {}",
                    String::from_utf8_lossy(head)
                ),
                _ => bail!("a frame with opcode {opcode}"),
            }
        }
    }
}

/// Whether a read left something unread.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum More {
    /// The buffer was filled.
    Perhaps,
    /// The buffer was not filled, so the socket is empty.
    No,
}

/// The header of a frame.
struct Header<'a> {
    last: bool,
    opcode: u8,
    len: usize,
    /// All that follows the header.
    payload: &'a [u8],
}

/// `None` if the header is not whole.
fn header(bytes: &[u8]) -> Result<Option<Header<'_>>> {
    let Some((&[first, second], rest)) = bytes.split_first_chunk() else {
        return Ok(None);
    };
    if second & 0x80 != 0 {
        bail!("a masked frame from a server");
    }
    let (len, rest) = match second {
        126 => match rest.split_first_chunk() {
            Some((len, rest)) => (usize::from(u16::from_be_bytes(*len)), rest),
            None => return Ok(None),
        },
        127 => match rest.split_first_chunk() {
            Some((len, rest)) => (usize::try_from(u64::from_be_bytes(*len))?, rest),
            None => return Ok(None),
        },
        short => (usize::from(short), rest),
    };
    let opcode = first & 0x0f;
    if opcode >= CLOSE && len > 125 {
        bail!("a control frame of {len} bytes");
    }
    Ok(Some(Header {
        last: first & 0x80 != 0,
        opcode,
        len,
        payload: rest,
    }))
}

/// Longest head a [`Receive`] may ask for.
pub const MAX_HEAD: usize = 1024;

/// One buffer for all connections: what is read into it is looked at before the next read.
#[derive(Debug)]
pub struct ReadBuffer(Box<[u8]>);

impl ReadBuffer {
    /// Bytes read at most by one read.
    const READ: usize = 128 * 1024;
    /// Room in front of them for the beginning of a frame, left over by the read before.
    const CARRY: usize = MAX_HEAD + 16;

    /// An empty buffer.
    pub fn new() -> Self {
        Self(vec![0; Self::CARRY + Self::READ].into_boxed_slice())
    }

    /// How much was read, and `carry` followed by what was read.
    fn read(&mut self, source: &mut impl Read, carry: &[u8]) -> io::Result<(usize, &[u8])> {
        let start = Self::CARRY - carry.len();
        self.0[start..Self::CARRY].copy_from_slice(carry);
        let read = source.read(&mut self.0[Self::CARRY..])?;
        Ok((read, &self.0[start..Self::CARRY + read]))
    }
}

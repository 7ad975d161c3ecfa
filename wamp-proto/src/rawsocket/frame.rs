//! Frames: what stands before each message.
//!
//! ```text
//! 0000 XTTT  LLLL LLLL  LLLL LLLL  LLLL LLLL
//! ```

use bytes::{Bytes, BytesMut};

use super::RawSocketError;

/// The length that needs the bit `X`.
const LONGEST: usize = 1 << 24;
/// The 25th bit of the length.
const EXTRA: u8 = 0b1000;

/// What follows a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever speaks the protocol has to treat each of them"
)]
pub enum FrameKind {
    /// 0: a message.
    Message,
    /// 1: anything, to be sent back in a PONG at once.
    Ping,
    /// 2: what came in a PING.
    Pong,
}

/// The four octets before a payload: what it is, and how many bytes.
///
/// The WAMP specification, "RawSocket Transport", "Framing".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    kind: FrameKind,
    len: usize,
}

impl FrameHeader {
    /// Bytes of a header.
    pub const SIZE: usize = 4;

    /// The header of a payload of `len` bytes.
    ///
    /// # Errors
    ///
    /// If it is longer than 2^24 bytes.
    pub const fn new(kind: FrameKind, len: usize) -> Result<Self, RawSocketError> {
        if len > LONGEST {
            return Err(RawSocketError::Unframeable(len));
        }
        Ok(Self { kind, len })
    }

    /// What a peer has sent. Whether it may be that long is not checked here.
    ///
    /// # Errors
    ///
    /// If it is not a header.
    pub const fn parse(octets: [u8; Self::SIZE]) -> Result<Self, RawSocketError> {
        let [first, a, b, c] = octets;
        if first & 0xf0 != 0 {
            return Err(RawSocketError::ReservedBits(first >> 4));
        }
        let kind = match first & 0b111 {
            0 => FrameKind::Message,
            1 => FrameKind::Ping,
            2 => FrameKind::Pong,
            other => return Err(RawSocketError::UnknownFrame(other)),
        };
        let low = u32::from_be_bytes([0, a, b, c]) as usize;
        let len = match (first & EXTRA, low) {
            (0, low) => low,
            (_, 0) => LONGEST,
            _ => return Err(RawSocketError::TooLong),
        };
        Ok(Self { kind, len })
    }

    /// What is sent.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a header is never made for more than 25 bits"
    )]
    pub const fn octets(self) -> [u8; Self::SIZE] {
        let kind = match self.kind {
            FrameKind::Message => 0,
            FrameKind::Ping => 1,
            FrameKind::Pong => 2,
        };
        let [extra, a, b, c] = (self.len as u32).to_be_bytes();
        // The 25th bit is the lowest of its octet; on the wire it stands above the type.
        [extra << 3 | kind, a, b, c]
    }

    /// What follows.
    #[must_use]
    pub const fn kind(self) -> FrameKind {
        self.kind
    }

    /// How many bytes follow.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "the length is that of what follows"
    )]
    pub const fn len(self) -> usize {
        self.len
    }
}

/// Takes the first frame off what has arrived; `None` if it is not complete. One that is going to be longer than `limit` is found out by its
/// header.
///
/// ```
/// use bytes::BytesMut;
/// use wamp_proto::rawsocket::{FrameKind, take_frame};
///
/// let mut arrived = BytesMut::from(&b"\x00\x00\x00\x03[6]\x01\x00"[..]);
/// let (kind, payload) = take_frame(&mut arrived, 512)?.expect("a frame");
/// assert_eq!((kind, &payload[..]), (FrameKind::Message, &b"[6]"[..]));
/// assert_eq!(take_frame(&mut arrived, 512)?, None);
/// # Ok::<(), wamp_proto::rawsocket::RawSocketError>(())
/// ```
///
/// # Errors
///
/// If there is no header where it should be, or the frame is longer than `limit`.
pub fn take_frame(
    arrived: &mut BytesMut,
    limit: usize,
) -> Result<Option<(FrameKind, Bytes)>, RawSocketError> {
    let Some(octets) = arrived.first_chunk() else {
        return Ok(None);
    };
    let header = FrameHeader::parse(*octets)?;
    if header.len() > limit {
        return Err(RawSocketError::OverLimit { limit });
    }
    let end = FrameHeader::SIZE + header.len();
    if arrived.len() < end {
        return Ok(None);
    }
    let frame = arrived.split_to(end).freeze();
    Ok(Some((header.kind(), frame.slice(FrameHeader::SIZE..))))
}

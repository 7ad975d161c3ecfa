//! The handshake: four octets from the client, four from the router.
//!
//! ```text
//! 0111 1111  LLLL SSSS  0000 0000  0000 0000   a request, or a reply that accepts it
//! 0111 1111  EEEE 0000  0000 0000  0000 0000   a reply that refuses it
//! ```

use std::fmt;

use super::{MAGIC, MaxLength, RawSocketError};
use crate::codec::Format;

/// What one side says of itself: which serializer is spoken, and how long the messages may be that it receives.
///
/// The WAMP specification, "Handshake: Client-to-Router Request" and "Handshake: Router-to-Client Reply".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "four octets have no room for more"
)]
pub struct Handshake {
    /// What messages are written in; the client asks for it, the router repeats it.
    pub format: Format,
    /// The longest message that whoever says this receives.
    pub max_length: MaxLength,
}

impl Handshake {
    /// A request, or a reply that accepts one.
    #[must_use]
    pub const fn new(format: Format, max_length: MaxLength) -> Self {
        Self { format, max_length }
    }

    /// What is sent.
    ///
    /// # Errors
    ///
    /// If the format has no number.
    pub fn octets(&self) -> Result<[u8; 4], RawSocketError> {
        let number = number(self.format)?;
        Ok([MAGIC, self.max_length.to_octet() | number, 0, 0])
    }

    /// What a client asks for.
    ///
    /// # Errors
    ///
    /// If it is not a request, or not one that can be accepted; [`RawSocketError::refusal`] is the answer.
    pub fn parse_request(octets: [u8; 4]) -> Result<Self, RawSocketError> {
        let second = second(octets)?;
        Ok(Self {
            format: format(second & 0x0f)?,
            max_length: MaxLength::from_octet(second),
        })
    }

    /// The longest message that the router receives, if its reply accepts this request.
    ///
    /// # Errors
    ///
    /// If it refuses it, or is not an answer to it.
    pub fn parse_reply(&self, octets: [u8; 4]) -> Result<MaxLength, RawSocketError> {
        let second = second(octets)?;
        let answered = second & 0x0f;
        if answered == 0 {
            let code = second >> 4;
            return Err(Refusal::from_code(code).map_or(
                RawSocketError::RefusedOtherwise(code),
                RawSocketError::Refused,
            ));
        }
        let asked = number(self.format)?;
        if answered != asked {
            return Err(RawSocketError::WrongSerializer { asked, answered });
        }
        Ok(MaxLength::from_octet(second))
    }
}

/// The octet that says something.
fn second(octets: [u8; 4]) -> Result<u8, RawSocketError> {
    let [magic, second, reserved @ ..] = octets;
    if magic != MAGIC {
        return Err(RawSocketError::NotRawSocket(magic));
    }
    match u16::from_be_bytes(reserved) {
        0 => Ok(second),
        set => Err(RawSocketError::ReservedOctets(set)),
    }
}

fn number(format: Format) -> Result<u8, RawSocketError> {
    match format {
        Format::Json => Ok(1),
        Format::MsgPack => Ok(2),
        Format::Cbor => Ok(3),
        Format::Custom(serializer) => Err(RawSocketError::UnnumberedSerializer(serializer.name())),
    }
}

fn format(number: u8) -> Result<Format, RawSocketError> {
    match number {
        1 => Ok(Format::Json),
        2 => Ok(Format::MsgPack),
        3 => Ok(Format::Cbor),
        other => Err(RawSocketError::UnknownSerializer(other)),
    }
}

/// Why a router does not let a client in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// 1: the serializer is not spoken.
    SerializerUnsupported,
    /// 2: the longest message that the client receives is too short.
    LengthUnacceptable,
    /// 3: bits are set that have no meaning yet.
    ReservedBits,
    /// 4: there are too many connections.
    TooManyConnections,
}

impl Refusal {
    const ALL: [Self; 4] = [
        Self::SerializerUnsupported,
        Self::LengthUnacceptable,
        Self::ReservedBits,
        Self::TooManyConnections,
    ];

    /// Its number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::SerializerUnsupported => 1,
            Self::LengthUnacceptable => 2,
            Self::ReservedBits => 3,
            Self::TooManyConnections => 4,
        }
    }

    /// The reply that says so.
    #[must_use]
    pub const fn octets(self) -> [u8; 4] {
        [MAGIC, self.code() << 4, 0, 0]
    }

    fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SerializerUnsupported => "the serializer is not supported",
            Self::LengthUnacceptable => "the maximum length of messages is not acceptable",
            Self::ReservedBits => "reserved bits are set",
            Self::TooManyConnections => "there are too many connections",
        })
    }
}

//! What can be wrong.

use thiserror::Error;

use super::handshake::Refusal;

/// What is wrong with a handshake or a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RawSocketError {
    /// The first octet of a handshake is not [`MAGIC`](super::MAGIC): it is another protocol.
    #[error("the first octet is {0:#04x}, not that of RawSocket")]
    NotRawSocket(u8),
    /// The peer asks for a serializer that is none of ours.
    #[error("there is no serializer number {0}")]
    UnknownSerializer(u8),
    /// The third or fourth octet of a handshake is not zero.
    #[error("reserved bits of the handshake are set: {0:#06x}")]
    ReservedOctets(u16),
    /// The router does not let the client in.
    #[error("the handshake is refused: {0}")]
    Refused(Refusal),
    /// The router does not let the client in, for a reason that the specification does not know.
    #[error("the handshake is refused for the unknown reason {0}")]
    RefusedOtherwise(u8),
    /// The router answers with another serializer than it was asked for.
    #[error("serializer {asked} was asked for, but {answered} is answered")]
    WrongSerializer {
        /// The number of the one asked for.
        asked: u8,
        /// The number of the other.
        answered: u8,
    },
    /// The format is one of the application's own, which has no number.
    #[error("the serializer `{0}` has no number")]
    UnnumberedSerializer(&'static str),
    /// The upper four bits of a frame are not zero.
    #[error("reserved bits of a frame are set: {0:#06b}")]
    ReservedBits(u8),
    /// A frame that is neither message nor PING nor PONG.
    #[error("there is no frame of type {0}")]
    UnknownFrame(u8),
    /// The bit that says 2^24 is set, and the length is not zero.
    #[error("the length of a frame is more than 2^24")]
    TooLong,
    /// A frame that is longer than the receiver takes.
    #[error("a frame is over the limit of {limit} bytes")]
    OverLimit {
        /// Bytes.
        limit: usize,
    },
    /// A message to be sent that is longer than 2^24 bytes.
    #[error("a message of {0} bytes does not fit into a frame")]
    Unframeable(usize),
}

impl RawSocketError {
    /// What a router answers to such a request; `None` if that is not a RawSocket request at all.
    #[must_use]
    pub const fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::UnknownSerializer(_) => Some(Refusal::SerializerUnsupported),
            Self::ReservedOctets(_) => Some(Refusal::ReservedBits),
            _ => None,
        }
    }
}

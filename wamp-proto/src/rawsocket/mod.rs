//! RawSocket: messages over a bare stream of bytes, each with its length before it.
//!
//! The WAMP specification, "RawSocket Transport". All numbers are big-endian.
//!
//! - [`Handshake`]: four octets each way, which agree on a serializer and on how long messages may be. [`Refusal`]: the answer to those
//!   who are not let in.
//! - [`FrameHeader`]: four octets before each message, PING and PONG. [`take_frame`]: one off a stream.
//! - [`RawSocketError`]: what can be wrong with either.
//!
//! ```
//! use wamp_proto::codec::Format;
//! use wamp_proto::rawsocket::{FrameHeader, FrameKind, Handshake, MaxLength};
//!
//! // A client that speaks JSON and takes messages of up to 64 KiB…
//! let asked = Handshake::new(Format::Json, MaxLength::at_most(64 * 1024).expect("512 and more"));
//! let request = asked.octets()?;
//! assert_eq!(request, [0x7f, 0x71, 0, 0]);
//!
//! // …and a router that takes up to 16 MiB.
//! let received = Handshake::parse_request(request)?;
//! let reply = Handshake::new(received.format, MaxLength::MAX).octets()?;
//! assert_eq!(asked.parse_reply(reply)?, MaxLength::MAX);
//!
//! let message = br#"[1,"realm1",{"roles":{"caller":{}}}]"#;
//! let header = FrameHeader::new(FrameKind::Message, message.len())?.octets();
//! assert_eq!(header, [0, 0, 0, 36]);
//! assert_eq!(FrameHeader::parse(header)?.len(), 36);
//! # Ok::<(), wamp_proto::rawsocket::RawSocketError>(())
//! ```

mod error;
mod frame;
mod handshake;
mod length;

pub use error::RawSocketError;
pub use frame::{FrameHeader, FrameKind, take_frame};
pub use handshake::{Handshake, Refusal};
pub use length::MaxLength;

/// The first octet of every handshake. No HTTP request can begin with it, so both can be served on one port.
pub const MAGIC: u8 = 0x7f;

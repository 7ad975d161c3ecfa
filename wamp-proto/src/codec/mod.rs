//! Serializers: how values stand in bytes.
//!
//! Each format is a [`Read`] that turns bytes into [`Token`]s and a [`Write`] that does the opposite. Everything else is written
//! once on top of them: serde's traits, skipping, splitting, transcoding.
//!
//! # Layout
//!
//! - `token`: what a value is made of. `read`, `write`: the two traits, and the enums [`Reader`] and [`Writer`] over all formats.
//! - `format`: which formats there are, and how to bring your own.
//! - `json`, `msgpack`, `cbor`: one reader and one writer each.
//! - `de`, `ser`: serde on top of them. `transcode`: from one format to another without a tree in between.
//!
//! # Example
//!
//! ```
//! use bytes::BytesMut;
//! use wamp_proto::codec::{Format, from_slice, to_bytes, transcode};
//!
//! let mut json = BytesMut::new();
//! to_bytes(Format::Json, &(1, "two"), &mut json)?;
//! assert_eq!(&json[..], br#"[1,"two"]"#);
//!
//! let mut msgpack = BytesMut::new();
//! transcode(Format::Json, &json, Format::MsgPack, &mut msgpack)?;
//! assert_eq!(&msgpack[..], b"\x92\x01\xa3two");
//!
//! let (number, text): (i64, &str) = from_slice(Format::MsgPack, &msgpack)?;
//! assert_eq!((number, text), (1, "two"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod big_int;
mod binary;
mod cbor;
mod cursor;
mod de;
mod error;
mod format;
mod header;
mod json;
mod msgpack;
mod nesting;
mod read;
mod ser;
mod token;
mod transcode;
mod write;

pub use cbor::{CborReader, CborWriter};
pub(crate) use de::{ValueDeserializer, lasting_from_slice};
pub use de::{from_slice, from_slice_at_path};
pub use error::{DecodeError, EncodeError, PathError, TranscodeError};
pub use format::{Format, Place, Serializer};
pub(crate) use json::{JsonParts, plain_len, value_in_list};
pub use json::{JsonReader, JsonWriter};
pub use msgpack::{MsgPackReader, MsgPackWriter};
pub use nesting::MAX_DEPTH;
pub use read::{Read, Reader};
pub use ser::to_bytes;
pub(crate) use ser::{Compound, KeySerializer, ValueSerializer};
pub use token::Token;
pub use transcode::transcode;
pub(crate) use transcode::transcode_own;
pub use write::{Write, Writer};

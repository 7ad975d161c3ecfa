//! Which formats there are.

use std::fmt;

use bytes::BytesMut;

use super::{
    CborReader, CborWriter, JsonReader, JsonWriter, MsgPackReader, MsgPackWriter, Read, Reader,
    Write, Writer,
};

/// A format that messages are written in.
#[derive(Clone, Copy, Debug, Default)]
pub enum Format {
    /// JSON, with WAMP's convention for binary data.
    #[default]
    Json,
    /// MessagePack.
    MsgPack,
    /// CBOR.
    Cbor,
    /// A format of your own.
    Custom(&'static dyn Serializer),
}

/// A format of your own.
///
/// It is offered as the subprotocol `wamp.2.` + [`name`](Serializer::name), and works wherever the built-in ones do.
pub trait Serializer: fmt::Debug + Send + Sync + 'static {
    /// Its name, as in subprotocols; also what makes two formats the same one.
    fn name(&self) -> &'static str;

    /// Whether it travels in binary frames.
    fn is_binary(&self) -> bool;

    /// Reads one value. The reader must keep the promises of [`Read`], the depth limit among them.
    fn reader<'de>(&self, input: &'de [u8]) -> Box<dyn Read<'de> + 'de>;

    /// Appends one value, or elements, at `place`.
    fn writer<'w>(&self, out: &'w mut BytesMut, place: Place) -> Box<dyn Write + 'w>;
}

/// Where a writer starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// With a value that stands for itself.
    Value,
    /// Inside of a list that has no elements yet, and whose beginning need not be in the buffer: any number of elements. What counts is
    /// that they are one level deeper.
    ListStart,
    /// Inside of a list with at least one element, whose beginning is in the buffer already: any number of elements, each with the
    /// separator that it needs. The list stays open.
    ListTail,
}

impl Format {
    /// The name in subprotocols: `json`, `msgpack`, `cbor`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::MsgPack => "msgpack",
            Self::Cbor => "cbor",
            Self::Custom(serializer) => serializer.name(),
        }
    }

    /// Whether it travels in binary frames.
    #[must_use]
    pub fn is_binary(self) -> bool {
        match self {
            Self::Json => false,
            Self::MsgPack | Self::Cbor => true,
            Self::Custom(serializer) => serializer.is_binary(),
        }
    }

    /// Reads one value.
    #[must_use]
    #[inline]
    pub fn reader(self, input: &[u8]) -> Reader<'_> {
        match self {
            Self::Json => Reader::Json(JsonReader::new(input)),
            Self::MsgPack => Reader::MsgPack(MsgPackReader::new(input)),
            Self::Cbor => Reader::Cbor(CborReader::new(input)),
            Self::Custom(serializer) => Reader::Custom(serializer.reader(input)),
        }
    }

    /// Appends one value.
    #[must_use]
    #[inline]
    pub fn writer(self, out: &mut BytesMut) -> Writer<'_> {
        self.writer_at(out, Place::Value)
    }

    /// Appends one value, or more elements of an open list.
    #[must_use]
    #[inline]
    pub fn writer_at(self, out: &mut BytesMut, place: Place) -> Writer<'_> {
        match self {
            Self::Json => Writer::Json(JsonWriter::new(out, place)),
            Self::MsgPack => Writer::MsgPack(MsgPackWriter::new(out, place)),
            Self::Cbor => Writer::Cbor(CborWriter::new(out, place)),
            Self::Custom(serializer) => Writer::Custom(serializer.writer(out, place)),
        }
    }

    /// Whether maps can have only text as keys, and binary data has to be written as text.
    pub(crate) const fn is_json(self) -> bool {
        matches!(self, Self::Json)
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Json, Self::Json)
            | (Self::MsgPack, Self::MsgPack)
            | (Self::Cbor, Self::Cbor) => true,
            (Self::Custom(one), Self::Custom(other)) => one.name() == other.name(),
            _ => false,
        }
    }
}

impl Eq for Format {}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

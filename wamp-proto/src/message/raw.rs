use std::fmt;
use std::slice;

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use serde::{Deserialize, Serialize};

use super::encode::{Encoded, Encoder};
use crate::codec::{DecodeError, EncodeError, Format, from_slice, to_bytes};

/// One value as it stands in a message: not decoded, passed on as it is or transcoded.
///
/// ```
/// use wamp_proto::codec::Format;
/// use wamp_proto::message::Raw;
///
/// let raw = Raw::new(Format::Json, &["a", "b"])?;
/// assert_eq!(&raw.bytes()[..], br#"["a","b"]"#);
/// assert_eq!(raw.decode::<Vec<String>>()?, ["a", "b"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Raw {
    format: Format,
    bytes: Bytes,
}

impl Raw {
    /// Encodes a value.
    ///
    /// # Errors
    ///
    /// If the value cannot be written in this format.
    pub fn new<T: Serialize + ?Sized>(format: Format, value: &T) -> Result<Self, EncodeError> {
        let mut bytes = BytesMut::new();
        to_bytes(format, value, &mut bytes)?;
        Ok(Self {
            format,
            bytes: bytes.freeze(),
        })
    }

    /// Takes bytes for what they are said to be. They are trusted: malformed ones make malformed messages.
    pub fn from_encoded(format: Format, bytes: Bytes) -> Self {
        Self { format, bytes }
    }

    /// The format of the bytes.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The encoded value.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Decodes the value.
    ///
    /// # Errors
    ///
    /// If the value is of another type.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        from_slice(self.format, &self.bytes)
    }

    pub(crate) fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.raw(self.format, &self.bytes)
    }
}

impl fmt::Debug for Raw {
    /// Never prints the value: it may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({}, {} bytes)", self.format.name(), self.bytes.len())
    }
}

/// Entries of a dictionary that this library does not know, in their order.
///
/// ```
/// use wamp_proto::codec::Format;
/// use wamp_proto::message::{Raw, Unknown};
///
/// let mut unknown = Unknown::default();
/// unknown.push("_tracing_id".into(), Raw::new(Format::Json, "4711")?);
/// assert_eq!(unknown.get("_tracing_id").unwrap().decode::<&str>()?, "4711");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unknown(
    // One pointer instead of the three of a `Vec`, since it is nearly always empty.
    Option<Box<List>>,
);

#[derive(Clone, Debug, Default, PartialEq)]
struct List {
    entries: Vec<(ByteString, Raw)>,
}

impl Unknown {
    /// Adds an entry at the end. Whether there is such a key already is the caller's concern.
    pub fn push(&mut self, key: ByteString, value: Raw) {
        self.0.get_or_insert_default().entries.push((key, value));
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Raw> {
        self.iter()
            .find(|(found, _)| *found == key)
            .map(|(_, value)| value)
    }

    /// All entries in order.
    pub fn iter(&self) -> slice::Iter<'_, (ByteString, Raw)> {
        self.0
            .as_ref()
            .map_or([].iter(), |list| list.entries.iter())
    }

    /// Keeps only the entries that `keep` says yes to.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &Raw) -> bool) {
        if let Some(list) = &mut self.0 {
            list.entries.retain(|(key, value)| keep(key, value));
            if list.entries.is_empty() {
                self.0 = None;
            }
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.iter().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl<'a> IntoIterator for &'a Unknown {
    type Item = &'a (ByteString, Raw);
    type IntoIter = slice::Iter<'a, (ByteString, Raw)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

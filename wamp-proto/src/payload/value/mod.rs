//! Which arguments a Rust value becomes.

use bytes::BytesMut;
use serde::Serialize;

use self::serializer::ArgumentSerializer;
use super::Payload;
use crate::codec::{EncodeError, Format, Place};

mod compound;
mod serializer;

/// What a value has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arguments {
    Nothing,
    /// A list of so many positional arguments was written.
    Positional(usize),
    /// A map of so many keyword arguments was written, after an empty list if [`MapPlace`] says so.
    Keyword(usize),
}

/// Where a map of keyword arguments goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MapPlace {
    /// Into a message: after a list, be it empty.
    AfterList,
    Alone,
}

impl Payload {
    /// Encodes a value as arguments.
    ///
    /// | value | arguments |
    /// |---|---|
    /// | tuple, list, tuple struct | positional, one for each element |
    /// | struct, map | keyword, one for each field; keys are strings |
    /// | `()`, unit struct, `None` | none |
    /// | `Some(v)`, newtype struct | those of `v` |
    /// | [`Single(v)`](super::Single) | one positional, `v` |
    /// | anything else, variants of enums and binary data among it | one positional |
    ///
    /// ```
    /// use wamp_proto::codec::Format;
    /// use wamp_proto::payload::Payload;
    ///
    /// let one = Payload::from_value(Format::Json, "text")?;
    /// assert_eq!(one.args_raw().map(|args| &args[..]), Some(&br#"["text"]"#[..]));
    ///
    /// let none = Payload::from_value(Format::Json, &())?;
    /// assert!(none.is_empty());
    /// # Ok::<(), wamp_proto::codec::EncodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the format has no such value, it is nested too deep, or its own `Serialize` fails.
    pub fn from_value<T: Serialize + ?Sized>(
        format: Format,
        value: &T,
    ) -> Result<Self, EncodeError> {
        let mut out = BytesMut::new();
        let arguments = {
            let mut writer = format.writer_at(&mut out, Place::ListStart);
            value.serialize(ArgumentSerializer::new(&mut writer, MapPlace::Alone))?
        };
        Ok(match arguments {
            Arguments::Nothing | Arguments::Positional(0) | Arguments::Keyword(0) => {
                Self::empty(format)
            }
            Arguments::Positional(_) => Self::new(format, Some(out.freeze()), None),
            Arguments::Keyword(_) => Self::new(format, None, Some(out.freeze())),
        })
    }
}

/// Appends a value as arguments, by the rule of [`Payload::from_value`], to a message whose head is in `out` already, and says how many
/// elements of the message they took: 0, 1 (the list), or 2 (an empty list and the map).
///
/// So a reply is encoded once, into the outgoing buffer. Separators are written where the format has them; the list of the message itself
/// stays open, and in binary formats the number of its elements is the caller's business. If it fails, `out` is as before.
///
/// ```
/// use bytes::BytesMut;
/// use wamp_proto::codec::Format;
/// use wamp_proto::payload::write_value;
///
/// let mut out = BytesMut::from("[50,7,{}");
/// assert_eq!(write_value(Format::Json, &42, &mut out)?, 1);
/// out.extend_from_slice(b"]");
/// assert_eq!(&out[..], b"[50,7,{},[42]]");
/// # Ok::<(), wamp_proto::codec::EncodeError>(())
/// ```
///
/// # Errors
///
/// As [`Payload::from_value`].
#[inline]
pub fn write_value<T: Serialize + ?Sized>(
    format: Format,
    value: &T,
    out: &mut BytesMut,
) -> Result<usize, EncodeError> {
    let start = out.len();
    let result = {
        let mut writer = format.writer_at(out, Place::ListTail);
        value.serialize(ArgumentSerializer::new(&mut writer, MapPlace::AfterList))
    };
    match result {
        Ok(Arguments::Positional(1..)) => Ok(1),
        Ok(Arguments::Keyword(1..)) => Ok(2),
        Ok(_) => {
            out.truncate(start);
            Ok(0)
        }
        Err(error) => {
            out.truncate(start);
            Err(error)
        }
    }
}

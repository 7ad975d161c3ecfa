//! serde's side of reading: one `Deserializer` over all formats.
//!
//! The rules are serde's, and serde_json's where serde leaves it open (enums, integer keys). Beyond them:
//!
//! - A float without a fraction binds to an integer type: JavaScript has no other numbers.
//! - Types are always asked for their human readable form. Peers in other languages know no other, and what a value looks like must not
//!   depend on the serializer that a client happened to choose.
//! - CBOR tags are passed over.

mod compound;
mod key;
mod lasting;
mod value;
mod variant;

use serde::Deserialize;

pub(crate) use self::lasting::lasting_from_slice;
pub(crate) use self::value::ValueDeserializer;
use super::{DecodeError, Format, PathError, Read};

/// Decodes one value.
///
/// ```
/// use wamp_proto::codec::{Format, from_slice};
///
/// let numbers: Vec<i64> = from_slice(Format::Json, b"[1, 2.0]")?;
/// assert_eq!(numbers, [1, 2]);
/// # Ok::<(), wamp_proto::codec::DecodeError>(())
/// ```
///
/// # Errors
///
/// If the bytes are malformed, not of this type, or more than one value.
#[inline]
pub fn from_slice<'de, T: Deserialize<'de>>(
    format: Format,
    raw: &'de [u8],
) -> Result<T, DecodeError> {
    let mut reader = format.reader(raw);
    match T::deserialize(ValueDeserializer::new(&mut reader)) {
        Ok(value) => {
            reader.finish()?;
            Ok(value)
        }
        Err(error) => Err(error.or_at(reader.offset())),
    }
}

/// The same, but the error says where inside the value the mistake is.
///
/// Costs nothing unless it fails: only then is the value decoded again, step by step.
///
/// ```
/// use wamp_proto::codec::{Format, from_slice_at_path};
///
/// let error = from_slice_at_path::<Vec<(i64, String)>>(Format::Json, br#"[[1, "a"], [2, 3]]"#).unwrap_err();
/// assert_eq!(error.path, "[1][1]");
/// assert_eq!(error.message, "invalid type: integer `3`, expected a string");
/// ```
///
/// # Errors
///
/// As [`from_slice`].
#[inline]
pub fn from_slice_at_path<'de, T: Deserialize<'de>>(
    format: Format,
    raw: &'de [u8],
) -> Result<T, PathError> {
    from_slice(format, raw).map_err(|error| locate::<T>(format, raw, &error))
}

/// Finds out where the value is wrong.
#[cold]
fn locate<'de, T: Deserialize<'de>>(
    format: Format,
    raw: &'de [u8],
    error: &DecodeError,
) -> PathError {
    let mut reader = format.reader(raw);
    match serde_path_to_error::deserialize::<_, T>(ValueDeserializer::new(&mut reader)) {
        // It was not the value but what follows it.
        Ok(_) => PathError {
            path: String::new(),
            message: error.message().to_owned(),
        },
        Err(located) => {
            let path = located.path().to_string();
            PathError {
                path: if path == "." { String::new() } else { path },
                message: located.inner().message().to_owned(),
            }
        }
    }
}

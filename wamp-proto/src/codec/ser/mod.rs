//! serde's side of writing: one `Serializer` over all formats.
//!
//! Structs are maps with strings as keys, enums are written as serde_json does, and [types show their human readable
//! form](super::de).

mod compound;
mod key;
mod value;

use bytes::BytesMut;
use serde::Serialize;

pub(crate) use self::compound::Compound;
pub(crate) use self::key::KeySerializer;
pub(crate) use self::value::ValueSerializer;
use super::{EncodeError, Format};

/// Appends one value to `out`. If that fails, `out` is as before.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use bytes::BytesMut;
/// use wamp_proto::codec::{Format, to_bytes};
///
/// let mut out = BytesMut::new();
/// to_bytes(Format::Json, &BTreeMap::from([("answer", 42.0)]), &mut out)?;
/// assert_eq!(&out[..], br#"{"answer":42.0}"#);
///
/// assert!(to_bytes(Format::Json, &f64::NAN, &mut out).is_err());
/// # Ok::<(), wamp_proto::codec::EncodeError>(())
/// ```
///
/// # Errors
///
/// If the format has no such value, the value is nested too deep, or its own `Serialize` fails.
pub fn to_bytes<T: Serialize + ?Sized>(
    format: Format,
    value: &T,
    out: &mut BytesMut,
) -> Result<(), EncodeError> {
    let start = out.len();
    let result = value.serialize(ValueSerializer::new(&mut format.writer(out)));
    if result.is_err() {
        out.truncate(start);
    }
    result
}

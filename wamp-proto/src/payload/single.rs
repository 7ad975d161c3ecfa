//! One argument, whatever it is.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Sends any value as exactly one argument.
///
/// Without it a list becomes positional arguments and a map keyword arguments. Everywhere else it is as good as what it wraps.
///
/// ```
/// use wamp_proto::codec::Format;
/// use wamp_proto::payload::{Payload, Single};
///
/// let three = Payload::from_value(Format::Json, &[1, 2, 3])?;
/// assert_eq!(three.elements().count(), 3);
///
/// let one = Payload::from_value(Format::Json, &Single([1, 2, 3]))?;
/// assert_eq!(one.elements().collect::<Vec<_>>(), [b"[1,2,3]"]);
/// # Ok::<(), wamp_proto::codec::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Single<T>(pub T);

impl<T> Single<T> {
    /// By this name the serializer of arguments knows it. No Rust identifier is like it.
    pub(super) const NAME: &'static str = "$wamp::Single";
}

impl<T: Serialize> Serialize for Single<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(Self::NAME, &self.0)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Single<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

//! Identifiers: integers from 1 to 2^53, the largest range that JavaScript represents exactly. WAMP, "Identifiers: IDs".

use std::fmt;
use std::num::NonZeroU64;

use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An identifier: of a session, publication, subscription, registration or request.
///
/// ```
/// use wamp_proto::id::Id;
///
/// assert_eq!(Id::new(7).map(Id::get), Some(7));
/// assert_eq!(Id::new(0), None);
/// assert_eq!(Id::new((1 << 53) + 1), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(NonZeroU64);

impl Id {
    /// The smallest identifier: 1.
    pub const MIN: Self = Self(NonZeroU64::MIN);
    /// The largest identifier: 2^53.
    pub const MAX: Self = match NonZeroU64::new(1 << 53) {
        Some(max) => Self(max),
        None => Self::MIN,
    };

    /// The identifier, unless `value` is zero or more than 2^53.
    #[inline]
    pub const fn new(value: u64) -> Option<Self> {
        match NonZeroU64::new(value) {
            Some(value) if value.get() <= Self::MAX.get() => Some(Self(value)),
            _ => None,
        }
    }

    /// The integer.
    #[inline]
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The identifier after this one in a sequence: 1 follows 2^53.
    #[must_use]
    pub const fn next(self) -> Self {
        match Self::new(self.get() + 1) {
            Some(next) => next,
            None => Self::MIN,
        }
    }
}

/// An identifier of global scope, for sessions and publications: uniformly distributed over the whole range if `entropy` is.
///
/// This crate has no source of randomness. Whoever needs session ids to be hard to guess passes what a cryptographic generator gave.
pub const fn random_id(entropy: u64) -> Id {
    // 53 bits make 0 ..= 2^53 - 1.
    match Id::new((entropy >> 11) + 1) {
        Some(id) => id,
        None => Id::MIN,
    }
}

/// The requests of one direction of a session: 1, 2, 3, … and 1 again after 2^53.
///
/// ```
/// use wamp_proto::id::{Id, RequestIds};
///
/// let mut ids = RequestIds::new();
/// assert_eq!(ids.next_id(), Id::MIN);
/// assert_eq!(ids.next_id().get(), 2);
///
/// let mut late = RequestIds::after(Id::MAX);
/// assert_eq!(late.next_id(), Id::MIN);
/// ```
#[derive(Clone, Debug)]
pub struct RequestIds {
    next: Id,
}

impl RequestIds {
    /// Begins at 1.
    pub const fn new() -> Self {
        Self { next: Id::MIN }
    }

    /// Goes on after `last`.
    pub const fn after(last: Id) -> Self {
        Self { next: last.next() }
    }

    /// Takes the next identifier.
    pub const fn next_id(&mut self) -> Id {
        let id = self.next;
        self.next = id.next();
        id
    }

    /// What [`next_id`](Self::next_id) will give: the only request that the peer may send next if it is held to the sequence.
    pub const fn peek(&self) -> Id {
        self.next
    }
}

impl Default for RequestIds {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Id> for u64 {
    fn from(id: Id) -> Self {
        id.get()
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.get())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(IdVisitor)
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an identifier, an integer from 1 to 2^53")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Id, E> {
        Id::new(value).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Id, E> {
        let id = u64::try_from(value).ok().and_then(Id::new);
        id.ok_or_else(|| E::invalid_value(Unexpected::Signed(value), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_ids_cover_the_range_and_nothing_else() {
        assert_eq!(random_id(0), Id::MIN);
        assert_eq!(random_id((1 << 11) - 1), Id::MIN);
        assert_eq!(random_id(u64::MAX), Id::MAX);
        assert_eq!(Id::MAX.get(), 1 << 53);
    }

    #[test]
    fn requests_wrap_after_the_largest() {
        let mut ids = RequestIds::after(Id::new((1 << 53) - 2).unwrap());
        let taken: Vec<u64> = (0..4).map(|_| ids.next_id().get()).collect();
        assert_eq!(taken, [(1 << 53) - 1, 1 << 53, 1, 2]);
        assert_eq!(ids.peek().get(), 3);
    }

    #[test]
    fn serde_checks_the_range() {
        assert_eq!(serde_json::to_string(&Id::MAX).unwrap(), "9007199254740992");
        assert_eq!(
            serde_json::from_str::<Id>("9007199254740992").unwrap(),
            Id::MAX
        );
        for wrong in [
            "0",
            "-1",
            "9007199254740993",
            "18446744073709551615",
            "1.5",
            "\"1\"",
            "true",
            "null",
        ] {
            assert!(serde_json::from_str::<Id>(wrong).is_err(), "{wrong}");
        }
    }
}

//! What values are made of.

use std::borrow::Cow;

/// One step of a value. Containers open with [`Seq`](Token::Seq) or [`Map`](Token::Map) and always close with [`End`](Token::End).
#[derive(Clone, Debug, PartialEq)]
pub enum Token<'de> {
    /// JSON `null`, MessagePack nil, CBOR `null` and `undefined`.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer that is not negative.
    U64(u64),
    /// A negative integer.
    I64(i64),
    /// An integer beyond 64 bits: big-endian magnitude without leading zeros. A negative one is `-1 - magnitude`, as in CBOR.
    BigInt {
        /// Whether the value is `-1 - magnitude`.
        negative: bool,
        /// Big-endian.
        magnitude: Cow<'de, [u8]>,
    },
    /// A floating-point number.
    F64(f64),
    /// Text. In JSON this may also be [binary data in disguise](crate::codec::Read::next).
    Str(Cow<'de, str>),
    /// Binary data.
    Bytes(Cow<'de, [u8]>),
    /// A list begins; the length where the format tells it.
    Seq(Option<usize>),
    /// A map begins, keys and values alternate; the number of pairs where the format tells it.
    Map(Option<usize>),
    /// The innermost open list or map ends.
    End,
    /// A CBOR tag: qualifies the next value.
    Tag(u64),
    /// A MessagePack extension value.
    Ext(i8, Cow<'de, [u8]>),
    /// A CBOR simple value that is none of the above.
    Simple(u8),
}

impl Token<'_> {
    /// What it is, with an article, for error messages: `an integer`, `a string`.
    ///
    /// ```
    /// use wamp_proto::codec::Token;
    ///
    /// assert_eq!(Token::U64(7).kind(), "an integer");
    /// ```
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::U64(_) | Self::I64(_) | Self::BigInt { .. } => "an integer",
            Self::F64(_) => "a float",
            Self::Str(_) => "a string",
            Self::Bytes(_) => "binary data",
            Self::Seq(_) => "a list",
            Self::Map(_) => "a map",
            Self::End => "the end of a list or map",
            Self::Tag(_) => "a CBOR tag",
            Self::Ext(..) => "a MessagePack extension value",
            Self::Simple(_) => "a CBOR simple value",
        }
    }
}

//! From bytes to tokens.

use super::{CborReader, DecodeError, JsonReader, MsgPackReader, Token};

/// Turns the bytes of exactly one value into [`Token`]s.
///
/// A reader checks as it goes: what it has passed over is well formed, valid UTF-8, and nested at most
/// [`MAX_DEPTH`](super::MAX_DEPTH) deep. It allocates only for texts that cannot be borrowed, never by a length that the input merely
/// declares. After an error its state is unspecified, but safe.
///
/// ```
/// use wamp_proto::codec::{Format, Read, Token};
///
/// let mut reader = Format::Json.reader(br#"[48, 7, {"x": [1, 2]}]"#);
/// assert_eq!(reader.next()?, Token::Seq(None));
/// assert_eq!(reader.next()?, Token::U64(48));
/// assert_eq!(reader.next()?, Token::U64(7));
/// assert_eq!(reader.value()?, br#"{"x": [1, 2]}"#);
/// assert!(!reader.has_next()?);
/// assert_eq!(reader.next()?, Token::End);
/// reader.finish()?;
/// # Ok::<(), wamp_proto::codec::DecodeError>(())
/// ```
pub trait Read<'de> {
    /// The next token. Keys and values of a map take turns.
    ///
    /// JSON has no binary data: in WAMP a string that begins with U+0000 and goes on in Base64 stands for it. Readers give it as the
    /// [`Token::Str`] that it is; serde's side and [`transcode`](super::transcode) know better, as they know what is wanted.
    ///
    /// # Errors
    ///
    /// If the input is malformed here, or there is nothing left.
    fn next(&mut self) -> Result<Token<'de>, DecodeError>;

    /// Skips one whole value and gives its bytes, without white space or separators around it.
    ///
    /// # Errors
    ///
    /// If the value is malformed or too deep, or if the container [has none left](Read::has_next).
    fn value(&mut self) -> Result<&'de [u8], DecodeError>;

    /// Whether the innermost container goes on; outside of containers, whether the value is still to come.
    ///
    /// # Errors
    ///
    /// If the input ends here.
    fn has_next(&mut self) -> Result<bool, DecodeError>;

    /// Skips the next value if it is null, and says whether it was.
    ///
    /// # Errors
    ///
    /// If the input is malformed here.
    fn take_null(&mut self) -> Result<bool, DecodeError>;

    /// Checks that the value was read to its end and that nothing follows.
    ///
    /// # Errors
    ///
    /// Otherwise.
    fn finish(&mut self) -> Result<(), DecodeError>;

    /// How many bytes have been read, for error messages.
    fn offset(&self) -> usize;
}

/// A reader of any format.
///
/// An enum instead of a type parameter: code that decodes into a user's type is compiled once, not once for each format.
pub enum Reader<'de> {
    /// Reads JSON.
    Json(JsonReader<'de>),
    /// Reads MessagePack.
    MsgPack(MsgPackReader<'de>),
    /// Reads CBOR.
    Cbor(CborReader<'de>),
    /// Reads a [custom format](super::Serializer).
    Custom(Box<dyn Read<'de> + 'de>),
}

/// Calls the same method on whichever reader it is.
macro_rules! each {
    ($self:ident, $reader:ident => $call:expr) => {
        match $self {
            Reader::Json($reader) => $call,
            Reader::MsgPack($reader) => $call,
            Reader::Cbor($reader) => $call,
            Reader::Custom($reader) => $call,
        }
    };
}

impl<'de> Read<'de> for Reader<'de> {
    #[inline]
    fn next(&mut self) -> Result<Token<'de>, DecodeError> {
        each!(self, reader => reader.next())
    }

    #[inline]
    fn value(&mut self) -> Result<&'de [u8], DecodeError> {
        each!(self, reader => reader.value())
    }

    #[inline]
    fn has_next(&mut self) -> Result<bool, DecodeError> {
        each!(self, reader => reader.has_next())
    }

    #[inline]
    fn take_null(&mut self) -> Result<bool, DecodeError> {
        each!(self, reader => reader.take_null())
    }

    #[inline]
    fn finish(&mut self) -> Result<(), DecodeError> {
        each!(self, reader => reader.finish())
    }

    #[inline]
    fn offset(&self) -> usize {
        each!(self, reader => reader.offset())
    }
}

impl std::fmt::Debug for Reader<'_> {
    /// Never prints the input: it may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("offset", &self.offset())
            .finish_non_exhaustive()
    }
}

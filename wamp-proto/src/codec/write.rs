//! From tokens to bytes.

use super::{CborWriter, EncodeError, JsonWriter, MsgPackWriter};

/// Appends values to a buffer, token by token.
///
/// Separators and headers are the writer's business. A length that was not known, or turns out wrong, is put right at the end of the
/// container. After an error the buffer holds half a value: whoever owns it truncates it.
///
/// ```
/// use bytes::BytesMut;
/// use wamp_proto::codec::{Format, Write};
///
/// let mut out = BytesMut::new();
/// let mut writer = Format::Json.writer(&mut out);
/// writer.seq(None)?;
/// writer.u64(50)?;
/// writer.raw(br#"{"a": 1}"#)?;
/// writer.end()?;
/// drop(writer);
/// assert_eq!(&out[..], br#"[50,{"a": 1}]"#);
/// # Ok::<(), wamp_proto::codec::EncodeError>(())
/// ```
///
/// # Errors
///
/// Every method fails if the format has no such value, or none at this place (JSON keys are strings).
#[expect(clippy::missing_errors_doc, reason = "said once, above")]
pub trait Write {
    /// Null.
    fn null(&mut self) -> Result<(), EncodeError>;
    /// A boolean.
    fn bool(&mut self, value: bool) -> Result<(), EncodeError>;
    /// An integer, in as few bytes as possible.
    fn u64(&mut self, value: u64) -> Result<(), EncodeError>;
    /// An integer, in as few bytes as possible.
    fn i64(&mut self, value: i64) -> Result<(), EncodeError>;
    /// An integer of any size: a big-endian magnitude, or `-1 - magnitude`.
    fn big_int(&mut self, negative: bool, magnitude: &[u8]) -> Result<(), EncodeError>;
    /// A float of single precision where the format has it.
    fn f32(&mut self, value: f32) -> Result<(), EncodeError>;
    /// A float, in eight bytes or so that it reads back as the same float.
    fn f64(&mut self, value: f64) -> Result<(), EncodeError>;
    /// Text.
    fn str(&mut self, value: &str) -> Result<(), EncodeError>;
    /// Binary data.
    fn bytes(&mut self, value: &[u8]) -> Result<(), EncodeError>;
    /// Opens a list.
    fn seq(&mut self, len: Option<usize>) -> Result<(), EncodeError>;
    /// Opens a map of `len` pairs; keys and values take turns.
    fn map(&mut self, len: Option<usize>) -> Result<(), EncodeError>;
    /// Closes the innermost list or map.
    fn end(&mut self) -> Result<(), EncodeError>;
    /// A CBOR tag for the next value.
    fn tag(&mut self, tag: u64) -> Result<(), EncodeError>;
    /// A MessagePack extension value.
    fn ext(&mut self, kind: i8, data: &[u8]) -> Result<(), EncodeError>;
    /// A CBOR simple value.
    fn simple(&mut self, value: u8) -> Result<(), EncodeError>;
    /// One value that is encoded in this format already. It is trusted.
    fn raw(&mut self, value: &[u8]) -> Result<(), EncodeError>;
}

/// A writer of any format.
///
/// An enum instead of a type parameter, for the same reason as [`Reader`](super::Reader).
pub enum Writer<'w> {
    /// Writes JSON.
    Json(JsonWriter<'w>),
    /// Writes MessagePack.
    MsgPack(MsgPackWriter<'w>),
    /// Writes CBOR.
    Cbor(CborWriter<'w>),
    /// Writes a [custom format](super::Serializer).
    Custom(Box<dyn Write + 'w>),
}

/// Implements each method by calling it on whichever writer it is.
macro_rules! forward {
    ($(fn $method:ident($($arg:ident: $ty:ty),*);)*) => {
        $(
            #[inline]
            fn $method(&mut self, $($arg: $ty),*) -> Result<(), EncodeError> {
                match self {
                    Writer::Json(writer) => writer.$method($($arg),*),
                    Writer::MsgPack(writer) => writer.$method($($arg),*),
                    Writer::Cbor(writer) => writer.$method($($arg),*),
                    Writer::Custom(writer) => writer.$method($($arg),*),
                }
            }
        )*
    };
}

impl Write for Writer<'_> {
    forward! {
        fn null();
        fn bool(value: bool);
        fn u64(value: u64);
        fn i64(value: i64);
        fn big_int(negative: bool, magnitude: &[u8]);
        fn f32(value: f32);
        fn f64(value: f64);
        fn str(value: &str);
        fn bytes(value: &[u8]);
        fn seq(len: Option<usize>);
        fn map(len: Option<usize>);
        fn end();
        fn tag(tag: u64);
        fn ext(kind: i8, data: &[u8]);
        fn simple(value: u8);
        fn raw(value: &[u8]);
    }
}

impl std::fmt::Debug for Writer<'_> {
    /// Never prints what was written: it may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

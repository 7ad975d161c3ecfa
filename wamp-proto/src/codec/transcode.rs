//! From one format to another, token by token.

use std::borrow::Cow;

use bytes::BytesMut;

use super::{
    DecodeError, EncodeError, Format, Read, Reader, Token, TranscodeError, Write, Writer, binary,
};

/// Appends one value of the format `from` in the format `to`. If that fails, `out` is as before.
///
/// What arrives is the same value: integers stay integers and floats stay floats, binary data becomes
/// [text in disguise](Read::next) in JSON and binary data again elsewhere. What the other format cannot say is an error and never
/// silently something else. That goes for NaN, infinities, extension values, and keys that are not strings, on their way to JSON; for
/// integers beyond 64 bits on their way to MessagePack; and for CBOR's tags, except for those that merely comment on a value
/// which is just as good without them, such as a date written as text.
///
/// ```
/// use bytes::BytesMut;
/// use wamp_proto::codec::{Format, transcode};
///
/// let mut out = BytesMut::new();
/// transcode(Format::MsgPack, b"\x92\xc4\x03\x00\x01\xff\x01", Format::Json, &mut out)?;
/// assert_eq!(&out[..], br#"["\u0000AAH/",1]"#);
/// # Ok::<(), wamp_proto::codec::TranscodeError>(())
/// ```
///
/// # Errors
///
/// If the bytes are not one well-formed value, or the other format cannot say it.
pub fn transcode(
    from: Format,
    raw: &[u8],
    to: Format,
    out: &mut BytesMut,
) -> Result<(), TranscodeError> {
    run(from, raw, to, out, Keys::AsTheyAre)
}

/// The same for what was encoded on this side, where the binary form was merely a place to keep it: integers as keys become strings in
/// JSON, as they would have if it had been encoded in JSON at once.
pub(crate) fn transcode_own(
    from: Format,
    raw: &[u8],
    to: Format,
    out: &mut BytesMut,
) -> Result<(), TranscodeError> {
    run(from, raw, to, out, Keys::Text)
}

fn run(
    from: Format,
    raw: &[u8],
    to: Format,
    out: &mut BytesMut,
    keys: Keys,
) -> Result<(), TranscodeError> {
    let start = out.len();
    let mut reader = from.reader(raw);
    let mut writer = to.writer(out);
    let mut transcoder = Transcoder {
        reader: &mut reader,
        writer: &mut writer,
        keys: if to.is_json() { keys } else { Keys::AsTheyAre },
    };
    let result = transcoder.next_value().and_then(|()| Ok(reader.finish()?));
    drop(writer);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

/// What becomes of integers as keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    AsTheyAre,
    Text,
}

struct Transcoder<'a, 'de, 'w> {
    reader: &'a mut Reader<'de>,
    writer: &'a mut Writer<'w>,
    keys: Keys,
}

impl<'de> Transcoder<'_, 'de, '_> {
    fn next_value(&mut self) -> Result<(), TranscodeError> {
        let token = self.reader.next()?;
        self.value(token)
    }

    /// One value that begins with `token`. It calls itself once for each level of nesting, which the reader has limited.
    fn value(&mut self, mut token: Token<'de>) -> Result<(), TranscodeError> {
        while let Token::Tag(tag) = token {
            self.tag(tag)?;
            token = self.reader.next()?;
        }
        match token {
            Token::Str(text) if matches!(self.reader, Reader::Json(_)) => {
                match binary::decode(&text) {
                    Some(data) => self.writer.bytes(&data)?,
                    None => self.writer.str(&text)?,
                }
            }
            Token::Seq(len) => {
                self.writer.seq(len)?;
                loop {
                    match self.reader.next()? {
                        Token::End => break,
                        token => self.value(token)?,
                    }
                }
                self.writer.end()?;
            }
            Token::Map(len) => {
                self.writer.map(len)?;
                loop {
                    match self.reader.next()? {
                        Token::End => break,
                        token => self.key(token)?,
                    }
                    self.next_value()?;
                }
                self.writer.end()?;
            }
            token => self.scalar(token)?,
        }
        Ok(())
    }

    fn key(&mut self, token: Token<'de>) -> Result<(), TranscodeError> {
        match token {
            Token::Str(text) => Ok(self.writer.str(&text)?),
            Token::U64(key) if self.keys == Keys::Text => {
                Ok(self.writer.str(itoa::Buffer::new().format(key))?)
            }
            Token::I64(key) if self.keys == Keys::Text => {
                Ok(self.writer.str(itoa::Buffer::new().format(key))?)
            }
            token => self.value(token),
        }
    }

    fn scalar(&mut self, token: Token<'de>) -> Result<(), TranscodeError> {
        match token {
            Token::Null => self.writer.null()?,
            Token::Bool(value) => self.writer.bool(value)?,
            Token::U64(value) => self.writer.u64(value)?,
            Token::I64(value) => self.writer.i64(value)?,
            Token::BigInt {
                negative,
                magnitude,
            } => self.writer.big_int(negative, &magnitude)?,
            Token::F64(value) => self.writer.f64(value)?,
            Token::Str(text) => self.writer.str(&text)?,
            Token::Bytes(data) => self.writer.bytes(&data)?,
            Token::Ext(kind, data) => self.writer.ext(kind, &data)?,
            Token::Simple(value) => self.writer.simple(value)?,
            token @ (Token::Seq(_) | Token::Map(_) | Token::End | Token::Tag(_)) => {
                let message = Cow::Owned(format!("unexpected {}", token.kind()));
                return Err(DecodeError::new(message, self.reader.offset()).into());
            }
        }
        Ok(())
    }

    fn tag(&mut self, tag: u64) -> Result<(), TranscodeError> {
        match self.writer {
            Writer::Cbor(writer) => Ok(writer.tag(tag)?),
            _ if is_comment(tag) => Ok(()),
            _ => Err(
                EncodeError::new(format!("CBOR tag {tag} has no meaning outside of CBOR")).into(),
            ),
        }
    }
}

/// Whether a value means the same, to all who do not know the tag, without it.
///
/// Not so for decimal fractions (4), sets (258) or back references (29), which turn into something else.
const fn is_comment(tag: u64) -> bool {
    matches!(
        tag,
        // Dates and times as text or seconds; as full dates (RFC 8943).
        0 | 1 | 100 | 1004
        // How to convert binary data to text; that it holds CBOR.
        | 21..=24
        // URIs, Base64, regular expressions, MIME messages, UUIDs.
        | 32..=37
        // "This is CBOR."
        | 55799
    )
}

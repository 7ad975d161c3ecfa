//! The types of the values in dictionaries.

use bytes::BytesMut;
use bytestring::ByteString;
use wamp_uri::Match;

use super::decode::{Decoded, Decoder};
use super::dictionary::{self, MAX_BYTES};
use super::encode::{Encoded, Encoder};
use super::quick::Quick;
use super::{ProtocolViolation, Raw, RequestType, Roles, Secret};
use crate::codec::{Format, Read, Token, Write};
use crate::id::Id;

/// A field of a dictionary. The default means that the key is absent.
pub(crate) trait Value: Default {
    /// Reads what is not null.
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self>;
    fn is_absent(&self) -> bool;
    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded;

    /// Complains if it is absent but required.
    #[inline]
    fn check(&self) -> Decoded<()> {
        Ok(())
    }
}

/// A type that has no value for "absent" of its own; an item of a list.
pub(crate) trait Item: Sized {
    fn from_token<'de>(token: Token<'de>, decoder: &mut Decoder<'de>) -> Decoded<Self>;
    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded;

    /// Reads it, if it is a simple one.
    #[inline]
    fn quick(_: &mut Quick<'_>) -> Option<Self> {
        None
    }

    /// The same as `write` in compact JSON, if it is a simple one.
    #[inline]
    fn quick_write(&self, _: &mut BytesMut) -> bool {
        false
    }
}

impl<T: Item> Value for Option<T> {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
        let token = decoder.token()?;
        T::from_token(token, decoder).map(Some)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.iter().try_for_each(|value| value.write(encoder))
    }
}

impl Value for Option<Raw> {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
        decoder.raw().map(Some)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        self.iter().try_for_each(|value| value.write(encoder))
    }
}

impl Value for Vec<ByteString> {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
        let token = decoder.token()?;
        Self::from_token(token, decoder)
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        Item::write(self, encoder)
    }
}

impl Value for Roles {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
        dictionary::read(decoder)
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn check(&self) -> Decoded<()> {
        if self.is_empty() {
            Err(ProtocolViolation::new(
                "missing, expected at least one role",
            ))
        } else {
            Ok(())
        }
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        dictionary::write(self, encoder)
    }
}

impl Value for bool {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
        let token = decoder.token()?;
        Self::from_token(token, decoder)
    }

    fn is_absent(&self) -> bool {
        !self
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.writer.bool(*self)
    }
}

impl Value for Match {
    fn read(decoder: &mut Decoder<'_>) -> Decoded<Self> {
        match decoder.token()? {
            Token::Str(word) => word
                .parse()
                .map_err(|_| ProtocolViolation::new(EXPECTED_MATCH)),
            other => Err(ProtocolViolation::expected("a string", &other)),
        }
    }

    fn is_absent(&self) -> bool {
        *self == Self::default()
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.writer.str(self.as_str())
    }
}

const EXPECTED_MATCH: &str = "expected `exact`, `prefix` or `wildcard`";

impl Item for bool {
    fn from_token<'de>(token: Token<'de>, _: &mut Decoder<'de>) -> Decoded<Self> {
        match token {
            Token::Bool(value) => Ok(value),
            other => Err(ProtocolViolation::expected("a boolean", &other)),
        }
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.writer.bool(*self)
    }
}

impl Item for u64 {
    fn from_token<'de>(token: Token<'de>, _: &mut Decoder<'de>) -> Decoded<Self> {
        match token {
            Token::U64(value) => Ok(value),
            Token::I64(value) => Err(ProtocolViolation::new(format!(
                "expected an integer that is not negative, got {value}"
            ))),
            other => Err(ProtocolViolation::expected(
                "an integer that is not negative",
                &other,
            )),
        }
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.writer.u64(*self)
    }
}

/// The id that a float is. JavaScript has floats only, and in binary formats clients there write what is beyond 32 bits as what it is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "in range and without a fraction by then"
)]
fn written_by_javascript(value: f64) -> Option<Id> {
    /// 2^53, up to which floats are exact.
    const MAX: f64 = 9_007_199_254_740_992.0;

    let is_integer = (1.0..=MAX).contains(&value) && value.fract() == 0.0;
    is_integer.then(|| Id::new(value as u64)).flatten()
}

impl Item for Id {
    fn from_token<'de>(token: Token<'de>, decoder: &mut Decoder<'de>) -> Decoded<Self> {
        match token {
            Token::U64(value) => Self::new(value).ok_or_else(|| {
                ProtocolViolation::new(format!(
                    "expected an id, an integer from 1 to 2^53, got {value}"
                ))
            }),
            Token::F64(value)
                if decoder.format() != Format::Json
                    && let Some(id) = written_by_javascript(value) =>
            {
                Ok(id)
            }
            other => Err(ProtocolViolation::expected(
                "an id, an integer from 1 to 2^53",
                &other,
            )),
        }
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.writer.u64(self.get())
    }

    #[inline]
    fn quick(quick: &mut Quick<'_>) -> Option<Self> {
        Self::new(quick.integer()?)
    }

    #[inline]
    fn quick_write(&self, out: &mut BytesMut) -> bool {
        out.extend_from_slice(itoa::Buffer::new().format(self.get()).as_bytes());
        true
    }
}

impl Item for ByteString {
    fn from_token<'de>(token: Token<'de>, decoder: &mut Decoder<'de>) -> Decoded<Self> {
        match token {
            Token::Str(text) => decoder.text(text),
            other => Err(ProtocolViolation::expected("a string", &other)),
        }
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.writer.str(self)
    }

    #[inline]
    fn quick(quick: &mut Quick<'_>) -> Option<Self> {
        Self::try_from(quick.text()?).ok()
    }
}

impl Item for Secret {
    fn from_token<'de>(token: Token<'de>, decoder: &mut Decoder<'de>) -> Decoded<Self> {
        ByteString::from_token(token, decoder).map(Self::new)
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.writer.str(self.expose())
    }
}

impl Item for RequestType {
    fn from_token<'de>(token: Token<'de>, _: &mut Decoder<'de>) -> Decoded<Self> {
        match token {
            Token::U64(code) => Self::from_code(code).ok_or_else(|| {
                ProtocolViolation::new(format!("expected the type of a request, got {code}"))
            }),
            other => Err(ProtocolViolation::expected(
                "the type of a request, an integer",
                &other,
            )),
        }
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.writer.u64(self.code())
    }
}

impl<T: Item> Item for Vec<T> {
    fn from_token<'de>(token: Token<'de>, decoder: &mut Decoder<'de>) -> Decoded<Self> {
        match token {
            Token::Seq(_) => {}
            other => return Err(ProtocolViolation::expected("a list", &other)),
        }
        // The declared length is not trusted, and strings take more memory here than there.
        let start = decoder.reader.offset();
        let mut items = Self::new();
        loop {
            match decoder.token()? {
                Token::End => return Ok(items),
                _ if decoder.reader.offset() - start > MAX_BYTES => {
                    return Err(ProtocolViolation::new(format!(
                        "is longer than {MAX_BYTES} bytes"
                    )));
                }
                token => items.push(
                    T::from_token(token, decoder)
                        .map_err(|violation| in_item(violation, items.len()))?,
                ),
            }
        }
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        encoder.writer.seq(Some(self.len()))?;
        self.iter().try_for_each(|item| item.write(encoder))?;
        encoder.writer.end()
    }
}

#[cold]
fn in_item(violation: ProtocolViolation, index: usize) -> ProtocolViolation {
    violation.within(&format!("[{index}]"))
}

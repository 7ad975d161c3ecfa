//! The deserializer of values.

use std::borrow::Cow;

use serde::de::value::CowStrDeserializer;
use serde::de::{Deserializer, Error as _, IntoDeserializer as _, Unexpected, Visitor};

use super::super::{DecodeError, Read, Reader, Token, big_int, binary};
use super::compound::{Elements, Entries};
use super::variant::Variant;

/// Decodes the next value of a reader.
pub(crate) struct ValueDeserializer<'a, 'de> {
    reader: &'a mut Reader<'de>,
}

impl<'a, 'de> ValueDeserializer<'a, 'de> {
    #[inline]
    pub(crate) const fn new(reader: &'a mut Reader<'de>) -> Self {
        Self { reader }
    }

    /// The next token, without the tags before it.
    #[inline]
    fn token(&mut self) -> Result<Token<'de>, DecodeError> {
        loop {
            match self.reader.next()? {
                Token::Tag(_) => {}
                token => return Ok(token),
            }
        }
    }

    /// Shows `token` to the visitor as what it is.
    pub(super) fn visit<V: Visitor<'de>>(
        self,
        token: Token<'de>,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match token {
            Token::Null => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::U64(value) => visitor.visit_u64(value),
            Token::I64(value) => visitor.visit_i64(value),
            Token::BigInt {
                negative,
                magnitude,
            } => visit_big_int(negative, &magnitude, visitor),
            Token::F64(value) => visitor.visit_f64(value),
            Token::Str(text) => visit_str(text, visitor),
            Token::Bytes(Cow::Borrowed(data)) => visitor.visit_borrowed_bytes(data),
            Token::Bytes(Cow::Owned(data)) => visitor.visit_byte_buf(data),
            Token::Seq(len) => self.list(len, visitor),
            Token::Map(len) => self.map(len, visitor),
            token @ (Token::End | Token::Tag(_) | Token::Ext(..) | Token::Simple(_)) => Err(
                DecodeError::invalid_type(Unexpected::Other(token.kind()), &visitor),
            ),
        }
    }

    /// Closes a list or map that its visitor has read.
    #[inline]
    fn end(self, message: &'static str) -> Result<(), DecodeError> {
        if self.reader.has_next()? {
            return Err(DecodeError::new(message, self.reader.offset()));
        }
        self.reader.next().map(drop)
    }

    #[inline]
    fn integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        // What arguments nearly always are.
        if let Reader::Json(json) = self.reader
            && let Some(value) = json.lone_integer()
        {
            return visitor.visit_u64(value);
        }
        loop {
            return match self.reader.next() {
                Ok(Token::U64(value)) => visitor.visit_u64(value),
                Ok(Token::I64(value)) => visitor.visit_i64(value),
                Ok(Token::F64(value)) => match integral(value) {
                    Some(Ok(value)) => visitor.visit_u64(value),
                    Some(Err(value)) => visitor.visit_i64(value),
                    None => visitor.visit_f64(value),
                },
                Ok(Token::Tag(_)) => continue,
                Ok(other) => self.visit(other, visitor),
                Err(error) => Err(error),
            };
        }
    }

    #[inline]
    fn float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        loop {
            return match self.reader.next() {
                Ok(Token::F64(value)) => visitor.visit_f64(value),
                Ok(Token::BigInt {
                    negative,
                    magnitude,
                }) => {
                    let value = big_int::to_f64(negative, &magnitude);
                    if value.is_finite() {
                        visitor.visit_f64(value)
                    } else {
                        Err(DecodeError::invalid_value(
                            Unexpected::Other("a huge integer"),
                            &visitor,
                        ))
                    }
                }
                Ok(Token::Tag(_)) => continue,
                Ok(other) => self.visit(other, visitor),
                Err(error) => Err(error),
            };
        }
    }

    #[inline]
    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        loop {
            return match self.reader.next() {
                Ok(Token::Str(text)) => visit_str(text, visitor),
                Ok(Token::Tag(_)) => continue,
                Ok(other) => self.visit(other, visitor),
                Err(error) => Err(error),
            };
        }
    }

    #[inline]
    fn container<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        loop {
            return match self.reader.next() {
                Ok(Token::Seq(len)) => self.list(len, visitor),
                Ok(Token::Map(len)) => self.map(len, visitor),
                Ok(Token::Tag(_)) => continue,
                Ok(other) => self.visit(other, visitor),
                Err(error) => Err(error),
            };
        }
    }

    #[inline]
    fn list<V: Visitor<'de>>(
        self,
        len: Option<usize>,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        let value = visitor.visit_seq(Elements::new(self.reader, len))?;
        self.end("the list has more elements than expected")?;
        Ok(value)
    }

    #[inline]
    fn map<V: Visitor<'de>>(self, len: Option<usize>, visitor: V) -> Result<V::Value, DecodeError> {
        let value = visitor.visit_map(Entries::new(self.reader, len))?;
        self.end("the map has more entries than expected")?;
        Ok(value)
    }

    /// Whether a text may stand for binary data.
    #[inline]
    const fn is_json(&self) -> bool {
        matches!(self.reader, Reader::Json(_))
    }
}

/// Every hint that makes no difference to the method that does the work.
macro_rules! by {
    ($work:ident: $($method:ident)*) => {
        $(
            #[inline]
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
                self.$work(visitor)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for ValueDeserializer<'_, 'de> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.token()? {
            Token::Str(text) if self.is_json() => match binary::decode(&text) {
                Some(data) => visitor.visit_byte_buf(data),
                None => visit_str(text, visitor),
            },
            token => self.visit(token, visitor),
        }
    }

    by!(integer: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128);
    by!(integer: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128);
    by!(float: deserialize_f32 deserialize_f64);
    by!(text: deserialize_char deserialize_str deserialize_string deserialize_identifier);
    by!(deserialize_any: deserialize_bytes deserialize_byte_buf);
    by!(deserialize_any: deserialize_bool deserialize_unit);
    by!(container: deserialize_seq deserialize_map);

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.reader.take_null()? {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    #[inline]
    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_any(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.container(visitor)
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.container(visitor)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.container(visitor)
    }

    /// A string for a variant without content, a map with one entry for the others.
    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.token()? {
            Token::Str(variant) => {
                let variant: CowStrDeserializer<'_, DecodeError> = variant.into_deserializer();
                visitor.visit_enum(variant)
            }
            Token::Map(_) => {
                let value = visitor.visit_enum(Variant::new(self.reader))?;
                self.end("more than one entry in the map of an enum")?;
                Ok(value)
            }
            other => self.visit(other, visitor),
        }
    }

    #[inline]
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.reader.value()?;
        visitor.visit_unit()
    }
}

#[inline]
pub(super) fn visit_str<'de, V: Visitor<'de>>(
    text: Cow<'de, str>,
    visitor: V,
) -> Result<V::Value, DecodeError> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

#[cold]
fn visit_big_int<'de, V: Visitor<'de>>(
    negative: bool,
    magnitude: &[u8],
    visitor: V,
) -> Result<V::Value, DecodeError> {
    match big_int::to_u128(magnitude) {
        Some(value) if !negative => visitor.visit_u128(value),
        Some(value) if let Ok(value) = i128::try_from(value) => visitor.visit_i128(-1 - value),
        _ => Err(DecodeError::invalid_type(
            Unexpected::Other("an integer beyond 128 bits"),
            &visitor,
        )),
    }
}

/// The integer that `value` is; `None` if it has a fraction or exceeds 64 bits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "in range and without a fraction by then"
)]
fn integral(value: f64) -> Option<Result<u64, i64>> {
    /// 2^63 and 2^64, the first floats that are too large.
    const I64_END: f64 = 9_223_372_036_854_775_808.0;
    const U64_END: f64 = 2.0 * I64_END;

    if value.fract() != 0.0 {
        None
    } else if (0.0..U64_END).contains(&value) {
        Some(Ok(value as u64))
    } else if (-I64_END..0.0).contains(&value) {
        Some(Err(value as i64))
    } else {
        None
    }
}

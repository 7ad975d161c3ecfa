//! Keys of maps.

use serde::de::value::CowStrDeserializer;
use serde::de::{Deserializer, IntoDeserializer as _, Visitor};

use super::super::{DecodeError, Read, Reader, Token};
use super::value::{ValueDeserializer, visit_str};

/// Decodes the next key of a map.
///
/// Keys that are numbers or booleans in Rust are strings in JSON. They are understood as such in every format, because a payload may
/// have been transcoded on its way.
pub(super) struct KeyDeserializer<'a, 'de> {
    reader: &'a mut Reader<'de>,
}

impl<'a, 'de> KeyDeserializer<'a, 'de> {
    #[inline]
    pub(super) const fn new(reader: &'a mut Reader<'de>) -> Self {
        Self { reader }
    }

    fn integer<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.reader.next()? {
            Token::Str(text) => {
                if let Ok(number) = text.parse() {
                    visitor.visit_u64(number)
                } else if let Ok(number) = text.parse() {
                    visitor.visit_i64(number)
                } else if let Ok(number) = text.parse() {
                    visitor.visit_u128(number)
                } else if let Ok(number) = text.parse() {
                    visitor.visit_i128(number)
                } else {
                    visit_str(text, visitor)
                }
            }
            other => ValueDeserializer::new(self.reader).visit(other, visitor),
        }
    }

    fn float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.reader.next()? {
            Token::Str(text) => match text.parse() {
                Ok(number) => visitor.visit_f64(number),
                Err(_) => visit_str(text, visitor),
            },
            other => ValueDeserializer::new(self.reader).visit(other, visitor),
        }
    }
}

/// Every hint that makes no difference to the method that does the work.
macro_rules! by {
    ($work:ident: $($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
                self.$work(visitor)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for KeyDeserializer<'_, 'de> {
    type Error = DecodeError;

    /// A text is a text: binary data is not written as a key.
    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.reader.next()? {
            Token::Str(text) => visit_str(text, visitor),
            other => ValueDeserializer::new(self.reader).visit(other, visitor),
        }
    }

    by!(integer: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128);
    by!(integer: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128);
    by!(float: deserialize_f32 deserialize_f64);

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.reader.next()? {
            Token::Str(text) => match text.parse() {
                Ok(value) => visitor.visit_bool(value),
                Err(_) => visit_str(text, visitor),
            },
            other => ValueDeserializer::new(self.reader).visit(other, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.reader.take_null()? {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.reader.next()? {
            Token::Str(text) => {
                let variant: CowStrDeserializer<'_, DecodeError> = text.into_deserializer();
                visitor.visit_enum(variant)
            }
            other => ValueDeserializer::new(self.reader).visit(other, visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.reader.value()?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

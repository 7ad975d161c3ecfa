//! Which Rust value arguments become.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, Visitor};

use super::Payload;
use crate::codec::{DecodeError, Format, Read as _, Token, ValueDeserializer, from_slice};

impl Payload {
    /// Decodes the arguments as one value: the way back from [`from_value`](Self::from_value), and from what other implementations send.
    ///
    /// | wanted | from |
    /// |---|---|
    /// | tuple, tuple struct | as many positional arguments; or one that is such a list |
    /// | list | one argument that is a list; or all positional arguments |
    /// | struct, map | the keyword arguments; if there are none, one positional argument that is a map |
    /// | `()`, unit struct | no arguments; or one that is null |
    /// | `Option` | `None` from no arguments, or one that is null; else `Some` by the rule of what is in it |
    /// | newtype struct | by the rule of what is in it |
    /// | anything else | one positional argument |
    ///
    /// Where that is not what is meant, [`decode_args`](Self::decode_args) and [`decode_kwargs`](Self::decode_kwargs) leave nothing to
    /// interpret.
    ///
    /// ```
    /// use wamp_proto::codec::Format;
    /// use wamp_proto::payload::Payload;
    ///
    /// let payload = Payload::from_value(Format::Json, &(1, "two"))?;
    /// assert_eq!(payload.decode::<(i64, &str)>()?, (1, "two"));
    ///
    /// let payload = Payload::from_value(Format::Json, "text")?;
    /// assert_eq!(payload.decode::<String>()?, "text");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the arguments are not of this type.
    pub fn decode<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        T::deserialize(ArgumentDeserializer(self))
    }
}

struct ArgumentDeserializer<'a>(&'a Payload);

impl<'a> ArgumentDeserializer<'a> {
    fn format(&self) -> Format {
        self.0.format()
    }

    /// The positional argument, if there is exactly one.
    fn lone(&self) -> Option<&'a [u8]> {
        let mut elements = self.0.elements();
        let first = elements.next()?;
        elements.next().is_none().then_some(first)
    }

    fn count(&self) -> usize {
        self.0.elements().count()
    }

    fn has_keywords(&self) -> bool {
        self.0.entries().next().is_some()
    }

    /// Whether there is nothing, or nothing but null.
    fn is_nothing(&self) -> bool {
        match self.lone() {
            Some(raw) => matches!(
                from_slice::<Option<IgnoredAny>>(self.format(), raw),
                Ok(None)
            ),
            None => self.count() == 0 && !self.has_keywords(),
        }
    }

    /// Reads the one argument that there is to be.
    fn one<R>(
        &self,
        read: impl FnOnce(ValueDeserializer<'_, 'a>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        match self.lone() {
            Some(raw) => self.read(raw, read),
            None => Err(DecodeError::custom(format_args!(
                "{} positional arguments, expected one",
                self.count()
            ))),
        }
    }

    fn read<R>(
        &self,
        raw: &'a [u8],
        read: impl FnOnce(ValueDeserializer<'_, 'a>) -> Result<R, DecodeError>,
    ) -> Result<R, DecodeError> {
        let mut reader = self.format().reader(raw);
        match read(ValueDeserializer::new(&mut reader)) {
            Ok(value) => reader.finish().map(|()| value),
            Err(error) => Err(error.or_at(reader.offset())),
        }
    }

    /// Whether the one argument is a list.
    fn is_lone_list(&self) -> bool {
        let Some(raw) = self.lone() else {
            return false;
        };
        let mut reader = self.format().reader(raw);
        loop {
            match reader.next() {
                Ok(Token::Tag(_)) => {}
                token => return matches!(token, Ok(Token::Seq(_))),
            }
        }
    }

    fn all<V: Visitor<'a>>(&self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0.args_raw() {
            Some(args) => self.read(args, |list| list.deserialize_seq(visitor)),
            None => SeqDeserializer::new(std::iter::empty::<()>()).deserialize_seq(visitor),
        }
    }

    fn keywords<V: Visitor<'a>>(&self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.0.kwargs_raw() {
            Some(kwargs) => self.read(kwargs, |map| map.deserialize_map(visitor)),
            None => MapDeserializer::new(std::iter::empty::<((), ())>()).deserialize_map(visitor),
        }
    }

    fn map<V: Visitor<'a>>(&self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.has_keywords() || self.count() == 0 {
            return self.keywords(visitor);
        }
        self.one(|value| value.deserialize_map(visitor))
    }

    fn list<V: Visitor<'a>>(&self, len: usize, visitor: V) -> Result<V::Value, DecodeError> {
        if self.count() != len && self.is_lone_list() {
            return self.one(|value| value.deserialize_tuple(len, visitor));
        }
        self.all(visitor)
    }
}

/// What takes exactly one argument.
macro_rules! one_argument {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
            self.one(|value| value.$method(visitor))
        })*
    };
}

impl<'a> Deserializer<'a> for ArgumentDeserializer<'a> {
    type Error = DecodeError;

    one_argument! {
        deserialize_bool
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_identifier
    }

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.count() {
            0 if self.has_keywords() => self.keywords(visitor),
            0 => visitor.visit_unit(),
            1 => self.one(|value| value.deserialize_any(visitor)),
            _ => self.all(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_nothing() {
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_nothing() {
            return visitor.visit_unit();
        }
        Err(DecodeError::custom("there are arguments, expected none"))
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        if self.is_lone_list() {
            return self.one(|value| value.deserialize_seq(visitor));
        }
        self.all(visitor)
    }

    fn deserialize_tuple<V: Visitor<'a>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.list(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.list(len, visitor)
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        self.map(visitor)
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.map(visitor)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        self.one(|value| value.deserialize_enum(name, variants, visitor))
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }
}

//! Decodes a component of a URI into a parameter: text, or whatever parses from it.

use serde::de::value::Error;
use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};

/// One component of a URI, as a serde deserializer.
pub(super) struct Component<'de>(pub(super) &'de str);

/// Numbers, booleans and characters parse from the text; a text that does not parse is an error that quotes it.
macro_rules! parsed {
    ($($method:ident $visit:ident $expected:literal),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(Error::invalid_value(Unexpected::Str(self.0), &$expected)),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Component<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.0)
    }

    parsed! {
        deserialize_bool visit_bool "true or false",
        deserialize_i8 visit_i8 "an i8",
        deserialize_i16 visit_i16 "an i16",
        deserialize_i32 visit_i32 "an i32",
        deserialize_i64 visit_i64 "an i64",
        deserialize_i128 visit_i128 "an i128",
        deserialize_u8 visit_u8 "a u8",
        deserialize_u16 visit_u16 "a u16",
        deserialize_u32 visit_u32 "a u32",
        deserialize_u64 visit_u64 "a u64",
        deserialize_u128 visit_u128 "a u128",
        deserialize_f32 visit_f32 "a number",
        deserialize_f64 visit_f64 "a number",
        deserialize_char visit_char "one character",
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Room {
        Kitchen,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Id(u16);

    #[test]
    fn components_become_what_they_spell() {
        assert_eq!(u64::deserialize(Component("7")), Ok(7));
        assert_eq!(Id::deserialize(Component("7")), Ok(Id(7)));
        assert_eq!(Option::deserialize(Component("7")), Ok(Some(7_i8)));
        assert_eq!(<&str>::deserialize(Component("x")), Ok("x"));
        assert_eq!(Room::deserialize(Component("kitchen")), Ok(Room::Kitchen));
    }

    #[test]
    fn what_does_not_parse_is_quoted() {
        let error = u16::deserialize(Component("70000")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid value: string \"70000\", expected a u16"
        );
        assert!(Room::deserialize(Component("hall")).is_err());
    }
}

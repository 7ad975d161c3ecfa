//! Values that borrow nothing from what they are decoded from, whatever they promise.
//!
//! `T: DeserializeOwned` is what one would ask for. But it asks for `Deserialize<'de>` of every lifetime, and where `T` is `&'static str`
//! the compiler finds out too late that this does not hold. `T: Deserialize<'static>` can be asked of every type; what really borrows then
//! fails here, since nothing is lent to it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::ValueDeserializer;
use crate::codec::{DecodeError, Format, Read as _};

/// Decodes one value that does not borrow.
pub(crate) fn lasting_from_slice<T: Deserialize<'static>>(
    format: Format,
    raw: &[u8],
) -> Result<T, DecodeError> {
    let mut reader = format.reader(raw);
    let value = T::deserialize(Lasting::new(ValueDeserializer::new(&mut reader)))?;
    reader.finish()?;
    Ok(value)
}

/// A deserializer, or a part of one, of what lasts for `'x`, that lends nothing.
struct Lasting<'x, D>(D, PhantomData<&'x ()>);

impl<D> Lasting<'_, D> {
    fn new(inner: D) -> Self {
        Self(inner, PhantomData)
    }
}

/// A visitor or seed that is lent nothing.
struct Unlent<V>(V);

macro_rules! forward {
    ($($method:ident($($arg:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'static>>(self, $($arg: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($arg,)* Unlent(visitor))
        })*
    };
}

impl<'x, D: Deserializer<'x>> Deserializer<'static> for Lasting<'x, D> {
    type Error = D::Error;

    forward! {
        deserialize_any() deserialize_ignored_any() deserialize_identifier()
        deserialize_bool() deserialize_char() deserialize_str() deserialize_string()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_bytes() deserialize_byte_buf()
        deserialize_option() deserialize_unit() deserialize_seq() deserialize_map()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident($type:ty))*) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        })*
    };
}

// What is borrowed goes to the methods for what is not: that is serde's default.
impl<'x, V: Visitor<'static>> Visitor<'x> for Unlent<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    visit! {
        visit_bool(bool) visit_char(char) visit_str(&str) visit_string(String)
        visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128)
        visit_f32(f32) visit_f64(f64) visit_bytes(&[u8]) visit_byte_buf(Vec<u8>)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'x>>(self, value: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Lasting::new(value))
    }

    fn visit_newtype_struct<D: Deserializer<'x>>(self, value: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Lasting::new(value))
    }

    fn visit_seq<A: SeqAccess<'x>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Lasting::new(access))
    }

    fn visit_map<A: MapAccess<'x>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Lasting::new(access))
    }

    fn visit_enum<A: EnumAccess<'x>>(self, access: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Lasting::new(access))
    }
}

impl<'x, S: DeserializeSeed<'static>> DeserializeSeed<'x> for Unlent<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'x>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Lasting::new(deserializer))
    }
}

impl<'x, A: SeqAccess<'x>> SeqAccess<'static> for Lasting<'x, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'static>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Unlent(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'x, A: MapAccess<'x>> MapAccess<'static> for Lasting<'x, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'static>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(Unlent(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'static>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Unlent(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'x, A: EnumAccess<'x>> EnumAccess<'static> for Lasting<'x, A> {
    type Error = A::Error;
    type Variant = Lasting<'x, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'static>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let (value, variant) = self.0.variant_seed(Unlent(seed))?;
        Ok((value, Lasting::new(variant)))
    }
}

impl<'x, A: VariantAccess<'x>> VariantAccess<'static> for Lasting<'x, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'static>>(
        self,
        seed: S,
    ) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Unlent(seed))
    }

    fn tuple_variant<V: Visitor<'static>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Unlent(visitor))
    }

    fn struct_variant<V: Visitor<'static>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Unlent(visitor))
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::collections::BTreeMap;

    use super::*;
    use crate::codec::from_slice;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct All {
        number: i32,
        text: String,
        cow: Cow<'static, str>,
        maybe: Option<Newtype>,
        list: Vec<(u8, char)>,
        map: BTreeMap<String, Kind>,
        unit: (),
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Newtype(f64);

    #[derive(Debug, PartialEq, serde::Deserialize)]
    enum Kind {
        Unit,
        Newtype(u8),
        Tuple(u8, u8),
        Struct { a: bool },
    }

    const JSON: &[u8] =
        br#"{"number":7.0,"text":"a\nb","cow":"c","maybe":1.5,"list":[[1,"x"]],"unit":null,
        "map":{"a":"Unit","b":{"Newtype":1},"c":{"Tuple":[1,2]},"d":{"Struct":{"a":true}}}}"#;

    #[test]
    fn what_owns_is_as_it_always_is() {
        let value = lasting_from_slice::<All>(Format::Json, JSON).expect("it is of this type");
        assert_eq!(
            value,
            from_slice(Format::Json, JSON).expect("it is of this type")
        );
    }

    #[test]
    fn what_borrows_fails() {
        assert!(lasting_from_slice::<&'static str>(Format::Json, b"\"text\"").is_err());
        assert!(lasting_from_slice::<(u8, &'static str)>(Format::Json, b"[1,\"text\"]").is_err());
    }

    #[test]
    fn one_value_is_all() {
        assert!(lasting_from_slice::<u8>(Format::Json, b"1 2").is_err());
    }
}

//! Variants with content: a map with one entry.

use serde::de::{
    Deserialize as _, DeserializeSeed, Deserializer as _, EnumAccess, VariantAccess, Visitor,
};

use super::super::{DecodeError, Read as _, Reader};
use super::key::KeyDeserializer;
use super::value::ValueDeserializer;

/// Reads the entry of the map that was opened last.
pub(super) struct Variant<'a, 'de> {
    reader: &'a mut Reader<'de>,
}

impl<'a, 'de> Variant<'a, 'de> {
    pub(super) const fn new(reader: &'a mut Reader<'de>) -> Self {
        Self { reader }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = DecodeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), DecodeError> {
        if !self.reader.has_next()? {
            return Err(DecodeError::new(
                "an empty map for an enum",
                self.reader.offset(),
            ));
        }
        let variant = seed.deserialize(KeyDeserializer::new(self.reader))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        <()>::deserialize(ValueDeserializer::new(self.reader))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, DecodeError> {
        seed.deserialize(ValueDeserializer::new(self.reader))
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        ValueDeserializer::new(self.reader).deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        ValueDeserializer::new(self.reader).deserialize_struct("", fields, visitor)
    }
}

//! Lists and maps.

use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::super::{DecodeError, Read, Reader};
use super::key::KeyDeserializer;
use super::value::ValueDeserializer;

/// The elements of the list that was opened last.
pub(super) struct Elements<'a, 'de> {
    reader: &'a mut Reader<'de>,
    /// As declared; readers have checked that there is at least one byte for each element.
    len: Option<usize>,
}

impl<'a, 'de> Elements<'a, 'de> {
    #[inline]
    pub(super) const fn new(reader: &'a mut Reader<'de>, len: Option<usize>) -> Self {
        Self { reader, len }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = DecodeError;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DecodeError> {
        if !self.reader.has_next()? {
            return Ok(None);
        }
        self.len = self.len.map(|len| len.saturating_sub(1));
        seed.deserialize(ValueDeserializer::new(self.reader))
            .map(Some)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        self.len
    }
}

/// The entries of the map that was opened last.
pub(super) struct Entries<'a, 'de> {
    reader: &'a mut Reader<'de>,
    /// As declared; readers have checked that there are at least two bytes for each entry.
    len: Option<usize>,
}

impl<'a, 'de> Entries<'a, 'de> {
    #[inline]
    pub(super) const fn new(reader: &'a mut Reader<'de>, len: Option<usize>) -> Self {
        Self { reader, len }
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = DecodeError;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DecodeError> {
        if !self.reader.has_next()? {
            return Ok(None);
        }
        self.len = self.len.map(|len| len.saturating_sub(1));
        seed.deserialize(KeyDeserializer::new(self.reader))
            .map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DecodeError> {
        seed.deserialize(ValueDeserializer::new(self.reader))
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        self.len
    }
}

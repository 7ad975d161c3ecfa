//! Values with parts: several positional arguments, keyword arguments, or one that is a variant.

use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::Arguments;
use crate::codec::{Compound, EncodeError, KeySerializer, ValueSerializer, Write as _, Writer};

/// The list of positional arguments, begun.
pub(super) struct Positional<'a, 'w> {
    writer: &'a mut Writer<'w>,
    count: usize,
}

impl<'a, 'w> Positional<'a, 'w> {
    #[inline]
    pub(super) const fn new(writer: &'a mut Writer<'w>) -> Self {
        Self { writer, count: 0 }
    }
}

/// The three kinds of lists differ only in the name of a method.
macro_rules! positional {
    ($trait:ident, $method:ident) => {
        impl $trait for Positional<'_, '_> {
            type Ok = Arguments;
            type Error = EncodeError;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
                self.count += 1;
                value.serialize(ValueSerializer::new(self.writer))
            }

            #[inline]
            fn end(self) -> Result<Arguments, EncodeError> {
                self.writer.end()?;
                Ok(Arguments::Positional(self.count))
            }
        }
    };
}

positional!(SerializeSeq, serialize_element);
positional!(SerializeTuple, serialize_element);
positional!(SerializeTupleStruct, serialize_field);

/// The map of keyword arguments, begun.
pub(super) struct Keyword<'a, 'w> {
    writer: &'a mut Writer<'w>,
    count: usize,
}

impl<'a, 'w> Keyword<'a, 'w> {
    #[inline]
    pub(super) const fn new(writer: &'a mut Writer<'w>) -> Self {
        Self { writer, count: 0 }
    }
}

impl SerializeMap for Keyword<'_, '_> {
    type Ok = Arguments;
    type Error = EncodeError;

    /// In WAMP the keys are strings in every format.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        self.count += 1;
        key.serialize(KeySerializer::new(self.writer))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        value.serialize(ValueSerializer::new(self.writer))
    }

    fn end(self) -> Result<Arguments, EncodeError> {
        self.writer.end()?;
        Ok(Arguments::Keyword(self.count))
    }
}

impl SerializeStruct for Keyword<'_, '_> {
    type Ok = Arguments;
    type Error = EncodeError;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.count += 1;
        self.writer.str(key)?;
        value.serialize(ValueSerializer::new(self.writer))
    }

    #[inline]
    fn end(self) -> Result<Arguments, EncodeError> {
        self.writer.end()?;
        Ok(Arguments::Keyword(self.count))
    }
}

/// A list with one argument, a variant whose content is still being written.
pub(super) struct Variant<'a, 'w> {
    writer: &'a mut Writer<'w>,
}

impl<'a, 'w> Variant<'a, 'w> {
    pub(super) const fn new(writer: &'a mut Writer<'w>) -> Self {
        Self { writer }
    }
}

impl SerializeTupleVariant for Variant<'_, '_> {
    type Ok = Arguments;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        SerializeTupleVariant::serialize_field(&mut Compound::new(self.writer), value)
    }

    fn end(self) -> Result<Arguments, EncodeError> {
        SerializeTupleVariant::end(Compound::new(self.writer))?;
        self.writer.end()?;
        Ok(Arguments::Positional(1))
    }
}

impl SerializeStructVariant for Variant<'_, '_> {
    type Ok = Arguments;
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        SerializeStructVariant::serialize_field(&mut Compound::new(self.writer), key, value)
    }

    fn end(self) -> Result<Arguments, EncodeError> {
        SerializeStructVariant::end(Compound::new(self.writer))?;
        self.writer.end()?;
        Ok(Arguments::Positional(1))
    }
}

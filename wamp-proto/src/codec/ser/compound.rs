//! Lists, maps, and variants that hold one.

use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::super::{EncodeError, Write, Writer};
use super::key::KeySerializer;
use super::value::ValueSerializer;

/// A list or map whose beginning has been written.
pub(crate) struct Compound<'a, 'w> {
    writer: &'a mut Writer<'w>,
}

impl<'a, 'w> Compound<'a, 'w> {
    #[inline]
    pub(crate) const fn new(writer: &'a mut Writer<'w>) -> Self {
        Self { writer }
    }

    #[inline]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        value.serialize(ValueSerializer::new(self.writer))
    }

    #[inline]
    fn entry<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.writer.str(key)?;
        self.value(value)
    }

    /// Closes the content of a variant, and the map around it.
    fn end_variant(self) -> Result<(), EncodeError> {
        self.writer.end()?;
        self.writer.end()
    }
}

/// The four kinds of lists differ only in the name of a method.
macro_rules! list {
    ($trait:ident, $method:ident, $end:ident) => {
        impl $trait for Compound<'_, '_> {
            type Ok = ();
            type Error = EncodeError;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
                self.value(value)
            }

            #[inline]
            fn end(self) -> Result<(), EncodeError> {
                list!(@$end self)
            }
        }
    };
    (@plain $self:ident) => { $self.writer.end() };
    (@variant $self:ident) => { $self.end_variant() };
}

list!(SerializeSeq, serialize_element, plain);
list!(SerializeTuple, serialize_element, plain);
list!(SerializeTupleStruct, serialize_field, plain);
list!(SerializeTupleVariant, serialize_field, variant);

impl SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        if let Writer::Json(_) = self.writer {
            key.serialize(KeySerializer::new(self.writer))
        } else {
            self.value(key)
        }
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.value(value)
    }

    #[inline]
    fn end(self) -> Result<(), EncodeError> {
        self.writer.end()
    }
}

impl SerializeStruct for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.entry(key, value)
    }

    #[inline]
    fn end(self) -> Result<(), EncodeError> {
        self.writer.end()
    }
}

impl SerializeStructVariant for Compound<'_, '_> {
    type Ok = ();
    type Error = EncodeError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.entry(key, value)
    }

    fn end(self) -> Result<(), EncodeError> {
        self.end_variant()
    }
}

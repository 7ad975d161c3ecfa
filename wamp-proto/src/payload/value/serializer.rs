//! The serializer that looks at the outermost shape of a value, and leaves the rest to the ordinary one.

use serde::{Serialize, Serializer};

use super::compound::{Keyword, Positional, Variant};
use super::{Arguments, MapPlace};
use crate::codec::{EncodeError, ValueSerializer, Write as _, Writer};
use crate::payload::Single;

pub(super) struct ArgumentSerializer<'a, 'w> {
    /// Inside of the list that the message is.
    writer: &'a mut Writer<'w>,
    map_place: MapPlace,
}

impl<'a, 'w> ArgumentSerializer<'a, 'w> {
    #[inline]
    pub(super) const fn new(writer: &'a mut Writer<'w>, map_place: MapPlace) -> Self {
        Self { writer, map_place }
    }

    /// A list with one element.
    #[inline]
    fn single<T: Serialize + ?Sized>(self, value: &T) -> Result<Arguments, EncodeError> {
        self.writer.seq(Some(1))?;
        value.serialize(ValueSerializer::new(self.writer))?;
        self.writer.end()?;
        Ok(Arguments::Positional(1))
    }
}

/// Whatever is one argument as it is.
macro_rules! single {
    ($($method:ident: $ty:ty,)*) => {
        $(
            #[inline]
            fn $method(self, value: $ty) -> Result<Arguments, EncodeError> {
                self.single(&value)
            }
        )*
    };
}

impl<'a, 'w> Serializer for ArgumentSerializer<'a, 'w> {
    type Ok = Arguments;
    type Error = EncodeError;
    type SerializeSeq = Positional<'a, 'w>;
    type SerializeTuple = Positional<'a, 'w>;
    type SerializeTupleStruct = Positional<'a, 'w>;
    type SerializeTupleVariant = Variant<'a, 'w>;
    type SerializeMap = Keyword<'a, 'w>;
    type SerializeStruct = Keyword<'a, 'w>;
    type SerializeStructVariant = Variant<'a, 'w>;

    single! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_u128: u128,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Arguments, EncodeError> {
        self.writer.seq(Some(1))?;
        self.writer.bytes(value)?;
        self.writer.end()?;
        Ok(Arguments::Positional(1))
    }

    #[inline]
    fn serialize_none(self) -> Result<Arguments, EncodeError> {
        Ok(Arguments::Nothing)
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Arguments, EncodeError> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<Arguments, EncodeError> {
        Ok(Arguments::Nothing)
    }

    #[inline]
    fn serialize_unit_struct(self, _name: &'static str) -> Result<Arguments, EncodeError> {
        Ok(Arguments::Nothing)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Arguments, EncodeError> {
        self.single(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Arguments, EncodeError> {
        if name == Single::<()>::NAME {
            self.single(value)
        } else {
            value.serialize(self)
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Arguments, EncodeError> {
        self.writer.seq(Some(1))?;
        ValueSerializer::new(self.writer).serialize_newtype_variant(name, index, variant, value)?;
        self.writer.end()?;
        Ok(Arguments::Positional(1))
    }

    #[inline]
    fn serialize_seq(self, len: Option<usize>) -> Result<Positional<'a, 'w>, EncodeError> {
        self.writer.seq(len)?;
        Ok(Positional::new(self.writer))
    }

    #[inline]
    fn serialize_tuple(self, len: usize) -> Result<Positional<'a, 'w>, EncodeError> {
        self.serialize_seq(Some(len))
    }

    #[inline]
    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        len: usize,
    ) -> Result<Positional<'a, 'w>, EncodeError> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Variant<'a, 'w>, EncodeError> {
        self.writer.seq(Some(1))?;
        ValueSerializer::new(self.writer).serialize_tuple_variant(name, index, variant, len)?;
        Ok(Variant::new(self.writer))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Keyword<'a, 'w>, EncodeError> {
        if self.map_place == MapPlace::AfterList {
            self.writer.seq(Some(0))?;
            self.writer.end()?;
        }
        self.writer.map(len)?;
        Ok(Keyword::new(self.writer))
    }

    #[inline]
    fn serialize_struct(
        self,
        _name: &'static str,
        len: usize,
    ) -> Result<Keyword<'a, 'w>, EncodeError> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Variant<'a, 'w>, EncodeError> {
        self.writer.seq(Some(1))?;
        ValueSerializer::new(self.writer).serialize_struct_variant(name, index, variant, len)?;
        Ok(Variant::new(self.writer))
    }
}

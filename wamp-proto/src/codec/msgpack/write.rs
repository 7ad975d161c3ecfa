//! Writing MessagePack.

use bytes::BytesMut;

use super::super::header::{Header, Open};
use super::super::{EncodeError, Place, Token, Write, big_int};
use super::marker;

/// Writes MessagePack, each value in as few bytes as possible.
#[derive(Debug)]
pub struct MsgPackWriter<'w> {
    out: &'w mut BytesMut,
    open: Open,
}

impl<'w> MsgPackWriter<'w> {
    /// Appends to `out`.
    #[must_use]
    #[inline]
    pub fn new(out: &'w mut BytesMut, place: Place) -> Self {
        Self {
            out,
            open: Open::new(place),
        }
    }

    /// A value that is nothing but a marker and a number.
    #[inline]
    fn put<const N: usize>(&mut self, marker: u8, number: [u8; N]) -> Result<(), EncodeError> {
        self.open.count();
        self.out
            .extend_from_slice(Header::new(marker, number).as_bytes());
        Ok(())
    }

    fn begin(&mut self, map: bool, len: Option<usize>) -> Result<(), EncodeError> {
        let len = len.unwrap_or_default();
        let header = container(map, len)?;
        self.open.push(self.out, map, len)?;
        self.out.extend_from_slice(header.as_bytes());
        Ok(())
    }
}

impl Write for MsgPackWriter<'_> {
    #[inline]
    fn null(&mut self) -> Result<(), EncodeError> {
        self.put(marker::NIL, [])
    }

    #[inline]
    fn bool(&mut self, value: bool) -> Result<(), EncodeError> {
        self.put(if value { marker::TRUE } else { marker::FALSE }, [])
    }

    #[inline]
    fn u64(&mut self, value: u64) -> Result<(), EncodeError> {
        if let Ok(value) = u8::try_from(value) {
            if value < 0x80 {
                self.put(value, [])
            } else {
                self.put(marker::U8, [value])
            }
        } else if let Ok(value) = u16::try_from(value) {
            self.put(marker::U16, value.to_be_bytes())
        } else if let Ok(value) = u32::try_from(value) {
            self.put(marker::U32, value.to_be_bytes())
        } else {
            self.put(marker::U64, value.to_be_bytes())
        }
    }

    #[inline]
    fn i64(&mut self, value: i64) -> Result<(), EncodeError> {
        if let Ok(value) = u64::try_from(value) {
            self.u64(value)
        } else if let Ok(value) = i8::try_from(value) {
            let byte = value.cast_unsigned();
            if value >= -32 {
                self.put(byte, [])
            } else {
                self.put(marker::I8, [byte])
            }
        } else if let Ok(value) = i16::try_from(value) {
            self.put(marker::I16, value.to_be_bytes())
        } else if let Ok(value) = i32::try_from(value) {
            self.put(marker::I32, value.to_be_bytes())
        } else {
            self.put(marker::I64, value.to_be_bytes())
        }
    }

    fn big_int(&mut self, negative: bool, magnitude: &[u8]) -> Result<(), EncodeError> {
        match big_int::token(negative, magnitude.into()) {
            Token::U64(value) => self.u64(value),
            Token::I64(value) => self.i64(value),
            _ => Err(EncodeError::new(
                "MessagePack has no integers beyond 64 bits",
            )),
        }
    }

    fn f32(&mut self, value: f32) -> Result<(), EncodeError> {
        self.put(marker::F32, value.to_be_bytes())
    }

    fn f64(&mut self, value: f64) -> Result<(), EncodeError> {
        self.put(marker::F64, value.to_be_bytes())
    }

    #[inline]
    fn str(&mut self, value: &str) -> Result<(), EncodeError> {
        let header = match value.len() {
            len if let Ok(len @ 0..=31) = u8::try_from(len) => {
                Header::new(marker::FIX_STR | len, [])
            }
            len => sized([marker::STR_8, marker::STR_16, marker::STR_32], len)?,
        };
        self.open.count();
        self.out.extend_from_slice(header.as_bytes());
        self.out.extend_from_slice(value.as_bytes());
        Ok(())
    }

    fn bytes(&mut self, value: &[u8]) -> Result<(), EncodeError> {
        let header = sized([marker::BIN_8, marker::BIN_16, marker::BIN_32], value.len())?;
        self.open.count();
        self.out.extend_from_slice(header.as_bytes());
        self.out.extend_from_slice(value);
        Ok(())
    }

    #[inline]
    fn seq(&mut self, len: Option<usize>) -> Result<(), EncodeError> {
        self.begin(false, len)
    }

    #[inline]
    fn map(&mut self, len: Option<usize>) -> Result<(), EncodeError> {
        self.begin(true, len)
    }

    #[inline]
    fn end(&mut self) -> Result<(), EncodeError> {
        self.open.pop(self.out, container)
    }

    fn tag(&mut self, _tag: u64) -> Result<(), EncodeError> {
        Err(EncodeError::new("MessagePack has no tags"))
    }

    fn ext(&mut self, kind: i8, data: &[u8]) -> Result<(), EncodeError> {
        let header = match data.len() {
            1 => Header::new(marker::FIX_EXT_1, []),
            2 => Header::new(marker::FIX_EXT_2, []),
            4 => Header::new(marker::FIX_EXT_4, []),
            8 => Header::new(marker::FIX_EXT_8, []),
            16 => Header::new(marker::FIX_EXT_16, []),
            len => sized([marker::EXT_8, marker::EXT_16, marker::EXT_32], len)?,
        };
        self.open.count();
        self.out.extend_from_slice(header.as_bytes());
        self.out.extend_from_slice(&kind.to_be_bytes());
        self.out.extend_from_slice(data);
        Ok(())
    }

    fn simple(&mut self, _value: u8) -> Result<(), EncodeError> {
        Err(EncodeError::new("MessagePack has no simple values"))
    }

    #[inline]
    fn raw(&mut self, value: &[u8]) -> Result<(), EncodeError> {
        self.open.count();
        self.out.extend_from_slice(value);
        Ok(())
    }
}

/// The header of a list or map.
#[inline]
fn container(map: bool, len: usize) -> Result<Header, EncodeError> {
    let (short, markers) = if map {
        (marker::FIX_MAP, [marker::MAP_16, marker::MAP_32])
    } else {
        (marker::FIX_LIST, [marker::LIST_16, marker::LIST_32])
    };
    if let Ok(len @ 0..=15) = u8::try_from(len) {
        Ok(Header::new(short | len, []))
    } else if let Ok(len) = u16::try_from(len) {
        Ok(Header::new(markers[0], len.to_be_bytes()))
    } else {
        Ok(Header::new(markers[1], short_enough(len)?.to_be_bytes()))
    }
}

/// The header of data with a length of one, two or four bytes.
fn sized(markers: [u8; 3], len: usize) -> Result<Header, EncodeError> {
    if let Ok(len) = u8::try_from(len) {
        Ok(Header::new(markers[0], [len]))
    } else if let Ok(len) = u16::try_from(len) {
        Ok(Header::new(markers[1], len.to_be_bytes()))
    } else {
        Ok(Header::new(markers[2], short_enough(len)?.to_be_bytes()))
    }
}

fn short_enough(len: usize) -> Result<u32, EncodeError> {
    u32::try_from(len).map_err(|_| EncodeError::new("too long for MessagePack"))
}

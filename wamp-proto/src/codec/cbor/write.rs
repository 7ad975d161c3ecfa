//! Writing CBOR.

use bytes::BytesMut;

use super::super::header::{Header, Open};
use super::super::{EncodeError, Place, Write};
use super::head::head;
use super::{major, simple, tag};

/// Writes CBOR, with definite lengths and each integer in as few bytes as possible.
#[derive(Debug)]
pub struct CborWriter<'w> {
    out: &'w mut BytesMut,
    open: Open,
}

impl<'w> CborWriter<'w> {
    /// Appends to `out`.
    #[must_use]
    #[inline]
    pub fn new(out: &'w mut BytesMut, place: Place) -> Self {
        Self {
            out,
            open: Open::new(place),
        }
    }

    /// A whole value.
    #[inline]
    fn put(&mut self, header: Header, content: &[u8]) -> Result<(), EncodeError> {
        self.open.count();
        self.out.extend_from_slice(header.as_bytes());
        self.out.extend_from_slice(content);
        Ok(())
    }

    #[inline]
    fn begin(&mut self, map: bool, len: Option<usize>) -> Result<(), EncodeError> {
        let len = len.unwrap_or_default();
        self.open.push(self.out, map, len)?;
        self.out.extend_from_slice(container(map, len)?.as_bytes());
        Ok(())
    }

    #[inline]
    fn simple_value(&mut self, value: u8) -> Result<(), EncodeError> {
        self.put(head(major::OTHER, value.into()), &[])
    }
}

impl Write for CborWriter<'_> {
    #[inline]
    fn null(&mut self) -> Result<(), EncodeError> {
        self.simple_value(simple::NULL)
    }

    #[inline]
    fn bool(&mut self, value: bool) -> Result<(), EncodeError> {
        self.simple_value(if value { simple::TRUE } else { simple::FALSE })
    }

    #[inline]
    fn u64(&mut self, value: u64) -> Result<(), EncodeError> {
        self.put(head(major::UNSIGNED, value), &[])
    }

    #[inline]
    fn i64(&mut self, value: i64) -> Result<(), EncodeError> {
        match u64::try_from(value) {
            Ok(value) => self.u64(value),
            // In two's complement `-1 - value` is `!value`.
            Err(_) => self.put(head(major::NEGATIVE, (!value).cast_unsigned()), &[]),
        }
    }

    fn big_int(&mut self, negative: bool, magnitude: &[u8]) -> Result<(), EncodeError> {
        let zeros = magnitude.iter().take_while(|&&byte| byte == 0).count();
        let magnitude = magnitude.get(zeros..).unwrap_or_default();
        if magnitude.len() <= size_of::<u64>() {
            let small = magnitude
                .iter()
                .fold(0, |sum, &byte| (sum << 8) | u64::from(byte));
            return self.put(
                head(
                    if negative {
                        major::NEGATIVE
                    } else {
                        major::UNSIGNED
                    },
                    small,
                ),
                &[],
            );
        }
        self.tag(if negative {
            tag::BIG_NEGATIVE
        } else {
            tag::BIG_POSITIVE
        })?;
        self.bytes(magnitude)
    }

    fn f32(&mut self, value: f32) -> Result<(), EncodeError> {
        self.put(
            Header::new(major::OTHER << 5 | simple::F32, value.to_be_bytes()),
            &[],
        )
    }

    fn f64(&mut self, value: f64) -> Result<(), EncodeError> {
        self.put(
            Header::new(major::OTHER << 5 | simple::F64, value.to_be_bytes()),
            &[],
        )
    }

    #[inline]
    fn str(&mut self, value: &str) -> Result<(), EncodeError> {
        self.put(head(major::TEXT, size(value.len())?), value.as_bytes())
    }

    fn bytes(&mut self, value: &[u8]) -> Result<(), EncodeError> {
        self.put(head(major::BYTES, size(value.len())?), value)
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

    fn tag(&mut self, tag: u64) -> Result<(), EncodeError> {
        self.out.extend_from_slice(head(major::TAG, tag).as_bytes());
        Ok(())
    }

    fn ext(&mut self, _kind: i8, _data: &[u8]) -> Result<(), EncodeError> {
        Err(EncodeError::new("CBOR has no MessagePack extension values"))
    }

    fn simple(&mut self, value: u8) -> Result<(), EncodeError> {
        match value {
            simple::FALSE..=31 => Err(EncodeError::new(
                "not one of the unassigned CBOR simple values",
            )),
            _ => self.simple_value(value),
        }
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
    Ok(head(if map { major::MAP } else { major::LIST }, size(len)?))
}

#[inline]
fn size(len: usize) -> Result<u64, EncodeError> {
    u64::try_from(len).map_err(|_| EncodeError::new("too long for CBOR"))
}

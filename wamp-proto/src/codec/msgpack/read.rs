//! Reading MessagePack.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::super::cursor::Cursor;
use super::super::nesting::{MAX_DEPTH, TOO_DEEP};
use super::super::{DecodeError, Read, Token};
use super::marker;

/// Reads MessagePack.
#[derive(Clone, Debug)]
pub struct MsgPackReader<'de> {
    input: Cursor<'de>,
    /// How many values are left in each open container; keys and values count one each.
    open: SmallVec<[usize; 4]>,
    /// Whether the outermost value has begun.
    begun: bool,
}

impl<'de> MsgPackReader<'de> {
    /// At the beginning of `input`.
    #[must_use]
    #[inline]
    pub fn new(input: &'de [u8]) -> Self {
        Self {
            input: Cursor::new(input),
            open: SmallVec::new(),
            begun: false,
        }
    }

    /// Counts one more value; `false` if the innermost container ends instead.
    #[inline]
    fn enter(&mut self) -> Result<bool, DecodeError> {
        match self.open.last_mut() {
            Some(0) => {
                self.open.pop();
                Ok(false)
            }
            Some(left) => {
                *left -= 1;
                Ok(true)
            }
            None if self.begun => Err(self.input.error("expected nothing more")),
            None => {
                self.begun = true;
                Ok(true)
            }
        }
    }

    /// Reads a value, or the header of a container. Never allocates.
    fn item(&mut self) -> Result<Token<'de>, DecodeError> {
        let input = &mut self.input;
        Ok(match input.byte()? {
            value @ 0..=0x7f => Token::U64(value.into()),
            value @ 0xe0.. => signed(value.cast_signed().into()),
            first @ marker::FIX_MAP..=0x8f => self.map((first & 0xf).into())?,
            first @ marker::FIX_LIST..=0x9f => self.list((first & 0xf).into())?,
            first @ marker::FIX_STR..=0xbf => self.text((first & 0x1f).into())?,

            marker::NIL => Token::Null,
            marker::FALSE => Token::Bool(false),
            marker::TRUE => Token::Bool(true),
            0xc1 => return Err(input.error("the reserved MessagePack marker 0xc1")),

            marker::U8 => Token::U64(input.byte()?.into()),
            marker::U16 => Token::U64(u16::from_be_bytes(input.array()?).into()),
            marker::U32 => Token::U64(u32::from_be_bytes(input.array()?).into()),
            marker::U64 => Token::U64(u64::from_be_bytes(input.array()?)),
            marker::I8 => signed(i8::from_be_bytes(input.array()?).into()),
            marker::I16 => signed(i16::from_be_bytes(input.array()?).into()),
            marker::I32 => signed(i32::from_be_bytes(input.array()?).into()),
            marker::I64 => signed(i64::from_be_bytes(input.array()?)),
            marker::F32 => Token::F64(f32::from_be_bytes(input.array()?).into()),
            marker::F64 => Token::F64(f64::from_be_bytes(input.array()?)),

            marker::STR_8 => self.len::<1>().and_then(|len| self.text(len))?,
            marker::STR_16 => self.len::<2>().and_then(|len| self.text(len))?,
            marker::STR_32 => self.len::<4>().and_then(|len| self.text(len))?,
            marker::BIN_8 => self.len::<1>().and_then(|len| self.data(len))?,
            marker::BIN_16 => self.len::<2>().and_then(|len| self.data(len))?,
            marker::BIN_32 => self.len::<4>().and_then(|len| self.data(len))?,
            marker::EXT_8 => self.len::<1>().and_then(|len| self.ext(len))?,
            marker::EXT_16 => self.len::<2>().and_then(|len| self.ext(len))?,
            marker::EXT_32 => self.len::<4>().and_then(|len| self.ext(len))?,
            marker::FIX_EXT_1 => self.ext(1)?,
            marker::FIX_EXT_2 => self.ext(2)?,
            marker::FIX_EXT_4 => self.ext(4)?,
            marker::FIX_EXT_8 => self.ext(8)?,
            marker::FIX_EXT_16 => self.ext(16)?,
            marker::LIST_16 => self.len::<2>().and_then(|len| self.list(len))?,
            marker::LIST_32 => self.len::<4>().and_then(|len| self.list(len))?,
            marker::MAP_16 => self.len::<2>().and_then(|len| self.map(len))?,
            marker::MAP_32 => self.len::<4>().and_then(|len| self.map(len))?,
        })
    }

    /// A length of `N` bytes.
    #[inline]
    fn len<const N: usize>(&mut self) -> Result<u64, DecodeError> {
        let bytes: [u8; N] = self.input.array()?;
        Ok(bytes
            .iter()
            .fold(0, |sum, &byte| (sum << 8) | u64::from(byte)))
    }

    #[inline]
    fn text(&mut self, len: u64) -> Result<Token<'de>, DecodeError> {
        Ok(Token::Str(Cow::Borrowed(self.input.text(len)?)))
    }

    fn data(&mut self, len: u64) -> Result<Token<'de>, DecodeError> {
        Ok(Token::Bytes(Cow::Borrowed(self.input.bytes(len)?)))
    }

    fn ext(&mut self, len: u64) -> Result<Token<'de>, DecodeError> {
        let kind = self.input.byte()?.cast_signed();
        let data = self.input.bytes(len)?;
        Ok(match (kind, data) {
            (0, [0]) => Token::Null, // `UNDEFINED`
            _ => Token::Ext(kind, Cow::Borrowed(data)),
        })
    }

    #[inline]
    fn list(&mut self, len: u64) -> Result<Token<'de>, DecodeError> {
        let len = self.input.count(len, 1)?;
        self.push(len)?;
        Ok(Token::Seq(Some(len)))
    }

    #[inline]
    fn map(&mut self, len: u64) -> Result<Token<'de>, DecodeError> {
        let len = self.input.count(len, 2)?;
        self.push(2 * len)?;
        Ok(Token::Map(Some(len)))
    }

    #[inline]
    fn push(&mut self, items: usize) -> Result<(), DecodeError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(self.input.error(TOO_DEEP));
        }
        self.open.push(items);
        Ok(())
    }
}

impl<'de> Read<'de> for MsgPackReader<'de> {
    #[inline]
    fn next(&mut self) -> Result<Token<'de>, DecodeError> {
        if self.enter()? {
            self.item()
        } else {
            Ok(Token::End)
        }
    }

    fn value(&mut self) -> Result<&'de [u8], DecodeError> {
        let start = self.input.offset();
        let outer = self.open.len();
        if !self.enter()? {
            return Err(self.input.error("expected a value"));
        }
        self.item()?;
        while self.open.len() > outer {
            if self.enter()? {
                self.item()?;
            }
        }
        Ok(self.input.since(start))
    }

    #[inline]
    fn has_next(&mut self) -> Result<bool, DecodeError> {
        Ok(self.open.last().map_or(!self.begun, |&left| left > 0))
    }

    #[inline]
    fn take_null(&mut self) -> Result<bool, DecodeError> {
        let null = self.has_next()?
            && match self.input.peek() {
                Some(marker::NIL) => true,
                Some(marker::FIX_EXT_1) => self
                    .input
                    .clone()
                    .array()
                    .is_ok_and(|next| next == UNDEFINED),
                _ => false,
            };
        if null {
            self.next()?;
        }
        Ok(null)
    }

    #[inline]
    fn finish(&mut self) -> Result<(), DecodeError> {
        if !self.begun || !self.open.is_empty() {
            return Err(self.input.error("unexpected end of input"));
        }
        if self.input.left() > 0 {
            return Err(self.input.error("expected nothing more"));
        }
        Ok(())
    }

    #[inline]
    fn offset(&self) -> usize {
        self.input.offset()
    }
}

/// How JavaScript's msgpackr, and so wampy.js, writes `undefined`: an extension of kind 0. It is read as nil, as CBOR's is.
const UNDEFINED: [u8; 3] = [marker::FIX_EXT_1, 0, 0];

/// Positive integers may be written in a signed form, too.
#[inline]
fn signed(value: i64) -> Token<'static> {
    u64::try_from(value).map_or(Token::I64(value), Token::U64)
}

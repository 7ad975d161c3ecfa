//! Writing JSON.

use bytes::BytesMut;

use super::super::nesting::{Nesting, TOO_DEEP};
use super::super::{EncodeError, Place, Write, big_int, binary};
use super::Expect;
use super::scan::plain;
use super::string::escape;

/// Writes JSON, without white space.
#[derive(Debug)]
pub struct JsonWriter<'w> {
    out: &'w mut BytesMut,
    nesting: Nesting,
    expect: Expect,
}

impl<'w> JsonWriter<'w> {
    /// Appends to `out`.
    #[must_use]
    #[inline]
    pub fn new(out: &'w mut BytesMut, place: Place) -> Self {
        let (nesting, expect) = match place {
            Place::Value => (Nesting::default(), Expect::Value),
            Place::ListStart => (Nesting::in_list(), Expect::First),
            Place::ListTail => (Nesting::in_list(), Expect::Next),
        };
        Self {
            out,
            nesting,
            expect,
        }
    }

    /// Writes the separator before a value that is not a string, so it cannot be a key.
    #[inline]
    fn begin(&mut self) -> Result<(), EncodeError> {
        if self.at_key() {
            return Err(EncodeError::new("only strings can be keys in JSON"));
        }
        self.separate();
        Ok(())
    }

    #[inline]
    fn separate(&mut self) {
        if self.expect == Expect::Next {
            self.out.extend_from_slice(b",");
        }
    }

    #[inline]
    fn at_key(&self) -> bool {
        self.nesting.in_map() && self.expect != Expect::Value
    }

    /// Writes what is not a string.
    #[inline]
    fn put(&mut self, text: &[u8]) -> Result<(), EncodeError> {
        self.begin()?;
        self.out.extend_from_slice(text);
        self.expect = Expect::Next;
        Ok(())
    }

    #[inline]
    fn open(&mut self, map: bool) -> Result<(), EncodeError> {
        self.begin()?;
        if !self.nesting.push(map) {
            return Err(EncodeError::new(TOO_DEEP));
        }
        self.out.extend_from_slice(if map { b"{" } else { b"[" });
        self.expect = Expect::First;
        Ok(())
    }

    #[inline]
    fn string(&mut self, text: &str) {
        self.out.reserve(text.len() + 2);
        self.out.extend_from_slice(b"\"");
        let mut rest = text.as_bytes();
        loop {
            let (clean, special) = rest
                .split_at_checked(plain(rest).len)
                .unwrap_or((rest, &[]));
            self.out.extend_from_slice(clean);
            let Some((&byte, after)) = special.split_first() else {
                break;
            };
            self.escape(byte);
            rest = after;
        }
        self.out.extend_from_slice(b"\"");
    }

    #[cold]
    fn escape(&mut self, byte: u8) {
        const DIGITS: [u8; 16] = *b"0123456789abcdef";

        if let Some(escape) = escape(byte) {
            self.out.extend_from_slice(escape);
        } else {
            let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
            self.out.extend_from_slice(br"\u00");
            self.out
                .extend_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
        }
    }
}

impl Write for JsonWriter<'_> {
    #[inline]
    fn null(&mut self) -> Result<(), EncodeError> {
        self.put(b"null")
    }

    #[inline]
    fn bool(&mut self, value: bool) -> Result<(), EncodeError> {
        self.put(if value { b"true" } else { b"false" })
    }

    #[inline]
    fn u64(&mut self, value: u64) -> Result<(), EncodeError> {
        self.put(itoa::Buffer::new().format(value).as_bytes())
    }

    #[inline]
    fn i64(&mut self, value: i64) -> Result<(), EncodeError> {
        self.put(itoa::Buffer::new().format(value).as_bytes())
    }

    fn big_int(&mut self, negative: bool, magnitude: &[u8]) -> Result<(), EncodeError> {
        let text = big_int::to_decimal(negative, magnitude)
            .ok_or_else(|| EncodeError::new("integer of more than 4096 bits"))?;
        self.put(text.as_bytes())
    }

    fn f32(&mut self, value: f32) -> Result<(), EncodeError> {
        if !value.is_finite() {
            return Err(not_finite());
        }
        self.put(zmij::Buffer::new().format_finite(value).as_bytes())
    }

    fn f64(&mut self, value: f64) -> Result<(), EncodeError> {
        if !value.is_finite() {
            return Err(not_finite());
        }
        self.put(zmij::Buffer::new().format_finite(value).as_bytes())
    }

    #[inline]
    fn str(&mut self, value: &str) -> Result<(), EncodeError> {
        let at_key = self.at_key();
        self.separate();
        self.string(value);
        if at_key {
            self.out.extend_from_slice(b":");
            self.expect = Expect::Value;
        } else {
            self.expect = Expect::Next;
        }
        Ok(())
    }

    /// WAMP's convention: U+0000 and Base64.
    fn bytes(&mut self, value: &[u8]) -> Result<(), EncodeError> {
        self.begin()?;
        binary::encode(value, self.out);
        self.expect = Expect::Next;
        Ok(())
    }

    #[inline]
    fn seq(&mut self, _len: Option<usize>) -> Result<(), EncodeError> {
        self.open(false)
    }

    #[inline]
    fn map(&mut self, _len: Option<usize>) -> Result<(), EncodeError> {
        self.open(true)
    }

    #[inline]
    fn end(&mut self) -> Result<(), EncodeError> {
        let map = self.nesting.in_map();
        if map && self.expect == Expect::Value {
            return Err(EncodeError::new("key without a value"));
        }
        if !self.nesting.pop() {
            return Err(EncodeError::new("no open list or map"));
        }
        self.out.extend_from_slice(if map { b"}" } else { b"]" });
        self.expect = Expect::Next;
        Ok(())
    }

    fn tag(&mut self, _tag: u64) -> Result<(), EncodeError> {
        Err(EncodeError::new("JSON has no tags"))
    }

    fn ext(&mut self, _kind: i8, _data: &[u8]) -> Result<(), EncodeError> {
        Err(EncodeError::new("JSON has no extension values"))
    }

    fn simple(&mut self, _value: u8) -> Result<(), EncodeError> {
        Err(EncodeError::new("JSON has no simple values"))
    }

    #[inline]
    fn raw(&mut self, value: &[u8]) -> Result<(), EncodeError> {
        self.put(value)
    }
}

#[cold]
fn not_finite() -> EncodeError {
    EncodeError::new("JSON has neither NaN nor infinity")
}

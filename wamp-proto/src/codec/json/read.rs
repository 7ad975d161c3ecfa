//! Reading JSON.

use std::borrow::Cow;

use super::super::nesting::{Nesting, TOO_DEEP};
use super::super::{DecodeError, Read, Token};
use super::Expect;
use super::number::{Literal, short_integer};
use super::scan::{Plain, plain};
use super::skip::{self, closing};
use super::string::unescape;

/// Reads JSON.
#[derive(Clone, Debug)]
pub struct JsonReader<'de> {
    input: &'de [u8],
    at: usize,
    nesting: Nesting,
    expect: Expect,
}

/// What stands next, after separators.
enum Slot {
    /// A value that begins with this byte.
    Value(u8),
    /// A key: its opening quote.
    Key,
    /// The innermost container was closed.
    End,
}

impl<'de> JsonReader<'de> {
    /// At the beginning of `input`.
    #[must_use]
    #[inline]
    pub fn new(input: &'de [u8]) -> Self {
        Self {
            input,
            at: 0,
            nesting: Nesting::default(),
            expect: Expect::Value,
        }
    }

    /// Reads an integer that is not negative and all there is; anything else is left alone.
    #[inline]
    pub(crate) fn lone_integer(&mut self) -> Option<u64> {
        if self.expect != Expect::Value || self.at != 0 {
            return None;
        }
        let (number, len) = short_integer(self.input)?;
        if len != self.input.len() {
            return None;
        }
        self.at = len;
        self.expect = Expect::Nothing;
        Some(number)
    }

    /// Passes over white space and separators to the first byte of what is next, or over the end of a container.
    #[inline]
    fn slot(&mut self) -> Result<Slot, DecodeError> {
        match self.expect {
            Expect::Value => return Ok(Slot::Value(self.significant()?)),
            Expect::Nothing => return Err(self.error("expected nothing more")),
            Expect::First | Expect::Next => {}
        }
        let in_map = self.nesting.in_map();
        let mut byte = self.significant()?;
        if byte == closing(in_map) {
            self.at += 1;
            self.nesting.pop();
            self.value_ends();
            return Ok(Slot::End);
        }
        if self.expect == Expect::Next {
            if byte != b',' {
                return Err(self.error(skip::expected_after(in_map)));
            }
            self.at += 1;
            byte = self.significant()?;
        }
        match (in_map, byte) {
            (false, _) => Ok(Slot::Value(byte)),
            (true, b'"') => Ok(Slot::Key),
            (true, _) => Err(self.error("expected a string as key")),
        }
    }

    /// The first byte that is not white space, without passing over it.
    #[inline]
    fn significant(&mut self) -> Result<u8, DecodeError> {
        self.at = skip::space(self.input, self.at);
        skip::byte(self.input, self.at)
    }

    #[inline]
    fn value_ends(&mut self) {
        self.expect = if self.nesting.depth() == 0 {
            Expect::Nothing
        } else {
            Expect::Next
        };
    }

    /// Passes over the colon after a key.
    #[inline]
    fn key_ends(&mut self) -> Result<(), DecodeError> {
        self.at = skip::colon(self.input, self.at)?;
        self.expect = Expect::Value;
        Ok(())
    }

    #[inline]
    fn open(&mut self, map: bool) -> Result<(), DecodeError> {
        if !self.nesting.push(map) {
            return Err(self.error(TOO_DEEP));
        }
        self.at += 1;
        self.expect = Expect::First;
        Ok(())
    }

    /// Any number but the usual ones.
    #[cold]
    fn literal(&mut self) -> Result<Token<'de>, DecodeError> {
        let literal = Literal::read(self.rest(), self.at)?;
        let token = literal
            .token()
            .ok_or_else(|| self.error("number out of range"))?;
        self.at += literal.len();
        self.value_ends();
        Ok(token)
    }

    #[inline]
    fn keyword(&mut self, keyword: &'static str) -> Result<(), DecodeError> {
        self.at = skip::keyword(self.input, self.at, keyword.as_bytes())?;
        self.value_ends();
        Ok(())
    }

    /// Reads the string whose opening quote is next.
    #[inline]
    fn string(&mut self) -> Result<Cow<'de, str>, DecodeError> {
        self.at += 1;
        let Plain { len, .. } = plain(self.rest());
        if self.input.get(self.at + len) != Some(&b'"') {
            return self.string_with_escapes(len).map(Cow::Owned);
        }
        let text = skip::utf8(self.input, self.at, self.at + len)?;
        self.at += len + 1;
        Ok(Cow::Borrowed(text))
    }

    /// Goes on after the first `len` bytes of a string, which stand for themselves.
    #[cold]
    fn string_with_escapes(&mut self, mut len: usize) -> Result<String, DecodeError> {
        let mut text = String::new();
        loop {
            // Escapes are ASCII: no character is torn apart between them.
            text.push_str(skip::utf8(self.input, self.at, self.at + len)?);
            self.at += len;
            match self.input.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    let (char, escape_len) = unescape(self.rest(), self.at)?;
                    text.push(char);
                    self.at += escape_len;
                }
                Some(_) => return Err(self.error("control character in a string")),
                None => return Err(self.error("unexpected end of input")),
            }
            len = plain(self.rest()).len;
        }
        self.at += 1;
        Ok(text)
    }

    #[inline]
    fn rest(&self) -> &'de [u8] {
        self.input.get(self.at..).unwrap_or_default()
    }

    #[cold]
    fn error(&self, message: &'static str) -> DecodeError {
        DecodeError::new(message, self.at)
    }
}

impl<'de> Read<'de> for JsonReader<'de> {
    /// Each kind of value is put into the result where it is made: moving tokens around is what would cost most here.
    #[inline]
    fn next(&mut self) -> Result<Token<'de>, DecodeError> {
        let first = match self.slot()? {
            Slot::Value(byte) => byte,
            Slot::Key => {
                let key = self.string()?;
                self.key_ends()?;
                return Ok(Token::Str(key));
            }
            Slot::End => return Ok(Token::End),
        };
        match first {
            b'"' => {
                let text = self.string()?;
                self.value_ends();
                Ok(Token::Str(text))
            }
            b'-' | b'0'..=b'9' => match short_integer(self.rest()) {
                Some((number, len)) => {
                    self.at += len;
                    self.value_ends();
                    Ok(Token::U64(number))
                }
                None => self.literal(),
            },
            b'[' => {
                self.open(false)?;
                Ok(Token::Seq(None))
            }
            b'{' => {
                self.open(true)?;
                Ok(Token::Map(None))
            }
            b't' => {
                self.keyword("true")?;
                Ok(Token::Bool(true))
            }
            b'f' => {
                self.keyword("false")?;
                Ok(Token::Bool(false))
            }
            b'n' => {
                self.keyword("null")?;
                Ok(Token::Null)
            }
            _ => Err(self.error("expected a value")),
        }
    }

    #[inline]
    fn value(&mut self) -> Result<&'de [u8], DecodeError> {
        let slot = self.slot()?;
        let start = self.at;
        let end = match slot {
            Slot::Value(_) => {
                self.at = skip::value(self.input, start, self.nesting)?;
                self.value_ends();
                self.at
            }
            Slot::Key => {
                self.at = skip::string(self.input, start)?;
                let end = self.at;
                self.key_ends()?;
                end
            }
            Slot::End => return Err(self.error("expected a value")),
        };
        Ok(self.input.get(start..end).unwrap_or_default())
    }

    #[inline]
    fn has_next(&mut self) -> Result<bool, DecodeError> {
        match self.expect {
            Expect::Value => Ok(true),
            Expect::Nothing => Ok(false),
            Expect::First | Expect::Next => {
                Ok(self.significant()? != closing(self.nesting.in_map()))
            }
        }
    }

    #[inline]
    fn take_null(&mut self) -> Result<bool, DecodeError> {
        if !self.has_next()? {
            return Ok(false);
        }
        let start = self.at;
        if let Slot::Value(b'n') = self.slot()? {
            self.keyword("null")?;
            return Ok(true);
        }
        // Back to before the separator.
        self.at = start;
        Ok(false)
    }

    #[inline]
    fn finish(&mut self) -> Result<(), DecodeError> {
        if self.expect != Expect::Nothing {
            return Err(self.error("unexpected end of input"));
        }
        self.at = skip::space(self.input, self.at);
        if self.at < self.input.len() {
            return Err(self.error("expected nothing more"));
        }
        Ok(())
    }

    #[inline]
    fn offset(&self) -> usize {
        self.at
    }
}

//! Reading JSON.

use std::borrow::Cow;

use super::super::nesting::{Nesting, TOO_DEEP};
use super::super::{DecodeError, Read, Token};
use super::Expect;
use super::number::Literal;
use super::scan::{Plain, plain};
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
        if byte == if in_map { b'}' } else { b']' } {
            self.at += 1;
            self.nesting.pop();
            self.value_ends();
            return Ok(Slot::End);
        }
        if self.expect == Expect::Next {
            if byte != b',' {
                return Err(self.error(if in_map { "expected `,` or `}`" } else { "expected `,` or `]`" }));
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
        loop {
            match self.input.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(&byte) => return Ok(byte),
                None => return Err(self.error("unexpected end of input")),
            }
        }
    }

    #[inline]
    fn value_ends(&mut self) {
        self.expect = if self.nesting.depth() == 0 { Expect::Nothing } else { Expect::Next };
    }

    /// Passes over the colon after a key.
    #[inline]
    fn key_ends(&mut self) -> Result<(), DecodeError> {
        if self.significant()? != b':' {
            return Err(self.error("expected `:`"));
        }
        self.at += 1;
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

    #[inline]
    fn literal(&self) -> Result<Literal<'de>, DecodeError> {
        Literal::read(self.rest(), self.at)
    }

    #[inline]
    fn keyword(&mut self, keyword: &'static str) -> Result<(), DecodeError> {
        if !self.rest().starts_with(keyword.as_bytes()) {
            return Err(self.error("expected a value"));
        }
        self.at += keyword.len();
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
        let text = self.utf8(self.at, self.at + len)?;
        self.at += len + 1;
        Ok(Cow::Borrowed(text))
    }

    /// Goes on after the first `len` bytes of a string, which stand for themselves.
    #[cold]
    fn string_with_escapes(&mut self, mut len: usize) -> Result<String, DecodeError> {
        let mut text = String::new();
        loop {
            // Escapes are ASCII: no character is torn apart between them.
            text.push_str(self.utf8(self.at, self.at + len)?);
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

    /// Passes over the string whose opening quote is next.
    #[inline]
    fn skip_string(&mut self) -> Result<(), DecodeError> {
        let start = self.at;
        self.at += 1;
        let mut all_ascii = true;
        loop {
            let Plain { len, ascii } = plain(self.rest());
            self.at += len;
            all_ascii &= ascii;
            match self.input.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.at += unescape(self.rest(), self.at)?.1,
                Some(_) => return Err(self.error("control character in a string")),
                None => return Err(self.error("unexpected end of input")),
            }
        }
        if !all_ascii {
            self.utf8(start, self.at)?;
        }
        self.at += 1;
        Ok(())
    }

    /// Passes over the value that begins with `first`, without recursion.
    #[inline]
    fn skip(&mut self, mut first: u8) -> Result<(), DecodeError> {
        let outer = self.nesting.depth();
        loop {
            match first {
                b'"' => self.skip_string()?,
                b'[' => self.open(false)?,
                b'{' => self.open(true)?,
                b'-' | b'0'..=b'9' => self.at += self.literal()?.len(),
                b't' => self.keyword("true")?,
                b'f' => self.keyword("false")?,
                b'n' => self.keyword("null")?,
                _ => return Err(self.error("expected a value")),
            }
            if !matches!(first, b'[' | b'{') {
                self.value_ends();
            }
            // On to the next value inside of what is being skipped.
            first = loop {
                if self.nesting.depth() == outer {
                    return Ok(());
                }
                match self.slot()? {
                    Slot::Value(byte) => break byte,
                    Slot::Key => {
                        self.skip_string()?;
                        self.key_ends()?;
                    }
                    Slot::End => {}
                }
            };
        }
    }

    #[inline]
    fn utf8(&self, start: usize, end: usize) -> Result<&'de str, DecodeError> {
        let bytes = self.input.get(start..end).unwrap_or_default();
        str::from_utf8(bytes).map_err(|error| DecodeError::new("invalid UTF-8", start + error.valid_up_to()))
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
        let token = match first {
            b'"' => Token::Str(self.string()?),
            b'-' | b'0'..=b'9' => {
                let literal = self.literal()?;
                let token = literal.token().ok_or_else(|| self.error("number out of range"))?;
                self.at += literal.len();
                token
            }
            b'[' => {
                self.open(false)?;
                return Ok(Token::Seq(None));
            }
            b'{' => {
                self.open(true)?;
                return Ok(Token::Map(None));
            }
            b't' => {
                self.keyword("true")?;
                Token::Bool(true)
            }
            b'f' => {
                self.keyword("false")?;
                Token::Bool(false)
            }
            b'n' => {
                self.keyword("null")?;
                Token::Null
            }
            _ => return Err(self.error("expected a value")),
        };
        self.value_ends();
        Ok(token)
    }

    #[inline]
    fn value(&mut self) -> Result<&'de [u8], DecodeError> {
        let slot = self.slot()?;
        let start = self.at;
        let end = match slot {
            Slot::Value(first) => {
                self.skip(first)?;
                self.at
            }
            Slot::Key => {
                self.skip_string()?;
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
            Expect::First | Expect::Next => Ok(self.significant()? != if self.nesting.in_map() { b'}' } else { b']' }),
        }
    }

    #[inline]
    fn take_null(&mut self) -> Result<bool, DecodeError> {
        // The separator may be passed over here already: a look-ahead on a copy keeps the state whole.
        let mut ahead = self.clone();
        if !matches!(ahead.slot()?, Slot::Value(b'n')) {
            return Ok(false);
        }
        ahead.keyword("null")?;
        ahead.value_ends();
        *self = ahead;
        Ok(true)
    }

    #[inline]
    fn finish(&mut self) -> Result<(), DecodeError> {
        if self.expect != Expect::Nothing {
            return Err(self.error("unexpected end of input"));
        }
        match self.significant() {
            Ok(_) => Err(self.error("expected nothing more")),
            Err(_) => Ok(()),
        }
    }

    #[inline]
    fn offset(&self) -> usize {
        self.at
    }
}

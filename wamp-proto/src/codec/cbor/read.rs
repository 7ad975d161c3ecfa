//! Reading CBOR.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::super::cursor::Cursor;
use super::super::nesting::{MAX_DEPTH, TOO_DEEP};
use super::super::{DecodeError, Read, Token, big_int};
use super::head::Head;
use super::{BREAK, NULL, UNDEFINED, major, simple, tag};

/// Reads CBOR.
#[derive(Clone, Debug)]
pub struct CborReader<'de> {
    input: Cursor<'de>,
    stack: SmallVec<[Container; 4]>,
    /// How many tags there have been since the last value; they qualify the next one.
    tags: u8,
    /// Whether the outermost value has begun.
    begun: bool,
}

///
/// Small, because readers are moved about.
#[derive(Clone, Copy, Debug)]
struct Container {
    kind: Kind,
    /// How deep its values are: one more for each container and each tag around them.
    level: u8,
    /// How many values are left; keys and values count one each. In an indefinite map, 1 if a value is next.
    left: usize,
}

/// How an open container ends.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// After so many values.
    Definite,
    /// With a break.
    IndefiniteList,
    /// With a break, but not between a key and its value.
    IndefiniteMap,
}

#[expect(clippy::cast_possible_truncation, reason = "far less than 256")]
const MAX_LEVEL: u8 = MAX_DEPTH as u8;

impl<'de> CborReader<'de> {
    /// At the beginning of `input`.
    #[must_use]
    #[inline]
    pub fn new(input: &'de [u8]) -> Self {
        Self {
            input: Cursor::new(input),
            stack: SmallVec::new(),
            tags: 0,
            begun: false,
        }
    }

    /// Counts one more value; `false` if the innermost container ends instead.
    #[inline]
    fn enter(&mut self) -> Result<bool, DecodeError> {
        if self.tags > 0 {
            return Ok(true);
        }
        let Some(container) = self.stack.last_mut() else {
            if self.begun {
                return Err(self.input.error("expected nothing more"));
            }
            self.begun = true;
            return Ok(true);
        };
        match (container.kind, container.left) {
            (Kind::Definite, 0) => {
                self.stack.pop();
                return Ok(false);
            }
            (Kind::IndefiniteList | Kind::IndefiniteMap, 0) if self.input.peek() == Some(BREAK) => {
                self.input.byte()?;
                self.stack.pop();
                return Ok(false);
            }
            (Kind::Definite, _) => container.left -= 1,
            (Kind::IndefiniteList, _) => {}
            (Kind::IndefiniteMap, left) => container.left = 1 - left,
        }
        Ok(true)
    }

    /// Passes over a value, or the header of a container, with the tags before it.
    fn skip_item(&mut self) -> Result<(), DecodeError> {
        loop {
            let head = Head::read(&mut self.input)?;
            match head.major {
                major::TAG => {
                    self.tag(head)?;
                    continue;
                }
                major::UNSIGNED | major::NEGATIVE => drop(head.definite(&self.input)?),
                major::BYTES => self.chunks(head, |input, len| input.bytes(len).map(drop))?,
                major::TEXT => self.chunks(head, |input, len| input.text(len).map(drop))?,
                major::LIST => drop(self.list(head)?),
                major::MAP => drop(self.map(head)?),
                _ => drop(self.other(head)?),
            }
            self.tags = 0;
            return Ok(());
        }
    }

    /// Calls `piece` with the length of each part of a text or of binary data.
    #[inline]
    fn chunks(
        &mut self,
        head: Head,
        mut piece: impl FnMut(&mut Cursor<'de>, u64) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if let Some(len) = head.argument {
            return piece(&mut self.input, len);
        }
        while self.input.peek() != Some(BREAK) {
            let chunk = Head::read(&mut self.input)?;
            if chunk.major != head.major {
                return Err(self.input.error("a part of another type in a CBOR string"));
            }
            let len = chunk.definite(&self.input)?;
            piece(&mut self.input, len)?;
        }
        self.input.byte().map(drop)
    }

    fn text(&mut self, head: Head) -> Result<Cow<'de, str>, DecodeError> {
        if let Some(len) = head.argument {
            return self.input.text(len).map(Cow::Borrowed);
        }
        let mut text = String::new();
        self.chunks(head, |input, len| {
            text.push_str(input.text(len)?);
            Ok(())
        })?;
        Ok(Cow::Owned(text))
    }

    fn data(&mut self, head: Head) -> Result<Cow<'de, [u8]>, DecodeError> {
        if let Some(len) = head.argument {
            return self.input.bytes(len).map(Cow::Borrowed);
        }
        let mut data = Vec::new();
        self.chunks(head, |input, len| {
            data.extend_from_slice(input.bytes(len)?);
            Ok(())
        })?;
        Ok(Cow::Owned(data))
    }

    #[inline]
    fn list(&mut self, head: Head) -> Result<Token<'de>, DecodeError> {
        let len = head
            .argument
            .map(|len| self.input.count(len, 1))
            .transpose()?;
        self.push(Kind::IndefiniteList, len)?;
        Ok(Token::Seq(len))
    }

    #[inline]
    fn map(&mut self, head: Head) -> Result<Token<'de>, DecodeError> {
        let len = head
            .argument
            .map(|len| self.input.count(len, 2))
            .transpose()?;
        self.push(Kind::IndefiniteMap, len.map(|len| 2 * len))?;
        Ok(Token::Map(len))
    }

    /// Opens a container with `left` values, or of the indefinite `kind`.
    #[inline]
    fn push(&mut self, kind: Kind, left: Option<usize>) -> Result<(), DecodeError> {
        let level = self.level() + 1;
        if level > MAX_LEVEL {
            return Err(self.input.error(TOO_DEEP));
        }
        self.stack.push(Container {
            kind: if left.is_some() { Kind::Definite } else { kind },
            level,
            left: left.unwrap_or_default(),
        });
        self.tags = 0;
        Ok(())
    }

    /// Tags count as levels: they are as good for overflowing a stack.
    fn tag(&mut self, head: Head) -> Result<u64, DecodeError> {
        self.tags += 1;
        if self.level() > MAX_LEVEL {
            return Err(self.input.error(TOO_DEEP));
        }
        head.definite(&self.input)
    }

    /// How deep the next value is.
    #[inline]
    fn level(&self) -> u8 {
        self.stack.last().map_or(0, |container| container.level) + self.tags
    }

    /// A tag, or the big integer that it begins.
    fn tagged(&mut self, head: Head) -> Result<Token<'de>, DecodeError> {
        let tag = self.tag(head)?;
        let is_data = self
            .input
            .peek()
            .is_some_and(|first| first >> 5 == major::BYTES);
        if is_data && matches!(tag, tag::BIG_POSITIVE | tag::BIG_NEGATIVE) {
            let head = Head::read(&mut self.input)?;
            let magnitude = self.data(head)?;
            self.tags = 0;
            return Ok(big_int::token(tag == tag::BIG_NEGATIVE, magnitude));
        }
        Ok(Token::Tag(tag))
    }

    /// Floats and simple values.
    fn other(&self, head: Head) -> Result<Token<'de>, DecodeError> {
        let Some(argument) = head.argument else {
            return Err(self.input.error("break where CBOR has none"));
        };
        Ok(match (head.info, argument) {
            (simple::F16, bits) => Token::F64(half(bits)),
            (simple::F32, bits) => {
                Token::F64(f32::from_bits(u32::try_from(bits).unwrap_or_default()).into())
            }
            (simple::F64, bits) => Token::F64(f64::from_bits(bits)),
            (simple::FALSE, _) => Token::Bool(false),
            (simple::TRUE, _) => Token::Bool(true),
            (simple::NULL | simple::UNDEFINED, _) => Token::Null,
            (24, 0..=31) => {
                return Err(self
                    .input
                    .error("two-byte form of a short CBOR simple value"));
            }
            (_, value) => Token::Simple(u8::try_from(value).unwrap_or_default()),
        })
    }
}

impl<'de> Read<'de> for CborReader<'de> {
    #[inline]
    fn next(&mut self) -> Result<Token<'de>, DecodeError> {
        if !self.enter()? {
            return Ok(Token::End);
        }
        let head = Head::read(&mut self.input)?;
        if head.major == major::TAG {
            return self.tagged(head);
        }
        let token = match head.major {
            major::UNSIGNED => Token::U64(head.definite(&self.input)?),
            major::NEGATIVE => negative(head.definite(&self.input)?),
            major::BYTES => Token::Bytes(self.data(head)?),
            major::TEXT => Token::Str(self.text(head)?),
            major::LIST => self.list(head)?,
            major::MAP => self.map(head)?,
            _ => self.other(head)?,
        };
        self.tags = 0;
        Ok(token)
    }

    fn value(&mut self) -> Result<&'de [u8], DecodeError> {
        let start = self.input.offset();
        let outer = self.stack.len();
        if !self.enter()? {
            return Err(self.input.error("expected a value"));
        }
        self.skip_item()?;
        while self.stack.len() > outer {
            if self.enter()? {
                self.skip_item()?;
            }
        }
        Ok(self.input.since(start))
    }

    #[inline]
    fn has_next(&mut self) -> Result<bool, DecodeError> {
        if self.tags > 0 {
            return Ok(true);
        }
        match self.stack.last() {
            None => Ok(!self.begun),
            Some(Container {
                kind: Kind::Definite,
                left,
                ..
            }) => Ok(*left > 0),
            Some(Container { left: 1.., .. }) => Ok(true),
            Some(_) => match self.input.peek() {
                Some(first) => Ok(first != BREAK),
                None => Err(self.input.error("unexpected end of input")),
            },
        }
    }

    #[inline]
    fn take_null(&mut self) -> Result<bool, DecodeError> {
        let null = self.has_next()? && matches!(self.input.peek(), Some(NULL | UNDEFINED));
        if null {
            self.next()?;
        }
        Ok(null)
    }

    #[inline]
    fn finish(&mut self) -> Result<(), DecodeError> {
        if !self.begun || !self.stack.is_empty() || self.tags > 0 {
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

/// The integer `-1 - argument`, which may take 65 bits.
fn negative(argument: u64) -> Token<'static> {
    match i64::try_from(argument) {
        Ok(argument) => Token::I64(-1 - argument),
        Err(_) => big_int::token(true, Cow::Owned(argument.to_be_bytes().to_vec())),
    }
}

/// A float of half precision (RFC 8949, appendix D).
fn half(bits: u64) -> f64 {
    let fraction = u32::try_from(bits & 0x3ff).unwrap_or_default();
    let exponent = i32::try_from((bits >> 10) & 0x1f).unwrap_or_default();
    let size = match exponent {
        0 => f64::from(fraction) * 2.0_f64.powi(-24),
        31 if fraction == 0 => f64::INFINITY,
        31 => f64::NAN,
        _ => f64::from(fraction + 1024) * 2.0_f64.powi(exponent - 25),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

//! From a frame to a message.

use std::borrow::Cow;

use bytes::Bytes;
use bytestring::ByteString;

use super::element::Body;
use super::{ProtocolViolation, Raw};
use crate::codec::{Format, Read, Reader, Token};

/// What reading gives.
pub(crate) type Decoded<T> = Result<T, ProtocolViolation>;

/// A reader that hands out slices of the frame that share its memory.
pub(crate) struct Decoder<'de> {
    /// Where the tokens come from.
    pub(crate) reader: Reader<'de>,
    /// What is being read.
    frame: &'de Bytes,
    /// What it is written in.
    format: Format,
}

impl<'de> Decoder<'de> {
    pub(crate) fn new(format: Format, frame: &'de Bytes) -> Self {
        Self {
            reader: format.reader(frame),
            frame,
            format,
        }
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    #[inline]
    pub(crate) fn token(&mut self) -> Decoded<Token<'de>> {
        Ok(self.reader.next()?)
    }

    /// Opens the message, and gives its type code.
    pub(crate) fn code(&mut self) -> Decoded<u64> {
        match self.token()? {
            Token::Seq(_) => {}
            other => {
                return Err(ProtocolViolation::new(format!(
                    "a message must be a list, got {}",
                    other.kind()
                )));
            }
        }
        match self.token()? {
            Token::U64(code) => Ok(code),
            Token::End => Err(ProtocolViolation::new(
                "a message must not be an empty list",
            )),
            other => Err(ProtocolViolation::new(format!(
                "a message must begin with its type, an integer, got {}",
                other.kind()
            ))),
        }
    }

    /// The rest of the message after its type code.
    #[inline]
    pub(crate) fn body<B: Body>(&mut self) -> Decoded<B> {
        B::read(self)
            .and_then(|body| self.close().map(|()| body))
            .map_err(|violation| violation.within(B::NAME))
    }

    /// Text, without copying it if that is possible.
    #[inline]
    pub(crate) fn text(&self, text: Cow<'de, str>) -> Decoded<ByteString> {
        match text {
            Cow::Borrowed(text) => ByteString::try_from(self.share(text.as_bytes()))
                .map_err(|_| ProtocolViolation::new("malformed: text that is not UTF-8")),
            Cow::Owned(text) => Ok(text.into()),
        }
    }

    /// One value as it stands.
    pub(crate) fn raw(&mut self) -> Decoded<Raw> {
        let bytes = self.reader.value()?;
        Ok(Raw::from_encoded(self.format, self.share(bytes)))
    }

    /// The part of the frame. A custom reader may lend something else; that is copied, as [`Bytes::slice_ref`] would panic.
    #[inline]
    pub(crate) fn share(&self, part: &[u8]) -> Bytes {
        let start = part.as_ptr().addr().checked_sub(self.frame.as_ptr().addr());
        match start.and_then(|start| Some(start..start.checked_add(part.len())?)) {
            Some(range) if range.end <= self.frame.len() => self.frame.slice(range),
            _ => Bytes::copy_from_slice(part),
        }
    }

    /// Closes the message, after which nothing may follow.
    #[inline]
    fn close(&mut self) -> Decoded<()> {
        match self.token()? {
            Token::End => Ok(self.reader.finish()?),
            _ => Err(ProtocolViolation::new("has too many elements")),
        }
    }
}

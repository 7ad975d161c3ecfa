//! A place in binary input.

use super::DecodeError;

/// Takes pieces off the front of a slice, and knows how far it has come.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'de> {
    input: &'de [u8],
    at: usize,
}

impl<'de> Cursor<'de> {
    #[inline]
    pub(super) const fn new(input: &'de [u8]) -> Self {
        Self { input, at: 0 }
    }

    #[inline]
    pub(super) const fn offset(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    #[inline]
    pub(super) const fn left(&self) -> usize {
        self.input.len() - self.at
    }

    /// What has been taken since `start`.
    #[inline]
    pub(super) fn since(&self, start: usize) -> &'de [u8] {
        self.input.get(start..self.at).unwrap_or_default()
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        let byte = self.peek().ok_or_else(|| self.truncated())?;
        self.at += 1;
        Ok(byte)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let rest = self.input.get(self.at..).unwrap_or_default();
        let array = rest.first_chunk().ok_or_else(|| self.truncated())?;
        self.at += N;
        Ok(*array)
    }

    #[inline]
    pub(super) fn bytes(&mut self, len: u64) -> Result<&'de [u8], DecodeError> {
        let rest = self.input.get(self.at..).unwrap_or_default();
        let bytes = usize::try_from(len).ok().and_then(|len| rest.get(..len));
        let bytes = bytes.ok_or_else(|| self.truncated())?;
        self.at += bytes.len();
        Ok(bytes)
    }

    #[inline]
    pub(super) fn text(&mut self, len: u64) -> Result<&'de str, DecodeError> {
        let start = self.at;
        str::from_utf8(self.bytes(len)?)
            .map_err(|error| DecodeError::new("invalid UTF-8", start + error.valid_up_to()))
    }

    /// A declared number of elements, each of which takes at least `size` bytes: what cannot be true is refused before anyone
    /// allocates by it.
    #[inline]
    pub(super) fn count(&self, declared: u64, size: usize) -> Result<usize, DecodeError> {
        match usize::try_from(declared) {
            Ok(count) if count <= self.left() / size => Ok(count),
            _ => Err(self.truncated()),
        }
    }

    #[cold]
    pub(super) fn error(&self, message: &'static str) -> DecodeError {
        DecodeError::new(message, self.at)
    }

    #[cold]
    fn truncated(&self) -> DecodeError {
        self.error("unexpected end of input")
    }
}

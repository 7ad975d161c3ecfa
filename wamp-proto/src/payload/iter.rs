//! The parts of a payload, still encoded.

use std::borrow::Cow;

use bytes::Bytes;

use crate::codec::{Format, Read as _, Reader, Token};

/// The positional arguments of a [`Payload`](super::Payload), in order.
///
/// Payloads are checked when the message is decoded, so this cannot fail; in one that was not, it ends at the mistake.
#[derive(Debug)]
pub struct Elements<'a> {
    /// Inside of the list. `None` at its end.
    reader: Option<Reader<'a>>,
}

impl<'a> Elements<'a> {
    pub(super) fn new(format: Format, args: Option<&'a Bytes>) -> Self {
        let mut elements = Self {
            reader: args.map(|args| format.reader(args)),
        };
        let begin = elements.reader.as_mut().map(Reader::next);
        if !matches!(begin, Some(Ok(Token::Seq(_)))) {
            elements.reader = None;
        }
        elements
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let reader = self.reader.as_mut()?;
        let element = match reader.has_next() {
            Ok(true) => reader.value().ok(),
            _ => None,
        };
        if element.is_none() {
            self.reader = None;
        }
        element
    }
}

impl std::iter::FusedIterator for Elements<'_> {}

/// The keyword arguments of a [`Payload`](super::Payload), in the order of the message.
///
/// Like [`Elements`] it cannot fail.
#[derive(Debug)]
pub struct Entries<'a> {
    /// Inside of the map. `None` at its end.
    reader: Option<Reader<'a>>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(format: Format, kwargs: Option<&'a Bytes>) -> Self {
        let mut entries = Self {
            reader: kwargs.map(|kwargs| format.reader(kwargs)),
        };
        let begin = entries.reader.as_mut().map(Reader::next);
        if !matches!(begin, Some(Ok(Token::Map(_)))) {
            entries.reader = None;
        }
        entries
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Cow<'a, str>, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let reader = self.reader.as_mut()?;
        let entry = match reader.next() {
            Ok(Token::Str(key)) => reader.value().ok().map(|value| (key, value)),
            _ => None,
        };
        if entry.is_none() {
            self.reader = None;
        }
        entry
    }
}

impl std::iter::FusedIterator for Entries<'_> {}

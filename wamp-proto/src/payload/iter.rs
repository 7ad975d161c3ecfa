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
        let inside = |args| {
            let mut reader = format.reader(args);
            matches!(reader.next(), Ok(Token::Seq(_))).then_some(reader)
        };
        Self { reader: args.and_then(|args| inside(args)) }
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
        let inside = |kwargs| {
            let mut reader = format.reader(kwargs);
            matches!(reader.next(), Ok(Token::Map(_))).then_some(reader)
        };
        Self { reader: kwargs.and_then(|kwargs| inside(kwargs)) }
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

//! The parts of a payload, still encoded.

use std::borrow::Cow;

use bytes::Bytes;

use crate::codec::{Format, JsonParts, Read as _, Reader, Token};

/// The positional arguments of a [`Payload`](super::Payload), in order.
///
/// Payloads are checked when the message is decoded, so this cannot fail; in one that was not, it ends at the mistake.
#[derive(Debug)]
pub struct Elements<'a>(Parts<'a>);

/// The parts of a list or map.
#[derive(Debug)]
enum Parts<'a> {
    Json(JsonParts<'a>),
    /// Inside of the container.
    Tokens(Reader<'a>),
    /// There are none, or no more.
    End,
}

impl<'a> Parts<'a> {
    #[inline]
    fn new(format: Format, container: Option<&'a Bytes>) -> Self {
        match (format, container) {
            (_, None) => Self::End,
            (Format::Json, Some(container)) => Self::Json(JsonParts::new(container)),
            (_, Some(container)) => {
                let mut reader = format.reader(container);
                match reader.next() {
                    Ok(Token::Seq(_) | Token::Map(_)) => Self::Tokens(reader),
                    _ => Self::End,
                }
            }
        }
    }
}

impl<'a> Elements<'a> {
    #[inline]
    pub(super) fn new(format: Format, args: Option<&'a Bytes>) -> Self {
        Self(Parts::new(format, args))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let element = match &mut self.0 {
            Parts::Json(parts) => parts.next(),
            Parts::Tokens(reader) => match reader.has_next() {
                Ok(true) => reader.value().ok(),
                _ => None,
            },
            Parts::End => None,
        };
        if element.is_none() {
            self.0 = Parts::End;
        }
        element
    }
}

impl std::iter::FusedIterator for Elements<'_> {}

/// The keyword arguments of a [`Payload`](super::Payload), in the order of the message.
///
/// Like [`Elements`] it cannot fail.
#[derive(Debug)]
pub struct Entries<'a>(Parts<'a>);

impl<'a> Entries<'a> {
    #[inline]
    pub(super) fn new(format: Format, kwargs: Option<&'a Bytes>) -> Self {
        Self(Parts::new(format, kwargs))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Cow<'a, str>, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let entry = match &mut self.0 {
            Parts::Json(parts) => parts
                .next()
                .and_then(|key| Some((text(key)?, parts.next()?))),
            Parts::Tokens(reader) => match reader.next() {
                Ok(Token::Str(key)) => reader.value().ok().map(|value| (key, value)),
                _ => None,
            },
            Parts::End => None,
        };
        if entry.is_none() {
            self.0 = Parts::End;
        }
        entry
    }
}

/// The text of a JSON string.
#[inline]
fn text(string: &[u8]) -> Option<Cow<'_, str>> {
    match Format::Json.reader(string).next() {
        Ok(Token::Str(text)) => Some(text),
        _ => None,
    }
}

impl std::iter::FusedIterator for Entries<'_> {}

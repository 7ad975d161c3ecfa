//! Headers of lists and maps in binary formats, which hold the length before the elements.

use bytes::BytesMut;
use smallvec::SmallVec;

use super::nesting::{MAX_DEPTH, TOO_DEEP};
use super::{EncodeError, Place};

/// The first bytes of a value, at most nine in every format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    bytes: [u8; Self::MAX],
    len: usize,
}

impl Header {
    const MAX: usize = 9;

    /// A marker, then a number.
    #[inline]
    pub(super) fn new<const N: usize>(marker: u8, number: [u8; N]) -> Self {
        const { assert!(N < Self::MAX, "longer than any header") };
        let mut bytes = [0; Self::MAX];
        for (to, from) in bytes.iter_mut().zip(std::iter::once(marker).chain(number)) {
            *to = from;
        }
        Self { bytes, len: 1 + N }
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// The open containers of a writer, and what they contain so far.
#[derive(Debug)]
pub(super) struct Open {
    stack: SmallVec<[Container; 8]>,
    /// How many more there are around them.
    outer: usize,
}

#[derive(Clone, Copy, Debug)]
struct Container {
    /// Where its header begins.
    start: usize,
    map: bool,
    /// The length in the header.
    declared: usize,
    /// Keys and values count one each.
    items: usize,
}

impl Open {
    #[inline]
    pub(super) fn new(place: Place) -> Self {
        Self {
            stack: SmallVec::new(),
            outer: usize::from(place != Place::Value),
        }
    }

    /// Counts one more value in the innermost container.
    #[inline]
    pub(super) fn count(&mut self) {
        if let Some(container) = self.stack.last_mut() {
            container.items += 1;
        }
    }

    /// A container of `declared` elements or pairs begins at the end of `out`; its header comes next.
    #[inline]
    pub(super) fn push(
        &mut self,
        out: &BytesMut,
        map: bool,
        declared: usize,
    ) -> Result<(), EncodeError> {
        if self.stack.len() + self.outer >= MAX_DEPTH {
            return Err(EncodeError::new(TOO_DEEP));
        }
        self.count();
        self.stack.push(Container {
            start: out.len(),
            map,
            declared,
            items: 0,
        });
        Ok(())
    }

    /// Ends the innermost container. If its length was not known, or is not what was declared, the header is written anew.
    #[inline]
    pub(super) fn pop(
        &mut self,
        out: &mut BytesMut,
        header: impl Fn(bool, usize) -> Result<Header, EncodeError>,
    ) -> Result<(), EncodeError> {
        let container = self
            .stack
            .pop()
            .ok_or_else(|| EncodeError::new("no open list or map"))?;
        let Container {
            start,
            map,
            declared,
            items,
        } = container;
        if map && items % 2 == 1 {
            return Err(EncodeError::new("key without a value"));
        }
        let len = if map { items / 2 } else { items };
        if len != declared {
            replace(
                out,
                start,
                header(map, declared)?.len,
                header(map, len)?.as_bytes(),
            );
        }
        Ok(())
    }
}

/// Puts `new` in the place of the `old` bytes at `start`.
#[cold]
fn replace(out: &mut BytesMut, start: usize, old: usize, new: &[u8]) {
    let end = out.len();
    if new.len() > old {
        out.resize(end + new.len() - old, 0);
    }
    out.copy_within(start + old..end, start + new.len());
    out.truncate(end + new.len() - old);
    for (to, from) in out.iter_mut().skip(start).zip(new) {
        *to = *from;
    }
}

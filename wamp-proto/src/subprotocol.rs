//! `wamp.2.json` and its siblings: which serializer a WebSocket connection speaks, and whether it sends messages in batches.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use crate::codec::Format;

/// What all names begin with.
const PREFIX: &str = "wamp.2.";
/// What the names of batched variants end with.
const BATCHED: &str = ".batched";
/// Ends each message of a batch in JSON, where it cannot occur otherwise.
const RECORD_SEPARATOR: u8 = 0x1e;
/// Before each message of a binary batch stands its length, big-endian.
const LENGTH: usize = size_of::<u32>();

/// A WebSocket subprotocol.
///
/// ```
/// use wamp_proto::codec::Format;
/// use wamp_proto::subprotocol::Subprotocol;
///
/// let chosen = Subprotocol::negotiate(["soap", "wamp.2.cbor", "wamp.2.json"], &Subprotocol::ALL);
/// assert_eq!(chosen, Some(Subprotocol::new(Format::Cbor)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subprotocol {
    /// What messages are written in.
    pub format: Format,
    /// Whether a frame holds any number of messages, instead of one.
    pub batched: bool,
}

impl Subprotocol {
    /// All for the built-in formats.
    pub const ALL: [Self; 6] = [
        Self::new(Format::Json),
        Self::new(Format::MsgPack),
        Self::new(Format::Cbor),
        Self::batched(Format::Json),
        Self::batched(Format::MsgPack),
        Self::batched(Format::Cbor),
    ];

    /// One message in each frame.
    #[must_use]
    pub const fn new(format: Format) -> Self {
        Self {
            format,
            batched: false,
        }
    }

    /// Any number of messages in each frame.
    #[must_use]
    pub const fn batched(format: Format) -> Self {
        Self {
            format,
            batched: true,
        }
    }

    /// The one of [`ALL`](Self::ALL) with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::negotiate([name], &Self::ALL)
    }

    /// The name, as in the header `Sec-WebSocket-Protocol`.
    #[must_use]
    pub fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match (self.format, self.batched) {
            (Format::Json, false) => "wamp.2.json",
            (Format::Json, true) => "wamp.2.json.batched",
            (Format::MsgPack, false) => "wamp.2.msgpack",
            (Format::MsgPack, true) => "wamp.2.msgpack.batched",
            (Format::Cbor, false) => "wamp.2.cbor",
            (Format::Cbor, true) => "wamp.2.cbor.batched",
            (Format::Custom(serializer), batched) => {
                let name = serializer.name();
                return Cow::Owned(format!(
                    "{PREFIX}{name}{}",
                    if batched { BATCHED } else { "" }
                ));
            }
        })
    }

    /// The first that the client `offered` and we have among `supported`: the client's order counts.
    pub fn negotiate<'a>(
        offered: impl IntoIterator<Item = &'a str>,
        supported: &[Self],
    ) -> Option<Self> {
        offered
            .into_iter()
            .find_map(|name| supported.iter().find(|supported| supported.is_named(name)))
            .copied()
    }

    fn is_named(&self, name: &str) -> bool {
        name.strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_prefix(self.format.name()))
            .is_some_and(|rest| rest == if self.batched { BATCHED } else { "" })
    }

    /// The messages in a frame; the frame itself if this is not a batched subprotocol.
    ///
    /// The whole frame is checked first, then cut message by message: a frame of nothing but tiny messages takes no more memory than
    /// any other.
    ///
    /// # Errors
    ///
    /// If the batch is empty, or breaks off in the middle of a message.
    pub fn split_batch(&self, frame: &Bytes) -> Result<Batch, BatchError> {
        let framing = match (self.batched, self.format.is_binary()) {
            (false, _) => Framing::None,
            (true, false) => Framing::Separator,
            (true, true) => Framing::Length,
        };
        framing.check(frame)?;
        Ok(Batch {
            rest: Some(frame.clone()),
            framing,
        })
    }

    /// Prepares `out` for one more message of a batch, which the caller appends before [`batch_end`](Self::batch_end). Gives what that
    /// wants to know. Does nothing if this is not a batched subprotocol.
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use wamp_proto::codec::Format;
    /// use wamp_proto::subprotocol::Subprotocol;
    ///
    /// let subprotocol = Subprotocol::batched(Format::MsgPack);
    /// let mut out = BytesMut::new();
    /// for message in [&b"\x93one"[..], b"\x92two"] {
    ///     let begin = subprotocol.batch_begin(&mut out);
    ///     out.extend_from_slice(message);
    ///     subprotocol.batch_end(&mut out, begin)?;
    /// }
    /// assert_eq!(subprotocol.split_batch(&out.freeze())?.count(), 2);
    /// # Ok::<(), wamp_proto::subprotocol::BatchError>(())
    /// ```
    pub fn batch_begin(&self, out: &mut BytesMut) -> usize {
        let begin = out.len();
        if self.batched && self.format.is_binary() {
            out.extend_from_slice(&[0; LENGTH]);
        }
        begin
    }

    /// Completes the message that was appended since [`batch_begin`](Self::batch_begin), which gave `begin`.
    ///
    /// # Errors
    ///
    /// If the message is longer than a batch can say. `out` is as before the message then.
    pub fn batch_end(&self, out: &mut BytesMut, begin: usize) -> Result<(), BatchError> {
        if !self.batched {
            return Ok(());
        }
        if !self.format.is_binary() {
            out.extend_from_slice(&[RECORD_SEPARATOR]);
            return Ok(());
        }
        let len = out.len().saturating_sub(begin + LENGTH);
        match (u32::try_from(len), out.get_mut(begin..begin + LENGTH)) {
            (Ok(len), Some(header)) => {
                header.copy_from_slice(&len.to_be_bytes());
                Ok(())
            }
            _ => {
                out.truncate(begin);
                Err(BatchError::TooLong)
            }
        }
    }
}

/// The messages of a frame, in order; see [`Subprotocol::split_batch`].
#[derive(Clone, Debug)]
pub struct Batch {
    /// Checked. `None` at the end.
    rest: Option<Bytes>,
    framing: Framing,
}

impl Iterator for Batch {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let mut rest = self.rest.take()?;
        let (message, after) = self.framing.first(&rest)?;
        let message = rest.slice(message);
        if after < rest.len() {
            self.rest = Some(rest.split_off(after));
        }
        Some(message)
    }
}

impl std::iter::FusedIterator for Batch {}

/// How a message is told from the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// By the frame.
    None,
    /// By a separator after it.
    Separator,
    /// By its length before it.
    Length,
}

impl Framing {
    /// Where the first message of `batch` is, and where the next one begins; `None` if it is not complete.
    fn first(self, batch: &[u8]) -> Option<(std::ops::Range<usize>, usize)> {
        match self {
            Self::None => Some((0..batch.len(), batch.len())),
            Self::Separator => {
                let end = memchr::memchr(RECORD_SEPARATOR, batch)?;
                Some((0..end, end + 1))
            }
            Self::Length => {
                let (len, rest) = batch.split_first_chunk()?;
                let len = usize::try_from(u32::from_be_bytes(*len)).ok()?;
                (len <= rest.len()).then_some((LENGTH..LENGTH + len, LENGTH + len))
            }
        }
    }

    fn check(self, frame: &[u8]) -> Result<(), BatchError> {
        if self == Self::None {
            return Ok(());
        }
        if frame.is_empty() {
            return Err(BatchError::Empty);
        }
        let mut rest = frame;
        // The last separator is all that can be missing, so there is no need to find the others twice.
        if self == Self::Separator {
            rest = rest.last_chunk::<1>().map_or(rest, |last| last.as_slice());
        }
        while !rest.is_empty() {
            let (_, after) = self.first(rest).ok_or(BatchError::Truncated)?;
            rest = rest.get(after..).unwrap_or_default();
        }
        Ok(())
    }
}

/// A frame is not a batch of messages, or a message does not fit into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BatchError {
    /// There is no message in it.
    #[error("empty batch")]
    Empty,
    /// It ends in the middle of a message, or without the separator that ends it.
    #[error("the batch breaks off in the middle of a message")]
    Truncated,
    /// The message has 4 GiB or more.
    #[error("message too long for a batch")]
    TooLong,
}

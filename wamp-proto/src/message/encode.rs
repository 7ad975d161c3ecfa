//! From a message to bytes.

use bytes::{BufMut, BytesMut};
use serde::Serialize;

use super::arguments::Arguments;
use super::element::Body;
use crate::codec::{EncodeError, Format, TranscodeError, Write, Writer};
use crate::payload::{Payload, write_value};

/// What writing gives.
pub(crate) type Encoded = Result<(), EncodeError>;

/// A writer that knows its format.
pub(crate) struct Encoder<'w> {
    /// Where the tokens go.
    pub(crate) writer: Writer<'w>,
    format: Format,
}

impl<'w> Encoder<'w> {
    pub(crate) fn new(format: Format, out: &'w mut BytesMut) -> Self {
        Self {
            writer: format.writer(out),
            format,
        }
    }

    /// A value that is encoded already, maybe in another format.
    pub(crate) fn raw(&mut self, format: Format, value: &[u8]) -> Encoded {
        if format == self.format {
            return self.writer.raw(value);
        }
        let mut transcoded = BytesMut::new();
        crate::codec::transcode(format, value, self.format, &mut transcoded)
            .map_err(to_encode_error)?;
        self.writer.raw(&transcoded)
    }

    /// Opens the message, with room for `trailing` elements after its head.
    fn head<B: Body>(&mut self, body: &B, trailing: usize) -> Encoded {
        self.writer.seq(Some(body.head_len() + trailing))?;
        self.writer.u64(B::CODE)?;
        body.write_head(self)
    }

    /// The whole message.
    fn message<B: Body>(&mut self, body: &B, payload: Option<&Payload>) -> Encoded {
        let arguments = Arguments::of(payload);
        self.head(body, arguments.len())?;
        arguments.write(self)?;
        self.writer.end()
    }
}

/// Appends a message.
pub(crate) fn encode<B: Body>(body: &B, format: Format, out: &mut BytesMut) -> Encoded {
    all_or_nothing(out, |out| {
        Encoder::new(format, out).message(body, body.payload())
    })
}

/// Appends a message whose payload is `value`, which goes straight to where it belongs.
pub(crate) fn encode_with<B: Body, T: Serialize + ?Sized>(
    body: &B,
    format: Format,
    value: &T,
    out: &mut BytesMut,
) -> Encoded {
    all_or_nothing(out, |out| {
        if matches!(format, Format::Custom(_)) {
            // Where its headers are, and whether they can be patched, is unknown.
            let payload = Payload::from_value(format, value)?;
            return Encoder::new(format, out).message(body, Some(&payload));
        }
        let start = out.len();
        if format != Format::Json || !body.quick_write(out) {
            out.truncate(start);
            Encoder::new(format, out).head(body, 0)?;
        }
        let trailing = write_value(format, value, out)?;
        close(format, out, start, trailing);
        Ok(())
    })
}

/// Ends the list that was opened at `start` for the head, after `trailing` more elements.
fn close(format: Format, out: &mut BytesMut, start: usize, trailing: usize) {
    if format == Format::Json {
        return out.put_u8(b']');
    }
    // A list of fewer than 16 elements has its length in the low bits of its first byte in MessagePack as in CBOR, and a message
    // has at most 7.
    if let (Some(header), Ok(trailing)) = (out.get_mut(start), u8::try_from(trailing)) {
        *header += trailing;
    }
}

/// Leaves the buffer as it was if something goes wrong.
fn all_or_nothing(out: &mut BytesMut, write: impl FnOnce(&mut BytesMut) -> Encoded) -> Encoded {
    let start = out.len();
    write(out).inspect_err(|_| out.truncate(start))
}

fn to_encode_error(error: TranscodeError) -> EncodeError {
    match error {
        TranscodeError::Encode(error) => error,
        TranscodeError::Decode(error) => EncodeError::new(error.to_string()),
    }
}

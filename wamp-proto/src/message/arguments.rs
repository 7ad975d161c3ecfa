//! The payload: up to two elements at the end of a message, `Arguments` and `ArgumentsKw`. Checked here, decoded by nobody.

use bytes::Bytes;

use super::ProtocolViolation;
use super::decode::{Decoded, Decoder};
use super::encode::{Encoded, Encoder};
use super::quick::Quick;
use crate::codec::{Format, Read, Token, Write};
use crate::payload::Payload;

/// Reads what is left of the message.
#[inline]
pub(crate) fn read(decoder: &mut Decoder<'_>) -> Decoded<Payload> {
    let args =
        read_one(decoder, is_list, "a list").map_err(|violation| violation.within("Arguments"))?;
    let kwargs =
        read_one(decoder, is_map, "a map").map_err(|violation| violation.within("ArgumentsKw"))?;
    Ok(Payload::new(decoder.format(), args, kwargs))
}

/// The same, in compact JSON.
#[inline]
pub(crate) fn quick(quick: &mut Quick<'_>) -> Option<Payload> {
    let filled = |raw: &Bytes| !is_empty(Format::Json, raw);
    let args = quick.container(b'[')?;
    let kwargs = if args.is_some() {
        quick.container(b'{')?
    } else {
        None
    };
    Some(Payload::new(
        Format::Json,
        args.filter(filled),
        kwargs.filter(filled),
    ))
}

/// What of a payload is worth writing: nothing that is empty.
pub(crate) struct Arguments<'a> {
    format: Format,
    args: Option<&'a Bytes>,
    kwargs: Option<&'a Bytes>,
}

impl<'a> Arguments<'a> {
    pub(crate) fn of(payload: Option<&'a Payload>) -> Self {
        let Some(payload) = payload else {
            return Self {
                format: Format::Json,
                args: None,
                kwargs: None,
            };
        };
        let format = payload.format();
        let filled = |raw: &&Bytes| !is_empty(format, raw);
        Self {
            format,
            args: payload.args_raw().filter(filled),
            kwargs: payload.kwargs_raw().filter(filled),
        }
    }

    /// How many elements will be written.
    pub(crate) fn len(&self) -> usize {
        match (self.args, self.kwargs) {
            (_, Some(_)) => 2,
            (Some(_), None) => 1,
            (None, None) => 0,
        }
    }

    pub(crate) fn write(&self, encoder: &mut Encoder<'_>) -> Encoded {
        match (self.args, self.kwargs) {
            (Some(args), _) => encoder.raw(self.format, args)?,
            // Keyword arguments come second, whatever comes first.
            (None, Some(_)) => {
                encoder.writer.seq(Some(0))?;
                encoder.writer.end()?;
            }
            (None, None) => {}
        }
        match self.kwargs {
            Some(kwargs) => encoder.raw(self.format, kwargs),
            None => Ok(()),
        }
    }
}

/// The next element, if there is one that says anything. Some clients send null for arguments that they do not have.
#[inline]
fn read_one(
    decoder: &mut Decoder<'_>,
    is_wanted: fn(Format, &[u8]) -> Decoded<bool>,
    wanted: &str,
) -> Decoded<Option<Bytes>> {
    if !decoder.reader.has_next()? || decoder.reader.take_null()? {
        return Ok(None);
    }
    let raw = decoder.reader.value()?;
    let format = decoder.format();
    if !is_wanted(format, raw)? {
        return Err(ProtocolViolation::expected(
            wanted,
            &format.reader(raw).next()?,
        ));
    }
    Ok((!is_empty(format, raw)).then(|| decoder.share(raw)))
}

#[inline]
fn is_list(format: Format, raw: &[u8]) -> Decoded<bool> {
    match format {
        // A reader of JSON would look at every byte once more.
        Format::Json => Ok(raw.first() == Some(&b'[')),
        _ => Ok(matches!(format.reader(raw).next()?, Token::Seq(_))),
    }
}

#[inline]
fn is_map(format: Format, raw: &[u8]) -> Decoded<bool> {
    if format == Format::Json {
        return Ok(raw.first() == Some(&b'{'));
    }
    let mut reader = format.reader(raw);
    if !matches!(reader.next()?, Token::Map(_)) {
        return Ok(false);
    }
    // JSON has no other keys, but these formats do.
    loop {
        match reader.next()? {
            Token::Str(_) => reader.value()?,
            Token::End => return Ok(true),
            other => return Err(ProtocolViolation::expected("strings as keys", &other)),
        };
    }
}

/// Whether it is an empty list or map as every encoder writes it. Others are passed on as they are.
#[inline]
fn is_empty(format: Format, raw: &[u8]) -> bool {
    match format {
        Format::Json => matches!(raw, b"[]" | b"{}"),
        Format::MsgPack => matches!(raw, [0x90 | 0x80]),
        Format::Cbor => matches!(raw, [0x80 | 0xa0]),
        Format::Custom(_) => false,
    }
}

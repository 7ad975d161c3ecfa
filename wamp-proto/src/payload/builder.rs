//! Arguments put together one by one.

use std::fmt;

use bytes::{Bytes, BytesMut};
use serde::Serialize;

use super::Payload;
use crate::codec::{
    EncodeError, Format, Place, TranscodeError, ValueSerializer, Write as _, transcode_own,
};

/// Where values are kept until the format of the peer is known: it can say all that the others can.
const UNKNOWN: Format = Format::Cbor;

/// A [`Payload`] that is put together value by value, before it is known in which format it will be sent.
///
/// Values are encoded when they are added, so nothing has to be kept alive or boxed. The first error is kept and told by
/// [`build`](Self::build), so that calls can be chained.
///
/// ```
/// use wamp_proto::codec::Format;
/// use wamp_proto::payload::PayloadBuilder;
///
/// let mut builder = PayloadBuilder::new();
/// builder.arg(&1).arg("two").kwarg("three", &[3.0]);
///
/// let payload = builder.build(Format::Json)?;
/// assert_eq!(payload.args_raw().map(|args| &args[..]), Some(&br#"[1,"two"]"#[..]));
/// assert_eq!(payload.kwargs_raw().map(|kwargs| &kwargs[..]), Some(&br#"{"three":[3.0]}"#[..]));
/// # Ok::<(), wamp_proto::codec::EncodeError>(())
/// ```
#[derive(Clone)]
pub struct PayloadBuilder {
    args: Parts,
    kwargs: Parts,
    error: Option<EncodeError>,
}

/// The inside of a list or map.
#[derive(Clone)]
struct Parts {
    kept_in: Format,
    /// Without its beginning and its end; in JSON, with the commas.
    encoded: BytesMut,
    /// Elements or pairs.
    count: usize,
}

impl PayloadBuilder {
    /// No arguments so far. Does not allocate.
    #[must_use]
    pub fn new() -> Self {
        Self::kept_in(UNKNOWN)
    }

    /// The same for a peer whose format is probably this one: then nothing has to be transcoded.
    ///
    /// What this format cannot say is an error, whichever format it is built for.
    #[must_use]
    pub fn kept_in(format: Format) -> Self {
        let kept_in = match format {
            Format::Json | Format::MsgPack | Format::Cbor => format,
            // How its lists are put together is not known.
            Format::Custom(_) => UNKNOWN,
        };
        Self {
            args: Parts::new(kept_in),
            kwargs: Parts::new(kept_in),
            error: None,
        }
    }

    /// Adds a positional argument.
    pub fn arg<T: Serialize + ?Sized>(&mut self, value: &T) -> &mut Self {
        let result = self.args.add(None, value);
        self.keep(result)
    }

    /// Adds a keyword argument. Keys are not compared with each other.
    pub fn kwarg<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> &mut Self {
        let result = self.kwargs.add(Some(key), value);
        self.keep(result)
    }

    /// Adds the arguments of a payload, positional and keyword ones.
    pub fn append(&mut self, payload: &Payload) -> &mut Self {
        let result = self.args.append(payload.format(), payload.elements());
        self.keep(result);
        for (key, value) in payload.entries() {
            let result = self.kwargs.append_one(Some(&*key), payload.format(), value);
            self.keep(result);
        }
        self
    }

    /// The payload in the format of the peer.
    ///
    /// # Errors
    ///
    /// The first value that could not be encoded, or the one that this format cannot say.
    pub fn build(self, format: Format) -> Result<Payload, EncodeError> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(Payload::new(
                format,
                self.args.build(false, format)?,
                self.kwargs.build(true, format)?,
            )),
        }
    }

    fn keep(&mut self, result: Result<(), EncodeError>) -> &mut Self {
        if let Err(error) = result {
            self.error.get_or_insert(error);
        }
        self
    }
}

impl Parts {
    fn new(kept_in: Format) -> Self {
        Self {
            kept_in,
            encoded: BytesMut::new(),
            count: 0,
        }
    }

    fn add<T: Serialize + ?Sized>(
        &mut self,
        key: Option<&str>,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.entry(key, |format, out| {
            let mut writer = format.writer_at(out, Place::ListStart);
            value.serialize(ValueSerializer::new(&mut writer))
        })
    }

    /// Adds values that are encoded already.
    fn append<'a>(
        &mut self,
        format: Format,
        values: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), EncodeError> {
        for value in values {
            self.append_one(None, format, value)?;
        }
        Ok(())
    }

    fn append_one(
        &mut self,
        key: Option<&str>,
        format: Format,
        value: &[u8],
    ) -> Result<(), EncodeError> {
        self.entry(key, |to, out| {
            transcode_own(format, value, to, out).map_err(encode_error)
        })
    }

    /// Adds an element or a pair, or nothing if it cannot be written.
    fn entry(
        &mut self,
        key: Option<&str>,
        write: impl FnOnce(Format, &mut BytesMut) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let start = self.encoded.len();
        let result = self.write_entry(key, write);
        match result {
            Ok(()) => self.count += 1,
            Err(_) => self.encoded.truncate(start),
        }
        result
    }

    fn write_entry(
        &mut self,
        key: Option<&str>,
        write: impl FnOnce(Format, &mut BytesMut) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let is_json = self.kept_in == Format::Json;
        let out = &mut self.encoded;
        if is_json && self.count > 0 {
            out.extend_from_slice(b",");
        }
        if let Some(key) = key {
            self.kept_in.writer_at(out, Place::ListStart).str(key)?;
            if is_json {
                out.extend_from_slice(b":");
            }
        }
        write(self.kept_in, out)
    }

    fn build(self, map: bool, format: Format) -> Result<Option<Bytes>, EncodeError> {
        if self.count == 0 {
            return Ok(None);
        }
        let whole = self.whole(map)?;
        if format == self.kept_in {
            return Ok(Some(whole.freeze()));
        }
        let mut out = BytesMut::with_capacity(whole.len());
        transcode_own(self.kept_in, &whole, format, &mut out).map_err(encode_error)?;
        Ok(Some(out.freeze()))
    }

    /// The list or map with its beginning and its end.
    fn whole(&self, map: bool) -> Result<BytesMut, EncodeError> {
        let mut whole = BytesMut::with_capacity(self.encoded.len() + 9);
        if self.kept_in == Format::Json {
            let (begin, end) = if map { (b"{", b"}") } else { (b"[", b"]") };
            whole.extend_from_slice(begin);
            whole.extend_from_slice(&self.encoded);
            whole.extend_from_slice(end);
            return Ok(whole);
        }
        let mut writer = self.kept_in.writer(&mut whole);
        if map {
            writer.map(Some(self.count))?;
        } else {
            writer.seq(Some(self.count))?;
        }
        drop(writer);
        whole.extend_from_slice(&self.encoded);
        Ok(whole)
    }
}

fn encode_error(error: TranscodeError) -> EncodeError {
    match error {
        TranscodeError::Encode(error) => error,
        TranscodeError::Decode(error) => EncodeError::new(error.message().to_owned()),
    }
}

impl Default for PayloadBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for PayloadBuilder {
    /// Only how many: arguments may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PayloadBuilder")
            .field("args", &self.args.count)
            .field("kwargs", &self.kwargs.count)
            .field("error", &self.error)
            .finish()
    }
}

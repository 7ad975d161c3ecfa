//! Arguments put together one by one.

use std::fmt;

use bytes::{Bytes, BytesMut};
use serde::Serialize;

use super::Payload;
use crate::codec::{
    EncodeError, Format, Place, TranscodeError, ValueSerializer, Write as _, transcode_own,
};

/// Where the values are kept until the format of the peer is known: it can say all that the others can.
const KEPT_IN: Format = Format::Cbor;

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
#[derive(Clone, Default)]
pub struct PayloadBuilder {
    args: Parts,
    kwargs: Parts,
    error: Option<EncodeError>,
}

/// The inside of a list or map.
#[derive(Clone, Default)]
struct Parts {
    /// Without the header.
    encoded: BytesMut,
    /// Elements or pairs.
    count: usize,
}

impl PayloadBuilder {
    /// No arguments so far. Does not allocate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
            let result = self.kwargs.append_pair(&key, payload.format(), value);
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
    fn add<T: Serialize + ?Sized>(
        &mut self,
        key: Option<&str>,
        value: &T,
    ) -> Result<(), EncodeError> {
        let mut writer = KEPT_IN.writer_at(&mut self.encoded, Place::ListStart);
        if let Some(key) = key {
            writer.str(key)?;
        }
        value.serialize(ValueSerializer::new(&mut writer))?;
        self.count += 1;
        Ok(())
    }

    /// Adds values that are encoded already.
    fn append<'a>(
        &mut self,
        format: Format,
        values: impl Iterator<Item = &'a [u8]>,
    ) -> Result<(), EncodeError> {
        for value in values {
            transcode_own(format, value, KEPT_IN, &mut self.encoded).map_err(encode_error)?;
            self.count += 1;
        }
        Ok(())
    }

    fn append_pair(&mut self, key: &str, format: Format, value: &[u8]) -> Result<(), EncodeError> {
        let start = self.encoded.len();
        KEPT_IN
            .writer_at(&mut self.encoded, Place::ListStart)
            .str(key)?;
        match transcode_own(format, value, KEPT_IN, &mut self.encoded) {
            Ok(()) => {
                self.count += 1;
                Ok(())
            }
            Err(error) => {
                self.encoded.truncate(start);
                Err(encode_error(error))
            }
        }
    }

    fn build(self, map: bool, format: Format) -> Result<Option<Bytes>, EncodeError> {
        if self.count == 0 {
            return Ok(None);
        }
        let mut whole = BytesMut::with_capacity(self.encoded.len() + 9);
        let mut writer = KEPT_IN.writer(&mut whole);
        if map {
            writer.map(Some(self.count))?;
        } else {
            writer.seq(Some(self.count))?;
        }
        drop(writer);
        whole.extend_from_slice(&self.encoded);

        if format == KEPT_IN {
            return Ok(Some(whole.freeze()));
        }
        let mut out = BytesMut::with_capacity(whole.len());
        transcode_own(KEPT_IN, &whole, format, &mut out).map_err(encode_error)?;
        Ok(Some(out.freeze()))
    }
}

fn encode_error(error: TranscodeError) -> EncodeError {
    match error {
        TranscodeError::Encode(error) => error,
        TranscodeError::Decode(error) => EncodeError::new(error.message().to_owned()),
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

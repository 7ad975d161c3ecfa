//! Arguments as they stood in the message: not decoded.
//!
//! A router passes most arguments on without looking at them. So a [`Payload`] is a pair of slices of the received buffer, cloned by
//! counting a reference, decoded only if a local handler asks for it, and transcoded only if the next peer speaks another format.
//!
//! # Layout
//!
//! - here: [`Payload`]. `iter`: its parts, still encoded.
//! - `value`: which arguments a Rust value becomes. `decode`: the way back. `single`: the way around that rule.
//! - `builder`: arguments put together one by one.

mod builder;
mod decode;
mod iter;
mod single;
mod value;

use std::fmt;

use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use serde::de::value::{MapDeserializer, SeqDeserializer};

pub use self::builder::PayloadBuilder;
pub use self::iter::{Elements, Entries};
pub use self::single::Single;
pub use self::value::write_value;
use crate::codec::{DecodeError, Format, TranscodeError, from_slice, transcode};

/// The positional and keyword arguments of a message, encoded.
///
/// ```
/// use wamp_proto::codec::Format;
/// use wamp_proto::payload::Payload;
///
/// let payload = Payload::from_value(Format::Json, &(1, "two"))?;
/// assert_eq!(payload.args_raw().map(|args| &args[..]), Some(&br#"[1,"two"]"#[..]));
///
/// let (number, text): (i64, &str) = payload.decode_args()?;
/// assert_eq!((number, text), (1, "two"));
///
/// let elsewhere = payload.transcode(Format::MsgPack)?;
/// assert_eq!(elsewhere.args_raw().map(|args| &args[..]), Some(&b"\x92\x01\xa3two"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Payload {
    format: Format,
    /// An encoded list; empty if absent.
    args: Bytes,
    /// An encoded map with strings as keys; empty if absent.
    kwargs: Bytes,
}

impl Payload {
    /// No arguments.
    #[must_use]
    pub const fn empty(format: Format) -> Self {
        Self {
            format,
            args: Bytes::new(),
            kwargs: Bytes::new(),
        }
    }

    /// Arguments that are encoded already: a list, and a map with strings as keys. They are trusted.
    #[must_use]
    pub fn new(format: Format, args: Option<Bytes>, kwargs: Option<Bytes>) -> Self {
        Self {
            format,
            args: args.unwrap_or_default(),
            kwargs: kwargs.unwrap_or_default(),
        }
    }

    /// What they are encoded in.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The encoded list of positional arguments.
    #[must_use]
    pub fn args_raw(&self) -> Option<&Bytes> {
        (!self.args.is_empty()).then_some(&self.args)
    }

    /// The encoded map of keyword arguments.
    #[must_use]
    pub fn kwargs_raw(&self) -> Option<&Bytes> {
        (!self.kwargs.is_empty()).then_some(&self.kwargs)
    }

    /// Size in bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.args.len() + self.kwargs.len()
    }

    /// Whether there are neither positional nor keyword arguments, not even an empty list of them.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The positional arguments, each still encoded.
    #[must_use]
    pub fn elements(&self) -> Elements<'_> {
        Elements::new(self.format, self.args_raw())
    }

    /// The keyword arguments, each value still encoded.
    #[must_use]
    pub fn entries(&self) -> Entries<'_> {
        Entries::new(self.format, self.kwargs_raw())
    }

    /// Decodes the list of positional arguments. If there is none, it is empty.
    ///
    /// # Errors
    ///
    /// If the list is not of this type.
    pub fn decode_args<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        match self.args_raw() {
            Some(args) => from_slice(self.format, args),
            None => T::deserialize(SeqDeserializer::<_, DecodeError>::new(
                std::iter::empty::<()>(),
            )),
        }
    }

    /// Decodes the map of keyword arguments. If there is none, it is empty.
    ///
    /// # Errors
    ///
    /// If the map is not of this type.
    pub fn decode_kwargs<'a, T: Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        match self.kwargs_raw() {
            Some(kwargs) => from_slice(self.format, kwargs),
            None => T::deserialize(MapDeserializer::<_, DecodeError>::new(std::iter::empty::<(
                (),
                (),
            )>())),
        }
    }

    /// The same arguments in another format; in the same one, a cheap clone.
    ///
    /// # Errors
    ///
    /// If the other format cannot say something in them, see [`transcode`].
    pub fn transcode(&self, to: Format) -> Result<Self, TranscodeError> {
        if self.format == to {
            return Ok(self.clone());
        }
        let part = |raw: Option<&Bytes>| -> Result<Bytes, TranscodeError> {
            let mut out = BytesMut::new();
            if let Some(raw) = raw {
                out.reserve(raw.len() + raw.len() / 4);
                transcode(self.format, raw, to, &mut out)?;
            }
            Ok(out.freeze())
        };
        Ok(Self {
            format: to,
            args: part(self.args_raw())?,
            kwargs: part(self.kwargs_raw())?,
        })
    }
}

impl fmt::Debug for Payload {
    /// Only the sizes: arguments may be secrets, and logs are read by many.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload")
            .field("format", &self.format)
            .field("args", &format_args!("{} bytes", self.args.len()))
            .field("kwargs", &format_args!("{} bytes", self.kwargs.len()))
            .finish()
    }
}

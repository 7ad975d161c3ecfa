//! What can be wrong with bytes, and with values.

use std::borrow::Cow;
use std::fmt;

use thiserror::Error;

/// The bytes are not a value of their format, or not one of the wanted type.
///
/// One pointer wide: the readers return a `Result` for each token.
#[derive(Clone, Debug)]
pub struct DecodeError(Box<Failure>);

#[derive(Clone, Debug)]
struct Failure {
    message: Cow<'static, str>,
    /// Unknown only while serde's own errors travel up to [`from_slice`](super::from_slice).
    offset: Option<usize>,
}

impl DecodeError {
    /// An error at `offset` bytes from the start of the input. Readers of [custom formats](super::Serializer) need it.
    #[must_use]
    #[cold]
    pub fn new(message: impl Into<Cow<'static, str>>, offset: usize) -> Self {
        Self(Box::new(Failure {
            message: message.into(),
            offset: Some(offset),
        }))
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// How many bytes of the input had been read when it was noticed.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset.unwrap_or_default()
    }

    /// Adds the place, unless it is known.
    #[cold]
    pub(crate) fn or_at(mut self, offset: usize) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.offset {
            Some(offset) => write!(f, "{} at byte {offset}", self.0.message),
            None => f.write_str(&self.0.message),
        }
    }
}

impl std::error::Error for DecodeError {}

impl serde::de::Error for DecodeError {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Box::new(Failure {
            message: message.to_string().into(),
            offset: None,
        }))
    }
}

/// The value cannot be written in the format.
#[derive(Clone, Debug, Error)]
#[error("{0}")]
pub struct EncodeError(Box<Cow<'static, str>>);

impl EncodeError {
    /// An error with a text of your own. Writers of [custom formats](super::Serializer) need it.
    #[must_use]
    #[cold]
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(message.into()))
    }
}

impl serde::ser::Error for EncodeError {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}

/// A value of one format cannot be said in another.
#[derive(Clone, Debug, Error)]
pub enum TranscodeError {
    /// The bytes are not a value of the format that they are said to be in.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The other format has no such value.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// A value has not the wanted type, and this is where.
#[derive(Clone, Debug, Error)]
#[error("{}{}{message}", .path, if .path.is_empty() { "" } else { ": " })]
pub struct PathError {
    /// Where inside the value, as in `items[3].qty`. Empty for the value itself.
    pub path: String,
    /// What is wrong there, in serde's words.
    pub message: String,
}

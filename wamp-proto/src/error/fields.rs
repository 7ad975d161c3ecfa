//! How a variant is read from the arguments of an ERROR. Used by generated code.
//!
//! That a field can be decoded must not be demanded: there are errors whose fields are only ever sent. So what decodes is an inherent
//! method that exists for some types only, and gives way to that of a trait for all others: [`Readable`] and [`Unreadable`]. A bound
//! would break those errors, an attribute would be forgotten.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::UnitDeserializer;

use super::FromError;
use crate::codec::{DecodeError, Format, lasting_from_slice};
use crate::payload::{Elements, Payload};

/// The arguments, of which each is taken once.
pub struct Fields<'p> {
    payload: &'p Payload,
    args: Elements<'p>,
}

/// An argument, still encoded; or that there is none.
#[derive(Clone, Copy)]
pub struct Raw<'p>(Option<(Format, &'p [u8])>);

impl<'p> Fields<'p> {
    /// Those of one error.
    #[must_use]
    pub fn new(payload: &'p Payload) -> Self {
        Self {
            payload,
            args: payload.elements(),
        }
    }

    /// The next positional one.
    #[must_use]
    pub fn arg(&mut self) -> Raw<'p> {
        Raw(self.args.next().map(|raw| (self.payload.format(), raw)))
    }

    /// Passes over a positional one.
    pub fn skip(&mut self) {
        self.args.next();
    }

    /// One by its name.
    #[must_use]
    pub fn kwarg(&self, name: &str) -> Raw<'p> {
        let named = self.payload.entries().find(|(key, _)| key == name);
        Raw(named.map(|(_, raw)| (self.payload.format(), raw)))
    }
}

impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.payload.fmt(f)
    }
}

/// An argument may be a secret.
impl fmt::Debug for Raw<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raw").finish_non_exhaustive()
    }
}

/// Stands for a field of type `T`.
pub struct Readable<T>(PhantomData<fn() -> T>);

impl<T> Readable<T> {
    /// A field of type `T`.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "there is nothing to it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Deserialize<'static>> Readable<T> {
    /// The value of the field, if the argument is of its type. One that is not there may still be an `Option`.
    #[must_use]
    pub fn read(&self, raw: Raw<'_>) -> Option<T> {
        match raw.0 {
            Some((format, raw)) => lasting_from_slice(format, raw).ok(),
            None => T::deserialize(UnitDeserializer::<DecodeError>::new()).ok(),
        }
    }
}

impl<T> fmt::Debug for Readable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readable").finish_non_exhaustive()
    }
}

/// What [`Readable`] does with a type that cannot be decoded.
pub trait Unreadable<T> {
    /// Nothing.
    fn read(&self, raw: Raw<'_>) -> Option<T>;
}

impl<T> Unreadable<T> for Readable<T> {
    fn read(&self, _: Raw<'_>) -> Option<T> {
        None
    }
}

impl<T: FromError> Readable<T> {
    /// What a transparent variant has, if the URI is one of its own.
    #[must_use]
    pub fn known(&self, uri: &str, payload: &Payload) -> Option<T> {
        T::from_error(uri, payload)
    }
}

/// What [`Readable`] does with an error that no URI leads back to.
pub trait Unknown<T> {
    /// Nothing.
    fn known(&self, uri: &str, payload: &Payload) -> Option<T>;
}

impl<T> Unknown<T> for Readable<T> {
    fn known(&self, _: &str, _: &Payload) -> Option<T> {
        None
    }
}

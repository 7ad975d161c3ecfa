//! Arguments put together one by one, and options that the protocol does not know.

use bytestring::ByteString;
use serde::Serialize;
use wamp_proto::codec::{EncodeError, Format};
use wamp_proto::message::{Raw, Unknown};
use wamp_proto::payload::{Payload, PayloadBuilder};

use crate::error::CallError;

/// What requests with arguments have in common.
pub(crate) struct Values {
    built: PayloadBuilder,
    /// Encoded already, passed on as it is; instead of what is built.
    ready: Option<Box<Payload>>,
}

impl Values {
    /// For a session that speaks this format, most likely.
    pub(crate) fn new(format: Option<Format>) -> Self {
        Self {
            built: format.map_or_else(PayloadBuilder::new, PayloadBuilder::kept_in),
            ready: None,
        }
    }

    pub(crate) fn arg(&mut self, value: &impl Serialize) {
        self.built.arg(value);
    }

    pub(crate) fn kwarg(&mut self, name: &str, value: &impl Serialize) {
        self.built.kwarg(name, value);
    }

    /// All arguments that a value becomes.
    pub(crate) fn args(&mut self, values: &impl Serialize) {
        match Payload::from_value(Format::Cbor, values) {
            Ok(payload) => self.built.append(&payload),
            // Kept like that of a single argument.
            Err(_) => self.built.arg(values),
        };
    }

    pub(crate) fn ready(&mut self, payload: Payload) {
        self.ready = Some(Box::new(payload));
    }

    pub(crate) fn build(self, format: Format) -> Result<Payload, CallError> {
        let Some(ready) = self.ready else {
            return Ok(self.built.build(format)?);
        };
        let transcoded = ready.transcode(format);
        transcoded.map_err(|error| CallError::Invalid(error.to_string()))
    }
}

/// Options that the protocol does not know.
#[derive(Default)]
pub(crate) struct CustomOptions(Vec<(ByteString, Result<Raw, EncodeError>)>);

impl CustomOptions {
    pub(crate) fn push(&mut self, key: &str, value: &impl Serialize) {
        self.0.push((key.into(), Raw::new(Format::Cbor, value)));
    }

    /// Adds them to a dictionary.
    pub(crate) fn add_to(self, unknown: &mut Unknown) -> Result<(), CallError> {
        for (key, value) in self.0 {
            let rest = key.strip_prefix('_').unwrap_or_default();
            let allowed = |it: u8| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'_');
            if rest.len() < 3 || !rest.bytes().all(allowed) {
                return Err(CallError::Invalid(format!(
                    "`{key}` cannot be an option or detail: one of your own is an underscore and at least three of a-z, 0-9 and _"
                )));
            }
            unknown.push(key, value?);
        }
        Ok(())
    }
}

/// The methods of a request with arguments, in its field `values`.
macro_rules! argument_methods {
    () => {
        /// Adds a positional argument.
        pub fn arg(mut self, value: impl serde::Serialize) -> Self {
            self.values.arg(&value);
            self
        }

        /// Adds a keyword argument.
        pub fn kwarg(mut self, name: &str, value: impl serde::Serialize) -> Self {
            self.values.kwarg(name, &value);
            self
        }

        /// Adds all arguments that a value becomes: a tuple or list becomes positional arguments, a struct or map keyword arguments,
        /// anything else one argument.
        pub fn args(mut self, values: impl serde::Serialize) -> Self {
            self.values.args(&values);
            self
        }

        /// Sets all arguments at once, encoded already, in place of those that are added one by one. They are passed on as they are, or
        /// transcoded if the router speaks another format.
        pub fn payload(mut self, payload: wamp_proto::payload::Payload) -> Self {
            self.values.ready(payload);
            self
        }
    };
}

/// The method that sets an option of one's own, in the field `custom`.
macro_rules! option_method {
    () => {
        /// Sets an option that the protocol does not know: an underscore and at least three of `a-z`, `0-9` and `_`.
        pub fn option(mut self, name: &str, value: impl serde::Serialize) -> Self {
            self.custom.push(name, &value);
            self
        }
    };
}

pub(crate) use {argument_methods, option_method};

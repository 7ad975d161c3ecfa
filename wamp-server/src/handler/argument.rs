//! From a call to one parameter of a handler.

use std::any::TypeId;
use std::fmt;
use std::future::{Future, ready};

use serde::Deserialize;
use serde::de::value::Error as ValueError;
use serde::de::{Deserializer, Error as _, Visitor};
use wamp_proto::codec::{self, Format};

use super::capture::Component;
use super::{Call, CallError, FromCall};

/// A type that a handler can take as a parameter.
///
/// It is never implemented by hand: every [`serde::Deserialize`] type is one that the caller sends, and every
/// [`FromCall`] type is one that the server supplies. `Via` tells the two apart and is always inferred; a type that is both
/// is refused by the compiler at that parameter.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a WAMP handler",
    label = "neither sent by the caller nor supplied by the server",
    note = "a value sent by the caller implements `serde::Deserialize`",
    note = "a value supplied by the server implements `wamp_server::FromCall`, such as `&Session` or `State<'_, T>`"
)]
pub trait Argument<'c, Via>: Sized {
    /// Where the value comes from.
    const SOURCE: Source;

    /// Makes the value.
    ///
    /// # Errors
    ///
    /// What the caller is told when it cannot be made, `wamp.error.invalid_argument` for a value of the wrong type.
    fn extract(
        call: &'c Call,
        slot: Slot<'c>,
    ) -> impl Future<Output = Result<Self, CallError>> + Send;

    /// Whether a call without this value succeeds.
    #[must_use]
    fn may_be_absent() -> bool {
        true
    }

    /// What must be configured before any call can succeed.
    fn requires(_: &mut Requirements) {}
}

/// Markers that keep the two kinds of [`Argument`] apart.
pub mod via {
    /// The caller sends the value.
    #[derive(Debug)]
    pub enum Wire {}
    /// The server supplies the value.
    #[derive(Debug)]
    pub enum Context {}
    /// The caller may send the value; there is a default.
    #[derive(Debug)]
    pub struct Defaulted<Via>(Via);
}

/// An [`Argument`] that cannot come from the server: one with a default, or one that is bound to a part of the URI.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot have a default or be a part of the URI",
    label = "not a value that a caller sends",
    note = "a value sent by the caller implements `serde::Deserialize`"
)]
pub trait Sent<'c>: Argument<'c, via::Wire> {}

#[diagnostic::do_not_recommend]
impl<'c, T: Argument<'c, via::Wire>> Sent<'c> for T {}

/// An [`Argument`] that cannot come from a caller: nobody sends any when a session subscribes or opens.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter here: clients send no arguments when this function runs",
    label = "not supplied by the server",
    note = "a value supplied by the server implements `wamp_server::FromCall`, such as `&Session` or `State<'_, T>`",
    note = "a topic can take parts of its URI, too: `#[topic(\"docs.{{id}}.changes\")]` has a parameter `id`"
)]
pub trait Supplied<'c>: Argument<'c, via::Context> {}

#[diagnostic::do_not_recommend]
impl<'c, T: Argument<'c, via::Context>> Supplied<'c> for T {}

/// Where the value of a parameter comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The caller: by position or by keyword.
    Wire,
    /// The server.
    Context,
    /// A `{name}` of the handler's URI.
    Capture,
}

/// What the caller gave for one parameter.
#[derive(Clone, Copy)]
pub struct Slot<'c> {
    pub(crate) name: &'static str,
    pub(crate) value: Value<'c>,
}

/// Debug tells what was given, never its content.
impl fmt::Debug for Slot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The undecoded value of one parameter.
#[derive(Clone, Copy)]
pub(crate) enum Value<'c> {
    Absent,
    Positional(u32, &'c [u8]),
    Keyword(&'c [u8]),
    Capture(&'c str),
}

#[diagnostic::do_not_recommend]
impl<'c, T: Deserialize<'c> + Send> Argument<'c, via::Wire> for T {
    const SOURCE: Source = Source::Wire;

    #[inline]
    fn extract(
        call: &'c Call,
        slot: Slot<'c>,
    ) -> impl Future<Output = Result<Self, CallError>> + Send {
        ready(decode(call, slot))
    }

    fn may_be_absent() -> bool {
        T::deserialize(Absent).is_ok()
    }
}

#[diagnostic::do_not_recommend]
impl<'c, T: FromCall<'c>> Argument<'c, via::Context> for T {
    const SOURCE: Source = Source::Context;

    #[inline]
    fn extract(
        call: &'c Call,
        _: Slot<'c>,
    ) -> impl Future<Output = Result<Self, CallError>> + Send {
        T::from_call(call)
    }

    fn requires(requirements: &mut Requirements) {
        <T as FromCall<'c>>::requires(requirements);
    }
}

#[inline]
fn decode<'c, T: Deserialize<'c>>(call: &'c Call, slot: Slot<'c>) -> Result<T, CallError> {
    match slot.value {
        Value::Positional(_, raw) | Value::Keyword(raw) => {
            codec::from_slice(call.payload.format(), raw)
                .or_else(|_| decode_unescaped(call, slot, raw))
        }
        Value::Absent => T::deserialize(Absent).map_err(|_| CallError::missing_argument(slot.name)),
        Value::Capture(text) => T::deserialize(Component(text)).map_err(|error| {
            CallError::bad_argument(slot.name, &format!("{{{}}}", slot.name), &error.to_string())
        }),
    }
}

/// A text with escapes is not what it stands for, so it cannot be borrowed: it is then borrowed from a copy in another format.
#[cold]
fn decode_unescaped<'c, T: Deserialize<'c>>(
    call: &'c Call,
    slot: Slot<'c>,
    raw: &'c [u8],
) -> Result<T, CallError> {
    let format = call.payload.format();
    if format == Format::Json
        && raw.contains(&b'\\')
        && let Some(payload) = call.unescaped()
    {
        let copy = match slot.value {
            Value::Positional(index, _) => payload.elements().nth(index as usize),
            _ => payload
                .entries()
                .find(|(name, _)| name == slot.name)
                .map(|(_, raw)| raw),
        };
        if let Some(Ok(value)) = copy.map(|copy| codec::from_slice(payload.format(), copy)) {
            return Ok(value);
        }
    }
    Err(mismatch::<T>(slot, format, raw))
}

/// Decodes once more, slower, to tell the caller which value of the argument is wrong.
#[cold]
fn mismatch<'c, T: Deserialize<'c>>(slot: Slot<'c>, format: Format, raw: &'c [u8]) -> CallError {
    let (inside, message) = match codec::from_slice_at_path::<T>(format, raw) {
        Ok(_) => (String::new(), "cannot be decoded".to_owned()),
        Err(error) => (error.path, error.message),
    };
    let root = match slot.value {
        Value::Positional(index, ..) => format!("args[{index}]"),
        _ => format!("kwargs.{}", slot.name),
    };
    let separator = if inside.is_empty() || inside.starts_with('[') {
        ""
    } else {
        "."
    };
    CallError::bad_argument(slot.name, &format!("{root}{separator}{inside}"), &message)
}

/// What a realm must have before a handler can run; collected from its parameters when the realm is built.
#[derive(Debug, Default)]
pub struct Requirements {
    pub(crate) states: Vec<(TypeId, &'static str)>,
    pub(crate) factories: Vec<(TypeId, &'static str)>,
    pub(crate) token: bool,
    pub(crate) progress: bool,
    pub(crate) input: bool,
    pub(crate) args: bool,
    pub(crate) kwargs: bool,
}

impl Requirements {
    /// The handler takes a `State<'_, T>`: [`App::state`](crate::App::state) must have been given a `T`.
    pub fn state<T: 'static>(&mut self) {
        self.states
            .push((TypeId::of::<T>(), std::any::type_name::<T>()));
    }

    /// The handler takes a `Provided<T>`: [`App::provide_with`](crate::App::provide_with) must have been given a way to make one.
    pub fn factory<T: 'static>(&mut self) {
        self.factories
            .push((TypeId::of::<T>(), std::any::type_name::<T>()));
    }
}

/// Serde's own rule for absent fields: an `Option` is `None`, anything else is an error.
struct Absent;

impl<'de> Deserializer<'de> for Absent {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(ValueError::custom("absent"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_none()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

//! All parameters of an annotated function at once.
//!
//! Generated code could await one parameter after the other, but then every handler of every user would be type-checked with so many
//! more suspension points, which doubles what a handler costs `cargo check`. Here that is done once, for each number of parameters.

use std::fmt;
use std::marker::PhantomData;

use super::argument::{Argument, Sent, Slot, Source, Value, via};
use super::bound::Bound;
use super::{Call, CallError, Definition};

/// Stands for a parameter of type `T` where there is no value of it yet.
pub struct Want<T>(PhantomData<fn() -> T>);

/// A parameter of type `T`.
#[must_use]
pub const fn want<T>() -> Want<T> {
    Want(PhantomData)
}

impl<T> fmt::Debug for Want<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Want").finish_non_exhaustive()
    }
}

/// A tuple of [`Want`]s. `Vias` is that of each parameter, and inferred.
pub trait Arguments<'c, Vias> {
    /// The tuple of the wanted values.
    type Values;

    /// Binds what the caller sent, then makes the values one after the other.
    fn extract(
        definition: &'static Definition,
        call: &'c Call,
    ) -> impl Future<Output = Result<Self::Values, CallError>> + Send;
}

/// The values of all parameters of a handler.
///
/// # Errors
///
/// That of the first parameter which cannot be had.
#[inline]
pub fn arguments<'c, A: Arguments<'c, Vias>, Vias>(
    definition: &'static Definition,
    call: &'c Call,
    _: A,
) -> impl Future<Output = Result<A::Values, CallError>> + Send + use<'c, A, Vias> {
    A::extract(definition, call)
}

/// A parameter with a default: the value that the caller sent, if any.
#[derive(Debug)]
pub struct Given<T>(Option<T>);

impl<T> Given<T> {
    /// The value, or else the default.
    #[inline]
    pub fn or(self, default: impl FnOnce() -> T) -> T {
        self.0.unwrap_or_else(default)
    }
}

impl<'c, T: Sent<'c> + Send> Argument<'c, via::Defaulted> for Given<T> {
    const SOURCE: Source = Source::Wire;

    #[inline]
    async fn extract(call: &'c Call, slot: Slot<'c>) -> Result<Self, CallError> {
        match slot.value {
            Value::Absent => Ok(Self(None)),
            _ => T::extract(call, slot).await.map(|value| Self(Some(value))),
        }
    }
}

macro_rules! impl_arguments {
    ($($Param:ident $Via:ident $i:literal),*) => {
        #[diagnostic::do_not_recommend]
        impl<'c, $($Param, $Via),*> Arguments<'c, ($($Via,)*)> for ($(Want<$Param>,)*)
        where
            $($Param: Argument<'c, $Via> + Send,)*
        {
            type Values = ($($Param,)*);

            #[inline]
            async fn extract(definition: &'static Definition, call: &'c Call) -> Result<Self::Values, CallError> {
                #[allow(unused_variables, reason = "functions without parameters")]
                let bound = Bound::new(definition.params, definition.strict, call)?;
                Ok(($(bound.get::<$Param, $Via>($i).await?,)*))
            }
        }
    };
}

impl_arguments!();
impl_arguments!(P0 V0 0);
impl_arguments!(P0 V0 0, P1 V1 1);
impl_arguments!(P0 V0 0, P1 V1 1, P2 V2 2);
impl_arguments!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3);
impl_arguments!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4);
impl_arguments!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4, P5 V5 5);
impl_arguments!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4, P5 V5 5, P6 V6 6);
impl_arguments!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4, P5 V5 5, P6 V6 6, P7 V7 7);
impl_arguments!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4, P5 V5 5, P6 V6 6, P7 V7 7, P8 V8 8);
impl_arguments!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4, P5 V5 5, P6 V6 6, P7 V7 7, P8 V8 8, P9 V9 9);
impl_arguments!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4, P5 V5 5, P6 V6 6, P7 V7 7, P8 V8 8, P9 V9 9, P10 V10 10);
impl_arguments!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4, P5 V5 5, P6 V6 6, P7 V7 7, P8 V8 8, P9 V9 9, P10 V10 10, P11 V11 11);

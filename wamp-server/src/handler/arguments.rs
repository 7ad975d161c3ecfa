//! All parameters of an annotated function at once.
//!
//! Generated code could await one parameter after the other, but then every handler of every user would be type-checked with so many
//! more suspension points, which doubles what a handler costs `cargo check`. Here that is done once, for each number of parameters.

use std::fmt;
use std::marker::PhantomData;

use super::argument::{Argument, Slot, Source, Value, via};
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
#[diagnostic::on_unimplemented(
    message = "this function cannot be called with what callers send and the server supplies",
    label = "one of its parameters is neither"
)]
pub trait Arguments<'c, Vias> {
    /// The tuple of the wanted values.
    type Values;

    /// Binds what the caller sent, then makes the values one after the other.
    ///
    /// # Errors
    ///
    /// That of the first parameter which cannot be had.
    fn extract(
        self,
        definition: &'static Definition,
        call: &'c Call,
    ) -> impl Future<Output = Result<Self::Values, CallError>> + Send;
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

/// `Via` may be anything, to leave it to [`Param::with_default`](super::Param) to say what is wrong.
impl<'c, T: Argument<'c, Via> + Send, Via> Argument<'c, via::Defaulted<Via>> for Given<T> {
    const SOURCE: Source = T::SOURCE;

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

            // Not `async fn`: that it is `Send` is then known from the signature, and need not be found out for every handler.
            #[inline]
            fn extract(
                self,
                definition: &'static Definition,
                call: &'c Call,
            ) -> impl Future<Output = Result<Self::Values, CallError>> + Send {
                async move {
                    #[allow(unused_variables, reason = "functions without parameters")]
                    let mut bound = Bound::new(definition.params, call);
                bound.bind(definition.strict)?;
                    Ok(($(bound.get::<$Param, $Via>($i).await?,)*))
                }
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

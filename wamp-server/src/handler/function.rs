//! Handlers without macros: async closures and functions with owned parameters.

use std::sync::Arc;

use super::argument::Argument;
use super::bound::Bound;
use super::{Call, CallError, IntoError, IntoReply, Invoke, Outcome, Param};

/// An async closure or function that can be a procedure.
///
/// Its parameters are owned, bound by position, and told apart as those of annotated functions are: what the caller sends is
/// `serde::Deserialize`, what the server supplies is [`FromCall`](crate::FromCall), such as [`Session`](crate::Session) or
/// [`SharedState`](crate::SharedState). `Signature` lets one closure type have one implementation for each number of parameters; it is
/// always inferred.
#[diagnostic::on_unimplemented(
    message = "this function cannot be a WAMP handler",
    label = "not a handler",
    note = "it is an async closure or function with up to eight owned parameters, each `serde::Deserialize` or `FromCall`, whose future is `Send`",
    note = "`#[procedure]` on a named function takes borrowed parameters too, and tells which one is wrong"
)]
pub trait Handler<Signature>: Send + Sync + 'static {
    /// The parameters.
    #[doc(hidden)]
    const PARAMS: &'static [Param];

    /// Runs the function.
    #[doc(hidden)]
    fn invoke(self: Arc<Self>, call: Call) -> Invoke;
}

/// What a closure may return: an [`IntoReply`] value or a `Result` of one. `Via` is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be returned from a WAMP handler",
    note = "return a `serde::Serialize` value, a `Reply`, a `Stream`, or a `Result` of one of these"
)]
pub trait IntoOutcome<Via>: Send {
    /// Sends it.
    ///
    /// # Errors
    ///
    /// Those of the handler, and of serialization.
    fn into_outcome(self, call: &Call) -> impl Future<Output = Result<Outcome, CallError>> + Send;
}

/// Markers of [`IntoOutcome`].
pub mod outcome_via {
    /// A value.
    #[derive(Debug)]
    pub struct Plain<Via>(Via);
    /// A `Result`.
    #[derive(Debug)]
    pub struct Fallible<Via>(Via);
}

#[diagnostic::do_not_recommend]
impl<T, Via> IntoOutcome<outcome_via::Plain<Via>> for T
where
    T: for<'c> IntoReply<'c, Via> + Send,
{
    fn into_outcome(self, call: &Call) -> impl Future<Output = Result<Outcome, CallError>> + Send {
        self.into_reply(call)
    }
}

#[diagnostic::do_not_recommend]
impl<T, E, Via> IntoOutcome<outcome_via::Fallible<Via>> for Result<T, E>
where
    T: for<'c> IntoReply<'c, Via> + Send,
    E: IntoError + Send,
{
    async fn into_outcome(self, call: &Call) -> Result<Outcome, CallError> {
        match self {
            Ok(value) => value.into_reply(call).await,
            Err(error) => Err(error.into_error()),
        }
    }
}

macro_rules! impl_handler {
    ($($Param:ident $Via:ident $i:literal),*) => {
        #[diagnostic::do_not_recommend]
        impl<F, Fut, Out, OutVia, $($Param, $Via),*> Handler<(OutVia, $($Param, $Via),*)> for F
        where
            F: Fn($($Param),*) -> Fut + Send + Sync + 'static,
            Fut: Future<Output = Out> + Send,
            Out: IntoOutcome<OutVia>,
            $($Param: for<'c> Argument<'c, $Via> + Send,)*
        {
            const PARAMS: &'static [Param] = &[$(Param::of::<$Param, $Via>("")),*];

            fn invoke(self: Arc<Self>, call: Call) -> Invoke {
                Box::pin(async move {
                    #[allow(unused_variables, reason = "functions without parameters")]
                    let mut bound = Bound::new(Self::PARAMS, &call);
                    bound.bind(false)?;
                    (*self)($(bound.get::<$Param, $Via>($i).await?),*).await.into_outcome(&call).await
                })
            }
        }
    };
}

impl_handler!();
impl_handler!(P0 V0 0);
impl_handler!(P0 V0 0, P1 V1 1);
impl_handler!(P0 V0 0, P1 V1 1, P2 V2 2);
impl_handler!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3);
impl_handler!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4);
impl_handler!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4, P5 V5 5);
impl_handler!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4, P5 V5 5, P6 V6 6);
impl_handler!(P0 V0 0, P1 V1 1, P2 V2 2, P3 V3 3, P4 V4 4, P5 V5 5, P6 V6 6, P7 V7 7);

//! Progressive call invocations: arguments that keep coming while the handler runs.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use wamp_proto::payload::Payload;

use super::argument::Requirements;
use super::{Call, CallError, FromCall};

/// The arguments of every CALL message of a progressive call, the first one included, as a stream.
///
/// Each item is the list of positional arguments decoded as `T`: `Input<(u32,)>` for one number a message, `Input<Vec<u8>>` for any
/// number of them. The stream ends with the message that is not marked as progress; an item that does not decode is an error, which
/// a handler passes on with `?`.
///
/// ```
/// use futures_util::TryStreamExt as _;
/// use wamp_server::{CallError, Input, procedure};
///
/// #[procedure("stats.sum")]
/// async fn sum(numbers: Input<(i64,)>) -> Result<i64, CallError> {
///     numbers.try_fold(0, async |sum, (number,)| Ok(sum + number)).await
/// }
/// ```
///
/// The WAMP specification, "Progressive Call Invocations".
pub struct Input<T> {
    first: Option<Payload>,
    rest: Option<mpsc::Receiver<Payload>>,
    items: PhantomData<fn() -> T>,
}

impl<'c, T: DeserializeOwned + 'static> FromCall<'c> for Input<T> {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        let extras = call.extras.as_deref();
        Ok(Self {
            first: Some(call.payload.clone()),
            rest: extras.and_then(super::call::Extras::take_input),
            items: PhantomData,
        })
    }

    fn requires(requirements: &mut Requirements) {
        requirements.input = true;
        requirements.args = true;
    }
}

impl<T: DeserializeOwned> Stream for Input<T> {
    type Item = Result<T, CallError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let payload = match (self.first.take(), &mut self.rest) {
            (Some(first), _) => Some(first),
            (None, Some(rest)) => std::task::ready!(rest.poll_recv(cx)),
            (None, None) => None,
        };
        Poll::Ready(payload.map(|payload| {
            let decoded = payload.decode_args();
            decoded.map_err(|error| CallError::invalid_argument(format_args!("args: {error}")))
        }))
    }
}

impl<T> fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").finish_non_exhaustive()
    }
}

//! A call whose arguments come one after the other.

use std::pin::pin;

use futures_core::Stream;
use futures_util::StreamExt as _;
use serde::Serialize;
use wamp_proto::payload::Payload;
use wamp_proto::received::CallResult;

use super::Call;
use super::running::{Feeder, Sent};
use crate::error::CallError;

/// Makes a call whose own arguments are the first of several.
pub(super) async fn call<S>(call: Call, values: S) -> Result<CallResult, CallError>
where
    S: Stream + Send,
    S::Item: Serialize,
{
    let Sent {
        mut running,
        feeder,
        ..
    } = call.start(true).await?;
    // It was said that there is more to come, so it is there.
    let feeder = feeder.ok_or(CallError::Lost)?;
    tokio::select! {
        biased;
        // The callee may answer before it has heard everything.
        answer = running.answered() => return answer,
        fed = feed(feeder, values) => fed?,
    }
    running.touch();
    running.result().await
}

/// Gives the callee what a stream has.
pub(super) async fn feed<S>(feeder: Feeder, values: S) -> Result<(), CallError>
where
    S: Stream + Send,
    S::Item: Serialize,
{
    let format = feeder.format();
    let mut values = pin!(values);
    let mut last = None;
    // The last one says that it is the last, so one is always kept back.
    while let Some(value) = values.next().await {
        let next = Payload::from_value(format, &value)?;
        if let Some(payload) = last.replace(next) {
            feeder.feed(payload, true).await?;
        }
    }
    let last = last.unwrap_or_else(|| Payload::empty(format));
    feeder.feed(last, false).await
}

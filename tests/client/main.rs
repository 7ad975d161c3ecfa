//! Our client with real routers, ours and Crossbar.io: everything once, in each serializer and over each transport.
//!
//! - [`everything`]: what is tried with all of them. [`restarts`]: a router that is killed and comes again. [`blocking`]: the client that blocks.
#![allow(
    clippy::unwrap_used,
    reason = "whatever is not as it should be fails the test"
)]

mod blocking;
mod everything;
mod restarts;

use std::time::Duration;

use tokio::time::timeout;

/// Nothing that works takes that long, also on a busy machine.
async fn in_time<F: Future>(future: F) -> F::Output {
    let done = timeout(Duration::from_secs(60), future).await;
    done.expect("it takes too long")
}

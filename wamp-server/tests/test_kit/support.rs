//! What the tests have in common.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use wamp_server::client::{CallError, Client, ConnectError, State};
use wamp_server::test::TestRealm;
use wamp_server::{App, RouterOptions};

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A router with one function.
pub(crate) fn app() -> App {
    App::empty()
        .router(RouterOptions::new())
        .procedure("math.add", async |a: i64, b: i64| a + b)
}

pub(crate) fn realm() -> TestRealm {
    TestRealm::new(app())
}

/// Calls `math.add`.
pub(crate) async fn add(client: &Client) -> Result<i64, CallError> {
    client.call("math.add").args((2, 3)).get().await
}

/// Why a client is closed, as soon as it is.
pub(crate) async fn closed(client: &Client) -> Arc<ConnectError> {
    let mut states = client.states();
    while let Some(state) = states.next().await {
        if let State::Closed { reason } = state {
            return reason.expect("not by itself");
        }
    }
    panic!("it is closed at last");
}

/// What a future says that panics.
pub(crate) async fn panic_of<T>(future: impl Future<Output = T>) -> String {
    let panic = AssertUnwindSafe(future).catch_unwind().await;
    let panic = panic.err().expect("it panics");
    message(&*panic)
}

/// The same for a function.
pub(crate) fn panic_in<T>(act: impl FnOnce() -> T) -> String {
    let panic = std::panic::catch_unwind(AssertUnwindSafe(act));
    message(&*panic.err().expect("it panics"))
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    match panic.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => (*panic.downcast_ref::<&str>().expect("a text")).to_owned(),
    }
}

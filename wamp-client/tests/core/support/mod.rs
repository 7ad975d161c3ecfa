//! A router whose lines the test writes.
//!
//! - `wire`: a connection in memory. `router`: where clients connect. `peer`: what is expected of a client, and what it is told.

mod peer;
mod router;
mod wire;

use std::future::IntoFuture;
use std::time::Duration;

use tokio::task::JoinHandle;
use wamp_client::proto::subprotocol::Subprotocol;
use wamp_client::{Builder, Client, State};

pub(crate) use peer::Peer;
pub(crate) use router::Router;

/// WELCOME of a router that can do everything.
pub(crate) const WELCOME: &str = r#"[2,4711,{"realm":"realm1","authid":"ada","authrole":"user","roles":{
    "dealer":{"features":{"call_canceling":true,"progressive_call_results":true,"progressive_call_invocations":true,"call_timeout":true}},
    "broker":{"features":{}}}}]"#;

/// A client with an open session, and its router.
pub(crate) async fn open() -> (Client, Peer) {
    let (client, _, peer) = open_with(|builder| builder).await;
    (client, peer)
}

/// A client that is described in more detail.
pub(crate) async fn open_with(describe: impl FnOnce(Builder) -> Builder) -> (Client, Router, Peer) {
    open_over(Subprotocol::default(), describe).await
}

pub(crate) async fn open_over(
    subprotocol: Subprotocol,
    describe: impl FnOnce(Builder) -> Builder,
) -> (Client, Router, Peer) {
    let (mut router, connect) = Router::new(subprotocol);
    let builder = describe(Builder::over(connect));
    let connecting = spawn(builder.connect());
    let mut peer = router.accept().await;
    peer.welcome().await;
    let client = connecting.await.unwrap().unwrap();
    (client, router, peer)
}

/// Begins something at once, as if somebody awaited it.
pub(crate) fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: IntoFuture,
    F::IntoFuture: Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.into_future())
}

/// Waits until nothing moves any more: paused time goes on only then.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// A state in a word.
pub(crate) fn word(state: &State) -> String {
    match state {
        State::Connecting { failures, reason } => {
            let reason = reason
                .as_ref()
                .map_or(String::new(), |it| format!(": {it}"));
            format!("connecting {failures}{reason}")
        }
        State::Open(session) => format!("open {}", session.id()),
        State::Closed { reason: None } => "closed".to_owned(),
        State::Closed {
            reason: Some(reason),
        } => format!("closed: {reason}"),
        other => format!("{other:?}"),
    }
}

/// A client whose router takes no longer messages.
pub(crate) async fn open_limited(max_message: u64) -> (Client, Router, Peer) {
    let (mut router, connect) = Router::new(Subprotocol::default());
    router.max_message = max_message;
    let connecting = spawn(Builder::over(connect).connect());
    let mut peer = router.accept().await;
    peer.welcome().await;
    (connecting.await.unwrap().unwrap(), router, peer)
}

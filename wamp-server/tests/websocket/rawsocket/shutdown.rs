//! The end of a server.

use serde_json::json;

use crate::support::raw::{REQUEST, Raw};
use crate::support::{Client, Running};

#[tokio::test]
async fn every_connection_is_told_and_nothing_is_waited_for_in_vain() {
    let server = Running::default().await;
    let mut joined = Raw::joined(server.address).await;
    let mut greeted = Raw::open(server.address).await;
    let mut half = Client::connect(server.address).await;
    half.send(&REQUEST[..2]).await;
    server.begin_to_stop();
    let goodbye = joined.message().await;
    assert_eq!(
        (&goodbye[0], &goodbye[2]),
        (&json!(6), &json!("wamp.close.system_shutdown"))
    );
    joined
        .send(json!([6, {}, "wamp.close.goodbye_and_out"]))
        .await;
    assert!(joined.end().await.is_empty());
    greeted.is_aborted("wamp.close.system_shutdown").await;
    assert_eq!(half.rest().await, b"");
    server.stopped().await;
}

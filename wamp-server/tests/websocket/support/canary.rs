//! A healthy session beside an attack.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinHandle;
use wamp_server::CancellationToken;

use super::Client;

/// Calls all the while, and fails the test if an answer is wrong or does not come.
pub(crate) struct Canary {
    stop: CancellationToken,
    task: JoinHandle<u64>,
}

impl Canary {
    pub(crate) async fn start(address: SocketAddr) -> Self {
        let mut client = Client::joined(address).await;
        let stop = CancellationToken::new();
        let task = tokio::spawn({
            let stop = stop.clone();
            async move {
                let mut pace = tokio::time::interval(Duration::from_millis(5));
                let mut calls = 0;
                loop {
                    let answer = client.call("test.add", json!([calls, 1])).await;
                    calls += 1;
                    assert_eq!(answer, json!([50, calls, {}, [calls]]));
                    tokio::select! {
                        _ = pace.tick() => {}
                        () = stop.cancelled() => break,
                    }
                }
                client.leave().await;
                calls
            }
        });
        Self { stop, task }
    }

    /// It is still well.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let calls = self.task.await.expect("the canary is well");
        assert!(calls > 0);
    }
}

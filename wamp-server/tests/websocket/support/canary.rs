//! A healthy session beside an attack.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinHandle;
use wamp_server::CancellationToken;

use super::Client;

/// How long it waits for an answer, at most: far more than it takes beside anything that shares the machine fairly, and less than any
/// limit of time that an attack could make it wait for.
const BREATH: Duration = Duration::from_secs(1);

/// Calls all the while, and fails the test if an answer is wrong or late, or does not come.
pub(crate) struct Canary {
    stop: CancellationToken,
    task: JoinHandle<Health>,
}

/// How it has been.
#[derive(Default)]
struct Health {
    calls: u64,
    /// The longest time that an answer took.
    longest: Duration,
}

impl Canary {
    pub(crate) async fn start(address: SocketAddr) -> Self {
        let mut client = Client::joined(address).await;
        let stop = CancellationToken::new();
        let task = tokio::spawn({
            let stop = stop.clone();
            async move {
                let mut pace = tokio::time::interval(Duration::from_millis(5));
                let Health {
                    mut calls,
                    mut longest,
                } = Health::default();
                loop {
                    let asked = Instant::now();
                    let answer = client.call("test.add", json!([calls, 1])).await;
                    longest = longest.max(asked.elapsed());
                    calls += 1;
                    assert_eq!(answer, json!([50, calls, {}, [calls]]));
                    tokio::select! {
                        _ = pace.tick() => {}
                        () = stop.cancelled() => break,
                    }
                }
                client.leave().await;
                Health { calls, longest }
            }
        });
        Self { stop, task }
    }

    /// It is still well.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let Health { calls, longest } = self.task.await.expect("the canary is well");
        assert!(calls > 0);
        assert!(longest < BREATH, "the canary waited for {longest:?}");
    }
}

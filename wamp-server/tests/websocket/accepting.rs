//! The loop that accepts connections goes on, whatever happens to them.

use crate::support::{Canary, Client, Running};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_reset_before_they_are_accepted_cost_nothing() {
    let server = Running::default().await;
    let canary = Canary::start(server.address).await;
    for _ in 0..1000 {
        Client::connect(server.address).await.reset();
    }
    Client::joined(server.address).await.leave().await;
    canary.stop().await;
    server.rest().await;
}

/// Runs as a process of its own, which may have few files open: see the test below.
#[cfg(unix)]
#[tokio::test]
#[ignore = "runs only as the child of another test"]
async fn child_that_serves_with_few_file_descriptors() {
    let server = Running::default().await;
    println!("port {}", server.address.port());
    std::future::pending::<()>().await;
}

#[cfg(unix)]
#[tokio::test]
async fn when_there_are_no_file_descriptors_left_it_waits_for_some() {
    let mut child = crate::support::Child::start(
        "accepting::child_that_serves_with_few_file_descriptors",
        "ulimit -n 48; exec",
    )
    .await;
    let address = child.address;
    // The kernel completes connections for which the server has no descriptor yet.
    let mut first = Client::joined(address).await;
    let mut crowd = Vec::new();
    for _ in 0..100 {
        crowd.push(Client::connect(address).await);
    }
    for _ in 0..10 {
        assert_eq!(
            first.call("test.add", serde_json::json!([1, 2])).await[0],
            50
        );
    }
    drop(crowd);
    Client::joined(address).await.leave().await;
    first.leave().await;
    child.process.kill().await.expect("it is ours");
}

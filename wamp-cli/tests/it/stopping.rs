//! How a router ends.

#![cfg(unix)]

use rustix::process::Signal;
use serde_json::json;
use wamp_tests::client::Arguments;

use crate::support::{Router, register};

#[tokio::test]
async fn it_says_goodbye_and_succeeds() {
    for signal in [Signal::TERM, Signal::INT] {
        let router = Router::start(&["--listen", "127.0.0.1:0"]).await;
        let mut client = router.join("a").await;
        router.signal(signal);
        let goodbye = client.receive().await;
        assert_eq!(goodbye[0], 6, "{goodbye}");
        assert_eq!(goodbye[2], "wamp.close.system_shutdown");
        client
            .send(&json!([6, {}, "wamp.close.goodbye_and_out"]))
            .await;
        client.end().await;
        assert_eq!(router.ended().await.code(), Some(0));
    }
}

#[tokio::test]
async fn calls_are_finished_first() {
    let mut router = Router::start(&["--listen", "127.0.0.1:0"]).await;
    let (mut callee, mut caller) = (router.join("a").await, router.join("a").await);
    register(&mut callee, "slow").await;
    let request = caller
        .start_call("slow", json!({}), Arguments::none())
        .await;
    let invocation = callee.receive().await;
    router.signal(Signal::TERM);
    router.logs("the router stops").await;
    callee.send(&json!([70, invocation[1], {}, [7]])).await;
    let result = caller.receive().await;
    assert_eq!(caller.outcome(request, &result), json!([[7]]));
    for client in [&mut caller, &mut callee] {
        let goodbye = client.receive().await;
        assert_eq!(goodbye[0], 6, "{goodbye}");
    }
    drop((caller, callee));
    assert_eq!(router.ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    let mut router = Router::start(&["--listen", "127.0.0.1:0"]).await;
    let (mut callee, mut caller) = (router.join("a").await, router.join("a").await);
    register(&mut callee, "slow").await;
    caller
        .start_call("slow", json!({}), Arguments::none())
        .await;
    callee.receive().await;
    router.signal(Signal::TERM);
    router.logs("the router stops").await;
    router.signal(Signal::TERM);
    assert_eq!(router.ended().await.code(), Some(130));
}

#[tokio::test]
async fn a_hangup_ends_one_that_has_no_file_to_read_again() {
    use std::os::unix::process::ExitStatusExt as _;

    let router = Router::start(&["--listen", "127.0.0.1:0"]).await;
    router.signal(Signal::HUP);
    assert_eq!(router.ended().await.signal(), Some(Signal::HUP.as_raw()));
}

//! Peers that do not read, do not answer, or take short messages only: the other side is told, and goes on.

use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::transport::memory::{self, MemoryTransport};
use wamp_server::transport::{Close, Failure, Transport};
use wamp_server::{App, Limits, RouterOptions, Server};

use super::support::*;

const CALLS: u64 = 200;
const TOO_LONG: &str = "wamp.error.payload_size_exceeded";
const NOBODY: &str = "wamp.error.no_available_callee";

fn big() -> String {
    "x".repeat(1000)
}

fn server() -> Server {
    let limits = Limits {
        outbound_soft: 20_000,
        outbound_hard: 60_000,
        max_invocations: 1000,
        ..Limits::default()
    };
    build(App::empty().limits(limits).router(RouterOptions::new()))
}

#[tokio::test(start_paused = true)]
async fn calls_of_a_callee_that_does_not_read_are_answered() {
    let server = server();
    let mut callee = join(&server).await;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join(&server).await;
    let (_peer, _connection) = callee.stops_reading();
    for request in 1..=CALLS {
        say(&mut caller, json!([48, request, {}, "p", [big()]])).await;
    }
    // What does not fit is refused at once; what waits is when the callee is given up.
    let mut heard = caller.rest().await;
    let refused = heard.len();
    assert_eq!(server.stats().slow_consumers, 0);
    tokio::time::sleep(Duration::from_secs(11)).await;
    heard.extend(caller.rest().await);
    assert!(0 < refused && refused < heard.len(), "{refused}");
    let mut answered = Vec::new();
    let mut errors = std::collections::BTreeSet::new();
    for heard in heard {
        assert_eq!((&heard[0], &heard[1]), (&json!(8), &json!(48)));
        answered.push(heard[2].as_u64().expect("an id"));
        errors.insert(heard[4].as_str().expect("a URI").to_owned());
    }
    answered.sort_unstable();
    assert_eq!(
        answered,
        (1..=CALLS).collect::<Vec<_>>(),
        "each of them once"
    );
    for error in &errors {
        assert!(
            [
                "wamp.error.canceled",
                NOBODY,
                "wamp.error.no_such_procedure"
            ]
            .contains(&&**error),
            "{error}"
        );
    }
    assert!(errors.contains("wamp.error.canceled"));
    assert_eq!(server.stats().slow_consumers, 1);
    // Somebody else may offer it now.
    register(&mut caller, 1000, json!({}), "p").await;
}

#[tokio::test(start_paused = true)]
async fn a_callee_goes_on_when_a_caller_does_not_read() {
    let server = server();
    let mut callee = join(&server).await;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join(&server).await;
    for request in 1..=CALLS {
        say(&mut caller, json!([48, request, {}, "p"])).await;
        callee.hears(json!([68, request, ANY, {}])).await;
    }
    let mut other = join(&server).await;
    say(&mut other, json!([48, 1, {}, "p"])).await;
    callee.hears(json!([68, CALLS + 1, ANY, {}])).await;
    let (_peer, _connection) = caller.stops_reading();
    let mut interrupted = 0;
    for invocation in 1..=CALLS {
        say(&mut callee, json!([70, invocation, {}, [big()]])).await;
        for heard in callee.rest().await {
            assert_eq!(
                (&heard[0], &heard[2]),
                (&json!(69), &json!({"mode": "killnowait"}))
            );
            interrupted += 1;
        }
    }
    assert_eq!(server.stats().slow_consumers, 1);
    assert!(interrupted > 0 && interrupted < CALLS, "{interrupted}");
    say(&mut callee, json!([70, CALLS + 1, {}, ["ok"]])).await;
    other.hears(json!([50, 1, {}, ["ok"]])).await;
}

#[tokio::test(start_paused = true)]
async fn progress_for_a_caller_that_does_not_read_stops_with_it() {
    let server = server();
    let mut callee = join(&server).await;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join(&server).await;
    say(&mut caller, json!([48, 1, {"receive_progress": true}, "p"])).await;
    assert_eq!(callee.next().await[0], 68);
    let (_peer, _connection) = caller.stops_reading();
    let mut heard = Vec::new();
    for step in 0..CALLS {
        say(
            &mut callee,
            json!([70, 1, {"progress": true}, [step, big()]]),
        )
        .await;
        heard.extend(callee.rest().await);
    }
    assert_eq!(heard, [json!([69, 1, {"mode": "killnowait"}])]);
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(server.stats().slow_consumers, 1);
}

#[tokio::test(start_paused = true)]
async fn a_callee_has_no_more_open_invocations_than_the_server_allows() {
    let limits = Limits {
        max_invocations: 2,
        ..Limits::default()
    };
    let server = build(App::empty().limits(limits).router(RouterOptions::new()));
    let (mut one, mut two) = (join(&server).await, join(&server).await);
    let shared = json!({"invoke": "first"});
    register(&mut one, 1, json!({}), "single").await;
    register(&mut one, 2, shared.clone(), "shared").await;
    register(&mut two, 1, shared, "shared").await;
    let mut caller = join(&server).await;
    for request in 1..=2 {
        say(&mut caller, json!([48, request, {}, "single"])).await;
        one.hears(json!([68, request, ANY, {}])).await;
    }
    refused(&mut caller, json!([48, 3, {}, "single"]), NOBODY).await;
    for request in 4..=5 {
        say(&mut caller, json!([48, request, {}, "shared"])).await;
        two.hears(json!([68, request - 3, ANY, {}])).await;
    }
    refused(&mut caller, json!([48, 6, {}, "shared"]), NOBODY).await;
    say(&mut one, json!([70, 1, {}])).await;
    caller.hears(json!([50, 1, {}])).await;
    say(&mut caller, json!([48, 7, {}, "shared"])).await;
    one.hears(json!([68, 3, ANY, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_has_no_more_open_calls_than_the_server_allows() {
    let limits = Limits {
        max_pending_calls: 2,
        ..Limits::default()
    };
    let server = build(App::empty().limits(limits).router(RouterOptions::new()));
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "p").await;
    for request in 1..=2 {
        say(&mut caller, json!([48, request, {}, "p"])).await;
        callee.hears(json!([68, request, ANY, {}])).await;
    }
    let limit = "wamp.error.limit_exceeded";
    refused(&mut caller, json!([48, 3, {}, "p"]), limit).await;
    callee.hears_nothing().await;
    say(&mut callee, json!([70, 2, {}])).await;
    caller.hears(json!([50, 2, {}])).await;
    say(&mut caller, json!([48, 4, {}, "p"])).await;
    callee.hears(json!([68, 3, ANY, {}])).await;
}

/// A transport whose peer takes 1,000 bytes at most.
struct Narrow(MemoryTransport);

impl Transport for Narrow {
    fn subprotocol(&self) -> Subprotocol {
        self.0.subprotocol()
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        self.0.poll_receive(cx)
    }

    fn send(&mut self, frame: Bytes) -> Result<(), Failure> {
        assert!(frame.len() <= 1000, "it is too long");
        self.0.send(frame)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.0.poll_flush(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, reason: Close) -> Poll<()> {
        self.0.poll_close(cx, reason)
    }

    fn peer_max_message(&self) -> usize {
        1000
    }
}

async fn join_narrow(server: &Server) -> Client {
    let (near, far) = memory::pair();
    let mut client = Client::over(server, Narrow(near), far);
    // WELCOME is long, too, but not that long.
    hello(&mut client, json!({"roles": everything()})).await;
    client
}

#[tokio::test(start_paused = true)]
async fn what_is_longer_than_a_callee_takes_is_told_to_the_caller() {
    let server = server();
    let mut callee = join_narrow(&server).await;
    register(&mut callee, 1, json!({"invoke": "first"}), "p").await;
    let mut other = join(&server).await;
    register(&mut other, 1, json!({"invoke": "first"}), "p").await;
    let mut caller = join(&server).await;
    // Another one may take more.
    say(&mut caller, json!([48, 10, {}, "p", [big()]])).await;
    other.hears(json!([68, 1, ANY, {}, [big()]])).await;
    say(&mut other, json!([70, 1, {}])).await;
    caller.hears(json!([50, 10, {}])).await;
    other.goodbye().await;
    refused(&mut caller, json!([48, 1, {}, "p", [big()]]), TOO_LONG).await;
    say(&mut caller, json!([48, 2, {}, "p", ["short"]])).await;
    callee.hears(json!([68, 1, ANY, {}, ["short"]])).await;
    say(&mut callee, json!([70, 1, {}])).await;
    caller.hears(json!([50, 2, {}])).await;
    // A part of a call that is too long ends it.
    let more = json!({"progress": true});
    say(&mut caller, json!([48, 3, more, "p", ["short"]])).await;
    callee.hears(json!([68, 2, ANY, more, ["short"]])).await;
    refused(&mut caller, json!([48, 3, more, "p", [big()]]), TOO_LONG).await;
    callee.hears(json!([69, 2, {"mode": "killnowait"}])).await;
    say(&mut caller, json!([48, 3, {}, "p", ["short"]])).await;
    callee.hears_nothing().await;
    caller.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_longer_than_a_caller_takes_is_an_error() {
    let server = server();
    let mut callee = join(&server).await;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join_narrow(&server).await;
    for (request, answer) in [
        (1, json!([70, 1, {}, [big()]])),
        (2, json!([8, 68, 2, {}, "test.no", [big()]])),
    ] {
        say(&mut caller, json!([48, request, {}, "p"])).await;
        assert_eq!(callee.next().await[0], 68);
        say(&mut callee, answer).await;
        caller
            .hears(json!([8, 48, request, {}, TOO_LONG, [ANY]]))
            .await;
    }
    // Progress that is too long is the answer; what comes after it is not.
    say(&mut caller, json!([48, 3, {"receive_progress": true}, "p"])).await;
    assert_eq!(callee.next().await[0], 68);
    say(&mut callee, json!([70, 3, {"progress": true}, [big()]])).await;
    caller.hears(json!([8, 48, 3, {}, TOO_LONG, [ANY]])).await;
    say(&mut callee, json!([70, 3, {"progress": true}, [1]])).await;
    say(&mut callee, json!([70, 3, {}, [1]])).await;
    caller.hears_nothing().await;
    say(&mut caller, json!([48, 4, {}, "p"])).await;
    callee.rest().await;
    say(&mut callee, json!([70, 4, {}, [1]])).await;
    caller.hears(json!([50, 4, {}, [1]])).await;
}

#[tokio::test(start_paused = true)]
async fn events_that_are_longer_than_a_subscriber_takes_are_left_out() {
    let server = server();
    for overflow in ["disconnect", "drop_oldest", "latest_only"] {
        let mut subscriber = join_narrow(&server).await;
        let id = subscribe(&mut subscriber, 1, json!({"_overflow": overflow}), "t").await;
        let (mut other, mut publisher) = (join(&server).await, join(&server).await);
        subscribe(&mut other, 1, json!({}), "t").await;
        say(
            &mut publisher,
            json!([16, 1, {"acknowledge": true}, "t", [big()]]),
        )
        .await;
        publisher.hears(json!([17, 1, ANY])).await;
        other.hears(json!([36, id, ANY, {}, [ANY]])).await;
        subscriber.hears_nothing().await;
        say(&mut publisher, json!([16, 2, {}, "t", [1]])).await;
        subscriber.hears(json!([36, id, ANY, {}, [1]])).await;
    }
}

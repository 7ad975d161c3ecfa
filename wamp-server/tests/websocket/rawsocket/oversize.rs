//! Messages that are longer than the client takes: never sent, never silence where an answer is due.

use serde_json::json;
use wamp_server::auth::Principal;
use wamp_server::{App, CallError, Progress, Session};

use crate::support::raw::{PING, Raw};
use crate::support::{Running, app, timeless};

/// 1,024 bytes.
const SHORT: [u8; 4] = [0x7f, 0x11, 0, 0];
const LIMIT: usize = 1024;

const TOO_LONG: &str = "wamp.error.payload_size_exceeded";

async fn short(server: &Running) -> Raw {
    let mut raw = Raw::connect(server.address).await;
    raw.handshake(SHORT).await;
    raw.join().await;
    raw
}

fn wordy() -> App {
    app()
        .limits(timeless())
        .procedure("test.fail", async |size: usize| {
            Err::<(), _>(CallError::new("test.error.wordy").arg("x".repeat(size)))
        })
        .procedure(
            "test.progress",
            async |sizes: Vec<usize>, progress: Progress<String>| {
                for size in sizes {
                    progress.send("x".repeat(size)).await;
                }
                "done"
            },
        )
        .procedure("test.leave", async |session: Session, size: usize| {
            session.close("test.close.wordy", "x".repeat(size));
        })
}

#[tokio::test]
async fn a_result_becomes_an_error() {
    let server = Running::new(wordy()).await;
    for serializer in 1..=3 {
        let mut raw = Raw::connect(server.address).await;
        raw.handshake([0x7f, 0x10 | serializer, 0, 0]).await;
        raw.join().await;
        let error = raw.call("test.large", json!([LIMIT])).await;
        assert_eq!(
            (&error[0], &error[1], &error[2], &error[4]),
            (&json!(8), &json!(48), &json!(1), &json!(TOO_LONG))
        );
        // The session goes on.
        assert_eq!(raw.call("test.add", json!([1, 2])).await[3], json!([3]));
        raw.leave().await;
    }
    assert_eq!(server.stats().oversized_messages, 3);
    server.rest().await;
}

#[tokio::test]
async fn the_limit_is_exact() {
    let server = Running::new(wordy()).await;
    let mut raw = short(&server).await;
    let fits = LIMIT - r#"[50,1,{},[""]]"#.len();
    let result = raw.call("test.large", json!([fits])).await;
    assert_eq!(result[3][0].as_str().map(str::len), Some(fits));
    let error = raw.call("test.large", json!([fits + 1])).await;
    assert_eq!(error[4], TOO_LONG);
    raw.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn an_error_becomes_another_one() {
    let server = Running::new(wordy()).await;
    let mut raw = short(&server).await;
    let error = raw.call("test.fail", json!([10])).await;
    assert_eq!(error[4], "test.error.wordy");
    let error = raw.call("test.fail", json!([LIMIT])).await;
    assert_eq!((&error[0], &error[4]), (&json!(8), &json!(TOO_LONG)));
    raw.leave().await;
    server.rest().await;
}

/// An event is left out for those who do not take it, and for nobody else.
#[tokio::test]
async fn an_event_is_dropped_and_counted() {
    let server = Running::new(wordy()).await;
    let mut limited = short(&server).await;
    let mut other = Raw::joined(server.address).await;
    for raw in [&mut limited, &mut other] {
        raw.send(json!([32, 1, {}, "test.topic"])).await;
        assert_eq!(raw.message().await[0], 33);
    }
    let realm = server.server.realm("test.realm").expect("the default one");
    for text in ["first".to_owned(), "x".repeat(LIMIT), "last".to_owned()] {
        let published = realm.publish("test.topic", &text).expect("text");
        assert_eq!(published.receivers, 2);
        assert_eq!(other.message().await[4], json!([text]));
    }
    assert_eq!(limited.message().await[4], json!(["first"]));
    assert_eq!(limited.message().await[4], json!(["last"]));
    assert_eq!(server.stats().oversized_messages, 1);
    for raw in [limited, other] {
        raw.leave().await;
    }
    server.rest().await;
}

/// A call has one answer, and nothing comes after it.
#[tokio::test]
async fn progress_that_is_too_long_ends_the_call() {
    let server = Running::new(wordy()).await;
    let mut raw = short(&server).await;
    for request in [1, 2] {
        raw.send(json!([48, request, {"receive_progress": true}, "test.progress", [[1, LIMIT, 1, LIMIT]]]))
            .await;
        let progress = raw.message().await;
        assert_eq!(progress, json!([50, request, {"progress": true}, ["x"]]));
        let error = raw.message().await;
        assert_eq!((&error[0], &error[2]), (&json!(8), &json!(request)));
        assert_eq!(error[4], TOO_LONG);
    }
    raw.send(json!([48, 3, {}, "test.add", [1, 2]])).await;
    assert_eq!(raw.message().await, json!([50, 3, {}, [3]]));
    assert_eq!(server.stats().oversized_messages, 2);
    raw.leave().await;
    server.rest().await;
}

/// What is over with a session does not concern the next one, which counts its requests anew.
#[tokio::test]
async fn a_call_of_the_next_session_is_another_one() {
    let app = wordy().procedure("test.hang", async |progress: Progress<String>| {
        progress.send("x".repeat(LIMIT)).await;
        std::future::pending::<()>().await;
    });
    let server = Running::new(app).await;
    let mut raw = short(&server).await;
    raw.send(json!([48, 1, {"receive_progress": true}, "test.hang"]))
        .await;
    assert_eq!(raw.message().await[4], TOO_LONG);
    raw.send(json!([6, {}, "wamp.close.close_realm"])).await;
    assert_eq!(raw.message().await[0], 6);
    raw.join().await;
    assert_eq!(
        raw.call("test.add", json!([1, 2])).await,
        json!([50, 1, {}, [3]])
    );
    raw.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn goodbye_keeps_its_reason() {
    let server = Running::new(wordy()).await;
    let mut raw = short(&server).await;
    raw.send(json!([48, 1, {}, "test.leave", [LIMIT]])).await;
    assert_eq!(raw.message().await[0], 50);
    assert_eq!(raw.message().await, json!([6, {}, "test.close.wordy"]));
    raw.send(json!([6, {}, "wamp.close.goodbye_and_out"])).await;
    assert!(raw.end().await.is_empty());
    server.rest().await;
}

/// Without WELCOME there is no session.
#[tokio::test]
async fn a_welcome_that_does_not_fit_is_an_abort() {
    let app = app().limits(timeless()).ticket(async |_, _| {
        Some(Principal::new("somebody", "user").extra("long", "x".repeat(LIMIT)))
    });
    let server = Running::new(app).await;
    let mut raw = Raw::connect(server.address).await;
    raw.handshake(SHORT).await;
    raw.send(json!([1, "test.realm", {"roles": {"caller": {}}, "authmethods": ["ticket"], "authid": "somebody"}]))
        .await;
    assert_eq!(raw.message().await[0], 4);
    raw.send(json!([5, "ticket", {}])).await;
    raw.is_aborted(TOO_LONG).await;
    server.rest().await;
}

/// The answer to a ping must be as long as the ping.
#[tokio::test]
async fn a_ping_longer_than_its_answer_may_be_is_refused() {
    let server = Running::new(wordy()).await;
    let mut raw = short(&server).await;
    raw.send_frame(PING, [7; LIMIT]).await;
    assert_eq!(raw.frame().await.1, [7; LIMIT]);
    raw.send_frame(PING, [7; LIMIT + 1]).await;
    raw.is_aborted(TOO_LONG).await;
    server.rest().await;
}

//! Sessions over RawSocket.

use serde_json::{Value, json};
use wamp_server::{Limits, Session};

use crate::support::raw::{MESSAGE, PING, PONG, REQUEST, Raw, frame};
use crate::support::{Client, Running, app, hello, timeless};

#[tokio::test]
async fn sessions_run_in_every_serializer() {
    let server = Running::default().await;
    for serializer in 1..=3 {
        let mut raw = Raw::connect(server.address).await;
        raw.handshake([0x7f, 0xf0 | serializer, 0, 0]).await;
        raw.join().await;
        assert_eq!(
            raw.call("test.add", json!([1, 2])).await,
            json!([50, 1, {}, [3]])
        );
        let error = raw.call("test.nothing", json!([])).await;
        assert_eq!(error[4], "wamp.error.no_such_procedure");
        raw.send(json!([32, 3, {}, "test.topic"])).await;
        let subscribed = raw.message().await;
        assert_eq!((&subscribed[0], &subscribed[1]), (&json!(33), &json!(3)));
        let realm = server.server.realm("test.realm").expect("the default one");
        realm.publish("test.topic", "news").expect("text");
        let event = raw.message().await;
        assert_eq!((&event[0], &event[4]), (&json!(36), &json!(["news"])));
        raw.leave().await;
    }
    server.rest().await;
}

/// GOODBYE ends a session, not the connection.
#[tokio::test]
async fn another_session_may_follow_on_the_same_connection() {
    let server = Running::default().await;
    let mut raw = Raw::open(server.address).await;
    for _ in 0..3 {
        raw.send(hello()).await;
        assert_eq!(raw.message().await[0], 2);
        raw.send(json!([48, 1, {}, "test.add", [1, 2]])).await;
        assert_eq!(raw.message().await, json!([50, 1, {}, [3]]));
        raw.send(json!([6, {}, "wamp.close.close_realm"])).await;
        assert_eq!(
            raw.message().await,
            json!([6, {}, "wamp.close.goodbye_and_out"])
        );
    }
    raw.leave().await;
    assert_eq!(server.stats().opened_sessions, 3);
    server.rest().await;
}

#[tokio::test]
async fn whoever_says_goodbye_needs_a_place_again() {
    let limits = Limits {
        max_unauthenticated: 1,
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut first = Raw::joined(server.address).await;
    // The only place is taken, so the next session of the first one would be one too many.
    let mut stranger = Raw::open(server.address).await;
    let goodbye = json!([6, {}, "wamp.close.close_realm"]);
    first.send(goodbye.clone()).await;
    assert_eq!(first.end().await.len(), 1, "GOODBYE is answered");
    assert_eq!(server.stats().limits_hit, 1);

    // With a place it can open another one.
    stranger.join().await;
    stranger.send(goodbye).await;
    assert_eq!(stranger.message().await[0], 6);
    let late = Client::connect(server.address).await.rest().await;
    assert_eq!(late, b"", "it counts again");
    stranger.join().await;
    stranger.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn many_calls_at_once_are_answered_in_order() {
    let server = Running::default().await;
    let mut raw = Raw::joined(server.address).await;
    let calls =
        (1..=5000).flat_map(|n| frame(MESSAGE, format!(r#"[48,{n},{{}},"test.add",[{n},1]]"#)));
    raw.bytes.send(calls.collect::<Vec<_>>()).await;
    for n in 1..=5000 {
        assert_eq!(raw.message().await, json!([50, n, {}, [n + 1]]));
    }
    raw.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn a_violation_of_wamp_is_told_before_the_end() {
    let server = Running::default().await;
    for message in ["", "[", "[]", "{}", "[48,1]", "[999]"] {
        let mut raw = Raw::joined(server.address).await;
        raw.send_frame(MESSAGE, message).await;
        raw.is_aborted("wamp.error.protocol_violation").await;
    }
    assert_eq!(server.stats().violations, 6);
    server.rest().await;
}

/// The client must see ABORT although it goes on sending.
#[tokio::test]
async fn last_words_are_read_even_by_those_who_go_on() {
    let server = Running::default().await;
    for _ in 0..50 {
        let mut raw = Raw::joined(server.address).await;
        let mut bytes = frame(MESSAGE, "[]");
        bytes.resize(100_000, b'x');
        raw.bytes.send(bytes).await;
        raw.is_aborted("wamp.error.protocol_violation").await;
    }
    server.rest().await;
}

#[tokio::test]
async fn malformed_frames_are_a_violation() {
    let server = Running::default().await;
    for header in [
        [0x10, 0, 0, 1],
        [0x80, 0, 0, 1],
        [3, 0, 0, 0],
        [7, 0, 0, 1],
        [8, 0, 0, 1],
        [9, 0xff, 0xff, 0xff],
    ] {
        let mut raw = Raw::joined(server.address).await;
        raw.bytes.send(header).await;
        raw.is_aborted("wamp.error.protocol_violation").await;
    }
    assert_eq!(server.stats().violations, 6);
    server.rest().await;
}

#[tokio::test]
async fn handlers_know_where_a_client_is_and_that_there_was_no_request() {
    let app = app()
        .limits(timeless())
        .procedure("mirror", async |session: Session| {
            let info = session.transport();
            let peer = info.peer().map(|it| it.to_string());
            (
                peer,
                info.path().to_owned(),
                info.headers().count(),
                info.is_secure(),
            )
        });
    let server = Running::new(app).await;
    let mut raw = Raw::joined(server.address).await;
    let peer = raw.bytes.stream.local_addr().expect("it is connected");
    let answer = raw.call("mirror", json!([])).await;
    assert_eq!(answer[3], json!([peer.to_string(), "", 0, false]));
    raw.leave().await;
    server.rest().await;
}

/// What comes over one transport goes out over the other.
#[tokio::test]
async fn sessions_of_both_transports_get_the_same_events() {
    let server = Running::default().await;
    let mut raw = Raw::connect(server.address).await;
    raw.handshake([0x7f, 0xf3, 0, 0]).await;
    raw.join().await;
    let mut websocket = Client::joined(server.address).await;
    let subscribe: Value = json!([32, 1, {}, "test.topic"]);
    raw.send(subscribe.clone()).await;
    raw.message().await;
    websocket.send_json(subscribe).await;
    websocket.message().await;
    let realm = server.server.realm("test.realm").expect("the default one");
    let published = realm.publish("test.topic", ("news", 1)).expect("text");
    assert_eq!(published.receivers, 2);
    for event in [raw.message().await, websocket.message().await] {
        assert_eq!((&event[0], &event[4]), (&json!(36), &json!(["news", 1])));
    }
    raw.leave().await;
    websocket.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn frames_of_all_kinds_may_come_in_one_packet_or_byte_by_byte() {
    let server = Running::default().await;
    let mut bytes = REQUEST.to_vec();
    bytes.extend(frame(MESSAGE, hello().to_string()));
    bytes.extend(frame(PING, "one"));
    bytes.extend(frame(MESSAGE, r#"[48,1,{},"test.add",[1,2]]"#));
    bytes.extend(frame(PONG, "unasked"));
    bytes.extend(frame(PING, ""));
    bytes.extend(frame(MESSAGE, r#"[48,2,{},"test.add",[2,2]]"#));
    for size in [1, 3, bytes.len()] {
        let mut raw = Raw::connect(server.address).await;
        for piece in bytes.chunks(size) {
            raw.bytes.send(piece).await;
            tokio::task::yield_now().await;
        }
        raw.reply().await;
        // Pongs do not wait for messages, but each kind keeps its order.
        let mut frames = Vec::new();
        for _ in 0..5 {
            frames.push(raw.frame().await);
        }
        let of = |kind| {
            frames
                .iter()
                .filter(move |it| it.0 == kind)
                .map(|it| &it.1[..])
        };
        assert_eq!(of(PONG).collect::<Vec<_>>(), [&b"one"[..], b""]);
        let results = of(MESSAGE).skip(1).collect::<Vec<_>>();
        assert_eq!(results, [&b"[50,1,{},[3]]"[..], b"[50,2,{},[4]]"]);
        raw.leave().await;
    }
    server.rest().await;
}

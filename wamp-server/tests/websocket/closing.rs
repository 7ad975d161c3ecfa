//! How connections end when one side wants them to.

use std::time::Duration;

use serde_json::json;
use wamp_server::{Limits, Session};

use crate::support::{Client, End, Frame, Running, app, close_code, timeless};

/// Sends a Close frame in a session, and gives what the server answers.
async fn answer_to(server: &Running, close: &Frame) -> Frame {
    let mut client = Client::joined(server.address).await;
    client.send_frame(close).await;
    let frame = client.frame().await;
    assert_eq!(frame.opcode, 8);
    assert_eq!(client.next_frame().await, None, "a frame after Close");
    frame
}

#[tokio::test]
async fn a_close_is_answered_with_its_code() {
    let server = Running::default().await;
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
    ] {
        let answer = answer_to(&server, &Frame::close(code, "bye")).await;
        assert_eq!(close_code(&answer.payload), Some(code));
    }
    server.rest().await;
}

#[tokio::test]
async fn a_close_without_a_code_is_answered() {
    let server = Running::default().await;
    let answer = answer_to(&server, &Frame::new(8, "")).await;
    assert!(
        matches!(close_code(&answer.payload), None | Some(1000)),
        "{answer:?}"
    );
    server.rest().await;
}

#[tokio::test]
async fn codes_that_must_not_be_sent_are_answered_with_1002() {
    let server = Running::default().await;
    for code in [
        0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535,
    ] {
        let answer = answer_to(&server, &Frame::close(code, "")).await;
        assert_eq!(close_code(&answer.payload), Some(1002), "{code}");
    }
    server.rest().await;
}

#[tokio::test]
async fn a_close_that_is_not_well_formed_is_refused() {
    let server = Running::default().await;
    for (payload, code) in [
        (&b"\x03"[..], 1002),
        (b"\x03\xe8\xff", 1007),
        (b"\x03\xe8\xe2\x82", 1007),
    ] {
        let mut client = Client::joined(server.address).await;
        client.send_frame(&Frame::new(8, payload)).await;
        assert_eq!(client.end().await.code, Some(code), "{payload:?}");
    }
    server.rest().await;
}

#[tokio::test]
async fn what_was_asked_in_the_same_packet_as_the_close_does_not_prevent_its_answer() {
    let server = Running::default().await;
    for calls in [1, 2, 1000] {
        let mut client = Client::joined(server.address).await;
        let mut bytes = Vec::new();
        for n in 1..=calls {
            bytes.extend(Frame::text(format!(r#"[48,{n},{{}},"test.add",[1,2]]"#)).bytes());
        }
        bytes.extend(Frame::close(1000, "").bytes());
        client.send(bytes).await;
        let End { messages, code } = client.end().await;
        assert_eq!(code, Some(1000), "{calls}");
        // Results that were ready may be lost, but not cut off or out of order.
        for (n, message) in messages.iter().enumerate() {
            assert_eq!(
                String::from_utf8_lossy(message),
                format!("[50,{},{{}},[3]]", n + 1)
            );
        }
    }
    server.rest().await;
}

#[tokio::test]
async fn a_close_ends_the_calls_that_are_open() {
    let server = Running::default().await;
    let mut client = Client::joined(server.address).await;
    for n in 1..=50 {
        client.send_json(json!([48, n, {}, "test.forever"])).await;
    }
    server
        .until("50 calls", |stats| stats.running_handlers == 50)
        .await;
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn what_comes_after_a_close_is_ignored() {
    let server = Running::default().await;
    for after in [
        Frame::text(r#"[48,1,{},"test.add",[1,2]]"#),
        Frame::text("nonsense"),
        Frame::ping("are you there?"),
        Frame::close(1000, ""),
        Frame::close(4000, "again"),
        Frame::text("x").rsv(7),
        Frame::text("x").unmasked(),
    ] {
        let mut client = Client::joined(server.address).await;
        let mut bytes = Frame::close(1000, "").bytes();
        bytes.extend(after.bytes());
        client.send(bytes).await;
        assert_eq!(
            client.end().await,
            End {
                messages: vec![],
                code: Some(1000)
            },
            "{after:?}"
        );
    }
    assert_eq!(server.stats().violations, 0);
    server.rest().await;
}

#[tokio::test]
async fn a_connection_that_ends_without_a_close_ends_its_session() {
    let server = Running::default().await;
    let mut client = Client::joined(server.address).await;
    client.send_json(json!([48, 1, {}, "test.forever"])).await;
    server
        .until("a call", |stats| stats.running_handlers == 1)
        .await;
    drop(client);
    server.rest().await;
}

#[tokio::test]
async fn a_client_that_does_not_answer_the_close_is_dropped_in_time() {
    let limits = Limits {
        close_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::joined(server.address).await;
    client.send_frame(&Frame::text("nonsense")).await;
    client.message().await;
    assert_eq!(close_code(&client.frame().await.payload), Some(1002));
    // The client keeps its side open: the server does not.
    server.idle().await;
    assert_eq!(client.next_frame().await, None);
    server.rest().await;
}

/// Bytes that keep coming must not keep the connection open.
#[tokio::test]
async fn a_client_that_goes_on_sending_after_the_close_is_dropped_in_time() {
    let limits = Limits {
        close_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::with(limits).await;
    let mut client = Client::joined(server.address).await;
    client.send_frame(&Frame::text("nonsense")).await;
    client.message().await;
    assert_eq!(close_code(&client.frame().await.payload), Some(1002));
    let flood = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        let frame = Frame::binary(vec![0; 64 * 1024]).bytes();
        while client.stream.write_all(&frame).await.is_ok() {}
    });
    server.idle().await;
    crate::support::soon("the end of the flood", flood)
        .await
        .expect("no panic");
    server.rest().await;
}

#[tokio::test]
async fn a_goodbye_is_answered_and_another_session_may_begin() {
    let server = Running::default().await;
    let mut client = Client::joined(server.address).await;
    for _ in 0..3 {
        client
            .send_json(json!([6, {}, "wamp.close.close_realm"]))
            .await;
        assert_eq!(
            client.message().await,
            json!([6, {}, "wamp.close.goodbye_and_out"])
        );
        server
            .until("the end of the session", |stats| stats.sessions == 0)
            .await;
        client.join().await;
    }
    client
        .send_json(json!([6, {}, "wamp.close.close_realm"]))
        .await;
    client.send_frame(&Frame::close(1000, "")).await;
    assert_eq!(client.end().await.code, Some(1000));
    server.rest().await;
}

/// SUBSCRIBED and events take another way than results do, and must not come too late for it.
#[tokio::test]
async fn everything_asked_before_a_goodbye_is_answered_before_it() {
    let server = Running::default().await;
    let mut client = Client::joined(server.address).await;
    let bytes = [
        r#"[48,1,{},"test.add",[1,2]]"#,
        r#"[32,2,{},"test.topic"]"#,
        r#"[48,3,{},"test.add",[1,2]]"#,
        r#"[32,4,{},"test.another"]"#,
        r#"[6,{},"wamp.close.close_realm"]"#,
    ]
    .map(|message| Frame::text(message).bytes())
    .concat();
    client.send(bytes).await;
    for expected in [50, 33, 50, 33, 6] {
        assert_eq!(client.message().await[0], expected);
    }
    client.leave().await;
    server.rest().await;
}

fn app_that_ends_sessions() -> wamp_server::App {
    app()
        .procedure("test.goodbye", async |session: Session| {
            session.close("test.enough", "enough");
        })
        .procedure("test.abort", async |session: Session| {
            session.abort("test.enough", "enough");
        })
}

#[tokio::test]
async fn when_the_server_says_goodbye_and_has_its_answer_the_code_is_1000() {
    let server = Running::new(app_that_ends_sessions()).await;
    let mut client = Client::joined(server.address).await;
    assert_eq!(
        client.call("test.goodbye", json!([])).await,
        json!([50, 1, {}])
    );
    assert_eq!(
        client.message().await,
        json!([6, {"message": "enough"}, "test.enough"])
    );
    client.answer_goodbye().await;
    client.is_closed_with(1000).await;
    server.rest().await;
}

#[tokio::test]
async fn a_client_that_does_not_answer_goodbye_is_closed_in_time() {
    let limits = Limits {
        goodbye_timeout: Duration::from_millis(100),
        ..timeless()
    };
    let server = Running::new(app_that_ends_sessions().limits(limits)).await;
    let mut client = Client::joined(server.address).await;
    client.call("test.goodbye", json!([])).await;
    assert_eq!(client.message().await[0], 6);
    // It goes on calling instead, in vain.
    client
        .send_json(json!([48, 2, {}, "test.add", [1, 2]]))
        .await;
    client.is_closed_with(1000).await;
    server.rest().await;
}

#[tokio::test]
async fn when_a_handler_aborts_the_session_the_connection_ends() {
    let server = Running::new(app_that_ends_sessions()).await;
    let mut client = Client::joined(server.address).await;
    client.send_json(json!([48, 1, {}, "test.abort"])).await;
    let end = client.end().await;
    assert_eq!(end.abort().as_deref(), Some("test.enough"));
    assert_eq!(end.code, Some(1000));
    server.rest().await;
}

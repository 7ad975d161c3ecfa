//! Connections that break, wherever they can.

use crate::interrupted::reset_at_any_byte;
use crate::support::Running;
use crate::support::raw::{MESSAGE, PING, PONG, REQUEST, Raw, frame};

/// A whole connection, as a client sends it: calls that end and one that does not, a subscription, a ping, an event, GOODBYE.
fn golden_session() -> Vec<u8> {
    let mut bytes = REQUEST.to_vec();
    for message in [
        r#"[1,"realm",{"roles":{"caller":{},"subscriber":{}}}]"#,
        r#"[48,1,{},"test.add",[1,2]]"#,
        r#"[48,2,{},"test.forever"]"#,
        r#"[32,3,{},"test.topic"]"#,
        r#"[48,4,{},"test.large",[70000]]"#,
        r#"[16,5,{"acknowledge":true},"test.topic",["event"]]"#,
        r#"[49,2,{"mode":"skip"}]"#,
        r#"[6,{},"wamp.close.close_realm"]"#,
    ] {
        bytes.extend(frame(MESSAGE, message));
    }
    bytes.extend(frame(PING, "ping"));
    bytes
}

#[tokio::test]
async fn the_golden_session_is_served_to_its_end() {
    let server = Running::default().await;
    let mut raw = Raw::connect(server.address).await;
    raw.bytes.send(golden_session()).await;
    raw.reply().await;
    let mut messages = Vec::new();
    for _ in 0..8 {
        let (kind, payload) = raw.frame().await;
        if kind == PONG {
            assert_eq!(payload, b"ping");
        } else {
            messages.push(payload);
        }
    }
    for (message, expected) in messages.iter().zip(["2", "50", "33", "50", "8", "8", "6"]) {
        assert!(message.starts_with(format!("[{expected},").as_bytes()));
    }
    assert_eq!(messages.len(), 7);
    raw.leave().await;
    server.rest().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_at_any_byte_leaves_nothing_behind() {
    reset_at_any_byte(&golden_session()).await;
}

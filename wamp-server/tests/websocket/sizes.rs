//! Messages that are large, too large, or say that they will be.

use serde_json::json;
use wamp_server::Limits;

use crate::support::{Client, End, Frame, Running, timeless};

const MAX: usize = 64 * 1024;

async fn server() -> Running {
    Running::with(Limits {
        max_message: MAX,
        ..timeless()
    })
    .await
}

/// A call of exactly this many bytes.
fn call_of(len: usize) -> Vec<u8> {
    let mut call = br#"[48,1,{},"test.add",[1,2]]"#.to_vec();
    assert!(call.len() <= len);
    call.resize(len, b' ');
    call
}

#[tokio::test]
async fn a_message_of_the_greatest_length_is_answered() {
    let server = server().await;
    let mut client = Client::joined(server.address).await;
    client.send_frame(&Frame::text(call_of(MAX))).await;
    assert_eq!(client.message().await, json!([50, 1, {}, [3]]));
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn a_greater_length_is_refused_before_a_byte_of_it_has_come() {
    let server = server().await;
    let max = MAX as u64;
    for len in [max + 1, 1 << 31, 1 << 32, 1 << 62, 1 << 63, u64::MAX] {
        let mut client = Client::joined(server.address).await;
        client.send(Frame::text("").header(len)).await;
        let End { code, .. } = client.end().await;
        assert!(
            code == Some(1009) || (len >= 1 << 63 && code == Some(1002)),
            "{len}: {code:?}"
        );
    }
    assert_eq!(server.stats().limits_hit, 6);
    server.rest().await;
}

#[tokio::test]
async fn a_message_is_measured_over_all_its_fragments() {
    let server = server().await;
    for many in [2, 1000] {
        for len in [MAX, MAX + 1] {
            let mut client = Client::joined(server.address).await;
            client.send(fragments(&call_of(len), many)).await;
            if len == MAX {
                assert_eq!(client.message().await, json!([50, 1, {}, [3]]), "{many}");
                client.leave().await;
            } else {
                assert_eq!(client.end().await.code, Some(1009), "{many}");
            }
        }
    }
    server.rest().await;
}

/// A byte in each frame is allowed, but costs seven: sooner or later that is too much, one way or the other.
#[tokio::test]
async fn a_message_in_fragments_of_one_byte_is_refused_in_time() {
    let server = server().await;
    let mut client = Client::joined(server.address).await;
    let mut bytes = fragments(&call_of(1024), 1024);
    client.send(&bytes).await;
    assert_eq!(client.message().await, json!([50, 1, {}, [3]]));
    bytes = fragments(&call_of(MAX + 1), MAX + 1);
    client.send(bytes).await;
    let code = client.end().await.code;
    // The rest of the fragments may have reset the connection before the code was read.
    assert!(matches!(code, Some(1008 | 1009) | None), "{code:?}");
    assert_eq!(server.stats().limits_hit, 1);
    server.rest().await;
}

fn fragments(message: &[u8], many: usize) -> Vec<u8> {
    let each = message.len().div_ceil(many);
    let mut chunks = message.chunks(each).enumerate().peekable();
    let mut bytes = Vec::new();
    while let Some((n, chunk)) = chunks.next() {
        let mut frame = Frame::new(u8::from(n == 0), chunk);
        frame.fin = chunks.peek().is_none();
        bytes.extend(frame.bytes());
    }
    bytes
}

#[tokio::test]
async fn before_there_is_a_session_messages_are_short() {
    let server = Running::default().await;
    let limit = Limits::default().max_hello;
    let hello = |len| {
        let mut hello = br#"[1,"realm",{"roles":{"caller":{}}}]"#.to_vec();
        hello.resize(len, b' ');
        Frame::text(hello)
    };
    let mut client = Client::upgraded(server.address, "wamp.2.json").await;
    client.send_frame(&hello(limit)).await;
    assert_eq!(client.message().await[0], 2);
    client.leave().await;
    for len in [limit + 1, 2 * limit, 1024 * 1024] {
        let mut client = Client::upgraded(server.address, "wamp.2.json").await;
        client.send_frame(&hello(len)).await;
        assert_eq!(
            client.end().await,
            End {
                messages: vec![],
                code: Some(1009)
            },
            "{len}"
        );
    }
    server.rest().await;
}

#[tokio::test]
async fn a_mebibyte_goes_both_ways() {
    let server = Running::default().await;
    let mut client = Client::joined(server.address).await;
    let text = "ä".repeat(512 * 1024 - 64);
    for request in 1..=4 {
        let answer = client.call("test.echo", json!([text])).await;
        assert_eq!(answer, json!([50, request, {}, [text]]));
    }
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn a_large_message_is_sent_in_fragments_of_16_kib() {
    let server = Running::default().await;
    let mut client = Client::joined(server.address).await;
    client
        .send_json(json!([48, 1, {}, "test.large", [100_000]]))
        .await;
    let mut message = Vec::new();
    for n in 0.. {
        let frame = client.frame().await;
        assert_eq!(frame.opcode, u8::from(n == 0), "text, then continuations");
        assert!(frame.payload.len() <= 16 * 1024);
        message.extend(frame.payload);
        if frame.fin {
            break;
        }
    }
    let expected = json!([50, 1, {}, ["x".repeat(100_000)]]);
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&message).expect("JSON"),
        expected
    );
    client.leave().await;
    server.rest().await;
}

/// What a client may send is limited; what a handler answers is the application's affair.
#[tokio::test]
async fn an_answer_may_be_larger_than_any_message_that_is_received() {
    let server = Running::default().await;
    let mut client = Client::joined(server.address).await;
    for size in [2, 5, 16] {
        let size = size * 1024 * 1024;
        let answer = client.call("test.large", json!([size])).await;
        assert_eq!(
            answer[3][0].as_str().map(str::len),
            Some(size),
            "{}",
            answer[0]
        );
    }
    client.leave().await;
    server.rest().await;
}

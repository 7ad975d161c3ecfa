//! Frames that break the rules of RFC 6455, and what the peer is told.

use bytes::Bytes;
use serde_json::json;
use wamp_proto::message::Message;
use wamp_proto::subprotocol::Subprotocol;

use crate::support::{Client, Frame, Running};

/// Sends these frames in a session, and gives the code that the server closes with.
async fn code_after(server: &Running, frames: &[Frame]) -> Option<u16> {
    let mut client = Client::joined(server.address).await;
    client
        .send(frames.iter().flat_map(Frame::bytes).collect::<Vec<_>>())
        .await;
    client.end().await.code
}

#[tokio::test]
async fn text_where_binary_was_agreed_on_is_aborted_and_the_reverse() {
    let server = Running::default().await;
    let all = [
        "wamp.2.json",
        "wamp.2.msgpack",
        "wamp.2.cbor",
        "wamp.2.json.batched",
        "wamp.2.msgpack.batched",
        "wamp.2.cbor.batched",
    ];
    for name in all {
        let subprotocol = Subprotocol::parse(name).expect("it exists");
        let mut client = Client::upgraded(server.address, name).await;
        let payload = r#"[1,"realm",{"roles":{"caller":{}}}]"#;
        let wrong = if subprotocol.format.is_binary() {
            Frame::text(payload)
        } else {
            Frame::binary(payload)
        };
        client.send_frame(&wrong).await;
        let end = client.end().await;
        assert_eq!(end.code, Some(1003), "{name}");
        let frame = Bytes::from(end.messages.concat());
        let message = subprotocol
            .split_batch(&frame)
            .expect("a batch")
            .next()
            .expect("one");
        match Message::decode(subprotocol.format, &message) {
            Ok(Message::Abort(abort)) => {
                assert_eq!(&*abort.reason, "wamp.error.protocol_violation");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(server.stats().violations, 6);
    server.rest().await;
}

#[tokio::test]
async fn an_abort_is_flushed_before_the_close() {
    let server = Running::default().await;
    for (bad, code) in [
        (Frame::text("[48,1,{},\"test.add\""), 1002),
        (Frame::text("[2,1,{}]"), 1002),
        (Frame::text("[\"48\"]"), 1002),
        (Frame::text("[]"), 1002),
        (Frame::text(""), 1002),
        (Frame::binary("[48,1,{},\"test.add\",[1,2]]"), 1003),
    ] {
        let mut client = Client::joined(server.address).await;
        client.send_frame(&bad).await;
        let end = client.end().await;
        assert_eq!(end.code, Some(code), "{bad:?}");
        assert_eq!(
            end.abort().as_deref(),
            Some("wamp.error.protocol_violation"),
            "{bad:?}"
        );
    }
    server.rest().await;
}

/// What was asked before the violation is answered before the ABORT.
#[tokio::test]
async fn answers_come_before_the_abort() {
    let server = Running::default().await;
    let mut client = Client::joined(server.address).await;
    let mut bytes = Frame::text(r#"[48,1,{},"test.add",[1,2]]"#).bytes();
    bytes.extend(Frame::text("nonsense").bytes());
    client.send(bytes).await;
    let end = client.end().await;
    assert_eq!(end.messages[0], br#"[50,1,{},[3]]"#);
    assert_eq!(
        end.abort().as_deref(),
        Some("wamp.error.protocol_violation")
    );
    server.rest().await;
}

#[tokio::test]
async fn reserved_bits_are_refused() {
    let server = Running::default().await;
    for bits in 1..=7 {
        for frame in [
            Frame::text("x"),
            Frame::ping("x"),
            Frame::continuation("x"),
            Frame::close(1000, ""),
        ] {
            assert_eq!(
                code_after(&server, &[frame.rsv(bits)]).await,
                Some(1002),
                "{bits:03b}"
            );
        }
    }
    server.rest().await;
}

#[tokio::test]
async fn reserved_opcodes_are_refused() {
    let server = Running::default().await;
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        for payload in ["", "x"] {
            assert_eq!(
                code_after(&server, &[Frame::new(opcode, payload)]).await,
                Some(1002),
                "{opcode}"
            );
        }
    }
    server.rest().await;
}

#[tokio::test]
async fn frames_that_are_not_masked_are_refused() {
    let server = Running::default().await;
    for frame in [Frame::text("[]"), Frame::ping(""), Frame::close(1000, "")] {
        assert_eq!(code_after(&server, &[frame.unmasked()]).await, Some(1002));
    }
    server.rest().await;
}

#[tokio::test]
async fn control_frames_are_whole_and_short() {
    let server = Running::default().await;
    for opcode in [8, 9, 10] {
        assert_eq!(
            code_after(&server, &[Frame::new(opcode, vec![]).unfinished()]).await,
            Some(1002),
            "{opcode}"
        );
        assert_eq!(
            code_after(&server, &[Frame::new(opcode, vec![3; 126])]).await,
            Some(1002),
            "{opcode}"
        );
    }
    server.rest().await;
}

#[tokio::test]
async fn fragments_follow_a_beginning_and_end_before_the_next_message() {
    let server = Running::default().await;
    let begin = Frame::text("[48,1,{},").unfinished();
    for frames in [
        vec![Frame::continuation("x")],
        vec![Frame::continuation("x").unfinished()],
        vec![begin.clone(), Frame::text("\"test.add\",[1,2]]")],
        vec![begin.clone(), begin],
    ] {
        assert_eq!(code_after(&server, &frames).await, Some(1002), "{frames:?}");
    }
    server.rest().await;
}

#[tokio::test]
async fn control_frames_may_come_between_fragments() {
    let server = Running::default().await;
    let mut client = Client::joined(server.address).await;
    for frame in [
        Frame::text("[48,1,{},").unfinished(),
        Frame::ping("between"),
        Frame::continuation("").unfinished(),
        Frame::pong("unasked"),
        Frame::continuation("\"test.add\",[1,2]]"),
    ] {
        client.send_frame(&frame).await;
    }
    assert_eq!(client.frame().await, Frame::pong("between").unmasked());
    assert_eq!(client.message().await, json!([50, 1, {}, [3]]));
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn pings_are_answered_with_what_they_carry() {
    let server = Running::default().await;
    let mut client = Client::upgraded(server.address, "wamp.2.json").await;
    for payload in [&b""[..], b"x", &[0xff; 125]] {
        client.send_frame(&Frame::ping(payload)).await;
        assert_eq!(client.frame().await, Frame::pong(payload).unmasked());
    }
    client.join().await;
    client.send_frame(&Frame::ping("in a session")).await;
    assert_eq!(client.frame().await, Frame::pong("in a session").unmasked());
    client.leave().await;
    server.rest().await;
}

#[tokio::test]
async fn text_that_is_not_utf8_is_refused() {
    let server = Running::default().await;
    for text in [
        &b"\xff"[..],
        b"[48,1,{},\"test.echo\",[\"\xc3\x28\"]]",
        b"\xed\xa0\x80",
        b"\xc0\xaf",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
    ] {
        assert_eq!(
            code_after(&server, &[Frame::text(text)]).await,
            Some(1007),
            "{text:?}"
        );
    }
    let split = [
        Frame::text(b"\xe2\x82").unfinished(),
        Frame::continuation(b"\x28"),
    ];
    assert_eq!(code_after(&server, &split).await, Some(1007));
    server.rest().await;
}

#[tokio::test]
async fn a_character_may_be_split_between_fragments() {
    let server = Running::default().await;
    let mut client = Client::joined(server.address).await;
    let message = r#"[48,1,{},"test.echo",["€🐍"]]"#.as_bytes();
    for (n, byte) in message.iter().enumerate() {
        let opcode = u8::from(n == 0);
        let mut frame = Frame::new(opcode, [*byte]);
        frame.fin = n + 1 == message.len();
        client.send_frame(&frame).await;
    }
    assert_eq!(client.message().await, json!([50, 1, {}, ["€🐍"]]));
    client.leave().await;
    server.rest().await;
}

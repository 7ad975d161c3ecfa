//! The batched subprotocols: any number of messages in a frame.

use bytes::{Bytes, BytesMut};
use serde_json::json;
use wamp_proto::message::Message;
use wamp_proto::subprotocol::Subprotocol;

use crate::support::{Client, End, Frame, Running};

const BATCHED: [&str; 3] = [
    "wamp.2.json.batched",
    "wamp.2.msgpack.batched",
    "wamp.2.cbor.batched",
];

/// These messages, written in JSON, as one batch.
fn batch(subprotocol: Subprotocol, messages: &[serde_json::Value]) -> Frame {
    let mut out = BytesMut::new();
    for message in messages {
        let mut one = BytesMut::new();
        in_format(message, subprotocol)
            .encode(subprotocol.format, &mut one)
            .expect("it can be encoded");
        let begin = subprotocol.batch_begin(&mut out);
        out.extend_from_slice(&one);
        subprotocol.batch_end(&mut out, begin).expect("it is short");
    }
    data(subprotocol, out.to_vec())
}

fn in_format(message: &serde_json::Value, subprotocol: Subprotocol) -> Message {
    use wamp_proto::codec::Format;
    let mut message =
        Message::decode(Format::Json, &Bytes::from(message.to_string())).expect("a message");
    if let Message::Call(call) = &mut message {
        call.payload = call
            .payload
            .transcode(subprotocol.format)
            .expect("it can be transcoded");
    }
    message
}

fn data(subprotocol: Subprotocol, payload: Vec<u8>) -> Frame {
    if subprotocol.format.is_binary() {
        Frame::binary(payload)
    } else {
        Frame::text(payload)
    }
}

fn split(subprotocol: Subprotocol, end: &End) -> Vec<Message> {
    let frames = end.messages.iter().map(|it| Bytes::from(it.clone()));
    let batches = frames.map(|frame| subprotocol.split_batch(&frame).expect("a batch"));
    let messages = batches
        .flatten()
        .map(|it| Message::decode(subprotocol.format, &it));
    messages.map(|it| it.expect("a message")).collect()
}

#[tokio::test]
async fn a_session_may_be_one_batch_from_hello_to_goodbye() {
    let server = Running::default().await;
    for name in BATCHED {
        let subprotocol = Subprotocol::parse(name).expect("it exists");
        let mut client = Client::upgraded(server.address, name).await;
        let mut messages = vec![json!([1, "realm", {"roles": {"caller": {}}}])];
        messages.extend((1..=300).map(|n| json!([48, n, {}, "test.add", [n, 1]])));
        messages.push(json!([6, {}, "wamp.close.close_realm"]));
        client.send_frame(&batch(subprotocol, &messages)).await;
        let mut end = End::default();
        let mut answers = Vec::new();
        while answers
            .last()
            .is_none_or(|it: &Message| it.name() != "GOODBYE")
        {
            end.messages.push(client.frames().await);
            answers = split(subprotocol, &end);
        }
        client.leave().await;
        let names = answers.iter().map(Message::name).collect::<Vec<_>>();
        assert_eq!(names.first(), Some(&"WELCOME"), "{name}");
        assert_eq!(names.last(), Some(&"GOODBYE"), "{name}");
        assert_eq!(
            names.iter().filter(|it| **it == "RESULT").count(),
            300,
            "{name}"
        );
        assert!(
            end.messages.len() < 30,
            "{name}: answers are batched too, {} frames",
            end.messages.len()
        );
    }
    server.rest().await;
}

#[tokio::test]
async fn a_batch_that_breaks_off_is_a_violation() {
    let server = Running::default().await;
    for name in BATCHED {
        let subprotocol = Subprotocol::parse(name).expect("it exists");
        let whole = batch(
            subprotocol,
            &[json!([1, "realm", {"roles": {"caller": {}}}])],
        );
        let mut broken = whole.payload.clone();
        broken.pop();
        for payload in [Vec::new(), broken, [&whole.payload[..], b"\0\0"].concat()] {
            let mut client = Client::upgraded(server.address, name).await;
            client.send_frame(&data(subprotocol, payload)).await;
            let end = client.end().await;
            assert_eq!(end.code, Some(1002), "{name}");
            let answers = split(subprotocol, &end);
            let Some(Message::Abort(abort)) = answers.last() else {
                panic!("{name}: {answers:?}")
            };
            assert_eq!(&*abort.reason, "wamp.error.protocol_violation");
        }
    }
    server.rest().await;
}

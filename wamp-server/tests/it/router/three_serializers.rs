//! Callers, callees, publishers and subscribers that do not use the same serializer.

use serde_json::Value;
use wamp_proto::codec::Format;

use super::support::*;

const FORMATS: [Format; 3] = [Format::Json, Format::MsgPack, Format::Cbor];
const INVALID: &str = "wamp.error.invalid_argument";

/// Not a number, as an array of one, as JSON cannot say it.
fn nan(format: Format) -> Vec<u8> {
    let bits = f64::NAN.to_be_bytes();
    let begin = match format {
        Format::MsgPack => [0x91, 0xcb],
        _ => [0x81, 0xfb],
    };
    [&begin[..], &bits].concat()
}

/// A message whose last element is encoded already.
fn with_payload(format: Format, message: Value, payload: &[u8]) -> Vec<u8> {
    let mut json = message;
    let elements = json.as_array_mut().expect("a message");
    elements.push(Value::Null);
    let mut frame = bytes::BytesMut::new();
    let text = json.to_string();
    wamp_proto::codec::transcode(Format::Json, text.as_bytes(), format, &mut frame).expect("JSON");
    // In each of them null is as long as this.
    let null = if format == Format::Json { 5 } else { 1 };
    let mut frame = frame[..frame.len() - null].to_vec();
    frame.extend_from_slice(payload);
    if format == Format::Json {
        frame.push(b']');
    }
    frame
}

fn values() -> (Value, Value) {
    let args = json!([
        (1_u64 << 53) + 1,
        i64::MIN,
        u64::MAX,
        0,
        -1,
        1.5,
        1e300,
        -0.001,
        "",
        "Grüße, 世界 🦀",
        "\u{0}AAEC/w==",
        "\u{0}",
        null,
        true,
        [],
        [[["\u{0}/w=="]]],
        {},
        {"a": {"b": [1, "\u{0}AA=="]}},
    ]);
    (args, json!({"": 0, "k": {"x": [1.25]}, "ß": "\u{0}AAEC"}))
}

#[tokio::test(start_paused = true)]
async fn values_are_the_same_on_every_way() {
    let (args, kwargs) = values();
    for from in FORMATS {
        for to in FORMATS {
            let server = router();
            let (mut one, mut other) = (join_in(&server, from).await, join_in(&server, to).await);
            register(&mut other, 1, json!({}), "p").await;
            subscribe(&mut other, 2, json!({}), "t").await;
            say(&mut one, json!([48, 1, {"_x": args}, "p", args, kwargs])).await;
            other
                .hears(json!([68, 1, ANY, {"_x": args}, args, kwargs]))
                .await;
            say(&mut other, json!([70, 1, {"_x": kwargs}, args, kwargs])).await;
            one.hears(json!([50, 1, {"_x": kwargs}, args, kwargs]))
                .await;
            say(&mut one, json!([48, 2, {}, "p", [], kwargs])).await;
            other.hears(json!([68, 2, ANY, {}, [], kwargs])).await;
            say(
                &mut other,
                json!([8, 68, 2, {"_x": args}, "test.no", args, kwargs]),
            )
            .await;
            one.hears(json!([8, 48, 2, {"_x": args}, "test.no", args, kwargs]))
                .await;
            say(&mut one, json!([16, 3, {"_x": args}, "t", args, kwargs])).await;
            other
                .hears(json!([36, ANY, ANY, {"_x": args}, args, kwargs]))
                .await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_is_the_same_for_all_subscribers() {
    let (args, kwargs) = values();
    let server = router();
    let mut subscribers = Vec::new();
    for format in FORMATS {
        for _ in 0..2 {
            let mut subscriber = join_in(&server, format).await;
            subscribe(&mut subscriber, 1, json!({}), "t").await;
            subscribers.push(subscriber);
        }
    }
    for from in FORMATS {
        let mut publisher = join_in(&server, from).await;
        let publish = json!([16, 1, {"acknowledge": true}, "t", args, kwargs]);
        say(&mut publisher, publish).await;
        let published = publisher.next().await;
        for subscriber in &mut subscribers {
            let event = json!([36, ANY, published[2], {}, args, kwargs]);
            subscriber.hears(event).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn integers_stay_integers_and_floats_stay_floats() {
    // The same numbers: 1, 1.0, 2^53 + 1, bytes.
    let json = br#"[1,1.0,9007199254740993,"\u0000/w=="]"#.to_vec();
    let packed = |begin: &[u8], float: u8, integer: u8, bytes: &[u8]| {
        let one = 1_f64.to_be_bytes();
        let large = ((1_u64 << 53) + 1).to_be_bytes();
        [begin, &[1, float], &one, &[integer], &large, bytes].concat()
    };
    let msgpack = packed(&[0x94], 0xcb, 0xcf, &[0xc4, 1, 0xff]);
    let cbor = packed(&[0x84], 0xfb, 0x1b, &[0x41, 0xff]);
    let same = [json, msgpack, cbor];
    for (from, sent) in FORMATS.into_iter().zip(&same) {
        for (to, heard) in FORMATS.into_iter().zip(&same) {
            let server = router();
            let (mut caller, mut callee) =
                (join_in(&server, from).await, join_in(&server, to).await);
            register(&mut callee, 1, json!({}), "p").await;
            let call = with_payload(from, json!([48, 1, {}, "p"]), sent);
            caller.say_bytes(call).await;
            let frame = callee.next_bytes().await;
            let frame = match to {
                Format::Json => &frame[..frame.len() - 1],
                _ => &frame[..],
            };
            let ends = frame.ends_with(heard) || to == Format::Cbor && ends_with_short_float(frame);
            assert!(ends, "{} to {}: {frame:x?}", from.name(), to.name());
        }
    }
}

/// CBOR may write 1.0 in fewer bytes.
fn ends_with_short_float(frame: &[u8]) -> bool {
    let large = ((1_u64 << 53) + 1).to_be_bytes();
    let of = |float: &[u8]| [&[0x84, 1], float, &[0x1b], &large, &[0x41, 0xff]].concat();
    frame.ends_with(&of(&[0xf9, 0x3c, 0])) || frame.ends_with(&of(&[0xfa, 0x3f, 0x80, 0, 0]))
}

#[tokio::test(start_paused = true)]
async fn a_payload_is_passed_on_as_it_is_where_both_use_the_same_serializer() {
    for (format, payload) in [
        // Spaces, an escape that need not be one, and a number as others would not write it.
        (
            Format::Json,
            &br#"[ 1e2 , "\u0041" , 123456789012345678901234567890 ]"#[..],
        ),
        // 1 in five bytes, and an extension.
        (Format::MsgPack, &[0x92, 0xce, 0, 0, 0, 1, 0xd4, 5, 9]),
        // A large integer (2^64), undefined, an array of unknown length.
        (
            Format::Cbor,
            &[
                0x83, 0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xf7, 0x9f, 1, 0xff,
            ],
        ),
    ] {
        let server = router();
        let mut callee = join_in(&server, format).await;
        let mut caller = join_in(&server, format).await;
        register(&mut callee, 1, json!({}), "p").await;
        subscribe(&mut callee, 2, json!({}), "t").await;
        caller
            .say_bytes(with_payload(format, json!([48, 1, {}, "p"]), payload))
            .await;
        let invocation = callee.next_bytes().await;
        callee
            .say_bytes(with_payload(format, json!([70, 1, {}]), payload))
            .await;
        let result = caller.next_bytes().await;
        caller
            .say_bytes(with_payload(format, json!([16, 2, {}, "t"]), payload))
            .await;
        let event = callee.next_bytes().await;
        for frame in [invocation, result, event] {
            let end = frame.len() - usize::from(format == Format::Json);
            assert!(
                frame[..end].ends_with(payload),
                "{}: {frame:x?}",
                format.name()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_callee_cannot_be_told_is_told_to_the_caller() {
    for from in [Format::MsgPack, Format::Cbor] {
        let server = router();
        let mut callee = join_in(&server, Format::Json).await;
        register(&mut callee, 1, json!({}), "p").await;
        let mut caller = join_in(&server, from).await;
        caller
            .say_bytes(with_payload(from, json!([48, 1, {}, "p"]), &nan(from)))
            .await;
        caller.hears(json!([8, 48, 1, {}, INVALID, [ANY]])).await;
        callee.hears_nothing().await;
        // The id was not used.
        let more = json!({"progress": true});
        say(&mut caller, json!([48, 2, more, "p", [1]])).await;
        callee.hears(json!([68, 1, ANY, more, [1]])).await;
        caller
            .say_bytes(with_payload(from, json!([48, 2, more, "p"]), &nan(from)))
            .await;
        caller.hears(json!([8, 48, 2, {}, INVALID, [ANY]])).await;
        callee.hears(json!([69, 1, {"mode": "killnowait"}])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_caller_cannot_be_told_is_an_error() {
    for to in [Format::MsgPack, Format::Cbor] {
        let server = router();
        let mut callee = join_in(&server, to).await;
        register(&mut callee, 1, json!({}), "p").await;
        let mut caller = join_in(&server, Format::Json).await;
        let options = json!({"receive_progress": true});
        for request in 1..=3 {
            say(&mut caller, json!([48, request, options, "p"])).await;
            callee.hears(json!([68, request, ANY, options])).await;
        }
        callee
            .say_bytes(with_payload(to, json!([70, 1, {}]), &nan(to)))
            .await;
        caller.hears(json!([8, 48, 1, {}, INVALID, [ANY]])).await;
        callee.hears_nothing().await;
        callee
            .say_bytes(with_payload(
                to,
                json!([70, 2, {"progress": true}]),
                &nan(to),
            ))
            .await;
        caller.hears(json!([8, 48, 2, {}, INVALID, [ANY]])).await;
        callee.hears(json!([69, 2, {"mode": "killnowait"}])).await;
        // What went wrong matters more than what else there is to say.
        callee
            .say_bytes(with_payload(to, json!([8, 68, 3, {}, "test.no"]), &nan(to)))
            .await;
        caller.hears(json!([8, 48, 3, {}, "test.no"])).await;
        caller.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn subscribers_that_cannot_be_told_of_an_event_go_without_it() {
    for from in [Format::MsgPack, Format::Cbor] {
        let server = router();
        let mut subscribers = Vec::new();
        for format in FORMATS {
            for overflow in ["disconnect", "drop_oldest"] {
                let mut subscriber = join_in(&server, format).await;
                let options = json!({"_overflow": overflow});
                subscribe(&mut subscriber, 1, options, "t").await;
                subscribers.push((format, subscriber));
            }
        }
        let mut publisher = join_in(&server, from).await;
        let publish = json!([16, 1, {"acknowledge": true}, "t"]);
        publisher
            .say_bytes(with_payload(from, publish, &nan(from)))
            .await;
        publisher.hears(json!([17, 1, ANY])).await;
        for (format, subscriber) in &mut subscribers {
            if *format == Format::Json {
                subscriber.hears_nothing().await;
            } else {
                let event = subscriber.next_bytes().await;
                let expected = nan(*format);
                let short = [0x81, 0xf9, 0x7e, 0];
                assert!(
                    event.ends_with(&expected) || event.ends_with(&short),
                    "{event:x?}"
                );
            }
        }
        say(&mut publisher, json!([16, 2, {}, "t", [1]])).await;
        for (_, subscriber) in &mut subscribers {
            subscriber.hears(json!([36, ANY, ANY, {}, [1]])).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn names_that_are_no_texts_cannot_be_told_in_json() {
    // {1: 2}
    for (from, payload) in [
        (Format::MsgPack, [0x91, 0x81, 1, 2]),
        (Format::Cbor, [0x81, 0xa1, 1, 2]),
    ] {
        let server = router();
        let mut callee = join_in(&server, Format::Json).await;
        register(&mut callee, 1, json!({}), "p").await;
        let mut caller = join_in(&server, from).await;
        caller
            .say_bytes(with_payload(from, json!([48, 1, {}, "p"]), &payload))
            .await;
        caller.hears(json!([8, 48, 1, {}, INVALID, [ANY]])).await;
        callee.hears_nothing().await;
    }
}

//! Values that go straight into messages: every shape of a result.

use std::collections::BTreeMap;

use bytes::BytesMut;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use wamp_proto::codec::Format;
use wamp_proto::id::Id;
use wamp_proto::message::details::{
    CallOptions, ErrorDetails, EventDetails, InvocationDetails, PublishOptions, ResultDetails,
    YieldOptions,
};
use wamp_proto::message::{
    Call, Error, Event, Invocation, Message, Publish, RequestType, Result, Yield,
};
use wamp_proto::payload::{Payload, Single};

use crate::wire::{FORMATS, decode};

fn result() -> Result {
    Result {
        request: Id::MAX,
        details: ResultDetails::default(),
        payload: Payload::default(),
    }
}

/// The trailing elements that a value makes, in each format.
fn check<T: Serialize>(value: &T, expected: &[Value]) {
    for format in FORMATS {
        let mut out = BytesMut::from("before");
        result().encode_with(format, value, &mut out).unwrap();
        let message = out.split_off(6);
        assert_eq!(&out[..], b"before");
        let mut elements = vec![json!(50), json!(Id::MAX.get()), json!({})];
        elements.extend_from_slice(expected);
        assert_eq!(decode(format, &message), Value::from(elements), "{format}");
        assert!(Message::decode(format, &message.freeze()).is_ok());
    }
}

#[derive(Serialize)]
struct Unit;
#[derive(Serialize)]
struct Newtype(i64);
#[derive(Serialize)]
struct Tuple(i64, &'static str);
#[derive(Serialize)]
struct Struct {
    a: i64,
    b: Vec<i64>,
}
#[derive(Serialize)]
enum Choice {
    Nothing,
    Number(i64),
    Fields { a: i64 },
}

#[test]
fn shapes() {
    check(&3, &[json!([3])]);
    check(&"text", &[json!(["text"])]);
    check(&1.5, &[json!([1.5])]);
    check(&true, &[json!([true])]);
    check(&(), &[]);
    check(&None::<i64>, &[]);
    check(&Unit, &[]);
    check(&Some(3), &[json!([3])]);
    check(&Newtype(3), &[json!([3])]);
    check(&(1, "b"), &[json!([1, "b"])]);
    check(&Tuple(1, "b"), &[json!([1, "b"])]);
    check(&vec![1, 2, 3], &[json!([1, 2, 3])]);
    check(&Vec::<i64>::new(), &[]);
    check(&vec![7; 100], &[json!(vec![7; 100])]);
    check(
        &Struct { a: 1, b: vec![2] },
        &[json!([]), json!({"a": 1, "b": [2]})],
    );
    check(&BTreeMap::from([("a", 1)]), &[json!([]), json!({"a": 1})]);
    check(&BTreeMap::<String, i64>::new(), &[]);
    check(&Single(vec![1, 2]), &[json!([[1, 2]])]);
    check(&Single(()), &[json!([null])]);
    check(&Choice::Nothing, &[json!(["Nothing"])]);
    check(&Choice::Number(1), &[json!([{"Number": 1}])]);
    check(&Choice::Fields { a: 1 }, &[json!([{"Fields": {"a": 1}}])]);
}

/// Fails after it has written something.
struct Broken;

impl Serialize for Broken {
    fn serialize<S: Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("broken"))
    }
}

#[test]
fn failures_leave_nothing_behind() {
    for format in FORMATS {
        let mut out = BytesMut::from("before");
        let error = result()
            .encode_with(format, &(1, "text", Broken), &mut out)
            .unwrap_err();
        assert!(error.to_string().contains("broken"));
        assert_eq!(&out[..], b"before");
    }
    let mut out = BytesMut::from("before");
    assert!(
        result()
            .encode_with(Format::Json, &f64::NAN, &mut out)
            .is_err()
    );
    assert_eq!(&out[..], b"before");
}

#[test]
fn every_message_with_a_payload() {
    let id = Id::MIN;
    let payload = Payload::default();
    type Write<'a> = &'a dyn Fn(
        Format,
        &mut BytesMut,
    ) -> std::result::Result<(), wamp_proto::codec::EncodeError>;
    let check = |write: Write<'_>, expected: Value| {
        for format in FORMATS {
            let mut out = BytesMut::new();
            write(format, &mut out).unwrap();
            assert_eq!(decode(format, &out), expected);
        }
    };
    let call = Call {
        request: id,
        options: CallOptions::default(),
        procedure: "p".into(),
        payload: payload.clone(),
    };
    check(
        &|format, out| call.encode_with(format, &7, out),
        json!([48, 1, {}, "p", [7]]),
    );
    let publish = Publish {
        request: id,
        options: PublishOptions::default(),
        topic: "t".into(),
        payload: payload.clone(),
    };
    check(
        &|format, out| publish.encode_with(format, &7, out),
        json!([16, 1, {}, "t", [7]]),
    );
    let event = Event {
        subscription: id,
        publication: id,
        details: EventDetails::default(),
        payload: payload.clone(),
    };
    check(
        &|format, out| event.encode_with(format, &7, out),
        json!([36, 1, 1, {}, [7]]),
    );
    let invocation = Invocation {
        request: id,
        registration: id,
        details: InvocationDetails::default(),
        payload: payload.clone(),
    };
    check(
        &|format, out| invocation.encode_with(format, &7, out),
        json!([68, 1, 1, {}, [7]]),
    );
    let progress = Yield {
        request: id,
        options: YieldOptions {
            progress: true,
            ..YieldOptions::default()
        },
        payload: payload.clone(),
    };
    check(
        &|format, out| progress.encode_with(format, &7, out),
        json!([70, 1, {"progress": true}, [7]]),
    );
    let error = Error {
        request_type: RequestType::Call,
        request: id,
        details: ErrorDetails::default(),
        error: "e".into(),
        payload,
    };
    check(
        &|format, out| error.encode_with(format, &BTreeMap::from([("a", 1)]), out),
        json!([8, 48, 1, {}, "e", [], {"a": 1}]),
    );
}

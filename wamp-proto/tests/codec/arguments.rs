//! Which values arguments become, whoever has sent them.

use std::collections::BTreeMap;
use std::fmt::Debug;

use bytes::Bytes;
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wamp_proto::codec::Format;
use wamp_proto::payload::{Payload, PayloadBuilder};

use super::FORMATS;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: i32,
    y: Option<String>,
}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair(i32, String);
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapper<T>(T);
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Unit;
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Choice {
    Unit,
    Newtype(i32),
    Struct { a: i32 },
}

fn payload(args: &str, kwargs: &str) -> Payload {
    let part = |text: &str| (!text.is_empty()).then(|| Bytes::copy_from_slice(text.as_bytes()));
    Payload::new(Format::Json, part(args), part(kwargs))
}

#[track_caller]
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    for format in FORMATS {
        let payload = Payload::from_value(format, value).unwrap();
        assert_eq!(payload.decode::<T>().unwrap(), *value, "{format:?}");
    }
}

#[track_caller]
fn means<T: DeserializeOwned + PartialEq + Debug>(args: &str, kwargs: &str, expected: &T) {
    for format in FORMATS {
        let payload = payload(args, kwargs).transcode(format).unwrap();
        assert_eq!(payload.decode::<T>().unwrap(), *expected, "{format:?}");
    }
}

#[track_caller]
fn is_no<T: DeserializeOwned + Debug>(args: &str, kwargs: &str) {
    for format in FORMATS {
        let payload = payload(args, kwargs).transcode(format).unwrap();
        let error = payload.decode::<T>().unwrap_err();
        assert!(!error.to_string().is_empty());
    }
}

proptest! {
    #[test]
    fn what_is_sent_as_arguments_comes_back(
        number: i64,
        text: String,
        list in proptest::collection::vec(any::<i32>(), 0..4),
        map in proptest::collection::btree_map("[a-z]{1,3}", any::<u8>(), 0..4),
        x: i32,
        y: Option<String>,
    ) {
        comes_back(&number);
        comes_back(&text);
        comes_back(&list);
        comes_back(&map);
        comes_back(&Some(number));
        comes_back(&(number, text.clone()));
        comes_back(&(list.clone(),));
        comes_back(&Pair(x, text.clone()));
        comes_back(&Wrapper(text));
        comes_back(&Wrapper(list));
        comes_back(&Point { x, y });
        comes_back(&Choice::Newtype(x));
        comes_back(&Choice::Struct { a: x });
    }
}

#[test]
fn nothing_comes_back_as_nothing() {
    comes_back(&());
    comes_back(&Unit);
    comes_back(&None::<i32>);
    comes_back(&Choice::Unit);
    comes_back(&Vec::<i32>::new());
    comes_back(&true);
    comes_back(&1.5_f64);
}

#[test]
fn others_put_everything_into_one_argument() {
    means("[[1,2]]", "", &vec![1, 2]);
    means("[[1,\"a\"]]", "", &(1, "a".to_owned()));
    means("[[1,2]]", "", &(vec![1, 2],));
    means("[{\"x\":1,\"y\":null}]", "", &Point { x: 1, y: None });
    means("[{\"a\":1}]", "", &BTreeMap::from([("a".to_owned(), 1)]));
    means("[null]", "", &());
    means("[null]", "", &None::<i32>);
    means("[null]", "", &None::<Point>);
    means("[5]", "", &vec![5]);
    means("[]", "{}", &());
    means("[]", "{\"x\":1}", &Point { x: 1, y: None });
    means("[7]", "{\"x\":1}", &Point { x: 1, y: None });
    means("[7]", "{\"x\":1}", &7);
}

#[test]
fn a_value_of_any_type_is_what_was_sent() {
    means("", "", &Value::Null);
    means("[5]", "", &json!(5));
    means("[5,6]", "", &json!([5, 6]));
    means("[[5,6]]", "", &json!([5, 6]));
    means("[]", "{\"a\":1}", &json!({"a": 1}));
}

#[test]
fn what_does_not_fit_is_an_error() {
    is_no::<i64>("", "");
    is_no::<i64>("[1,2]", "");
    is_no::<i64>("[\"a\"]", "");
    is_no::<i64>("[]", "{\"a\":1}");
    is_no::<(i64, i64)>("[1]", "");
    is_no::<(i64, i64)>("[1,2,3]", "");
    is_no::<(i64, i64)>("[[1,2,3]]", "");
    is_no::<Point>("[1]", "");
    is_no::<Point>("[1,2]", "");
    is_no::<Point>("", "");
    is_no::<()>("[1]", "");
    is_no::<()>("[]", "{\"a\":1}");
    is_no::<Choice>("[\"Other\"]", "");
    is_no::<Vec<i32>>("[[\"a\"]]", "");
}

#[test]
fn arguments_are_added_to_others() {
    for format in FORMATS {
        let more = payload("[2,[3]]", "{\"b\":{\"c\":[null]}}")
            .transcode(format)
            .unwrap();
        let mut builder = PayloadBuilder::new();
        builder.arg(&1).kwarg("a", &true).append(&more).arg(&4);
        let all = builder.build(Format::Json).unwrap();
        assert_eq!(all.args_raw().unwrap(), &b"[1,2,[3],4]"[..]);
        assert_eq!(
            all.kwargs_raw().unwrap(),
            &br#"{"a":true,"b":{"c":[null]}}"#[..]
        );
    }
    let none = PayloadBuilder::new().append(&Payload::default()).clone();
    assert!(none.build(Format::Json).unwrap().is_empty());
}

proptest! {
    #[test]
    fn what_is_kept_in_a_format_is_the_same_in_the_end(
        args in proptest::collection::vec(any::<(i64, String)>(), 0..4),
        kwargs in proptest::collection::vec(any::<(String, Option<bool>)>(), 0..4),
    ) {
        let fill = |mut builder: PayloadBuilder| {
            args.iter().for_each(|it| _ = builder.arg(it));
            kwargs.iter().for_each(|(key, value)| _ = builder.kwarg(key, value));
            let more = Payload::from_value(Format::MsgPack, &(1, "two")).unwrap();
            builder.append(&more);
            builder
        };
        for kept_in in FORMATS {
            for format in FORMATS {
                let kept = fill(PayloadBuilder::kept_in(kept_in)).build(format).unwrap();
                let plain = fill(PayloadBuilder::new()).build(format).unwrap();
                prop_assert_eq!(kept, plain, "{:?} in {:?}", format, kept_in);
            }
        }
    }
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    for format in FORMATS {
        let mut builder = PayloadBuilder::kept_in(format);
        builder.arg(&1).arg(&Unwritable).kwarg("a", &Unwritable);
        assert!(builder.build(format).is_err());
    }
}

struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no"))
    }
}

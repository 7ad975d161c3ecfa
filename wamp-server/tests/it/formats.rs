//! The same behaviour whatever serializer the peer speaks.

use std::collections::BTreeMap;

use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use wamp_proto::codec::Format;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::{
    App, CallError, Input, Reply, Server, Session, Single, procedure, procedures, topic, topics,
};

use crate::support::{ANY, Client, build, json, settle};

#[derive(Deserialize, Serialize)]
struct Point {
    x: i64,
    y: Option<f64>,
}

/// Bytes, not a list of numbers.
struct Blob(Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Blob;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Blob, E> {
                Ok(Blob(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

#[procedure("move")]
async fn shift(point: Point, by: i64, #[arg(default)] name: String) -> (Point, String) {
    (
        Point {
            x: point.x + by,
            ..point
        },
        name,
    )
}

#[procedure("reverse")]
async fn reverse(mut blob: Blob) -> Single<Blob> {
    blob.0.reverse();
    Single(blob)
}

#[procedure("sum")]
async fn sum(mut numbers: Input<(i64,)>) -> Result<i64, CallError> {
    use futures_util::StreamExt as _;
    let mut sum = 0;
    while let Some(item) = numbers.next().await {
        sum += item?.0;
    }
    Ok(sum)
}

#[procedure("tail")]
async fn tail() -> impl Stream<Item = BTreeMap<&'static str, u32>> {
    stream::iter([BTreeMap::from([("left", 1)])])
}

#[procedure("infinite")]
async fn infinite() -> f64 {
    f64::INFINITY
}

#[procedure("fail")]
async fn fail() -> Result<(), CallError> {
    Err(CallError::new("my.error").arg(1).kwarg("k", "ü"))
}

#[topic("news")]
async fn news(session: &Session) -> Result<(), CallError> {
    session.publish("news", Reply::new().arg("hi").kwarg("n", 1))?;
    Ok(())
}

fn server() -> Server {
    build(
        App::empty()
            .procedures(procedures![shift, reverse, sum, tail, infinite, fail])
            .topics(topics![news]),
    )
}

#[tokio::test(start_paused = true)]
async fn a_conversation_is_the_same_in_all_of_them() {
    for subprotocol in Subprotocol::ALL {
        let server = server();
        let mut client = Client::join_as(&server, subprotocol).await;
        for (call, answers) in [
            (
                r#"[48,1,{},"move",[{"x":1,"y":null},2]]"#,
                vec![json!([50, 1, {}, [{"x": 3, "y": null}, ""]])],
            ),
            (
                r#"[48,2,{},"move",[],{"name":"100éfa","by":-5,"point":{"x":9007199254740993,"y":0.5}}]"#,
                vec![json!([50, 2, {}, [{"x": 9_007_199_254_740_988_i64, "y": 0.5}, "100éfa"]])],
            ),
            (
                r#"[48,3,{},"reverse",["\u0000AQL/"]]"#,
                vec![json!([50, 3, {}, ["\u{0}/wIB"]])],
            ),
            (
                r#"[48,4,{"receive_progress":true},"tail"]"#,
                vec![
                    json!([50, 4, {"progress": true}, [], {"left": 1}]),
                    json!([50, 4, {}]),
                ],
            ),
            (r#"[48,5,{"progress":true},"sum",[40]]"#, vec![]),
            (r#"[48,5,{},"sum",[2]]"#, vec![json!([50, 5, {}, [42]])]),
            (
                r#"[48,6,{},"fail"]"#,
                vec![json!([8, 48, 6, {}, "my.error", [1], {"k": "ü"}])],
            ),
            (
                r#"[48,7,{},"move",["x"]]"#,
                vec![
                    json!([8, 48, 7, {}, "wamp.error.invalid_argument", [ANY], {"argument": "point", "path": "args[0]"}]),
                ],
            ),
            (
                r#"[48,8,{},"nowhere"]"#,
                vec![json!([8, 48, 8, {}, "wamp.error.no_such_procedure", [ANY]])],
            ),
            (
                r#"[32,9,{},"news"]"#,
                vec![json!([33, 9, 1]), json!([36, 1, ANY, {}, ["hi"], {"n": 1}])],
            ),
            ("[34,10,1]", vec![json!([35, 10])]),
            (
                "[34,11,1]",
                vec![json!([8, 34, 11, {}, "wamp.error.no_such_subscription"])],
            ),
        ] {
            client.say(call).await;
            for answer in answers {
                client.hears(answer).await;
            }
        }
        client.hears_nothing().await;
        client.goodbye().await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_event_reaches_every_serializer() {
    let server = server();
    let mut clients = Vec::new();
    for subprotocol in Subprotocol::ALL.into_iter().chain(Subprotocol::ALL) {
        let mut client = Client::join_as(&server, subprotocol).await;
        client.subscribe(1, "news").await;
        client.next().await;
        clients.push(client);
    }
    let realm = server.realm("realm1").expect("the default realm");
    let published = realm
        .publish("news", (Blob(vec![1, 2, 255]), 1.5, "ü", 3))
        .expect("all can say that");
    assert_eq!(published.receivers, clients.len());
    for client in &mut clients {
        client
            .hears(json!([
                36,
                1,
                published.id.get(),
                {},
                ["\u{0}AQL/", 1.5, "ü", 3]
            ]))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_serializer_cannot_say_is_kept_from_those_who_use_it_only() {
    let server = server();
    let mut json_client = Client::join_as(&server, Subprotocol::new(Format::Json)).await;
    let mut cbor_client = Client::join_as(&server, Subprotocol::new(Format::Cbor)).await;
    for client in [&mut json_client, &mut cbor_client] {
        client.subscribe(1, "news").await;
        client.next().await;
    }
    let realm = server.realm("realm1").expect("the default realm");
    assert_eq!(
        realm
            .publish("news", f64::INFINITY)
            .expect("CBOR can say that")
            .receivers,
        1
    );
    json_client.hears_nothing().await;
    assert!(!cbor_client.next_bytes().await.is_empty());

    json_client.say(r#"[48,2,{},"infinite"]"#).await;
    json_client
        .hears(json!([8, 48, 2, {}, "wamp.error.runtime_error"]))
        .await;
    cbor_client.say(r#"[48,2,{},"infinite"]"#).await;
    let frame = cbor_client.next_bytes().await;
    assert_eq!(frame[..3], [0x84, 0x18, 50], "RESULT");
}

#[tokio::test(start_paused = true)]
async fn exact_bytes_of_the_binary_ones() {
    for (format, call, result) in [
        (
            Format::MsgPack,
            &b"\x95\x30\x01\x80\xa3sum\x91\x07"[..],
            &b"\x94\x32\x01\x80\x91\x07"[..],
        ),
        (
            Format::Cbor,
            b"\x85\x18\x30\x01\xa0\x63sum\x81\x07",
            b"\x84\x18\x32\x01\xa0\x81\x07",
        ),
    ] {
        let server = server();
        let mut client = Client::join_as(&server, Subprotocol::new(format)).await;
        client.say_bytes(call).await;
        assert_eq!(client.next_bytes().await, result, "{format:?}");
        client.say_bytes(&b"\xc1\xff"[..]).await;
        client.is_told_off_for("").await;
        settle().await;
        assert_eq!(server.stats().violations, 1);
    }
}

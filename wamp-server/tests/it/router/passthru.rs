//! Payloads that have a serialization of their own, and are passed through as they are. WAMP, "Payload Passthru Mode".

use serde_json::Value;
use wamp_server::Server;

use super::support::*;

const UNSUPPORTED: &str = "wamp.error.feature_not_supported";

/// Everything that can be said of such a payload.
fn sealed() -> Value {
    json!({
        "ppt_scheme": "wamp",
        "ppt_serializer": "cbor",
        "ppt_cipher": "xsalsa20poly1305",
        "ppt_keyid": "the one under the mat",
    })
}

/// The payload: bytes, as JSON has them.
const BYTES: &str = "\u{0}AAEC/w==";

/// A session that can do everything but this in one of its roles.
async fn without(server: &Server, role: &str) -> Client {
    let mut roles = everything();
    let features = roles[role]["features"].as_object_mut().expect("an object");
    features.remove("payload_passthru_mode");
    join_as(server, json!({"roles": roles})).await.0
}

async fn pair(server: &Server) -> (Client, Client) {
    let mut callee = join(server).await;
    register(&mut callee, 1, json!({}), "p").await;
    (callee, join(server).await)
}

#[tokio::test(start_paused = true)]
async fn calls_results_and_errors_say_how_their_payload_is_to_be_read() {
    let server = router();
    let (mut callee, mut caller) = pair(&server).await;
    let sealed = sealed();
    say(&mut caller, json!([48, 1, sealed, "p", [BYTES]])).await;
    callee.hears(json!([68, 1, ANY, sealed, [BYTES]])).await;
    say(&mut callee, json!([70, 1, sealed, [BYTES]])).await;
    caller.hears(json!([50, 1, sealed, [BYTES]])).await;
    say(&mut caller, json!([48, 2, sealed, "p", [BYTES]])).await;
    callee.hears(json!([68, 2, ANY, sealed, [BYTES]])).await;
    say(&mut callee, json!([8, 68, 2, sealed, "test.no", [BYTES]])).await;
    caller
        .hears(json!([8, 48, 2, sealed, "test.no", [BYTES]]))
        .await;
    // Some of it is enough.
    let custom = json!({"ppt_scheme": "x_mine"});
    say(&mut caller, json!([48, 3, custom, "p", [BYTES]])).await;
    callee.hears(json!([68, 3, ANY, custom, [BYTES]])).await;
    say(&mut callee, json!([70, 3, {}, ["open"]])).await;
    caller.hears(json!([50, 3, {}, ["open"]])).await;
}

#[tokio::test(start_paused = true)]
async fn every_message_of_a_progressive_call_says_it() {
    let server = router();
    let (mut callee, mut caller) = pair(&server).await;
    let with = |progress: Value| {
        let mut sealed = sealed();
        let progress = progress.as_object().expect("an object").clone();
        sealed.as_object_mut().expect("an object").extend(progress);
        sealed
    };
    let both = with(json!({"progress": true, "receive_progress": true}));
    say(&mut caller, json!([48, 1, both, "p", [BYTES]])).await;
    callee.hears(json!([68, 1, ANY, both, [BYTES]])).await;
    // Another key for each of them.
    let mut other = both.clone();
    other["ppt_keyid"] = json!("another one");
    other["_part"] = json!(2);
    say(&mut caller, json!([48, 1, other, "p", [BYTES]])).await;
    callee.hears(json!([68, 1, ANY, other, [BYTES]])).await;
    let more = with(json!({"progress": true}));
    say(&mut callee, json!([70, 1, more, [BYTES]])).await;
    caller.hears(json!([50, 1, more, [BYTES]])).await;
    say(&mut caller, json!([48, 1, {}, "p", ["open"]])).await;
    let last = json!({"receive_progress": true});
    callee.hears(json!([68, 1, ANY, last, ["open"]])).await;
    say(&mut callee, json!([70, 1, sealed(), [BYTES]])).await;
    caller.hears(json!([50, 1, sealed(), [BYTES]])).await;
}

#[tokio::test(start_paused = true)]
async fn events_say_how_their_payload_is_to_be_read() {
    let server = router();
    let (mut subscriber, mut publisher) = (join(&server).await, join(&server).await);
    let exact = subscribe(&mut subscriber, 1, json!({}), "t").await;
    let prefix = subscribe(&mut subscriber, 2, json!({"match": "prefix"}), "t").await;
    say(&mut publisher, json!([16, 1, sealed(), "t", [BYTES]])).await;
    subscriber
        .hears(json!([36, exact, ANY, sealed(), [BYTES]]))
        .await;
    let mut with_topic = sealed();
    with_topic["topic"] = json!("t");
    subscriber
        .hears(json!([36, prefix, ANY, with_topic, [BYTES]]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn who_sends_such_a_payload_without_having_announced_it_violates_the_protocol() {
    let said = "payload_passthru_mode";
    let server = router();
    let mut publisher = without(&server, "publisher").await;
    say(&mut publisher, json!([16, 1, sealed(), "t", [BYTES]])).await;
    publisher.is_told_off_for(said).await;

    let (mut callee, _) = pair(&server).await;
    let mut caller = without(&server, "caller").await;
    say(&mut caller, json!([48, 1, sealed(), "p", [BYTES]])).await;
    caller.is_told_off_for(said).await;
    callee.hears_nothing().await;
    callee.goodbye().await;

    for answer in [
        json!([70, 1, sealed(), [BYTES]]),
        json!([8, 68, 1, sealed(), "test.no", [BYTES]]),
    ] {
        let mut callee = without(&server, "callee").await;
        register(&mut callee, 1, json!({}), "q").await;
        let mut caller = join(&server).await;
        say(&mut caller, json!([48, 1, {}, "q"])).await;
        callee.hears(json!([68, 1, ANY, {}])).await;
        say(&mut callee, answer).await;
        callee.is_told_off_for(said).await;
        caller
            .hears(json!([8, 48, 1, {}, "wamp.error.canceled", [ANY]]))
            .await;
    }
    // An empty scheme is none.
    let mut caller = without(&server, "caller").await;
    say(&mut caller, json!([48, 1, {"ppt_scheme": ""}, "none"])).await;
    assert_eq!(caller.next().await[4], "wamp.error.no_such_procedure");
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_cannot_read_such_payloads_gets_none() {
    let server = router();
    let mut callee = without(&server, "callee").await;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join(&server).await;
    let call = json!([48, 1, sealed(), "p", [BYTES]]);
    refused(&mut caller, call, UNSUPPORTED).await;
    callee.hears_nothing().await;
    say(&mut caller, json!([48, 2, {}, "p"])).await;
    answers(&mut callee, &mut caller, 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_cannot_read_such_payloads_is_told_that_there_was_one() {
    for answer in [
        json!([70, 1, sealed(), [BYTES]]),
        json!([8, 68, 1, sealed(), "test.no", [BYTES]]),
    ] {
        let server = router();
        let (mut callee, _) = pair(&server).await;
        let mut caller = without(&server, "caller").await;
        say(&mut caller, json!([48, 1, {}, "p"])).await;
        callee.hears(json!([68, 1, ANY, {}])).await;
        say(&mut callee, answer).await;
        caller
            .hears(json!([8, 48, 1, {}, UNSUPPORTED, [ANY]]))
            .await;
        callee.hears_nothing().await;
    }
    // Progress ends the call, or it would go on without it.
    let server = router();
    let (mut callee, _) = pair(&server).await;
    let mut caller = without(&server, "caller").await;
    say(&mut caller, json!([48, 1, {"receive_progress": true}, "p"])).await;
    callee
        .hears(json!([68, 1, ANY, {"receive_progress": true}]))
        .await;
    let mut more = sealed();
    more["progress"] = json!(true);
    say(&mut callee, json!([70, 1, more, [BYTES]])).await;
    caller
        .hears(json!([8, 48, 1, {}, UNSUPPORTED, [ANY]]))
        .await;
    callee.hears(json!([69, 1, {"mode": "killnowait"}])).await;
}

#[tokio::test(start_paused = true)]
async fn subscribers_that_cannot_read_such_payloads_do_not_get_them() {
    let server = router();
    let mut deaf = without(&server, "subscriber").await;
    let (mut subscriber, mut publisher) = (join(&server).await, join(&server).await);
    let id = subscribe(&mut deaf, 1, json!({}), "t").await;
    subscribe(&mut subscriber, 1, json!({}), "t").await;
    let mut options = sealed();
    options["acknowledge"] = json!(true);
    say(&mut publisher, json!([16, 1, options, "t", [BYTES]])).await;
    publisher.hears(json!([17, 1, ANY])).await;
    subscriber
        .hears(json!([36, id, ANY, sealed(), [BYTES]]))
        .await;
    deaf.hears_nothing().await;
    say(&mut publisher, json!([16, 2, {}, "t", ["open"]])).await;
    deaf.hears(json!([36, id, ANY, {}, ["open"]])).await;
}

#[tokio::test(start_paused = true)]
async fn the_bytes_are_the_same_in_every_serializer() {
    use wamp_proto::codec::Format::{Cbor, Json, MsgPack};
    let server = router();
    for from in [Json, MsgPack, Cbor] {
        for to in [Json, MsgPack, Cbor] {
            let mut callee = join_in(&server, to).await;
            register(&mut callee, 1, json!({}), "p").await;
            subscribe(&mut callee, 2, json!({}), "t").await;
            let mut caller = join_in(&server, from).await;
            say(&mut caller, json!([48, 1, sealed(), "p", [BYTES]])).await;
            callee.hears(json!([68, 1, ANY, sealed(), [BYTES]])).await;
            say(&mut callee, json!([70, 1, sealed(), [BYTES]])).await;
            caller.hears(json!([50, 1, sealed(), [BYTES]])).await;
            say(&mut caller, json!([16, 2, sealed(), "t", [BYTES]])).await;
            callee.hears(json!([36, ANY, ANY, sealed(), [BYTES]])).await;
            callee.goodbye().await;
        }
    }
}

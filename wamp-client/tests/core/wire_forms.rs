//! What each request looks like on the wire, with every option.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use wamp_client::error::ConnectError;
use wamp_client::host::{Callee, Link};
use wamp_client::proto::codec::Format;
use wamp_client::proto::message::{Interrupt, Invocation};
use wamp_client::proto::payload::Payload;
use wamp_client::{Call, CallError, Client, Id, Invoke, Match, Publish, Register, Subscribe};

use crate::support::{Router, open, settle, spawn};

struct Silent;

impl Callee for Silent {
    fn invoke(&self, _: &Link, _: Invocation) {}
    fn interrupt(&self, _: &Link, _: &Interrupt) {}
}

fn id(id: u64) -> Id {
    Id::new(id).unwrap()
}

#[tokio::test(start_paused = true)]
async fn hello_tells_what_the_client_can_do() {
    let (mut router, connect) = Router::new(Default::default());
    let connecting = spawn(
        wamp_client::Builder::over(connect)
            .realm("docs")
            .agent("tester")
            .detail("_build", [1, 2])
            .connect(),
    );
    let mut peer = router.accept().await;
    peer.expect(
        r#"[1,"docs",{"agent":"tester","_build":[1,2],"roles":{
            "caller":{"features":{"call_canceling":true,"call_timeout":true,"caller_identification":true,"payload_passthru_mode":true,
                "progressive_call_invocations":true,"progressive_call_results":true,"sharded_registration":true}},
            "callee":{"features":{"call_canceling":true,"call_reroute":true,"call_timeout":true,"call_trustlevels":true,"caller_identification":true,
                "pattern_based_registration":true,"payload_passthru_mode":true,"progressive_call_invocations":true,
                "progressive_call_results":true,"registration_revocation":true,"sharded_registration":true,"shared_registration":true}},
            "publisher":{"features":{"payload_passthru_mode":true,"publisher_exclusion":true,"publisher_identification":true,
                "sharded_subscription":true,"subscriber_blackwhite_listing":true}},
            "subscriber":{"features":{"pattern_based_subscription":true,"payload_passthru_mode":true,"publication_trustlevels":true,
                "publisher_identification":true,"subscription_revocation":true}}}}]"#,
    )
    .await;
    peer.send(r#"[2,9,{"realm":"docs","roles":{"broker":{}},"authrole":"guest"}]"#);
    let client = connecting.await.unwrap().unwrap();
    let session = client.session().unwrap();
    assert_eq!(session.id().get(), 9);
    assert_eq!(session.realm(), "docs");
    assert_eq!(session.welcome().authrole.as_deref(), Some("guest"));
}

async fn call_is(describe: impl FnOnce(Call) -> Call, expected: &str) {
    let (client, mut peer) = open().await;
    let _call = spawn(describe(client.call("x")));
    peer.expect(expected).await;
}

#[derive(Serialize)]
struct Named {
    a: i32,
    b: &'static str,
}

#[tokio::test(start_paused = true)]
async fn calls() {
    call_is(|call| call, r#"[48,1,{},"x"]"#).await;
    call_is(|call| call.arg(2).arg("3"), r#"[48,1,{},"x",[2,"3"]]"#).await;
    call_is(|call| call.kwarg("k", 1), r#"[48,1,{},"x",[],{"k":1}]"#).await;
    call_is(
        |call| call.args((1, "2", 3.5)),
        r#"[48,1,{},"x",[1,"2",3.5]]"#,
    )
    .await;
    call_is(|call| call.args(vec![1, 2]), r#"[48,1,{},"x",[1,2]]"#).await;
    call_is(
        |call| call.args(Named { a: 1, b: "2" }),
        r#"[48,1,{},"x",[],{"a":1,"b":"2"}]"#,
    )
    .await;
    call_is(|call| call.args(5), r#"[48,1,{},"x",[5]]"#).await;
    call_is(|call| call.arg(json!([1])), r#"[48,1,{},"x",[[1]]]"#).await;
    call_is(|call| call.arg("100éfa"), r#"[48,1,{},"x",["100éfa"]]"#).await;
    let long = "x".repeat(1000);
    call_is(
        |call| call.arg(&long),
        &format!(r#"[48,1,{{}},"x",["{long}"]]"#),
    )
    .await;
    let ready = Payload::from_value(Format::MsgPack, &(1, "two")).unwrap();
    call_is(|call| call.payload(ready), r#"[48,1,{},"x",[1,"two"]]"#).await;
}

#[tokio::test(start_paused = true)]
async fn options_of_calls() {
    call_is(
        |call| call.timeout(Duration::from_secs(2)),
        r#"[48,1,{"timeout":2000},"x"]"#,
    )
    .await;
    call_is(
        |call| call.timeout(Duration::from_millis(1500)),
        r#"[48,1,{"timeout":1500},"x"]"#,
    )
    .await;
    call_is(
        |call| call.timeout(Duration::from_micros(1)),
        r#"[48,1,{"timeout":1},"x"]"#,
    )
    .await;
    call_is(
        |call| call.timeout(Duration::MAX),
        r#"[48,1,{"timeout":9007199254740992},"x"]"#,
    )
    .await;
    call_is(
        |call| call.timeout(Duration::from_secs(2)).no_timeout(),
        r#"[48,1,{},"x"]"#,
    )
    .await;
    call_is(
        |call| call.disclose_me(true),
        r#"[48,1,{"disclose_me":true},"x"]"#,
    )
    .await;
    call_is(
        |call| call.disclose_me(false),
        r#"[48,1,{"disclose_me":false},"x"]"#,
    )
    .await;
    call_is(
        |call| call.key("ada"),
        r#"[48,1,{"runmode":"partition","rkey":"ada"},"x"]"#,
    )
    .await;
    call_is(
        |call| call.option("_trace_id", (1, 2)),
        r#"[48,1,{"_trace_id":[1,2]},"x"]"#,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn options_of_ones_own_follow_the_grammar() {
    let (client, mut peer) = open().await;
    for name in ["trace", "_ab", "", "_", "_Upper", "_with-dash", "_é__"] {
        let error = client.call("x").option(name, 1).await.unwrap_err();
        assert!(matches!(error, CallError::Invalid(_)), "{name}: {error}");
        let error = client.publish("x").option(name, 1).await.unwrap_err();
        assert!(matches!(error, CallError::Invalid(_)), "{name}: {error}");
        let (_router, connect) = Router::new(Default::default());
        let refused = wamp_client::Builder::over(connect).detail(name, 1).start();
        let error = refused.unwrap_err();
        assert!(matches!(error, ConnectError::Config(_)), "{name}: {error}");
    }
    peer.expect_nothing().await;
}

async fn publish_is(describe: impl FnOnce(Publish) -> Publish, expected: &str) {
    let (client, mut peer) = open().await;
    let _publish = spawn(describe(client.publish("t")));
    peer.expect(expected).await;
}

#[tokio::test(start_paused = true)]
async fn publications() {
    publish_is(|it| it, r#"[16,1,{},"t"]"#).await;
    publish_is(
        |it| it.arg(1).kwarg("k", true),
        r#"[16,1,{},"t",[1],{"k":true}]"#,
    )
    .await;
    publish_is(Publish::acknowledge, r#"[16,1,{"acknowledge":true},"t"]"#).await;
    publish_is(
        |it| it.exclude_me(false),
        r#"[16,1,{"exclude_me":false},"t"]"#,
    )
    .await;
    publish_is(
        |it| it.disclose_me(true),
        r#"[16,1,{"disclose_me":true},"t"]"#,
    )
    .await;
    publish_is(Publish::retain, r#"[16,1,{"retain":true},"t"]"#).await;
    publish_is(|it| it.key(7), r#"[16,1,{"rkey":7},"t"]"#).await;
    publish_is(
        |it| it.exclude([id(1), id(2)]),
        r#"[16,1,{"exclude":[1,2]},"t"]"#,
    )
    .await;
    publish_is(|it| it.eligible([]), r#"[16,1,{"eligible":[]},"t"]"#).await;
    publish_is(
        |it| it.exclude_authid(["a"]).exclude_authrole(["b"]).eligible_authid(["c"]).eligible_authrole(["d"]),
        r#"[16,1,{"exclude_authid":["a"],"exclude_authrole":["b"],"eligible_authid":["c"],"eligible_authrole":["d"]},"t"]"#,
    )
    .await;
    publish_is(|it| it.option("_own", "x"), r#"[16,1,{"_own":"x"},"t"]"#).await;
}

async fn subscribe_is(describe: impl FnOnce(Subscribe) -> Subscribe, expected: &str) {
    let (client, mut peer) = open().await;
    let _subscribe = spawn(describe(client.subscribe("t")));
    peer.expect(expected).await;
}

#[tokio::test(start_paused = true)]
async fn subscriptions() {
    subscribe_is(|it| it, r#"[32,1,{},"t"]"#).await;
    subscribe_is(
        |it| it.matching(Match::Prefix),
        r#"[32,1,{"match":"prefix"},"t"]"#,
    )
    .await;
    subscribe_is(
        |it| it.matching(Match::Wildcard),
        r#"[32,1,{"match":"wildcard"},"t"]"#,
    )
    .await;
    subscribe_is(
        Subscribe::get_retained,
        r#"[32,1,{"get_retained":true},"t"]"#,
    )
    .await;
    subscribe_is(|it| it.option("_own", 1), r#"[32,1,{"_own":1},"t"]"#).await;
}

async fn register_is(describe: impl FnOnce(Register) -> Register, expected: &str) {
    let (client, mut peer) = open().await;
    let _register = spawn(describe(client.register_callee("p", Arc::new(Silent))));
    peer.expect(expected).await;
}

#[tokio::test(start_paused = true)]
async fn registrations() {
    register_is(|it| it, r#"[64,1,{},"p"]"#).await;
    register_is(
        |it| it.matching(Match::Prefix),
        r#"[64,1,{"match":"prefix"},"p"]"#,
    )
    .await;
    register_is(
        |it| it.invoke(Invoke::RoundRobin),
        r#"[64,1,{"invoke":"roundrobin"},"p"]"#,
    )
    .await;
    register_is(|it| it.concurrency(3), r#"[64,1,{"concurrency":3},"p"]"#).await;
    register_is(
        |it| it.disclose_caller(true),
        r#"[64,1,{"disclose_caller":true},"p"]"#,
    )
    .await;
    register_is(
        |it| it.force_reregister(true),
        r#"[64,1,{"force_reregister":true},"p"]"#,
    )
    .await;
    register_is(
        |it| it.forward_timeout(true),
        r#"[64,1,{"forward_timeout":true},"p"]"#,
    )
    .await;
    register_is(|it| it.option("_own", 1), r#"[64,1,{"_own":1},"p"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn what_ends_things() {
    let (client, mut peer) = open().await;
    let subscribing = spawn(client.subscribe("t"));
    peer.expect(r#"[32,1,{},"t"]"#).await;
    peer.send("[33,1,70]");
    let subscription = subscribing.await.unwrap().unwrap();
    assert_eq!(subscription.id(), Some(id(70)));
    let unsubscribing = spawn(subscription.unsubscribe());
    peer.expect("[34,2,70]").await;
    peer.send("[35,2]");
    unsubscribing.await.unwrap().unwrap();

    let registering = spawn(client.register_callee("p", Arc::new(Silent)));
    peer.expect(r#"[64,3,{},"p"]"#).await;
    peer.send("[65,3,80]");
    let registration = registering.await.unwrap().unwrap();
    assert_eq!(registration.id(), Some(id(80)));
    let unregistering = spawn(registration.unregister());
    peer.expect("[66,4,80]").await;
    peer.send("[67,4]");
    unregistering.await.unwrap().unwrap();

    drop(spawn({
        let client = client.clone();
        async move { client.close().await }
    }));
    peer.expect(r#"[6,{},"wamp.close.close_realm"]"#).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ids_count_from_one_however_many_send() {
    let (client, mut peer) = open().await;
    let senders: Vec<_> = (0..8)
        .map(|_| {
            let client: Client = client.clone();
            spawn(async move {
                for _ in 0..200 {
                    client.publish("t").await.unwrap();
                }
            })
        })
        .collect();
    for expected in 1..=1600 {
        let message = loop {
            if let Some(message) = peer.receive().await {
                break message;
            }
        };
        assert_eq!(message[1], expected);
    }
    for sender in senders {
        sender.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_takes_no_id() {
    let (client, _, mut peer) = crate::support::open_limited(100).await;
    let error = client.call("x").arg("y".repeat(200)).await.unwrap_err();
    assert!(
        matches!(error, CallError::TooLarge { limit: 100, .. }),
        "{error}"
    );
    let error = client.call("x").arg(Unserializable).await.unwrap_err();
    assert!(matches!(error, CallError::Encode(_)), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    settle().await;
    let _call = spawn(client.call("z"));
    peer.expect(r#"[48,1,{},"z"]"#).await;
}

struct Unserializable;

impl Serialize for Unserializable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no"))
    }
}

/// Values are encoded before anything is locked.
#[tokio::test(start_paused = true)]
async fn a_value_may_use_the_client_while_it_is_serialized() {
    struct Nosy(Client);
    impl Serialize for Nosy {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            assert!(
                self.0
                    .link()
                    .unwrap()
                    .push(bytes::Bytes::from_static(b"[0]"))
            );
            serializer.serialize_str(&format!("{:?}", self.0.link()))
        }
    }
    let (client, mut peer) = open().await;
    let _call = spawn(client.call("x").arg(Nosy(client.clone())));
    peer.expect("[0]").await;
    peer.expect(r#"[48,1,{},"x",["*"]]"#).await;
}

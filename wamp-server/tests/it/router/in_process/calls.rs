//! Calls of what a client offers.

use std::collections::BTreeMap;

use wamp_proto::codec::Format;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::realm::Ordering;
use wamp_server::{App, CallError, Limits, RouterOptions, Session};

use super::*;
use crate::support::{build, nothing_is_left, settle};

#[tokio::test(start_paused = true)]
async fn a_client_answers_the_server() {
    let server = router();
    let (mut client, session) = callee(&server, &["math.add"]).await;
    let call = begin(session.call("math.add").arg(2).args((3, "x")).kwarg("k", 1));
    client
        .hears(json!([68, 1, ANY, {}, [2, 3, "x"], {"k": 1}]))
        .await;
    client.say(r#"[70,1,{},[5]]"#).await;
    let result = outcome(call).await.expect("a result");
    assert_eq!(result.decode::<i64>().expect("a number"), 5);
    assert_eq!(result.args::<Vec<u8>>().expect("a list"), [5]);
    assert!(
        result
            .kwargs::<BTreeMap<String, u8>>()
            .expect("none")
            .is_empty()
    );
    assert!(result.decode::<String>().is_err());

    let call = begin(
        realm(&server)
            .call("math.add")
            .args([("a", 1)].into_iter().collect::<BTreeMap<_, _>>()),
    );
    client.hears(json!([68, 2, ANY, {}, [], {"a": 1}])).await;
    client.say(r#"[70,2,{"_note":7},["a",2],{"k":true}]"#).await;
    let result = outcome(call).await.expect("a result");
    assert_eq!(
        result.decode::<(String, u8)>().expect("a tuple"),
        ("a".into(), 2)
    );
    let kwargs = result.kwargs::<BTreeMap<String, bool>>().expect("a map");
    assert!(kwargs["k"]);
    let note = result
        .details()
        .unknown
        .get("_note")
        .expect("it is passed on");
    assert_eq!(note.decode::<u8>().expect("a number"), 7);
}

#[tokio::test(start_paused = true)]
async fn callees_speak_any_serializer() {
    let server = router();
    for format in [Format::Json, Format::MsgPack, Format::Cbor] {
        let mut client = Client::connect_as(&server, Subprotocol::new(format));
        client.say(EVERYTHING).await;
        let session = welcome(&server, &mut client).await;
        register(&mut client, 1, json!({"invoke": "roundrobin"}), "echo").await;
        let call = begin(session.call("echo").arg("ä\n").kwarg("list", [1.5, -2.0]));
        client
            .hears(json!([68, 1, ANY, {}, ["ä\n"], {"list": [1.5, -2.0]}]))
            .await;
        client.say(r#"[70,1,{},[{"x":[null,true]}]]"#).await;
        let result = outcome(call).await.expect("a result");
        let decoded = result.decode::<serde_json::Value>().expect("a value");
        assert_eq!(decoded, json!({"x": [null, true]}));
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_is_called_for_what_it_offers_itself() {
    let server = build(
        App::empty()
            .router(RouterOptions::new())
            .procedure("app.own", async || "the application's"),
    );
    let (mut first, first_session) = callee(&server, &[]).await;
    let (mut second, second_session) = callee(&server, &[]).await;
    for client in [&mut first, &mut second] {
        register(client, 1, json!({"invoke": "roundrobin"}), "shared").await;
    }
    register(&mut first, 2, json!({}), "only.first").await;
    for request in 1..4 {
        let call = begin(second_session.call("shared"));
        second.hears(json!([68, request, ANY, {}])).await;
        second
            .say(json!([70, request, {}, [request]]).to_string())
            .await;
        let result = outcome(call).await.expect("a result");
        assert_eq!(result.decode::<u64>().expect("a number"), request);
    }
    first.hears_nothing().await;
    for (session, procedure) in [
        (&second_session, "only.first"),
        (&second_session, "app.own"),
        (&first_session, "app.own"),
        (&first_session, "nobody.offers.this"),
    ] {
        let error = failure(begin(session.call(procedure))).await;
        assert_eq!(error.uri(), "wamp.error.no_such_procedure", "{procedure}");
    }
    let error = failure(begin(first_session.call("no uri#"))).await;
    assert_eq!(error.uri(), "wamp.error.invalid_uri");
    first.vanish().await;
    let error = failure(begin(first_session.call("only.first"))).await;
    assert_eq!(error.uri(), "wamp.error.no_such_procedure");
}

#[tokio::test(start_paused = true)]
async fn the_closest_of_its_own_registrations_is_called() {
    let server = router();
    let (mut client, session) = callee(&server, &["a.b.c"]).await;
    let (mut other, _) = callee(&server, &["a.b.d"]).await;
    let mut ids = Vec::new();
    for (i, (matching, uri)) in [("prefix", "a"), ("prefix", "a.b"), ("wildcard", "z..c")]
        .into_iter()
        .enumerate()
    {
        client
            .say(json!([64, i + 2, {"match": matching}, uri]).to_string())
            .await;
        ids.push(client.next().await[2].clone());
    }
    let called = [("a.b.d", &ids[1]), ("a.x", &ids[0]), ("z.b.c", &ids[2])];
    for (i, (uri, id)) in called.into_iter().enumerate() {
        let call = begin(session.call(uri));
        client
            .hears(json!([68, i + 1, id, {"procedure": uri}]))
            .await;
        client.say(json!([70, i + 1, {}]).to_string()).await;
        outcome(call)
            .await
            .expect("a result")
            .decode::<()>()
            .expect("nothing");
    }
    let call = begin(session.call("a.b.c"));
    client.hears(json!([68, 4, ANY, {}])).await;
    drop(call);
    // The realm's own order does not ask whose it is.
    let call = begin(realm(&server).call("a.b.d"));
    other.hears(json!([68, 1, ANY, {}])).await;
    drop(call);
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_callee_comes_as_it_is() {
    let server = build(App::empty().router(RouterOptions::new()).procedure(
        "relay",
        async |session: Session| {
            session
                .call("fails")
                .await?
                .decode::<u8>()
                .map_err(CallError::from)
        },
    ));
    let (mut client, session) = callee(&server, &["fails"]).await;
    let call = begin(session.call("fails"));
    client.hears(json!([68, 1, ANY, {}])).await;
    client
        .say(r#"[8,68,1,{},"my.error",["no",3],{"left":[1]}]"#)
        .await;
    let error = failure(call).await;
    assert_eq!(error.uri(), "my.error");
    assert_eq!(
        error.args::<(String, u8)>().expect("a tuple"),
        ("no".into(), 3)
    );
    let kwargs = error.kwargs::<BTreeMap<String, Vec<u8>>>().expect("a map");
    assert_eq!(kwargs["left"], [1]);
    assert!(error.args::<(u8,)>().is_err());
    // A handler passes it on with `?`.
    client.say(r#"[48,1,{},"relay"]"#).await;
    client.hears(json!([68, 2, ANY, {}])).await;
    client
        .say(r#"[8,68,2,{},"my.error",["no",3],{"left":[1]}]"#)
        .await;
    client
        .hears(json!([8, 48, 1, {}, "my.error", ["no", 3], {"left": [1]}]))
        .await;
    // A result of the wrong type is none of the caller's business.
    client.say(r#"[48,2,{},"relay"]"#).await;
    client.hears(json!([68, 3, ANY, {}])).await;
    client.say(r#"[70,3,{},["text"]]"#).await;
    client
        .hears(json!([8, 48, 2, {}, "wamp.error.runtime_error"]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_calls_its_own_caller_back() {
    for ordering in [Ordering::Concurrent, Ordering::Sequential] {
        let server = build(
            App::empty()
                .router(RouterOptions::new())
                .ordering(ordering)
                .procedure("account.delete", async |session: Session| {
                    let sure = session.call("ui.confirm").arg("Really?").await?;
                    Ok::<_, CallError>(sure.decode::<bool>()?)
                }),
        );
        let (mut client, _) = callee(&server, &["ui.confirm"]).await;
        client.say(r#"[48,1,{},"account.delete"]"#).await;
        client.hears(json!([68, 1, ANY, {}, ["Really?"]])).await;
        assert_eq!(server.stats().running_handlers, 1);
        client.say(r#"[70,1,{},[true]]"#).await;
        client.hears(json!([50, 1, {}, [true]])).await;
        client.say(r#"[48,2,{},"account.delete"]"#).await;
        client.hears(json!([68, 2, ANY, {}, ["Really?"]])).await;
        // Who cancels ends what was done for him.
        client.say(r#"[49,2,{"mode":"kill"}]"#).await;
        client
            .hears_in_any_order([
                json!([69, 2, {"mode": "killnowait"}]),
                json!([8, 48, 2, {}, "wamp.error.canceled"]),
            ])
            .await;
        client.vanish().await;
        nothing_is_left(&server);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_get_each_its_own_answer() {
    let server = router();
    let (mut client, session) = callee(&server, &["double"]).await;
    let calls = (0..100_u64)
        .map(|i| begin(session.call("double").arg(i)))
        .collect::<Vec<_>>();
    let mut invocations = Vec::new();
    for _ in 0..100 {
        let invocation = client.next().await;
        invocations.push((
            invocation[1].clone(),
            invocation[4][0].as_u64().expect("a number"),
        ));
    }
    // 37 and 100 have no common factor, so this is every invocation once, in another order.
    for i in 0..100 {
        let (id, number) = &invocations[i * 37 % 100];
        client
            .say(json!([70, id, {}, [number * 2]]).to_string())
            .await;
    }
    for (i, call) in (0..100_u64).zip(calls) {
        let result = outcome(call).await.expect("a result");
        assert_eq!(result.decode::<u64>().expect("a number"), i * 2);
    }
    client.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn nobody_sees_who_calls() {
    let limits = Limits {
        max_invocations: 1,
        ..Limits::default()
    };
    let server = build(App::empty().router(RouterOptions::new()).limits(limits));
    let (mut client, session) = callee(&server, &[]).await;
    let mut witness = join(&server).await;
    for (i, topic) in ["wamp.session.on_join", "wamp.session.on_leave"]
        .into_iter()
        .enumerate()
    {
        witness.subscribe(i as u64 + 1, topic).await;
    }
    register(&mut client, 1, json!({"disclose_caller": true}), "p").await;
    let before = server.stats();
    let call = begin(session.call("p"));
    client.hears(json!([68, 1, ANY, {}])).await;
    assert_eq!(server.stats(), before);
    assert_eq!(realm(&server).sessions().len(), 2);
    let error = failure(begin(session.call("p"))).await;
    assert_eq!(error.uri(), "wamp.error.no_available_callee");
    client.say("[70,1,{}]").await;
    outcome(call).await.expect("a result");
    assert_eq!(server.stats(), before);
    witness.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_is_not() {
    struct Broken;
    impl serde::Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("broken"))
        }
    }
    let server = router();
    let (mut client, session) = callee(&server, &["p"]).await;
    for call in [
        session.call("p").arg(Broken),
        session.call("p").kwarg("k", Broken),
        session.call("p").args((1, Broken)),
        session.call("p").key(Broken),
    ] {
        let error = failure(begin(call)).await;
        assert_eq!(error.uri(), "wamp.error.runtime_error");
        assert!(
            error
                .cause()
                .expect("a cause")
                .to_string()
                .contains("broken")
        );
    }
    let error = failure(begin(session.call("p").arg(f64::INFINITY))).await;
    assert_eq!(error.uri(), "wamp.error.invalid_argument");
    client.hears_nothing().await;
    // None of them has taken a place.
    let call = begin(session.call("p").arg(1));
    client.hears(json!([68, 1, ANY, {}, [1]])).await;
    client.say("[70,1,{}]").await;
    outcome(call).await.expect("a result");
}

#[tokio::test(start_paused = true)]
async fn a_key_chooses_the_same_callee_every_time() {
    let server = router();
    let mut clients = Vec::new();
    for _ in 0..3 {
        let (mut client, _) = callee(&server, &[]).await;
        register(&mut client, 1, json!({"invoke": "random"}), "store").await;
        clients.push(client);
    }
    for key in ["a", "b", "c", "d"] {
        for _ in 0..3 {
            drop(begin(realm(&server).call("store").arg(key).key(key)));
        }
    }
    settle().await;
    let mut keys = 0;
    for client in &mut clients {
        let heard = client.rest().await;
        let heard = heard
            .iter()
            .filter(|it| it[0] == 68)
            .map(|it| it[4][0].clone());
        let mut counts = BTreeMap::new();
        for key in heard {
            *counts.entry(key.to_string()).or_insert(0) += 1;
        }
        assert!(counts.values().all(|&it| it == 3), "{counts:?}");
        keys += counts.len();
    }
    assert_eq!(keys, 4);
}

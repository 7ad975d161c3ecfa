//! Connections that are lost.

use std::time::Duration;

use bytes::Bytes;
use wamp_server::client::Builder;
use wamp_server::{App, SharedState, State, procedure, procedures, session, sessions};

use super::support::{Fragile, join_over, peer, router, telling_router};
use crate::support::{Client, Events, Guard, Log, json, settle};

#[procedure(prefix = "files.")]
async fn files(call: &wamp_server::Call) -> String {
    call.uri().to_owned()
}

#[session]
async fn watch(log: State<'_, Log>) -> Guard {
    log.guard("the session")
}

fn app(events: &Events, log: &Log) -> App {
    App::empty()
        .state(events.clone())
        .state(log.clone())
        .procedures(procedures![files])
        .sessions(sessions![watch])
        .procedure(
            "wait",
            async |events: SharedState<Events>, log: SharedState<Log>| {
                let _running = log.guard("the call");
                events.wait("go").await;
                "gone"
            },
        )
}

#[tokio::test(start_paused = true)]
async fn what_was_registered_is_again_and_what_ran_is_dropped() {
    let (router, events, log) = (telling_router(), Events::default(), Log::default());
    let (connect, scissors) = Fragile::new(&router);
    let joined = join_over(connect, app(&events, &log)).await;
    let mut client = Client::join(&router).await;
    client.say(r#"[48,1,{},"wait"]"#).await;
    settle().await;
    scissors.cut();
    settle().await;
    // The router says that its callee has gone; nothing comes after that.
    let error = client.next().await;
    assert_eq!(
        (&error[2], &error[4]),
        (&json!(1), &json!("wamp.error.canceled"))
    );
    assert_eq!(log.take(), ["drop the call", "drop the session"]);
    events.happen("go");
    joined
        .client()
        .connected()
        .await
        .expect("it connects again");
    client.say(r#"[48,2,{},"wait"]"#).await;
    client.hears(json!([50, 2, {}, ["gone"]])).await;
    client.say(r#"[48,3,{},"files.a.b"]"#).await;
    client.hears(json!([50, 3, {}, ["files.a.b"]])).await;
    client.hears_nothing().await;
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn calls_go_on_over_many_losses() {
    let (router, events, log) = (router(), Events::default(), Log::default());
    events.happen("go");
    let (connect, scissors) = Fragile::new(&router);
    let joined = join_over(connect, app(&events, &log)).await;
    let client = peer(&router).await;
    for round in 0..20 {
        let calls = (0..10).map(|_| client.call("wait").get::<String>());
        let calls = futures_util::future::join_all(calls);
        let (answers, ()) = futures_util::future::join(calls, async {
            if round % 2 == 0 {
                scissors.cut();
            }
        })
        .await;
        for answer in answers {
            // One answer each, whatever it is.
            if let Err(error) = answer {
                assert!(error.uri().is_some(), "{error}");
            }
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        joined
            .client()
            .connected()
            .await
            .expect("it connects again");
        let answer = client.call("wait").get::<String>().await;
        assert_eq!(answer.expect("an answer"), "gone");
    }
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_does_not_read_concerns_nobody_else() {
    let (router, events, log) = (telling_router(), Events::default(), Log::default());
    events.happen("go");
    let app =
        app(&events, &log).procedure("flood", async |progress: wamp_server::Progress<Vec<u8>>| {
            for _ in 0..1000 {
                progress.send(vec![1; 100_000]).await;
            }
        });
    let joined = super::support::join(&router, app).await;
    let mut slow = Client::join(&router).await;
    slow.say(r#"[48,1,{"receive_progress":true},"flood"]"#)
        .await;
    let (peer_of_slow, _connection) = slow.stops_reading();
    let client = peer(&router).await;
    for _ in 0..50 {
        let answer = client.call("wait").get::<String>().await;
        assert_eq!(answer.expect("an answer"), "gone");
    }
    assert!(joined.client().session().is_some());
    drop(peer_of_slow);
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn a_router_that_breaks_rules_is_left_and_joined_again() {
    use wamp_server::transport::memory;

    // A router that is played by hand: it calls twice with one number, and sends garbage after it.
    let (sender, mut connections) = tokio::sync::mpsc::unbounded_channel();
    struct ByHand(tokio::sync::mpsc::UnboundedSender<memory::Peer>);
    impl wamp_server::client::transport::Connect for ByHand {
        fn connect(&self) -> wamp_server::client::transport::Connecting<'_> {
            Box::pin(async {
                let (transport, peer) = super::support::by_hand();
                let _ = self.0.send(peer);
                Ok(transport)
            })
        }

        fn target(&self) -> String {
            "a hand".to_owned()
        }
    }
    let log = Log::default();
    let app = app(&Events::default(), &log);
    let running =
        tokio::spawn(app.join_with(Builder::over(ByHand(sender)), std::future::pending()));
    for _ in 0..3 {
        let mut router = connections.recv().await.expect("a connection");
        let hello = router.receive().await.expect("HELLO");
        assert!(hello.starts_with(b"[1,"));
        let welcome = r#"[2,7,{"roles":{"dealer":{},"broker":{}}}]"#;
        router.send(welcome).await.expect("it reads");
        for _ in 0..2 {
            let register = router.receive().await.expect("REGISTER");
            let register: serde_json::Value = serde_json::from_slice(&register).expect("JSON");
            let request = register[1].as_u64().expect("a number");
            let registered = json!([65, request, 100 + request]);
            router.send(registered.to_string()).await.expect("it reads");
            log.note(register[3].as_str().expect("a URI"));
        }
        settle().await;
        let mut registered = log.take();
        registered.retain(|it| !it.starts_with("drop"));
        registered.sort();
        assert_eq!(registered, ["files.", "wait"]);
        for message in [
            "[68,1,101,{}]",
            "[68,1,102,{}]",
            "[69,99,{}]",
            "[68,2,999,{}]",
            "[68,3,101,{\"caller\":3,\"progress\":true}]",
            "[68,3,101,{\"caller\":4,\"progress\":true}]",
        ] {
            router.send(message).await.expect("it reads");
        }
        settle().await;
        router
            .send(Bytes::from_static(b"garbage"))
            .await
            .expect("it reads");
        while let Some(message) = router.receive().await {
            assert!(!message.is_empty());
        }
    }
    running.abort();
}

//! Registrations: exactly one answer to each invocation.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use tokio::sync::Notify;
use wamp_client::host::{Callee, Link};
use wamp_client::proto::message;
use wamp_client::{CallError, Client, Invocation, Registration, RemoteError};

use crate::support::{Peer, open, open_limited, settle, spawn};

/// Registers with id 7.
async fn registered<F, Fut, T, E>(client: &Client, peer: &mut Peer, function: F) -> Registration
where
    F: Fn(Invocation) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, E>> + Send + 'static,
    T: Serialize + Send + 'static,
    E: Into<RemoteError> + Send + 'static,
{
    let registering = spawn(client.register_raw("p", function));
    let request = peer.expect(r#"[64,"*",{},"p"]"#).await.remove(0);
    peer.send(format!("[65,{request},7]"));
    registering.await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_returned_is_the_answer() {
    let (client, mut peer) = open().await;
    registered(&client, &mut peer, async |call: Invocation| {
        let (a, b): (i64, i64) = call.args()?;
        match a - b {
            0 => Err(RemoteError::new("math.equal")
                .arg("they are equal")
                .kwarg("a", a)),
            difference => Ok(difference),
        }
    })
    .await;
    peer.send("[68,1,7,{},[5,3]]");
    peer.expect("[70,1,{},[2]]").await;
    peer.send("[68,2,7,{},[5,5]]");
    peer.expect(r#"[8,68,2,{},"math.equal",["they are equal"],{"a":5}]"#)
        .await;
    peer.send(r#"[68,3,7,{},["x"]]"#);
    peer.expect(r#"[8,68,3,{},"wamp.error.invalid_argument",["*"]]"#)
        .await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn results_become_arguments() {
    let (client, mut peer) = open().await;
    registered(&client, &mut peer, async |call: Invocation| {
        Ok::<_, RemoteError>(call.decode::<serde_json::Value>()?)
    })
    .await;
    peer.send(r#"[68,1,7,{},[{"a":1}]]"#);
    peer.expect(r#"[70,1,{},[],{"a":1}]"#).await;
    peer.send("[68,2,7,{},[[1,2]]]");
    peer.expect("[70,2,{},[1,2]]").await;
    peer.send("[68,3,7,{},[null]]");
    peer.receive().await.unwrap();
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn whatever_a_function_does_there_is_one_answer() {
    struct Unserializable;
    impl Serialize for Unserializable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    struct Explosive;
    impl Serialize for Explosive {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("serialized")
        }
    }
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Bad {
        Unserializable(Unserializable),
        Explosive(Explosive),
        Huge(String),
    }
    let (client, _, mut peer) = open_limited(1000).await;
    registered(&client, &mut peer, async |call: Invocation| {
        match call.decode::<i32>()? {
            1 => panic!("on purpose"),
            2 => Ok(Bad::Unserializable(Unserializable)),
            3 => Ok(Bad::Explosive(Explosive)),
            4 => Ok(Bad::Huge("x".repeat(2000))),
            5 => Err(RemoteError::new("long.story").arg("x".repeat(2000))),
            _ => Ok(Bad::Huge("fine".to_owned())),
        }
    })
    .await;
    for (case, error) in [
        (1, "wamp.error.runtime_error"),
        (2, "wamp.error.runtime_error"),
        (3, "wamp.error.runtime_error"),
        (4, "wamp.error.payload_size_exceeded"),
        (5, "long.story"),
    ] {
        peer.send(format!("[68,{case},7,{{}},[{case}]]"));
        peer.expect(&format!(r#"[8,68,{case},{{}},"{error}"]"#))
            .await;
        peer.expect_nothing().await;
    }
    peer.send("[68,6,7,{},[6]]");
    peer.expect(r#"[70,6,{},["fine"]]"#).await;
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_drops_the_function_and_answers() {
    struct Dropped(Arc<AtomicUsize>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
            if self.0.load(Ordering::SeqCst) == 2 {
                panic!("while it is dropped");
            }
        }
    }
    let (client, mut peer) = open().await;
    let dropped = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&dropped);
    registered(&client, &mut peer, move |_: Invocation| {
        let guard = Dropped(Arc::clone(&count));
        async move {
            std::future::pending::<()>().await;
            drop(guard);
            Ok::<_, RemoteError>(())
        }
    })
    .await;
    peer.send("[68,1,7,{}]");
    peer.expect_nothing().await;
    peer.send(r#"[69,1,{"mode":"kill"}]"#);
    peer.expect(r#"[8,68,1,{},"wamp.error.canceled"]"#).await;
    // It is over, and more of that changes nothing.
    peer.send(r#"[69,1,{"mode":"killnowait"}]"#);
    peer.send(r#"[69,99,{"mode":"kill"}]"#);
    peer.send("[68,2,7,{}]");
    peer.expect_nothing().await;
    peer.send(r#"[69,2,{"mode":"killnowait"}]"#);
    peer.expect(r#"[8,68,2,{},"wamp.error.runtime_error"]"#)
        .await;
    peer.expect_nothing().await;
    assert_eq!(dropped.load(Ordering::SeqCst), 2);
    assert!(client.state().is_open());
}

#[tokio::test(start_paused = true)]
async fn a_forwarded_timeout_is_kept_here() {
    let (client, mut peer) = open().await;
    registered(&client, &mut peer, async |_: Invocation| {
        std::future::pending::<()>().await;
        Ok::<_, RemoteError>(())
    })
    .await;
    peer.send(r#"[68,1,7,{"timeout":500}]"#);
    tokio::time::sleep(std::time::Duration::from_millis(490)).await;
    peer.send("[68,2,7,{}]");
    tokio::time::sleep(std::time::Duration::from_millis(11)).await;
    peer.expect(r#"[8,68,1,{},"wamp.error.timeout"]"#).await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn progress_goes_to_those_who_asked_and_never_follows_the_answer() {
    let (client, mut peer) = open().await;
    let late = Arc::new(Notify::new());
    let (outcome, mut outcomes) = tokio::sync::mpsc::unbounded_channel();
    let later = Arc::clone(&late);
    registered(&client, &mut peer, move |call: Invocation| {
        let (later, outcome) = (Arc::clone(&later), outcome.clone());
        async move {
            call.progress(1).await?;
            call.progress((2, "two")).await?;
            tokio::spawn(async move {
                later.notified().await;
                outcome.send(call.progress(3).await).unwrap();
            });
            Ok::<_, RemoteError>("done")
        }
    })
    .await;
    peer.send(r#"[68,1,7,{"receive_progress":true}]"#);
    peer.expect(r#"[70,1,{"progress":true},[1]]"#).await;
    peer.expect(r#"[70,1,{"progress":true},[2,"two"]]"#).await;
    peer.expect(r#"[70,1,{},["done"]]"#).await;
    late.notify_one();
    assert!(matches!(outcomes.recv().await, Some(Err(CallError::Lost))));
    peer.send("[68,2,7,{}]");
    peer.expect(r#"[70,2,{},["done"]]"#).await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn input_comes_piece_by_piece() {
    let (client, mut peer) = open().await;
    registered(&client, &mut peer, async |mut call: Invocation| {
        let mut sum: i32 = call.decode()?;
        while let Some(more) = call.next_input().await {
            sum += more.decode::<i32>()?;
        }
        Ok::<_, RemoteError>(sum)
    })
    .await;
    peer.send(r#"[68,1,7,{"progress":true},[1]]"#);
    peer.send(r#"[68,1,7,{"progress":true},[2]]"#);
    peer.expect_nothing().await;
    peer.send("[68,1,7,{},[3]]");
    peer.expect("[70,1,{},[6]]").await;
    // One that is answered early: what is left is no new invocation.
    peer.send(r#"[68,2,7,{"progress":true},["x"]]"#);
    peer.expect(r#"[8,68,2,{},"wamp.error.invalid_argument",["*"]]"#)
        .await;
    peer.send(r#"[68,2,7,{"progress":true},[2]]"#);
    peer.send("[68,2,7,{},[3]]");
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_input_ends_the_invocation() {
    let (client, mut peer) = open().await;
    registered(&client, &mut peer, async |_: Invocation| {
        std::future::pending::<()>().await;
        Ok::<_, RemoteError>(())
    })
    .await;
    peer.send(r#"[68,1,7,{"progress":true},[1]]"#);
    for _ in 0..3000 {
        peer.send(r#"[68,1,7,{"progress":true},[1]]"#);
    }
    peer.expect(r#"[8,68,1,{},"wamp.error.canceled"]"#).await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_invocations_is_answered_with_errors() {
    let (client, mut peer) = open().await;
    registered(&client, &mut peer, async |_: Invocation| {
        std::future::pending::<()>().await;
        Ok::<_, RemoteError>(())
    })
    .await;
    for id in 1..=10_001 {
        peer.send(format!("[68,{id},7,{{}}]"));
    }
    peer.expect(r#"[8,68,10001,{},"wamp.error.limit_exceeded",["*"]]"#)
        .await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn an_invocation_right_after_the_answer_is_served() {
    let (client, mut peer) = open().await;
    let registering =
        spawn(client.register_raw("p", async |_: Invocation| Ok::<_, RemoteError>(1)));
    peer.expect(r#"[64,1,{},"p"]"#).await;
    peer.send("[65,1,7]");
    peer.send("[68,1,7,{}]");
    peer.expect("[70,1,{},[1]]").await;
    registering.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn nested_calls_do_not_hold_each_other_up() {
    let (client, mut peer) = open().await;
    let nested = client.clone();
    registered(&client, &mut peer, move |_: Invocation| {
        let client = nested.clone();
        async move { client.call("inner").get::<i32>().await.map(|it| it + 1) }
    })
    .await;
    peer.send("[68,1,7,{}]");
    peer.send("[68,2,7,{}]");
    peer.expect(r#"[48,2,{},"inner"]"#).await;
    peer.expect(r#"[48,3,{},"inner"]"#).await;
    peer.send("[50,3,{},[10]]");
    peer.expect("[70,2,{},[11]]").await;
    // An error passes through as it is.
    peer.send(r#"[8,48,2,{},"inner.error",["why"]]"#);
    peer.expect(r#"[8,68,1,{},"inner.error",["why"]]"#).await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_registration_is_told_once() {
    let (client, mut peer) = open().await;
    peer.send(r#"[68,1,99,{"progress":true}]"#);
    peer.send(r#"[68,1,99,{"progress":true}]"#);
    peer.send("[68,1,99,{}]");
    peer.expect(r#"[8,68,1,{},"wamp.error.no_such_registration"]"#)
        .await;
    peer.expect_nothing().await;
    assert!(client.state().is_open());
}

#[tokio::test(start_paused = true)]
async fn a_registration_that_nobody_waits_for_any_more_is_withdrawn() {
    let (client, mut peer) = open().await;
    let registering =
        spawn(client.register_raw("p", async |_: Invocation| Ok::<_, RemoteError>(())));
    peer.expect(r#"[64,1,{},"p"]"#).await;
    registering.abort();
    settle().await;
    peer.send("[65,1,7]");
    peer.expect("[66,2,7]").await;
    // Until the router knows, it is served.
    peer.send("[68,1,7,{}]");
    peer.expect("[70,1,{}]").await;
    peer.send("[67,2]");
    peer.send("[68,2,7,{}]");
    peer.expect(r#"[8,68,2,{},"wamp.error.no_such_registration"]"#)
        .await;
}

#[tokio::test(start_paused = true)]
async fn the_router_may_end_a_registration() {
    let (client, mut peer) = open().await;
    let registration = registered(&client, &mut peer, async |_: Invocation| {
        Ok::<_, RemoteError>(())
    })
    .await;
    peer.send(r#"[67,0,{"registration":7,"reason":"wamp.registration.revoked"}]"#);
    settle().await;
    assert_eq!(registration.id(), None);
    registration.unregister().await.unwrap();
    peer.expect_nothing().await;
}

struct Hysteric;

impl Callee for Hysteric {
    fn invoke(&self, _: &Link, _: message::Invocation) {
        panic!("invoked");
    }

    fn interrupt(&self, _: &Link, _: &message::Interrupt) {
        panic!("interrupted");
    }
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_panics_is_answered_for() {
    let (client, mut peer) = open().await;
    let registering = spawn(client.register_callee("p", Arc::new(Hysteric)));
    peer.expect(r#"[64,1,{},"p"]"#).await;
    peer.send("[65,1,7]");
    registering.await.unwrap().unwrap();
    for id in 1..=2 {
        peer.send(format!("[68,{id},7,{{}}]"));
        peer.expect(&format!(r#"[8,68,{id},{{}},"wamp.error.runtime_error"]"#))
            .await;
    }
    assert!(client.state().is_open());
}

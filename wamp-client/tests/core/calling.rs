//! Calls: what they give, how long they take, and what becomes of those that nobody waits for.

use std::time::Duration;

use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, advance, timeout};
use wamp_client::proto::codec::DecodeError;
use wamp_client::{CallError, CancelMode};

use crate::support::{open, open_with, settle, spawn};

#[tokio::test(start_paused = true)]
async fn results_become_what_is_asked_for() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Point {
        x: i32,
        y: i32,
    }
    let (client, mut peer) = open().await;
    let call = spawn(client.call("one").get::<i32>());
    peer.expect(r#"[48,1,{},"one"]"#).await;
    peer.send("[50,1,{},[5]]");
    assert_eq!(call.await.unwrap().unwrap(), 5);

    let call = spawn(client.call("two").get::<(i32, String)>());
    peer.expect(r#"[48,2,{},"two"]"#).await;
    peer.send(r#"[50,2,{},[5,"six"]]"#);
    assert_eq!(call.await.unwrap().unwrap(), (5, "six".to_owned()));

    let call = spawn(client.call("point").get::<Point>());
    peer.expect(r#"[48,3,{},"point"]"#).await;
    peer.send(r#"[50,3,{},[],{"x":1,"y":2}]"#);
    assert_eq!(call.await.unwrap().unwrap(), Point { x: 1, y: 2 });

    let call = spawn(client.call("nothing").get::<()>());
    peer.expect(r#"[48,4,{},"nothing"]"#).await;
    peer.send("[50,4,{}]");
    call.await.unwrap().unwrap();

    let call = spawn(client.call("all"));
    peer.expect(r#"[48,5,{},"all"]"#).await;
    peer.send(r#"[50,5,{},[1],{"x":3,"y":4}]"#);
    let result = call.await.unwrap().unwrap();
    assert_eq!(result.args::<(i32,)>().unwrap(), (1,));
    assert_eq!(result.kwargs::<Point>().unwrap(), Point { x: 3, y: 4 });
}

#[tokio::test(start_paused = true)]
async fn errors_tell_uri_and_arguments() {
    let (client, mut peer) = open().await;
    let call = spawn(client.call("x"));
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.send(r#"[8,48,1,{},"bank.broke",["no money"],{"missing":3}]"#);
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.uri(), Some("bank.broke"));
    assert_eq!(error.to_string(), "bank.broke: no money");
    let remote = error.remote().unwrap();
    assert_eq!(remote.args::<(String,)>().unwrap().0, "no money");
    assert_eq!(remote.kwargs::<serde_json::Value>().unwrap()["missing"], 3);

    let call = spawn(client.call("x").get::<i32>());
    peer.expect(r#"[48,2,{},"x"]"#).await;
    peer.send(r#"[50,2,{},["text"]]"#);
    let error = call.await.unwrap().unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.downcast_ref::<DecodeError>().is_some());
}

/// As wampy's tests have it: 1 s is not enough for 2 s, 2 s are enough for 1 s, and fractions count.
#[tokio::test(start_paused = true)]
async fn a_call_waits_as_long_as_it_says() {
    let (client, mut peer) = open().await;
    for (request, (patience, takes, in_time)) in [
        (1000, 2000, false),
        (2000, 1000, true),
        (900, 1100, false),
        (1100, 900, true),
        (1, 2, false),
    ]
    .into_iter()
    .enumerate()
    {
        let began = Instant::now();
        let patience = Duration::from_millis(patience);
        let call = spawn(client.call("x").timeout(patience).get::<u64>());
        let request = loop {
            let message = peer
                .receive()
                .await
                .unwrap_or_else(|| panic!("call {request}"));
            if message[0] == 48 {
                break message[1].as_u64().unwrap();
            }
        };
        // The router takes its time, on a clock of its own.
        let answering = async {
            tokio::time::sleep_until(began + Duration::from_millis(takes)).await;
            peer.send(format!("[50,{request},{{}},[{request}]]"));
        };
        let (answer, ()) = tokio::join!(call, answering);
        match answer.unwrap() {
            Ok(answer) => {
                assert!(in_time);
                assert_eq!(answer, request);
            }
            Err(error) => {
                assert!(!in_time);
                assert!(
                    matches!(error, CallError::Timeout(it) if it == patience),
                    "{error}"
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_not_the_next_calls() {
    let (client, mut peer) = open().await;
    let error = client
        .call("slow")
        .timeout(Duration::from_secs(1))
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Timeout(_)));
    peer.expect(r#"[48,1,{"timeout":1000},"slow"]"#).await;
    peer.expect(r#"[49,1,{"mode":"killnowait"}]"#).await;
    let call = spawn(client.call("fast").get::<String>());
    peer.expect(r#"[48,2,{},"fast"]"#).await;
    peer.send(r#"[50,1,{},["late"]]"#);
    peer.send(r#"[50,2,{},["mine"]]"#);
    assert_eq!(call.await.unwrap().unwrap(), "mine");
}

#[tokio::test(start_paused = true)]
async fn the_clients_timeout_counts_without_ones_own_and_is_kept_to_itself() {
    let (client, _, mut peer) = open_with(|it| it.call_timeout(Duration::from_secs(3))).await;
    let began = Instant::now();
    let error = client.call("x").await.unwrap_err();
    assert!(matches!(error, CallError::Timeout(it) if it == Duration::from_secs(3)));
    assert_eq!(began.elapsed().as_secs(), 3);
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.expect(r#"[49,1,{"mode":"killnowait"}]"#).await;
    let call = spawn(client.call("x").no_timeout());
    peer.expect(r#"[48,2,{},"x"]"#).await;
    advance(Duration::from_secs(15)).await;
    assert!(!call.is_finished());
    peer.send("[50,2,{}]");
    call.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_routers_timeout_is_a_timeout() {
    let (client, mut peer) = open().await;
    let call = spawn(client.call("x").timeout(Duration::from_secs(2)));
    peer.expect(r#"[48,1,{"timeout":2000},"x"]"#).await;
    peer.send(r#"[8,48,1,{},"wamp.error.timeout"]"#);
    assert!(matches!(call.await.unwrap(), Err(CallError::Timeout(it)) if it.as_secs() == 2));
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_is_canceled_once() {
    let (client, mut peer) = open().await;
    for (request, mode) in [
        (1, CancelMode::Kill),
        (2, CancelMode::Skip),
        (3, CancelMode::KillNoWait),
    ] {
        let call = spawn(client.call("x").cancel_mode(mode));
        peer.expect(&format!(r#"[48,{request},{{}},"x"]"#)).await;
        call.abort();
        let name = ["kill", "skip", "killnowait"][request - 1];
        peer.expect(&format!(r#"[49,{request},{{"mode":"{name}"}}]"#))
            .await;
        // Whatever comes now is too late.
        peer.send(format!(r#"[8,48,{request},{{}},"wamp.error.canceled"]"#));
        peer.expect_nothing().await;
    }
    assert!(client.state().is_open());
}

#[tokio::test(start_paused = true)]
async fn an_answered_call_is_not_canceled() {
    let (client, mut peer) = open().await;
    let mut call = Box::pin(client.call("x").into_future());
    assert!(futures_util::poll!(&mut call).is_pending());
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.send("[50,1,{}]");
    settle().await;
    // It has not been polled since.
    drop(call);
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_router_that_cannot_cancel_is_not_asked_to() {
    let (mut router, connect) = crate::support::Router::new(Default::default());
    let connecting = spawn(wamp_client::Builder::over(connect).connect());
    let mut peer = router.accept().await;
    peer.expect(r#"[1,"*","*"]"#).await;
    peer.send(r#"[2,1,{"roles":{"dealer":{},"broker":{}}}]"#);
    let client = connecting.await.unwrap().unwrap();
    let call = spawn(client.call("x"));
    peer.expect(r#"[48,1,{},"x"]"#).await;
    call.abort();
    peer.expect_nothing().await;
    peer.send("[50,1,{}]");
    settle().await;
    assert!(client.state().is_open());
}

#[tokio::test(start_paused = true)]
async fn a_call_keeps_its_client() {
    let (client, mut peer) = open().await;
    let call = spawn(client.call("x").get::<i32>());
    drop(client);
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.expect_nothing().await;
    peer.send("[50,1,{},[1]]");
    assert_eq!(call.await.unwrap().unwrap(), 1);
    peer.expect(r#"[6,{},"wamp.close.close_realm"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn progress_comes_before_the_result() {
    let (client, mut peer) = open().await;
    let mut call = client.call("x").progress();
    let reading = spawn(async move {
        let mut steps = Vec::new();
        while let Some(step) = call.next().await {
            steps.push(step.decode::<i32>().unwrap());
        }
        (
            steps,
            call.result().await.unwrap().decode::<String>().unwrap(),
        )
    });
    peer.expect(r#"[48,1,{"receive_progress":true},"x"]"#).await;
    for step in 0..3 {
        peer.send(format!(r#"[50,1,{{"progress":true}},[{step}]]"#));
    }
    peer.send(r#"[50,1,{},["done"]]"#);
    assert_eq!(reading.await.unwrap(), (vec![0, 1, 2], "done".to_owned()));
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn the_time_counts_from_one_step_to_the_next() {
    let (client, mut peer) = open().await;
    let mut call = client.call("x").timeout(Duration::from_secs(1)).progress();
    let reading = spawn(async move {
        let mut steps = 0;
        while call.next().await.is_some() {
            steps += 1;
        }
        (steps, call.result().await)
    });
    peer.expect(r#"[48,1,{"receive_progress":true,"timeout":1000},"x"]"#)
        .await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(900)).await;
        peer.send(r#"[50,1,{"progress":true}]"#);
    }
    let (steps, result) = reading.await.unwrap();
    assert_eq!(steps, 3);
    assert!(matches!(result, Err(CallError::Timeout(_))));
    peer.expect(r#"[49,1,{"mode":"killnowait"}]"#).await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn progress_that_nobody_reads_ends_the_call() {
    let (client, mut peer) = open().await;
    let mut call = client.call("x").progress();
    assert!(
        timeout(Duration::from_millis(1), call.next())
            .await
            .is_err()
    );
    peer.expect(r#"[48,1,{"receive_progress":true},"x"]"#).await;
    for _ in 0..2000 {
        peer.send(r#"[50,1,{"progress":true}]"#);
    }
    peer.expect(r#"[49,1,{"mode":"killnowait"}]"#).await;
    assert!(matches!(call.result().await, Err(CallError::Overflow)));
    peer.expect_nothing().await;
    assert!(client.state().is_open());
}

#[tokio::test(start_paused = true)]
async fn progress_in_huge_messages_ends_the_call_sooner() {
    let (client, mut peer) = open().await;
    let mut call = client.call("x").progress();
    assert!(
        timeout(Duration::from_millis(1), call.next())
            .await
            .is_err()
    );
    peer.expect(r#"[48,1,{"receive_progress":true},"x"]"#).await;
    let step = format!(r#"[50,1,{{"progress":true}},["{}"]]"#, "x".repeat(1 << 20));
    for _ in 0..70 {
        peer.send(&step);
    }
    peer.expect(r#"[49,1,{"mode":"killnowait"}]"#).await;
    assert!(matches!(call.result().await, Err(CallError::Overflow)));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_progress_may_be_given_up_and_begun_again() {
    let (client, mut peer) = open().await;
    // There is no room, so the call cannot even begin.
    peer.stall(true);
    client.publish("t").arg("x".repeat(2 << 20)).await.unwrap();
    let mut call = client.call("x").progress();
    assert!(
        timeout(Duration::from_millis(1), call.next())
            .await
            .is_err()
    );
    peer.stall(false);
    peer.expect(r#"[16,1,{},"t","*"]"#).await;
    let reading = spawn(async move {
        let step = call.next().await.unwrap().decode::<i32>().unwrap();
        (step, call.result().await.unwrap().decode::<i32>().unwrap())
    });
    peer.expect(r#"[48,2,{"receive_progress":true},"x"]"#).await;
    peer.send(r#"[50,2,{"progress":true},[1]]"#);
    peer.send("[50,2,{},[2]]");
    assert_eq!(reading.await.unwrap(), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn progress_that_was_not_asked_for_is_passed_over() {
    let (client, mut peer) = open().await;
    let call = spawn(client.call("x").get::<i32>());
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.send(r#"[50,1,{"progress":true},[1]]"#);
    peer.send("[50,1,{},[2]]");
    assert_eq!(call.await.unwrap().unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_arguments_ends_with_the_last() {
    let (client, mut peer) = open().await;
    let call = spawn(client.call("sum").arg(0).send(stream::iter([1, 2, 3])));
    peer.expect(r#"[48,1,{"progress":true},"sum",[0]]"#).await;
    peer.expect(r#"[48,1,{"progress":true},"sum",[1]]"#).await;
    peer.expect(r#"[48,1,{"progress":true},"sum",[2]]"#).await;
    peer.expect(r#"[48,1,{},"sum",[3]]"#).await;
    peer.send("[50,1,{},[6]]");
    assert_eq!(call.await.unwrap().unwrap().decode::<i32>().unwrap(), 6);
    // Ids go on from there.
    let _next = spawn(client.call("next"));
    peer.expect(r#"[48,2,{},"next"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn an_empty_stream_ends_with_nothing() {
    let (client, mut peer) = open().await;
    let _call = spawn(client.call("sum").send(stream::empty::<i32>()));
    peer.expect(r#"[48,1,{"progress":true},"sum"]"#).await;
    peer.expect(r#"[48,1,{},"sum"]"#).await;
}

#[tokio::test(start_paused = true)]
async fn an_early_answer_ends_the_stream() {
    let (client, mut peer) = open().await;
    let call = spawn(client.call("x").send(stream::pending::<i32>()));
    peer.expect(r#"[48,1,{"progress":true},"x"]"#).await;
    peer.send(r#"[8,48,1,{},"enough"]"#);
    assert_eq!(call.await.unwrap().unwrap_err().uri(), Some("enough"));
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_value_that_cannot_be_sent_ends_the_stream_and_the_call() {
    let (client, mut peer) = open().await;
    let values = stream::iter([Odd(1), Odd(2), Odd(3)]);
    let call = spawn(client.call("x").send(values));
    peer.expect(r#"[48,1,{"progress":true},"x"]"#).await;
    peer.expect(r#"[49,1,{"mode":"killnowait"}]"#).await;
    assert!(matches!(call.await.unwrap(), Err(CallError::Encode(_))));
}

/// A number that can only be sent if it is odd.
struct Odd(u32);

impl Serialize for Odd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 % 2 {
            1 => serializer.serialize_u32(self.0),
            _ => Err(serde::ser::Error::custom("even")),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_get_their_own_answers_in_whatever_order() {
    let (client, mut peer) = open().await;
    let calls: Vec<_> = (0..100)
        .map(|n| (n, spawn(client.call("echo").arg(n).get::<u64>())))
        .collect();
    let mut requests = Vec::new();
    for _ in 0..100 {
        let parts = peer.expect(r#"[48,"*",{},"echo",["*"]]"#).await;
        requests.push((parts[0].clone(), parts[1].clone()));
    }
    // Odd ones backwards, then even ones.
    let (odd, even): (Vec<_>, Vec<_>) = requests
        .into_iter()
        .partition(|(id, _)| id.as_u64().unwrap() % 2 == 1);
    for (id, n) in odd.into_iter().rev().chain(even) {
        peer.send(format!("[50,{id},{{}},[{n}]]"));
    }
    for (n, call) in calls {
        assert_eq!(call.await.unwrap().unwrap(), n);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_without_room_is_given_up_in_time() {
    let (client, mut peer) = open().await;
    peer.stall(true);
    client.publish("t").arg("x".repeat(2 << 20)).await.unwrap();
    let began = Instant::now();
    let error = client
        .call("x")
        .timeout(Duration::from_secs(2))
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Timeout(_)), "{error}");
    assert_eq!(began.elapsed().as_secs(), 2);
    let error = client.publish("t").await.unwrap_err();
    assert!(matches!(error, CallError::Timeout(_)), "{error}");
    // Nothing of it was sent.
    peer.stall(false);
    peer.expect(r#"[16,1,{},"t","*"]"#).await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn two_clients_do_not_share_anything() {
    let (one, mut peer_of_one) = open().await;
    let (two, mut peer_of_two) = open().await;
    let call_of_one = spawn(one.call("x").get::<i32>());
    let call_of_two = spawn(two.call("x").get::<i32>());
    peer_of_one.expect(r#"[48,1,{},"x"]"#).await;
    peer_of_two.expect(r#"[48,1,{},"x"]"#).await;
    peer_of_two.send("[50,1,{},[2]]");
    peer_of_one.send("[50,1,{},[1]]");
    assert_eq!(call_of_one.await.unwrap().unwrap(), 1);
    assert_eq!(call_of_two.await.unwrap().unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_client_lives_on_when_nothing_happens() {
    let (client, mut peer) = open().await;
    advance(Duration::from_secs(5)).await;
    let call = spawn(client.call("x"));
    peer.expect(r#"[48,1,{},"x"]"#).await;
    peer.send("[50,1,{}]");
    call.await.unwrap().unwrap();
}

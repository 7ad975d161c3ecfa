//! Calls that are given arguments one by one, and report one by one.

use std::time::Duration;

use futures_util::stream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use wamp_client::CallError;
use wamp_client::proto::message::details::CallOptions;

use crate::support::{open, spawn};

#[tokio::test(start_paused = true)]
async fn arguments_go_while_progress_comes() {
    let (client, mut peer) = open().await;
    let (sender, mut receiver) = mpsc::unbounded_channel::<u8>();
    let values = stream::poll_fn(move |cx| receiver.poll_recv(cx));
    let call = client.call("x").arg(0).timeout(Duration::from_secs(1));
    let mut call = call.progress().input(values);
    let reading = spawn(async move {
        let mut steps = Vec::new();
        while let Some(step) = call.next().await {
            steps.push(step.decode::<i32>().unwrap());
        }
        (steps, call.result().await.unwrap().decode::<i32>().unwrap())
    });
    let options = |progress| match progress {
        true => r#"{"progress":true,"receive_progress":true,"timeout":1000}"#,
        false => r#"{"receive_progress":true,"timeout":1000}"#,
    };
    peer.expect(&format!(r#"[48,1,{},"x",[0]]"#, options(true)))
        .await;
    for n in 1..4 {
        // However long they take.
        tokio::time::sleep(Duration::from_secs(5)).await;
        sender.send(n).unwrap();
        peer.send(format!(r#"[50,1,{{"progress":true}},[{n}]]"#));
        if n > 1 {
            let before = n - 1;
            peer.expect(&format!(r#"[48,1,{},"x",[{before}]]"#, options(true)))
                .await;
        }
    }
    drop(sender);
    peer.expect(&format!(r#"[48,1,{},"x",[3]]"#, options(false)))
        .await;
    peer.send("[50,1,{},[7]]");
    assert_eq!(reading.await.unwrap(), (vec![1, 2, 3], 7));
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn once_all_was_said_the_answer_is_due() {
    let (client, mut peer) = open().await;
    let call = client.call("x").timeout(Duration::from_secs(1)).progress();
    let call = spawn(call.input(stream::iter([1])).result());
    peer.expect(r#"[48,1,"*","x"]"#).await;
    peer.expect(r#"[48,1,"*","x",[1]]"#).await;
    assert!(matches!(call.await.unwrap(), Err(CallError::Timeout(_))));
    peer.expect(r#"[49,1,{"mode":"killnowait"}]"#).await;
}

#[tokio::test(start_paused = true)]
async fn the_callee_may_end_it_and_so_may_the_caller() {
    let (client, mut peer) = open().await;
    let call = spawn(
        client
            .call("x")
            .progress()
            .input(stream::pending::<i32>())
            .result(),
    );
    peer.expect(r#"[48,1,"*","x"]"#).await;
    peer.send("[50,1,{},[7]]");
    assert_eq!(call.await.unwrap().unwrap().decode::<i32>().unwrap(), 7);
    peer.expect_nothing().await;

    let mut call = client.call("x").progress().input(stream::pending::<i32>());
    let waited = timeout(Duration::from_millis(1), call.next()).await;
    assert!(waited.is_err());
    peer.expect(r#"[48,2,"*","x"]"#).await;
    drop(call);
    peer.expect(r#"[49,2,{"mode":"killnowait"}]"#).await;
    peer.expect_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn progress_is_no_harm_to_those_who_only_want_the_result() {
    let (client, mut peer) = open().await;
    let options = || CallOptions {
        receive_progress: true,
        ..CallOptions::default()
    };
    let call = spawn(client.call("x").options(options()).get::<i32>());
    peer.expect(r#"[48,1,{"receive_progress":true},"x"]"#).await;
    peer.send(r#"[50,1,{"progress":true},[1]]"#);
    peer.send("[50,1,{},[2]]");
    assert_eq!(call.await.unwrap().unwrap(), 2);

    let call = client.call("x").options(options());
    let call = spawn(call.send(stream::iter([1])));
    peer.expect(r#"[48,2,"*","x"]"#).await;
    peer.expect(r#"[48,2,"*","x",[1]]"#).await;
    peer.send(r#"[50,2,{"progress":true},[1]]"#);
    peer.send("[50,2,{},[2]]");
    assert_eq!(call.await.unwrap().unwrap().decode::<i32>().unwrap(), 2);
    peer.expect_nothing().await;
}

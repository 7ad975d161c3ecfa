//! `wamp subscribe` through pipes.

use serde_json::{Value, json};

use super::support::{Running, json, router, told};
use crate::support::{Folder, Router};

#[tokio::test]
async fn events_are_lines_of_json() {
    let router = router().await;
    let mut subscriber = Running::ready(&router, &["subscribe", "com.example.news"]).await;
    let publication = json(
        &router,
        &[
            "publish",
            "com.example.news",
            "grüße",
            "[1]",
            "-k",
            "b=2",
            "-k",
            "a=1",
            "--acknowledge",
            "--json",
        ],
    )
    .await;
    let id = &publication["publication"];
    let expected = format!(
        r#"{{"topic":"com.example.news","publication":{id},"details":{{}},"args":["grüße",[1]],"kwargs":{{"b":2,"a":1}}}}"#
    );
    assert_eq!(subscriber.line().await, expected);
    #[cfg(unix)]
    {
        subscriber.signal(rustix::process::Signal::INT);
        assert_eq!(subscriber.ended().await.code(), Some(0));
    }
}

#[tokio::test]
async fn patterns_name_the_topic_and_counts_end_it() {
    let router = router().await;
    let prefix = [
        "subscribe",
        "com.example",
        "--match",
        "prefix",
        "--count",
        "2",
    ];
    let mut prefix = Running::ready(&router, &prefix).await;
    let wildcard = ["subscribe", "com..b", "--match", "wildcard", "--count", "1"];
    let mut wildcard = Running::ready(&router, &wildcard).await;
    for topic in ["com.example.a", "com.example.b"] {
        told(&router, &["publish", topic, "--acknowledge"]).await;
    }
    for topic in ["com.example.a", "com.example.b"] {
        let event: Value = serde_json::from_str(&prefix.line().await).expect("it is JSON");
        assert_eq!(event["topic"], topic);
        assert_eq!(event["details"], json!({"topic": topic}));
    }
    let event: Value = serde_json::from_str(&wildcard.line().await).expect("it is JSON");
    assert_eq!(event["topic"], "com.example.b");
    assert_eq!(prefix.ended().await.code(), Some(0));
    assert_eq!(wildcard.ended().await.code(), Some(0));
}

#[tokio::test]
async fn a_router_that_dies_and_comes_back_is_subscribed_to_again() {
    let router = router().await;
    let address = router.address().to_string();
    let mut subscriber = Running::ready(&router, &["subscribe", "com.example.news"]).await;
    router.kill().await;
    subscriber.says("the connection was lost").await;
    let router = Router::start(&["--listen", &address]).await;
    subscriber.says("connected again").await;
    told(&router, &["publish", "com.example.news", "again"]).await;
    let event: Value = serde_json::from_str(&subscriber.line().await).expect("it is JSON");
    assert_eq!(event["args"], json!(["again"]));
}

#[tokio::test]
async fn what_a_router_does_not_want_again_is_an_error() {
    let router = router().await;
    let folder = Folder::new(&format!(
        "[[listener]]\naddress = \"{}\"\n[[realm]]\nname = \"realm1\"\n[[realm.role]]\nname = \"anonymous\"\n",
        router.address()
    ));
    let mut subscriber = Running::ready(&router, &["subscribe", "com.example.news"]).await;
    let mut callee = Running::registered(&router, &["com.example.echo", "--echo"]).await;
    router.kill().await;
    subscriber.says("the connection was lost").await;
    callee.says("the connection was lost").await;
    let _router = folder.start().await;
    for mut refused in [subscriber, callee] {
        refused.says("wamp: wamp.error.not_authorized").await;
        assert_eq!(refused.ended().await.code(), Some(7));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_procedure_that_somebody_else_offers_meanwhile_is_not_said_to_be_registered() {
    let router = router().await;
    let address = router.address().to_string();
    let register = ["com.example.echo", "--echo"];
    let mut callee = Running::registered(&router, &register).await;
    callee.signal(rustix::process::Signal::STOP);
    router.kill().await;
    let router = Router::start(&["--listen", &address]).await;
    let _other = Running::registered(&router, &register).await;
    callee.signal(rustix::process::Signal::CONT);
    let line = callee.says("connected again").await;
    assert!(
        line.ends_with("somebody else offers it now, trying until it is free"),
        "{line}"
    );
}

#[tokio::test]
async fn it_ends_quietly_when_nobody_reads() {
    let router = router().await;
    let mut subscriber = Running::ready(&router, &["subscribe", "com.example.news"]).await;
    drop(subscriber.stdout.take());
    told(&router, &["publish", "com.example.news", "--acknowledge"]).await;
    assert_eq!(subscriber.ended().await.code(), Some(0));
    let more = subscriber.stderr.next_line().await.expect("it is text");
    assert_eq!(more, None);
}

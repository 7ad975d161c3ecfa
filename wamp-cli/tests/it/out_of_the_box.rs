//! `wamp router` without a file.

use serde_json::json;
use wamp_tests::client::{Client, args};

use crate::support::{Router, answer, call, register, run, wamp};

#[tokio::test]
async fn clients_call_each_other_and_hear_from_each_other() {
    let router = Router::start(&["--listen", "127.0.0.1:0"]).await;
    let address = router.address();
    let line = format!("listening on ws://{address} (WebSocket and RawSocket)");
    assert_eq!(router.lines, [line]);
    assert_ne!(address.port(), 0);

    let (mut callee, mut caller) = (router.join("any").await, router.join("any").await);
    register(&mut callee, "com.example.add").await;
    let request = caller
        .start_call("com.example.add", json!({}), args(json!([2, 3])))
        .await;
    answer(&mut callee, json!(5)).await;
    let result = caller.receive().await;
    assert_eq!(caller.outcome(request, &result), json!([[5]]));

    let subscription = callee.subscribe("com.example.news").await;
    caller
        .publish("com.example.news", args(json!(["hi"])))
        .await;
    assert_eq!(callee.event(subscription).await, json!([["hi"]]));

    // The meta API is there, power over others is not.
    let count = call(&mut caller, "wamp.session.count").await;
    assert_eq!(count, json!(2));
    let killed = call(&mut caller, "wamp.session.kill_all").await;
    assert_eq!(killed, json!("wamp.error.not_authorized"));
}

#[tokio::test]
async fn every_realm_is_served_or_those_that_are_named() {
    let knock = async |router: &Router, realm: &str| {
        let mut client = Client::connect(router.address(), "/").await;
        client.knock(realm, json!({})).await[2].clone()
    };
    let all = Router::start(&["--listen", "127.0.0.1:0"]).await;
    assert!(knock(&all, "whatever").await.is_object());
    let some = ["--listen", "127.0.0.1:0", "--realm", "a", "--realm", "b"];
    let some = Router::start(&some).await;
    assert!(knock(&some, "a").await.is_object());
    assert!(knock(&some, "b").await.is_object());
    assert_eq!(knock(&some, "c").await, "wamp.error.no_such_realm");
}

#[tokio::test]
async fn several_addresses_are_listened_on() {
    let arguments = ["router", "--listen", "127.0.0.1:0,127.0.0.1:0"];
    let router = Router::spawn(&mut wamp(&arguments), 2).await;
    assert_ne!(router.address_of(0), router.address_of(1));
    for listener in [0, 1] {
        Client::join(router.address_of(listener), "a").await;
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_of() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let taken = taken.expect("there is a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let output = run(&["router", "--listen", &address], "").await;
    assert_eq!(output.status.code(), Some(4));
    assert_eq!(output.stdout, b"");
    let error = String::from_utf8_lossy(&output.stderr);
    let expected = format!("wamp: `{address}` cannot be listened on: Address already in use");
    assert!(error.contains(&expected), "{error}");
}

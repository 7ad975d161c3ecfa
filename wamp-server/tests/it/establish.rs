//! From HELLO to the end of a session: what opens one, what is announced, and what comes after it.

use std::collections::HashSet;
use std::time::Duration;

use wamp_server::{App, Limits, Session, procedure, procedures};

use crate::support::{ANY, Client, HELLO, build, json, nothing_is_left, settle};

#[procedure("echo")]
async fn echo(value: i64) -> i64 {
    value
}

#[procedure("who")]
async fn who(session: &Session) -> u64 {
    session.id().get()
}

fn app() -> App {
    App::empty().procedures(procedures![echo, who])
}

#[tokio::test(start_paused = true)]
async fn welcome_announces_what_is_implemented_and_nothing_else() {
    let server = build(app());
    let mut client = Client::connect(&server);
    client.say(HELLO).await;
    let welcome = client.next().await;
    assert_eq!(welcome[0], 2);
    let id = welcome[1].as_u64().expect("an id");
    assert!((1..=1 << 53).contains(&id));
    let details = &welcome[2];
    assert_eq!(
        details["roles"],
        json!({
            "broker": {"features": {
                "publisher_identification": true,
                "publication_trustlevels": true,
            }},
            "dealer": {"features": {
                "progressive_call_results": true,
                "progressive_call_invocations": true,
                "call_timeout": true,
                "call_canceling": true,
                "caller_identification": true,
                "call_trustlevels": true,
            }},
        })
    );
    assert_eq!(details["realm"], "realm1");
    for key in ["agent", "authid", "authrole", "authmethod", "authprovider"] {
        assert!(details[key].is_string(), "{key}: {details}");
    }
}

#[tokio::test(start_paused = true)]
async fn session_ids_are_unique_and_what_handlers_see() {
    let server = build(app());
    let mut clients = Vec::new();
    let mut ids = HashSet::new();
    for _ in 0..50 {
        let mut client = Client::connect(&server);
        let id = client.hello().await;
        assert!(ids.insert(id), "{id} twice");
        client.say(r#"[48,1,{},"who"]"#).await;
        client.hears(json!([50, 1, {}, [id]])).await;
        clients.push(client);
    }
    assert_eq!(server.stats().sessions, 50);
    assert_eq!(server.stats().opened_sessions, 50);
}

#[tokio::test(start_paused = true)]
async fn details_of_hello_that_are_unknown_or_null_are_ignored() {
    let server = build(app());
    for hello in [
        r#"[1,"realm1",{"roles":{"caller":{"features":{"call_timeout":true,"no_such":true}}},"x_y_z":[1]}]"#,
        r#"[1,"realm1",{"roles":{"caller":{"features":null}},"authmethods":null,"authid":null,"agent":null}]"#,
        r#"[1,"realm1",{"roles":{"caller":{}},"authmethods":["ticket","anonymous"],"authid":"joe","authextra":{"a":1}}]"#,
        r#"[1,"realm1",{"roles":{"caller":{},"someone":{}}}]"#,
    ] {
        let mut client = Client::connect(&server);
        client.say(hello).await;
        client.hears(json!([2, ANY, ANY])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn hello_without_a_role_is_illegal() {
    let server = build(app());
    for hello in [
        r#"[1,"realm1",{"roles":{}}]"#,
        r#"[1,"realm1",{"roles":{"someone":{}}}]"#,
    ] {
        let mut client = Client::connect(&server);
        client.say(hello).await;
        client.is_told_off_for("HELLO.Details.roles").await;
    }
    settle().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_realm_that_is_not_a_uri_is_refused() {
    let server = build(app());
    for realm in ["", "a b", "a..b", "a#b", &"x".repeat(200)] {
        let mut client = Client::connect(&server);
        client
            .say(json!([1, realm, {"roles": {"caller": {}}}]).to_string())
            .await;
        client
            .hears(json!([3, {"message": ANY}, "wamp.error.invalid_uri"]))
            .await;
        client.hears_the_end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_hung_up_on() {
    let server = build(app().limits(Limits {
        hello_timeout: Duration::from_secs(3),
        ..Limits::default()
    }));
    let mut client = Client::connect(&server);
    let abort =
        json!([3, {"message": "HELLO did not come in time"}, "wamp.error.protocol_violation"]);
    client.hears_after(Duration::from_secs(3), abort).await;
    client.hears_the_end().await;
    settle().await;
    assert_eq!(server.stats().limits_hit, 1);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_before_hello_leaves_nothing() {
    let server = build(app());
    Client::connect(&server).vanish().await;
    nothing_is_left(&server);
    assert_eq!(server.stats().violations, 0);
}

#[tokio::test(start_paused = true)]
async fn abort_before_hello_ends_the_connection_without_an_answer() {
    let server = build(app());
    let mut client = Client::connect(&server);
    client.say(r#"[3,{},"wamp.error.abort"]"#).await;
    client.hears_the_end().await;
    assert_eq!(server.stats().violations, 0);
}

#[tokio::test(start_paused = true)]
async fn abort_in_a_session_ends_the_connection_without_an_answer() {
    let server = build(app());
    let mut client = Client::join(&server).await;
    client
        .say(r#"[3,{"message":"enough"},"wamp.error.abort"]"#)
        .await;
    client.hears_the_end().await;
    client.ended().await;
    nothing_is_left(&server);
    assert_eq!(server.stats().violations, 0);
}

#[tokio::test(start_paused = true)]
async fn goodbye_is_answered_byte_for_byte() {
    let server = build(app());
    let mut client = Client::join(&server).await;
    client
        .say(r#"[6,{"message":"bye"},"wamp.close.system_shutdown"]"#)
        .await;
    client
        .hears_bytes(r#"[6,{},"wamp.close.goodbye_and_out"]"#)
        .await;
    assert_eq!(server.stats().sessions, 0);
}

#[tokio::test(start_paused = true)]
async fn calls_after_goodbye_are_not_served() {
    let server = build(app());
    let mut client = Client::join(&server).await;
    client.goodbye().await;
    client.say(r#"[48,1,{},"echo",[1]]"#).await;
    client.is_told_off_for("CALL before HELLO").await;
    assert_eq!(server.stats().calls, 0);
}

#[tokio::test(start_paused = true)]
async fn after_goodbye_the_transport_carries_a_new_session() {
    let server = build(app());
    let mut client = Client::connect(&server);
    let first = client.hello().await;
    client.say(r#"[48,1,{},"echo",[1]]"#).await;
    client.hears(json!([50, 1, {}, [1]])).await;
    client.goodbye().await;

    let second = client.hello().await;
    assert_ne!(first, second);
    client.say(r#"[48,1,{},"who"]"#).await;
    client.hears(json!([50, 1, {}, [second]])).await;
    assert_eq!(
        (server.stats().sessions, server.stats().opened_sessions),
        (1, 2)
    );
    client.goodbye().await;
    client.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_long_silence_ends_no_session_in_memory() {
    let server = build(app());
    let mut client = Client::join(&server).await;
    tokio::time::sleep(Duration::from_secs(3 * 24 * 60 * 60)).await;
    client.say(r#"[48,1,{},"echo",[7]]"#).await;
    client.hears(json!([50, 1, {}, [7]])).await;
    assert_eq!(server.stats().lost_peers, 0);
}

#[tokio::test(start_paused = true)]
async fn more_connections_than_allowed_are_closed_at_once() {
    let server = build(app().limits(Limits {
        max_connections: 2,
        ..Limits::default()
    }));
    let first = Client::join(&server).await;
    let _second = Client::join(&server).await;
    let mut third = Client::connect(&server);
    third.hears_the_end().await;
    first.vanish().await;
    Client::join(&server).await;
}

#[tokio::test(start_paused = true)]
async fn a_hello_that_is_too_long_is_not_read() {
    let server = build(app().limits(Limits {
        max_hello: 1024,
        ..Limits::default()
    }));
    let mut client = Client::connect(&server);
    let agent = "x".repeat(1024);
    client
        .say(json!([1, "realm1", {"roles": {"caller": {}}, "agent": agent}]).to_string())
        .await;
    client.hears_the_end().await;
    assert_eq!(server.stats().limits_hit, 1);
}

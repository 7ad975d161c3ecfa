//! What a client must not say: ABORT that names the problem, then the end, and nothing is served afterwards.

use wamp_server::{App, Server, SharedState};

use crate::support::{ANY, Client, Log, build, json, nothing_is_left};

fn server(log: &Log) -> Server {
    let handler = async |log: SharedState<Log>| log.note("served");
    build(
        App::empty()
            .state(log.clone())
            .procedure("serve", handler)
            .subscriber("serve", handler),
    )
}

const SERVE: &str = r#"[48,99,{},"serve"]"#;

/// The server is told `message` and something that it would serve.
async fn say(client: &mut Client, message: &str) {
    client.say(message).await;
    client.try_say(SERVE).await;
}

#[tokio::test(start_paused = true)]
async fn before_hello_everything_else_is_illegal() {
    let log = Log::default();
    let server = server(&log);
    for (message, problem) in [
        (r#"[2,1,{"roles":{"dealer":{}}}]"#, "WELCOME"),
        (r#"[4,"ticket",{}]"#, "CHALLENGE"),
        (r#"[5,"secret",{}]"#, "AUTHENTICATE"),
        (r#"[6,{},"wamp.close.normal"]"#, "GOODBYE"),
        (r#"[8,48,1,{},"a.b"]"#, "ERROR"),
        (r#"[16,1,{},"serve"]"#, "PUBLISH"),
        ("[17,1,2]", "PUBLISHED"),
        (r#"[32,1,{},"serve"]"#, "SUBSCRIBE"),
        ("[33,1,2]", "SUBSCRIBED"),
        ("[34,1,2]", "UNSUBSCRIBE"),
        ("[35,1]", "UNSUBSCRIBED"),
        ("[36,1,2,{}]", "EVENT"),
        (SERVE, "CALL"),
        ("[49,1,{}]", "CANCEL"),
        ("[50,1,{}]", "RESULT"),
        (r#"[64,1,{},"serve"]"#, "REGISTER"),
        ("[65,1,2]", "REGISTERED"),
        ("[66,1,2]", "UNREGISTER"),
        ("[67,1]", "UNREGISTERED"),
        ("[68,1,2,{}]", "INVOCATION"),
        ("[69,1,{}]", "INTERRUPT"),
        ("[70,1,{}]", "YIELD"),
        ("[337,1]", "EVENT_RECEIVED"),
    ] {
        for after_goodbye in [false, true] {
            let mut client = Client::connect(&server);
            if after_goodbye {
                client.hello().await;
                client.goodbye().await;
            }
            say(&mut client, message).await;
            client
                .is_told_off_for(&format!("{problem} before HELLO"))
                .await;
            client.ended().await;
        }
    }
    assert_eq!(log.take(), [""; 0]);
    assert_eq!(server.stats().violations, 46);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn in_a_session_what_only_routers_say_is_illegal() {
    let log = Log::default();
    let server = server(&log);
    for (message, problem) in [
        (r#"[1,"realm1",{"roles":{"caller":{}}}]"#, "HELLO"),
        (r#"[2,1,{"roles":{"dealer":{}}}]"#, "WELCOME"),
        (r#"[4,"ticket",{}]"#, "CHALLENGE"),
        (r#"[5,"secret",{}]"#, "AUTHENTICATE"),
        (r#"[8,48,1,{},"a.b"]"#, "ERROR"),
        (r#"[8,32,1,{},"a.b"]"#, "ERROR"),
        ("[17,1,2]", "PUBLISHED"),
        ("[33,1,2]", "SUBSCRIBED"),
        ("[35,1]", "UNSUBSCRIBED"),
        ("[36,1,2,{}]", "EVENT"),
        ("[50,1,{}]", "RESULT"),
        ("[65,1,2]", "REGISTERED"),
        ("[67,1]", "UNREGISTERED"),
        ("[68,1,2,{}]", "INVOCATION"),
        ("[69,1,{}]", "INTERRUPT"),
    ] {
        let mut client = Client::join(&server).await;
        say(&mut client, message).await;
        client.is_told_off_for(problem).await;
        client.ended().await;
    }
    assert_eq!(log.take(), [""; 0]);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn in_a_session_what_clients_say_is_answered_or_harmless() {
    let log = Log::default();
    let server = server(&log);
    let mut client = Client::join(&server).await;
    for (message, answer) in [
        (
            r#"[16,1,{"acknowledge":true},"serve"]"#,
            Some(json!([17, 1, ANY])),
        ),
        (r#"[16,2,{},"serve"]"#, None),
        (
            r#"[32,3,{},"nobody"]"#,
            Some(json!([8, 32, 3, {}, "wamp.error.invalid_uri", ANY])),
        ),
        (
            "[34,4,5]",
            Some(json!([8, 34, 4, {}, "wamp.error.no_such_subscription"])),
        ),
        (r#"[48,5,{},"serve"]"#, Some(json!([50, 5, {}]))),
        ("[49,5,{}]", None),
        (
            r#"[64,6,{},"mine"]"#,
            Some(json!([8, 64, 6, {}, "wamp.error.not_authorized", ANY])),
        ),
        (
            "[66,7,8]",
            Some(json!([8, 66, 7, {}, "wamp.error.no_such_registration"])),
        ),
        ("[70,9,{}]", None),
        (r#"[8,68,9,{},"a.b"]"#, None),
        ("[337,9]", None),
    ] {
        client.say(message).await;
        match answer {
            Some(answer) => client.hears(answer).await,
            None => client.hears_nothing().await,
        }
    }
    client.goodbye().await;
    assert_eq!(server.stats().violations, 0);
    assert_eq!(log.take(), ["served"; 3]);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_message_is_illegal_at_any_time() {
    let log = Log::default();
    let server = server(&log);
    for (frame, problem) in [
        ("", "malformed"),
        ("hello", "malformed"),
        ("[48,1,{},\"serve\"", "malformed"),
        ("[48,1,{},\"serve\"] []", "malformed"),
        ("[48,1,{},\"serve\",[1,]]", "malformed"),
        ("\u{feff}[48,1,{},\"serve\"]", "malformed"),
        ("5", "must be a list"),
        ("null", "must be a list"),
        ("{}", "must be a list"),
        ("\"x\"", "must be a list"),
        ("[]", "empty list"),
        ("[null]", "must begin with its type"),
        (r#"["48",1,{},"serve"]"#, "must begin with its type"),
        ("[-1]", "must begin with its type"),
        ("[0]", "type"),
        ("[7,1]", "type"),
        ("[999,1]", "type"),
        ("[18446744073709551616]", "type"),
        ("[1]", "HELLO"),
        ("[48]", "CALL.Request"),
        ("[48,1]", "CALL.Options"),
        ("[48,1,{}]", "CALL.Procedure"),
        (r#"[48,0,{},"serve"]"#, "CALL.Request"),
        (r#"[48,-1,{},"serve"]"#, "CALL.Request"),
        (r#"[48,9007199254740993,{},"serve"]"#, "CALL.Request"),
        (r#"[48,1.5,{},"serve"]"#, "CALL.Request"),
        (r#"[48,"1",{},"serve"]"#, "CALL.Request"),
        (r#"[48,null,{},"serve"]"#, "CALL.Request"),
        (r#"[48,1,[],"serve"]"#, "CALL.Options"),
        (r#"[48,1,null,"serve"]"#, "CALL.Options"),
        ("[48,1,{},5]", "CALL.Procedure"),
        ("[48,1,{},null]", "CALL.Procedure"),
        (r#"[48,1,{},"serve",{}]"#, "CALL.Arguments"),
        (r#"[48,1,{},"serve",5]"#, "CALL.Arguments"),
        (r#"[48,1,{},"serve",[],[]]"#, "CALL.ArgumentsKw"),
        (r#"[48,1,{},"serve",[],{},1]"#, "too many elements"),
        (r#"[48,1,{"timeout":"1"},"serve"]"#, "CALL.Options.timeout"),
        (r#"[48,1,{"timeout":-1},"serve"]"#, "CALL.Options.timeout"),
        (
            r#"[48,1,{"receive_progress":1},"serve"]"#,
            "CALL.Options.receive_progress",
        ),
        (
            r#"[48,1,{"receive_progress":"true"},"serve"]"#,
            "CALL.Options.receive_progress",
        ),
        (
            r#"[48,1,{"timeout":1,"timeout":2},"serve"]"#,
            "CALL.Options",
        ),
        (r#"[49,1,{"mode":"gently"}]"#, "CANCEL.Options.mode"),
        ("[49,1]", "CANCEL.Options"),
        (
            r#"[16,1,{"acknowledge":1},"serve"]"#,
            "PUBLISH.Options.acknowledge",
        ),
        (
            r#"[16,1,{"exclude":"1"},"serve"]"#,
            "PUBLISH.Options.exclude",
        ),
        (
            r#"[16,1,{"eligible":["1"]},"serve"]"#,
            "PUBLISH.Options.eligible",
        ),
        (
            r#"[32,1,{"match":"fuzzy"},"serve"]"#,
            "SUBSCRIBE.Options.match",
        ),
        (r#"[32,1,{}]"#, "SUBSCRIBE.Topic"),
        ("[34,1]", "UNSUBSCRIBE"),
        ("[34,1,0]", "UNSUBSCRIBE"),
        (r#"[6,{}]"#, "GOODBYE.Reason"),
        (r#"[8,1,1,{},"a.b"]"#, "ERROR.REQUEST.Type"),
    ] {
        for open in [false, true] {
            let mut client = Client::connect(&server);
            if open {
                client.hello().await;
            }
            client.say_bytes(frame.to_owned()).await;
            client.try_say(SERVE).await;
            client.is_told_off_for(problem).await;
            client.ended().await;
        }
    }
    assert_eq!(log.take(), [""; 0]);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn bytes_that_are_not_utf_8_are_illegal() {
    let log = Log::default();
    let server = server(&log);
    let mut client = Client::join(&server).await;
    client.say_bytes(&b"[48,1,{},\"\xff\"]"[..]).await;
    client.is_told_off_for("malformed").await;
}

#[tokio::test(start_paused = true)]
async fn a_hello_with_details_of_the_wrong_type_is_illegal() {
    let log = Log::default();
    let server = server(&log);
    for (hello, problem) in [
        (r#"[1,"realm1",[]]"#, "HELLO.Details"),
        (r#"[1,"realm1"]"#, "HELLO.Details"),
        (r#"[1,5,{"roles":{"caller":{}}}]"#, "HELLO.Realm"),
        (r#"[1,"realm1",{"roles":[]}]"#, "HELLO.Details.roles"),
        (
            r#"[1,"realm1",{"roles":{"caller":{"features":{"call_timeout":1}}}}]"#,
            "call_timeout",
        ),
        (
            r#"[1,"realm1",{"roles":{"caller":{}},"authmethods":"ticket"}]"#,
            "HELLO.Details.authmethods",
        ),
    ] {
        let mut client = Client::connect(&server);
        client.say(hello).await;
        client.is_told_off_for(problem).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_in_use_is_illegal_for_another_call() {
    let wait = async || std::future::pending::<()>().await;
    let server = build(
        App::empty()
            .procedure("wait", wait)
            .procedure("other", async || 1),
    );
    for message in [r#"[48,1,{},"wait"]"#, r#"[48,1,{},"other"]"#] {
        let mut client = Client::join(&server).await;
        client.say(r#"[48,1,{},"wait"]"#).await;
        say(&mut client, message).await;
        client.is_told_off_for("CALL.Request").await;
        client.ended().await;
    }
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn ids_may_come_in_any_order_and_again_once_they_are_answered() {
    let server = build(App::empty().procedure("one", async || 1));
    let mut client = Client::join(&server).await;
    for request in [9_007_199_254_740_992_u64, 7, 1, 7, 2_147_483_647] {
        client
            .say(json!([48, request, {}, "one"]).to_string())
            .await;
        client.hears(json!([50, request, {}, [1]])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn null_arguments_are_none_and_unknown_options_are_ignored() {
    let server = build(App::empty().procedure("one", async |x: Option<i64>| x.unwrap_or(1)));
    let mut client = Client::join(&server).await;
    for (call, answer) in [
        (r#"[48,1,{"x_y_z":[],"timeout":null},"one",[4]]"#, 4),
        (r#"[48,1,{},"one",null]"#, 1),
        (r#"[48,1,{},"one",null,null]"#, 1),
        (r#"[48,1,{"runmode":"partition"},"one"]"#, 1),
        (r#"[48,1,{"runmode":"partition","rkey":"k"},"one"]"#, 1),
        (r#"[48,1,{"disclose_me":true},"one"]"#, 1),
    ] {
        client.say(call).await;
        client.hears(json!([50, 1, {}, [answer]])).await;
    }
}

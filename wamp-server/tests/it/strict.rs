//! What realms may be strict about: request ids that have to go up one by one, and features that have to be announced.

use futures_util::StreamExt as _;
use wamp_server::{App, Input, Realm, RouterOptions, Server};

use crate::support::{ANY, Client, build, json};

fn server() -> Server {
    build(
        App::empty()
            .strict_request_ids(true)
            .router(RouterOptions::new())
            .procedure("echo", async |value: i64| value)
            .procedure("sum", async |mut numbers: Input<(i64,)>| {
                let mut sum = 0;
                while let Some(Ok((number,))) = numbers.next().await {
                    sum += number;
                }
                sum
            }),
    )
}

#[tokio::test(start_paused = true)]
async fn requests_of_all_kinds_share_one_sequence() {
    let mut client = Client::join(&server()).await;
    client.say(r#"[48,1,{},"echo",[7]]"#).await;
    client.hears(json!([50, 1, {}, [7]])).await;
    client.say(r#"[32,2,{},"news"]"#).await;
    let subscribed = client.next().await;
    assert_eq!(subscribed[1], 2);
    client.say(r#"[16,3,{"acknowledge":true},"news"]"#).await;
    client.hears(json!([17, 3, ANY])).await;
    client.say(format!("[34,4,{}]", subscribed[2])).await;
    client.hears(json!([35, 4])).await;
    client.say(r#"[64,5,{},"mine"]"#).await;
    let registered = client.next().await;
    assert_eq!(registered[1], 5);
    client.say(format!("[66,6,{}]", registered[2])).await;
    client.hears(json!([67, 6])).await;
    client.say(r#"[48,7,{},"echo",[8]]"#).await;
    client.hears(json!([50, 7, {}, [8]])).await;
}

#[tokio::test(start_paused = true)]
async fn whoever_leaves_one_out_or_uses_one_again_is_told_off() {
    for (second, problem) in [
        (r#"[48,3,{},"echo",[7]]"#, "CALL.Request: expected 2"),
        (r#"[32,9,{},"news"]"#, "SUBSCRIBE.Request: expected 2"),
        (r#"[32,1,{},"news"]"#, "SUBSCRIBE.Request: expected 2"),
        (r#"[16,1,{},"news"]"#, "PUBLISH.Request: expected 2"),
        (r#"[34,1,1]"#, "UNSUBSCRIBE.Request: expected 2"),
        (r#"[64,1,{},"mine"]"#, "REGISTER.Request: expected 2"),
        (r#"[66,4,1]"#, "UNREGISTER.Request: expected 2"),
    ] {
        let mut client = Client::join(&server()).await;
        client.say(r#"[48,1,{},"echo",[7]]"#).await;
        client.hears(json!([50, 1, {}, [7]])).await;
        client.say(second).await;
        client.is_told_off_for(problem).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_messages_of_a_progressive_call_have_one_id_and_what_is_late_is_ignored() {
    let mut client = Client::join(&server()).await;
    client.say(r#"[48,1,{"progress":true},"sum",[1]]"#).await;
    client.say(r#"[48,1,{"progress":true},"sum",[2]]"#).await;
    client.say(r#"[48,1,{},"sum",[3]]"#).await;
    client.hears(json!([50, 1, {}, [6]])).await;
    client.say(r#"[48,1,{},"sum",[4]]"#).await;
    client.hears_nothing().await;
    client.say(r#"[48,2,{},"echo",[5]]"#).await;
    client.hears(json!([50, 2, {}, [5]])).await;
}

#[tokio::test(start_paused = true)]
async fn a_strict_router_wants_calls_in_parts_to_be_announced() {
    let strict = RouterOptions::new().strict(true);
    for (options, is_told_off) in [(strict, true), (RouterOptions::new(), false)] {
        let app = App::empty().router(options);
        let app = app.procedure("first", async |mut numbers: Input<(i64,)>| {
            let first = numbers.next().await;
            first.and_then(Result::ok).map(|(number,)| number)
        });
        let server = build(app);
        let mut client = Client::join(&server).await;
        client.say(r#"[48,1,{"progress":true},"first",[7]]"#).await;
        if is_told_off {
            client
                .is_told_off_for("CALL.Options.progress: `progressive_call_invocations`")
                .await;
        } else {
            client.hears(json!([50, 1, {}, [7]])).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn named_realms_are_as_strict_as_the_application_unless_they_say_otherwise() {
    let app = App::empty()
        .strict_request_ids(true)
        .realm(Realm::new("same"))
        .realm(Realm::new("other").strict_request_ids(false));
    let server = build(app);
    for (realm, is_strict) in [("same", true), ("other", false)] {
        let mut client = Client::connect(&server);
        client
            .say(format!(r#"[1,"{realm}",{{"roles":{{"caller":{{}}}}}}]"#))
            .await;
        assert_eq!(client.next().await[0], 2);
        client.say(r#"[48,9,{},"nothing"]"#).await;
        if is_strict {
            client
                .is_told_off_for("CALL.Request: expected 1, the next id, got 9")
                .await;
        } else {
            assert_eq!(client.next().await[4], "wamp.error.no_such_procedure");
        }
    }
}

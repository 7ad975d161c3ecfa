//! `wamp call`.

use serde_json::{Value, json};

use super::support::{Running, callee, client, done, json, router, told};
use crate::support::{Folder, Router, run_command};

async fn echo() -> (Router, Running) {
    let router = router().await;
    let echo = Running::registered(&router, &["com.example.echo", "--echo"]).await;
    (router, echo)
}

#[tokio::test]
async fn arguments_come_back_as_they_were_typed() {
    let (router, _echo) = echo().await;
    for (arguments, expected) in [
        (&[][..], r#"{"args":[],"kwargs":{}}"#),
        (&["foo"], r#"{"args":["foo"],"kwargs":{}}"#),
        (&[r#""foo""#], r#"{"args":["foo"],"kwargs":{}}"#),
        (&["5", "--string", "5"], r#"{"args":[5,"5"],"kwargs":{}}"#),
        (&["-5", "2.5"], r#"{"args":[-5,2.5],"kwargs":{}}"#),
        (&["null", "true"], r#"{"args":[null,true],"kwargs":{}}"#),
        (
            &["grüße", "🎉", "-k", "größe=ß"],
            r#"{"args":["grüße","🎉"],"kwargs":{"größe":"ß"}}"#,
        ),
        (
            &["18446744073709551615", "-9223372036854775808"],
            r#"{"args":[18446744073709551615,-9223372036854775808],"kwargs":{}}"#,
        ),
        (
            &[r#"{"z": [1, {}], "a": null}"#, "-k", "b=2", "-k", "a=x"],
            r#"{"args":[{"z":[1,{}],"a":null}],"kwargs":{"b":2,"a":"x"}}"#,
        ),
        (
            &[r#""\u0000AAH/""#],
            r#"{"args":["\u0000AAH/"],"kwargs":{}}"#,
        ),
    ] {
        for serializer in ["json", "msgpack", "cbor"] {
            let command = ["call", "com.example.echo", "--json", "-s", serializer];
            let told = told(&router, &[&command, arguments].concat()).await;
            assert_eq!(told, format!("{expected}\n"), "{serializer} {arguments:?}");
        }
    }
}

#[tokio::test]
async fn integers_beyond_64_bits_survive_where_the_serializer_has_them() {
    let (router, _echo) = echo().await;
    for serializer in ["json", "cbor"] {
        let number = "123456789012345678901234567890";
        let command = ["call", "com.example.echo", "-s", serializer, number];
        assert_eq!(told(&router, &command).await, format!("{number}\n"));
    }
}

#[tokio::test]
async fn people_get_one_value_or_both_kinds_of_arguments() {
    let (router, _echo) = echo().await;
    for (arguments, expected) in [
        (&["hi"][..], "\"hi\"\n"),
        (
            &[r#"{"b": 1, "a": [2]}"#],
            "{\n  \"b\": 1,\n  \"a\": [\n    2\n  ]\n}\n",
        ),
        (&[], "{\n  \"args\": [],\n  \"kwargs\": {}\n}\n"),
        (
            &["-k", "a=1"],
            "{\n  \"args\": [],\n  \"kwargs\": {\n    \"a\": 1\n  }\n}\n",
        ),
        (&["hi", "--raw"], "hi\n"),
        (&[r#""\u0000aGk=""#, "--raw"], "hi"),
        (&["5", "--raw"], "5\n"),
    ] {
        let told = told(
            &router,
            &[&["call", "com.example.echo"], arguments].concat(),
        )
        .await;
        assert_eq!(told, expected, "{arguments:?}");
    }
}

#[tokio::test]
async fn files_and_stdin_are_json_text_or_binary_data() {
    let (router, _echo) = echo().await;
    let folder = Folder::new("");
    folder.write("data.json", "{\"a\": [1]}\n");
    folder.write("text", "two\nlines\n");
    std::fs::write(folder.path("data.bin"), [0, 1, 255]).expect("it can be written");
    let files = ["data.json", "text", "data.bin"].map(|it| format!("@{}", folder.text_of(it)));
    let mut command = vec!["call", "com.example.echo", "--json", "-"];
    command.extend(files.iter().map(String::as_str));
    let done = run_command(client(&router, &command), "from stdin\n").await;
    let told: Value = serde_json::from_slice(&done.stdout).expect("it is JSON");
    let expected = json!(["from stdin", {"a": [1]}, "two\nlines", "\0AAH/"]);
    assert_eq!(told, json!({"args": expected, "kwargs": {}}));
}

#[tokio::test]
async fn progress_is_a_line_each() {
    let router = router().await;
    for (procedure, options, expected) in [
        (
            "com.example.one",
            &["--json"][..],
            "{\"progress\":true,\"args\":[1],\"kwargs\":{}}\n{\"progress\":true,\"args\":[],\"kwargs\":{\"a\":2}}\n{\"args\":[3],\"kwargs\":{}}\n",
        ),
        (
            "com.example.other",
            &[],
            "1\n{\"args\":[],\"kwargs\":{\"a\":2}}\n3\n",
        ),
    ] {
        let mut callee = callee(&router, procedure).await;
        let command = [&["call", procedure, "--progress"], options].concat();
        let calling = tokio::spawn(done(client(&router, &command)));
        let invocation = callee.receive().await;
        assert_eq!(invocation[3]["receive_progress"], true, "{invocation}");
        let request = &invocation[1];
        callee
            .send(&json!([70, request, {"progress": true}, [1]]))
            .await;
        callee
            .send(&json!([70, request, {"progress": true}, [], {"a": 2}]))
            .await;
        callee.send(&json!([70, request, {}, [3]])).await;
        let done = calling.await.expect("it does not panic");
        assert_eq!(done.out, expected);
    }
}

#[tokio::test]
async fn options_reach_the_callee() {
    let router = router().await;
    let mut callee = callee(&router, "com.example.who").await;
    let options = ["--disclose-me", "--option", "_trace=5", "--timeout", "7s"];
    let command = [&["call", "com.example.who"], &options[..]].concat();
    let calling = tokio::spawn(done(client(&router, &command)));
    let invocation = callee.receive().await;
    assert!(invocation[3]["caller"].is_u64(), "{invocation}");
    callee.send(&json!([70, invocation[1], {}, []])).await;
    let done = calling.await.expect("it does not panic");
    assert_eq!(done.code, Some(0), "{}", done.err);
}

#[cfg(unix)]
#[tokio::test]
async fn interrupting_a_call_cancels_it() {
    let router = router().await;
    let mut callee = callee(&router, "com.example.slow").await;
    let mut calling = Running::start(client(&router, &["call", "com.example.slow", "--json"]));
    let invocation = callee.receive().await;
    calling.signal(rustix::process::Signal::INT);
    let interrupt = callee.receive().await;
    assert_eq!((&interrupt[0], &interrupt[1]), (&json!(69), &invocation[1]));
    assert_eq!(calling.ended().await.code(), Some(130));
    let line = calling.line().await;
    assert_eq!(
        line,
        r#"{"error":null,"failure":"interrupted","message":"interrupted"}"#
    );
}

#[tokio::test]
async fn details_are_told_to_machines() {
    let (router, _echo) = echo().await;
    let told = json(&router, &["call", "com.example.echo", "--json", "1"]).await;
    assert_eq!(told, json!({"args": [1], "kwargs": {}}));
}

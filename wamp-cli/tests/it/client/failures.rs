//! What goes wrong: exit codes, what people are told, and what machines are.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::support::{Running, client, client_at, done, router};
use crate::support::{register, run_command};

#[tokio::test]
async fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    drop(listener);
    let url = format!("ws://{address}");
    for command in [
        &["call", "com.example.foo"][..],
        &["publish", "com.example.foo"],
        &["subscribe", "com.example.foo"],
        &["register", "com.example.foo", "--echo"],
        &["sessions"],
        &["registrations"],
        &["subscriptions"],
        &["bench", "calls"],
        &["bench", "events"],
        &["bench", "sessions"],
    ] {
        let failed = done(client_at(&url, command)).await;
        assert_eq!(failed.code, Some(5), "{command:?}");
        let expected = format!(
            "wamp: cannot connect to {url}: connection refused; is a router running there? try `wamp router`\n"
        );
        assert_eq!(failed.err, expected, "{command:?}");
        assert_eq!(failed.out, "");
    }
    let failed = done(client_at(&url, &["call", "com.example.foo", "--json"])).await;
    let told: Value = serde_json::from_str(&failed.out).expect("it is JSON");
    assert_eq!(
        (&told["error"], &told["failure"]),
        (&json!(null), &json!("connect"))
    );
    assert_eq!(told.as_object().map(serde_json::Map::len), Some(3));
}

#[tokio::test]
async fn a_router_that_says_nothing_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("it is bound"));
    let command = ["call", "com.example.foo", "--connect-timeout", "50ms"];
    let failed = done(client_at(&url, &command)).await;
    assert_eq!(failed.code, Some(5));
    assert!(
        failed.err.contains("no session within 50ms"),
        "{}",
        failed.err
    );
}

#[tokio::test]
async fn errors_are_told_as_they_came() {
    let router = router().await;
    let mut callee = router.join("realm1").await;
    register(&mut callee, "com.example.fail").await;
    let calling = tokio::spawn(done(client(
        &router,
        &["call", "com.example.fail", "--json"],
    )));
    let invocation = callee.receive().await;
    let arguments = (json!(["wh\u{9b}y", 5]), json!({"a": [1]}));
    let error = json!([
        8,
        68,
        invocation[1],
        {},
        "com.example.no",
        arguments.0,
        arguments.1
    ]);
    callee.send(&error).await;
    let failed = calling.await.expect("it does not panic");
    assert_eq!(failed.code, Some(7));
    let expected = r#"{"error":"com.example.no","args":["wh\u009by",5],"kwargs":{"a":[1]}}"#;
    assert_eq!(failed.out, format!("{expected}\n"));
    assert_eq!(failed.err, "wamp: com.example.no: \"wh\\u009by\" 5 a=[1]\n");
}

#[tokio::test]
async fn what_is_not_there_comes_with_advice() {
    let router = router().await;
    let failed = done(client(&router, &["call", "com.example.none"])).await;
    assert_eq!(failed.code, Some(7));
    assert!(failed.err.contains("wamp.error.no_such_procedure"));
    assert!(
        failed
            .err
            .contains("`wamp registrations` lists what there is")
    );
    let _first = Running::registered(&router, &["com.example.one", "--echo"]).await;
    let second = ["register", "com.example.one", "--echo"];
    let failed = done(client(&router, &second)).await;
    assert_eq!(failed.code, Some(7));
    assert!(failed.err.contains("--invoke roundrobin"), "{}", failed.err);
}

#[tokio::test]
async fn a_realm_that_is_not_there_refuses_the_session() {
    let arguments = ["--listen", "127.0.0.1:0", "--realm", "shop"];
    let router = crate::support::Router::start(&arguments).await;
    let failed = done(client(&router, &["call", "com.example.foo"])).await;
    assert_eq!(failed.code, Some(6), "{}", failed.err);
    assert!(failed.err.contains("wamp.error.no_such_realm"));
    assert!(failed.err.contains("`--realm` names another one"));
    let sessions = done(client(&router, &["sessions", "count", "-r", "shop"])).await;
    assert_eq!((sessions.code, &*sessions.out), (Some(0), "1\n"));
}

#[tokio::test]
async fn answers_are_waited_for_as_long_as_is_said() {
    let router = router().await;
    let mut callee = router.join("realm1").await;
    register(&mut callee, "com.example.slow").await;
    let command = ["call", "com.example.slow", "--timeout", "50ms", "--json"];
    let failed = done(client(&router, &command)).await;
    assert_eq!(failed.code, Some(8));
    assert_eq!(
        failed.out,
        "{\"error\":null,\"failure\":\"timeout\",\"message\":\"no answer within 50ms\"}\n"
    );
    let mut command = client(&router, &["call", "com.example.slow"]);
    command.env("WAMP_TIMEOUT", "50ms");
    assert_eq!(done(command).await.code, Some(8));
    let command = [
        "subscribe",
        "com.example.none",
        "--count",
        "1",
        "--timeout",
        "50ms",
    ];
    let failed = done(client(&router, &command)).await;
    assert_eq!(failed.code, Some(8));
    assert!(
        failed
            .err
            .contains("1 more events have not come within 50ms")
    );
    let command = ["subscribe", "com.example.none", "--timeout", "50ms"];
    assert_eq!(done(client(&router, &command)).await.code, Some(0));
}

#[tokio::test]
async fn a_router_that_dies_is_told_of() {
    let router = router().await;
    let mut callee = router.join("realm1").await;
    register(&mut callee, "com.example.slow").await;
    let command = ["call", "com.example.slow", "--json"];
    let calling = tokio::spawn(done(client(&router, &command)));
    callee.receive().await;
    router.kill().await;
    let failed = calling.await.expect("it does not panic");
    assert_eq!(failed.code, Some(9), "{}", failed.err);
    let told: Value = serde_json::from_str(&failed.out).expect("it is JSON");
    assert_eq!(told["failure"], "lost");
}

#[tokio::test]
async fn why_a_connection_was_lost_is_told() {
    let router = router().await;
    let much = "a".repeat(2 << 20);
    for command in [
        &["call", "com.example.much", "-"][..],
        &["publish", "com.example.much", "-", "--acknowledge"],
        &["publish", "com.example.much", "-"],
    ] {
        let output = run_command(client(&router, command), &much).await;
        assert_eq!(output.status.code(), Some(9));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains("with code 1009"), "{error}");
        assert!(error.contains("longer than the router takes"), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_the_system_says_is_told_in_its_words() {
    let url = "unix:///nowhere/at/all";
    let failed = done(client_at(url, &["call", "com.example.foo"])).await;
    assert_eq!(failed.code, Some(5));
    let expected = "/nowhere/at/all: no such file or directory; is a router running there?";
    assert!(failed.err.contains(expected), "{}", failed.err);
}

#[tokio::test]
async fn command_lines_that_make_no_sense_are_code_2() {
    let router = router().await;
    let begin = std::time::Instant::now();
    for (command, reason) in [
        (&["call"][..], "<URI>"),
        (&["call", "com example"], "com example"),
        (&["call", "com.example", "{a"], "begins like JSON"),
        (&["call", "com.example", "-k", "a"], "name=value"),
        (&["call", "com.example", "-k", "a=1", "-k", "a=2"], "twice"),
        (
            &["call", "com.example", "@/nowhere/at/all"],
            r#"write it in JSON, `"@/nowhere/at/all"`"#,
        ),
        (&["call", "com.example", "-", "-"], "once"),
        (
            &["call", "com.example", "--timeout", "5"],
            "expected a time",
        ),
        (&["call", "com.example", "--option", "a=1"], "underscore"),
        (
            &["call", "com.example", "--option", "_a=1"],
            "at least three",
        ),
        (&["call", "com.example", "-s", "xml"], "msgpack"),
        (
            &["call", "com.example", "-u", "localhost"],
            "try `ws://localhost`",
        ),
        (&["call", "com.example", "--key", "x"], "`--cert` names"),
        (&["call", "com.example", "--header", "x"], "Origin:"),
        (
            &[
                "call",
                "com.example",
                "-u",
                "wss://localhost:1",
                "--ca-file",
                "/nowhere/at/all",
            ],
            "/nowhere/at/all",
        ),
        (&["call", "com.example", "--raw", "--json"], "--json"),
        (
            &["call", "com.example", "--authmethod", "ticket"],
            "needs `--ticket`",
        ),
        (&["subscribe", "com..example"], "empty"),
        (&["subscribe", "com.example", "--count", "0"], "0"),
        (&["register", "com.example"], "--exec"),
        (
            &["register", "com.example", "--echo", "--concurrency", "0"],
            "0",
        ),
        (&["sessions", "get"], "needs an id"),
        (&["sessions", "kill", "x"], "expected an id"),
        (&["sessions", "count", "5"], "about all of them"),
        (&["registrations", "match"], "needs a URI"),
        (
            &["publish", "com.example", "--eligible", "x"],
            "expected an id",
        ),
        (&["bench"], "calls"),
        (&["bench", "calls", "--connections", "0"], "0"),
        (&["bench", "calls", "--duration", "0s"], "make no sense"),
    ] {
        let failed = done(client(&router, command)).await;
        assert_eq!(
            failed.code,
            Some(2),
            "{command:?}: {}{}",
            failed.out,
            failed.err
        );
        assert!(failed.err.contains(reason), "{command:?}: {}", failed.err);
        assert_eq!(failed.out, "", "{command:?}");
    }
    assert!(begin.elapsed() < Duration::from_secs(30));
}

//! The same commands with Crossbar.io.

use serde_json::{Value, json};
use wamp_tests::crossbar::Crossbar;

use super::support::{Running, client_at, done};

#[tokio::test]
async fn calls_events_and_lists_work_with_a_foreign_router() {
    let Some(crossbar) = Crossbar::start().await else {
        return;
    };
    let url = format!("ws://{}/", crossbar.address());
    let json_of = async |arguments: &[&str]| -> Value {
        let done = done(client_at(&url, arguments)).await;
        assert_eq!(done.code, Some(0), "{arguments:?}: {}", done.err);
        serde_json::from_str(&done.out).expect("it is JSON")
    };
    let mut echo = Running::start(client_at(&url, &["register", "com.example.echo", "--echo"]));
    echo.says("registered").await;
    let mut news = Running::start(client_at(&url, &["subscribe", "com.example.news"]));
    news.says("subscribed").await;
    for serializer in ["json", "msgpack", "cbor"] {
        let command = [
            "call",
            "com.example.echo",
            "grüße",
            "-k",
            "a=[1]",
            "--json",
            "-s",
            serializer,
        ];
        let mut told = json_of(&command).await;
        // Who has answered: Crossbar.io says it by itself.
        let details = told.as_object_mut().and_then(|it| it.remove("details"));
        assert!(details.is_some_and(|it| it["callee"].is_u64()));
        assert_eq!(
            told,
            json!({"args": ["grüße"], "kwargs": {"a": [1]}}),
            "{serializer}"
        );
        let command = [
            "publish",
            "com.example.news",
            serializer,
            "--acknowledge",
            "--json",
            "-s",
            serializer,
        ];
        let publication = json_of(&command).await;
        let event: Value = serde_json::from_str(&news.line().await).expect("it is JSON");
        assert_eq!(event["args"], json!([serializer]));
        assert_eq!(event["publication"], publication["publication"]);
    }
    let failed = done(client_at(&url, &["call", "com.example.none", "--json"])).await;
    assert_eq!(failed.code, Some(7));
    assert!(
        failed
            .out
            .starts_with(r#"{"error":"wamp.error.no_such_procedure""#)
    );
    let refused = done(client_at(&url, &["sessions", "-r", "nowhere"])).await;
    assert_eq!(refused.code, Some(6), "{}", refused.err);
    let registrations = json_of(&["registrations"]).await;
    let uris = registrations.as_array().expect("a list").iter();
    assert!(uris.map(|it| &it["uri"]).any(|it| it == "com.example.echo"));
    let sessions = json_of(&["sessions"]).await;
    assert!(
        sessions.as_array().is_some_and(|it| it.len() >= 3),
        "{sessions}"
    );
    let command = [
        "bench",
        "calls",
        "--duration",
        "200ms",
        "--warm-up",
        "0s",
        "--json",
    ];
    let report = json_of(&command).await;
    assert_eq!(report["errors"], 0);
}

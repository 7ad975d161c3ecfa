//! `wamp sessions`, `wamp registrations`, `wamp subscriptions`.

use serde_json::json;

use super::support::{Running, client, done, json, router, told};
use crate::support::{ANYWHERE, Folder, register};

#[tokio::test]
async fn sessions_are_listed() {
    let router = router().await;
    let _one = router.join("realm1").await;
    assert_eq!(told(&router, &["sessions", "count"]).await, "2\n");
    let sessions = json(&router, &["sessions"]).await;
    let sessions = sessions.as_array().expect("a list");
    assert_eq!(sessions.len(), 2);
    let id = sessions[0]["session"].to_string();
    assert_eq!(sessions[0]["authrole"], "anonymous");
    let none = told(&router, &["sessions", "list", "--authrole", "staff"]).await;
    assert_eq!(none, "[]\n");
    // The first one may be that which has asked.
    let found = done(client(&router, &["sessions", "get", &id])).await;
    assert!(matches!(found.code, Some(0 | 7)), "{}", found.err);
    let failed = done(client(&router, &["sessions", "get", "1", "--json"])).await;
    assert_eq!(failed.code, Some(7));
    assert!(
        failed
            .out
            .starts_with(r#"{"error":"wamp.error.no_such_session""#)
    );
}

#[tokio::test]
async fn sessions_are_killed_by_those_who_may() {
    let configuration = format!("{ANYWHERE}[[realm]]\nname = \"realm1\"\nmeta_control = true\n");
    let router = Folder::new(&configuration);
    let router = router.start().await;
    let mut victim = router.join("realm1").await;
    register(&mut victim, "com.example.mine").await;
    let registrations = json(&router, &["registrations"]).await;
    let id = registrations[0]["callees"][0].to_string();
    let command = [
        "sessions",
        "kill",
        &id,
        "--reason",
        "com.example.update",
        "--message",
        "please",
    ];
    assert_eq!(
        json(&router, &command).await.to_string(),
        format!(r#"{{"killed":{id}}}"#)
    );
    let goodbye = victim.receive().await;
    assert_eq!(
        goodbye,
        json!([6, {"message": "please"}, "com.example.update"])
    );
    let failed = done(client(&router, &["sessions", "kill", "1"])).await;
    assert_eq!(failed.code, Some(7));
}

#[tokio::test]
async fn registrations_and_subscriptions_are_listed() {
    let router = router().await;
    let _callee =
        Running::registered(&router, &["com.example", "--match", "prefix", "--echo"]).await;
    let _subscriber = Running::ready(&router, &["subscribe", "com.example.news"]).await;
    for (command, uri, matching, members) in [
        ("registrations", "com.example", "prefix", "callees"),
        ("subscriptions", "com.example.news", "exact", "subscribers"),
    ] {
        let all = json(&router, &[command]).await;
        assert_eq!(all.as_array().map(Vec::len), Some(1), "{all}");
        let one = &all[0];
        assert_eq!(
            (&one["uri"], &one["match"]),
            (&json!(uri), &json!(matching))
        );
        assert_eq!(one[members].as_array().map(Vec::len), Some(1), "{one}");
        let got = json(&router, &[command, "get", &one["id"].to_string()]).await;
        assert_eq!(&got, one);
        let found = json(&router, &[command, "match", "com.example.news"]).await;
        assert_eq!(&found, &all);
        let none = json(&router, &[command, "match", "org.example"]).await;
        assert_eq!(none, json!([]));
        let failed = done(client(&router, &[command, "get", "9007199254740992"])).await;
        assert_eq!(failed.code, Some(7));
    }
    let all = json(&router, &["registrations", "--all"]).await;
    let uris = all.as_array().expect("a list").iter();
    assert!(
        uris.map(|it| &it["uri"])
            .any(|it| it == "wamp.session.list")
    );
}

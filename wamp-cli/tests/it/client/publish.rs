//! `wamp publish`.

use serde_json::{Value, json};

use super::support::{Running, client, done, json, router, told};

#[tokio::test]
async fn events_arrive() {
    let router = router().await;
    let mut subscriber = router.join("realm1").await;
    let subscription = subscriber.subscribe("com.example.news").await;
    let quiet = told(&router, &["publish", "com.example.news", "hi", "-k", "a=1"]).await;
    assert_eq!(quiet, "");
    assert_eq!(
        subscriber.event(subscription).await,
        json!([["hi"], {"a": 1}])
    );
    let options = ["publish", "com.example.news", "--acknowledge"];
    let id = told(&router, &options).await;
    assert!(id.trim().parse::<u64>().is_ok_and(|it| it > 0), "{id}");
    let acknowledged = json(&router, &[&options[..], &["--json"]].concat()).await;
    assert!(acknowledged["publication"].is_u64(), "{acknowledged}");
    let not = json(&router, &["publish", "com.example.news", "--json"]).await;
    assert_eq!(not, json!({"publication": null}));
}

#[tokio::test]
async fn errors_are_told_if_they_are_asked_for() {
    let router = router().await;
    let command = ["publish", "wamp.reserved", "--acknowledge", "--json"];
    let failed = done(client(&router, &command)).await;
    assert_eq!(failed.code, Some(7));
    let told: Value = serde_json::from_str(&failed.out).expect("it is JSON");
    assert!(
        told["error"]
            .as_str()
            .is_some_and(|it| it.starts_with("wamp.error."))
    );
    let command = ["publish", "wamp.reserved"];
    assert_eq!(done(client(&router, &command)).await.code, Some(0));
}

#[tokio::test]
async fn receivers_are_chosen() {
    let router = router().await;
    let mut subscriber = router.join("realm1").await;
    let subscription = subscriber.subscribe("com.example.news").await;
    let me = json(&router, &["subscriptions", "--json"]).await;
    let me = me[0]["subscribers"][0].to_string();
    for (options, arrives) in [
        (&["--exclude", &me][..], false),
        (&["--eligible", "1,2"], false),
        (&["--eligible-authrole", "nobody,somebody"], false),
        (&["--exclude-authrole", "anonymous"], false),
        (&["--eligible-authid", "joe"], false),
        (&["--eligible", &format!("1,{me}")], true),
        (
            &[
                "--eligible-authrole",
                "anonymous",
                "--exclude-authid",
                "joe",
            ],
            true,
        ),
    ] {
        let event = format!("{options:?}");
        let command = [
            "publish",
            "com.example.news",
            "--acknowledge",
            "--string",
            &event,
        ];
        told(&router, &[&command[..], options].concat()).await;
        if arrives {
            // What came before would have come first.
            assert_eq!(subscriber.event(subscription).await, json!([[event]]));
        }
    }
}

#[tokio::test]
async fn events_are_kept_and_publishers_disclosed() {
    let router = router().await;
    let command = [
        "publish",
        "com.example.last",
        "5",
        "--retain",
        "--acknowledge",
        "--disclose-me",
    ];
    told(&router, &command).await;
    let mut subscriber = Running::ready(
        &router,
        &[
            "subscribe",
            "com.example.last",
            "--retained",
            "--count",
            "1",
        ],
    )
    .await;
    let event: Value = serde_json::from_str(&subscriber.line().await).expect("it is JSON");
    assert_eq!(event["args"], json!([5]));
    assert_eq!(event["details"]["retained"], true);
    assert!(event["details"]["publisher"].is_u64(), "{event}");
    assert_eq!(subscriber.ended().await.code(), Some(0));
}

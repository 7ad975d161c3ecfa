//! What sessions may offer to each other, and ask of each other.

use serde_json::Value;
use wamp_server::Server;
use wamp_server::permission::{Permissions, Rule};

use super::support::*;

pub(super) const NOT_AUTHORIZED: &str = "wamp.error.not_authorized";
pub(super) const NO_PROCEDURE: &str = "wamp.error.no_such_procedure";

pub(super) async fn named_(server: &Server, name: &str) -> Client {
    join_named(server, name).await.0
}

/// The answer to a REGISTER or SUBSCRIBE: its type, or the error's URI.
pub(super) async fn outcome(client: &mut Client, request: Value) -> Value {
    say(client, request).await;
    let answer = client.next().await;
    if answer[0] == 8 {
        return answer[4].clone();
    }
    answer[0].clone()
}

fn rules() -> Permissions {
    Permissions::new()
        .role("root", [Rule::prefix("").all()])
        .role(
            "callee",
            [
                Rule::prefix("shop.").register(),
                Rule::exact("shop.safe").call(),
                Rule::wildcard("bar..price").register(),
                Rule::exact("pub.beer").register(),
            ],
        )
        .role(
            "caller",
            [Rule::prefix("shop.").call(), Rule::exact("shop.secret")],
        )
        .role(
            "reader",
            [
                Rule::prefix("").subscribe(),
                Rule::exact("news.secret"),
                Rule::prefix("news.staff.").publish(),
                Rule::exact("news.staff.party").subscribe(),
                Rule::prefix("wamp.session."),
            ],
        )
}

#[tokio::test(start_paused = true)]
async fn a_rule_covers_what_is_registered_or_not() {
    let server = build(named().permissions(rules()));
    let mut callee = named_(&server, "callee").await;
    let allowed = [
        ("exact", "shop.a"),
        ("exact", "shop.a.b"),
        ("prefix", "shop."),
        ("prefix", "shop.a"),
        ("wildcard", "shop..x"),
        ("wildcard", "bar..price"),
        ("exact", "bar.a.price"),
        ("exact", "pub.beer"),
    ];
    let refused = [
        ("exact", "shop.safe"),
        ("exact", "shop"),
        ("exact", "bar.price"),
        ("prefix", ""),
        ("prefix", "sho"),
        ("prefix", "bar."),
        // All that a wildcard matches has to be allowed.
        ("wildcard", "..x"),
        ("wildcard", "bar.."),
        ("prefix", "bar.a.price"),
        ("prefix", "pub.beer"),
        ("wildcard", "pub."),
    ];
    let mut request = 0;
    for (cases, expected) in [(&allowed[..], json!(65)), (&refused, json!(NOT_AUTHORIZED))] {
        for (matching, uri) in cases {
            request += 1;
            let register = json!([64, request, {"match": matching}, uri]);
            let heard = outcome(&mut callee, register).await;
            assert_eq!(heard, expected, "{matching} {uri}");
        }
    }
    assert_eq!(server.stats().unauthorized_requests, refused.len() as u64);
    // What is no URI is that first.
    let register = json!([64, 90, {"match": "prefix"}, "a..b"]);
    let heard = outcome(&mut callee, register).await;
    assert_eq!(heard, "wamp.error.invalid_uri");
}

#[tokio::test(start_paused = true)]
async fn a_rule_covers_what_is_called_or_not() {
    for (hidden, error) in [(false, NOT_AUTHORIZED), (true, NO_PROCEDURE)] {
        let mut app = named().permissions(rules());
        if hidden {
            app = app.hide_unauthorized(true);
        }
        let server = build(app);
        let mut root = named_(&server, "root").await;
        register(&mut root, 1, json!({"match": "prefix"}), "").await;
        let mut caller = named_(&server, "caller").await;
        for (request, uri) in (1..).zip(["shop.secret", "shop", "bar", "wamp.x"]) {
            refused(&mut caller, json!([48, request, {}, uri]), error).await;
        }
        root.hears_nothing().await;
        say(&mut caller, json!([48, 9, {}, "shop.a"])).await;
        answers(&mut root, &mut caller, 9).await;
    }
}

#[tokio::test(start_paused = true)]
async fn events_of_forbidden_topics_never_reach_a_pattern() {
    let server = build(named().permissions(rules()));
    let mut root = named_(&server, "root").await;
    let all = subscribe(&mut root, 1, json!({"match": "prefix"}), "news.").await;
    let mut reader = named_(&server, "reader").await;
    let prefix = subscribe(&mut reader, 1, json!({"match": "prefix"}), "news.").await;
    assert_eq!(prefix, all);
    let wildcard = subscribe(&mut reader, 2, json!({"match": "wildcard"}), "news.").await;
    for (request, topic) in (3..).zip(["news.secret", "news.staff.x"]) {
        let heard = outcome(&mut reader, json!([32, request, {}, topic])).await;
        assert_eq!(heard, NOT_AUTHORIZED, "{topic}");
    }
    let heard = outcome(
        &mut reader,
        json!([32, 5, {"match": "prefix"}, "news.staff."]),
    )
    .await;
    assert_eq!(heard, NOT_AUTHORIZED);
    let mut publisher = named_(&server, "root").await;
    let realm = server.realm("realm1").expect("the default realm").clone();
    for (topic, reaches_reader) in [
        ("news.secret", false),
        ("news.staff.x", false),
        ("news.staff.party", true),
        ("news.weather", true),
    ] {
        let in_topic = json!({"topic": topic});
        for by_function in [false, true] {
            if by_function {
                realm.publish(topic, 1).expect("a number");
            } else {
                say(&mut publisher, json!([16, 1, {}, topic, [1]])).await;
            }
            root.hears(json!([36, all, ANY, in_topic, [1]])).await;
            if reaches_reader {
                reader.hears(json!([36, prefix, ANY, in_topic, [1]])).await;
            }
            if topic == "news.weather" {
                reader
                    .hears(json!([36, wildcard, ANY, in_topic, [1]]))
                    .await;
            }
            reader.hears_nothing().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_router_tells_of_itself_is_for_those_who_may_know() {
    let server = build(named().permissions(rules()));
    let mut reader = named_(&server, "reader").await;
    subscribe(&mut reader, 1, json!({"match": "prefix"}), "").await;
    reader.rest().await;
    let root = named_(&server, "root").await;
    root.vanish().await;
    reader.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn publishers_need_a_permission_too() {
    let server = build(named().permissions(rules()));
    let mut root = named_(&server, "root").await;
    let id = subscribe(&mut root, 1, json!({"match": "prefix"}), "news").await;
    let mut reader = named_(&server, "reader").await;
    let publish = json!([16, 1, {"acknowledge": true}, "news.weather"]);
    refused(&mut reader, publish, NOT_AUTHORIZED).await;
    say(&mut reader, json!([16, 2, {}, "news.weather"])).await;
    reader.hears_nothing().await;
    root.hears_nothing().await;
    say(&mut reader, json!([16, 3, {}, "news.staff.x"])).await;
    root.hears(json!([36, id, ANY, {"topic": "news.staff.x"}]))
        .await;
}

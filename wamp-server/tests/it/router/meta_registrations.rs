//! `wamp.registration.*`: who offers what.

use wamp_server::{App, RouterOptions};

use super::calls::router;
use super::meta::{ask, enter, error, event, register, result, subscribe};
use crate::support::{ANY, build, json};

#[tokio::test(start_paused = true)]
async fn registrations_are_found_and_described() {
    let server = build(
        App::empty()
            .router(RouterOptions::new())
            .procedure("math.add", async |a: i64, b: i64| a + b)
            .procedure("user.{id}.name", async || "joe"),
    );
    let (mut first, first_id) = enter(&server).await;
    let (mut second, second_id) = enter(&server).await;
    let shared = json!({"invoke": "roundrobin"});
    let exact = register(&mut first, shared.clone(), "shop.price").await;
    assert_eq!(register(&mut second, shared, "shop.price").await, exact);
    let prefix = register(&mut first, json!({"match": "prefix"}), "shop.").await;
    let wildcard = register(&mut first, json!({"match": "wildcard"}), "shop..stock").await;

    let answer = ask(&mut first, "wamp.registration.list", json!([])).await;
    let lists = result(&answer);
    let has = |kind: &str, id: u64| {
        lists[kind]
            .as_array()
            .is_some_and(|it| it.contains(&json!(id)))
    };
    assert!(has("exact", exact) && has("prefix", prefix) && has("wildcard", wildcard));
    assert_eq!(lists["prefix"], json!([prefix]));
    assert_eq!(lists.as_object().map(serde_json::Map::len), Some(3));
    // The functions of the application and those of the router are there, too.
    assert_eq!(lists["wildcard"].as_array().map(Vec::len), Some(2));

    for (uri, options, expected) in [
        ("shop.price", json!({}), json!(exact)),
        ("shop.price", json!(null), json!(exact)),
        ("shop.price", json!({"match": "exact"}), json!(exact)),
        ("shop.", json!({"match": "prefix"}), json!(prefix)),
        ("shop..stock", json!({"match": "wildcard"}), json!(wildcard)),
        ("shop.price", json!({"match": "prefix"}), json!(null)),
        ("shop.", json!({}), json!(null)),
    ] {
        let args = json!([uri, options]);
        let answer = ask(&mut first, "wamp.registration.lookup", args.clone()).await;
        assert_eq!(result(&answer), &expected, "{args}");
    }
    let answer = ask(
        &mut first,
        "wamp.registration.lookup",
        json!(["shop.price"]),
    )
    .await;
    assert_eq!(result(&answer), &json!(exact));

    for (uri, expected) in [
        ("shop.price", json!(exact)),
        ("shop.price.list", json!(prefix)),
        ("shop.a.stock", json!(prefix)),
        ("weather.now", json!(null)),
        ("not a uri", json!(null)),
    ] {
        let answer = ask(&mut first, "wamp.registration.match", json!([uri])).await;
        assert_eq!(result(&answer), &expected, "{uri}");
    }

    let answer = ask(&mut first, "wamp.registration.get", json!([exact])).await;
    let details = result(&answer);
    let created = details["created"].as_str().expect("a time");
    assert!(created.ends_with('Z') && created.contains('T'), "{created}");
    assert_eq!(
        details,
        &json!({"id": exact, "created": created, "uri": "shop.price", "match": "exact", "invoke": "roundrobin"})
    );
    let answer = ask(&mut first, "wamp.registration.list_callees", json!([exact])).await;
    assert_eq!(result(&answer), &json!([first_id, second_id]));
    let answer = ask(
        &mut first,
        "wamp.registration.count_callees",
        json!([exact]),
    )
    .await;
    assert_eq!(result(&answer), &json!(2));
}

#[tokio::test(start_paused = true)]
async fn functions_of_the_application_have_no_callees() {
    let server = build(
        App::empty()
            .router(RouterOptions::new())
            .procedure("math.add", async |a: i64, b: i64| a + b)
            .procedure("user.{id}.name", async || "joe"),
    );
    let (mut client, _) = enter(&server).await;
    for (called, uri, matching) in [
        ("math.add", "math.add", "exact"),
        ("user.7.name", "user..name", "wildcard"),
        ("wamp.session.count", "wamp.session.count", "exact"),
    ] {
        let answer = ask(&mut client, "wamp.registration.match", json!([called])).await;
        let id = result(&answer).as_u64().expect("an id");
        let options = json!({"match": matching});
        let answer = ask(
            &mut client,
            "wamp.registration.lookup",
            json!([uri, options]),
        )
        .await;
        assert_eq!(result(&answer), &json!(id));
        let answer = ask(&mut client, "wamp.registration.get", json!([id])).await;
        assert_eq!(
            (
                &result(&answer)["uri"],
                &result(&answer)["match"],
                &result(&answer)["invoke"]
            ),
            (&json!(uri), &json!(matching), &json!("single"))
        );
        let answer = ask(&mut client, "wamp.registration.list_callees", json!([id])).await;
        assert_eq!(result(&answer), &json!([]));
        let answer = ask(&mut client, "wamp.registration.count_callees", json!([id])).await;
        assert_eq!(result(&answer), &json!(0));
    }
}

#[tokio::test(start_paused = true)]
async fn bad_questions_about_registrations_get_errors() {
    let server = router();
    let (mut client, _) = enter(&server).await;
    let invalid = "wamp.error.invalid_argument";
    let unknown = "wamp.error.no_such_registration";
    for (procedure, args, expected) in [
        ("get", json!([4711]), unknown),
        ("list_callees", json!([4711]), unknown),
        ("count_callees", json!([4711]), unknown),
        ("get", json!([]), invalid),
        ("get", json!([0]), invalid),
        ("list_callees", json!(["x"]), invalid),
        ("count_callees", json!([1.5]), invalid),
        ("lookup", json!([]), invalid),
        ("lookup", json!([7]), invalid),
        ("lookup", json!(["a.b", 7]), invalid),
        ("lookup", json!(["a.b", {"match": "fuzzy"}]), invalid),
        ("lookup", json!(["a.b", {"match": 7}]), invalid),
        ("match", json!([]), invalid),
    ] {
        let procedure = format!("wamp.registration.{procedure}");
        let answer = ask(&mut client, &procedure, args.clone()).await;
        assert_eq!(error(&answer), expected, "{procedure} {args}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_reply_comes_before_what_others_are_told() {
    let server = router();
    let (mut client, id) = enter(&server).await;
    let mut topics = Vec::new();
    for topic in ["create", "register", "unregister", "delete"] {
        let topic = format!("wamp.registration.on_{topic}");
        topics.push(subscribe(&mut client, json!({}), &topic).await);
    }
    let (mut other, other_id) = enter(&server).await;
    let options = json!({"invoke": "last", "match": "prefix"});
    let registration = register(&mut client, options.clone(), "a.").await;
    let details = json!({"id": registration, "created": ANY, "uri": "a.", "match": "prefix", "invoke": "last"});
    client.hears(event(topics[0], &json!([id, details]))).await;
    client
        .hears(event(topics[1], &json!([id, registration])))
        .await;
    assert_eq!(
        register(&mut other, options.clone(), "a.").await,
        registration
    );
    client
        .hears(event(topics[1], &json!([other_id, registration])))
        .await;
    // Twice the same is no news.
    assert_eq!(register(&mut other, options, "a.").await, registration);
    client.hears_nothing().await;

    client.say(json!([66, 1, registration]).to_string()).await;
    client
        .hears_in_any_order([json!([67, 1]), event(topics[2], &json!([id, registration]))])
        .await;
    other.vanish().await;
    client
        .hears(event(topics[2], &json!([other_id, registration])))
        .await;
    client
        .hears(event(topics[3], &json!([other_id, registration])))
        .await;
    client.hears_nothing().await;
}

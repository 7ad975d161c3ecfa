//! PUBLISH: who gets the EVENT, and what it says.

use serde_json::Value;
use wamp_server::{App, RouterOptions, Server};

use super::support::*;

/// A subscriber to `t`, with its session's id and the subscription's.
async fn listening(server: &Server, name: &str) -> (Client, u64, u64) {
    let (mut client, session) = join_named(server, name).await;
    let id = subscribe(&mut client, 1, json!({}), "t").await;
    (client, session, id)
}

#[tokio::test(start_paused = true)]
async fn a_publisher_is_answered_if_it_asks_for_it() {
    let server = router();
    let (mut subscriber, mut publisher) = (join(&server).await, join(&server).await);
    let id = subscribe(&mut subscriber, 1, json!({}), "t").await;
    for (request, options) in [(1, json!({})), (2, json!({"acknowledge": false}))] {
        say(
            &mut publisher,
            json!([16, request, options, "t", [request]]),
        )
        .await;
        publisher.hears_nothing().await;
        subscriber.hears(json!([36, id, ANY, {}, [request]])).await;
    }
    say(
        &mut publisher,
        json!([16, 3, {"acknowledge": true}, "t", [], {"k": 1}]),
    )
    .await;
    let published = publisher.next().await;
    assert_eq!((&published[0], &published[1]), (&json!(17), &json!(3)));
    let event = json!([36, id, published[2], {}, [], {"k": 1}]);
    subscriber.hears(event).await;
    // Also when nobody listens.
    say(
        &mut publisher,
        json!([16, 4, {"acknowledge": true}, "nobody"]),
    )
    .await;
    publisher.hears(json!([17, 4, ANY])).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_is_told_to_those_only_who_want_an_answer() {
    let server = router();
    let mut publisher = join(&server).await;
    let mut subscriber = join(&server).await;
    subscribe(&mut subscriber, 1, json!({"match": "prefix"}), "wamp.x").await;
    subscribe(&mut subscriber, 2, json!({"match": "prefix"}), "a").await;
    let wrong = [
        "",
        "a..b",
        "a.",
        ".a",
        "a b",
        "a#",
        "wamp.x",
        "wamp",
        "wamp.session.on_join",
    ];
    for (request, topic) in (1..).zip(wrong) {
        let publish = json!([16, request, {"acknowledge": true}, topic]);
        refused(&mut publisher, publish, "wamp.error.invalid_uri").await;
        say(&mut publisher, json!([16, request, {}, topic])).await;
        publisher.hears_nothing().await;
    }
    subscriber.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_publisher_gets_its_own_events_only_if_it_wants_them_and_after_the_answer() {
    let server = router();
    let mut client = join(&server).await;
    let id = subscribe(&mut client, 1, json!({}), "t").await;
    for (request, options) in [
        (1, json!({"acknowledge": true})),
        (2, json!({"acknowledge": true, "exclude_me": true})),
    ] {
        say(&mut client, json!([16, request, options, "t"])).await;
        client.hears(json!([17, request, ANY])).await;
        client.hears_nothing().await;
    }
    let options = json!({"acknowledge": true, "exclude_me": false});
    say(&mut client, json!([16, 3, options, "t", ["me"]])).await;
    let published = client.next().await;
    assert_eq!((&published[0], &published[1]), (&json!(17), &json!(3)));
    client
        .hears(json!([36, id, published[2], {}, ["me"]]))
        .await;
    say(
        &mut client,
        json!([16, 4, {"exclude_me": false}, "t", ["me"]]),
    )
    .await;
    client.hears(json!([36, id, ANY, {}, ["me"]])).await;
    client.hears_nothing().await;
}

/// Who of these gets an event with such options: the publisher `pat`, `ann` twice, and `bob`.
async fn reached(options: impl FnOnce([u64; 4]) -> Value) -> Vec<&'static str> {
    let server = build(named());
    let names = ["pat", "ann", "ann", "bob"];
    let mut clients = Vec::new();
    for name in names {
        clients.push(listening(&server, name).await);
    }
    let ids = [0, 1, 2, 3].map(|at: usize| clients[at].1);
    let publish = json!([16, 2, options(ids), "t", ["x"]]);
    say(&mut clients[0].0, publish.clone()).await;
    settle().await;
    let mut reached = Vec::new();
    for ((client, _, id), name) in clients.iter_mut().zip(["pat", "ann1", "ann2", "bob"]) {
        for heard in client.rest().await {
            assert_eq!(heard, json!([36, *id, heard[2], {}, ["x"]]), "{publish}");
            reached.push(name);
        }
    }
    reached
}

#[tokio::test(start_paused = true)]
async fn six_lists_say_who_gets_an_event() {
    let nobody: [&str; 0] = [];
    let all = ["ann1", "ann2", "bob"];
    assert_eq!(reached(|_| json!({})).await, all);
    assert_eq!(
        reached(|id| json!({"exclude": [id[1]]})).await,
        ["ann2", "bob"]
    );
    assert_eq!(
        reached(|id| json!({"eligible": [id[1], id[3]]})).await,
        ["ann1", "bob"]
    );
    for (excluding, listing) in [
        ("exclude_authid", "eligible_authid"),
        ("exclude_authrole", "eligible_authrole"),
    ] {
        assert_eq!(reached(|_| json!({excluding: ["ann"]})).await, ["bob"]);
        assert_eq!(
            reached(|_| json!({excluding: ["no", "bob"]})).await,
            ["ann1", "ann2"]
        );
        assert_eq!(
            reached(|_| json!({listing: ["ann"]})).await,
            ["ann1", "ann2"]
        );
        assert_eq!(reached(|_| json!({listing: ["no", "bob"]})).await, ["bob"]);
        assert_eq!(reached(|_| json!({excluding: []})).await, all);
        // A list of nobody is not the same as no list.
        assert_eq!(reached(|_| json!({listing: []})).await, nobody);
        assert_eq!(reached(|_| json!({listing: ["Ann"]})).await, nobody);
    }
    assert_eq!(reached(|_| json!({"exclude": []})).await, all);
    assert_eq!(reached(|_| json!({"eligible": []})).await, nobody);
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_has_to_be_in_every_list_of_the_eligible_and_in_none_of_the_excluded() {
    let nobody: [&str; 0] = [];
    let both = |id: [u64; 4]| json!({"eligible": [id[1], id[3]], "eligible_authid": ["ann"]});
    assert_eq!(reached(both).await, ["ann1"]);
    let both = |id: [u64; 4]| json!({"eligible": [id[1], id[3]], "exclude": [id[1]]});
    assert_eq!(reached(both).await, ["bob"]);
    let both = |_| json!({"eligible_authid": ["ann"], "eligible_authrole": ["bob"]});
    assert_eq!(reached(both).await, nobody);
    let both = |id: [u64; 4]| json!({"exclude": [id[1]], "exclude_authrole": ["bob"]});
    assert_eq!(reached(both).await, ["ann2"]);
    // To be eligible does not make a publisher hear itself.
    assert_eq!(reached(|id| json!({"eligible": [id[0]]})).await, nobody);
    let both = |id: [u64; 4]| json!({"eligible": [id[0]], "exclude_me": false});
    assert_eq!(reached(both).await, ["pat"]);
    let both = |id: [u64; 4]| json!({"exclude": [id[0]], "exclude_me": false});
    assert_eq!(reached(both).await, ["ann1", "ann2", "bob"]);
}

#[tokio::test(start_paused = true)]
async fn lists_of_something_else_are_a_violation() {
    for (list, wrong) in [
        ("exclude", json!(["1"])),
        ("exclude", json!(1)),
        ("eligible", json!([0])),
        ("eligible", json!([-1])),
        ("eligible", json!([true])),
        ("exclude_authid", json!([1])),
        ("exclude_authrole", json!("ann")),
        ("eligible_authid", json!([null])),
        ("eligible_authrole", json!([["ann"]])),
        ("exclude_me", json!(0)),
        ("acknowledge", json!("yes")),
    ] {
        let server = router();
        let mut publisher = join(&server).await;
        say(&mut publisher, json!([16, 1, {list: wrong}, "t"])).await;
        publisher.is_told_off_for(list).await;
    }
}

#[tokio::test(start_paused = true)]
async fn events_of_one_publisher_keep_their_order() {
    let server = router();
    let (mut subscriber, mut publisher) = (join(&server).await, join(&server).await);
    let mut ids = Vec::new();
    for request in 0..3 {
        let topic = format!("t.{request}");
        ids.push(subscribe(&mut subscriber, request + 1, json!({}), &topic).await);
    }
    for number in 0..30_usize {
        let topic = format!("t.{}", number % 3);
        say(&mut publisher, json!([16, number + 1, {}, topic, [number]])).await;
    }
    for number in 0..30_usize {
        subscriber
            .hears(json!([36, ids[number % 3], ANY, {}, [number]]))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn subscribed_comes_before_any_event() {
    let server = router();
    let mut client = join(&server).await;
    say(&mut client, json!([32, 1, {}, "t"])).await;
    say(&mut client, json!([16, 2, {"exclude_me": false}, "t"])).await;
    say(&mut client, json!([34, 3, 1])).await;
    say(&mut client, json!([16, 4, {"exclude_me": false}, "t"])).await;
    client.hears(json!([33, 1, 1])).await;
    client.hears(json!([36, 1, ANY, {}])).await;
    client.hears(json!([35, 3])).await;
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn keys_of_ones_own_are_passed_on_and_unknown_ones_are_not() {
    let server = router();
    let (mut other, mut client) = (join(&server).await, join(&server).await);
    let event = subscribe(&mut other, 1, json!({}), "t").await;
    let procedure = register(&mut other, 2, json!({}), "p").await;
    let options = json!({"_trace": {"a": [1, null]}, "unknown": 1, "x_other": 2});
    let passed = json!({"_trace": {"a": [1, null]}});
    say(&mut client, json!([16, 1, options, "t"])).await;
    other.hears(json!([36, event, ANY, passed])).await;
    say(&mut client, json!([48, 2, options, "p"])).await;
    other.hears(json!([68, 1, procedure, passed])).await;
    say(&mut other, json!([70, 1, options, [1]])).await;
    client.hears(json!([50, 2, passed, [1]])).await;
    say(&mut client, json!([48, 3, {}, "p"])).await;
    other.hears(json!([68, 2, procedure, {}])).await;
    say(&mut other, json!([8, 68, 2, options, "test.no"])).await;
    client.hears(json!([8, 48, 3, passed, "test.no"])).await;
}

#[tokio::test(start_paused = true)]
async fn empty_payloads_are_left_out() {
    let server = router();
    let (mut subscriber, mut publisher) = (join(&server).await, join(&server).await);
    let id = subscribe(&mut subscriber, 1, json!({}), "t").await;
    for publish in [
        json!([16, 1, {}, "t", []]),
        json!([16, 1, {}, "t", [], {}]),
        json!([16, 1, {}, "t"]),
    ] {
        say(&mut publisher, publish).await;
        subscriber.hears(json!([36, id, ANY, {}])).await;
    }
    say(&mut publisher, json!([16, 1, {}, "t", [], {"a": 1}])).await;
    subscriber
        .hears(json!([36, id, ANY, {}, [], {"a": 1}]))
        .await;
    say(&mut publisher, json!([16, 1, {}, "t", [1], {}])).await;
    subscriber.hears(json!([36, id, ANY, {}, [1]])).await;
}

#[tokio::test(start_paused = true)]
async fn what_the_router_tells_of_itself_can_be_subscribed_to() {
    let server = router();
    let mut client = join(&server).await;
    subscribe(&mut client, 1, json!({}), "wamp.session.on_leave").await;
    subscribe(&mut client, 2, json!({}), "wamp.no.such.topic").await;
    let (other, id) = join_as(&server, json!({"roles": everything()})).await;
    other.vanish().await;
    client.hears(json!([36, 1, ANY, {}, [id, ANY, ANY]])).await;
}

#[tokio::test(start_paused = true)]
async fn an_event_with_a_key_goes_to_those_who_have_the_key_that_wants_it_most() {
    let server = router();
    let mut keyed = Vec::new();
    for (key, members) in [("a", 2), ("b", 1), ("c", 1)] {
        for _ in 0..members {
            let mut client = join(&server).await;
            let id = subscribe(&mut client, 1, json!({"nkey": key}), "t").await;
            assert_eq!(id, 1, "it is one subscription");
            keyed.push((key, client));
        }
    }
    let (mut unkeyed, mut publisher) = (join(&server).await, join(&server).await);
    subscribe(&mut unkeyed, 1, json!({}), "t").await;
    let mut homes = std::collections::HashMap::new();
    for round in 0..2 {
        for key in 0..30 {
            say(&mut publisher, json!([16, 1, {"rkey": key}, "t", [key]])).await;
            unkeyed.hears(json!([36, 1, ANY, {}, [key]])).await;
            let mut reached = Vec::new();
            for (of, client) in &mut keyed {
                reached.extend(client.rest().await.iter().map(|_| *of));
            }
            let home = reached[0];
            let members = if home == "a" { 2 } else { 1 };
            assert_eq!(
                reached,
                vec![home; members],
                "all who have it, and no others"
            );
            if round == 1 {
                assert_eq!(homes[&key], home, "the same as before");
            }
            homes.insert(key, home);
        }
    }
    for of in ["a", "b", "c"] {
        assert!(homes.values().any(|it| *it == of), "{homes:?}");
    }
    // Without a key it is for everybody.
    say(&mut publisher, json!([16, 1, {}, "t"])).await;
    for (_, client) in &mut keyed {
        client.hears(json!([36, 1, ANY, {}])).await;
    }
    unkeyed.hears(json!([36, 1, ANY, {}])).await;
    // When the only one who has a key leaves, only its events move.
    let (_, mut leaver) = keyed.pop().expect("there are four");
    leaver.goodbye().await;
    for key in 0..30 {
        say(&mut publisher, json!([16, 1, {"rkey": key}, "t"])).await;
        settle().await;
        let mut reached = Vec::new();
        for (of, client) in &mut keyed {
            reached.extend(client.rest().await.iter().map(|_| *of));
        }
        assert!(
            homes[&key] == "c" || reached[0] == homes[&key],
            "{key}: {reached:?}"
        );
        assert!(!reached.contains(&"c"));
    }
}

#[tokio::test(start_paused = true)]
async fn where_nobody_has_a_key_keys_do_not_matter() {
    let app = App::empty().router(RouterOptions::new());
    let server = build(app);
    let (mut one, mut two) = (join(&server).await, join(&server).await);
    subscribe(&mut one, 1, json!({}), "t").await;
    subscribe(&mut two, 1, json!({}), "t").await;
    let mut publisher = join(&server).await;
    say(&mut publisher, json!([16, 1, {"rkey": "k"}, "t"])).await;
    for client in [&mut one, &mut two] {
        client.hears(json!([36, 1, ANY, {}])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn functions_hear_what_is_for_everybody_and_sessions_hear_it_too() {
    let log = crate::support::Log::default();
    let app = named().subscriber("t", {
        let log = log.clone();
        move |number: u64| {
            log.note(number.to_string());
            async {}
        }
    });
    let server = build(app);
    let (mut subscriber, session, id) = listening(&server, "sue").await;
    let (mut publisher, _) = join_named(&server, "pat").await;
    for (number, options, heard) in [
        (1, json!({}), true),
        (2, json!({"exclude_me": false}), true),
        (3, json!({"exclude_authid": ["sue"]}), true),
        (4, json!({"eligible": [session]}), false),
        (5, json!({"eligible_authid": ["pat"]}), false),
        (6, json!({"eligible_authrole": []}), false),
    ] {
        say(&mut publisher, json!([16, number, options, "t", [number]])).await;
        if [1, 2, 4].contains(&number) {
            subscriber.hears(json!([36, id, ANY, {}, [number]])).await;
        } else {
            subscriber.hears_nothing().await;
        }
        let noted = if heard {
            vec![number.to_string()]
        } else {
            vec![]
        };
        assert_eq!(log.take(), noted, "{options}");
    }
    publisher.hears_nothing().await;
}

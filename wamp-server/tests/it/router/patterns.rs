//! Which pattern gets a call, and which get an event.

use wamp_server::{App, Realm, RouterOptions, Server, Session, procedure, procedures};

use super::support::*;

/// Whoever is subscribed to everything hears of subscriptions, too, unless the router says nothing of itself.
fn silent() -> RouterOptions {
    RouterOptions::new().meta_api(false)
}

/// Registers patterns, each in a session of its own.
async fn offer(server: &Server, patterns: &[(&str, &str)]) -> Vec<(Client, u64)> {
    let mut callees = Vec::new();
    for (matching, pattern) in patterns {
        let mut callee = join(server).await;
        let id = register(&mut callee, 1, json!({"match": matching}), pattern).await;
        callees.push((callee, id));
    }
    callees
}

/// Calls, and gives the position of the only callee that is invoked.
async fn invoked(
    caller: &mut Client,
    callees: &mut [(Client, u64)],
    request: u64,
    uri: &str,
) -> Option<usize> {
    say(caller, json!([48, request, {}, uri])).await;
    settle().await;
    let mut found = None;
    for (at, (callee, id)) in callees.iter_mut().enumerate() {
        for heard in callee.rest().await {
            assert!(found.is_none(), "{uri} reaches {found:?} and {at}");
            assert_eq!((&heard[0], &heard[2]), (&json!(68), &json!(*id)), "{heard}");
            let procedure = heard[3].get("procedure");
            assert!(procedure.is_none_or(|it| it == uri), "{heard}");
            say(callee, json!([70, heard[1], {}])).await;
            found = Some(at);
        }
    }
    match found {
        Some(_) => caller.hears(json!([50, request, {}])).await,
        None => {
            let error = "wamp.error.no_such_procedure";
            caller
                .hears(json!([8, 48, request, {}, error, [ANY]]))
                .await;
        }
    }
    found
}

/// The example of the specification, "Pattern-based Registrations", in its numbering.
#[tokio::test(start_paused = true)]
async fn exact_comes_before_the_longest_prefix_before_the_most_specific_wildcard() {
    let server = router();
    let mut callees = offer(
        &server,
        &[
            ("exact", "a1.b2.c3.d4.e55"),
            ("prefix", "a1.b2.c3"),
            ("prefix", "a1.b2.c3.d4"),
            ("wildcard", "a1.b2..d4.e5"),
            ("wildcard", "a1.b2.c33..e5"),
            ("wildcard", "a1.b2..d4.e5.."),
            ("wildcard", "a1.b2..d4.e5..g7"),
        ],
    )
    .await;
    let mut caller = join(&server).await;
    let cases = [
        ("a1.b2.c3.d4.e55", Some(1)),
        ("a1.b2.c3.d98.e74", Some(2)),
        ("a1.b2.c3.d4.e325", Some(3)),
        ("a1.b2.c55.d4.e5", Some(4)),
        // The specification says 5 here, against its own definition of a prefix; other routers take the prefix, too.
        ("a1.b2.c33.d4.e5", Some(2)),
        ("a1.b2.c88.d4.e5.f6.g7", Some(7)),
        ("a2.b2.c2.d2.e2", None),
        ("a1.b2.c88.d4.e5.f6.g8", Some(6)),
        ("a1.b2.c88.d4.e5.f6", None),
        ("a1.b2.c88.d4.e5.f6.g7.h8", None),
        ("a1.b2.c3", Some(2)),
        ("a1.b2", None),
    ];
    for (request, (uri, expected)) in (1..).zip(cases) {
        let found = invoked(&mut caller, &mut callees, request, uri).await;
        assert_eq!(found.map(|it| it + 1), expected, "{uri}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_uris_reach_a_pattern() {
    let app = App::empty()
        .call_handler(async || "fallback")
        .router(RouterOptions::new());
    for server in [router(), build(app)] {
        let mut callees = offer(&server, &[("prefix", ""), ("wildcard", "a..")]).await;
        let mut caller = join(&server).await;
        for (request, uri) in (1..).zip(["a..b", "", "a.", "a b", "#", "a.b."]) {
            let call = json!([48, request, {}, uri]);
            refused(&mut caller, call, "wamp.error.invalid_uri").await;
        }
        for (callee, _) in &mut callees {
            callee.hears_nothing().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn functions_and_clients_are_compared_by_their_patterns() {
    let app = App::empty()
        .procedure("shop.{item}.price", async || "function")
        .procedure("shop.{item}.stock.{place}", async || "stock")
        .call_handler(async || "fallback")
        .router(RouterOptions::new());
    let server = build(app);
    let mut callees = offer(
        &server,
        &[
            ("exact", "shop.tea.price"),
            ("wildcard", "shop..stock.vienna"),
            ("wildcard", "..price"),
            ("prefix", "shop.milk"),
        ],
    )
    .await;
    let mut caller = join(&server).await;
    let cases = [
        ("shop.tea.price", Ok(0)),
        ("shop.jam.price", Err("function")),
        // A longer run of fixed components first: `shop..` is before `..`.
        ("bar.jam.price", Ok(2)),
        ("shop.jam.stock.vienna", Ok(1)),
        ("shop.jam.stock.graz", Err("stock")),
        // Prefixes are before wildcards, whosever they are.
        ("shop.milk.price", Ok(3)),
        ("elsewhere", Err("fallback")),
    ];
    for (request, (uri, expected)) in (1..).zip(cases) {
        match expected {
            Ok(at) => {
                let found = invoked(&mut caller, &mut callees, request, uri).await;
                assert_eq!(found, Some(at), "{uri}");
            }
            Err(text) => {
                say(&mut caller, json!([48, request, {}, uri])).await;
                caller.hears(json!([50, request, {}, [text]])).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_offers_everything_does_not_offer_what_is_the_routers() {
    let server = router();
    let patterns = [("prefix", ""), ("wildcard", ".."), ("wildcard", "...")];
    let mut callees = offer(&server, &patterns).await;
    let mut caller = join(&server).await;
    for (request, uri) in (1..).zip(["wamp.no.such", "wamp.error", "wamp.a.b.c", "wamp"]) {
        let found = invoked(&mut caller, &mut callees, request, uri).await;
        assert_eq!(found, None, "{uri}");
    }
    let found = invoked(&mut caller, &mut callees, 5, "wampum").await;
    assert_eq!(found, Some(0));
}

#[tokio::test(start_paused = true)]
async fn an_invocation_names_its_procedure_if_the_registration_does_not() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    let exact = register(&mut callee, 1, json!({}), "a.exact").await;
    let wildcard = register(&mut callee, 2, json!({"match": "wildcard"}), "a..c").await;
    say(&mut caller, json!([48, 1, {}, "a.exact", [1]])).await;
    callee.hears(json!([68, 1, exact, {}, [1]])).await;
    say(
        &mut caller,
        json!([48, 2, {"progress": true}, "a.b.c", [1]]),
    )
    .await;
    let details = json!({"procedure": "a.b.c", "progress": true});
    callee.hears(json!([68, 2, wildcard, details, [1]])).await;
    say(&mut caller, json!([48, 2, {}, "a.b.c", [2]])).await;
    let details = json!({"procedure": "a.b.c"});
    callee.hears(json!([68, 2, wildcard, details, [2]])).await;
}

#[tokio::test(start_paused = true)]
async fn an_event_goes_to_every_subscription_that_matches_with_one_publication_id() {
    let server = build(App::empty().router(silent()));
    let (mut subscriber, mut publisher) = (join(&server).await, join(&server).await);
    let mut ids = Vec::new();
    let patterns = [
        ("exact", "a.b.c"),
        ("prefix", "a.b"),
        ("prefix", ""),
        ("wildcard", "a..c"),
        ("wildcard", ".."),
        ("wildcard", "a."),
        ("prefix", "a.c"),
        ("exact", "a.b"),
    ];
    for (request, (matching, topic)) in (1..).zip(patterns) {
        let options = json!({"match": matching});
        ids.push(subscribe(&mut subscriber, request, options, topic).await);
    }
    let publish = json!([16, 1, {"acknowledge": true}, "a.b.c", ["x"]]);
    say(&mut publisher, publish).await;
    let published = publisher.next().await;
    let publication = published[2].as_u64().expect("an id");
    let topic = json!({"topic": "a.b.c"});
    let event = |at: usize, details| json!([36, ids[at], publication, details, ["x"]]);
    let mut expected = vec![event(0, json!({}))];
    expected.extend((1..5).map(|at| event(at, topic.clone())));
    subscriber.hears_in_any_order(expected).await;
    subscriber.hears_nothing().await;
    // One subscription less is one event less.
    say(&mut subscriber, json!([34, 9, ids[2]])).await;
    subscriber.hears(json!([35, 9])).await;
    say(&mut publisher, json!([16, 2, {}, "z"])).await;
    subscriber.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn patterns_are_subscribed_to_once_and_left_once() {
    let server = router();
    let mut subscriber = join(&server).await;
    let prefix = json!({"match": "prefix"});
    let id = subscribe(&mut subscriber, 1, prefix.clone(), "a").await;
    assert_eq!(subscribe(&mut subscriber, 2, prefix.clone(), "a").await, id);
    let exact = subscribe(&mut subscriber, 3, json!({}), "a").await;
    assert_ne!(exact, id);
    let mut other = join(&server).await;
    assert_eq!(subscribe(&mut other, 1, prefix, "a").await, id);
    for (matching, topic) in [("exact", "a..b"), ("prefix", "a..b"), ("wildcard", "a b")] {
        let subscribe = json!([32, 4, {"match": matching}, topic]);
        refused(&mut subscriber, subscribe, "wamp.error.invalid_uri").await;
    }
    let gone = "wamp.error.no_such_subscription";
    say(&mut subscriber, json!([34, 5, id])).await;
    subscriber.hears(json!([35, 5])).await;
    say(&mut subscriber, json!([34, 6, id])).await;
    subscriber.hears(json!([8, 34, 6, {}, gone])).await;
    say(&mut subscriber, json!([16, 7, {"exclude_me": false}, "a"])).await;
    subscriber.hears(json!([36, exact, ANY, {}])).await;
    other.hears(json!([36, id, ANY, {"topic": "a"}])).await;
    subscriber.hears_nothing().await;
}

#[procedure("say")]
async fn announce(topic: String, realm: &Realm) -> usize {
    realm.publish(&topic, "hi").expect("text").receivers
}

#[tokio::test(start_paused = true)]
async fn events_of_a_topic_that_a_function_decides_on_are_for_no_pattern() {
    let app = App::empty()
        .topic("vip.lounge", async |session: Session| {
            let _ = session.publish("vip.lounge", "welcome");
        })
        .topic("vip.{room}.door", async || ())
        .procedures(procedures![announce])
        .router(silent());
    let server = build(app);
    let mut guest = join(&server).await;
    let everything = subscribe(&mut guest, 1, json!({"match": "prefix"}), "").await;
    subscribe(&mut guest, 2, json!({"match": "wildcard"}), "vip.").await;
    let mut member = join(&server).await;
    let lounge = subscribe(&mut member, 1, json!({}), "vip.lounge").await;
    member
        .hears(json!([36, lounge, ANY, {}, ["welcome"]]))
        .await;
    let door = subscribe(&mut member, 2, json!({}), "vip.red.door").await;
    let mut publisher = join(&server).await;
    for (request, topic) in (1..).zip(["vip.lounge", "vip.red.door"]) {
        say(&mut publisher, json!([16, request, {}, topic, [1]])).await;
        say(&mut publisher, json!([48, request, {}, "say", [topic]])).await;
        publisher.hears(json!([50, request, {}, [1]])).await;
    }
    for id in [lounge, door] {
        member.hears(json!([36, id, ANY, {}, [1]])).await;
        member.hears(json!([36, id, ANY, {}, ["hi"]])).await;
    }
    guest.hears_nothing().await;
    // The application's other events are for everybody.
    say(
        &mut publisher,
        json!([48, 3, {}, "say", ["vip.garden.gate"]]),
    )
    .await;
    publisher.hears(json!([50, 3, {}, [1]])).await;
    let topic = json!({"topic": "vip.garden.gate"});
    guest
        .hears(json!([36, everything, ANY, topic, ["hi"]]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn where_a_function_decides_on_all_other_topics_there_are_no_patterns() {
    let app = App::empty()
        .topic("free", async || ())
        .subscription_handler(async || Err::<(), _>(wamp_server::CallError::new("test.no")))
        .router(silent());
    let server = build(app);
    let mut client = join(&server).await;
    for (request, (matching, topic, error)) in (1..).zip([
        ("prefix", "", "wamp.error.option_not_allowed"),
        ("wildcard", "free", "wamp.error.option_not_allowed"),
        ("exact", "x", "test.no"),
    ]) {
        say(
            &mut client,
            json!([32, request, {"match": matching}, topic]),
        )
        .await;
        assert_eq!(client.next().await[4], error);
    }
    subscribe(&mut client, 9, json!({}), "free").await;
}

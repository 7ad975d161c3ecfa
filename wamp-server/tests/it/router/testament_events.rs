//! What a testament may be: an event like any other.

use wamp_server::permission::{Access, Action, Decision, Disclosure, Permissions, Rule};
use wamp_server::proto::subprotocol::Subprotocol;
use wamp_server::{RouterOptions, Session};

use super::calls::{EVERYTHING, router};
use super::meta::{ask, ask_with, enter, enter_as, error, event, greet, names, nothing, subscribe};
use super::testaments::{ADD, leave};
use crate::support::{ANY, Client, Log, build, json};

#[tokio::test(start_paused = true)]
async fn the_options_are_those_of_publish() {
    let server = build(names(RouterOptions::new()));
    let (mut ann, ann_id) = enter_as(&server, "ann").await;
    let (mut eve, _) = enter_as(&server, "eve").await;
    let words = subscribe(&mut ann, json!({}), "last.words").await;
    subscribe(&mut eve, json!({}), "last.words").await;
    let (mut joe, joe_id) = enter_as(&server, "joe").await;
    for (n, options) in [
        (1, json!({"eligible": [ann_id]})),
        (2, json!({"exclude_authid": ["ann", "eve"]})),
        (
            3,
            json!({"exclude_authrole": ["eve"], "acknowledge": true, "_trace": "x"}),
        ),
        (4, json!({"eligible": []})),
        (5, json!({"disclose_me": true, "exclude_authid": ["eve"]})),
        (6, json!(null)),
    ] {
        leave(
            &mut joe,
            json!(["last.words", [n]]),
            json!({"publish_options": options}),
        )
        .await;
    }
    joe.vanish().await;
    ann.hears(event(words, &json!([1]))).await;
    ann.hears(json!([36, words, ANY, {"_trace": "x"}, [3]]))
        .await;
    ann.hears(json!([36, words, ANY, {"publisher": joe_id, "publisher_authid": "joe", "publisher_authrole": "joe"}, [5]]))
        .await;
    ann.hears(event(words, &json!([6]))).await;
    ann.hears_nothing().await;
    eve.hears(event(words, &json!([6]))).await;
    eve.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn disclosure_follows_the_rules_of_the_realm() {
    let refused = build(names(RouterOptions::new()).disclosure(Disclosure::Refused));
    let (mut joe, _) = enter_as(&refused, "joe").await;
    let options = json!({"publish_options": {"disclose_me": true}});
    let answer = ask_with(&mut joe, ADD, json!(["last.words"]), options).await;
    assert_eq!(error(&answer), "wamp.error.option_disallowed.disclose_me");

    let forced = build(names(RouterOptions::new()).disclosure(Disclosure::Forced));
    let rules = Permissions::new()
        .role(
            "joe",
            [
                Rule::prefix("").all(),
                Rule::exact("last.words")
                    .publish()
                    .disclose()
                    .trust_level(3),
            ],
        )
        .role("ann", [Rule::prefix("").all()]);
    let ruled = build(names(RouterOptions::new()).permissions(rules));
    for (server, level) in [(forced, None), (ruled, Some(3))] {
        let (mut ann, _) = enter_as(&server, "ann").await;
        let words = subscribe(&mut ann, json!({}), "last.words").await;
        let (mut joe, joe_id) = enter_as(&server, "joe").await;
        leave(&mut joe, json!(["last.words"]), json!({})).await;
        joe.vanish().await;
        let mut details =
            json!({"publisher": joe_id, "publisher_authid": "joe", "publisher_authrole": "joe"});
        if let Some(level) = level {
            details["trustlevel"] = json!(level);
        }
        ann.hears(json!([36, words, ANY, details])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_testament_is_authorised_when_it_is_added() {
    let rules = Permissions::new()
        .role(
            "joe",
            [
                Rule::prefix("wamp.").call(),
                Rule::exact("last.words").publish(),
                Rule::exact("last.secrets").subscribe(),
            ],
        )
        .role("ann", [Rule::prefix("").all()]);
    let log = Log::default();
    let asked = log.clone();
    let authorizer = move |_: Session, access: Access| {
        let asked = asked.clone();
        async move {
            asked.note(format!("{} {}", access.action, access.uri));
            tokio::task::yield_now().await;
            let allowed = access.action == Action::Publish && access.uri == "last.wish";
            let decision = if allowed {
                Decision::allow()
            } else {
                Decision::deny()
            };
            decision.trust_level(5)
        }
    };
    let server = build(
        names(RouterOptions::new())
            .permissions(rules)
            .authorizer(authorizer),
    );
    let (mut ann, _) = enter_as(&server, "ann").await;
    let words = subscribe(&mut ann, json!({}), "last.words").await;
    let wish = subscribe(&mut ann, json!({}), "last.wish").await;
    subscribe(&mut ann, json!({}), "last.secrets").await;
    let (mut joe, _) = enter_as(&server, "joe").await;
    for topic in ["last.secrets", "last.will"] {
        let answer = ask(&mut joe, ADD, json!([topic, ["no"]])).await;
        assert_eq!(error(&answer), "wamp.error.not_authorized", "{topic}");
    }
    leave(&mut joe, json!(["last.words", ["yes"]]), json!({})).await;
    leave(&mut joe, json!(["last.wish", ["maybe"]]), json!({})).await;
    assert_eq!(log.take(), ["publish to last.will", "publish to last.wish"]);
    joe.vanish().await;
    ann.hears(event(words, &json!(["yes"]))).await;
    ann.hears(json!([36, wish, ANY, {"trustlevel": 5}, ["maybe"]]))
        .await;
    ann.hears_nothing().await;
    assert!(log.take().is_empty(), "nobody is asked about the dead");
}

#[tokio::test(start_paused = true)]
async fn bad_testaments_get_errors() {
    let server = router();
    let (mut heir, _) = enter(&server).await;
    subscribe(&mut heir, json!({"match": "prefix"}), "").await;
    let (mut client, _) = enter(&server).await;
    heir.rest().await;
    let invalid = "wamp.error.invalid_argument";
    let invalid_uri = "wamp.error.invalid_uri";
    for (args, kwargs, expected) in [
        (json!([]), json!({}), invalid),
        (json!([7]), json!({}), invalid),
        (json!([null]), json!({}), invalid),
        (json!(["no uri"]), json!({}), invalid_uri),
        (json!(["wamp.session.on_join", []]), json!({}), invalid_uri),
        (json!(["last."]), json!({}), invalid_uri),
        (json!(["last.words", {"a": 1}]), json!({}), invalid),
        (json!(["last.words", "text"]), json!({}), invalid),
        (json!(["last.words", [], [1]]), json!({}), invalid),
        (json!(["last.words"]), json!({"scope": "both"}), invalid),
        (json!(["last.words"]), json!({"scope": 7}), invalid),
        (
            json!(["last.words"]),
            json!({"publish_options": []}),
            invalid,
        ),
        (
            json!(["last.words"]),
            json!({"publish_options": "x"}),
            invalid,
        ),
        (
            json!(["last.words"]),
            json!({"publish_options": {"eligible": 7}}),
            invalid,
        ),
        (
            json!(["last.words"]),
            json!({"publish_options": {"exclude_authid": [7]}}),
            invalid,
        ),
        (
            json!(["last.words"]),
            json!({"publish_options": {"disclose_me": 1}}),
            invalid,
        ),
    ] {
        let answer = ask_with(&mut client, ADD, args.clone(), kwargs.clone()).await;
        assert_eq!(error(&answer), expected, "{args} {kwargs}: {answer}");
    }
    // What a session has not announced it cannot leave.
    let mut plain = Client::connect(&server);
    greet(
        &mut plain,
        r#"[1,"realm1",{"roles":{"caller":{},"publisher":{}}}]"#,
    )
    .await;
    heir.rest().await;
    let ppt = json!({"publish_options": {"ppt_scheme": "x_own"}});
    let answer = ask_with(&mut plain, ADD, json!(["last.words", ["\u{0}AA=="]]), ppt).await;
    assert_eq!(error(&answer), invalid);
    client.vanish().await;
    heir.hears(json!([36, ANY, ANY, {"topic": "wamp.session.on_leave"}, [ANY, ANY, ANY]]))
        .await;
    heir.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn testaments_are_bounded_in_number_and_size() {
    let server = router();
    let (mut heir, _) = enter(&server).await;
    let words = subscribe(&mut heir, json!({}), "last.words").await;
    let (mut many, _) = enter(&server).await;
    for n in 0..64 {
        let scope = if n % 2 == 0 { "destroyed" } else { "detached" };
        leave(
            &mut many,
            json!(["last.words", [n]]),
            json!({"scope": scope}),
        )
        .await;
    }
    let answer = ask(&mut many, ADD, json!(["last.words", [64]])).await;
    assert_eq!(error(&answer), "wamp.error.limit_exceeded");
    // What is flushed makes room.
    let answer = ask(&mut many, "wamp.session.flush_testaments", json!([])).await;
    assert_eq!(answer, nothing());
    leave(&mut many, json!(["last.words", [65]]), json!({})).await;
    many.vanish().await;
    for n in (0..64).filter(|n| n % 2 == 1).chain([65]) {
        heir.hears(event(words, &json!([n]))).await;
    }

    let (mut long, _) = enter(&server).await;
    let text = "x".repeat(40 * 1024);
    let answer = ask(&mut long, ADD, json!(["last.words", [text, text]])).await;
    assert_eq!(error(&answer), "wamp.error.limit_exceeded");
    leave(&mut long, json!(["last.words", [text]]), json!({})).await;
    let answer = ask(&mut long, ADD, json!(["last.words", [text]])).await;
    assert_eq!(error(&answer), "wamp.error.limit_exceeded");
    leave(&mut long, json!(["last.words", ["short"]]), json!({})).await;
    let options = json!({"publish_options": {"eligible_authid": vec!["x".repeat(1000); 15]}});
    leave(&mut long, json!(["last.words"]), options.clone()).await;
    let answer = ask_with(&mut long, ADD, json!(["last.words"]), options).await;
    assert_eq!(error(&answer), "wamp.error.limit_exceeded");
    long.vanish().await;
    heir.hears(event(words, &json!([text]))).await;
    heir.hears(event(words, &json!(["short"]))).await;
    heir.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn testaments_pass_from_every_serializer_to_every_other() {
    let server = router();
    let names = ["wamp.2.json", "wamp.2.msgpack", "wamp.2.cbor"];
    for from in names {
        let mut heirs = Vec::new();
        for to in names {
            let to = Subprotocol::parse(to).expect("known");
            let mut heir = Client::connect_as(&server, to);
            greet(&mut heir, EVERYTHING).await;
            let words = subscribe(&mut heir, json!({}), "last.words").await;
            heirs.push((heir, words));
        }
        let mut client = Client::connect_as(&server, Subprotocol::parse(from).expect("known"));
        greet(&mut client, EVERYTHING).await;
        let options = json!({"publish_options": {"disclose_me": false, "_trace": [1]}});
        let args = json!(["last.words", ["a", 1.5, [null]], {"k": {"l": true}}]);
        leave(&mut client, args, options).await;
        leave(&mut client, json!(["last.words", [], {}]), json!({})).await;
        leave(
            &mut client,
            json!(["last.words", null, {"k": 1}]),
            json!({}),
        )
        .await;
        client.goodbye().await;
        for (heir, words) in &mut heirs {
            heir.hears(
                json!([36, words, ANY, {"_trace": [1]}, ["a", 1.5, [null]], {"k": {"l": true}}]),
            )
            .await;
            heir.hears(json!([36, words, ANY, {}])).await;
            heir.hears(json!([36, words, ANY, {}, [], {"k": 1}])).await;
        }
        for (heir, _) in heirs {
            heir.vanish().await;
        }
    }
}

/// Retained, it is there for those who come later.
#[tokio::test(start_paused = true)]
async fn a_testament_may_be_retained() {
    let server = router();
    let (mut client, _) = enter(&server).await;
    let options = json!({"publish_options": {"retain": true}});
    leave(&mut client, json!(["last.words", ["bye"]]), options).await;
    client.vanish().await;
    let (mut heir, _) = enter(&server).await;
    let words = subscribe(&mut heir, json!({"get_retained": true}), "last.words").await;
    heir.hears(json!([36, words, ANY, {"retained": true}, ["bye"]]))
        .await;
}

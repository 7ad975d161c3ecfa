//! Who may ask the router, and who may have power over others.

use serde_json::Value;
use wamp_server::permission::{Access, Decision, Permissions, Rule};
use wamp_server::{App, RouterOptions, Session};

use super::meta::{ask, enter, enter_as, error, event, names, result, subscribe};
use crate::support::{ANY, build, json};

/// All procedures that ask, with arguments that nothing is found for, and what they say then.
fn asking() -> [(&'static str, Value, &'static str); 17] {
    [
        ("wamp.session.count", json!([["nobody"]]), ""),
        ("wamp.session.list", json!([["nobody"]]), ""),
        ("wamp.session.get", json!([1]), "wamp.error.no_such_session"),
        (
            "wamp.session.add_testament",
            json!(["last.words", [], {}]),
            "",
        ),
        ("wamp.session.flush_testaments", json!([]), ""),
        ("wamp.registration.list", json!([]), ""),
        ("wamp.registration.lookup", json!(["x.y"]), ""),
        ("wamp.registration.match", json!(["x.y"]), ""),
        (
            "wamp.registration.get",
            json!([4711]),
            "wamp.error.no_such_registration",
        ),
        (
            "wamp.registration.list_callees",
            json!([4711]),
            "wamp.error.no_such_registration",
        ),
        (
            "wamp.registration.count_callees",
            json!([4711]),
            "wamp.error.no_such_registration",
        ),
        ("wamp.subscription.list", json!([]), ""),
        ("wamp.subscription.lookup", json!(["x.y"]), ""),
        ("wamp.subscription.match", json!(["x.y"]), ""),
        (
            "wamp.subscription.get",
            json!([4711]),
            "wamp.error.no_such_subscription",
        ),
        (
            "wamp.subscription.list_subscribers",
            json!([4711]),
            "wamp.error.no_such_subscription",
        ),
        (
            "wamp.subscription.count_subscribers",
            json!([4711]),
            "wamp.error.no_such_subscription",
        ),
    ]
}

/// All that have power over others; the same.
fn mighty() -> [(&'static str, Value, &'static str); 6] {
    [
        (
            "wamp.session.kill",
            json!([1]),
            "wamp.error.no_such_session",
        ),
        ("wamp.session.kill_by_authid", json!(["nobody"]), ""),
        ("wamp.session.kill_by_authrole", json!(["nobody"]), ""),
        ("wamp.session.kill_all", json!([]), ""),
        (
            "wamp.registration.remove_callee",
            json!([4711, 1]),
            "wamp.error.no_such_registration",
        ),
        (
            "wamp.subscription.remove_subscriber",
            json!([4711, 1]),
            "wamp.error.no_such_subscription",
        ),
    ]
}

/// Asks everything as somebody who is alone in his realm.
async fn check(app: App, name: &str, may_ask: bool, is_mighty: bool) {
    let server = build(app);
    let (mut client, _) = enter_as(&server, name).await;
    let all = asking().into_iter().map(|it| (it, may_ask));
    let all = all.chain(mighty().into_iter().map(|it| (it, is_mighty)));
    for ((procedure, args, outcome), allowed) in all {
        let answer = ask(&mut client, procedure, args).await;
        match (allowed, outcome) {
            (false, _) => assert_eq!(error(&answer), "wamp.error.not_authorized", "{procedure}"),
            (true, "") => assert_eq!(answer[0], 50, "{procedure}: {answer}"),
            (true, outcome) => assert_eq!(error(&answer), outcome, "{procedure}"),
        }
    }
}

fn rules() -> Permissions {
    let kill_only = Rule::prefix("wamp.session.kill").call();
    Permissions::new()
        .role("reader", [Rule::prefix("").all()])
        .role("plain", [Rule::prefix("").all()])
        .role(
            "mighty",
            [Rule::prefix("").all(), Rule::prefix("wamp.").call()],
        )
        .role(
            "named",
            [
                Rule::prefix("wam").all(),
                Rule::wildcard("wamp..").call(),
                Rule::exact("last.words").publish(),
            ],
        )
        .role(
            "forbidden",
            [
                Rule::prefix("wamp"),
                Rule::wildcard("wamp..").call(),
                Rule::prefix("last.").all(),
            ],
        )
        .role("killer", [kill_only])
        .role("nothing", [])
}

#[tokio::test(start_paused = true)]
async fn without_rules_everybody_may_ask_and_nobody_is_mighty() {
    check(names(RouterOptions::new()), "joe", true, false).await;
    let control = RouterOptions::new().meta_control(true);
    check(names(control), "joe", true, true).await;
}

#[tokio::test(start_paused = true)]
async fn with_rules_only_those_are_mighty_whom_a_rule_names_so() {
    for (name, may_ask, is_mighty) in [
        ("reader", true, false),
        ("mighty", true, true),
        // A rule for everything does not hide one for the router.
        ("named", true, true),
        // But what is forbidden is.
        ("forbidden", false, false),
        ("nothing", false, false),
    ] {
        for control in [false, true] {
            let options = RouterOptions::new().meta_control(control);
            let app = names(options).permissions(rules());
            check(app, name, may_ask, is_mighty).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_may_grant_some_power() {
    let server = build(names(RouterOptions::new()).permissions(rules()));
    let (mut killer, _) = enter_as(&server, "killer").await;
    for (procedure, args, _) in asking() {
        let answer = ask(&mut killer, procedure, args).await;
        assert_eq!(error(&answer), "wamp.error.not_authorized", "{procedure}");
    }
    for (procedure, args, outcome) in mighty() {
        let answer = ask(&mut killer, procedure, args).await;
        match (procedure.starts_with("wamp.session."), outcome) {
            (false, _) => assert_eq!(error(&answer), "wamp.error.not_authorized", "{procedure}"),
            (true, "") => assert_eq!(answer[0], 50, "{procedure}: {answer}"),
            (true, outcome) => assert_eq!(error(&answer), outcome, "{procedure}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_decides_what_rules_do_not_grant() {
    let wise = async |session: Session, access: Access| {
        let name = &session.auth().id;
        match &*access.uri {
            uri if uri.starts_with("wamp.session.kill") || uri.contains(".remove_") => {
                Decision::from(name == "reader")
            }
            _ => Decision::from(name != "nothing"),
        }
    };
    for (name, may_ask, is_mighty) in [
        ("reader", true, true),
        ("plain", true, false),
        ("mighty", true, true),
        ("forbidden", false, false),
        ("nothing", false, false),
        ("somebody", true, false),
    ] {
        let app = names(RouterOptions::new())
            .permissions(rules())
            .authorizer(wise);
        check(app, name, may_ask, is_mighty).await;
    }
    // Without any rules.
    for (name, may_ask, is_mighty) in [
        ("reader", true, true),
        ("joe", true, false),
        ("nothing", false, false),
    ] {
        let app = names(RouterOptions::new()).authorizer(wise);
        check(app, name, may_ask, is_mighty).await;
    }
}

#[tokio::test(start_paused = true)]
async fn where_things_are_hidden_so_is_power() {
    let hidden = names(RouterOptions::new()).hide_unauthorized(true);
    let with_rules = names(RouterOptions::new())
        .permissions(rules())
        .hide_unauthorized(true);
    for app in [hidden, with_rules] {
        let server = build(app);
        let (mut reader, _) = enter_as(&server, "reader").await;
        for (procedure, args, _) in mighty() {
            let answer = ask(&mut reader, procedure, args).await;
            assert_eq!(
                error(&answer),
                "wamp.error.no_such_procedure",
                "{procedure}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_told_unasked_is_subject_to_the_rules() {
    let rules = Permissions::new()
        .role("told", [Rule::prefix("wamp.session.").subscribe()])
        .role(
            "all",
            [
                Rule::prefix("").subscribe(),
                Rule::prefix("wamp.registration."),
            ],
        )
        .role("busy", [Rule::prefix("shop.").all()]);
    let server = build(names(RouterOptions::new()).permissions(rules));
    let (mut told, _) = enter_as(&server, "told").await;
    let (mut all, _) = enter_as(&server, "all").await;
    let (mut busy, busy_id) = enter_as(&server, "busy").await;
    let on_leave = subscribe(&mut told, json!({}), "wamp.session.on_leave").await;
    told.say(r#"[32,1,{},"wamp.registration.on_create"]"#).await;
    told.hears(json!([8, 32, 1, {}, "wamp.error.not_authorized", [ANY]]))
        .await;
    busy.say(r#"[32,1,{},"wamp.session.on_leave"]"#).await;
    busy.hears(json!([8, 32, 1, {}, "wamp.error.not_authorized", [ANY]]))
        .await;
    let everything = subscribe(&mut all, json!({"match": "prefix"}), "").await;
    all.rest().await;
    busy.say(r#"[64,2,{},"shop.price"]"#).await;
    busy.hears(json!([65, 2, ANY])).await;
    all.hears_nothing().await;
    busy.vanish().await;
    told.hears(event(on_leave, &json!([busy_id, "busy", "busy"])))
        .await;
    all.hears(
        json!([36, everything, ANY, {"topic": "wamp.session.on_leave"}, [busy_id, "busy", "busy"]]),
    )
    .await;
    all.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_the_routers_nobody_else_says_or_answers() {
    let server = build(App::empty().router(RouterOptions::new().meta_control(true)));
    let (mut client, _) = enter(&server).await;
    client
        .say(r#"[16,1,{"acknowledge":true},"wamp.session.on_join",[1]]"#)
        .await;
    client
        .hears(json!([8, 16, 1, {}, "wamp.error.invalid_uri", [ANY]]))
        .await;
    client.say(r#"[64,2,{},"wamp.session.count"]"#).await;
    client
        .hears(json!([8, 64, 2, {}, "wamp.error.invalid_uri", [ANY]]))
        .await;
    // Nor by way of a pattern.
    super::meta::register(&mut client, json!({"match": "prefix"}), "").await;
    let answer = ask(&mut client, "wamp.session.count", json!([])).await;
    assert_eq!(result(&answer), &json!(1));
    let answer = ask(&mut client, "wamp.session.nonsense", json!([])).await;
    assert_eq!(error(&answer), "wamp.error.no_such_procedure");
}

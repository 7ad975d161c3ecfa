//! What callees and subscribers are told of callers and publishers.

use serde_json::Value;
use wamp_proto::id::Id;
use wamp_server::permission::{Disclosure, Permissions, Rule};
use wamp_server::{App, Call, RouterOptions, Server, Session, procedure, procedures};

use super::support::*;

const DISALLOWED: &str = "wamp.error.option_disallowed.disclose_me";

fn caller_of(id: u64, name: &str) -> Value {
    json!({"caller": id, "caller_authid": name, "caller_authrole": name})
}

fn publisher_of(id: u64, name: &str) -> Value {
    json!({"publisher": id, "publisher_authid": name, "publisher_authrole": name})
}

/// What the callee of one call is told, or the error's URI.
async fn told(server: &Server, register_options: Value, call_options: Value) -> (Value, Value) {
    let (mut callee, _) = join_named(server, "callee").await;
    let (mut caller, id) = join_named(server, "ann").await;
    say(&mut callee, json!([64, 1, register_options, "p"])).await;
    let registered = callee.next().await;
    if registered[0] == 8 {
        return (registered[4].clone(), json!({}));
    }
    say(&mut caller, json!([48, 1, call_options, "p"])).await;
    settle().await;
    let told = match callee.rest().await.as_slice() {
        [invocation] => invocation[3].clone(),
        _ => caller.next().await[4].clone(),
    };
    callee.goodbye().await;
    (told, caller_of(id, "ann"))
}

#[tokio::test(start_paused = true)]
async fn a_callee_is_told_who_calls_if_the_realm_the_caller_or_itself_wants_it() {
    let wants = || json!({"disclose_me": true});
    let wants_not = || json!({"disclose_me": false});
    let asks = || json!({"disclose_caller": true});
    let asks_not = || json!({"disclose_caller": false});
    let request = Disclosure::OnRequest;
    for (policy, register, call, expected) in [
        (request, json!({}), json!({}), "nothing"),
        (request, json!({}), wants_not(), "nothing"),
        (request, asks_not(), json!({}), "nothing"),
        (request, json!({}), wants(), "who"),
        (request, asks_not(), wants(), "who"),
        (request, asks(), json!({}), "who"),
        (request, asks(), wants_not(), "who"),
        (Disclosure::Forced, json!({}), json!({}), "who"),
        (Disclosure::Forced, asks_not(), wants_not(), "who"),
        (Disclosure::Refused, json!({}), json!({}), "nothing"),
        (Disclosure::Refused, json!({}), wants_not(), "nothing"),
        (Disclosure::Refused, json!({}), wants(), DISALLOWED),
        (Disclosure::Refused, asks(), json!({}), DISALLOWED),
    ] {
        let server = build(named().disclosure(policy));
        let (heard, who) = told(&server, register.clone(), call.clone()).await;
        let expected = match expected {
            "nothing" => json!({}),
            "who" => who,
            error => json!(error),
        };
        assert_eq!(heard, expected, "{policy:?} {register} {call}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_does_not_have_to_say_who_he_is_is_somebody_all_the_same() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "p").await;
    say(&mut caller, json!([48, 1, {"disclose_me": true}, "p"])).await;
    let details = json!({"caller": ANY, "caller_authid": ANY, "caller_authrole": "anonymous"});
    callee.hears(json!([68, 1, ANY, details])).await;
}

fn publish_options(disclose: Option<bool>, acknowledge: bool) -> Value {
    let mut options = json!({"acknowledge": acknowledge});
    if let Some(disclose) = disclose {
        options["disclose_me"] = json!(disclose);
    }
    options
}

#[tokio::test(start_paused = true)]
async fn subscribers_are_told_who_publishes_if_the_realm_or_the_publisher_wants_it() {
    for (policy, wants, expected) in [
        (Disclosure::OnRequest, None, Ok(false)),
        (Disclosure::OnRequest, Some(false), Ok(false)),
        (Disclosure::OnRequest, Some(true), Ok(true)),
        (Disclosure::Forced, None, Ok(true)),
        (Disclosure::Forced, Some(false), Ok(true)),
        (Disclosure::Refused, None, Ok(false)),
        (Disclosure::Refused, Some(false), Ok(false)),
        (Disclosure::Refused, Some(true), Err(DISALLOWED)),
    ] {
        let server = build(named().disclosure(policy));
        let (mut subscriber, _) = join_named(&server, "sue").await;
        let id = subscribe(&mut subscriber, 1, json!({}), "t").await;
        let pattern = subscribe(&mut subscriber, 2, json!({"match": "prefix"}), "t").await;
        let (mut publisher, session) = join_named(&server, "pat").await;
        for (request, acknowledge) in [(1, true), (2, false)] {
            let options = publish_options(wants, acknowledge);
            say(&mut publisher, json!([16, request, options, "t"])).await;
            match expected {
                Err(error) if acknowledge => {
                    let error = json!([8, 16, request, {}, error, [ANY]]);
                    publisher.hears(error).await;
                }
                Ok(_) if acknowledge => publisher.hears(json!([17, request, ANY])).await,
                _ => publisher.hears_nothing().await,
            }
            let Ok(disclosed) = expected else {
                subscriber.hears_nothing().await;
                continue;
            };
            let mut details = json!({});
            if disclosed {
                details = publisher_of(session, "pat");
            }
            subscriber.hears(json!([36, id, ANY, details])).await;
            details["topic"] = json!("t");
            subscriber.hears(json!([36, pattern, ANY, details])).await;
        }
    }
}

/// Those who are told of, those who are trusted, and everybody else.
fn rules() -> Permissions {
    let open = |rule: Rule| rule.all();
    Permissions::new()
        .role("ann", [open(Rule::prefix("")).disclose()])
        .role("bob", [open(Rule::prefix("")).trust_level(7)])
        .role("zoe", [open(Rule::prefix("")).disclose().trust_level(0)])
        .role("joe", [open(Rule::prefix(""))])
}

#[tokio::test(start_paused = true)]
async fn rules_disclose_and_trust_callers_and_publishers() {
    for policy in [Disclosure::OnRequest, Disclosure::Refused] {
        let server = build(named().permissions(rules()).disclosure(policy));
        let (mut other, _) = join_named(&server, "joe").await;
        let procedure = register(&mut other, 1, json!({}), "p").await;
        let topic = subscribe(&mut other, 2, json!({}), "t").await;
        for (invocation, (name, discloses, trusts)) in (1..).zip([
            ("ann", true, None),
            ("bob", false, Some(7)),
            ("zoe", true, Some(0)),
            ("joe", false, None),
        ]) {
            let (mut client, id) = join_named(&server, name).await;
            let (mut caller, mut publisher) = (json!({}), json!({}));
            if discloses {
                (caller, publisher) = (caller_of(id, name), publisher_of(id, name));
            }
            if let Some(level) = trusts {
                caller["trustlevel"] = json!(level);
                publisher["trustlevel"] = json!(level);
            }
            say(&mut client, json!([48, 1, {}, "p"])).await;
            other
                .hears(json!([68, invocation, procedure, caller]))
                .await;
            say(&mut other, json!([70, invocation, {}])).await;
            client.hears(json!([50, 1, {}])).await;
            say(&mut client, json!([16, 2, {}, "t"])).await;
            other.hears(json!([36, topic, ANY, publisher])).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_claims_to_be_trusted_or_somebody_else_is_not() {
    let server = build(named());
    let (mut other, _) = join_named(&server, "joe").await;
    let procedure = register(&mut other, 1, json!({}), "p").await;
    let topic = subscribe(&mut other, 2, json!({}), "t").await;
    let (mut liar, _) = join_named(&server, "liar").await;
    let mut lies = caller_of(1, "root");
    lies["trustlevel"] = json!(9);
    say(&mut liar, json!([48, 1, lies, "p"])).await;
    other.hears(json!([68, 1, procedure, {}])).await;
    let mut lies = publisher_of(1, "root");
    lies["trustlevel"] = json!(9);
    lies["topic"] = json!("u");
    lies["retained"] = json!(true);
    say(&mut liar, json!([16, 2, lies, "t"])).await;
    other.hears(json!([36, topic, ANY, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_is_told_nothing_of_its_callee() {
    let server = build(named().disclosure(Disclosure::Forced));
    let (mut callee, _) = join_named(&server, "callee").await;
    register(&mut callee, 1, json!({}), "p").await;
    let (mut caller, id) = join_named(&server, "ann").await;
    say(&mut caller, json!([48, 1, {}, "p"])).await;
    callee
        .hears(json!([68, 1, ANY, caller_of(id, "ann")]))
        .await;
    let claims = json!({"callee": 1, "callee_authid": "x", "trustlevel": 4});
    say(&mut callee, json!([70, 1, claims])).await;
    caller.hears(json!([50, 1, {}])).await;
}

#[procedure("here")]
async fn here(call: &Call, session: &Session) -> (bool, Id) {
    (call.is_disclosed(), session.id())
}

#[tokio::test(start_paused = true)]
async fn functions_and_callees_are_told_the_same() {
    let app = App::empty()
        .router(RouterOptions::new())
        .procedures(procedures![here]);
    let server = build(app);
    let mut callee = join(&server).await;
    register(&mut callee, 1, json!({}), "there").await;
    let (mut caller, id) = join_as(&server, json!({"roles": everything()})).await;
    say(&mut caller, json!([48, 1, {"disclose_me": true}, "here"])).await;
    caller.hears(json!([50, 1, {}, [true, id]])).await;
    say(&mut caller, json!([48, 2, {"disclose_me": true}, "there"])).await;
    assert_eq!(callee.next().await[3]["caller"], id);
}

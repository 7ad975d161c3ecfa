//! What others are told about callers and publishers.

use super::*;

#[tokio::test(start_paused = true)]
async fn who_calls_is_disclosed_if_the_realm_a_rule_or_the_caller_says_so() {
    for (policy, asked, expected) in [
        (Disclosure::OnRequest, json!({}), json!(false)),
        (
            Disclosure::OnRequest,
            json!({"disclose_me": true}),
            json!(true),
        ),
        (
            Disclosure::OnRequest,
            json!({"disclose_me": false}),
            json!(false),
        ),
        (Disclosure::Forced, json!({}), json!(true)),
        (
            Disclosure::Forced,
            json!({"disclose_me": false}),
            json!(true),
        ),
        (Disclosure::Refused, json!({}), json!(false)),
        (
            Disclosure::Refused,
            json!({"disclose_me": true}),
            json!("wamp.error.option_disallowed.disclose_me"),
        ),
    ] {
        let server = build(app().disclosure(policy));
        let mut client = join(&server, "staff").await;
        let told = outcome(&mut client, json!([48, 1, asked, "shop.told"])).await;
        assert_eq!(told, expected, "{policy:?} {asked}");
        // A publisher is treated alike.
        let mut options = asked;
        options["acknowledge"] = json!(true);
        let published = outcome(&mut client, json!([16, 2, options, "chat.x", ["hi"]])).await;
        let expected = if expected.is_string() {
            expected
        } else {
            json!(17)
        };
        assert_eq!(published, expected, "{policy:?} {options}");
    }
}

#[tokio::test(start_paused = true)]
async fn rules_and_authorizers_disclose_and_trust() {
    let by_rule = Permissions::new().role("admin", []).role(
        "staff",
        [
            Rule::prefix("").all(),
            Rule::prefix("chat.").publish().disclose().trust_level(3),
            Rule::exact("shop.told").call().disclose().trust_level(5),
        ],
    );
    let by_function = async |_: Session, access: Access| {
        let decision = Decision::allow();
        match &*access.uri {
            "shop.told" => decision.disclose().trust_level(5),
            "chat.x" => decision.disclose().trust_level(3),
            _ => decision,
        }
    };
    for app in [app().permissions(by_rule), app().authorizer(by_function)] {
        let server = build(app.disclosure(Disclosure::Refused));
        let mut client = join(&server, "staff").await;
        client.say(r#"[48,1,{},"shop.told"]"#).await;
        client.hears(json!([50, 1, {}, [true, 5]])).await;
        let news = client.subscribe(2, "shop.news").await;
        client.say(r#"[16,3,{},"chat.x",["hi"]]"#).await;
        client
            .hears(json!([36, news, ANY, {}, ["x", "hi", true, 3]]))
            .await;
    }
}

#[procedure("shop.announce")]
async fn announce(
    call: &Call,
    session: &Session,
    realm: &wamp_server::Realm,
) -> Result<usize, CallError> {
    let mut event = realm.publication("shop.news").trust_level(4);
    if call.is_disclosed() {
        event = event.publisher(session);
    }
    let published = event.send("sale")?;
    let again = session
        .publication("shop.news")
        .trust_level(5)
        .publisher(session)
        .send("psst")?;
    let not_me = session
        .publication("shop.news")
        .exclude([session.id()])
        .send("not for you")?;
    Ok(published.receivers + again.receivers + not_me.receivers)
}

#[tokio::test(start_paused = true)]
async fn events_of_the_application_say_who_and_how_trusted_if_it_wants() {
    let server = build(app().procedures(procedures![announce]));
    let (mut ann, mut joe) = (join(&server, "ann").await, join(&server, "joe").await);
    let (at_ann, at_joe) = (
        ann.subscribe(1, "shop.news").await,
        joe.subscribe(1, "shop.news").await,
    );
    ann.say(r#"[48,2,{"disclose_me":true},"shop.announce"]"#)
        .await;
    let of_ann = |trust| json!({"trustlevel": trust, "publisher": ANY, "publisher_authid": "ann", "publisher_authrole": "ann"});
    joe.hears(json!([36, at_joe, ANY, of_ann(4), ["sale"]]))
        .await;
    ann.hears(json!([36, at_ann, ANY, of_ann(4), ["sale"]]))
        .await;
    ann.hears(json!([36, at_ann, ANY, of_ann(5), ["psst"]]))
        .await;
    ann.hears(json!([50, 2, {}, [3]])).await;
    joe.hears_nothing().await;
    ann.say(r#"[48,3,{},"shop.announce"]"#).await;
    joe.hears(json!([36, at_joe, ANY, {"trustlevel": 4}, ["sale"]]))
        .await;
}

#[procedure("shop.who", disclose_caller)]
async fn who(call: &Call) -> bool {
    call.is_disclosed()
}

#[tokio::test(start_paused = true)]
async fn a_procedure_may_ask_for_its_callers() {
    for policy in [Disclosure::OnRequest, Disclosure::Forced] {
        let server = build(app().procedures(procedures![who]).disclosure(policy));
        let mut client = join(&server, "staff").await;
        assert_eq!(call(&mut client, "shop.who").await, json!(true));
    }
}

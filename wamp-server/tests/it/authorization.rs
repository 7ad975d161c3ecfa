//! What sessions may do: rules of roles, functions that decide, what handlers ask for, and what others are told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use serde_json::Value;
use wamp_server::auth::Principal;
use wamp_server::permission::{Access, Decision, Disclosure, Permissions, Rule};
use wamp_server::{
    App, Call, CallError, Limits, Server, Session, procedure, procedures, subscriber, subscribers,
    topic, topics,
};

use crate::support::{ANY, Client, Events, Log, build, json, nothing_is_left, settle};

#[procedure("shop.price")]
async fn price() -> u32 {
    7
}

#[procedure("shop.orders", roles("admin", "staff"))]
async fn orders() -> u32 {
    3
}

#[procedure("admin.stop")]
async fn stop() {}

/// What others may be told about the caller.
#[procedure("shop.told")]
async fn told(call: &Call) -> (bool, Option<u64>) {
    (call.is_disclosed(), call.trust_level())
}

#[topic("shop.news")]
async fn news() {}

#[topic("shop.secrets", roles("admin"))]
async fn secrets() {}

#[subscriber("chat.{room}")]
async fn chat(room: &str, text: String, call: &Call, realm: &wamp_server::Realm) {
    let said = (room, text, call.is_disclosed(), call.trust_level());
    realm.publish("shop.news", said).expect("it can be sent");
}

#[subscriber("shop.alarm", roles("admin"))]
async fn alarm() {}

/// Everybody is who he says he is, in the role of the same name.
fn app() -> App {
    App::empty()
        .procedures(procedures![price, orders, stop, told])
        .topics(topics![news, secrets])
        .subscribers(subscribers![chat, alarm])
        .transport_authenticator(async |session: Session| {
            let name = session.hello().authid.clone()?;
            Some(Principal::new(&*name, &*name))
        })
}

fn permissions() -> Permissions {
    Permissions::new()
        .role("admin", [Rule::prefix("").all()])
        .role(
            "staff",
            [
                Rule::prefix("shop.").all(),
                Rule::prefix("chat.").publish().disclose().trust_level(3),
            ],
        )
        .role(
            "customer",
            [
                Rule::prefix("shop.").call().subscribe(),
                Rule::exact("shop.told"),
                Rule::wildcard("chat.").publish(),
                Rule::exact("chat.private"),
            ],
        )
}

async fn join(server: &Server, name: &str) -> Client {
    let mut client = Client::connect(server);
    let roles = json!({"caller": {}, "subscriber": {}, "publisher": {}});
    client
        .say(json!([1, "realm1", {"authid": name, "roles": roles}]).to_string())
        .await;
    let welcome = client.next().await;
    assert_eq!(
        (&welcome[0], &welcome[2]["authrole"]),
        (&json!(2), &json!(name)),
        "{welcome}"
    );
    client
}

const NOT_AUTHORIZED: &str = "wamp.error.not_authorized";
const FAILED: &str = "wamp.error.authorization_failed";
const NO_SUCH_PROCEDURE: &str = "wamp.error.no_such_procedure";
const INVALID_URI: &str = "wamp.error.invalid_uri";

/// Calls and gives the result, or the error's URI.
async fn call(client: &mut Client, procedure: &str) -> Value {
    outcome(client, json!([48, 9, {}, procedure])).await
}

async fn outcome(client: &mut Client, request: Value) -> Value {
    client.say(request.to_string()).await;
    let answer = client.next().await;
    match answer[0].as_u64() {
        Some(8) => answer[4].clone(),
        Some(50) => answer[3][0].clone(),
        _ => answer[0].clone(),
    }
}

async fn subscribe(client: &mut Client, topic: &str) -> Value {
    outcome(client, json!([32, 9, {}, topic])).await
}

async fn publish(client: &mut Client, topic: &str) -> Value {
    outcome(client, json!([16, 9, {"acknowledge": true}, topic, ["hi"]])).await
}

#[tokio::test(start_paused = true)]
async fn each_role_has_its_rules_and_the_best_one_counts() {
    let server = build(app().permissions(permissions()));
    let (mut admin, mut staff, mut customer) = (
        join(&server, "admin").await,
        join(&server, "staff").await,
        join(&server, "customer").await,
    );
    for (procedure, expected) in [
        ("shop.price", [json!(7), json!(7), json!(7)]),
        ("shop.orders", [json!(3), json!(3), json!(NOT_AUTHORIZED)]),
        (
            "shop.told",
            [json!(false), json!(false), json!(NOT_AUTHORIZED)],
        ),
        (
            "admin.stop",
            [json!(null), json!(NOT_AUTHORIZED), json!(NOT_AUTHORIZED)],
        ),
        (
            "shop.nothing",
            [
                json!(NO_SUCH_PROCEDURE),
                json!(NO_SUCH_PROCEDURE),
                json!(NO_SUCH_PROCEDURE),
            ],
        ),
        (
            "admin.nothing",
            [
                json!(NO_SUCH_PROCEDURE),
                json!(NOT_AUTHORIZED),
                json!(NOT_AUTHORIZED),
            ],
        ),
    ] {
        let [for_admin, for_staff, for_customer] = expected;
        assert_eq!(call(&mut admin, procedure).await, for_admin, "{procedure}");
        assert_eq!(call(&mut staff, procedure).await, for_staff, "{procedure}");
        assert_eq!(
            call(&mut customer, procedure).await,
            for_customer,
            "{procedure}"
        );
    }
    for (topic, expected) in [
        ("shop.news", [json!(33), json!(33)]),
        ("shop.secrets", [json!(33), json!(NOT_AUTHORIZED)]),
        ("chat.lobby", [json!(INVALID_URI), json!(NOT_AUTHORIZED)]),
    ] {
        let [for_admin, for_customer] = expected;
        assert_eq!(subscribe(&mut admin, topic).await, for_admin, "{topic}");
        assert_eq!(
            subscribe(&mut customer, topic).await,
            for_customer,
            "{topic}"
        );
    }
    customer.goodbye().await;
    let mut customer = join(&server, "customer").await;
    for (topic, expected) in [
        ("chat.lobby", json!(17)),
        ("chat.private", json!(NOT_AUTHORIZED)),
        ("shop.news", json!(NOT_AUTHORIZED)),
        ("shop.alarm", json!(NOT_AUTHORIZED)),
    ] {
        assert_eq!(publish(&mut customer, topic).await, expected, "{topic}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_what_was_refused() {
    let server = build(app().permissions(permissions()));
    let mut customer = join(&server, "customer").await;
    for (request, text) in [
        (
            json!([48, 1, {}, "admin.stop"]),
            "not authorized to call `admin.stop`",
        ),
        (
            json!([32, 2, {}, "x.y"]),
            "not authorized to subscribe to `x.y`",
        ),
        (
            json!([16, 3, {"acknowledge": true}, "x.y"]),
            "not authorized to publish to `x.y`",
        ),
    ] {
        customer.say(request.to_string()).await;
        customer
            .hears(json!([
                8,
                request[0],
                request[1],
                {},
                NOT_AUTHORIZED,
                [text]
            ]))
            .await;
    }
    assert_eq!(server.stats().unauthorized_requests, 3);
}

#[tokio::test(start_paused = true)]
async fn an_unacknowledged_event_that_is_refused_is_dropped_and_counted() {
    let server = build(app().permissions(permissions()));
    let mut customer = join(&server, "customer").await;
    customer.say(r#"[16,1,{},"chat.private",["hi"]]"#).await;
    customer.hears_nothing().await;
    let stats = server.stats();
    assert_eq!(
        (stats.dropped_publications, stats.unauthorized_requests),
        (1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_role_without_rules_does_not_exist() {
    let server = build(app().permissions(permissions()));
    let mut client = Client::connect(&server);
    client
        .say(r#"[1,"realm1",{"authid":"nobody","roles":{"caller":{}}}]"#)
        .await;
    client.hears(json!([3, {"message": "there is no role `nobody` in this realm"}, "wamp.error.no_such_role"])).await;
    client.hears_the_end().await;
    settle().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn functions_say_whom_they_are_for_without_any_rules() {
    let server = build(app());
    let (mut staff, mut customer) = (
        join(&server, "staff").await,
        join(&server, "customer").await,
    );
    assert_eq!(call(&mut staff, "shop.orders").await, json!(3));
    assert_eq!(
        call(&mut customer, "shop.orders").await,
        json!(NOT_AUTHORIZED)
    );
    assert_eq!(
        subscribe(&mut staff, "shop.secrets").await,
        json!(NOT_AUTHORIZED)
    );
    assert_eq!(
        publish(&mut staff, "shop.alarm").await,
        json!(NOT_AUTHORIZED)
    );
    let mut admin = join(&server, "admin").await;
    assert_eq!(subscribe(&mut admin, "shop.secrets").await, json!(33));
    assert_eq!(publish(&mut admin, "shop.alarm").await, json!(17));
}

#[tokio::test(start_paused = true)]
async fn what_is_hidden_is_not_there() {
    let hidden = |app: App| build(app.hide_unauthorized(true));
    let asking = app().authorizer(async |session: Session, access: Access| {
        tokio::task::yield_now().await;
        session.auth().role == "admin" || access.uri == "shop.price"
    });
    for server in [hidden(app().permissions(permissions())), hidden(asking)] {
        let mut customer = join(&server, "customer").await;
        let mut request = 0;
        for options in [
            json!({}),
            json!({"progress": true}),
            json!({"disclose_me": true}),
        ] {
            let mut answers = Vec::new();
            for uri in ["admin.stop", "admin.none"] {
                request += 1;
                customer
                    .say(json!([48, request, options, uri]).to_string())
                    .await;
                let mut answer = customer.next().await;
                answer[2] = json!(0);
                answers.push(answer.to_string().replace(uri, "URI"));
            }
            assert_eq!(answers[0], answers[1]);
            assert!(answers[0].contains(NO_SUCH_PROCEDURE), "{answers:?}");
        }
        for (code, options) in [(32, json!({})), (16, json!({"acknowledge": true}))] {
            let mut answers = Vec::new();
            for uri in ["shop.secrets", "shop.alarm", "none.at_all"] {
                customer
                    .say(json!([code, 1, options, uri]).to_string())
                    .await;
                answers.push(customer.next().await.to_string().replace(uri, "URI"));
            }
            answers.dedup();
            assert_eq!(answers.len(), 1, "{answers:?}");
            assert!(answers[0].contains(INVALID_URI), "{answers:?}");
        }
        assert_eq!(call(&mut customer, "shop.price").await, json!(7));
    }
}

/// Counts how often it is asked.
fn counting(app: App, decision: Decision) -> (App, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let app = app.authorizer({
        let asked = Arc::clone(&asked);
        move |_, _| {
            asked.fetch_add(1, SeqCst);
            async move { decision }
        }
    });
    (app, asked)
}

#[tokio::test(start_paused = true)]
async fn a_decision_holds_once_or_for_a_while_or_until_it_is_purged() {
    let (app_, asked) = counting(app(), Decision::allow());
    let mut client = join(&build(app_), "customer").await;
    for _ in 0..3 {
        assert_eq!(call(&mut client, "shop.price").await, json!(7));
    }
    assert_eq!(asked.load(SeqCst), 3);

    for (decision, answer) in [
        (Decision::allow(), json!(7)),
        (Decision::deny(), json!(NOT_AUTHORIZED)),
    ] {
        let (app_, asked) = counting(app(), decision.cache_for(Duration::from_secs(60)));
        let server = build(app_);
        let mut client = join(&server, "customer").await;
        let mut other = join(&server, "customer").await;
        for _ in 0..3 {
            assert_eq!(call(&mut client, "shop.price").await, answer);
        }
        assert_eq!(asked.load(SeqCst), 1);
        assert_eq!(call(&mut other, "shop.price").await, answer);
        assert_eq!(asked.load(SeqCst), 2, "it is for one session");
        subscribe(&mut client, "shop.price").await;
        assert_eq!(asked.load(SeqCst), 3, "it is for one action");
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert_eq!(call(&mut client, "shop.price").await, answer);
        assert_eq!(asked.load(SeqCst), 4, "it ends");
        server
            .realm("realm1")
            .expect("the default realm")
            .purge_authorizations();
        assert_eq!(call(&mut client, "shop.price").await, answer);
        assert_eq!(asked.load(SeqCst), 5, "it was purged");
    }
}

#[tokio::test(start_paused = true)]
async fn rules_come_before_the_authorizer() {
    let rules = Permissions::new().role(
        "customer",
        [Rule::exact("shop.price").call(), Rule::exact("admin.stop")],
    );
    let (app_, asked) = counting(app().permissions(rules), Decision::allow());
    let mut client = join(&build(app_), "customer").await;
    assert_eq!(call(&mut client, "shop.price").await, json!(7));
    assert_eq!(call(&mut client, "admin.stop").await, json!(NOT_AUTHORIZED));
    assert_eq!(asked.load(SeqCst), 0);
    assert_eq!(call(&mut client, "shop.told").await, json!(false));
    assert_eq!(asked.load(SeqCst), 1);
    assert_eq!(
        call(&mut client, "shop.orders").await,
        json!(NOT_AUTHORIZED),
        "it is for others"
    );
}

#[tokio::test(start_paused = true)]
async fn the_authorizer_sees_everything_about_the_request() {
    let server = build(app().state(Log::default()).authorizer(
        async |session: Session, access: Access| {
            let log = session.realm().state::<Log>().expect("it was given");
            log.note(format!(
                "{} wants to {} {}",
                session.auth().id,
                access.action,
                access.uri
            ));
            format!("{:?}", access.options).contains("disclose_me: Some(true)")
        },
    ));
    let realm = server.realm("realm1").expect("the default realm");
    let log = realm.state::<Log>().expect("it was given");
    let mut client = join(&server, "ann").await;
    let yes = json!({"disclose_me": true, "acknowledge": true});
    assert_eq!(
        outcome(&mut client, json!([48, 1, yes, "shop.price"])).await,
        json!(7)
    );
    assert_eq!(call(&mut client, "shop.price").await, json!(NOT_AUTHORIZED));
    assert_eq!(
        outcome(&mut client, json!([16, 2, yes, "chat.lobby", ["hi"]])).await,
        json!(17)
    );
    assert_eq!(
        subscribe(&mut client, "shop.news").await,
        json!(NOT_AUTHORIZED)
    );
    let expected = [
        "ann wants to call shop.price",
        "ann wants to call shop.price",
        "ann wants to publish to chat.lobby",
        "ann wants to subscribe to shop.news",
    ];
    assert_eq!(log.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_that_fails_is_not_a_refusal() {
    let server = build(
        app().authorizer(async |_, access: Access| match &*access.uri {
            "shop.price" => Err(CallError::from(std::io::Error::other("SELECT rights"))),
            "shop.told" => Err(CallError::new("my.own.error")),
            "shop.orders" => panic!("SELECT rights"),
            "admin.stop" => std::future::pending().await,
            _ => Ok(true),
        }),
    );
    let mut client = join(&server, "admin").await;
    for procedure in ["shop.price", "shop.told", "shop.orders"] {
        client.say(json!([48, 1, {}, procedure]).to_string()).await;
        let answer = client.next().await;
        assert_eq!(answer[4], FAILED, "{answer}");
        assert!(!answer.to_string().contains("SELECT"), "{answer}");
    }
    client.say(r#"[48,2,{},"admin.stop"]"#).await;
    client
        .hears_after(
            Limits::default().authorizer_timeout,
            json!([8, 48, 2, {}, FAILED, [ANY]]),
        )
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_authorizer_can_be_cancelled_and_times_out() {
    let server = build(app().authorizer(async |_, _| std::future::pending::<bool>().await));
    let mut client = join(&server, "admin").await;
    client.say(r#"[48,1,{},"shop.price"]"#).await;
    client.say(r#"[49,1,{"mode":"kill"}]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    client.say(r#"[48,2,{"timeout":5},"shop.price"]"#).await;
    client
        .hears_after(
            Duration::from_millis(5),
            json!([8, 48, 2, {}, "wamp.error.timeout"]),
        )
        .await;
    client.say(r#"[32,3,{},"shop.news"]"#).await;
    client
        .say(r#"[16,4,{"acknowledge":true},"chat.lobby",["hi"]]"#)
        .await;
    client.hears_nothing().await;
    client.vanish().await;
    nothing_is_left(&server);
}

/// The slow decision comes first, so the event does.
#[tokio::test(start_paused = true)]
async fn events_keep_their_order_whatever_their_decisions_take() {
    let events = Events::default();
    let server = build(app().authorizer({
        let events = events.clone();
        move |_, access: Access| {
            let events = events.clone();
            async move {
                if access.uri == "chat.slow" {
                    events.wait("go").await;
                }
                access.uri != "chat.refused"
            }
        }
    }));
    let mut listener = join(&server, "staff").await;
    let news = listener.subscribe(1, "shop.news").await;
    let mut client = join(&server, "staff").await;
    for (i, topic) in ["chat.slow", "chat.fast", "chat.refused", "chat.faster"]
        .iter()
        .enumerate()
    {
        client
            .say(json!([16, i + 1, {"acknowledge": true}, topic, ["hi"]]).to_string())
            .await;
    }
    client.hears_nothing().await;
    listener.hears_nothing().await;
    events.happen("go");
    for request in [1, 2, 3, 4] {
        let answer = client.next().await;
        let expected = if request == 3 { (8, 2) } else { (17, 1) };
        assert_eq!(
            (&answer[0], &answer[expected.1]),
            (&json!(expected.0), &json!(request))
        );
    }
    for room in ["slow", "fast", "faster"] {
        let said = json!([room, "hi", false, null]);
        listener.hears(json!([36, news, ANY, {}, said])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_wait_for_a_decision_are_bounded() {
    let limits = Limits {
        max_pending_calls: 2,
        ..Limits::default()
    };
    let app = app()
        .limits(limits)
        .authorizer(async |_, _| std::future::pending::<bool>().await);
    let server = build(app);
    let mut client = join(&server, "staff").await;
    for request in 1..=4 {
        client
            .say(json!([16, request, {"acknowledge": true}, "chat.x", ["hi"]]).to_string())
            .await;
    }
    client
        .hears(json!([8, 16, 4, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
    client.vanish().await;
    nothing_is_left(&server);
}

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

/// Whether they are decided at once or wait, events cost no stack.
#[tokio::test(start_paused = true)]
async fn as_many_events_as_may_wait_are_decided_on_in_turn() {
    let events = Events::default();
    let server = build(app().authorizer({
        let events = events.clone();
        move |_, access: Access| {
            let events = events.clone();
            async move {
                if access.uri == "chat.slow" {
                    events.wait("go").await;
                }
                true
            }
        }
    }));
    let mut client = join(&server, "staff").await;
    client.say(r#"[16,1,{},"chat.slow",["hi"]]"#).await;
    let waiting = Limits::default().max_pending_calls;
    for request in 2..=waiting + 1 {
        client
            .say(json!([16, request, {"acknowledge": true}, "chat.fast", ["hi"]]).to_string())
            .await;
    }
    client.hears_nothing().await;
    events.happen("go");
    for request in 2..=waiting + 1 {
        client.hears(json!([17, request, ANY])).await;
    }
}

/// What is remembered is small, however large the messages were.
#[tokio::test(start_paused = true)]
async fn events_that_wait_are_bounded_by_their_size_too() {
    let app = app().authorizer(async |_, _| std::future::pending::<bool>().await);
    let server = build(app);
    let mut client = join(&server, "staff").await;
    let text = "x".repeat(Limits::default().max_message / 2);
    for request in 1..=6 {
        client
            .say(json!([16, request, {"acknowledge": true}, "chat.x", [text]]).to_string())
            .await;
    }
    client
        .hears(json!([8, 16, 5, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
    client
        .hears(json!([8, 16, 6, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
}

#[procedure("shop.hurry", timeout = "1s", roles("admin"))]
async fn hurry() {}

#[procedure("shop.told.to.stop", roles("admin"))]
async fn told_to_stop(token: wamp_server::CancellationToken) {
    token.cancelled().await;
}

/// Neither what the caller wants, nor what the handler is like, makes another answer than that of nothing.
#[tokio::test(start_paused = true)]
async fn nothing_about_a_hidden_procedure_can_be_seen() {
    let slow = async |_: Session, access: Access| {
        tokio::time::sleep(Duration::from_secs(2)).await;
        access.uri == "shop.price"
    };
    let hidden = |app: App| {
        app.procedures(procedures![hurry, told_to_stop])
            .hide_unauthorized(true)
    };
    for app in [
        hidden(app().disclosure(Disclosure::Refused)),
        hidden(app().disclosure(Disclosure::Refused).authorizer(slow)),
    ] {
        let server = build(app);
        let mut client = join(&server, "customer").await;
        for options in [
            json!({"disclose_me": true}),
            json!({}),
            json!({"timeout": 1500}),
            json!({"receive_progress": true}),
        ] {
            for canceled in [false, true] {
                let mut answers = Vec::new();
                for uri in [
                    "shop.none",
                    "shop.orders",
                    "shop.hurry",
                    "shop.told.to.stop",
                ] {
                    let begin = tokio::time::Instant::now();
                    client.say(json!([48, 1, options, uri]).to_string()).await;
                    if canceled {
                        client.say(r#"[49,1,{"mode":"kill"}]"#).await;
                    }
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    let heard = client.rest().await;
                    let text = json!(heard).to_string().replace(uri, "URI");
                    answers.push((text, begin.elapsed().as_secs()));
                }
                answers.dedup();
                assert_eq!(answers.len(), 1, "{options} {canceled}: {answers:?}");
            }
        }
    }
}

/// While the authorizer decides, CANCEL stops every call; afterwards it does what it always does.
#[tokio::test(start_paused = true)]
async fn cancelling_does_what_it_does_without_an_authorizer() {
    let events = Events::default();
    let server = build(
        app()
            .state(events.clone())
            .authorizer(async |_, _| {
                tokio::task::yield_now().await;
                true
            })
            .procedure("shop.deaf", {
                let events = events.clone();
                move || {
                    let events = events.clone();
                    async move {
                        events.happen("deaf");
                        std::future::pending::<()>().await;
                    }
                }
            })
            .procedure("shop.hears", {
                let events = events.clone();
                move |token: wamp_server::CancellationToken| {
                    let events = events.clone();
                    async move {
                        events.happen("hears");
                        token.cancelled().await;
                        "as you like"
                    }
                }
            }),
    );
    let mut client = join(&server, "staff").await;
    client.say(r#"[48,1,{},"shop.deaf"]"#).await;
    events.wait("deaf").await;
    client.say(r#"[49,1,{"mode":"kill"}]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    client.say(r#"[48,2,{},"shop.hears"]"#).await;
    events.wait("hears").await;
    client.say(r#"[49,2,{"mode":"kill"}]"#).await;
    client.hears(json!([50, 2, {}, ["as you like"]])).await;
    client.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn rules_and_authorizers_are_asked_about_uris_only() {
    let (app_, asked) = counting(app(), Decision::allow());
    let server = build(app_);
    let mut client = join(&server, "staff").await;
    for uri in ["", "a b", "a..b", "a\n\u{1b}[31m", &"x".repeat(500_000)] {
        assert_eq!(call(&mut client, uri).await, json!(INVALID_URI));
        assert_eq!(subscribe(&mut client, uri).await, json!(INVALID_URI));
        assert_eq!(publish(&mut client, uri).await, json!(INVALID_URI));
    }
    assert_eq!(asked.load(SeqCst), 0);
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

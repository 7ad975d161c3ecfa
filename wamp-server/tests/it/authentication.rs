//! Who may come in: tickets, methods of the application's own, what comes with the transport, and everything that goes wrong.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Uri};
use serde_json::Value;
use tokio::time::Instant;
use wamp_proto::message::details::ChallengeExtra;
use wamp_proto::subprotocol::Subprotocol;
use wamp_server::auth::{Authenticator, Exchange, Principal};
use wamp_server::transport::TransportInfo;
use wamp_server::{
    App, CallError, Identity, Limits, Server, Session, procedure, procedures, session, sessions,
};

use crate::support::{ANY, Client, Events, Log, build, json, nothing_is_left, settle};

struct User {
    number: u32,
}

#[procedure("me")]
async fn me(user: Identity<'_, User>, session: &Session) -> (u32, String) {
    (user.number, session.auth().id.to_string())
}

#[procedure("sessions")]
async fn sessions(session: &Session) -> usize {
    session.realm().sessions().len()
}

fn app() -> App {
    App::empty().procedures(procedures![me, sessions])
}

fn joe() -> Principal {
    Principal::new("joe", "customer")
        .provider("shop")
        .extra("theme", "dark")
        .identity(User { number: 7 })
}

/// Lets Joe in by his ticket.
fn with_ticket() -> App {
    app().ticket(async |session, ticket| {
        let is_joe = session.hello().authid.as_deref() == Some("joe");
        (ticket.is_same("open sesame") & is_joe).then(joe)
    })
}

/// HELLO of Joe, with these methods.
fn hello(methods: &[&str]) -> String {
    hello_with(json!({"authid": "joe", "authmethods": methods}))
}

fn hello_with(mut details: Value) -> String {
    details["roles"] = json!({"caller": {}, "subscriber": {}});
    json!([1, "realm1", details]).to_string()
}

async fn knock(server: &Server, hello: &str) -> Client {
    let mut client = Client::connect(server);
    client.say(hello).await;
    client
}

/// ABORT with this reason, then the end; the message for people.
async fn is_turned_away(client: &mut Client, reason: &str) -> String {
    let abort = client.next().await;
    assert_eq!(
        (&abort[0], &abort[2]),
        (&json!(3), &json!(reason)),
        "{abort}"
    );
    client.hears_the_end().await;
    abort[1]["message"]
        .as_str()
        .expect("a text for people")
        .to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_right_ticket_opens_the_session_and_handlers_see_whose_it_is() {
    let server = build(with_ticket());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.hears(json!([4, "ticket", {}])).await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    let welcome = client.next().await;
    assert_eq!(welcome[0], 2, "{welcome}");
    let expected = json!({
        "authid": "joe", "authrole": "customer", "authmethod": "ticket", "authprovider": "shop",
        "authextra": {"theme": "dark"},
    });
    for (key, value) in expected.as_object().expect("an object") {
        assert_eq!(welcome[2][key], *value, "{key}");
    }
    client.say(r#"[48,1,{},"me"]"#).await;
    client.hears(json!([50, 1, {}, [7, "joe"]])).await;
    client.goodbye().await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_ticket_an_unknown_user_and_no_user_get_the_same_answer() {
    let server = build(with_ticket());
    let mut messages = Vec::new();
    for (details, ticket) in [
        (json!({"authid": "joe", "authmethods": ["ticket"]}), "wrong"),
        (
            json!({"authid": "jim", "authmethods": ["ticket"]}),
            "open sesame",
        ),
        (json!({"authmethods": ["ticket"]}), "open sesame"),
        (json!({"authid": "joe", "authmethods": ["ticket"]}), ""),
    ] {
        let mut client = knock(&server, &hello_with(details)).await;
        client.hears(json!([4, "ticket", {}])).await;
        client.say(json!([5, ticket, {}]).to_string()).await;
        messages.push(is_turned_away(&mut client, "wamp.error.authentication_denied").await);
    }
    messages.dedup();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(server.stats().failed_authentications, 4);
    settle().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_realm_may_deny_with_a_reason_of_its_own() {
    let server = build(with_ticket().denied_as("wamp.error.authentication_failed"));
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"wrong",{}]"#).await;
    is_turned_away(&mut client, "wamp.error.authentication_failed").await;
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_in_unauthenticated_where_that_was_not_said() {
    let server = build(with_ticket());
    for details in [
        json!({}),
        json!({"authmethods": []}),
        json!({"authid": "joe", "authrole": "admin"}),
    ] {
        let mut client = knock(&server, &hello_with(details)).await;
        is_turned_away(&mut client, "wamp.error.authentication_required").await;
    }
    for methods in [&["anonymous"][..], &["wampcra", "anonymous"], &["Ticket"]] {
        let mut client = knock(&server, &hello(methods)).await;
        let message = is_turned_away(&mut client, "wamp.error.no_matching_auth_method").await;
        assert!(message.contains("ticket"), "{message}");
    }
    assert_eq!(
        server.stats().failed_authentications,
        0,
        "nobody has guessed"
    );
}

#[tokio::test(start_paused = true)]
async fn anonymous_is_a_method_among_others() {
    let server = build(with_ticket().anonymous("guest"));
    for details in [
        json!({}),
        json!({"authmethods": ["anonymous"]}),
        json!({"authmethods": ["x", "anonymous"]}),
    ] {
        let mut client = knock(&server, &hello_with(details)).await;
        let welcome = client.next().await;
        assert_eq!(
            (&welcome[2]["authrole"], &welcome[2]["authmethod"]),
            (&json!("guest"), &json!("anonymous"))
        );
        client.say(r#"[48,1,{},"me"]"#).await;
        client
            .hears(json!([8, 48, 1, {}, "wamp.error.not_authorized"]))
            .await;
    }
    // Whoever can do more is asked for it: the application's order counts.
    let mut client = knock(&server, &hello(&["anonymous", "ticket"])).await;
    client.hears(json!([4, "ticket", {}])).await;
}

#[tokio::test(start_paused = true)]
async fn a_realm_without_authenticators_lets_everybody_in() {
    let server = build(app());
    let mut client = knock(
        &server,
        &hello_with(json!({"authrole": "admin", "authid": "root", "authmethods": ["ticket"]})),
    )
    .await;
    let welcome = client.next().await;
    assert_eq!(welcome[2]["authrole"], "anonymous");
    assert_eq!(welcome[2]["authid"], format!("anonymous-{}", welcome[1]));
}

/// Looks users up in something that may fail in every way.
fn with_failing_lookup() -> App {
    app().ticket(async |_, ticket| match &**ticket.expose() {
        "broken" => Err(CallError::from(std::io::Error::other(
            "SELECT secret FROM users",
        ))),
        "banned" => Err(CallError::new("shop.error.banned").arg("you know why")),
        "panic" => panic!("SELECT secret FROM users"),
        "hang" => std::future::pending().await,
        _ => Ok(Some(joe())),
    })
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_fails_is_an_abort_that_tells_nothing() {
    let server = build(with_failing_lookup());
    for ticket in ["broken", "panic"] {
        let mut client = knock(&server, &hello(&["ticket"])).await;
        client.next().await;
        client.say(json!([5, ticket, {}]).to_string()).await;
        let message = is_turned_away(&mut client, "wamp.error.authentication_failed").await;
        assert!(!message.contains("SELECT"), "{message}");
    }
    assert_eq!(
        server.stats().failed_authentications,
        0,
        "it is not their fault"
    );
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"banned",{}]"#).await;
    assert_eq!(
        is_turned_away(&mut client, "shop.error.banned").await,
        "you know why"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_hangs_ends_in_time() {
    let server = build(with_failing_lookup());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"hang",{}]"#).await;
    client
        .hears_after(
            Limits::default().welcome_timeout,
            json!([3, {"message": ANY}, "wamp.error.authentication_failed"]),
        )
        .await;
    client.hears_the_end().await;
    settle().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_challenge_is_answered_in_time_or_never() {
    let server = build(with_ticket());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client
        .hears_after(
            Limits::default().authenticate_timeout,
            json!([3, {"message": ANY}, "wamp.error.authentication_failed"]),
        )
        .await;
    client.hears_the_end().await;
    assert_eq!(server.stats().limits_hit, 1);
}

#[tokio::test(start_paused = true)]
async fn only_authenticate_answers_a_challenge() {
    let server = build(with_ticket());
    for (message, problem) in [
        (r#"[48,1,{},"me"]"#, "CALL where AUTHENTICATE is expected"),
        (
            r#"[1,"realm1",{"roles":{"caller":{}}}]"#,
            "HELLO where AUTHENTICATE is expected",
        ),
        (
            r#"[6,{},"wamp.close.close_realm"]"#,
            "GOODBYE where AUTHENTICATE is expected",
        ),
        (r#"[5,7,{}]"#, "AUTHENTICATE.Signature"),
        (r#"[5,"open sesame"]"#, "AUTHENTICATE"),
        ("[4", ""),
    ] {
        let mut client = knock(&server, &hello(&["ticket"])).await;
        client.next().await;
        client.say_bytes(message).await;
        client.is_told_off_for(problem).await;
    }
    // Nobody asked.
    for early in [r#"[5,"open sesame",{}]"#, r#"[4,"ticket",{}]"#] {
        let mut client = knock(&server, early).await;
        client.is_told_off_for("before HELLO").await;
    }
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    client.hears(json!([4, "ticket", {}])).await;
    assert_eq!(client.next().await[0], 2);
    client.is_told_off_for("AUTHENTICATE").await;
}

#[tokio::test(start_paused = true)]
async fn one_attempt_for_one_connection() {
    let server = build(with_ticket());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.say(r#"[5,"wrong",{}]"#).await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    client.hears(json!([4, "ticket", {}])).await;
    is_turned_away(&mut client, "wamp.error.authentication_denied").await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_gives_up_is_let_go() {
    let server = build(with_ticket());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client
        .say(r#"[3,{},"wamp.error.cannot_authenticate"]"#)
        .await;
    client.hears_the_end().await;
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_for_a_stranger_closes_the_connection() {
    let server = build(with_ticket());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client
        .say(json!([5, "x".repeat(20_000), {}]).to_string())
        .await;
    client.hears_the_end().await;
    for authid in ["x".repeat(129), "a\r\nERROR fake\u{1b}[31m".to_owned()] {
        let details = json!({"authid": authid, "authmethods": ["ticket"]});
        let mut client = knock(&server, &hello_with(details)).await;
        is_turned_away(&mut client, "wamp.error.authentication_failed").await;
    }
}

/// A ticket, then a code, then another code if the first was wrong.
struct TwoFactors;

impl Authenticator for TwoFactors {
    fn method(&self) -> &str {
        "ticket"
    }

    async fn authenticate(&self, mut exchange: Exchange) -> Result<Option<Principal>, CallError> {
        let ticket = exchange.ticket().await?;
        let known = exchange.authid() == Some("joe") && ticket.is_same("open sesame");
        for _ in 0..2 {
            let extra = ChallengeExtra {
                challenge: Some("code?".into()),
                ..ChallengeExtra::default()
            };
            let answer = exchange.challenge_as("code", extra).await?;
            if known && answer.signature.is_same("123456") {
                return Ok(Some(joe()));
            }
        }
        Ok(None)
    }
}

#[tokio::test(start_paused = true)]
async fn authentication_may_take_several_rounds() {
    let server = build(app().authenticator(TwoFactors));
    for (answers, accepted) in [
        (&["open sesame", "123456"][..], true),
        (&["open sesame", "wrong", "123456"], true),
        (&["open sesame", "wrong", "wrong"], false),
        (&["wrong", "123456", "123456"], false),
    ] {
        let mut client = knock(&server, &hello(&["ticket"])).await;
        for (i, answer) in answers.iter().enumerate() {
            if i == 0 {
                client.hears(json!([4, "ticket", {}])).await;
            } else {
                client
                    .hears(json!([4, "code", {"challenge": "code?"}]))
                    .await;
            }
            client.say(json!([5, answer, {}]).to_string()).await;
        }
        if accepted {
            assert_eq!(client.next().await[2]["authmethod"], "ticket");
        } else {
            is_turned_away(&mut client, "wamp.error.authentication_denied").await;
        }
    }
}

/// Every step has its own time, all of them together have theirs.
#[tokio::test(start_paused = true)]
async fn several_rounds_do_not_take_for_ever() {
    let server = build(app().authenticator(TwoFactors));
    let begin = Instant::now();
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    tokio::time::sleep(Duration::from_secs(8)).await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    client.next().await;
    let left = Limits::default().welcome_timeout - begin.elapsed();
    let abort = json!([3, {"message": ANY}, "wamp.error.authentication_failed"]);
    client.hears_after(left, abort).await;
}

fn info(cookie: Option<&'static str>, peer: &str) -> TransportInfo {
    let mut headers = HeaderMap::new();
    headers.extend(cookie.map(|it| (http::header::COOKIE, HeaderValue::from_static(it))));
    let peer = peer.parse().expect("an address");
    TransportInfo::from_request(&Uri::from_static("/"), &headers, Some(peer))
}

async fn knock_from(server: &Server, info: TransportInfo, hello: &str) -> Client {
    let mut client = Client::connect_from(server, Subprotocol::default(), info);
    client.say(hello).await;
    client
}

const HOME: &str = "192.0.2.1:1000";

fn with_cookies() -> App {
    app()
        .transport_authenticator(async |session: Session| {
            match session.transport().cookie("login") {
                Some("joe") => Ok(Some(joe())),
                Some("banned") => Err(CallError::new("shop.error.banned")),
                Some("broken") => Err(CallError::internal("the cookie jar fell down")),
                _ => Ok(None),
            }
        })
        .transport_authenticator(async |session: Session| {
            let cookie = session.transport().cookie("staff");
            cookie.map(|it| Principal::new(it, "staff").method("cookie"))
        })
}

#[tokio::test(start_paused = true)]
async fn what_comes_with_the_transport_is_asked_first_and_in_order() {
    let server = build(with_cookies().ticket(async |_, _| Some(joe())));
    for (cookie, id, method) in [
        ("login=joe", "joe", "transport"),
        ("staff=ann", "ann", "cookie"),
        ("staff=ann; login=joe", "joe", "transport"),
        ("staff=", "", "cookie"),
    ] {
        let mut client = knock_from(&server, info(Some(cookie), HOME), &hello(&["ticket"])).await;
        let welcome = client.next().await;
        assert_eq!(welcome[0], 2, "{cookie}: {welcome}");
        assert_eq!(
            (&welcome[2]["authid"], &welcome[2]["authmethod"]),
            (&json!(id), &json!(method))
        );
    }
    let mut client = knock_from(&server, info(Some("login=jim"), HOME), &hello(&["ticket"])).await;
    client.hears(json!([4, "ticket", {}])).await;
    for (cookie, reason) in [
        ("login=banned", "shop.error.banned"),
        ("login=broken", "wamp.error.authentication_failed"),
    ] {
        let mut client = knock_from(&server, info(Some(cookie), HOME), &hello(&["ticket"])).await;
        is_turned_away(&mut client, reason).await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_anything_else_the_transport_must_do() {
    let server = build(with_cookies());
    let mut client = knock_from(&server, info(None, HOME), &hello(&[])).await;
    is_turned_away(&mut client, "wamp.error.authentication_required").await;
    let mut client = knock_from(&server, info(None, HOME), &hello(&["anonymous"])).await;
    is_turned_away(&mut client, "wamp.error.no_matching_auth_method").await;
    assert_eq!(
        server.stats().failed_authentications,
        2,
        "it may have been a guess"
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_is_wrong_too_often_has_to_wait() {
    let server = build(with_ticket());
    let attempt =
        async |peer: &str| knock_from(&server, info(None, peer), &hello(&["ticket"])).await;
    for i in 0..10 {
        let mut client = attempt(&format!("192.0.2.1:{i}")).await;
        client.hears(json!([4, "ticket", {}])).await;
        client.say(r#"[5,"wrong",{}]"#).await;
        is_turned_away(&mut client, "wamp.error.authentication_denied").await;
    }
    // Others do not.
    let mut other = attempt("192.0.2.2:99").await;
    other.hears(json!([4, "ticket", {}])).await;
    let mut queue = Vec::new();
    for i in 0..6 {
        queue.push(attempt(&format!("192.0.2.1:{i}")).await);
    }
    for client in &mut queue {
        client.hears_nothing().await;
    }
    // One in a second, whoever it is, for as long as that makes sense.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut asked = 0;
    for mut client in queue {
        let heard = client.next().await;
        if heard[0] == 4 {
            asked += 1;
            client.say(r#"[5,"open sesame",{}]"#).await;
            assert_eq!(
                client.next().await[0],
                2,
                "the right one is still the right one"
            );
        } else {
            assert_eq!(heard[2], "wamp.error.authentication_failed");
            let text = heard[1]["message"].as_str().expect("a text for people");
            assert!(text.contains("try again later"), "{text}");
        }
    }
    assert_eq!((asked, server.stats().limits_hit), (5, 1));
}

#[tokio::test(start_paused = true)]
async fn nobody_sees_a_session_that_is_not_authenticated() {
    let server = build(with_ticket());
    let realm = server.realm("realm1").expect("the default realm").clone();
    let mut stranger = knock(&server, &hello(&["ticket"])).await;
    stranger.hears(json!([4, "ticket", {}])).await;
    assert_eq!(realm.sessions().len(), 0);
    assert_eq!(server.stats().opened_sessions, 0);
    stranger.say(r#"[5,"open sesame",{}]"#).await;
    assert_eq!(stranger.next().await[0], 2);
    assert_eq!(realm.sessions().len(), 1);
    stranger.say(r#"[48,1,{},"sessions"]"#).await;
    stranger.hears(json!([50, 1, {}, [1]])).await;
}

#[tokio::test(start_paused = true)]
async fn shutting_down_does_not_wait_for_strangers_for_long() {
    let server = build(with_ticket());
    let mut stranger = knock(&server, &hello(&["ticket"])).await;
    stranger.hears(json!([4, "ticket", {}])).await;
    let shutdown = tokio::spawn({
        let server = server.clone();
        async move { server.shutdown().await }
    });
    settle().await;
    stranger
        .hears(json!([3, {"message": ANY}, "wamp.close.system_shutdown"]))
        .await;
    stranger.hears_the_end().await;
    shutdown.await.expect("no panic");
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn an_authenticator_is_dropped_with_its_connection() {
    let (events, log) = (Events::default(), Log::default());
    let server = build(app().ticket({
        let (events, log) = (events.clone(), log.clone());
        move |_, _| {
            let (events, guard) = (events.clone(), log.panicking_guard("lookup"));
            async move {
                let _guard = guard;
                events.happen("asked");
                std::future::pending::<Option<Principal>>().await
            }
        }
    }));
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"x",{}]"#).await;
    events.wait("asked").await;
    client.vanish().await;
    assert_eq!(log.take(), ["drop lookup"]);
    nothing_is_left(&server);
}

/// Accepts after a while, whether the challenge is answered or not.
struct Impatient;

impl Authenticator for Impatient {
    fn method(&self) -> &str {
        "ticket"
    }

    async fn authenticate(&self, mut exchange: Exchange) -> Result<Option<Principal>, CallError> {
        let answer = tokio::time::timeout(Duration::from_secs(4), exchange.ticket()).await;
        assert!(answer.is_err(), "nobody answers in these tests");
        Ok(Some(joe()))
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_nobody_waits_for_any_more_may_still_come_once() {
    #[session]
    async fn slow() {
        tokio::time::sleep(Duration::from_secs(8)).await;
    }
    let server = build(app().authenticator(Impatient).sessions(sessions![slow]));
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.hears(json!([4, "ticket", {}])).await;
    let welcome = json!([2, ANY, ANY]);
    client.hears_after(Duration::from_secs(12), welcome).await;
    client.say(r#"[5,"too late",{}]"#).await;
    client.say(r#"[48,1,{},"me"]"#).await;
    client.hears(json!([50, 1, {}, [7, "joe"]])).await;
    client.say(r#"[5,"far too late",{}]"#).await;
    client.is_told_off_for("AUTHENTICATE").await;
}

#[tokio::test(start_paused = true)]
async fn what_authentication_found_comes_before_what_was_said_before() {
    #[session(unauthenticated)]
    async fn guess(session: &Session) {
        assert!(session.identify(User { number: 0 }));
        assert!(session.identity::<User>().is_some());
    }
    #[session]
    async fn too_late(session: &Session) {
        assert!(!session.identify(User { number: 1 }));
    }
    let server = build(with_ticket().sessions(sessions![guess, too_late]));
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    assert_eq!(client.next().await[0], 2);
    client.say(r#"[48,1,{},"me"]"#).await;
    client.hears(json!([50, 1, {}, [7, "joe"]])).await;
}

#[tokio::test(start_paused = true)]
async fn shutting_down_does_not_wait_for_lookups() {
    let server = build(with_failing_lookup());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"hang",{}]"#).await;
    client.hears_nothing().await;
    let begin = Instant::now();
    tokio::join!(server.shutdown(), async {
        client
            .hears(json!([3, {"message": ANY}, "wamp.close.system_shutdown"]))
            .await;
        client.hears_the_end().await;
    });
    assert!(begin.elapsed() < Duration::from_secs(1));
    nothing_is_left(&server);
}

/// Looking at questions is not free.
#[tokio::test(start_paused = true)]
async fn whoever_is_asked_and_leaves_has_failed() {
    let server = build(with_ticket());
    let attempt = async || knock_from(&server, info(None, HOME), &hello(&["ticket"])).await;
    for _ in 0..10 {
        let mut client = attempt().await;
        client.hears(json!([4, "ticket", {}])).await;
        client.vanish().await;
    }
    attempt().await.hears_nothing().await;
}

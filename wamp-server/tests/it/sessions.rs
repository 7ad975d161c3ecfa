//! Session handlers: what runs when a session opens, what it may decide, and what it leaves.

use std::time::Duration;

use wamp_proto::message::Secret;
use wamp_server::auth::Principal;
use wamp_server::transport::TransportInfo;
use wamp_server::{
    App, CallError, Identity, Limits, Session, State, procedure, procedures, session, sessions,
};

use crate::support::{
    ANY, Client, Events, Guard, HELLO, Log, build, json, nothing_is_left, settle,
};

#[session]
async fn slow(events: State<'_, Events>, log: State<'_, Log>) -> Guard {
    let asking = log.guard("asking");
    events.wait("accept").await;
    drop(asking);
    log.guard("slow")
}

#[session]
async fn quick(log: State<'_, Log>) -> Guard {
    log.note("quick");
    log.guard("quick")
}

#[derive(Debug)]
struct User(String);

#[session]
async fn login(session: &Session) -> Result<(), CallError> {
    let Some(authid) = session.hello().authid.as_deref() else {
        return Ok(());
    };
    if authid == "mallory" {
        return Err(CallError::new("wamp.error.authentication_denied"));
    }
    assert!(session.identify(User(authid.to_owned())));
    assert!(
        !session.identify(User("twice".to_owned())),
        "the first one counts"
    );
    Ok(())
}

#[procedure("whoami")]
async fn whoami(user: Identity<'_, User>) -> String {
    user.0.0.clone()
}

#[procedure("maybe.whoami")]
async fn maybe_whoami(user: Option<Identity<'_, User>>) -> Option<String> {
    user.map(|it| it.0.0.clone())
}

fn app() -> (App, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty()
        .procedures(procedures![whoami, maybe_whoami])
        .procedure("one", async || 1);
    (app.state(events.clone()).state(log.clone()), events, log)
}

fn hello_as(authid: &str) -> String {
    json!([1, "realm1", {"roles": {"caller": {}}, "authid": authid}]).to_string()
}

#[tokio::test(start_paused = true)]
async fn welcome_waits_for_the_handlers_and_so_do_messages() {
    let (app, events, log) = app();
    let server = build(app.sessions(sessions![slow, quick]));
    let mut client = Client::connect(&server);
    client.say(HELLO).await;
    client.say(r#"[48,1,{},"one"]"#).await;
    client.hears_nothing().await;
    assert_eq!(log.take(), [""; 0], "the second one runs after the first");
    events.happen("accept");
    client.hears(json!([2, ANY, ANY])).await;
    client.hears(json!([50, 1, {}, [1]])).await;
    assert_eq!(log.take(), ["drop asking", "quick"]);
    client.vanish().await;
    assert_eq!(log.take(), ["drop quick", "drop slow"]);
    nothing_is_left(&server);
}

#[session(unauthenticated)]
async fn early(session: &Session, log: State<'_, Log>) -> Guard {
    log.note(format!(
        "early {:?} {}",
        session.auth().role,
        session.is_authenticated()
    ));
    log.guard("early")
}

#[session]
async fn late(session: &Session, log: State<'_, Log>) -> Guard {
    log.note(format!(
        "late {:?} {}",
        session.auth().role,
        session.is_authenticated()
    ));
    log.guard("late")
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_run_before_authentication() {
    let (app, _, log) = app();
    let joe = async |_, ticket: Secret| {
        ticket
            .is_same("right")
            .then(|| Principal::new("joe", "customer"))
    };
    let server = build(app.sessions(sessions![late, early]).ticket(joe));
    let hello =
        json!([1, "realm1", {"roles": {"caller": {}}, "authmethods": ["ticket"]}]).to_string();
    for ticket in ["right", "wrong"] {
        let mut client = Client::connect(&server);
        client.say(&hello).await;
        client.hears(json!([4, "ticket", {}])).await;
        assert_eq!(log.take(), [r#"early "" false"#]);
        client.say(json!([5, ticket, {}]).to_string()).await;
        if ticket == "right" {
            client.hears(json!([2, ANY, ANY])).await;
            assert_eq!(log.take(), [r#"late "customer" true"#]);
            client.vanish().await;
            assert_eq!(log.take(), ["drop late", "drop early"]);
        } else {
            client
                .hears(json!([3, ANY, "wamp.error.authentication_denied"]))
                .await;
            client.hears_the_end().await;
            assert_eq!(log.take(), ["drop early"]);
        }
    }
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_only_yields_is_not_forgotten() {
    #[session]
    async fn yields() {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }
    let (app, ..) = app();
    let server = build(app.sessions(sessions![yields, yields]));
    Client::join(&server).await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_too_long_refuses_the_session() {
    let (app, _, log) = app();
    let limits = Limits {
        welcome_timeout: Duration::from_secs(3),
        ..Limits::default()
    };
    let server = build(app.sessions(sessions![quick, slow]).limits(limits));
    let mut client = Client::connect(&server);
    client.say(HELLO).await;
    let abort = json!([3, {"message": ANY}, "wamp.error.authentication_failed"]);
    client.hears_after(Duration::from_secs(3), abort).await;
    client.hears_the_end().await;
    assert_eq!(log.take(), ["quick", "drop asking", "drop quick"]);
    settle().await;
    assert_eq!(server.stats().limits_hit, 1);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_panics_when_it_is_given_up_harms_nobody() {
    #[session]
    async fn stuck(log: State<'_, Log>, events: State<'_, Events>) {
        let _guard = log.panicking_guard("stuck");
        events.wait("never").await;
    }
    let (app, _, log) = app();
    let limits = Limits {
        welcome_timeout: Duration::from_secs(3),
        ..Limits::default()
    };
    let server = build(app.sessions(sessions![quick, stuck]).limits(limits));
    let mut client = Client::connect(&server);
    client.say(HELLO).await;
    let abort = json!([3, {"message": ANY}, "wamp.error.authentication_failed"]);
    client.hears_after(Duration::from_secs(3), abort).await;
    client.hears_the_end().await;
    client.ended().await;
    assert_eq!(log.take(), ["quick", "drop stuck", "drop quick"]);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_handler_says_who_the_session_is() {
    let (app, ..) = app();
    let server = build(app.sessions(sessions![login]));
    let mut joe = Client::connect(&server);
    joe.say(hello_as("joe")).await;
    joe.hears(json!([2, ANY, ANY])).await;
    joe.say(r#"[48,1,{},"whoami"]"#).await;
    joe.hears(json!([50, 1, {}, ["joe"]])).await;

    let mut nobody = Client::join(&server).await;
    nobody.say(r#"[48,1,{},"whoami"]"#).await;
    nobody
        .hears(json!([8, 48, 1, {}, "wamp.error.not_authorized"]))
        .await;
    nobody.say(r#"[48,2,{},"maybe.whoami"]"#).await;
    nobody.hears(json!([50, 2, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_says_why_it_refuses() {
    let (app, ..) = app();
    let server = build(app.sessions(sessions![login]));
    let mut mallory = Client::connect(&server);
    mallory.say(hello_as("mallory")).await;
    mallory
        .hears(json!([3, {"message": ANY}, "wamp.error.authentication_denied"]))
        .await;
    mallory.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_inside_says_nothing_about_it() {
    #[session]
    async fn fails() -> Result<(), CallError> {
        Err("a secret"
            .parse::<i32>()
            .map_err(CallError::internal)
            .expect_err("no number"))
    }
    let (app, ..) = app();
    let server = build(app.sessions(sessions![fails]));
    let mut client = Client::connect(&server);
    client.say(HELLO).await;
    let abort = client.next().await;
    assert_eq!(abort[2], "wamp.error.runtime_error");
    assert!(!abort.to_string().contains("invalid digit"), "{abort}");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_a_handler_closes_hears_welcome_and_goodbye() {
    #[session]
    async fn closes(session: &Session) {
        session.close("wamp.close.normal", "not today");
    }
    let (app, ..) = app();
    let server = build(app.sessions(sessions![closes]));
    let mut client = Client::connect(&server);
    client.say(HELLO).await;
    client.hears(json!([2, ANY, ANY])).await;
    client
        .hears(json!([6, {"message": "not today"}, "wamp.close.normal"]))
        .await;
    client.say(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
    client.hears_the_end().await;
    settle().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn handlers_see_where_the_peer_is() {
    #[procedure("where")]
    async fn where_from(
        session: &Session,
    ) -> (String, Option<String>, Option<String>, Option<String>) {
        let info = session.transport();
        let text = |it: Option<&str>| it.map(str::to_owned);
        (
            info.path().to_owned(),
            text(info.query()),
            text(info.header("user-agent")),
            text(info.cookie("sid")),
        )
    }
    let server = build(App::empty().procedures(procedures![where_from]));
    let request = http::Request::get("/ws?token=1")
        .header("User-Agent", "test")
        .header("Cookie", "a=b; sid=42")
        .body(())
        .expect("a request");
    let info = TransportInfo::from_request(request.uri(), request.headers(), None);
    let mut client = Client::connect_from(
        &server,
        wamp_proto::subprotocol::Subprotocol::default(),
        info,
    );
    client.hello().await;
    client.say(r#"[48,1,{},"where"]"#).await;
    client
        .hears(json!([50, 1, {}, ["/ws", "token=1", "test", "42"]]))
        .await;
}

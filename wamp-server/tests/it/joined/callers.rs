//! Who calls.

use wamp_server::auth::Principal;
use wamp_server::permission::{Disclosure, Permissions, Rule};
use wamp_server::{
    App, Call, CallError, RouterOptions, Session, State, procedure, procedures, session, sessions,
};

use super::support::{join, peer, telling_router};
use crate::support::{Guard, Log, build, settle};

#[procedure("who")]
async fn who(session: &Session, call: &Call) -> (u64, String, String, bool) {
    let auth = session.auth();
    (
        session.id().get(),
        auth.id.to_string(),
        auth.role.to_string(),
        call.is_disclosed(),
    )
}

#[derive(Clone, Copy)]
struct Visits(u64);

#[procedure("visit")]
async fn visit(session: &Session) -> u64 {
    let visits = session.data();
    let visits = visits.update(|it: Option<Visits>| Visits(it.map_or(1, |it| it.0 + 1)));
    visits.0
}

#[procedure("admins.only", roles("admin"))]
async fn admins_only() -> &'static str {
    "secret"
}

fn named_router() -> wamp_server::Server {
    let app = App::empty()
        .router(RouterOptions::default())
        .disclosure(Disclosure::Forced)
        .transport_authenticator(async |session: Session| {
            let name = session.transport().header("x-name")?.to_owned();
            let role = if name == "ann" { "admin" } else { "user" };
            Some(Principal::new(name, role))
        })
        .anonymous("anonymous");
    build(app)
}

async fn named(router: &wamp_server::Server, name: &str) -> wamp_server::client::Client {
    use wamp_server::transport::TransportInfo;

    let mut headers = http::HeaderMap::new();
    headers.insert("x-name", name.parse().expect("a header"));
    let info = TransportInfo::from_request(&http::Uri::from_static("/"), &headers, None);
    let connector = router.connector().info(info);
    let client = wamp_server::client::Builder::over(connector);
    client.connect().await.expect("it connects")
}

#[tokio::test(start_paused = true)]
async fn callers_who_are_named_have_sessions_of_their_own() {
    let router = named_router();
    let joined = join(&router, App::empty().procedures(procedures![who, visit])).await;
    let (ann, bob) = (named(&router, "ann").await, named(&router, "bob").await);
    for (client, name, role) in [(&ann, "ann", "admin"), (&bob, "bob", "user")] {
        let id = client.session().expect("a session").id().get();
        let expected = (id, name.to_owned(), role.to_owned(), true);
        let told = client.call("who").await.expect("an answer");
        assert_eq!(
            told.args::<(u64, String, String, bool)>().expect("values"),
            expected
        );
    }
    let visit = async |client: &wamp_server::client::Client| {
        let visits = client.call("visit").get::<u64>().await;
        visits.expect("an answer")
    };
    assert_eq!(visit(&ann).await, 1);
    assert_eq!(visit(&ann).await, 2);
    assert_eq!(visit(&bob).await, 1);
    assert_eq!(visit(&ann).await, 3);
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn callers_who_are_not_named_share_a_session_without_a_name() {
    let router = build(
        App::empty()
            .router(RouterOptions::default())
            .disclosure(Disclosure::Refused),
    );
    let joined = join(&router, App::empty().procedures(procedures![who, visit])).await;
    let (one, two) = (peer(&router).await, peer(&router).await);
    let told = one.call("who").await.expect("an answer");
    let (id, name, role, disclosed): (u64, String, String, bool) = told.args().expect("values");
    assert_ne!(id, one.session().expect("a session").id().get());
    assert_eq!(
        (name, role.as_str(), disclosed),
        (format!("anonymous-{id}"), "anonymous", false)
    );
    assert_eq!(one.call("visit").get::<u64>().await.expect("an answer"), 1);
    assert_eq!(two.call("visit").get::<u64>().await.expect("an answer"), 2);
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn functions_for_roles_are_for_those_whom_the_router_gives_them() {
    let router = named_router();
    let app = App::empty().procedures(procedures![admins_only]);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let client = wamp_server::client::Builder::over(router.connector());
    // Nobody could have the role if the application were served, so it could not be built.
    let running = tokio::spawn(app.join_with(client, async {
        let _ = stopped.await;
    }));
    settle().await;
    let (ann, bob) = (named(&router, "ann").await, named(&router, "bob").await);
    let answer = ann.call("admins.only").get::<String>().await;
    assert_eq!(answer.expect("an answer"), "secret");
    let refused = bob.call("admins.only").await.expect_err("a refusal");
    assert_eq!(refused.uri(), Some("wamp.error.not_authorized"));
    let refused = peer(&router).await.call("admins.only").await;
    let refused = refused.expect_err("a refusal");
    assert_eq!(refused.uri(), Some("wamp.error.not_authorized"));
    drop(stop);
    let ended = running.await.expect("no panic");
    ended.expect("it has left");
}

#[tokio::test(start_paused = true)]
async fn permissions_hold_for_the_role_that_the_router_tells() {
    let permissions = Permissions::new()
        .role("admin", [Rule::prefix("").call()])
        .role("user", [Rule::exact("public").call()]);
    let app = App::empty()
        .procedure("public", async || "for all")
        .procedure("private", async || "for some")
        .permissions(permissions);
    let router = named_router();
    let joined = join(&router, app).await;
    let (ann, bob) = (named(&router, "ann").await, named(&router, "bob").await);
    let answer = ann.call("private").get::<String>().await;
    assert_eq!(answer.expect("an answer"), "for some");
    let answer = bob.call("public").get::<String>().await;
    assert_eq!(answer.expect("an answer"), "for all");
    // There are no rules for `anonymous`, so there is no session for it.
    for (client, uri) in [(&bob, "private"), (&peer(&router).await, "public")] {
        let refused = client.call(uri).await.expect_err("a refusal");
        assert_eq!(refused.uri(), Some("wamp.error.not_authorized"));
    }
    joined.leave().await;
}

#[session]
async fn refuse_bob(session: &Session) -> Result<(), CallError> {
    match &*session.auth().id {
        "bob" => Err(CallError::new("my.error.go_away").arg("not you")),
        _ => Ok(()),
    }
}

#[tokio::test(start_paused = true)]
async fn session_handlers_decide_on_callers() {
    let router = named_router();
    let app = App::empty()
        .sessions(sessions![refuse_bob])
        .procedures(procedures![who]);
    let joined = join(&router, app).await;
    let (ann, bob) = (named(&router, "ann").await, named(&router, "bob").await);
    ann.call("who").await.expect("an answer");
    for _ in 0..2 {
        let refused = bob.call("who").await.expect_err("a refusal");
        assert_eq!(refused.uri(), Some("my.error.go_away"));
    }
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_a_function_closes_answers_and_begins_anew() {
    let router = telling_router();
    let app =
        App::empty()
            .procedures(procedures![visit])
            .procedure("bye", async |session: Session| {
                session.close("wamp.close.normal", "enough");
                std::future::pending::<()>().await;
            });
    let joined = join(&router, app).await;
    let client = peer(&router).await;
    assert_eq!(
        client.call("visit").get::<u64>().await.expect("an answer"),
        1
    );
    let error = client.call("bye").await.expect_err("no answer");
    assert_eq!(error.uri(), Some("wamp.error.canceled"));
    assert_eq!(
        client.call("visit").get::<u64>().await.expect("an answer"),
        1
    );
    joined.leave().await;
}

#[session]
async fn watch(session: &Session, log: State<'_, Log>) -> Guard {
    log.guard(session.id().to_string())
}

#[tokio::test(start_paused = true)]
async fn those_who_have_not_called_for_long_make_room_for_others() {
    let router = telling_router();
    let log = Log::default();
    let app = App::empty()
        .state(log.clone())
        .sessions(sessions![watch])
        .procedure("visit", async || ());
    let joined = join(&router, app).await;
    let first = peer(&router).await;
    first.call("visit").await.expect("an answer");
    let first = first.session().expect("a session").id();
    for _ in 0..1023 {
        let other = peer(&router).await;
        other.call("visit").await.expect("an answer");
    }
    settle().await;
    assert!(log.take().is_empty());
    let last = peer(&router).await;
    last.call("visit").await.expect("an answer");
    settle().await;
    assert_eq!(log.take(), [format!("drop {first}")]);
    joined.leave().await;
}

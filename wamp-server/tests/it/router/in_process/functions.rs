//! Calls of the application's own functions.

use std::future::pending;

use wamp_server::auth::Principal;
use wamp_server::{
    App, CancellationToken, Limits, RouterOptions, SharedState, State, procedure, procedures,
};

use super::*;
use crate::support::{Events, Log, build, nothing_is_left, settle};

const SECOND: Duration = Duration::from_secs(1);

#[procedure("math.divide")]
async fn divide(a: i64, b: i64) -> Result<(i64, i64), CallError> {
    if b == 0 {
        return Err(CallError::new("math.error.zero").arg(a).kwarg("by", b));
    }
    Ok((a / b, a % b))
}

#[procedure("math.panic")]
async fn panics() -> u8 {
    panic!("oh no")
}

#[procedure("brief", timeout = "2s")]
async fn brief(log: State<'_, Log>) {
    let _guard = log.guard("brief");
    pending::<()>().await;
}

#[procedure("told", timeout = none)]
async fn told(token: CancellationToken, log: State<'_, Log>) {
    let _guard = log.guard(format!("told {}", token.is_cancelled()));
    pending::<()>().await;
}

#[procedure("narrow", concurrency = 1)]
async fn narrow(events: State<'_, Events>) {
    events.wait("end").await;
}

#[procedure("who", roles("admin"))]
async fn who(session: &Session) -> (String, String, String) {
    let auth = session.auth();
    (
        auth.id.to_string(),
        auth.role.to_string(),
        auth.method.to_string(),
    )
}

fn server(limits: Limits) -> (Server, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty()
        .procedures(procedures![divide, panics, brief, told, narrow])
        .procedure("nested", async |realm: Session| {
            let parts = realm.realm().call("math.divide").args((7, 2)).await?;
            Ok::<_, CallError>(parts.decode::<(i64, i64)>()?)
        })
        .procedure(
            "background",
            async |session: Session, log: SharedState<Log>| {
                let guard = log.guard("background");
                session.spawn(async move {
                    let _guard = guard;
                    pending::<()>().await;
                });
                session.id()
            },
        )
        .router(RouterOptions::new())
        .limits(limits)
        .state(events.clone())
        .state(log.clone());
    (build(app), events, log)
}

#[tokio::test(start_paused = true)]
async fn a_function_answers_the_server_as_it_answers_clients() {
    let (server, ..) = server(Limits::default());
    let realm = realm(&server);
    let result = realm
        .call("math.divide")
        .arg(7)
        .kwarg("b", 2)
        .await
        .expect("a result");
    assert_eq!(result.decode::<(i64, i64)>().expect("a tuple"), (3, 1));
    let result = realm.call("nested").await.expect("a result");
    assert_eq!(result.decode::<(i64, i64)>().expect("a tuple"), (3, 1));
    let error = realm
        .call("math.divide")
        .args((1, 0))
        .await
        .expect_err("it fails");
    assert_eq!(error.uri(), "math.error.zero");
    assert_eq!(error.args::<(i64,)>().expect("a tuple"), (1,));
    let error = realm
        .call("math.divide")
        .arg("a")
        .await
        .expect_err("it fails");
    assert_eq!(error.uri(), "wamp.error.invalid_argument");
    let error = realm.call("math.multiply").await.expect_err("it fails");
    assert_eq!(error.uri(), "wamp.error.no_such_procedure");
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn callees_elsewhere_come_before_what_is_farther_away() {
    let app = App::empty()
        .router(RouterOptions::new())
        .procedure("a.b", async || "exact")
        .procedure("a.{rest}", async || "pattern");
    let server = build(app);
    let (mut client, _) = callee(&server, &["a.c"]).await;
    for (uri, answer) in [("a.b", "exact"), ("a.d", "pattern")] {
        let result = realm(&server).call(uri).await.expect("a result");
        assert_eq!(result.decode::<String>().expect("a text"), answer);
    }
    let call = begin(realm(&server).call("a.c"));
    client.hears(json!([68, 1, ANY, {}])).await;
    client.say(r#"[70,1,{},["elsewhere"]]"#).await;
    let result = outcome(call).await.expect("a result");
    assert_eq!(result.decode::<String>().expect("a text"), "elsewhere");
}

#[tokio::test(start_paused = true)]
async fn a_panic_costs_one_call() {
    let (server, ..) = server(Limits::default());
    let error = realm(&server)
        .call("math.panic")
        .await
        .expect_err("it fails");
    assert_eq!(error.uri(), "wamp.error.runtime_error");
    assert!(
        error
            .cause()
            .expect("a cause")
            .to_string()
            .contains("oh no")
    );
    assert_eq!(server.stats().panics, 1);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn the_shorter_timeout_counts() {
    let (server, _, log) = server(Limits::default());
    for (asked, after) in [(None, 2), (Some(1), 1), (Some(9), 2)] {
        let began = tokio::time::Instant::now();
        let mut call = realm(&server).call("brief");
        if let Some(asked) = asked {
            call = call.timeout(asked * SECOND);
        }
        let error = call.await.expect_err("it fails");
        assert_eq!(error.uri(), "wamp.error.timeout");
        let took = began.elapsed();
        assert!(
            took >= after * SECOND && took < after * SECOND + SECOND / 100,
            "{took:?}"
        );
        assert_eq!(log.take(), ["drop brief"]);
    }
    assert_eq!(server.stats().timeouts, 3);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn who_drops_a_call_drops_the_function() {
    let (server, _, log) = server(Limits::default());
    let call = begin(realm(&server).call("told"));
    settle().await;
    assert_eq!(server.stats().running_handlers, 1);
    assert!(log.take().is_empty());
    call.abort();
    settle().await;
    assert_eq!(log.take(), ["drop told false"]);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn limits_hold_for_the_server_itself() {
    let limits = Limits {
        max_running_handlers: 2,
        ..Limits::default()
    };
    let (server, events, _) = server(limits);
    let calls = [
        begin(realm(&server).call("narrow")),
        begin(realm(&server).call("narrow")),
    ];
    settle().await;
    assert_eq!(server.stats().running_handlers, 2);
    let error = realm(&server)
        .call("math.divide")
        .args((1, 1))
        .await
        .expect_err("it fails");
    assert_eq!(error.uri(), "wamp.error.limit_exceeded");
    events.happen("end");
    for call in calls {
        outcome(call).await.expect("a result");
    }
    realm(&server)
        .call("math.divide")
        .args((1, 1))
        .await
        .expect("a result");
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_function_sees_a_caller_without_name_and_role() {
    let app = App::empty()
        .procedures(procedures![who])
        .transport_authenticator(async |_: Session| Some(Principal::new("a", "admin")));
    let result = realm(&build(app)).call("who").await.expect("a result");
    let who = result
        .decode::<(String, String, String)>()
        .expect("a tuple");
    assert_eq!(who, (String::new(), String::new(), "internal".to_owned()));
    let (server, _, log) = server(Limits::default());
    // What the function has begun for its caller ends with the call.
    let result = realm(&server).call("background").await.expect("a result");
    let id = result.decode::<Id>().expect("an id");
    assert!(realm(&server).session(id).is_none());
    settle().await;
    assert_eq!(log.take(), ["drop background"]);
}

#[tokio::test(start_paused = true)]
async fn the_server_may_end_sessions_but_has_none_to_make_a_testament_for() {
    let server = router();
    let realm = server.realm("realm1").expect("the default realm");
    let mut client = Client::connect(&server);
    let id = client.hello().await;
    let killed = realm.call("wamp.session.kill").arg(id).await;
    assert!(killed.is_ok(), "{killed:?}");
    assert_eq!(client.next().await[2], "wamp.close.killed");

    let testament = realm.call("wamp.session.add_testament");
    let testament = testament.arg("a").arg([1]).arg(json!({})).await;
    let error = testament.expect_err("there is no session");
    assert_eq!(error.uri(), "wamp.error.no_such_session");
}

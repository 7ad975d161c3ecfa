//! What handlers see of their session, and keep in it.

use std::time::Duration;

use wamp_server::{App, Call, CallError, Server, Session, State, procedure, procedures};

use crate::support::{Client, Events, Log, build, json, settle};

#[derive(Clone)]
struct Cart(Vec<String>);

#[procedure("cart.add")]
async fn add(item: String, session: &Session) -> usize {
    let cart = session.data().update(|cart: Option<Cart>| {
        let mut cart = cart.unwrap_or(Cart(Vec::new()));
        cart.0.push(item);
        cart
    });
    cart.0.len()
}

#[procedure("keys")]
async fn keys(session: &Session) -> (Option<i64>, Option<i64>, bool, usize, Vec<String>, bool) {
    let data = session.data();
    data.set("a", 1_i64);
    data.set("b", 2_i64);
    let wrong_type = data.named::<String>("a").is_none();
    let (before, missing) = (
        data.named::<i64>("a").map(|it| *it),
        data.named::<i64>("c").map(|it| *it),
    );
    let removed = data.unset("a") && !data.unset("a");
    (
        before,
        missing,
        removed,
        data.names().len(),
        data.names(),
        wrong_type,
    )
}

#[procedure("spawn")]
async fn spawn(session: &Session, events: State<'_, Events>, log: State<'_, Log>) {
    let (session, events, log) = (session, (*events).clone(), (*log).clone());
    let mine = session.clone();
    session.spawn(async move {
        let _guard = log.guard("task");
        events.wait("go").await;
        log.note(format!("open {}", mine.is_open()));
        events.wait("never").await;
    });
}

#[procedure("about")]
async fn about(
    session: &Session,
    call: &Call,
) -> Result<(String, Option<String>, bool, bool), CallError> {
    let agent = session.hello().agent.as_deref().map(str::to_owned);
    let same = call.session() == session
        && session.realm().session(session.id()).as_ref() == Some(session);
    Ok((
        session.realm_name().to_owned(),
        agent,
        same,
        call.options().is_some(),
    ))
}

fn server() -> (Server, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty().procedures(procedures![add, keys, spawn, about]);
    (
        build(app.state(events.clone()).state(log.clone())),
        events,
        log,
    )
}

#[tokio::test(start_paused = true)]
async fn each_session_keeps_its_own_data_until_it_ends() {
    let (server, ..) = server();
    let mut one = Client::join(&server).await;
    let mut two = Client::join(&server).await;
    for (client, count) in [(&mut one, 1), (&mut two, 1)] {
        client.say(r#"[48,1,{},"cart.add",["x"]]"#).await;
        client.hears(json!([50, 1, {}, [count]])).await;
    }
    one.say(r#"[48,2,{},"cart.add",["y"]]"#).await;
    one.hears(json!([50, 2, {}, [2]])).await;
    one.goodbye().await;
    one.hello().await;
    one.say(r#"[48,1,{},"cart.add",["z"]]"#).await;
    one.hears(json!([50, 1, {}, [1]])).await;
}

#[tokio::test(start_paused = true)]
async fn data_has_names_and_types_and_a_missing_one_is_none() {
    let (server, ..) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"keys"]"#).await;
    client
        .hears(json!([50, 1, {}, [1, null, true, 1, ["b"], true]]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_task_of_a_session_outlives_its_call_and_ends_with_the_session() {
    let (server, events, log) = server();
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"spawn"]"#).await;
    client.hears(json!([50, 1, {}])).await;
    events.happen("go");
    settle().await;
    assert_eq!(log.take(), ["open true"]);
    client.vanish().await;
    settle().await;
    assert_eq!(log.take(), ["drop task"]);
}

#[tokio::test(start_paused = true)]
async fn hello_realm_and_identity_of_a_session_are_known() {
    let (server, ..) = server();
    let mut client = Client::connect(&server);
    client
        .say(r#"[1,"some.realm",{"roles":{"caller":{}},"agent":"test/1"}]"#)
        .await;
    client.next().await;
    client.say(r#"[48,1,{},"about"]"#).await;
    client
        .hears(json!([50, 1, {}, ["some.realm", "test/1", true, true]]))
        .await;
    client
        .say(r#"[48,2,{"timeout":100,"disclose_me":true},"about"]"#)
        .await;
    client
        .hears(json!([50, 2, {}, ["some.realm", "test/1", true, true]]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_the_end_of_a_session_is_woken_by_it() {
    let (server, ..) = server();
    let client = Client::join(&server).await;
    let session = server
        .realm("realm1")
        .expect("the default realm")
        .sessions()
        .pop()
        .expect("one");
    let waits = tokio::spawn(async move { session.ended().await });
    settle().await;
    assert!(!waits.is_finished());
    client.vanish().await;
    tokio::time::timeout(Duration::from_secs(1), waits)
        .await
        .expect("woken")
        .expect("no panic");
}

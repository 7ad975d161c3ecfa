//! What is offered at a router, and what it does not take.

use wamp_server::client::{Builder, Match};
use wamp_server::permission::{Permissions, Rule};
use wamp_server::{
    App, Error, JoinError, Realm, RouterOptions, procedure, procedures, service, subscriber,
    subscribers,
};

use super::support::{peer, router};
use crate::support::{build, json};

#[procedure("taken")]
async fn taken() {}

#[procedure("docs.{collection}.get")]
async fn get(collection: &str) -> String {
    collection.to_owned()
}

#[procedure(regex = r"(a|b)\.c")]
async fn anything() {}

#[subscriber("secrets")]
async fn secrets() {}

fn refusals(ended: Result<(), Error>) -> Vec<String> {
    match ended {
        Err(Error::Join(JoinError::Refused(refused))) => refused
            .iter()
            .map(|it| format!("{} {}: {:?}", it.kind, it.uri, it.error.uri()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn all_that_is_refused_is_told_at_once() {
    let permissions = Permissions::new().role(
        "anonymous",
        [
            Rule::prefix("").call().register(),
            Rule::prefix("news").subscribe(),
        ],
    );
    let app = App::empty().router(RouterOptions::default());
    let router = build(app.permissions(permissions).procedure("taken", async || ()));
    let app = App::empty()
        .procedures(procedures![taken, get, anything])
        .subscribers(subscribers![secrets]);
    let ended = app.join_with(Builder::over(router.connector()), std::future::pending());
    let ended = ended.await;
    let text = ended.as_ref().expect_err("it fails").to_string();
    assert!(text.contains("offering.rs:"), "{text}");
    let mut refused = refusals(ended);
    refused.sort();
    assert_eq!(
        refused,
        [
            r"procedure /(a|b)\.c/: None",
            r#"procedure taken: Some("wamp.error.procedure_already_exists")"#,
            r#"subscriber secrets: Some("wamp.error.not_authorized")"#,
        ]
    );
    // Nothing of it is offered then.
    let error = peer(&router)
        .await
        .call("docs.a.get")
        .await
        .expect_err("nobody");
    assert_eq!(error.uri(), Some("wamp.error.no_such_procedure"));
}

#[tokio::test(start_paused = true)]
async fn patterns_and_the_wish_to_know_callers_reach_the_router() {
    let router = router();
    let app = App::empty().procedures(procedures![taken, get]);
    let server = build(app);
    let joined = server.join(Builder::over(router.connector())).await;
    let joined = joined.expect("it joins");
    let client = peer(&router).await;
    let lookup = client.call("wamp.registration.lookup").arg("docs..get");
    let lookup = lookup.arg(json!({"match": Match::Wildcard.as_str()})).await;
    let id: u64 = lookup.expect("an answer").decode().expect("an id");
    let found = client.call("wamp.registration.get").arg(id).await;
    let found: serde_json::Value = found.expect("an answer").decode().expect("a registration");
    assert_eq!(found["uri"], "docs..get");
    joined.leave().await;
}

struct Shop;

#[service]
impl Shop {
    #[procedure("price")]
    async fn price(&self) -> u64 {
        1
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_told_with_its_prefix() {
    let app = App::empty().router(RouterOptions::default());
    let router = build(app.procedure("eu.price", async || ()));
    let app = App::empty().service(Shop).service_at("eu", Shop);
    let ended = app.join_with(Builder::over(router.connector()), std::future::pending());
    let refused = refusals(ended.await);
    let expected = r#"procedure eu.price: Some("wamp.error.procedure_already_exists")"#;
    assert_eq!(refused, [expected]);
}

fn two_realms() -> App {
    App::empty()
        .procedure("who", async || "the default realm")
        .realm(Realm::new("shop").procedure("who", async || "the shop"))
}

#[tokio::test(start_paused = true)]
async fn a_realm_is_joined_by_its_name() {
    let router = router();
    let server = build(two_realms());
    for (name, expected) in [("shop", "the shop"), ("realm1", "the default realm")] {
        let joined = server
            .join(Builder::over(router.connector()).realm(name))
            .await;
        let joined = joined.expect("it joins");
        let client = peer(&router).await;
        let who = client.call("who").get::<String>().await;
        assert_eq!(who.expect("an answer"), expected);
        joined.leave().await;
    }
}

#[tokio::test(start_paused = true)]
async fn functions_that_would_not_be_offered_are_an_error() {
    let router = router();
    let client = Builder::over(router.connector());
    let ended = two_realms().join_with(client, std::future::pending()).await;
    match ended {
        Err(Error::Join(JoinError::OtherRealms(others))) => assert_eq!(others, ["`shop`"]),
        other => panic!("{other:?}"),
    }
    let client = Builder::over(router.connector()).realm("shop");
    let ended = two_realms().join_with(client, std::future::pending()).await;
    match ended {
        Err(Error::Join(JoinError::OtherRealms(others))) => {
            assert_eq!(others, ["the default realm"]);
        }
        other => panic!("{other:?}"),
    }
    let app = two_realms().default_realm(false);
    assert!(app.build().is_err());
    let app = App::empty()
        .default_realm(false)
        .realm(Realm::new("shop").procedure("who", async || ()));
    let ended = app.join_with(Builder::over(router.connector()), std::future::pending());
    let ended = ended.await;
    assert!(
        matches!(ended, Err(Error::Join(JoinError::NoSuchRealm(_)))),
        "{ended:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_realm_joins_one_router_at_a_time() {
    let (one, other) = (router(), router());
    let server = build(App::empty().procedure("add", async |a: i64, b: i64| a + b));
    let joined = server.join(Builder::over(one.connector())).await;
    let joined = joined.expect("it joins");
    let second = server.join(Builder::over(other.connector())).await;
    assert!(matches!(second, Err(JoinError::AlreadyJoined)));
    joined.leave().await;
    let joined = server.join(Builder::over(other.connector())).await;
    joined.expect("it joins the other one").leave().await;
}

#[tokio::test(start_paused = true)]
async fn an_application_is_served_and_offered_at_once() {
    let router = router();
    let app = App::empty()
        .procedure("add", async |a: i64, b: i64| a + b)
        .topic("sums", async || ())
        .procedure("tell", async |session: wamp_server::Session| {
            let told = session.realm().publish("sums", 5)?;
            Ok::<_, wamp_server::CallError>(told.receivers)
        });
    let server = build(app);
    let joined = server.join(Builder::over(router.connector())).await;
    let joined = joined.expect("it joins");
    let (here, there) = (peer(&server).await, peer(&router).await);
    for client in [&here, &there] {
        let sum = client.call("add").args((2, 3)).get::<i64>().await;
        assert_eq!(sum.expect("an answer"), 5);
    }
    let mut near = here.subscribe("sums").await.expect("subscribed");
    let mut far = there.subscribe("sums").await.expect("subscribed");
    let told = here.call("tell").get::<usize>().await;
    assert_eq!(told.expect("an answer"), 1);
    assert!(near.next().await.is_some() && far.next().await.is_some());
    joined.leave().await;
    let sum = here.call("add").args((2, 3)).get::<i64>().await;
    assert_eq!(sum.expect("an answer"), 5);
}

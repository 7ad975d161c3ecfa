//! Functions that any client offers.

use wamp_server::client::Invoke;
use wamp_server::{CallError, Register as _, Session, State, procedure, procedures};

use super::support::{peer, router};
use crate::support::settle;

#[procedure("docs.{collection}.get")]
async fn get(collection: &str, #[arg(default = 1)] number: u64) -> String {
    format!("{collection}/{number}")
}

#[procedure("strict")]
async fn strict(session: &Session) -> String {
    session.auth().role.to_string()
}

struct Missing;

#[procedure("stateful")]
async fn stateful(_missing: State<'_, Missing>) {}

#[tokio::test(start_paused = true)]
async fn closures_are_registered_with_the_extractors_of_the_server() {
    let router = router();
    let callee = peer(&router).await;
    let add = callee.register("math.add", async |a: i64, b: i64| a + b);
    let registration = add.await.expect("registered");
    let role = async |session: Session| session.auth().role.to_string();
    callee.register("role", role).await.expect("registered");
    let other = async |a: i64| match a {
        0 => Err(CallError::new("my.error")),
        a => Ok(1 / a),
    };
    callee
        .register("{which}.invert", other)
        .await
        .expect("registered");
    let client = peer(&router).await;
    let sum = client.call("math.add").kwarg("a", 1).await;
    assert_eq!(
        sum.expect_err("a mistake").uri(),
        Some("wamp.error.invalid_argument")
    );
    let sum = client.call("math.add").args((2, 3)).get::<i64>().await;
    assert_eq!(sum.expect("an answer"), 5);
    let role = client.call("role").get::<String>().await;
    assert_eq!(role.expect("an answer"), "anonymous");
    let error = client
        .call("math.invert")
        .arg(0)
        .await
        .expect_err("a failure");
    assert_eq!(error.uri(), Some("my.error"));
    registration.unregister().await.expect("unregistered");
    let error = client
        .call("math.add")
        .args((2, 3))
        .await
        .expect_err("nobody");
    assert_eq!(error.uri(), Some("wamp.error.no_such_procedure"));
}

#[tokio::test(start_paused = true)]
async fn options_are_those_of_any_registration() {
    let router = router();
    let (one, two) = (peer(&router).await, peer(&router).await);
    for (callee, name) in [(&one, "one"), (&two, "two")] {
        let register = callee.register("who", move || async move { name });
        register
            .invoke(Invoke::RoundRobin)
            .await
            .expect("registered");
    }
    let client = peer(&router).await;
    let mut answers = Vec::new();
    for _ in 0..4 {
        let answer = client.call("who").get::<String>().await;
        answers.push(answer.expect("an answer"));
    }
    answers.sort();
    assert_eq!(answers, ["one", "one", "two", "two"]);
}

#[tokio::test(start_paused = true)]
async fn annotated_functions_are_registered_all_at_once() {
    let router = router();
    let callee = peer(&router).await;
    let registered = callee.register_all(procedures![get, strict]).await;
    assert_eq!(registered.expect("registered").len(), 2);
    let client = peer(&router).await;
    let found = client.call("docs.letters.get").arg(7).get::<String>().await;
    assert_eq!(found.expect("an answer"), "letters/7");
    let role = client.call("strict").get::<String>().await;
    assert_eq!(role.expect("an answer"), "anonymous");
}

#[tokio::test(start_paused = true)]
async fn mistakes_are_errors_of_the_registration() {
    let router = router();
    let callee = peer(&router).await;
    let error = callee.register_all(procedures![stateful]).await;
    let error = error.expect_err("nobody gives it").to_string();
    assert!(
        error.contains("State<") && error.contains("Missing"),
        "{error}"
    );
    let error = callee.register("not a uri", async || ()).await;
    let error = error.expect_err("no URI").to_string();
    assert!(error.contains("not a uri"), "{error}");
    let taken = callee.register("taken", async || ());
    taken.await.expect("registered");
    let error = callee.register("taken", async || ()).await;
    let error = error.expect_err("it is taken");
    assert_eq!(error.uri(), Some("wamp.error.procedure_already_exists"));
}

#[tokio::test(start_paused = true)]
async fn functions_call_by_the_client_that_offers_them() {
    let router = router();
    let callee = peer(&router).await;
    let add = callee.register("add", async |a: i64, b: i64| a + b);
    add.await.expect("registered");
    let client = callee.clone();
    let double = callee.register("double", move |a: i64| {
        let client = client.clone();
        async move {
            let sum = client.call("add").args((a, a)).get::<i64>().await?;
            Ok::<_, CallError>(sum)
        }
    });
    double.await.expect("registered");
    let doubled = peer(&router).await.call("double").arg(4).get::<i64>().await;
    assert_eq!(doubled.expect("an answer"), 8);
}

#[tokio::test(start_paused = true)]
async fn what_is_offered_does_not_keep_the_client_open() {
    let router = router();
    let callee = peer(&router).await;
    let add = callee.register("add", async |a: i64, b: i64| a + b);
    drop(add.await.expect("registered"));
    drop(callee);
    settle().await;
    assert_eq!(router.stats().sessions, 0);
}

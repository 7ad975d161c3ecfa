//! What the tests of the meta API have in common.

use serde_json::Value;
use wamp_server::auth::Principal;
use wamp_server::{App, RouterOptions, Server, Session};

use super::calls::EVERYTHING;
use crate::support::{ANY, Client, build, json};

/// A session that can do everything, and its id.
pub(crate) async fn enter(server: &Server) -> (Client, u64) {
    let mut client = Client::connect(server);
    let id = greet(&mut client, EVERYTHING).await;
    (client, id)
}

/// The same as somebody, in the role of the same name.
pub(crate) async fn enter_as(server: &Server, name: &str) -> (Client, u64) {
    let mut hello = serde_json::from_str::<Value>(EVERYTHING).expect("JSON");
    hello[2]["authid"] = json!(name);
    let mut client = Client::connect(server);
    let id = greet(&mut client, &hello.to_string()).await;
    (client, id)
}

pub(crate) async fn greet(client: &mut Client, hello: &str) -> u64 {
    client.say(hello).await;
    let welcome = client.next().await;
    assert_eq!(welcome[0], 2, "{welcome}");
    welcome[1].as_u64().expect("a session id")
}

/// A router where everybody is who he says he is.
pub(crate) fn names(options: RouterOptions) -> App {
    App::empty()
        .router(options)
        .transport_authenticator(async |session: Session| {
            let name = session.hello().authid.clone()?;
            Some(Principal::new(&*name, &*name))
        })
}

/// A router whose sessions may do everything to each other.
pub(crate) fn unruly() -> Server {
    build(App::empty().router(RouterOptions::new().meta_control(true)))
}

/// CALL; the answer is the next message.
pub(crate) async fn ask(client: &mut Client, procedure: &str, args: Value) -> Value {
    ask_with(client, procedure, args, json!({})).await
}

pub(crate) async fn ask_with(
    client: &mut Client,
    procedure: &str,
    args: Value,
    kwargs: Value,
) -> Value {
    client
        .say(json!([48, 900, {}, procedure, args, kwargs]).to_string())
        .await;
    client.next().await
}

/// The only result of a call.
#[track_caller]
pub(crate) fn result(answer: &Value) -> &Value {
    let is_result = answer[0] == 50 && answer[1] == 900;
    let is_one = answer.as_array().is_some_and(|it| it.len() == 4);
    assert!(
        is_result && is_one && answer[3].as_array().is_some_and(|it| it.len() == 1),
        "{answer}"
    );
    &answer[3][0]
}

/// The URI of the ERROR that a call is answered with.
#[track_caller]
pub(crate) fn error(answer: &Value) -> &str {
    assert_eq!(
        (&answer[0], &answer[1]),
        (&json!(8), &json!(48)),
        "{answer}"
    );
    answer[4].as_str().expect("a URI")
}

/// RESULT without anything.
pub(crate) fn nothing() -> Value {
    json!([50, 900, {}])
}

/// The EVENT of a subscription.
pub(crate) fn event(subscription: u64, args: &Value) -> Value {
    json!([36, subscription, ANY, {}, args])
}

/// REGISTER and REGISTERED; gives the registration's id.
pub(crate) async fn register(client: &mut Client, options: Value, procedure: &str) -> u64 {
    client
        .say(json!([64, 800, options, procedure]).to_string())
        .await;
    let registered = client.next().await;
    assert_eq!(registered[0], 65, "{registered}");
    registered[2].as_u64().expect("a registration id")
}

/// SUBSCRIBE and SUBSCRIBED; gives the subscription's id.
pub(crate) async fn subscribe(client: &mut Client, options: Value, topic: &str) -> u64 {
    client
        .say(json!([32, 700, options, topic]).to_string())
        .await;
    let subscribed = client.next().await;
    assert_eq!(subscribed[0], 33, "{subscribed}");
    subscribed[2].as_u64().expect("a subscription id")
}

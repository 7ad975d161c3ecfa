//! Crossbar.io as it is installed here: a client of others and our raw one both get through.

use serde_json::json;
use wamp_tests::client::Client;
use wamp_tests::crossbar::{Crossbar, REALM};
use wamp_tests::peers::python;

use crate::run;

#[tokio::test]
async fn autobahn_for_python_through_crossbar() {
    if let Some(script) = python("autobahn_router.py")
        && let Some(crossbar) = Crossbar::start().await
    {
        run(script, crossbar.address(), &["json", REALM]).await;
    }
}

#[tokio::test]
async fn raw_messages_through_crossbar() {
    let Some(crossbar) = Crossbar::start().await else {
        return;
    };
    let mut callee = Client::connect(crossbar.address(), "/").await;
    let roles = json!({"roles": {"callee": {}}});
    let welcome = callee.knock(REALM, roles).await;
    assert_eq!(welcome[0], 2, "{welcome}");
    callee.send(&json!([64, 1, {}, "raw.add"])).await;
    let registered = callee.receive().await;
    assert_eq!((&registered[0], &registered[1]), (&json!(65), &json!(1)));

    let mut caller = Client::join(crossbar.address(), REALM).await;
    caller.send(&json!([48, 1, {}, "raw.add", [1, 2]])).await;
    let invocation = callee.receive().await;
    assert_eq!(invocation[0], 68, "{invocation}");
    assert_eq!(invocation[2], registered[2], "{invocation}");
    assert_eq!(invocation[4], json!([1, 2]), "{invocation}");
    callee.send(&json!([70, invocation[1], {}, [3]])).await;
    let result = caller.receive().await;
    assert_eq!((&result[0], &result[1]), (&json!(50), &json!(1)));
    assert_eq!(result[3], json!([3]), "{result}");
}

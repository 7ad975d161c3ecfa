//! The example `router`: a device, somebody who uses it, and the application between them.

use serde_json::json;
use wamp_tests::client::{Arguments, Client, args};
use wamp_tests::program::Program;

#[tokio::test]
async fn router() {
    let router = Program::example("router", &[]).await;
    let mut lamp = Client::join(router.address(), "realm1").await;
    let mut user = Client::join(router.address(), "realm1").await;
    lamp.send(&json!([64, 100, {}, "device.lamp.reboot"])).await;
    assert_eq!(lamp.receive().await[0], 65);
    let options = json!({"acknowledge": true, "retain": true});
    lamp.send(&json!([16, 101, options, "device.lamp.state", ["on"]]))
        .await;
    assert_eq!(lamp.receive().await[0], 17);

    // From client to client, and from client to the application to client.
    for (request, procedure, arguments) in [
        (100, "device.lamp.reboot", json!([])),
        (101, "devices.reboot", json!(["lamp"])),
    ] {
        user.send(&json!([48, request, {}, procedure, arguments]))
            .await;
        let invocation = lamp.receive().await;
        assert_eq!(invocation[0], 68, "{invocation}");
        lamp.send(&json!([70, invocation[1], {}, ["rebooting"]]))
            .await;
        assert_eq!(
            user.receive().await,
            json!([50, request, {}, ["rebooting"]])
        );
    }
    let nobody = user.call("devices.reboot", args(json!(["fridge"]))).await;
    assert_eq!(nobody[0], "wamp.error.no_such_procedure");
    let wrong = user.call("devices.reboot", args(json!([7]))).await;
    assert_eq!(wrong[0], "wamp.error.invalid_argument");

    let seen = user.call("devices.seen", Arguments::none()).await;
    assert_eq!(seen, json!([[{"lamp": "on"}]]));
    let options = json!({"match": "prefix", "get_retained": true});
    user.send(&json!([32, 200, options, "device."])).await;
    let subscription = user.receive().await[2].clone();
    let state = user.receive().await;
    let details = json!({"topic": "device.lamp.state", "retained": true});
    assert_eq!(state, json!([36, subscription, state[2], details, ["on"]]));
    let past = user
        .call("wamp.subscription.get_events", args(json!([subscription])))
        .await;
    assert_eq!(past[0][0]["args"], json!(["on"]));
}

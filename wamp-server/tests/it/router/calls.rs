//! Calls from one session to another.

use wamp_server::{App, RouterOptions, Server};

use crate::support::{ANY, Client, build, json};

/// HELLO of a peer that can do everything.
pub(crate) const EVERYTHING: &str = r#"[1,"realm1",{"roles":{
    "caller":{"features":{"progressive_call_results":true,"progressive_call_invocations":true,"call_canceling":true,"payload_passthru_mode":true}},
    "callee":{"features":{"progressive_call_results":true,"progressive_call_invocations":true,"call_canceling":true,"call_timeout":true,"call_reroute":true,"registration_revocation":true,"payload_passthru_mode":true}},
    "publisher":{"features":{"payload_passthru_mode":true}},
    "subscriber":{"features":{"subscription_revocation":true,"payload_passthru_mode":true}}}}]"#;

pub(crate) fn router() -> Server {
    build(App::empty().router(RouterOptions::new()))
}

/// A session that can do everything.
pub(crate) async fn join(server: &Server) -> Client {
    let mut client = Client::connect(server);
    client.say(EVERYTHING).await;
    assert_eq!(client.next().await[0], 2);
    client
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_to_the_callee_and_its_answer_to_the_caller() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    callee.say(r#"[64,1,{},"math.add"]"#).await;
    callee.hears(json!([65, 1, ANY])).await;
    caller
        .say(r#"[48,1,{"_trace":"x"},"math.add",[2,3],{"k":1}]"#)
        .await;
    callee
        .hears(json!([68, 1, ANY, {"_trace": "x"}, [2, 3], {"k": 1}]))
        .await;
    callee.say(r#"[70,1,{},[5]]"#).await;
    caller.hears(json!([50, 1, {}, [5]])).await;
    caller.say(r#"[48,2,{},"math.add",[2,3]]"#).await;
    callee.hears(json!([68, 2, ANY, {}, [2, 3]])).await;
    callee
        .say(r#"[8,68,2,{"_why":1},"math.error.tired",["no"]]"#)
        .await;
    caller
        .hears(json!([8, 48, 2, {"_why": 1}, "math.error.tired", ["no"]]))
        .await;
}

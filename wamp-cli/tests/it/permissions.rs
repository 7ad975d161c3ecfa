//! What roles may do, as the file says.

use serde_json::json;
use wamp_tests::client::args;

use crate::support::{ANYWHERE, Folder, answer, call, register};

const REALM: &str = r#"
[[realm]]
name = "shop"
anonymous = "guest"

[[realm.role]]
name = "guest"
permission = [
    { uri = "shop.", match = "prefix", allow = ["call", "subscribe"] },
    { uri = "shop.orders" },
    { uri = "chat..message", match = "wildcard", allow = ["publish"], disclose = true, trust_level = 3 },
]

[[realm.role]]
name = "staff"
[[realm.role.permission]]
uri = ""
match = "prefix"
allow = "all"
[[realm.role.permission]]
uri = "wamp.session."
match = "prefix"
allow = ["call"]

[[realm.principal]]
authid = "ann"
role = "staff"
ticket = "open sesame"
"#;

#[tokio::test]
async fn each_role_has_its_own() {
    let router = Folder::new(&format!("{ANYWHERE}{REALM}")).start().await;
    let mut ann = router.join_by("shop", "ann", "open sesame").await;
    let mut guest = router.join("shop").await;
    register(&mut ann, "shop.price").await;
    register(&mut ann, "shop.orders").await;

    let request = guest
        .start_call("shop.price", json!({}), args(json!([])))
        .await;
    answer(&mut ann, json!(7)).await;
    let result = guest.receive().await;
    assert_eq!(guest.outcome(request, &result), json!([[7]]));
    let denied = json!("wamp.error.not_authorized");
    assert_eq!(call(&mut guest, "shop.orders").await, denied);
    assert_eq!(call(&mut guest, "wamp.session.count").await, denied);
    guest.send(&json!([64, 500, {}, "shop.mine"])).await;
    assert_eq!(guest.receive().await[4], denied);

    // A wildcard, and what others are told of the publisher.
    let subscription = ann.subscribe("chat.lobby.message").await;
    guest
        .publish("chat.lobby.message", args(json!(["hi"])))
        .await;
    let event = ann.receive().await;
    assert_eq!((&event[0], &event[1]), (&json!(36), &json!(subscription)));
    assert_eq!(event[3]["publisher_authrole"], "guest");
    assert_eq!(event[3]["trustlevel"], 3);
    guest
        .send(&json!([16, 501, {"acknowledge": true}, "chat.lobby", []]))
        .await;
    assert_eq!(guest.receive().await[4], denied);

    // Power over others takes a permission that names it.
    let killed = call(&mut ann, "wamp.session.kill_all").await;
    assert_eq!(killed, json!(1));
    let goodbye = guest.receive().await;
    assert_eq!(goodbye[0], 6, "{goodbye}");
}

#[tokio::test]
async fn without_roles_everybody_may_do_everything_and_control_if_that_is_said() {
    for (control, expected) in [
        ("", json!("wamp.error.not_authorized")),
        ("meta_control = true\n", json!(1)),
    ] {
        let realm = format!("{ANYWHERE}[[realm]]\nname = \"*\"\n{control}");
        let router = Folder::new(&realm).start().await;
        let (mut one, mut other) = (router.join("a").await, router.join("a").await);
        register(&mut one, "anything").await;
        let request = other
            .start_call("anything", json!({}), args(json!([])))
            .await;
        answer(&mut one, json!(1)).await;
        let result = other.receive().await;
        assert_eq!(other.outcome(request, &result), json!([[1]]));
        assert_eq!(call(&mut other, "wamp.session.count").await, json!(2));
        assert_eq!(call(&mut other, "wamp.session.kill_all").await, expected);
    }
}

#[tokio::test]
async fn what_is_kept_of_events_is_as_the_realm_says() {
    let realm = "[[realm]]\nname = \"a\"\nhistory = { topics = [{ uri = \"news.\", match = \"prefix\" }], sqlite = \"history.db\" }\n\
                 [[realm]]\nname = \"b\"\nhide_unauthorized = true\nretention = { max_topics = 0 }\nmeta_api = false\n";
    let folder = Folder::new(&format!("{ANYWHERE}{realm}"));
    let router = folder.start().await;
    let mut client = router.join("a").await;
    let subscription = client.subscribe("news.today").await;
    let options = json!({"acknowledge": true, "exclude_me": false});
    client
        .send(&json!([16, 700, options, "news.today", ["rain"]]))
        .await;
    let heard = [client.receive().await, client.receive().await];
    assert!(heard.iter().any(|it| it[0] == 36), "{heard:?}");
    let events = client
        .call("wamp.subscription.get_events", args(json!([subscription])))
        .await;
    assert!(events.to_string().contains("rain"), "{events}");
    assert!(folder.path("history.db").exists());

    let mut client = router.join("b").await;
    let count = call(&mut client, "wamp.session.count").await;
    assert_eq!(count, json!("wamp.error.no_such_procedure"));
    let options = json!({"acknowledge": true, "retain": true});
    client
        .send(&json!([16, 700, options, "news", ["rain"]]))
        .await;
    assert_eq!(client.receive().await[0], 17);
    client
        .send(&json!([32, 701, {"get_retained": true}, "news"]))
        .await;
    assert_eq!(client.receive().await[0], 33);
    // What comes next is the answer to this, and no retained event.
    client.unsubscribe_from_nothing().await;
}

//! Rules and principals that are replaced while the server runs.

use wamp_server::auth::Principals;
use wamp_server::{Realm, RouterOptions};

use super::*;

/// A realm's access: Ann's ticket, and what customers may do.
fn access(
    ticket: &'static str,
    rules: impl IntoIterator<Item = Rule>,
) -> wamp_server::RealmBuilder {
    let ann = Principal::new("ann", "customer");
    Realm::new("shop")
        .principals(Principals::new().ticket(ann, ticket))
        .permissions(Permissions::new().role("customer", rules))
}

fn serve(realm: wamp_server::RealmBuilder) -> Server {
    let realm = realm
        .procedures(procedures![price, stop])
        .router(RouterOptions::new());
    build(App::empty().default_realm(false).realm(realm))
}

/// What comes of a ticket: 2 for WELCOME, or the reason of an ABORT.
async fn knock(server: &Server, ticket: &str) -> (Client, Value) {
    let mut client = Client::connect(server);
    let roles = json!({"caller": {}, "subscriber": {}, "publisher": {}, "callee": {}});
    let details = json!({"authid": "ann", "authmethods": ["ticket"], "roles": roles});
    client.say(json!([1, "shop", details]).to_string()).await;
    client.hears(json!([4, "ticket", {}])).await;
    client.say(json!([5, ticket, {}]).to_string()).await;
    let answer = client.next().await;
    let outcome = match answer[0].as_u64() {
        Some(3) => answer[2].clone(),
        _ => answer[0].clone(),
    };
    (client, outcome)
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_open_is_held_against_the_new_rules() {
    let server = serve(access("old", [Rule::exact("shop.price").call()]));
    let realm = server.realm("shop").expect("it is there");
    let (mut ann, welcome) = knock(&server, "old").await;
    assert_eq!(welcome, 2);
    assert_eq!(call(&mut ann, "shop.price").await, 7);
    assert_eq!(call(&mut ann, "admin.stop").await, NOT_AUTHORIZED);

    let replaced = realm.replace_access(access("new", [Rule::prefix("admin.").call()]));
    replaced.expect("no mistakes");
    assert_eq!(call(&mut ann, "shop.price").await, NOT_AUTHORIZED);
    assert_eq!(call(&mut ann, "admin.stop").await, json!(null));
    let (_, refused) = knock(&server, "old").await;
    assert_eq!(refused, "wamp.error.authentication_denied");
    let (_, welcome) = knock(&server, "new").await;
    assert_eq!(welcome, 2);

    // A role that is gone may do nothing, and nobody comes in with it.
    let others = Permissions::new().role("staff", [Rule::prefix("").all()]);
    let ann_alone = Principals::new().ticket(Principal::new("ann", "customer"), "new");
    let without = Realm::new("shop").principals(ann_alone).permissions(others);
    realm.replace_access(without).expect("no mistakes");
    assert_eq!(call(&mut ann, "admin.stop").await, NOT_AUTHORIZED);
    let (_, refused) = knock(&server, "new").await;
    assert_eq!(refused, "wamp.error.no_such_role");
}

#[tokio::test(start_paused = true)]
async fn what_is_published_to_patterns_and_called_by_them_is_held_against_the_new_rules() {
    let all = || Rule::prefix("").all();
    let server = serve(access("old", [all()]));
    let realm = server.realm("shop").expect("it is there");
    let (mut ann, _) = knock(&server, "old").await;
    let (mut bob, _) = knock(&server, "old").await;
    ann.say(r#"[32,1,{"match":"prefix"},"chat."]"#).await;
    assert_eq!(ann.next().await[0], 33);
    ann.say(r#"[64,2,{"match":"prefix"},"tool."]"#).await;
    assert_eq!(ann.next().await[0], 65);
    bob.say(r#"[16,1,{},"chat.secret",["a"]]"#).await;
    assert_eq!(ann.next().await[4], json!(["a"]));
    bob.say(r#"[48,2,{},"tool.saw"]"#).await;
    let invocation = ann.next().await;
    ann.say(json!([70, invocation[1], {}, [1]]).to_string())
        .await;
    assert_eq!(bob.next().await[3], json!([1]));

    let rules = [
        all(),
        Rule::exact("chat.secret").publish(),
        Rule::exact("tool.saw").call(),
    ];
    realm
        .replace_access(access("old", rules))
        .expect("no mistakes");
    bob.say(r#"[16,3,{},"chat.secret",["b"]]"#).await;
    bob.say(r#"[16,4,{},"chat.open",["c"]]"#).await;
    assert_eq!(ann.next().await[4], json!(["c"]));
    assert_eq!(
        outcome(&mut bob, json!([48, 5, {}, "tool.saw"])).await,
        "wamp.error.no_available_callee"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_changes_nothing() {
    let server = serve(access("old", [Rule::exact("shop.price").call()]));
    let realm = server.realm("shop").expect("it is there");
    let (mut ann, _) = knock(&server, "old").await;
    let twice = [Rule::exact("admin.stop").call(), Rule::exact("admin.stop")];
    let wrong = realm.replace_access(access("new", twice));
    let wrong = wrong.expect_err("there is a rule twice");
    assert_eq!(
        wrong.to_string(),
        "the application cannot be built:\n  - the rule `admin.stop` of the role `customer` in the realm `shop`: \
         the role has another rule for it"
    );
    let open = realm.replace_access(Realm::new("shop"));
    let open = open.expect_err("it had rules");
    assert_eq!(
        open.to_string(),
        "the application cannot be built:\n  - the realm `shop` began with rules, so it cannot go on without them"
    );
    assert_eq!(call(&mut ann, "shop.price").await, 7);
    assert_eq!(call(&mut ann, "admin.stop").await, NOT_AUTHORIZED);
    assert_eq!(knock(&server, "old").await.1, 2);

    let server = serve(Realm::new("shop"));
    let realm = server.realm("shop").expect("it is there");
    let guarded = realm.replace_access(access("new", []));
    let guarded = guarded.expect_err("it had no rules");
    assert!(
        guarded
            .to_string()
            .ends_with("began without rules, so it cannot go on with them")
    );
}

#[tokio::test(start_paused = true)]
async fn unknown_users_are_asked_as_before() {
    use wamp_server::auth::CraCredential;
    use wamp_server::proto::auth::cra::{Salt, derive_key};

    let access = |secret: &[u8]| {
        let salt = Salt::with_cost("5f4dcc3b5aa765d6", 1000, 32).expect("a good salt");
        let key = derive_key(secret, &salt);
        let ann = Principal::new("ann", "customer");
        let ann = CraCredential::salted(ann, key, salt);
        Realm::new("shop").principals(Principals::new().wampcra(ann))
    };
    let server = serve(access(b"old"));
    let ask = async || {
        let mut client = Client::connect(&server);
        let details = json!({"authid": "jim", "authmethods": ["wampcra"], "roles": {"caller": {}}});
        client.say(json!([1, "shop", details]).to_string()).await;
        client.next().await[2]["salt"].clone()
    };
    let before = ask().await;
    let realm = server.realm("shop").expect("it is there");
    realm.replace_access(access(b"new")).expect("no mistakes");
    assert!(before.is_string());
    assert_eq!(ask().await, before);
}

//! Named realms and the default realm.

use wamp_server::{App, Realm, Server, SharedState, procedure, procedures};

use crate::support::{ANY, Client, build, json};

#[procedure("who", realm = "admins")]
async fn admins_only() -> &'static str {
    "admins"
}

#[procedure("who")]
async fn everybody_else() -> &'static str {
    "default"
}

async fn join(server: &Server, realm: &str) -> Client {
    let mut client = Client::connect(server);
    client
        .say(json!([1, realm, {"roles": {"caller": {}, "subscriber": {}}}]).to_string())
        .await;
    let welcome = client.next().await;
    assert_eq!(
        (&welcome[0], &welcome[2]["realm"]),
        (&json!(2), &json!(realm))
    );
    client
}

async fn who(client: &mut Client) -> serde_json::Value {
    client.say(r#"[48,1,{},"who"]"#).await;
    client.next().await[3][0].clone()
}

#[tokio::test(start_paused = true)]
async fn the_default_realm_serves_every_name_that_is_not_configured() {
    let app = App::empty()
        .realm(Realm::new("admins"))
        .procedures(procedures![admins_only, everybody_else]);
    let server = build(app);
    for (realm, expected) in [
        ("admins", "admins"),
        ("realm1", "default"),
        ("anything.else", "default"),
        ("Admins", "default"),
    ] {
        let mut client = join(&server, realm).await;
        assert_eq!(who(&mut client).await, expected, "{realm}");
    }
    assert_eq!(server.realm("admins").and_then(Realm::name), Some("admins"));
    assert_eq!(server.realm("realm1").and_then(Realm::name), None);
}

#[tokio::test(start_paused = true)]
async fn without_a_default_realm_unknown_names_are_refused() {
    let app = App::empty()
        .default_realm(false)
        .realm(Realm::new("admins").procedures(procedures![admins_only]));
    let server = build(app);
    let mut client = join(&server, "admins").await;
    assert_eq!(who(&mut client).await, "admins");
    let mut client = Client::connect(&server);
    client.say(r#"[1,"realm1",{"roles":{"caller":{}}}]"#).await;
    client
        .hears(json!([3, {"message": ANY}, "wamp.error.no_such_realm"]))
        .await;
    client.hears_the_end().await;
    assert!(server.realm("realm1").is_none());
}

#[tokio::test(start_paused = true)]
async fn realms_do_not_hear_each_other() {
    let realm = |name: &str| Realm::new(name).topic("news", async || ());
    let server = build(
        App::empty()
            .realm(realm("a"))
            .realm(realm("b"))
            .topic("news", async || ()),
    );
    let (mut a, mut b) = (join(&server, "a").await, join(&server, "b").await);
    a.subscribe(1, "news").await;
    b.subscribe(1, "news").await;
    let (a_realm, b_realm) = (server.realm("a").expect("a"), server.realm("b").expect("b"));
    assert_eq!(a_realm.publish("news", 1).expect("a number").receivers, 1);
    a.hears(json!([36, ANY, ANY, {}, [1]])).await;
    b.hears_nothing().await;
    let id = b_realm.sessions()[0].id();
    assert!(b_realm.session(id).is_some() && a_realm.session(id).is_none());
    assert_eq!((a_realm.sessions().len(), b_realm.sessions().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_realm_has_its_own_state_or_that_of_the_application() {
    let state =
        async |number: SharedState<i64>, text: SharedState<String>| (*number.0, (*text.0).clone());
    let app = App::empty()
        .state(1_i64)
        .state("outer".to_owned())
        .procedure("who", state)
        .realm(Realm::new("inner").state(2_i64).procedure("who", state));
    let server = build(app);
    for (realm, number) in [("inner", 2), ("realm1", 1)] {
        let mut client = join(&server, realm).await;
        client.say(r#"[48,1,{},"who"]"#).await;
        client.hears(json!([50, 1, {}, [number, "outer"]])).await;
    }
}

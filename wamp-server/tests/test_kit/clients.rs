//! Applications and clients.

use std::time::Duration;

use wamp_server::auth::Principal;
use wamp_server::client::{ConnectError, Credentials};
use wamp_server::proto::codec::Format;
use wamp_server::proto::message::Secret;
use wamp_server::proto::subprotocol::Subprotocol;
use wamp_server::test::{ClientOptions, TestRealm};
use wamp_server::transport::TransportInfo;
use wamp_server::{App, Realm, Session};

use crate::support::{add, app, panic_in, panic_of, realm};

#[tokio::test(start_paused = true)]
async fn a_client_calls_what_the_application_offers() {
    let client = realm().client().await;
    assert_eq!(add(&client).await.unwrap(), 5);
}

#[tokio::test(start_paused = true)]
async fn every_serializer_is_spoken() {
    let realm = realm();
    for subprotocol in Subprotocol::ALL {
        let options = ClientOptions::new().subprotocol(subprotocol);
        let client = realm.client_as(options).await.unwrap();
        assert_eq!(add(&client).await.unwrap(), 5);
        client.assert_wire([r#"→ [48,1,{},"math.add",[2,3]]"#, "← [50,1,{},[5]]"]);
    }
}

#[test]
fn mistakes_of_an_application_are_told_all_at_once() {
    let app = || {
        app()
            .procedure("math.add", async || ())
            .procedure("no uri", async || ())
    };
    let problems = TestRealm::build(app()).unwrap_err().to_string();
    assert_eq!(panic_in(|| TestRealm::new(app())), problems);
    assert!(
        problems.contains("math.add") && problems.contains("no uri"),
        "{problems}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_is_whom_it_proves_to_be() {
    let app = App::empty()
        .ticket(async |session: Session, ticket: Secret| {
            let name = session.hello().authid.clone()?;
            ticket
                .is_same("secret")
                .then(|| Principal::new(&*name, "user"))
        })
        .procedure("who", async |session: Session| {
            session.auth().id.to_string()
        });
    let realm = TestRealm::new(app);
    let joe = |ticket: &str| {
        let credentials = Credentials::new().authid("joe").ticket(ticket);
        ClientOptions::new().credentials(credentials)
    };
    let client = realm.client_as(joe("secret")).await.unwrap();
    assert_eq!(client.call("who").get::<String>().await.unwrap(), "joe");
    let refused = realm.client_as(joe("guess")).await.unwrap_err();
    assert!(matches!(refused, ConnectError::Abort { .. }), "{refused}");
    let refused = panic_of(realm.client()).await;
    assert!(refused.contains("a client is not let in: "), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_client_joins_the_realm_that_it_names() {
    let admins = Realm::new("admins").procedure("who", async || "an admin");
    let realm = TestRealm::new(App::empty().realm(admins));
    let admin = realm
        .client_as(ClientOptions::new().realm("admins"))
        .await
        .unwrap();
    assert_eq!(admin.call("who").get::<String>().await.unwrap(), "an admin");
    let other = realm.client().await;
    let error = other.call("who").await.unwrap_err();
    assert_eq!(error.uri(), Some("wamp.error.no_such_procedure"));
}

#[tokio::test(start_paused = true)]
async fn what_is_known_of_a_connection_can_be_said() {
    let seen = async |session: Session| {
        let info = session.transport();
        let header = info.cookie("id").unwrap_or_default().to_owned();
        (info.path().to_owned(), header, info.is_secure())
    };
    let realm = TestRealm::new(App::empty().procedure("seen", seen));
    let options = || {
        ClientOptions::new()
            .path("/ws?x=1")
            .header("Cookie", "id=4711")
            .info(TransportInfo::default().with_security())
    };
    let client = realm.client_as(options()).await.unwrap();
    let seen = client
        .call("seen")
        .get::<(String, String, bool)>()
        .await
        .unwrap();
    assert_eq!(seen, ("/ws".to_owned(), "4711".to_owned(), true));

    let mut raw = realm.raw_as(&options().format(Format::Cbor));
    raw.join("realm1").await;
    raw.send(r#"[48,1,{},"seen"]"#).await.unwrap();
    raw.expect(r#"[50,1,{},["/ws","4711",true]]"#).await;
}

#[test]
fn what_is_no_header_is_said() {
    let panic = panic_in(|| ClientOptions::new().header("a b", "c"));
    assert_eq!(panic, "`a b: c` is no header");
    let panic = panic_in(|| ClientOptions::new().path("a b"));
    assert!(panic.starts_with("`a b` is no path: "), "{panic}");
}

#[tokio::test(start_paused = true)]
async fn a_client_is_described_like_any_other() {
    let app = App::empty().procedure("sleep", async || {
        tokio::time::sleep(Duration::from_secs(20)).await;
    });
    let realm = TestRealm::new(app);
    let hasty = |it: wamp_server::client::Builder| it.call_timeout(Duration::from_secs(1));
    let client = realm
        .client_as(ClientOptions::new().describe(hasty))
        .await
        .unwrap();
    assert!(client.call("sleep").await.is_err());
    assert!(realm.client().await.call("sleep").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_says_goodbye() {
    let realm = realm();
    let mut raw = realm.raw();
    raw.join("realm1").await;
    let ending = tokio::spawn({
        let realm = realm.clone();
        async move { realm.shutdown().await }
    });
    raw.expect(r#"← [6,*,"wamp.close.system_shutdown"]"#).await;
    raw.send(r#"[6,{},"wamp.close.goodbye_and_out"]"#)
        .await
        .unwrap();
    raw.expect_end().await;
    ending.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_on_many_threads_do_not_get_in_each_others_way() {
    let realm = realm();
    let clients = (0..20).map(|_| {
        let realm = realm.clone();
        tokio::spawn(async move {
            let client = realm.client().await;
            client.listen("news").await;
            for _ in 0..50 {
                assert_eq!(add(&client).await.unwrap(), 5);
            }
            client
        })
    });
    let clients = futures_util::future::join_all(clients).await;
    realm.wait_for_sessions(20).await;
    realm.wait_for_subscriptions(20).await;
    let first = clients[0].as_ref().unwrap();
    first.publish("news").arg(1).await.unwrap();
    for client in &clients[1..] {
        client.as_ref().unwrap().collect("news", 1).await;
    }
    drop(clients);
    realm.wait_for_sessions(0).await;
}

#[tokio::test(start_paused = true)]
async fn an_application_joins_a_router_in_the_same_process() {
    let realm = TestRealm::new(App::empty().router(wamp_server::RouterOptions::new()));
    let connector = realm.server().connector();
    let joining = tokio::spawn(async move {
        let builder = wamp_server::client::Builder::over(connector);
        let app = App::empty().procedure("math.add", async |a: i64, b: i64| a + b);
        app.join_with(builder, std::future::pending()).await
    });
    realm.wait_for_registration("math.add").await;
    let client = realm.client().await;
    assert_eq!(add(&client).await.unwrap(), 5);
    joining.abort();
}

//! Whom the server's own events are for.

use wamp_server::auth::Principal;
use wamp_server::{App, RouterOptions};

use super::*;
use crate::support::build;

/// Everybody is who he says he is; the role is the name without its digits.
fn server() -> Server {
    build(
        App::empty()
            .router(RouterOptions::new())
            .transport_authenticator(async |session: Session| {
                let name = session.hello().authid.clone()?;
                let role = name.trim_end_matches(|it: char| it.is_ascii_digit());
                Some(Principal::new(&*name, role))
            }),
    )
}

async fn subscriber(
    server: &Server,
    name: &str,
    options: serde_json::Value,
    topic: &str,
) -> Client {
    let mut client = Client::connect(server);
    let roles = json!({"subscriber": {}});
    client
        .say(json!([1, "realm1", {"authid": name, "roles": roles}]).to_string())
        .await;
    assert_eq!(client.next().await[0], 2);
    client.say(json!([32, 1, options, topic]).to_string()).await;
    client.hears(json!([33, 1, ANY])).await;
    client
}

#[tokio::test(start_paused = true)]
async fn subscribers_of_patterns_get_the_servers_events() {
    let server = server();
    let mut prefix = subscriber(&server, "a", json!({"match": "prefix"}), "news").await;
    let mut wildcard = subscriber(&server, "b", json!({"match": "wildcard"}), "news..today").await;
    let published = realm(&server)
        .publish("news.sports.today", 1)
        .expect("it can be sent");
    assert_eq!(published.receivers, 2);
    for client in [&mut prefix, &mut wildcard] {
        client
            .hears(json!([36, ANY, published.id, {"topic": "news.sports.today"}, [1]]))
            .await;
    }
    let published = realm(&server).publish("sports", 1).expect("it can be sent");
    assert_eq!(published.receivers, 0);
}

#[tokio::test(start_paused = true)]
async fn names_and_roles_decide_who_receives_an_event() {
    let server = server();
    let names = ["admin1", "admin2", "guest1"];
    let mut clients = Vec::new();
    for name in names {
        clients.push(subscriber(&server, name, json!({}), "t").await);
    }
    let realm = realm(&server);
    let to = || realm.publication("t");
    for (publication, expected) in [
        (to(), vec![0, 1, 2]),
        (to().exclude_authid(["admin1"]), vec![1, 2]),
        (
            to().exclude_authid(["admin1"]).exclude_authid(["guest1"]),
            vec![1],
        ),
        (to().exclude_authrole(["admin"]), vec![2]),
        (to().eligible_authid(["admin2", "nobody"]), vec![1]),
        (to().eligible_authid(Vec::<String>::new()), vec![]),
        (to().eligible_authrole(["admin"]), vec![0, 1]),
        (
            to().eligible_authrole(["admin"]).exclude_authid(["admin2"]),
            vec![0],
        ),
        (
            to().eligible_authrole(["admin"])
                .eligible_authid(["guest1"]),
            vec![],
        ),
    ] {
        let published = publication.send(1).expect("it can be sent");
        assert_eq!(published.receivers, expected.len());
        for (i, client) in clients.iter_mut().enumerate() {
            if expected.contains(&i) {
                client.hears(json!([36, ANY, published.id, {}, [1]])).await;
            } else {
                client.hears_nothing().await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_chooses_among_those_that_have_one() {
    let server = server();
    let mut clients = Vec::new();
    for (name, nkey) in [("a", "x"), ("b", "y"), ("c", "z")] {
        clients.push(subscriber(&server, name, json!({"nkey": nkey}), "t").await);
    }
    let mut all = subscriber(&server, "d", json!({}), "t").await;
    for key in 0..20 {
        for _ in 0..2 {
            let sent = realm(&server)
                .publication("t")
                .key(key)
                .send(key)
                .expect("it can be sent");
            assert_eq!(sent.receivers, 2);
        }
    }
    assert_eq!(all.rest().await.len(), 40);
    let mut busy = 0;
    for client in &mut clients {
        let heard = client.rest().await;
        busy += usize::from(!heard.is_empty());
        for pair in heard.chunks(2) {
            assert_eq!(pair[0][4], pair[1][4], "both went here");
        }
    }
    assert!(busy > 1, "the keys are spread");
}

#[tokio::test(start_paused = true)]
async fn topics_are_uris_and_not_the_routers_own() {
    let server = router();
    let realm = server.realm("realm1").expect("the default realm");
    for (topic, problem) in [
        ("no uri#", "`no uri#`"),
        ("", "``"),
        ("wamp.session.on_leave", "reserved"),
    ] {
        let error = realm.publish(topic, 1).expect_err(topic);
        assert!(error.to_string().contains(problem), "{error}");
    }
}

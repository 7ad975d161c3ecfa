//! Realms are apart from each other; the default realm is one, whatever it is called.

use wamp_server::{App, Realm, RouterOptions, Server};

use super::support::*;

async fn join_realm(server: &Server, realm: &str) -> Client {
    let mut client = Client::connect(server);
    say(&mut client, json!([1, realm, {"roles": everything()}])).await;
    assert_eq!(client.next().await[0], 2);
    client
}

fn server() -> Server {
    let routes = RouterOptions::new;
    let app = App::empty()
        .router(routes())
        .realm(Realm::new("shop").router(routes()))
        .realm(Realm::new("bar").router(routes()));
    build(app)
}

#[tokio::test(start_paused = true)]
async fn sessions_of_different_realms_do_not_meet() {
    let server = server();
    let mut clients = Vec::new();
    for realm in ["shop", "bar", "elsewhere"] {
        let mut client = join_realm(&server, realm).await;
        register(&mut client, 1, json!({}), "p").await;
        subscribe(&mut client, 2, json!({}), "t").await;
        subscribe(&mut client, 3, json!({}), "wamp.session.on_join").await;
        clients.push((realm, client));
    }
    for at in 0..3 {
        let (realm, _) = clients[at];
        let mut caller = join_realm(&server, realm).await;
        say(&mut caller, json!([48, 1, {}, "p", [realm]])).await;
        say(&mut caller, json!([16, 2, {}, "t", [realm]])).await;
        for (other, (_, client)) in clients.iter_mut().enumerate() {
            if other == at {
                client.hears(json!([36, ANY, ANY, {}, [ANY]])).await;
                client.hears(json!([68, 1, ANY, {}, [realm]])).await;
                client.hears(json!([36, ANY, ANY, {}, [realm]])).await;
                say(client, json!([70, 1, {}])).await;
            } else {
                client.hears_nothing().await;
            }
        }
        caller.hears(json!([50, 1, {}])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_default_realm_is_one_whatever_name_it_is_called_by() {
    let server = server();
    let mut callee = join_realm(&server, "this.name").await;
    register(&mut callee, 1, json!({}), "p").await;
    let mut caller = join_realm(&server, "that.name").await;
    say(&mut caller, json!([48, 1, {}, "p"])).await;
    answers(&mut callee, &mut caller, 1).await;
}

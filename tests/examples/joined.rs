//! Examples that offer what they have at a router instead of serving it: ours, and Crossbar.io. Clients see the same, but for what a router
//! decides by itself, such as who may subscribe.

use std::net::SocketAddr;

use serde_json::json;
use wamp_tests::client::{Arguments, Client};
use wamp_tests::crossbar::Crossbar;
use wamp_tests::program::Program;

use crate::{docs_change, hours_are_told, rocket_reports, shop_sells};

#[tokio::test]
async fn behind_our_router() {
    let router = Program::example("router", &[]).await;
    all(router.address()).await;
}

#[tokio::test]
async fn behind_crossbar() {
    if let Some(crossbar) = Crossbar::start().await {
        all(crossbar.address()).await;
    }
}

async fn all(router: SocketAddr) {
    let shop = Program::joined("quickstart", router, &[]).await;
    shop_sells(router).await;
    let _docs = Program::joined("docs", router, &[]).await;
    docs_change(router).await;
    let _rocket = Program::joined("countdown", router, &["--", "1"]).await;
    rocket_reports(router).await;
    let _updates = Program::joined("hourly_updates", router, &["--", "0.05"]).await;
    hours_are_told(router).await;

    // What has left offers nothing any more; what has not still does.
    shop.stop().await;
    let mut client = Client::join(router, "realm1").await;
    let nobody = client.call("shop.buy", Arguments::none()).await;
    assert_eq!(nobody[0], "wamp.error.no_such_procedure");
    let listeners = client
        .call("hourly_updates.listeners", Arguments::none())
        .await;
    assert_eq!(listeners, json!([[0]]));
}

#[tokio::test]
async fn a_name_that_is_taken_is_an_error_with_a_code() {
    let router = Program::example("router", &[]).await;
    let _shop = Program::joined("quickstart", router.address(), &[]).await;
    let url = format!("ws://{}/", router.address());
    let (code, text) = Program::fails("quickstart", &["join", "--url", &url]).await;
    assert_eq!(code, 6, "{text}");
    assert!(text.contains("`shop.buy` at"), "{text}");
    assert!(text.contains("procedure_already_exists"), "{text}");
}

#[tokio::test]
async fn the_kind_of_failure_is_the_exit_code() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = nobody.local_addr().expect("an address");
    for (arguments, expected, part) in [
        (vec!["--help"], 0, ""),
        (vec!["join", "--relm", "x"], 2, "--relm"),
        (vec!["--only", "shop.sell"], 2, "shop.sell"),
        (vec![&*address.to_string()], 4, "cannot be listened on"),
        (vec!["join", "--url", "http://x/"], 5, "http"),
    ] {
        let (code, text) = Program::fails("quickstart", &arguments).await;
        assert_eq!(code, expected, "{arguments:?}: {text}");
        assert!(text.contains(part), "{arguments:?}: {text}");
    }
}

//! What comes with the transport, and how often an address may be wrong.

use super::*;

fn info(cookie: Option<&'static str>, peer: &str) -> TransportInfo {
    let mut headers = HeaderMap::new();
    headers.extend(cookie.map(|it| (http::header::COOKIE, HeaderValue::from_static(it))));
    let peer = peer.parse().expect("an address");
    TransportInfo::from_request(&Uri::from_static("/"), &headers, Some(peer))
}

async fn knock_from(server: &Server, info: TransportInfo, hello: &str) -> Client {
    let mut client = Client::connect_from(server, Subprotocol::default(), info);
    client.say(hello).await;
    client
}

const HOME: &str = "192.0.2.1:1000";

fn with_cookies() -> App {
    app()
        .transport_authenticator(async |session: Session| {
            match session.transport().cookie("login") {
                Some("joe") => Ok(Some(joe())),
                Some("banned") => Err(CallError::new("shop.error.banned")),
                Some("broken") => Err(CallError::internal("the cookie jar fell down")),
                _ => Ok(None),
            }
        })
        .transport_authenticator(async |session: Session| {
            let cookie = session.transport().cookie("staff");
            cookie.map(|it| Principal::new(it, "staff").method("cookie"))
        })
}

#[tokio::test(start_paused = true)]
async fn what_comes_with_the_transport_is_asked_first_and_in_order() {
    let server = build(with_cookies().ticket(async |_, _| Some(joe())));
    for (cookie, id, method) in [
        ("login=joe", "joe", "transport"),
        ("staff=ann", "ann", "cookie"),
        ("staff=ann; login=joe", "joe", "transport"),
        ("staff=", "", "cookie"),
    ] {
        let mut client = knock_from(&server, info(Some(cookie), HOME), &hello(&["ticket"])).await;
        let welcome = client.next().await;
        assert_eq!(welcome[0], 2, "{cookie}: {welcome}");
        assert_eq!(
            (&welcome[2]["authid"], &welcome[2]["authmethod"]),
            (&json!(id), &json!(method))
        );
    }
    let mut client = knock_from(&server, info(Some("login=jim"), HOME), &hello(&["ticket"])).await;
    client.hears(json!([4, "ticket", {}])).await;
    for (cookie, reason) in [
        ("login=banned", "shop.error.banned"),
        ("login=broken", "wamp.error.authentication_failed"),
    ] {
        let mut client = knock_from(&server, info(Some(cookie), HOME), &hello(&["ticket"])).await;
        is_turned_away(&mut client, reason).await;
    }
}

#[tokio::test(start_paused = true)]
async fn without_anything_else_the_transport_must_do() {
    let server = build(with_cookies());
    let mut client = knock_from(&server, info(None, HOME), &hello(&[])).await;
    is_turned_away(&mut client, "wamp.error.authentication_required").await;
    let mut client = knock_from(&server, info(None, HOME), &hello(&["anonymous"])).await;
    is_turned_away(&mut client, "wamp.error.no_matching_auth_method").await;
    assert_eq!(
        server.stats().failed_authentications,
        2,
        "it may have been a guess"
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_is_wrong_too_often_has_to_wait() {
    let server = build(with_ticket());
    let attempt =
        async |peer: &str| knock_from(&server, info(None, peer), &hello(&["ticket"])).await;
    for i in 0..10 {
        let mut client = attempt(&format!("192.0.2.1:{i}")).await;
        client.hears(json!([4, "ticket", {}])).await;
        client.say(r#"[5,"wrong",{}]"#).await;
        is_turned_away(&mut client, "wamp.error.authentication_denied").await;
    }
    // Others do not.
    let mut other = attempt("192.0.2.2:99").await;
    other.hears(json!([4, "ticket", {}])).await;
    let mut queue = Vec::new();
    for i in 0..6 {
        queue.push(attempt(&format!("192.0.2.1:{i}")).await);
    }
    for client in &mut queue {
        client.hears_nothing().await;
    }
    // One in a second, whoever it is, for as long as that makes sense.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut asked = 0;
    for mut client in queue {
        let heard = client.next().await;
        if heard[0] == 4 {
            asked += 1;
            client.say(r#"[5,"open sesame",{}]"#).await;
            assert_eq!(
                client.next().await[0],
                2,
                "the right one is still the right one"
            );
        } else {
            assert_eq!(heard[2], "wamp.error.authentication_failed");
            let text = heard[1]["message"].as_str().expect("a text for people");
            assert!(text.contains("try again later"), "{text}");
        }
    }
    assert_eq!((asked, server.stats().limits_hit), (5, 1));
}

/// Looking at questions is not free.
#[tokio::test(start_paused = true)]
async fn whoever_is_asked_and_leaves_has_failed() {
    let server = build(with_ticket());
    let attempt = async || knock_from(&server, info(None, HOME), &hello(&["ticket"])).await;
    for _ in 0..10 {
        let mut client = attempt().await;
        client.hears(json!([4, "ticket", {}])).await;
        client.vanish().await;
    }
    attempt().await.hears_nothing().await;
}

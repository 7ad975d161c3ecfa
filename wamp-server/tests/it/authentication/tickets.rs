//! The simplest method, and which method is chosen.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_right_ticket_opens_the_session_and_handlers_see_whose_it_is() {
    let server = build(with_ticket());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.hears(json!([4, "ticket", {}])).await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    let welcome = client.next().await;
    assert_eq!(welcome[0], 2, "{welcome}");
    let expected = json!({
        "authid": "joe", "authrole": "customer", "authmethod": "ticket", "authprovider": "shop",
        "authextra": {"theme": "dark"},
    });
    for (key, value) in expected.as_object().expect("an object") {
        assert_eq!(welcome[2][key], *value, "{key}");
    }
    client.say(r#"[48,1,{},"me"]"#).await;
    client.hears(json!([50, 1, {}, [7, "joe"]])).await;
    client.goodbye().await;
}

#[tokio::test(start_paused = true)]
async fn a_wrong_ticket_an_unknown_user_and_no_user_get_the_same_answer() {
    let server = build(with_ticket());
    let mut messages = Vec::new();
    for (details, ticket) in [
        (json!({"authid": "joe", "authmethods": ["ticket"]}), "wrong"),
        (
            json!({"authid": "jim", "authmethods": ["ticket"]}),
            "open sesame",
        ),
        (json!({"authmethods": ["ticket"]}), "open sesame"),
        (json!({"authid": "joe", "authmethods": ["ticket"]}), ""),
    ] {
        let mut client = knock(&server, &hello_with(details)).await;
        client.hears(json!([4, "ticket", {}])).await;
        client.say(json!([5, ticket, {}]).to_string()).await;
        messages.push(is_turned_away(&mut client, "wamp.error.authentication_denied").await);
    }
    messages.dedup();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(server.stats().failed_authentications, 4);
    settle().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_realm_may_deny_with_a_reason_of_its_own() {
    let server = build(with_ticket().denied_as("wamp.error.authentication_failed"));
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"wrong",{}]"#).await;
    is_turned_away(&mut client, "wamp.error.authentication_failed").await;
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_in_unauthenticated_where_that_was_not_said() {
    let server = build(with_ticket());
    for details in [
        json!({}),
        json!({"authmethods": []}),
        json!({"authid": "joe", "authrole": "admin"}),
    ] {
        let mut client = knock(&server, &hello_with(details)).await;
        is_turned_away(&mut client, "wamp.error.authentication_required").await;
    }
    for methods in [&["anonymous"][..], &["wampcra", "anonymous"], &["Ticket"]] {
        let mut client = knock(&server, &hello(methods)).await;
        let message = is_turned_away(&mut client, "wamp.error.no_matching_auth_method").await;
        assert!(message.contains("ticket"), "{message}");
    }
    assert_eq!(
        server.stats().failed_authentications,
        0,
        "nobody has guessed"
    );
}

#[tokio::test(start_paused = true)]
async fn anonymous_is_a_method_among_others() {
    let server = build(with_ticket().anonymous("guest"));
    for details in [
        json!({}),
        json!({"authmethods": ["anonymous"]}),
        json!({"authmethods": ["x", "anonymous"]}),
    ] {
        let mut client = knock(&server, &hello_with(details)).await;
        let welcome = client.next().await;
        assert_eq!(
            (&welcome[2]["authrole"], &welcome[2]["authmethod"]),
            (&json!("guest"), &json!("anonymous"))
        );
        client.say(r#"[48,1,{},"me"]"#).await;
        client
            .hears(json!([8, 48, 1, {}, "wamp.error.not_authorized"]))
            .await;
    }
    // Whoever can do more is asked for it: the application's order counts.
    let mut client = knock(&server, &hello(&["anonymous", "ticket"])).await;
    client.hears(json!([4, "ticket", {}])).await;
}

#[tokio::test(start_paused = true)]
async fn a_realm_without_authenticators_lets_everybody_in() {
    let server = build(app());
    let mut client = knock(
        &server,
        &hello_with(json!({"authrole": "admin", "authid": "root", "authmethods": ["ticket"]})),
    )
    .await;
    let welcome = client.next().await;
    assert_eq!(welcome[2]["authrole"], "anonymous");
    assert_eq!(welcome[2]["authid"], format!("anonymous-{}", welcome[1]));
}

#[tokio::test(start_paused = true)]
async fn nobody_sees_a_session_that_is_not_authenticated() {
    let server = build(with_ticket());
    let realm = server.realm("realm1").expect("the default realm").clone();
    let mut stranger = knock(&server, &hello(&["ticket"])).await;
    stranger.hears(json!([4, "ticket", {}])).await;
    assert_eq!(realm.sessions().len(), 0);
    assert_eq!(server.stats().opened_sessions, 0);
    stranger.say(r#"[5,"open sesame",{}]"#).await;
    assert_eq!(stranger.next().await[0], 2);
    assert_eq!(realm.sessions().len(), 1);
    stranger.say(r#"[48,1,{},"sessions"]"#).await;
    stranger.hears(json!([50, 1, {}, [1]])).await;
}

#[tokio::test(start_paused = true)]
async fn what_authentication_found_comes_before_what_was_said_before() {
    #[session(unauthenticated)]
    async fn guess(session: &Session) {
        assert!(session.identify(User { number: 0 }));
        assert!(session.identity::<User>().is_some());
    }
    #[session]
    async fn too_late(session: &Session) {
        assert!(!session.identify(User { number: 1 }));
    }
    let server = build(with_ticket().sessions(sessions![guess, too_late]));
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    assert_eq!(client.next().await[0], 2);
    client.say(r#"[48,1,{},"me"]"#).await;
    client.hears(json!([50, 1, {}, [7, "joe"]])).await;
}

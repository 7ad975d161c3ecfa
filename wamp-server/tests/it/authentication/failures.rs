//! Look-ups that fail, messages out of place, ends in the middle.

use super::*;

/// Looks users up in something that may fail in every way.
fn with_failing_lookup() -> App {
    app().ticket(async |_, ticket| match &**ticket.expose() {
        "broken" => Err(CallError::from(std::io::Error::other(
            "SELECT secret FROM users",
        ))),
        "banned" => Err(CallError::new("shop.error.banned").arg("you know why")),
        "panic" => panic!("SELECT secret FROM users"),
        "hang" => std::future::pending().await,
        _ => Ok(Some(joe())),
    })
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_fails_is_an_abort_that_tells_nothing() {
    let server = build(with_failing_lookup());
    for ticket in ["broken", "panic"] {
        let mut client = knock(&server, &hello(&["ticket"])).await;
        client.next().await;
        client.say(json!([5, ticket, {}]).to_string()).await;
        let message = is_turned_away(&mut client, "wamp.error.authentication_failed").await;
        assert!(!message.contains("SELECT"), "{message}");
    }
    assert_eq!(
        server.stats().failed_authentications,
        0,
        "it is not their fault"
    );
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"banned",{}]"#).await;
    assert_eq!(
        is_turned_away(&mut client, "shop.error.banned").await,
        "you know why"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lookup_that_hangs_ends_in_time() {
    let server = build(with_failing_lookup());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"hang",{}]"#).await;
    client
        .hears_after(
            Limits::default().welcome_timeout,
            json!([3, {"message": ANY}, "wamp.error.authentication_failed"]),
        )
        .await;
    client.hears_the_end().await;
    settle().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_challenge_is_answered_in_time_or_never() {
    let server = build(with_ticket());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client
        .hears_after(
            Limits::default().authenticate_timeout,
            json!([3, {"message": ANY}, "wamp.error.authentication_failed"]),
        )
        .await;
    client.hears_the_end().await;
    assert_eq!(server.stats().limits_hit, 1);
}

#[tokio::test(start_paused = true)]
async fn only_authenticate_answers_a_challenge() {
    let server = build(with_ticket());
    for (message, problem) in [
        (r#"[48,1,{},"me"]"#, "CALL where AUTHENTICATE is expected"),
        (
            r#"[1,"realm1",{"roles":{"caller":{}}}]"#,
            "HELLO where AUTHENTICATE is expected",
        ),
        (
            r#"[6,{},"wamp.close.close_realm"]"#,
            "GOODBYE where AUTHENTICATE is expected",
        ),
        (r#"[5,7,{}]"#, "AUTHENTICATE.Signature"),
        (r#"[5,"open sesame"]"#, "AUTHENTICATE"),
        ("[4", ""),
    ] {
        let mut client = knock(&server, &hello(&["ticket"])).await;
        client.next().await;
        client.say_bytes(message).await;
        client.is_told_off_for(problem).await;
    }
    // Nobody asked.
    for early in [r#"[5,"open sesame",{}]"#, r#"[4,"ticket",{}]"#] {
        let mut client = knock(&server, early).await;
        client.is_told_off_for("before HELLO").await;
    }
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    client.hears(json!([4, "ticket", {}])).await;
    assert_eq!(client.next().await[0], 2);
    client.is_told_off_for("AUTHENTICATE").await;
}

#[tokio::test(start_paused = true)]
async fn one_attempt_for_one_connection() {
    let server = build(with_ticket());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.say(r#"[5,"wrong",{}]"#).await;
    client.say(r#"[5,"open sesame",{}]"#).await;
    client.hears(json!([4, "ticket", {}])).await;
    is_turned_away(&mut client, "wamp.error.authentication_denied").await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_gives_up_is_let_go() {
    let server = build(with_ticket());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client
        .say(r#"[3,{},"wamp.error.cannot_authenticate"]"#)
        .await;
    client.hears_the_end().await;
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_for_a_stranger_closes_the_connection() {
    let server = build(with_ticket());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client
        .say(json!([5, "x".repeat(20_000), {}]).to_string())
        .await;
    client.hears_the_end().await;
    for authid in ["x".repeat(129), "a\r\nERROR fake\u{1b}[31m".to_owned()] {
        let details = json!({"authid": authid, "authmethods": ["ticket"]});
        let mut client = knock(&server, &hello_with(details)).await;
        is_turned_away(&mut client, "wamp.error.authentication_failed").await;
    }
}

#[tokio::test(start_paused = true)]
async fn shutting_down_does_not_wait_for_strangers_for_long() {
    let server = build(with_ticket());
    let mut stranger = knock(&server, &hello(&["ticket"])).await;
    stranger.hears(json!([4, "ticket", {}])).await;
    let shutdown = tokio::spawn({
        let server = server.clone();
        async move { server.shutdown().await }
    });
    settle().await;
    stranger
        .hears(json!([3, {"message": ANY}, "wamp.close.system_shutdown"]))
        .await;
    stranger.hears_the_end().await;
    shutdown.await.expect("no panic");
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn an_authenticator_is_dropped_with_its_connection() {
    let (events, log) = (Events::default(), Log::default());
    let server = build(app().ticket({
        let (events, log) = (events.clone(), log.clone());
        move |_, _| {
            let (events, guard) = (events.clone(), log.panicking_guard("lookup"));
            async move {
                let _guard = guard;
                events.happen("asked");
                std::future::pending::<Option<Principal>>().await
            }
        }
    }));
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"x",{}]"#).await;
    events.wait("asked").await;
    client.vanish().await;
    assert_eq!(log.take(), ["drop lookup"]);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn shutting_down_does_not_wait_for_lookups() {
    let server = build(with_failing_lookup());
    let mut client = knock(&server, &hello(&["ticket"])).await;
    client.next().await;
    client.say(r#"[5,"hang",{}]"#).await;
    client.hears_nothing().await;
    let begin = Instant::now();
    tokio::join!(server.shutdown(), async {
        client
            .hears(json!([3, {"message": ANY}, "wamp.close.system_shutdown"]))
            .await;
        client.hears_the_end().await;
    });
    assert!(begin.elapsed() < Duration::from_secs(1));
    nothing_is_left(&server);
}

//! Events that wait for a decision.

use super::*;

/// Decides on `chat.slow` when it is told to go on, on all others at once.
fn with_slow_decisions(events: &Events) -> App {
    let events = events.clone();
    app().authorizer(move |_, access: Access| {
        let events = events.clone();
        async move {
            if access.uri == "chat.slow" {
                events.wait("go").await;
            }
            access.uri != "chat.refused"
        }
    })
}

/// The slow decision comes first, so the event does.
#[tokio::test(start_paused = true)]
async fn events_keep_their_order_whatever_their_decisions_take() {
    let events = Events::default();
    let server = build(with_slow_decisions(&events));
    let mut listener = join(&server, "staff").await;
    let news = listener.subscribe(1, "shop.news").await;
    let mut client = join(&server, "staff").await;
    for (i, topic) in ["chat.slow", "chat.fast", "chat.refused", "chat.faster"]
        .iter()
        .enumerate()
    {
        client
            .say(json!([16, i + 1, {"acknowledge": true}, topic, ["hi"]]).to_string())
            .await;
    }
    client.hears_nothing().await;
    listener.hears_nothing().await;
    events.happen("go");
    for request in [1, 2, 3, 4] {
        let answer = client.next().await;
        let expected = if request == 3 { (8, 2) } else { (17, 1) };
        assert_eq!(
            (&answer[0], &answer[expected.1]),
            (&json!(expected.0), &json!(request))
        );
    }
    for room in ["slow", "fast", "faster"] {
        let said = json!([room, "hi", false, null]);
        listener.hears(json!([36, news, ANY, {}, said])).await;
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_wait_for_a_decision_are_bounded() {
    let limits = Limits {
        max_pending_calls: 2,
        ..Limits::default()
    };
    let app = app()
        .limits(limits)
        .authorizer(async |_, _| std::future::pending::<bool>().await);
    let server = build(app);
    let mut client = join(&server, "staff").await;
    for request in 1..=4 {
        client
            .say(json!([16, request, {"acknowledge": true}, "chat.x", ["hi"]]).to_string())
            .await;
    }
    client
        .hears(json!([8, 16, 4, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
    client.vanish().await;
    nothing_is_left(&server);
}

/// Whether they are decided at once or wait, events cost no stack.
#[tokio::test(start_paused = true)]
async fn as_many_events_as_may_wait_are_decided_on_in_turn() {
    let events = Events::default();
    let server = build(with_slow_decisions(&events));
    let mut client = join(&server, "staff").await;
    client.say(r#"[16,1,{},"chat.slow",["hi"]]"#).await;
    let waiting = Limits::default().max_pending_calls;
    for request in 2..=waiting + 1 {
        client
            .say(json!([16, request, {"acknowledge": true}, "chat.fast", ["hi"]]).to_string())
            .await;
    }
    client.hears_nothing().await;
    events.happen("go");
    for request in 2..=waiting + 1 {
        client.hears(json!([17, request, ANY])).await;
    }
}

/// What is remembered is small, however large the messages were.
#[tokio::test(start_paused = true)]
async fn events_that_wait_are_bounded_by_their_size_too() {
    let app = app().authorizer(async |_, _| std::future::pending::<bool>().await);
    let server = build(app);
    let mut client = join(&server, "staff").await;
    let text = "x".repeat(Limits::default().max_message / 2);
    for request in 1..=6 {
        client
            .say(json!([16, request, {"acknowledge": true}, "chat.x", [text]]).to_string())
            .await;
    }
    client
        .hears(json!([8, 16, 5, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
    client
        .hears(json!([8, 16, 6, {}, "wamp.error.limit_exceeded", [ANY]]))
        .await;
}

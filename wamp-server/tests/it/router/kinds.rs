//! How differently the empty components of wildcard patterns may be placed.

use wamp_server::{App, Limits, RouterOptions};

use super::support::*;

/// As many kinds as there may be.
const KINDS: u64 = 1024;

/// A pattern of 11 components; each number is another kind.
fn pattern(number: u64, text: &str) -> String {
    let components = (0..11).map(|at| if number >> at & 1 == 1 { "" } else { text });
    components.collect::<Vec<_>>().join(".")
}

/// `ask` is the type of SUBSCRIBE or REGISTER; its answer is one more, and what ends it two more.
async fn too_many_kinds_are_refused(ask: u64) {
    let limits = Limits {
        max_patterns: 400,
        ..Limits::default()
    };
    let server = build(App::empty().limits(limits).router(RouterOptions::new()));
    let wildcard = json!({"match": "wildcard"});
    let mut clients = Vec::new();
    let mut first = 0;
    for number in 0..KINDS {
        if number % 400 == 0 {
            clients.push(join(&server).await);
        }
        let client = clients.last_mut().expect("there is one");
        let request = number % 400 + 1;
        say(
            client,
            json!([ask, request, wildcard, pattern(number, "a")]),
        )
        .await;
        let answer = client.next().await;
        assert_eq!(answer[0], ask + 1, "{number}: {answer}");
        if number == 0 {
            first = answer[2].as_u64().expect("an id");
        }
    }
    let mut other = join(&server).await;
    say(&mut other, json!([ask, 1, wildcard, pattern(KINDS, "a")])).await;
    let error = "wamp.error.limit_exceeded";
    let reason = "too many kinds of wildcard patterns in this realm";
    other.hears(json!([8, ask, 1, {}, error, [reason]])).await;
    refused(&mut other, json!([ask, 2, wildcard, ".."]), error).await;
    // One of a kind that there is, and what is no wildcard pattern.
    say(&mut other, json!([ask, 3, wildcard, pattern(1, "b")])).await;
    other.hears(json!([ask + 1, 3, ANY])).await;
    let prefix = json!({"match": "prefix"});
    say(&mut other, json!([ask, 4, prefix, "c"])).await;
    other.hears(json!([ask + 1, 4, ANY])).await;
    say(&mut other, json!([ask, 5, {}, "d"])).await;
    other.hears(json!([ask + 1, 5, ANY])).await;
    // What is subscribed to does not take the place of what is registered.
    let another = 96 - ask;
    let request = json!([another, 6, wildcard, pattern(KINDS, "a")]);
    say(&mut other, request).await;
    other.hears(json!([another + 1, 6, ANY])).await;
    // The last of a kind makes room for another.
    say(&mut clients[0], json!([ask + 2, 401, first])).await;
    clients[0].hears(json!([ask + 3, 401])).await;
    say(&mut other, json!([ask, 7, wildcard, pattern(KINDS, "a")])).await;
    other.hears(json!([ask + 1, 7, ANY])).await;
    let again = json!([ask, 402, wildcard, pattern(0, "a")]);
    refused(&mut clients[0], again, error).await;
}

#[tokio::test(start_paused = true)]
async fn too_many_kinds_of_patterns_cannot_be_subscribed_to() {
    too_many_kinds_are_refused(32).await;
}

#[tokio::test(start_paused = true)]
async fn too_many_kinds_of_patterns_cannot_be_registered() {
    too_many_kinds_are_refused(64).await;
}

#[tokio::test(start_paused = true)]
async fn kinds_of_the_applications_own_patterns_may_be_registered_and_do_count() {
    let mut app = App::empty();
    for number in 1..KINDS + 2 {
        let components = (0..11).map(|at| match number >> at & 1 {
            1 => format!("{{c{at}}}"),
            _ => "a".to_owned(),
        });
        let template = components.collect::<Vec<_>>().join(".");
        app = app.procedure(template, async || 1);
    }
    let server = build(app.router(RouterOptions::new()));
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    let wildcard = json!({"match": "wildcard"});
    register(&mut callee, 1, wildcard.clone(), &pattern(KINDS, "b")).await;
    let other = json!([64, 2, wildcard, ".."]);
    refused(&mut callee, other, "wamp.error.limit_exceeded").await;
    let uri = ["a"; 11].join(".");
    say(&mut caller, json!([48, 1, {}, uri])).await;
    caller.hears(json!([50, 1, {}, [1]])).await;
}

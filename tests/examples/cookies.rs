//! The example `cookies`, without a browser: `foreign/cookies_browser.js` uses one.

use serde_json::{Value, json};
use wamp_tests::client::{Arguments, Client};
use wamp_tests::program::Program;

use crate::http;

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

#[tokio::test]
async fn only_the_cookie_of_a_login_opens_a_session() {
    let people = Program::example("cookies", &[]).await;
    let ann = log_in(&people, "ann", "sesame").await;
    let (mut client, welcome) = knock(&people, &[("cookie", &ann)]).await;
    for (key, value) in [
        ("authid", "ann"),
        ("authrole", "user"),
        ("authmethod", "cookie"),
    ] {
        assert_eq!(welcome[2][key], value, "{welcome}");
    }
    assert_eq!(whoami(&mut client).await, json!([["ann"]]));

    for headers in [
        &[][..],
        &[("cookie", "login=wrong")],
        &[("cookie", "login=")],
        &[("cookie", "other=1")],
    ] {
        let (_, abort) = knock(&people, headers).await;
        assert_eq!(
            (&abort[0], &abort[2]),
            (&json!(3), &json!("wamp.error.authentication_required")),
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn a_login_takes_the_right_password_and_gives_a_cookie_that_scripts_do_not_see() {
    let people = Program::example("cookies", &[]).await;
    for body in ["name=ann&password=wrong", "name=eve&password=sesame"] {
        let refused = http(&people, "POST /login", FORM, body).await;
        assert!(refused.starts_with("HTTP/1.1 401 "), "{refused}");
        assert!(!refused.contains("set-cookie"), "{refused}");
    }
    let granted = http(&people, "POST /login", FORM, "name=ann&password=sesame").await;
    assert!(granted.starts_with("HTTP/1.1 303 "), "{granted}");
    assert!(
        granted.contains("; HttpOnly; SameSite=Strict; "),
        "{granted}"
    );
    assert!(http(&people, "GET /", "", "").await.contains("Log in"));
}

#[tokio::test]
async fn logging_out_ends_the_sessions_of_the_login_and_no_others() {
    let people = Program::example("cookies", &[]).await;
    let ann = log_in(&people, "ann", "sesame").await;
    let (mut window, _) = knock(&people, &[("cookie", &ann)]).await;
    let elsewhere = log_in(&people, "ann", "sesame").await;
    let (mut elsewhere, _) = knock(&people, &[("cookie", &elsewhere)]).await;
    let bob = log_in(&people, "bob", "mellon").await;
    let (mut bob, _) = knock(&people, &[("cookie", &bob)]).await;
    let left = bob.subscribe("people.left").await;

    let cookie = format!("cookie: {ann}\r\n");
    let response = http(&people, "POST /logout", &cookie, "").await;
    assert!(response.contains("Max-Age=0"), "{response}");
    let goodbye = window.receive().await;
    assert_eq!(
        (&goodbye[0], &goodbye[2]),
        (&json!(6), &json!("wamp.close.logout"))
    );
    window
        .send(&json!([6, {}, "wamp.close.goodbye_and_out"]))
        .await;
    window.end().await;

    let (_, abort) = knock(&people, &[("cookie", &ann)]).await;
    assert_eq!(abort[2], "wamp.error.authentication_required");
    assert_eq!(bob.event(left).await, json!([["ann"]]));
    assert_eq!(whoami(&mut bob).await, json!([["bob"]]));
    assert_eq!(whoami(&mut elsewhere).await, json!([["ann"]]));
}

/// Fills in the form; the cookie.
async fn log_in(people: &Program, name: &str, password: &str) -> String {
    let body = format!("name={name}&password={password}");
    let response = http(people, "POST /login", FORM, &body).await;
    let cookie = response
        .lines()
        .find_map(|it| it.strip_prefix("set-cookie: "));
    let cookie = cookie.and_then(|it| it.split(';').next());
    cookie.expect("a login gives a cookie").to_owned()
}

/// Says HELLO, and nothing but the headers says who it is.
async fn knock(people: &Program, headers: &[(&'static str, &str)]) -> (Client, Value) {
    let mut client = Client::connect_with(people.address(), "/ws", headers).await;
    let answer = client.knock("people", json!({})).await;
    (client, answer)
}

async fn whoami(client: &mut Client) -> Value {
    client.call("people.whoami", Arguments::none()).await
}

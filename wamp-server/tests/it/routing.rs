//! Which handler answers to a URI.

use wamp_server::{
    App, Server, Topic, procedure, procedures, subscriber, subscribers, topic, topics,
};

use crate::support::{ANY, Client, Log, build, json, settle};

#[procedure("shop.cart.add")]
async fn exact() -> &'static str {
    "exact"
}

#[procedure(prefix = "shop.")]
async fn short_prefix(uri: Topic<'_>) -> (String, String) {
    ("prefix".to_owned(), uri.to_string())
}

#[procedure(prefix = "shop.cart")]
async fn long_prefix() -> &'static str {
    "long prefix"
}

#[procedure("bank.{account}.balance")]
async fn wildcard(account: u32, #[arg(default)] currency: String) -> (u32, String) {
    (account, currency)
}

#[procedure("bank.main.{what}")]
async fn more_specific(what: &str) -> String {
    format!("main {what}")
}

#[procedure(regex = r"^r(?P<number>\d+)$")]
async fn regex(number: u64) -> u64 {
    number
}

#[procedure(regex = r"^r\d+x?$")]
async fn later_regex() -> &'static str {
    "later"
}

#[procedure(regex = r"q\d")]
async fn from_the_start() -> &'static str {
    "from the start"
}

fn server() -> Server {
    build(App::empty().procedures(procedures![
        later_regex_first,
        exact,
        short_prefix,
        long_prefix,
        wildcard,
        more_specific,
        regex,
        later_regex,
        from_the_start
    ]))
}

/// Registered before the others: order counts among regular expressions only.
#[procedure(regex = r"^shop\.")]
async fn later_regex_first() -> &'static str {
    "never"
}

async fn check(cases: &[(&str, serde_json::Value)]) {
    let mut client = Client::join(&server()).await;
    for (uri, expected) in cases {
        client.say(json!([48, 1, {}, uri]).to_string()).await;
        let answer = client.next().await;
        if let Some(error) = expected.as_str() {
            assert_eq!(answer[4], error, "{uri}: {answer}");
        } else {
            assert_eq!(answer, json!([50, 1, {}, expected]), "{uri}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn exact_comes_before_the_longest_prefix() {
    check(&[
        ("shop.cart.add", json!(["exact"])),
        ("shop.cart.remove", json!(["long prefix"])),
        ("shop.cartoon", json!(["long prefix"])),
        ("shop.cart", json!(["long prefix"])),
        ("shop.car", json!(["prefix", "shop.car"])),
        ("shop", json!("wamp.error.no_such_procedure")),
        ("shop..x", json!("wamp.error.invalid_uri")),
        ("shop.a b", json!("wamp.error.invalid_uri")),
        ("shops.x", json!("wamp.error.no_such_procedure")),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn captures_are_typed_and_do_not_come_from_the_caller() {
    check(&[
        ("bank.42.balance", json!([42, ""])),
        ("bank.x.balance", json!("wamp.error.invalid_argument")),
        ("bank..balance", json!("wamp.error.invalid_uri")),
        ("bank.1.2.balance", json!("wamp.error.no_such_procedure")),
    ])
    .await;
    let mut client = Client::join(&server()).await;
    client
        .say(r#"[48,1,{},"bank.42.balance",["EUR"],{"account":1}]"#)
        .await;
    client.hears(json!([50, 1, {}, [42, "EUR"]])).await;
}

#[tokio::test(start_paused = true)]
async fn the_pattern_with_more_fixed_components_from_the_left_wins() {
    check(&[
        ("bank.main.balance", json!(["main balance"])),
        ("bank.main.close", json!(["main close"])),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn regular_expressions_are_asked_last_in_order_from_the_start() {
    check(&[
        ("r7", json!([7])),
        ("r7x", json!(["later"])),
        ("r", json!("wamp.error.no_such_procedure")),
        ("q1anything", json!(["from the start"])),
        ("xq1", json!("wamp.error.no_such_procedure")),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn topics_are_found_by_the_same_rules() {
    #[topic("news.weather")]
    fn exact() -> &'static str {
        "exact"
    }
    #[topic(prefix = "news.")]
    async fn prefix(topic: Topic<'_>) -> Result<(), wamp_server::CallError> {
        if topic.ends_with("secret") {
            Err(wamp_server::CallError::not_authorized())
        } else {
            Ok(())
        }
    }
    #[topic("rooms.{number}.events")]
    async fn room(number: u32) {
        let _ = number;
    }
    #[topic(regex = r"^x\d$")]
    async fn x() {}
    let server = build(App::empty().topics(topics![exact, prefix, room, x]));
    let mut client = Client::join(&server).await;
    for topic in ["news.weather", "news.sport", "rooms.7.events", "x1"] {
        client.subscribe(1, topic).await;
    }
    for (topic, error) in [
        ("news.secret", "wamp.error.not_authorized"),
        ("rooms.seven.events", "wamp.error.invalid_argument"),
        ("rooms.7", "wamp.error.invalid_uri"),
        ("x", "wamp.error.invalid_uri"),
    ] {
        client.say(json!([32, 2, {}, topic]).to_string()).await;
        assert_eq!(client.next().await[4], error, "{topic}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_goes_to_every_subscriber_that_matches() {
    #[subscriber("chat.lobby")]
    async fn exact(log: wamp_server::State<'_, Log>) {
        log.note("exact");
    }
    #[subscriber(prefix = "chat.")]
    async fn prefix(log: wamp_server::State<'_, Log>) {
        log.note("prefix");
    }
    #[subscriber(prefix = "")]
    async fn all(log: wamp_server::State<'_, Log>) {
        log.note("all");
    }
    #[subscriber("chat.{room}")]
    async fn wildcard(room: String, log: wamp_server::State<'_, Log>) {
        log.note(room);
    }
    #[subscriber(regex = "^chat.*y$")]
    async fn regex(log: wamp_server::State<'_, Log>) {
        log.note("regex");
    }
    let log = Log::default();
    let handlers = subscribers![exact, prefix, all, wildcard, regex];
    let server = build(App::empty().subscribers(handlers).state(log.clone()));
    let mut client = Client::join(&server).await;
    for (topic, expected) in [
        (
            "chat.lobby",
            vec!["all", "exact", "lobby", "prefix", "regex"],
        ),
        ("chat.a", vec!["a", "all", "prefix"]),
        ("other", vec!["all"]),
    ] {
        client
            .say(json!([16, 1, {"acknowledge": true}, topic]).to_string())
            .await;
        client.hears(json!([17, 1, ANY])).await;
        settle().await;
        let mut called = log.take();
        called.sort();
        assert_eq!(called, expected, "{topic}");
    }
}

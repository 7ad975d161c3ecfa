//! Every example does what its documentation says. Each test starts one, on a port of its own.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may fail like that"
)]

mod cookies;
mod joined;
mod realms;
mod router;

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wamp_tests::client::{Arguments, Client, args, kwargs};
use wamp_tests::program::Program;
use wamp_tests::soon;

#[tokio::test]
async fn quickstart() {
    let shop = Program::example("quickstart", &[]).await;
    shop_sells(shop.address()).await;
}

async fn shop_sells(shop: SocketAddr) {
    let mut buyer = Client::join(shop, "realm1").await;
    let mut watcher = Client::join(shop, "realm1").await;
    let stock = watcher.subscribe("shop.stock").await;

    assert_eq!(
        buyer.call("shop.buy", Arguments::none()).await,
        json!([[9]])
    );
    assert_eq!(buyer.call("shop.buy", args(json!([3]))).await, json!([[6]]));
    assert_eq!(
        buyer.call("shop.buy", kwargs(json!({"count": 2}))).await,
        json!([[4]])
    );
    let sold_out = buyer.call("shop.buy", args(json!([5]))).await;
    assert_eq!(sold_out, json!(["shop.error.sold_out", [], {"left": 4}]));
    let wrong = buyer.call("shop.buy", args(json!(["two"]))).await;
    assert_eq!(wrong[0], "wamp.error.invalid_argument");
    for left in [9, 6, 4] {
        assert_eq!(watcher.event(stock).await, json!([[left]]));
    }
}

#[tokio::test]
async fn docs() {
    let docs = Program::example("docs", &[]).await;
    let id = docs_change(docs.address()).await;
    let mut client = Client::join(docs.address(), "realm1").await;
    client
        .send(&json!([32, 100, {}, format!("docs.{id}.changes")]))
        .await;
    let refusal = client.receive().await;
    assert_eq!(refusal[4], "docs.error.not_found");
}

/// The document that was deleted in the end.
async fn docs_change(docs: SocketAddr) -> i64 {
    let mut client = Client::join(docs, "realm1").await;

    let found = client
        .call("docs.search", args(json!(["TIDES in riga"])))
        .await;
    let [document] = found[1]["documents"].as_array().unwrap().as_slice() else {
        panic!("one document, not {found}");
    };
    let id = document["id"].as_i64().unwrap();
    let all = client
        .call("docs.search", kwargs(json!({"query": "in", "limit": 1000})))
        .await;
    assert_eq!(all[1]["documents"].as_array().unwrap().len(), 300);

    let by_id = kwargs(json!({"documentId": id}));
    let document = client.call("docs.getDocument", by_id.clone()).await;
    assert_eq!(document[1]["title"], "Tides in Riga");
    assert_eq!(document[1]["revision"], 1);

    let mut watcher = Client::join(docs, "realm1").await;
    let changes = watcher.subscribe(&format!("docs.{id}.changes")).await;
    let body = "Ebb\nand \"flow\"."; // A text that is borrowed, and has escapes in JSON.
    let update = kwargs(json!({"documentId": id, "revision": 1, "body": body}));
    assert_eq!(
        client.call("docs.updateDocument", update.clone()).await,
        json!([[2]])
    );
    let document = client.call("docs.getDocument", by_id.clone()).await;
    assert_eq!(document[1]["body"], body);
    let conflict = client.call("docs.updateDocument", update).await;
    assert_eq!(conflict[0], "docs.error.conflict");
    assert_eq!(conflict[2], json!({"revision": 2}));
    assert_eq!(
        client.call("docs.deleteDocument", by_id.clone()).await,
        json!([])
    );
    assert_eq!(
        watcher.event(changes).await[1],
        json!({"documentId": id, "revision": 2})
    );
    assert_eq!(
        watcher.event(changes).await[1],
        json!({"documentId": id, "revision": null})
    );

    let gone = client.call("docs.getDocument", by_id).await;
    assert_eq!(gone[0], "docs.error.not_found");
    assert_eq!(gone[2], json!({"documentId": id}));
    id
}

#[tokio::test]
async fn countdown() {
    let rocket = Program::example("countdown", &["1"]).await;
    rocket_reports(rocket.address()).await;
}

async fn rocket_reports(rocket: SocketAddr) {
    let mut client = Client::join(rocket, "realm1").await;
    let liftoff = json!([[], {"liftoffStatus": "SUCCESS"}]);
    assert_eq!(
        client.call("rocket.countdown", args(json!([2]))).await,
        liftoff
    );

    let progressive = json!({"receive_progress": true});
    let request = client
        .start_call("rocket.countdown", progressive.clone(), args(json!([3])))
        .await;
    for left in [3, 2, 1] {
        let report = client.receive().await;
        assert_eq!(
            progress(&report, request),
            [json!([]), json!({"timeLeft": left})]
        );
    }
    let last = client.receive().await;
    assert_eq!(client.outcome(request, &last), liftoff);

    let request = client
        .start_call("rocket.telemetry", progressive, Arguments::none())
        .await;
    for altitude in [5, 20] {
        let report = client.receive().await;
        assert_eq!(progress(&report, request), [json!([altitude])]);
    }
    client
        .send(&json!([49, request, {"mode": "killnowait"}]))
        .await;
    let end = loop {
        let message = client.receive().await;
        if message[0] != 50 {
            break message;
        }
    };
    assert_eq!((&end[0], &end[2]), (&json!(8), &json!(request)), "{end}");
    assert_eq!(end[4], "wamp.error.canceled", "{end}");
}

/// What a progressive result tells. Some routers say in its details who the callee is, too.
fn progress(report: &Value, request: u64) -> &[Value] {
    assert_eq!((&report[0], &report[1]), (&json!(50), &json!(request)));
    assert_eq!(report[2]["progress"], true, "{report}");
    report
        .as_array()
        .and_then(|it| it.get(3..))
        .unwrap_or_default()
}

#[tokio::test]
async fn hourly_updates() {
    let updates = Program::example("hourly_updates", &["0.05"]).await;
    hours_are_told(updates.address()).await;
}

async fn hours_are_told(updates: SocketAddr) {
    let mut listener = Client::join(updates, "realm1").await;
    let topic = listener.subscribe("hourly_updates").await;
    let first = hour(&listener.event(topic).await);
    assert!(hour(&listener.event(topic).await) > first);

    let mut other = Client::join(updates, "realm1").await;
    let listeners = other
        .call("hourly_updates.listeners", Arguments::none())
        .await;
    assert_eq!(listeners, json!([[1]]));
    drop(listener);
    // The server learns of it when it reads the end of the connection.
    let gone = async {
        while other
            .call("hourly_updates.listeners", Arguments::none())
            .await
            != json!([[0]])
        {}
    };
    soon("the guard to be dropped", gone).await;

    let feed = other.subscribe("hourly_updates.feed").await;
    let now = hour(&other.event(feed).await);
    assert!(now > first);
    assert!(hour(&other.event(feed).await) > now);
}

/// The hour that an event tells.
fn hour(event: &Value) -> u32 {
    let text = event.pointer("/0/0").and_then(Value::as_str);
    let hour = text.and_then(|text| text.strip_prefix("The hour is "));
    hour.and_then(|hour| hour.parse().ok())
        .unwrap_or_else(|| panic!("{event} does not tell the hour"))
}

#[tokio::test]
async fn chat() {
    let chat = Program::example("chat", &[]).await;
    let mut ada = Client::join(chat.address(), "realm1").await;
    let mut grace = Client::join(chat.address(), "realm1").await;
    let lobby = ada.subscribe("chat.lobby").await;
    grace.subscribe("chat.lobby").await;
    let kitchen = grace.subscribe("chat.kitchen").await;

    assert_eq!(
        grace.call("chat.introduce", args(json!(["Grace"]))).await,
        json!([])
    );
    grace.publish("chat.lobby", args(json!(["Hello!"]))).await;
    assert_eq!(
        ada.event(lobby).await[1],
        json!({"from": "Grace", "text": "Hello!"})
    );
    ada.publish("chat.kitchen", args(json!(["Tea?"]))).await;
    // Had she received her own message, or what is said elsewhere, it would have come first.
    assert_eq!(
        grace.event(kitchen).await[1],
        json!({"from": "anonymous", "text": "Tea?"})
    );

    let mut late = Client::join(chat.address(), "realm1").await;
    let lobby = late.subscribe("chat.lobby").await;
    assert_eq!(
        late.event(lobby).await[1],
        json!({"from": "Grace", "text": "Hello!"})
    );
}

#[tokio::test]
async fn axum_mount() {
    let tasks = Program::example("axum_mount", &[]).await;
    let mut client = Client::connect(tasks.address(), "/ws").await;
    client.hello("tasks").await;
    let added = client.subscribe("tasks.added").await;

    let task = r#"{"title": "Water the plants"}"#;
    let created = http(
        &tasks,
        "POST /tasks",
        "content-type: application/json\r\n",
        task,
    )
    .await;
    assert!(created.starts_with("HTTP/1.1 201 "), "{created}");
    assert_eq!(
        client.event(added).await[1],
        json!({"title": "Water the plants"})
    );

    client
        .start_call("tasks.add", json!({}), args(json!(["Feed the cat"])))
        .await;
    assert_eq!(
        client.event(added).await[1],
        json!({"title": "Feed the cat"})
    );
    assert_eq!(client.receive().await[0], 50);
    let both = json!([{"title": "Water the plants"}, {"title": "Feed the cat"}]);
    assert_eq!(
        client.call("tasks.list", Arguments::none()).await,
        json!([[both]])
    );
    let listed = http(&tasks, "GET /tasks", "", "").await;
    assert!(listed.ends_with(&both.to_string()), "{listed}");
}

/// Sends a request and returns the whole response.
async fn http(server: &Program, line: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.address())
        .await
        .expect("it listens");
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         {headers}content-length: {length}\r\n\r\n{body}"
    );
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    let mut response = String::new();
    let read = soon("a response", stream.read_to_string(&mut response)).await;
    read.expect("it answers with text");
    response
}

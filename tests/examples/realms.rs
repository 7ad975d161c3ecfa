//! Every way into the example `realms`, and what is refused.

#![expect(
    clippy::indexing_slicing,
    reason = "a JSON value has something at every index, if only null"
)]

use serde_json::{Value, json};
use wamp_server::proto::auth::cryptosign::SigningKey;
use wamp_server::proto::auth::scram::{Client as Scram, Dialect};
use wamp_tests::answers;
use wamp_tests::client::{Arguments, Client, args};
use wamp_tests::program::Program;

/// Says HELLO by a method; the client, and the server's answer.
async fn knock(shop: &Program, realm: &str, method: &str, mut details: Value) -> (Client, Value) {
    details["authmethods"] = json!([method]);
    let mut client = Client::connect(shop.address(), "/").await;
    let answer = client.knock(realm, details).await;
    (client, answer)
}

/// Answers the challenge; somebody who is let in.
async fn enter(
    shop: &Program,
    realm: &str,
    method: &str,
    details: Value,
    answer: impl FnOnce(&Value) -> String,
) -> Client {
    let (mut client, challenge) = knock(shop, realm, method, details).await;
    assert_eq!(challenge[0], 4, "{challenge}");
    let welcome = client.authenticate(&answer(&challenge[2])).await;
    assert_eq!(welcome[0], 2, "{welcome}");
    client
}

async fn joe(shop: &Program) -> Client {
    let details = json!({"authid": "joe"});
    enter(shop, "customers", "ticket", details, |_| {
        "open sesame".into()
    })
    .await
}

async fn peter(shop: &Program) -> Client {
    let details = json!({"authid": "peter"});
    enter(shop, "customers", "wampcra", details, |extra| {
        answers::wampcra(extra, "secret1")
    })
    .await
}

async fn ann(shop: &Program) -> Client {
    let key = SigningKey::from_seed([0x0b; 32]);
    let details = json!({"authextra": {"pubkey": key.public_key().to_hex()}});
    enter(shop, "staff", "cryptosign", details, |extra| {
        answers::cryptosign(extra, &key)
    })
    .await
}

#[tokio::test]
async fn guests_may_ask_for_prices_and_nothing_else() {
    let shop = shop().await;
    let mut guest = Client::join(shop.address(), "guests").await;
    let bicycle = args(json!(["bicycle"]));
    assert_eq!(
        guest.call("shop.price", bicycle.clone()).await,
        json!([[90_000]])
    );
    is_refused(&mut guest, "shop.order", bicycle).await;
    let (_, abort) = knock(&shop, "strangers", "anonymous", json!({})).await;
    assert_eq!(abort[2], "wamp.error.no_such_realm");
}

#[tokio::test]
async fn customers_come_in_by_what_they_have() {
    let shop = shop().await;
    for customer in [joe(&shop).await, peter(&shop).await] {
        pays_less(customer).await;
    }
    for dialect in [Dialect::Crossbar, Dialect::Wamp] {
        let client = Scram::new(dialect, "sarah", &[7; 16], None).expect("a good name");
        let details = json!({"authid": "sarah", "authextra": {"nonce": client.nonce()}});
        let (mut sarah, challenge) = knock(&shop, "customers", dialect.method(), details).await;
        let (answer, server) = client
            .answer("pencil", &answers::question(&challenge[2]))
            .expect("a good one");
        let extra = answer.extra.nonce.map(|it| json!({"nonce": &*it}));
        let extra = extra.unwrap_or_else(|| json!({}));
        sarah
            .send(&json!([5, &**answer.signature.expose(), extra]))
            .await;
        let welcome = sarah.receive().await;
        let verifier = welcome[2]["authextra"][dialect.verifier_key()].as_str();
        let proof = server.verify(verifier.expect("the server proves itself, too"));
        proof.expect("it knows the password");
        pays_less(sarah).await;
    }
}

#[tokio::test]
async fn whoever_has_something_else_is_turned_away() {
    let shop = shop().await;
    for (realm, method, authid) in [
        ("customers", "ticket", "joe"),
        ("customers", "ticket", "eve"),
        ("customers", "wampcra", "peter"),
        ("staff", "ticket-and-number", "carl"),
    ] {
        let (mut client, _) = knock(&shop, realm, method, json!({"authid": authid})).await;
        let abort = client.authenticate("wrong").await;
        assert_eq!(abort[2], "wamp.error.authentication_denied", "{method}");
    }
    let key = SigningKey::from_seed([0x0c; 32]).public_key().to_hex();
    let details = json!({"authextra": {"pubkey": key}});
    let (mut client, _) = knock(&shop, "staff", "cryptosign", details).await;
    let abort = client.authenticate(&"00".repeat(96)).await;
    assert_eq!(abort[2], "wamp.error.authentication_denied");
    for realm in ["customers", "staff"] {
        let (_, abort) = knock(&shop, realm, "anonymous", json!({})).await;
        assert_eq!(abort[2], "wamp.error.no_matching_auth_method");
    }
}

#[tokio::test]
async fn baskets_are_seen_by_their_owners_and_by_friends() {
    let shop = shop().await;
    let (mut joe, mut peter) = (joe(&shop).await, peter(&shop).await);
    for (product, count) in [("bell", 1), ("pump", 2)] {
        let ordered = joe.call("shop.order", args(json!([product]))).await;
        assert_eq!(ordered, json!([[count]]));
    }
    let unknown = joe.call("shop.order", args(json!(["car"]))).await;
    assert_eq!(unknown, json!(["shop.error.unknown_product", ["car"]]));

    let basket = json!([[["bell", "pump"]]]);
    assert_eq!(joe.call("shop.basket.joe", Arguments::none()).await, basket);
    is_refused(&mut peter, "shop.basket.joe", Arguments::none()).await;
    joe.call("shop.share", args(json!(["peter"]))).await;
    // The refusal, which would have held for a minute, is forgotten.
    assert_eq!(
        peter.call("shop.basket.joe", Arguments::none()).await,
        basket
    );
    is_refused(&mut joe, "shop.basket.peter", Arguments::none()).await;

    let mut ann = ann(&shop).await;
    assert_eq!(
        ann.call("shop.orders", Arguments::none()).await,
        json!([[2]])
    );
    ann.call("shop.clear", Arguments::none()).await;
    assert_eq!(
        ann.call("shop.orders", Arguments::none()).await,
        json!([[0]])
    );
}

#[tokio::test]
async fn clerks_come_in_by_a_ticket_and_a_number_that_is_good_once() {
    let shop = shop().await;
    for (number, is_right) in [("2580", true), ("2580", false), ("4186", true)] {
        let details = json!({"authid": "carl"});
        let (mut carl, _) = knock(&shop, "staff", "ticket-and-number", details).await;
        let challenge = carl.authenticate("sesame").await;
        assert_eq!(challenge[1], "number", "{challenge}");
        let answer = carl.authenticate(number).await;
        if !is_right {
            assert_eq!(answer[2], "wamp.error.authentication_denied");
            continue;
        }
        assert_eq!(answer[2]["authrole"], "clerk", "{answer}");
        assert_eq!(
            carl.call("shop.orders", Arguments::none()).await,
            json!([[0]])
        );
        is_refused(&mut carl, "shop.clear", Arguments::none()).await;
    }
}

async fn pays_less(mut customer: Client) {
    let price = customer.call("shop.price", args(json!(["bicycle"]))).await;
    assert_eq!(price, json!([[81_000]]));
}

async fn is_refused(client: &mut Client, procedure: &str, arguments: Arguments) {
    let refusal = client.call(procedure, arguments).await;
    assert_eq!(refusal[0], "wamp.error.not_authorized", "{procedure}");
}

async fn shop() -> Program {
    Program::example("realms", &[]).await
}

//! Rules of roles, and what functions ask for.

use super::*;

#[tokio::test(start_paused = true)]
async fn each_role_has_its_rules_and_the_best_one_counts() {
    let server = build(app().permissions(permissions()));
    let (mut admin, mut staff, mut customer) = (
        join(&server, "admin").await,
        join(&server, "staff").await,
        join(&server, "customer").await,
    );
    for (procedure, expected) in [
        ("shop.price", [json!(7), json!(7), json!(7)]),
        ("shop.orders", [json!(3), json!(3), json!(NOT_AUTHORIZED)]),
        (
            "shop.told",
            [json!(false), json!(false), json!(NOT_AUTHORIZED)],
        ),
        (
            "admin.stop",
            [json!(null), json!(NOT_AUTHORIZED), json!(NOT_AUTHORIZED)],
        ),
        (
            "shop.nothing",
            [
                json!(NO_SUCH_PROCEDURE),
                json!(NO_SUCH_PROCEDURE),
                json!(NO_SUCH_PROCEDURE),
            ],
        ),
        (
            "admin.nothing",
            [
                json!(NO_SUCH_PROCEDURE),
                json!(NOT_AUTHORIZED),
                json!(NOT_AUTHORIZED),
            ],
        ),
    ] {
        let [for_admin, for_staff, for_customer] = expected;
        assert_eq!(call(&mut admin, procedure).await, for_admin, "{procedure}");
        assert_eq!(call(&mut staff, procedure).await, for_staff, "{procedure}");
        assert_eq!(
            call(&mut customer, procedure).await,
            for_customer,
            "{procedure}"
        );
    }
    for (topic, expected) in [
        ("shop.news", [json!(33), json!(33)]),
        ("shop.secrets", [json!(33), json!(NOT_AUTHORIZED)]),
        ("chat.lobby", [json!(INVALID_URI), json!(NOT_AUTHORIZED)]),
    ] {
        let [for_admin, for_customer] = expected;
        assert_eq!(subscribe(&mut admin, topic).await, for_admin, "{topic}");
        assert_eq!(
            subscribe(&mut customer, topic).await,
            for_customer,
            "{topic}"
        );
    }
    customer.goodbye().await;
    let mut customer = join(&server, "customer").await;
    for (topic, expected) in [
        ("chat.lobby", json!(17)),
        ("chat.private", json!(NOT_AUTHORIZED)),
        ("shop.news", json!(NOT_AUTHORIZED)),
        ("shop.alarm", json!(NOT_AUTHORIZED)),
    ] {
        assert_eq!(publish(&mut customer, topic).await, expected, "{topic}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_says_what_was_refused() {
    let server = build(app().permissions(permissions()));
    let mut customer = join(&server, "customer").await;
    for (request, text) in [
        (
            json!([48, 1, {}, "admin.stop"]),
            "not authorized to call `admin.stop`",
        ),
        (
            json!([32, 2, {}, "x.y"]),
            "not authorized to subscribe to `x.y`",
        ),
        (
            json!([16, 3, {"acknowledge": true}, "x.y"]),
            "not authorized to publish to `x.y`",
        ),
    ] {
        customer.say(request.to_string()).await;
        customer
            .hears(json!([
                8,
                request[0],
                request[1],
                {},
                NOT_AUTHORIZED,
                [text]
            ]))
            .await;
    }
    assert_eq!(server.stats().unauthorized_requests, 3);
}

#[tokio::test(start_paused = true)]
async fn an_unacknowledged_event_that_is_refused_is_dropped_and_counted() {
    let server = build(app().permissions(permissions()));
    let mut customer = join(&server, "customer").await;
    customer.say(r#"[16,1,{},"chat.private",["hi"]]"#).await;
    customer.hears_nothing().await;
    let stats = server.stats();
    assert_eq!(
        (stats.dropped_publications, stats.unauthorized_requests),
        (1, 1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_role_without_rules_does_not_exist() {
    let server = build(app().permissions(permissions()));
    let mut client = Client::connect(&server);
    client
        .say(r#"[1,"realm1",{"authid":"nobody","roles":{"caller":{}}}]"#)
        .await;
    client.hears(json!([3, {"message": "there is no role `nobody` in this realm"}, "wamp.error.no_such_role"])).await;
    client.hears_the_end().await;
    settle().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn functions_say_whom_they_are_for_without_any_rules() {
    let server = build(app());
    let (mut staff, mut customer) = (
        join(&server, "staff").await,
        join(&server, "customer").await,
    );
    assert_eq!(call(&mut staff, "shop.orders").await, json!(3));
    assert_eq!(
        call(&mut customer, "shop.orders").await,
        json!(NOT_AUTHORIZED)
    );
    assert_eq!(
        subscribe(&mut staff, "shop.secrets").await,
        json!(NOT_AUTHORIZED)
    );
    assert_eq!(
        publish(&mut staff, "shop.alarm").await,
        json!(NOT_AUTHORIZED)
    );
    let mut admin = join(&server, "admin").await;
    assert_eq!(subscribe(&mut admin, "shop.secrets").await, json!(33));
    assert_eq!(publish(&mut admin, "shop.alarm").await, json!(17));
}

#[tokio::test(start_paused = true)]
async fn rules_may_come_from_several_places() {
    let more = Permissions::new().role("customer", [Rule::exact("admin.stop").call()]);
    let server = build(app().permissions(permissions()).permissions(more));
    let mut customer = join(&server, "customer").await;
    assert_eq!(call(&mut customer, "shop.price").await, json!(7));
    assert_eq!(call(&mut customer, "admin.stop").await, json!(null));
}

//! Functions that decide.

use super::*;

/// Counts how often it is asked.
fn counting(app: App, decision: Decision) -> (App, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let app = app.authorizer({
        let asked = Arc::clone(&asked);
        move |_, _| {
            asked.fetch_add(1, SeqCst);
            async move { decision }
        }
    });
    (app, asked)
}

#[tokio::test(start_paused = true)]
async fn a_decision_holds_once_or_for_a_while_or_until_it_is_purged() {
    let (app_, asked) = counting(app(), Decision::allow());
    let mut client = join(&build(app_), "customer").await;
    for _ in 0..3 {
        assert_eq!(call(&mut client, "shop.price").await, json!(7));
    }
    assert_eq!(asked.load(SeqCst), 3);

    for (decision, answer) in [
        (Decision::allow(), json!(7)),
        (Decision::deny(), json!(NOT_AUTHORIZED)),
    ] {
        let (app_, asked) = counting(app(), decision.cache_for(Duration::from_secs(60)));
        let server = build(app_);
        let mut client = join(&server, "customer").await;
        let mut other = join(&server, "customer").await;
        for _ in 0..3 {
            assert_eq!(call(&mut client, "shop.price").await, answer);
        }
        assert_eq!(asked.load(SeqCst), 1);
        assert_eq!(call(&mut other, "shop.price").await, answer);
        assert_eq!(asked.load(SeqCst), 2, "it is for one session");
        subscribe(&mut client, "shop.price").await;
        assert_eq!(asked.load(SeqCst), 3, "it is for one action");
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert_eq!(call(&mut client, "shop.price").await, answer);
        assert_eq!(asked.load(SeqCst), 4, "it ends");
        server
            .realm("realm1")
            .expect("the default realm")
            .purge_authorizations();
        assert_eq!(call(&mut client, "shop.price").await, answer);
        assert_eq!(asked.load(SeqCst), 5, "it was purged");
    }
}

#[tokio::test(start_paused = true)]
async fn rules_come_before_the_authorizer() {
    let rules = Permissions::new().role(
        "customer",
        [Rule::exact("shop.price").call(), Rule::exact("admin.stop")],
    );
    let (app_, asked) = counting(app().permissions(rules), Decision::allow());
    let mut client = join(&build(app_), "customer").await;
    assert_eq!(call(&mut client, "shop.price").await, json!(7));
    assert_eq!(call(&mut client, "admin.stop").await, json!(NOT_AUTHORIZED));
    assert_eq!(asked.load(SeqCst), 0);
    assert_eq!(call(&mut client, "shop.told").await, json!(false));
    assert_eq!(asked.load(SeqCst), 1);
    assert_eq!(
        call(&mut client, "shop.orders").await,
        json!(NOT_AUTHORIZED),
        "it is for others"
    );
}

#[tokio::test(start_paused = true)]
async fn the_authorizer_sees_everything_about_the_request() {
    let server = build(app().state(Log::default()).authorizer(
        async |session: Session, access: Access| {
            let log = session.realm().state::<Log>().expect("it was given");
            log.note(format!(
                "{} wants to {} {}",
                session.auth().id,
                access.action,
                access.uri
            ));
            format!("{:?}", access.options).contains("disclose_me: Some(true)")
        },
    ));
    let realm = server.realm("realm1").expect("the default realm");
    let log = realm.state::<Log>().expect("it was given");
    let mut client = join(&server, "ann").await;
    let yes = json!({"disclose_me": true, "acknowledge": true});
    assert_eq!(
        outcome(&mut client, json!([48, 1, yes, "shop.price"])).await,
        json!(7)
    );
    assert_eq!(call(&mut client, "shop.price").await, json!(NOT_AUTHORIZED));
    assert_eq!(
        outcome(&mut client, json!([16, 2, yes, "chat.lobby", ["hi"]])).await,
        json!(17)
    );
    assert_eq!(
        subscribe(&mut client, "shop.news").await,
        json!(NOT_AUTHORIZED)
    );
    let expected = [
        "ann wants to call shop.price",
        "ann wants to call shop.price",
        "ann wants to publish to chat.lobby",
        "ann wants to subscribe to shop.news",
    ];
    assert_eq!(log.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_that_fails_is_not_a_refusal() {
    let server = build(
        app().authorizer(async |_, access: Access| match &*access.uri {
            "shop.price" => Err(CallError::from(std::io::Error::other("SELECT rights"))),
            "shop.told" => Err(CallError::new("my.own.error")),
            "shop.orders" => panic!("SELECT rights"),
            "admin.stop" => std::future::pending().await,
            _ => Ok(true),
        }),
    );
    let mut client = join(&server, "admin").await;
    for procedure in ["shop.price", "shop.told", "shop.orders"] {
        client.say(json!([48, 1, {}, procedure]).to_string()).await;
        let answer = client.next().await;
        assert_eq!(answer[4], FAILED, "{answer}");
        assert!(!answer.to_string().contains("SELECT"), "{answer}");
    }
    client.say(r#"[48,2,{},"admin.stop"]"#).await;
    client
        .hears_after(
            Limits::default().authorizer_timeout,
            json!([8, 48, 2, {}, FAILED, [ANY]]),
        )
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_authorizer_can_be_cancelled_and_times_out() {
    let server = build(app().authorizer(async |_, _| std::future::pending::<bool>().await));
    let mut client = join(&server, "admin").await;
    client.say(r#"[48,1,{},"shop.price"]"#).await;
    client.say(r#"[49,1,{"mode":"kill"}]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    client.say(r#"[48,2,{"timeout":5},"shop.price"]"#).await;
    client
        .hears_after(
            Duration::from_millis(5),
            json!([8, 48, 2, {}, "wamp.error.timeout"]),
        )
        .await;
    client.say(r#"[32,3,{},"shop.news"]"#).await;
    client
        .say(r#"[16,4,{"acknowledge":true},"chat.lobby",["hi"]]"#)
        .await;
    client.hears_nothing().await;
    client.vanish().await;
    nothing_is_left(&server);
}

/// While the authorizer decides, CANCEL stops every call; afterwards it does what it always does.
#[tokio::test(start_paused = true)]
async fn cancelling_does_what_it_does_without_an_authorizer() {
    let events = Events::default();
    let server = build(
        app()
            .state(events.clone())
            .authorizer(async |_, _| {
                tokio::task::yield_now().await;
                true
            })
            .procedure("shop.deaf", {
                let events = events.clone();
                move || {
                    let events = events.clone();
                    async move {
                        events.happen("deaf");
                        std::future::pending::<()>().await;
                    }
                }
            })
            .procedure("shop.hears", {
                let events = events.clone();
                move |token: wamp_server::CancellationToken| {
                    let events = events.clone();
                    async move {
                        events.happen("hears");
                        token.cancelled().await;
                        "as you like"
                    }
                }
            }),
    );
    let mut client = join(&server, "staff").await;
    client.say(r#"[48,1,{},"shop.deaf"]"#).await;
    events.wait("deaf").await;
    client.say(r#"[49,1,{"mode":"kill"}]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.canceled"]))
        .await;
    client.say(r#"[48,2,{},"shop.hears"]"#).await;
    events.wait("hears").await;
    client.say(r#"[49,2,{"mode":"kill"}]"#).await;
    client.hears(json!([50, 2, {}, ["as you like"]])).await;
    client.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn rules_and_authorizers_are_asked_about_uris_only() {
    let (app_, asked) = counting(app(), Decision::allow());
    let server = build(app_);
    let mut client = join(&server, "staff").await;
    for uri in ["", "a b", "a..b", "a\n\u{1b}[31m", &"x".repeat(500_000)] {
        assert_eq!(call(&mut client, uri).await, json!(INVALID_URI));
        assert_eq!(subscribe(&mut client, uri).await, json!(INVALID_URI));
        assert_eq!(publish(&mut client, uri).await, json!(INVALID_URI));
    }
    assert_eq!(asked.load(SeqCst), 0);
}

//! `wamp.session.*`: who is there, who comes and who goes.

use wamp_server::auth::Principal;
use wamp_server::proto::subprotocol::Subprotocol;
use wamp_server::{App, Realm, RouterOptions, Session};

use super::calls::{EVERYTHING, router};
use super::meta::{ask, enter, enter_as, error, event, greet, names, result, subscribe};
use crate::support::{ANY, Client, Events, build, json, settle};

#[tokio::test(start_paused = true)]
async fn sessions_are_counted_listed_and_described() {
    let server = build(names(RouterOptions::new()));
    let (mut joe, joe_id) = enter_as(&server, "joe").await;
    let (_ann, ann_id) = enter_as(&server, "ann").await;
    let mut all = vec![joe_id, ann_id];
    all.sort_unstable();
    for (roles, expected) in [
        (json!([]), all.clone()),
        (json!([null]), all.clone()),
        (json!([["ann"]]), vec![ann_id]),
        (json!([["joe", "ann", "eve"]]), all.clone()),
        (json!([["eve"]]), vec![]),
        (json!([[]]), vec![]),
    ] {
        let answer = ask(&mut joe, "wamp.session.list", roles.clone()).await;
        assert_eq!(result(&answer), &json!(expected), "{roles}");
        let answer = ask(&mut joe, "wamp.session.count", roles.clone()).await;
        assert_eq!(result(&answer), &json!(expected.len()), "{roles}");
    }
    let answer = ask(&mut joe, "wamp.session.get", json!([ann_id])).await;
    assert_eq!(
        result(&answer),
        &json!({"session": ann_id, "authid": "ann", "authrole": "ann", "authmethod": "transport", "authprovider": "dynamic"})
    );
}

#[tokio::test(start_paused = true)]
async fn bad_questions_about_sessions_get_errors() {
    let server = router();
    let (mut client, id) = enter(&server).await;
    for (procedure, args, expected) in [
        (
            "wamp.session.get",
            json!([id % 1000 + 1]),
            "wamp.error.no_such_session",
        ),
        ("wamp.session.get", json!([]), "wamp.error.invalid_argument"),
        (
            "wamp.session.get",
            json!([0]),
            "wamp.error.invalid_argument",
        ),
        (
            "wamp.session.get",
            json!(["x"]),
            "wamp.error.invalid_argument",
        ),
        (
            "wamp.session.count",
            json!(["anonymous"]),
            "wamp.error.invalid_argument",
        ),
        (
            "wamp.session.list",
            json!([[1]]),
            "wamp.error.invalid_argument",
        ),
        (
            "wamp.session.fetch",
            json!([]),
            "wamp.error.no_such_procedure",
        ),
    ] {
        let answer = ask(&mut client, procedure, args.clone()).await;
        assert_eq!(error(&answer), expected, "{procedure} {args}");
    }
}

#[tokio::test(start_paused = true)]
async fn joining_and_leaving_are_events_however_a_session_ends() {
    let server = router();
    let (mut watcher, _) = enter(&server).await;
    let on_join = subscribe(&mut watcher, json!({}), "wamp.session.on_join").await;
    let on_leave = subscribe(&mut watcher, json!({}), "wamp.session.on_leave").await;
    for end in ["goodbye", "abort", "violation", "gone", "cut"] {
        let (mut client, id) = enter(&server).await;
        let details = json!({"session": id, "authid": ANY, "authrole": "anonymous",
            "authmethod": "anonymous", "authprovider": ANY});
        watcher.hears(event(on_join, &json!([details]))).await;
        // What it is told of others is over before its own end.
        let own = subscribe(&mut client, json!({}), "wamp.session.on_leave").await;
        assert_eq!(own, on_leave);
        match end {
            "goodbye" => client.goodbye().await,
            "abort" => {
                client.say(r#"[3,{},"wamp.error.whatever"]"#).await;
                client.hears_the_end().await;
            }
            "violation" => {
                client.say("[1]").await;
                assert_eq!(client.next().await[0], 3);
                client.hears_the_end().await;
            }
            "gone" => client.vanish().await,
            _ => client.cut_off().await,
        }
        watcher
            .hears(event(on_leave, &json!([id, ANY, "anonymous"])))
            .await;
    }
    watcher.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_not_open_is_not_there() {
    let events = Events::default();
    let opening = events.clone();
    let app = App::empty()
        .router(RouterOptions::new().meta_control(true))
        .transport_authenticator(move |session: Session| {
            let opening = opening.clone();
            async move {
                let name = session.hello().authid.clone()?;
                if name == "slow" {
                    opening.wait("go").await;
                }
                Some(Principal::new(&*name, &*name))
            }
        });
    let server = build(app);
    let (mut joe, joe_id) = enter_as(&server, "joe").await;
    let on_join = subscribe(&mut joe, json!({}), "wamp.session.on_join").await;
    let mut slow = Client::connect(&server);
    slow.say(r#"[1,"realm1",{"authid":"slow","roles":{"caller":{}}}]"#)
        .await;
    settle().await;
    assert_eq!(server.stats().sessions, 2);
    let answer = ask(&mut joe, "wamp.session.list", json!([])).await;
    assert_eq!(result(&answer), &json!([joe_id]));
    let answer = ask(&mut joe, "wamp.session.kill_all", json!([])).await;
    assert_eq!(result(&answer), &json!(0));
    events.happen("go");
    joe.hears(json!([36, on_join, ANY, {}, [ANY]])).await;
    assert_eq!(slow.next().await[0], 2);
    let answer = ask(&mut joe, "wamp.session.count", json!([])).await;
    assert_eq!(result(&answer), &json!(2));
}

#[tokio::test(start_paused = true)]
async fn a_realm_knows_nothing_of_another_one() {
    let app = App::empty()
        .realm(Realm::new("realm1").router(RouterOptions::new().meta_control(true)))
        .realm(Realm::new("realm2").router(RouterOptions::new().meta_control(true)));
    let server = build(app);
    let (mut here, here_id) = enter(&server).await;
    let on_join = subscribe(&mut here, json!({}), "wamp.session.on_join").await;
    let mut there = Client::connect(&server);
    let there_id = greet(&mut there, &EVERYTHING.replace("realm1", "realm2")).await;
    let answer = ask(&mut here, "wamp.session.list", json!([])).await;
    assert_eq!(result(&answer), &json!([here_id]));
    for procedure in ["wamp.session.get", "wamp.session.kill"] {
        let answer = ask(&mut here, procedure, json!([there_id])).await;
        assert_eq!(error(&answer), "wamp.error.no_such_session");
    }
    let answer = ask(&mut here, "wamp.session.kill_all", json!([])).await;
    assert_eq!(result(&answer), &json!(0));
    there.hears_nothing().await;
    here.hears_nothing().await;
    let (_third, third) = enter(&server).await;
    let joined = here.next().await;
    assert_eq!(
        (&joined[1], &joined[4][0]["session"]),
        (&json!(on_join), &json!(third))
    );
}

#[tokio::test(start_paused = true)]
async fn every_serializer_has_a_meta_api() {
    let server = router();
    for subprotocol in ["wamp.2.json", "wamp.2.msgpack", "wamp.2.cbor"] {
        let mut client =
            Client::connect_as(&server, Subprotocol::parse(subprotocol).expect("known"));
        let id = greet(&mut client, EVERYTHING).await;
        let on_join = subscribe(&mut client, json!({}), "wamp.session.on_join").await;
        let answer = ask(&mut client, "wamp.session.list", json!([["anonymous"]])).await;
        assert_eq!(result(&answer), &json!([id]));
        let answer = ask(&mut client, "wamp.session.get", json!([id])).await;
        assert_eq!(result(&answer)["session"], json!(id));
        let answer = ask(&mut client, "wamp.subscription.get", json!([on_join])).await;
        assert_eq!(
            result(&answer),
            &json!({"id": on_join, "created": result(&answer)["created"], "uri": "wamp.session.on_join", "match": "exact"})
        );
        let (other, other_id) = enter(&server).await;
        let details = json!({"session": other_id, "authid": ANY, "authrole": "anonymous",
            "authmethod": "anonymous", "authprovider": ANY});
        client.hears(event(on_join, &json!([details]))).await;
        other.vanish().await;
        client.vanish().await;
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_announced_where_it_is() {
    for (options, there) in [
        (RouterOptions::new(), true),
        (RouterOptions::new().meta_api(false), false),
    ] {
        let server = build(App::empty().router(options));
        let mut client = Client::connect(&server);
        client.say(EVERYTHING).await;
        let welcome = client.next().await;
        let roles = &welcome[2]["roles"];
        for (role, feature) in [
            ("dealer", "session_meta_api"),
            ("dealer", "registration_meta_api"),
            ("dealer", "testament_meta_api"),
            ("broker", "session_meta_api"),
            ("broker", "subscription_meta_api"),
        ] {
            let announced = roles[role]["features"][feature] == true;
            assert_eq!(announced, there, "{role} {feature}");
        }
        let on_join = subscribe(&mut client, json!({}), "wamp.session.on_join").await;
        let (_other, _) = enter(&server).await;
        if there {
            client.hears(json!([36, on_join, ANY, {}, [ANY]])).await;
        }
        client.hears_nothing().await;
        let answer = ask(&mut client, "wamp.session.count", json!([])).await;
        if there {
            assert_eq!(result(&answer), &json!(2));
        } else {
            assert_eq!(error(&answer), "wamp.error.no_such_procedure");
        }
    }
}

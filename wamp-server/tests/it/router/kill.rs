//! Ending the sessions of others.

use std::time::Duration;

use tokio::time::timeout;
use wamp_server::permission::{Access, Decision};
use wamp_server::transport::memory;
use wamp_server::{App, Limits, RouterOptions, Session};

use super::calls::EVERYTHING;
use super::meta::{
    ask, ask_with, enter, enter_as, error, event, names, nothing, register, result, subscribe,
    unruly,
};
use crate::support::{ANY, Events, build, json, nothing_is_left, settle};

/// GOODBYE of a kill without words.
fn killed() -> serde_json::Value {
    let message = "another session has ended this one";
    json!([6, {"message": message}, "wamp.close.killed"])
}

#[tokio::test(start_paused = true)]
async fn who_is_killed_is_told_why_and_is_gone_at_once() {
    let server = unruly();
    let (mut killer, killer_id) = enter(&server).await;
    let (mut victim, victim_id) = enter(&server).await;
    register(&mut victim, json!({}), "shop.price").await;
    subscribe(&mut victim, json!({}), "shop.news").await;
    let words = json!({"reason": "shop.close.closed", "message": "come back tomorrow"});
    let answer = ask_with(&mut killer, "wamp.session.kill", json!([victim_id]), words).await;
    assert_eq!(answer, nothing());
    victim
        .hears(json!([6, {"message": "come back tomorrow"}, "shop.close.closed"]))
        .await;
    // It does not answer, and is not there all the same.
    let answer = ask(&mut killer, "wamp.session.list", json!([])).await;
    assert_eq!(result(&answer), &json!([killer_id]));
    for procedure in ["wamp.session.get", "wamp.session.kill"] {
        let answer = ask(&mut killer, procedure, json!([victim_id])).await;
        assert_eq!(error(&answer), "wamp.error.no_such_session");
    }
    let answer = ask(
        &mut killer,
        "wamp.registration.match",
        json!(["shop.price"]),
    )
    .await;
    assert_eq!(result(&answer), &json!(null));
    let answer = ask(&mut killer, "wamp.subscription.match", json!(["shop.news"])).await;
    assert_eq!(result(&answer), &json!(null));
    assert_eq!(server.stats().sessions, 1);
    // What it still says is not heard.
    victim.say(r#"[48,1,{},"wamp.session.count"]"#).await;
    victim.hears_nothing().await;
    victim.say(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
    victim.hears_the_end().await;
    killer.goodbye().await;
    killer.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_answer_is_hung_up_on() {
    let timeout = Duration::from_secs(2);
    let limits = Limits {
        goodbye_timeout: timeout,
        ..Limits::default()
    };
    let options = RouterOptions::new().meta_control(true);
    let server = build(App::empty().router(options).limits(limits));
    let (mut killer, _) = enter(&server).await;
    let (mut victim, victim_id) = enter(&server).await;
    let answer = ask(&mut killer, "wamp.session.kill", json!([victim_id])).await;
    assert_eq!(answer, nothing());
    victim.hears(killed()).await;
    assert_eq!(server.stats().connections, 2);
    tokio::time::sleep(timeout).await;
    settle().await;
    victim.hears_the_end().await;
    assert_eq!(server.stats().connections, 1);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_killed_as_well() {
    let server = unruly();
    let (mut killer, killer_id) = enter(&server).await;
    let (mut victim, victim_id) = enter(&server).await;
    subscribe(&mut victim, json!({}), "shop.news").await;
    let (_peer, _connection) = victim.stops_reading();
    let text = "x".repeat(10_000);
    for _ in 0..20 {
        killer
            .say(json!([16, 1, {}, "shop.news", [text]]).to_string())
            .await;
    }
    settle().await;
    let answer = ask(&mut killer, "wamp.session.kill", json!([victim_id])).await;
    assert_eq!(answer, nothing());
    let answer = ask(&mut killer, "wamp.session.list", json!([])).await;
    assert_eq!(result(&answer), &json!([killer_id]));
    assert_eq!(server.stats().sessions, 1);
}

#[tokio::test(start_paused = true)]
async fn bad_kills_get_errors() {
    let server = unruly();
    let (mut killer, killer_id) = enter(&server).await;
    let (mut victim, victim_id) = enter(&server).await;
    let no_such_session = "wamp.error.no_such_session";
    let invalid_uri = "wamp.error.invalid_uri";
    let invalid = "wamp.error.invalid_argument";
    for (procedure, args, kwargs, expected) in [
        ("kill", json!([killer_id]), json!({}), no_such_session),
        (
            "kill",
            json!([victim_id % 1000 + 1]),
            json!({}),
            no_such_session,
        ),
        ("kill", json!([]), json!({}), invalid),
        ("kill", json!(["x"]), json!({}), invalid),
        (
            "kill",
            json!([victim_id]),
            json!({"reason": "no uri"}),
            invalid_uri,
        ),
        (
            "kill",
            json!([victim_id]),
            json!({"reason": ""}),
            invalid_uri,
        ),
        ("kill", json!([victim_id]), json!({"reason": 7}), invalid),
        ("kill", json!([victim_id]), json!({"message": 7}), invalid),
        (
            "kill",
            json!([victim_id]),
            json!({"message": "x".repeat(1025)}),
            invalid,
        ),
        ("kill_by_authid", json!([]), json!({}), invalid),
        (
            "kill_by_authid",
            json!(["x"]),
            json!({"reason": "a..b"}),
            invalid_uri,
        ),
        ("kill_by_authrole", json!([7]), json!({}), invalid),
        (
            "kill_by_authrole",
            json!(["anonymous"]),
            json!({"reason": "#"}),
            invalid_uri,
        ),
        ("kill_all", json!([]), json!({"reason": "a b"}), invalid_uri),
    ] {
        let procedure = format!("wamp.session.{procedure}");
        let answer = ask_with(&mut killer, &procedure, args.clone(), kwargs.clone()).await;
        assert_eq!(error(&answer), expected, "{procedure} {args} {kwargs}");
    }
    victim.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn many_are_killed_by_name_by_role_or_all_and_never_the_killer() {
    let server = build(names(RouterOptions::new().meta_control(true)));
    let (mut joe, joe_id) = enter_as(&server, "joe").await;
    let mut ann = Vec::new();
    for _ in 0..2 {
        ann.push(enter_as(&server, "ann").await);
    }
    let (mut joe_too, joe_too_id) = enter_as(&server, "joe").await;
    let (mut eve, _) = enter_as(&server, "eve").await;

    let mut ids = vec![ann[0].1, ann[1].1];
    ids.sort_unstable();
    let answer = ask(&mut joe, "wamp.session.kill_by_authid", json!(["ann"])).await;
    assert_eq!(result(&answer), &json!(ids));
    for (ann, _) in &mut ann {
        ann.hears(killed()).await;
    }
    let answer = ask(&mut joe, "wamp.session.kill_by_authid", json!(["ann"])).await;
    assert_eq!(result(&answer), &json!([]));
    let answer = ask(&mut joe, "wamp.session.kill_by_authid", json!(["joe"])).await;
    assert_eq!(result(&answer), &json!([joe_too_id]));
    joe_too.hears(killed()).await;

    let words = json!({"message": "no", "reason": "shop.close.out"});
    let answer = ask_with(
        &mut joe,
        "wamp.session.kill_by_authrole",
        json!(["eve"]),
        words,
    )
    .await;
    assert_eq!(result(&answer), &json!(1));
    eve.hears(json!([6, {"message": "no"}, "shop.close.out"]))
        .await;
    let answer = ask(&mut joe, "wamp.session.kill_by_authrole", json!(["joe"])).await;
    assert_eq!(result(&answer), &json!(0));

    let mut others = Vec::new();
    for name in ["ann", "eve", "joe"] {
        others.push(enter_as(&server, name).await.0);
    }
    let answer = ask(&mut joe, "wamp.session.kill_all", json!([])).await;
    assert_eq!(result(&answer), &json!(3));
    for other in &mut others {
        other.hears(killed()).await;
    }
    let answer = ask(&mut joe, "wamp.session.list", json!([])).await;
    assert_eq!(result(&answer), &json!([joe_id]));
}

#[tokio::test(start_paused = true)]
async fn calls_end_with_who_is_killed() {
    let server = unruly();
    let (mut killer, _) = enter(&server).await;
    let (mut victim, victim_id) = enter(&server).await;
    let (mut callee, _) = enter(&server).await;
    register(&mut victim, json!({}), "shop.price").await;
    register(&mut callee, json!({}), "shop.stock").await;
    callee.say(r#"[48,1,{},"shop.price"]"#).await;
    victim.hears(json!([68, 1, ANY, {}])).await;
    victim.say(r#"[48,1,{},"shop.stock"]"#).await;
    callee.hears(json!([68, 1, ANY, {}])).await;
    let answer = ask(&mut killer, "wamp.session.kill", json!([victim_id])).await;
    assert_eq!(answer, nothing());
    callee
        .hears_in_any_order([
            json!([8, 48, 1, {}, "wamp.error.canceled", [ANY]]),
            json!([69, 1, {"mode": "killnowait"}]),
        ])
        .await;
    victim.hears(killed()).await;
    victim.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn who_is_killed_leaves_like_everybody() {
    let server = unruly();
    let (mut killer, _) = enter(&server).await;
    let on_leave = subscribe(&mut killer, json!({}), "wamp.session.on_leave").await;
    let (mut victim, victim_id) = enter(&server).await;
    subscribe(&mut victim, json!({}), "wamp.session.on_leave").await;
    let heard = ask(&mut killer, "wamp.session.kill", json!([victim_id])).await;
    // It has left when the killer is answered.
    assert!(crate::support::matches(
        &event(on_leave, &json!([victim_id, ANY, "anonymous"])),
        &heard
    ));
    killer.hears(nothing()).await;
    victim.hears(killed()).await;
    victim.hears_nothing().await;
}

/// An authorizer brings both kills to the same moment.
#[tokio::test(start_paused = true)]
async fn who_kill_each_other_both_go() {
    let events = Events::default();
    let both = events.clone();
    let app =
        App::empty()
            .router(RouterOptions::new())
            .authorizer(move |_: Session, access: Access| {
                let both = both.clone();
                async move {
                    if access.uri == "wamp.session.kill" {
                        both.wait("now").await;
                    }
                    Decision::allow()
                }
            });
    let server = build(app);
    let (mut first, first_id) = enter(&server).await;
    let (mut second, second_id) = enter(&server).await;
    first
        .say(json!([48, 1, {}, "wamp.session.kill", [second_id]]).to_string())
        .await;
    second
        .say(json!([48, 1, {}, "wamp.session.kill", [first_id]]).to_string())
        .await;
    settle().await;
    events.happen("now");
    for client in [&mut first, &mut second] {
        let mut heard = client.rest().await;
        assert_eq!(heard.pop(), Some(killed()));
        // One of them may learn before that it was the first.
        assert!(
            heard.is_empty() || heard == [json!([50, 1, {}])],
            "{heard:?}"
        );
    }
    assert_eq!(server.stats().sessions, 0);
}

#[tokio::test(start_paused = true)]
async fn of_two_who_kill_the_same_one_comes_too_late() {
    let server = unruly();
    let (mut killer, _) = enter(&server).await;
    let (mut victim, victim_id) = enter(&server).await;
    let (mut caller, _) = enter(&server).await;
    register(&mut victim, json!({}), "shop.price").await;
    caller.say(r#"[48,1,{},"shop.price"]"#).await;
    victim.hears(json!([68, 1, ANY, {}])).await;
    killer
        .say(json!([48, 1, {}, "wamp.session.kill", [victim_id]]).to_string())
        .await;
    caller
        .say(json!([48, 2, {}, "wamp.session.kill", [victim_id]]).to_string())
        .await;
    killer.hears(json!([50, 1, {}])).await;
    caller
        .hears_in_any_order([
            json!([8, 48, 1, {}, "wamp.error.canceled", [ANY]]),
            json!([8, 48, 2, {}, "wamp.error.no_such_session", [ANY]]),
        ])
        .await;
    victim.hears(killed()).await;
    victim.hears_nothing().await;
}

/// On several threads. Whoever is answered last has seen at most one survivor: itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_all_kill_all_at_most_one_is_left() {
    const PATIENCE: Duration = Duration::from_secs(60);
    let server = unruly();
    for _ in 0..50 {
        let mut peers = Vec::new();
        for _ in 0..6 {
            let (near, mut peer) = memory::pair();
            let connection = tokio::spawn(server.attach(near));
            peer.send(EVERYTHING).await.expect("the server reads");
            let welcome = timeout(PATIENCE, peer.receive()).await.expect("in time");
            assert!(welcome.expect("WELCOME").starts_with(b"[2,"));
            peers.push((peer, connection));
        }
        let run = peers.into_iter().map(|(mut peer, connection)| {
            tokio::spawn(async move {
                let add = r#"[48,1,{},"wamp.session.add_testament",["last.words",[],{}]]"#;
                let kill = r#"[48,2,{},"wamp.session.kill_all"]"#;
                for message in [
                    r#"[32,1,{},"last.words"]"#,
                    r#"[32,2,{},"wamp.session.on_leave"]"#,
                    r#"[64,3,{"invoke":"random"},"shop.price"]"#,
                    add,
                    kill,
                ] {
                    // It may be gone before that.
                    let _ = peer.send(message).await;
                }
                loop {
                    let heard = timeout(PATIENCE, peer.receive()).await.expect("in time");
                    match heard {
                        Some(heard) if heard.starts_with(b"[6,") => break,
                        Some(heard) if heard.starts_with(b"[50,2,") => break,
                        Some(_) => {}
                        None => break,
                    }
                }
                (peer, connection)
            })
        });
        let run = run.collect::<Vec<_>>();
        let mut ended = Vec::new();
        for peer in run {
            ended.push(peer.await.expect("nobody panics"));
        }
        let left = server.realm("realm1").map(|it| it.sessions().len());
        assert!(left.is_some_and(|it| it <= 1), "{left:?}");
        for (peer, connection) in ended {
            drop(peer);
            timeout(PATIENCE, connection)
                .await
                .expect("in time")
                .expect("nobody panics");
        }
        nothing_is_left(&server);
    }
}

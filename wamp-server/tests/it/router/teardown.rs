//! Sessions that end while others have to do with them.

use std::time::Duration;

use wamp_server::{App, Limits, RouterOptions, Server};

use super::support::*;

const CANCELED: &str = "wamp.error.canceled";

#[derive(Clone, Copy, Debug)]
enum Way {
    Goodbye,
    Vanishes,
    Aborts,
    Violates,
    IsClosed,
    IsCutOff,
}

const WAYS: [Way; 6] = [
    Way::Goodbye,
    Way::Vanishes,
    Way::Aborts,
    Way::Violates,
    Way::IsClosed,
    Way::IsCutOff,
];

async fn leave(mut client: Client, session: u64, server: &Server, way: Way) {
    match way {
        Way::Goodbye => client.goodbye().await,
        Way::Vanishes => return client.vanish().await,
        Way::IsCutOff => return client.cut_off().await,
        Way::Aborts => {
            client.say(r#"[3,{},"test.enough"]"#).await;
            client.hears_the_end().await;
        }
        Way::Violates => {
            client.say("[70]").await;
            assert_eq!(client.next().await[0], 3);
            client.hears_the_end().await;
        }
        Way::IsClosed => {
            let sessions = server
                .realm("realm1")
                .expect("the default realm")
                .sessions();
            let session = sessions.iter().find(|it| it.id().get() == session);
            session.expect("it is there").close("test.enough", "");
            assert_eq!(client.next().await[0], 6);
        }
    }
    client.vanish().await;
}

#[tokio::test(start_paused = true)]
async fn callers_of_a_callee_that_leaves_are_told() {
    for way in WAYS {
        let server = router();
        let (mut callee, session) = join_as(&server, json!({"roles": everything()})).await;
        register(&mut callee, 1, json!({}), "p").await;
        let mut callers = Vec::new();
        for (at, options) in [
            json!({}),
            json!({"receive_progress": true}),
            json!({"progress": true}),
            json!({"timeout": 1000}),
            json!({}),
        ]
        .into_iter()
        .enumerate()
        {
            let mut caller = join(&server).await;
            say(&mut caller, json!([48, 1, options, "p"])).await;
            assert_eq!(callee.next().await[0], 68);
            if at == 4 {
                say(&mut caller, json!([49, 1, {"mode": "kill"}])).await;
                assert_eq!(callee.next().await[0], 69);
            }
            callers.push(caller);
        }
        // It calls itself, too, and has answered one.
        say(&mut callee, json!([48, 2, {}, "p"])).await;
        assert_eq!(callee.next().await[0], 68);
        let mut answered = join(&server).await;
        say(&mut answered, json!([48, 1, {}, "p"])).await;
        assert_eq!(callee.next().await[0], 68);
        say(&mut callee, json!([70, 7, {}])).await;
        answered.hears(json!([50, 1, {}])).await;
        leave(callee, session, &server, way).await;
        for caller in &mut callers {
            caller.hears(json!([8, 48, 1, {}, CANCELED, [ANY]])).await;
            // Nothing is left of it: no timeout, nothing to cancel, and nothing more to say.
            tokio::time::sleep(Duration::from_secs(2)).await;
            say(caller, json!([49, 1, {}])).await;
            caller.hears_nothing().await;
            let error = "wamp.error.no_such_procedure";
            refused(caller, json!([48, 2, {}, "p"]), error).await;
        }
        answered.hears_nothing().await;
        for mut caller in callers.into_iter().chain([answered]) {
            caller.goodbye().await;
            caller.vanish().await;
        }
        nothing_is_left(&server);
    }
}

#[tokio::test(start_paused = true)]
async fn what_comes_of_a_progressive_call_whose_callee_has_left_is_no_new_call() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    let mut other = join(&server).await;
    register(&mut callee, 1, json!({"invoke": "first"}), "p").await;
    register(&mut other, 1, json!({"invoke": "first"}), "p").await;
    let more = json!({"progress": true});
    say(&mut caller, json!([48, 1, more, "p", [1]])).await;
    callee.hears(json!([68, 1, ANY, more, [1]])).await;
    callee.vanish().await;
    caller.hears(json!([8, 48, 1, {}, CANCELED, [ANY]])).await;
    say(&mut caller, json!([48, 1, more, "p", [2]])).await;
    say(&mut caller, json!([48, 1, {}, "p", [3]])).await;
    other.hears_nothing().await;
    caller.hears_nothing().await;
    say(&mut caller, json!([48, 2, {}, "p"])).await;
    answers(&mut other, &mut caller, 2).await;
}

#[tokio::test(start_paused = true)]
async fn callees_of_a_caller_that_leaves_are_told_if_they_understand() {
    for way in WAYS {
        let server = router();
        let (mut told, mut untold) = (join(&server).await, plain(&server).await);
        register(&mut told, 1, json!({}), "told").await;
        register(&mut untold, 1, json!({}), "untold").await;
        let (mut caller, session) = join_as(&server, json!({"roles": everything()})).await;
        say(
            &mut caller,
            json!([48, 1, {"receive_progress": true}, "told"]),
        )
        .await;
        say(&mut caller, json!([48, 2, {"progress": true}, "told"])).await;
        say(&mut caller, json!([48, 3, {}, "told"])).await;
        say(&mut caller, json!([48, 4, {}, "untold"])).await;
        settle().await;
        assert_eq!(told.rest().await.len(), 3);
        assert_eq!(untold.rest().await.len(), 1);
        leave(caller, session, &server, way).await;
        let interrupts = [1, 2, 3].map(|it| json!([69, it, {"mode": "killnowait"}]));
        told.hears_in_any_order(interrupts).await;
        untold.hears_nothing().await;
        for late in [json!([70, 1, {"progress": true}]), json!([70, 1, {}])] {
            say(&mut told, late.clone()).await;
            say(&mut untold, late).await;
        }
        say(&mut told, json!([8, 68, 2, {}, "test.late"])).await;
        for callee in &mut [told, untold] {
            callee.hears_nothing().await;
            callee.goodbye().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_calls_itself_leaves_nothing() {
    for way in WAYS {
        let server = router();
        let (mut client, session) = join_as(&server, json!({"roles": everything()})).await;
        register(&mut client, 1, json!({"match": "prefix"}), "").await;
        subscribe(&mut client, 2, json!({"match": "prefix"}), "a").await;
        for request in 3..6 {
            say(&mut client, json!([48, request, {"timeout": 1000}, "p"])).await;
            assert_eq!(client.next().await[0], 68);
        }
        leave(client, session, &server, way).await;
        nothing_is_left(&server);
        let mut other = join(&server).await;
        let error = "wamp.error.no_such_procedure";
        refused(&mut other, json!([48, 1, {}, "p"]), error).await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_of_the_session_before_reaches_the_next_one_on_a_connection() {
    let server = router();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "p").await;
    say(&mut caller, json!([48, 1, {}, "p"])).await;
    callee.hears(json!([68, 1, ANY, {}])).await;
    caller.goodbye().await;
    hello(&mut caller, json!({"roles": everything()})).await;
    callee.hears(json!([69, 1, {"mode": "killnowait"}])).await;
    say(&mut callee, json!([70, 1, {}, ["late"]])).await;
    caller.hears_nothing().await;
    // Ids begin anew on both sides.
    say(&mut caller, json!([48, 1, {}, "p"])).await;
    callee.hears(json!([68, 2, ANY, {}])).await;
    callee.goodbye().await;
    caller.hears(json!([8, 48, 1, {}, CANCELED, [ANY]])).await;
    hello(&mut callee, json!({"roles": everything()})).await;
    register(&mut callee, 1, json!({}), "p").await;
    say(&mut caller, json!([48, 2, {}, "p"])).await;
    callee.hears(json!([68, 1, ANY, {}])).await;
}

fn goodbye() -> serde_json::Value {
    json!([6, {"message": "the server shuts down"}, "wamp.close.system_shutdown"])
}

fn patient() -> Server {
    let limits = Limits {
        shutdown_timeout: Duration::from_secs(20),
        ..Limits::default()
    };
    build(App::empty().limits(limits).router(RouterOptions::new()))
}

fn shut_down(server: &Server) -> tokio::task::JoinHandle<()> {
    let server = server.clone();
    tokio::spawn(async move { server.shutdown().await })
}

#[tokio::test(start_paused = true)]
async fn a_server_that_shuts_down_waits_for_calls_between_sessions() {
    let server = patient();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    let mut idle = join(&server).await;
    register(&mut callee, 1, json!({}), "p").await;
    say(&mut caller, json!([48, 1, {"receive_progress": true}, "p"])).await;
    assert_eq!(callee.next().await[0], 68);
    let shutdown = shut_down(&server);
    idle.hears(goodbye()).await;
    callee.hears_nothing().await;
    caller.hears_nothing().await;
    let unavailable = "wamp.error.unavailable";
    refused(&mut caller, json!([48, 2, {}, "p"]), unavailable).await;
    refused(&mut callee, json!([64, 2, {}, "q"]), unavailable).await;
    say(&mut callee, json!([70, 1, {"progress": true}, [1]])).await;
    caller.hears(json!([50, 1, {"progress": true}, [1]])).await;
    say(&mut callee, json!([70, 1, {}, [2]])).await;
    caller.hears(json!([50, 1, {}, [2]])).await;
    for client in [&mut caller, &mut callee] {
        client.hears(goodbye()).await;
    }
    for client in [&mut caller, &mut callee, &mut idle] {
        client.say(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
        client.hears_the_end().await;
    }
    settle().await;
    assert!(shutdown.is_finished());
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_not_answered_in_time_end_with_the_server() {
    let server = patient();
    let (mut callee, mut caller) = (join(&server).await, join(&server).await);
    register(&mut callee, 1, json!({}), "p").await;
    say(&mut caller, json!([48, 1, {}, "p"])).await;
    assert_eq!(callee.next().await[0], 68);
    let shutdown = shut_down(&server);
    tokio::time::sleep(Duration::from_secs(19)).await;
    callee.hears_nothing().await;
    caller.hears_nothing().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Whoever of the two ends first: the caller is told, or the callee is, before it is told that this is the end.
    let (at_caller, at_callee) = (caller.rest().await, callee.rest().await);
    assert_eq!(at_caller.last(), Some(&goodbye()));
    assert_eq!(at_callee.last(), Some(&goodbye()));
    let told = at_caller.iter().any(|it| it[0] == 8 && it[4] == CANCELED);
    let stopped = at_callee.iter().any(|it| it[0] == 69);
    assert!(told || stopped, "{at_caller:?} {at_callee:?}");
    for client in [&mut caller, &mut callee] {
        client.say(r#"[6,{},"wamp.close.goodbye_and_out"]"#).await;
        client.hears_the_end().await;
    }
    settle().await;
    assert!(shutdown.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_callee_that_is_about_to_leave_is_not_called() {
    let server = patient();
    let (mut callee, session) = join_as(&server, json!({"roles": everything()})).await;
    let mut other = join(&server).await;
    for it in [&mut callee, &mut other] {
        register(it, 1, json!({"invoke": "first"}), "p").await;
    }
    let mut caller = join(&server).await;
    say(&mut caller, json!([48, 1, {}, "p"])).await;
    callee.hears(json!([68, 1, ANY, {}])).await;
    leave(callee, session, &server, Way::IsClosed).await;
    caller.hears(json!([8, 48, 1, {}, CANCELED, [ANY]])).await;
    say(&mut caller, json!([48, 2, {}, "p"])).await;
    answers(&mut other, &mut caller, 2).await;
}

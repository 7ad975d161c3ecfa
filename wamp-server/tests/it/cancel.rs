//! CANCEL: three modes, against every state that a call can be in.

use wamp_server::{App, CancellationToken, Progress, Server, State, procedure, procedures};

use crate::support::{Client, Events, Log, build, json, nothing_is_left, settle};

/// Knows nothing of cancelling.
#[procedure("deaf")]
async fn deaf(events: State<'_, Events>, log: State<'_, Log>) -> &'static str {
    let _guard = log.guard("deaf");
    events.wait("end").await;
    log.note("deaf ends");
    "done"
}

/// Wants to be told.
#[procedure("told")]
async fn told(
    token: CancellationToken,
    events: State<'_, Events>,
    log: State<'_, Log>,
) -> &'static str {
    let _guard = log.guard("told");
    tokio::select! {
        () = token.cancelled() => {
            log.note("told");
            events.wait("end").await;
            "half"
        }
        () = events.wait("end") => "whole",
    }
}

#[procedure("reports")]
async fn reports(
    progress: &Progress<u32>,
    events: State<'_, Events>,
    log: State<'_, Log>,
) -> &'static str {
    progress.send(1).await;
    events.wait("more").await;
    progress.send(2).await;
    log.note("reported");
    "done"
}

fn server() -> (Server, Events, Log) {
    let (events, log) = (Events::default(), Log::default());
    let app = App::empty().procedures(procedures![deaf, told, reports]);
    (
        build(app.state(events.clone()).state(log.clone())),
        events,
        log,
    )
}

async fn client_with(server: &Server, procedure: &str) -> Client {
    let mut client = Client::join(server).await;
    client
        .say(json!([48, 1, {"receive_progress": true}, procedure]).to_string())
        .await;
    settle().await;
    client
}

const CANCELED: &str = r#"[8,48,1,{},"wamp.error.canceled"]"#;

#[tokio::test(start_paused = true)]
async fn kill_and_killnowait_stop_a_handler_that_knows_nothing_of_it() {
    for cancel in [
        r#"[49,1,{"mode":"kill"}]"#,
        r#"[49,1,{"mode":"killnowait"}]"#,
        "[49,1,{}]",
    ] {
        let (server, events, log) = server();
        let mut client = client_with(&server, "deaf").await;
        client.say(cancel).await;
        client.hears_bytes(CANCELED).await;
        assert_eq!(log.take(), ["drop deaf"], "{cancel}");
        assert_eq!(server.stats().running_handlers, 0);
        events.happen("end");
        client.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn skip_answers_at_once_and_lets_the_handler_finish() {
    for procedure in ["deaf", "told"] {
        let (server, events, log) = server();
        let mut client = client_with(&server, procedure).await;
        client.say(r#"[49,1,{"mode":"skip"}]"#).await;
        client.hears_bytes(CANCELED).await;
        assert_eq!(log.take(), [""; 0], "{procedure} goes on and is not told");
        assert_eq!(server.stats().running_handlers, 1);
        events.happen("end");
        client.hears_nothing().await;
        assert!(log.take().contains(&format!("drop {procedure}")));
        assert_eq!(server.stats().running_handlers, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn kill_tells_a_handler_that_wants_to_be_told_and_sends_what_it_answers() {
    let (server, events, log) = server();
    let mut client = client_with(&server, "told").await;
    client.say(r#"[49,1,{"mode":"kill"}]"#).await;
    client.hears_nothing().await;
    assert_eq!(log.take(), ["told"]);
    client.say(r#"[49,1,{"mode":"kill"}]"#).await;
    client.hears_nothing().await;
    events.happen("end");
    client.hears(json!([50, 1, {}, ["half"]])).await;
}

#[tokio::test(start_paused = true)]
async fn killnowait_tells_a_handler_that_wants_to_be_told_and_answers_for_it() {
    for cancel in [r#"[49,1,{"mode":"killnowait"}]"#, "[49,1,{}]"] {
        let (server, events, log) = server();
        let mut client = client_with(&server, "told").await;
        client.say(cancel).await;
        client.hears_bytes(CANCELED).await;
        assert_eq!(log.take(), ["told"]);
        events.happen("end");
        client.hears_nothing().await;
        assert_eq!(log.take(), ["drop told"]);
        assert_eq!(server.stats().running_handlers, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn who_lost_patience_after_kill_is_answered() {
    for impatient in ["skip", "killnowait"] {
        let (server, events, _) = server();
        let mut client = client_with(&server, "told").await;
        client.say(r#"[49,1,{"mode":"kill"}]"#).await;
        client.hears_nothing().await;
        client
            .say(json!([49, 1, {"mode": impatient}]).to_string())
            .await;
        client.hears_bytes(CANCELED).await;
        events.happen("end");
        client.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn cancelling_what_is_finished_unknown_or_cancelled_does_nothing() {
    let (server, events, _) = server();
    let mut client = client_with(&server, "deaf").await;
    events.happen("end");
    client.hears(json!([50, 1, {}, ["done"]])).await;
    for mode in ["skip", "kill", "killnowait"] {
        for request in [1, 77] {
            client
                .say(json!([49, request, {"mode": mode}]).to_string())
                .await;
            client.hears_nothing().await;
        }
    }
    let server = self::server().0;
    let mut client = client_with(&server, "deaf").await;
    client.say("[49,1,{}]").await;
    client.hears_bytes(CANCELED).await;
    for mode in ["skip", "kill", "killnowait"] {
        client.say(json!([49, 1, {"mode": mode}]).to_string()).await;
        client.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_cancelled_call_is_free_again() {
    for mode in ["skip", "killnowait"] {
        let (server, events, _) = server();
        let mut client = client_with(&server, "deaf").await;
        client.say(json!([49, 1, {"mode": mode}]).to_string()).await;
        client.hears_bytes(CANCELED).await;
        client.say(r#"[48,1,{},"told"]"#).await;
        client.hears_nothing().await;
        events.happen("end");
        client.hears(json!([50, 1, {}, ["whole"]])).await;
        client.hears_nothing().await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_progress_comes_after_the_answer_to_a_cancel() {
    let (server, events, log) = server();
    let mut client = client_with(&server, "reports").await;
    client.hears(json!([50, 1, {"progress": true}, [1]])).await;
    client.say(r#"[49,1,{"mode":"skip"}]"#).await;
    client.hears_bytes(CANCELED).await;
    events.happen("more");
    client.hears_nothing().await;
    assert_eq!(log.take(), ["reported"]);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_takes_skipped_calls_along() {
    let (server, _, log) = server();
    let mut client = client_with(&server, "deaf").await;
    client.say(r#"[49,1,{"mode":"skip"}]"#).await;
    client.hears_bytes(CANCELED).await;
    client.vanish().await;
    assert_eq!(log.take(), ["drop deaf"]);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_blocking_handler_is_answered_for_when_it_is_cancelled() {
    use std::sync::{Arc, Mutex, mpsc};
    let (end, ends) = mpsc::channel::<()>();
    let ends = Mutex::new(ends);
    #[derive(Clone)]
    struct Ends(Arc<Mutex<mpsc::Receiver<()>>>);
    #[procedure("block", blocking)]
    fn block(ends: State<'_, Ends>) {
        let _ = ends.0.0.lock().map(|it| it.recv());
    }
    let server = build(
        App::empty()
            .procedures(procedures![block])
            .state(Ends(Arc::new(ends))),
    );
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"block"]"#).await;
    client.say("[49,1,{}]").await;
    client.hears_bytes(CANCELED).await;
    end.send(()).expect("the handler waits");
    client.hears_nothing().await;
}

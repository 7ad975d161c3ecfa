//! Peers that do not read: they are waited for a little, then hung up on, and nobody else notices.

use std::time::Duration;

use futures_util::{Stream, stream};
use tokio::time::timeout;
use wamp_server::{
    App, CallError, Limits, Progress, Realm, Server, Session, State, procedure, procedures, topic,
    topics,
};

use crate::support::{ANY, Client, Log, build, json, nothing_is_left, settle};

const SIZE: usize = 10_000;

fn big() -> String {
    "x".repeat(SIZE)
}

#[procedure("echo")]
async fn echo(text: String) -> String {
    text
}

#[procedure("reports")]
async fn reports(
    count: u32,
    progress: &Progress<(u32, String)>,
    log: State<'_, Log>,
) -> &'static str {
    for i in 0..count {
        progress.send((i, big())).await;
        log.note("sent");
    }
    "done"
}

#[procedure("tail")]
async fn tail(count: u32, log: State<'_, Log>) -> impl Stream<Item = (u32, String)> {
    stream::iter((0..count).map(move |i| {
        log.note("made");
        (i, big())
    }))
}

#[procedure("too.much")]
async fn too_much(count: u32, session: &Session) -> Result<(), CallError> {
    for _ in 0..count {
        session.publish("news", big())?;
    }
    Ok(())
}

fn server() -> (Server, Log) {
    let log = Log::default();
    let limits = Limits {
        outbound_soft: 100_000,
        outbound_hard: 1_000_000,
        ..Limits::default()
    };
    let app = App::empty()
        .procedures(procedures![echo, reports, tail, too_much])
        .topic("news", async || ());
    (build(app.state(log.clone()).limits(limits)), log)
}

fn realm(server: &Server) -> &Realm {
    server.realm("realm1").expect("the default realm")
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_read_no_further_and_loses_nothing() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    let mut sent = 0;
    let call = |request| json!([48, request, {}, "echo", [big()]]).to_string();
    while sent < 1000 {
        let Ok(()) = timeout(Duration::from_millis(1), client.say(call(sent + 1))).await else {
            break;
        };
        sent += 1;
    }
    let served = server.stats().calls;
    assert!(
        served < 120 && sent < served + 70,
        "{served} served, {sent} sent"
    );
    for request in 1..=sent {
        client.hears(json!([50, request, {}, [big()]])).await;
    }
    client.say(call(5000)).await;
    client.hears(json!([50, 5000, {}, [ANY]])).await;
    assert_eq!(server.stats().slow_consumers, 0);
}

#[tokio::test(start_paused = true)]
async fn progress_waits_for_who_does_not_read() {
    for procedure in ["reports", "tail"] {
        let (server, log) = server();
        let mut client = Client::join(&server).await;
        client
            .say(json!([48, 1, {"receive_progress": true}, procedure, [1000]]).to_string())
            .await;
        settle().await;
        let sent = log.take().len();
        assert!((64..200).contains(&sent), "{procedure}: {sent}");
        for i in 0..1000 {
            client
                .hears(json!([50, 1, {"progress": true}, [i, big()]]))
                .await;
        }
        assert_eq!(client.next().await[1], 1);
        assert_eq!(sent + log.take().len(), 1000);
        assert_eq!(server.stats().slow_consumers, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn who_falls_too_far_behind_is_hung_up_on_and_others_are_served() {
    let (server, log) = server();
    let mut slow = Client::join(&server).await;
    let mut good = Client::join(&server).await;
    slow.subscribe(1, "news").await;
    slow.say(r#"[48,2,{"receive_progress":true},"reports",[1000]]"#)
        .await;
    let id = good.subscribe(1, "news").await;
    for i in 0..300 {
        realm(&server).publish("news", (i, big())).expect("a text");
        good.hears(json!([36, id, ANY, {}, [i, big()]])).await;
    }
    let stats = server.stats();
    assert_eq!(
        (stats.slow_consumers, stats.sessions, stats.running_handlers),
        (1, 1, 0)
    );
    assert!(log.take().len() < 200, "its handler was stopped");
    assert_eq!(
        realm(&server)
            .publish("news", 1)
            .expect("a number")
            .receivers,
        1
    );
    // What it had not read by then is lost, the rest and the end are not.
    let rest = slow.rest().await;
    assert!(rest.len() >= 64);
    tokio::time::sleep(Duration::from_secs(2)).await;
    slow.ended().await;
    good.vanish().await;
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn who_reads_nothing_at_all_is_hung_up_on_after_a_while() {
    let (server, _) = server();
    let client = Client::join(&server).await;
    realm(&server).publish("news", 1).expect("a number");
    let mut client = client;
    client
        .say(r#"[48,1,{"receive_progress":true},"reports",[1000]]"#)
        .await;
    let (peer, connection) = client.stops_reading();
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!(server.stats().sessions, 1);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(
        (server.stats().sessions, server.stats().slow_consumers),
        (0, 1)
    );
    connection.await.expect("no panic");
    drop(peer);
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_sends_too_much_at_once_ends_its_session_only() {
    let (server, _) = server();
    let mut other = Client::join(&server).await;
    let mut client = Client::join(&server).await;
    client.subscribe(1, "news").await;
    client.say(r#"[48,2,{},"too.much",[50]]"#).await;
    for _ in 0..50 {
        assert_eq!(client.next().await[0], 36);
    }
    client.hears(json!([50, 2, {}])).await;
    client.say(r#"[48,3,{},"too.much",[200]]"#).await;
    settle().await;
    assert_eq!(
        (server.stats().slow_consumers, server.stats().sessions),
        (1, 1)
    );
    client.rest().await;
    client.ended().await;
    other.say(r#"[48,1,{},"echo",["x"]]"#).await;
    other.hears(json!([50, 1, {}, ["x"]])).await;
}

#[tokio::test(start_paused = true)]
async fn a_publisher_never_waits() {
    let (server, _) = server();
    let mut clients = Vec::new();
    for _ in 0..20 {
        let mut client = Client::join(&server).await;
        client.subscribe(1, "news").await;
        clients.push(client);
    }
    let begin = tokio::time::Instant::now();
    for _ in 0..1000 {
        realm(&server).publish("news", big()).expect("a text");
        tokio::task::yield_now().await;
    }
    assert_eq!(begin.elapsed(), Duration::ZERO);
    settle().await;
    assert_eq!(
        (server.stats().slow_consumers, server.stats().sessions),
        (20, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_can_be_closed_and_aborted() {
    for abort in [false, true] {
        let (server, _) = server();
        let mut client = Client::join(&server).await;
        client
            .say(r#"[48,1,{"receive_progress":true},"reports",[1000]]"#)
            .await;
        settle().await;
        let session = realm(&server).sessions().pop().expect("one session");
        if abort {
            session.abort("my.reason", "enough");
        } else {
            session.close("my.reason", "enough");
        }
        settle().await;
        assert_eq!(
            (server.stats().sessions, server.stats().running_handlers),
            (0, 0)
        );
        assert!(!session.is_open());
        let (_peer, connection) = client.stops_reading();
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert!(connection.is_finished());
        nothing_is_left(&server);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_who_does_not_read() {
    let (server, _) = server();
    let mut client = Client::join(&server).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"reports",[1000]]"#)
        .await;
    settle().await;
    let (_peer, _) = client.stops_reading();
    let begin = tokio::time::Instant::now();
    server.shutdown().await;
    assert!(
        begin.elapsed() < Duration::from_secs(40),
        "{:?}",
        begin.elapsed()
    );
    nothing_is_left(&server);
}

#[tokio::test(start_paused = true)]
async fn a_feed_waits_for_who_does_not_read() {
    #[topic("endless")]
    async fn endless(log: State<'_, Log>) -> impl Stream<Item = (u32, String)> {
        stream::iter((0..).map(move |i| {
            log.note("made");
            (i, big())
        }))
    }
    let log = Log::default();
    let limits = Limits {
        outbound_soft: 100_000,
        outbound_hard: 1_000_000,
        ..Limits::default()
    };
    let app = App::empty()
        .topics(topics![endless])
        .state(log.clone())
        .limits(limits);
    let server = build(app);
    let mut client = Client::join(&server).await;
    let id = client.subscribe(1, "endless").await;
    settle().await;
    assert!(log.take().len() < 200);
    for i in 0..500 {
        client.hears(json!([36, id, ANY, {}, [i, big()]])).await;
    }
    client.say(json!([34, 2, id]).to_string()).await;
    let mut events = 0;
    while client.next().await[0] == 36 {
        events += 1;
    }
    assert!(events < 300, "{events}");
    client.hears_nothing().await;
    assert_eq!(server.stats().slow_consumers, 0);
}

#[tokio::test(start_paused = true)]
async fn an_endless_stream_can_be_cancelled_whether_it_is_listened_to_or_not() {
    let server = build(App::empty().procedure("endless", async || stream::iter(0_u64..)));
    let mut other = Client::join(&server).await;
    for listens in [false, true] {
        let mut client = Client::join(&server).await;
        let call = json!([48, 1, {"receive_progress": listens}, "endless"]);
        client.say(call.to_string()).await;
        client.say(r#"[49,1,{"mode":"kill"}]"#).await;
        let mut last = client.next().await;
        while last[0] == 50 {
            last = client.next().await;
        }
        assert_eq!(last, json!([8, 48, 1, {}, "wamp.error.canceled"]));
        client.hears_nothing().await;
    }
    other.say(r#"[48,1,{},"nowhere"]"#).await;
    assert_eq!(other.next().await[2], 1);
}

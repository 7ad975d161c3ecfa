//! Calls of functions that are offered at a router.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use futures_util::future::join_all;
use wamp_server::client::{CallError as Failure, CancelMode};
use wamp_server::{
    App, Args, CallError, CancellationToken, Input, Limits, Progress, Provided, SharedState,
    procedure, procedures,
};

use super::support::{join, peer, router, serializers};
use crate::support::{Client, Log, build, json, settle};

#[procedure("docs.{collection}.get")]
async fn get(collection: &str, number: u64) -> String {
    format!("{collection}/{number}")
}

#[procedure(prefix = "files.")]
async fn files(call: &wamp_server::Call) -> String {
    call.uri().to_owned()
}

#[procedure(regex = r"^items\.\d+$")]
async fn items(call: &wamp_server::Call) -> String {
    call.uri().to_owned()
}

#[procedure("count")]
async fn count(to: u64, progress: &Progress<u64>) -> &'static str {
    for i in 1..=to {
        progress.send(i).await;
    }
    "done"
}

#[procedure("stop.nicely")]
async fn stop_nicely(token: CancellationToken) -> &'static str {
    token.cancelled().await;
    "stopped"
}

#[procedure("sum")]
async fn sum(input: Input<(u64,)>) -> Result<u64, CallError> {
    let add = async |sum, (number,)| Ok(sum + number);
    input.try_fold(0, add).await
}

#[derive(serde::Deserialize)]
struct Order {
    lines: Vec<Line>,
}

#[derive(serde::Deserialize)]
struct Line {
    amount: u32,
}

#[procedure("shop.order")]
async fn order(order: Order) -> u32 {
    order.lines.iter().map(|it| it.amount).sum()
}

fn app() -> App {
    App::empty()
        .procedures(procedures![
            get,
            files,
            items,
            count,
            stop_nicely,
            sum,
            order
        ])
        .procedure("math.add", async |a: i64, b: i64| a + b)
        .procedure("panic", async || -> u64 { panic!("on purpose") })
        .procedure("hang", async || std::future::pending::<()>().await)
        .procedure("fail", async || {
            Err::<(), _>(CallError::new("my.error").arg("why").kwarg("code", 7))
        })
}

#[tokio::test(start_paused = true)]
async fn functions_answer_in_all_serializers() {
    for subprotocol in serializers() {
        let router = router();
        let server = build(app());
        let connector = router.connector().subprotocol(subprotocol);
        let joined = server.join(wamp_server::client::Builder::over(connector));
        let joined = joined.await.expect("it joins");
        let client = peer(&router).await;
        let sum = client.call("math.add").args((2, 3)).get::<i64>().await;
        assert_eq!(sum.expect("an answer"), 5);
        let found = client.call("docs.letters.get").kwarg("number", 7);
        assert_eq!(found.get::<String>().await.expect("an answer"), "letters/7");
        joined.leave().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_exact_messages_are_those_of_a_server() {
    let router = router();
    let joined = join(&router, app()).await;
    let mut client = Client::join(&router).await;
    client.say(r#"[48,1,{},"math.add",[2,3]]"#).await;
    client.hears(json!([50, 1, {}, [5]])).await;
    client.say(r#"[48,2,{},"fail"]"#).await;
    client
        .hears(json!([8, 48, 2, {}, "my.error", ["why"], {"code": 7}]))
        .await;
    client
        .say(r#"[48,3,{},"shop.order",[{"lines":[{"amount":1},{"amount":"x"}]}]]"#)
        .await;
    let error = client.next().await;
    assert_eq!(error[4], "wamp.error.invalid_argument");
    assert_eq!(error[6]["path"], "args[0].lines[1].amount");
    client.say(r#"[48,4,{},"math.add",[2]]"#).await;
    let error = client.next().await;
    assert_eq!(error[4], "wamp.error.invalid_argument");
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn patterns_are_registered_as_patterns() {
    let router = router();
    let joined = join(&router, app()).await;
    let client = peer(&router).await;
    for uri in ["files.a.b", "items.7"] {
        let called = client.call(uri).get::<String>().await;
        assert_eq!(called.expect("an answer"), uri);
    }
    // The router knows a wider pattern only; what the function does not answer to does not exist.
    let error = client.call("items.seven").await.expect_err("no such one");
    assert_eq!(error.uri(), Some("wamp.error.no_such_procedure"));
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn progress_comes_before_the_result() {
    let router = router();
    let joined = join(&router, app()).await;
    let client = peer(&router).await;
    let mut call = client.call("count").arg(200).progress();
    let mut seen = Vec::new();
    while let Some(step) = call.next().await {
        seen.push(step.decode::<u64>().expect("a number"));
    }
    assert_eq!(seen, (1..=200).collect::<Vec<_>>());
    let result = call.result().await.expect("a result");
    assert_eq!(result.decode::<String>().expect("a text"), "done");
    // Nobody wants progress.
    let result = client.call("count").arg(3).get::<String>().await;
    assert_eq!(result.expect("a result"), "done");
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn input_goes_on() {
    let router = router();
    let joined = join(&router, app()).await;
    let client = peer(&router).await;
    let numbers = futures_util::stream::iter((1..=50_u64).map(|it| (it,)));
    let sum = client
        .call("sum")
        .arg(0)
        .send(numbers)
        .await
        .expect("a sum");
    assert_eq!(sum.decode::<u64>().expect("a number"), 1275);
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn canceling_reaches_the_function() {
    let router = router();
    let joined = join(&router, app()).await;
    let mut client = Client::join(&router).await;
    client.say(r#"[48,1,{},"stop.nicely"]"#).await;
    settle().await;
    client.say(r#"[49,1,{"mode":"kill"}]"#).await;
    client.hears(json!([50, 1, {}, ["stopped"]])).await;
    client.say(r#"[48,2,{},"hang"]"#).await;
    settle().await;
    client.say(r#"[49,2,{"mode":"kill"}]"#).await;
    client
        .hears(json!([8, 48, 2, {}, "wamp.error.canceled"]))
        .await;
    client.say(r#"[48,3,{},"hang"]"#).await;
    settle().await;
    client.say(r#"[49,3,{"mode":"killnowait"}]"#).await;
    client
        .hears(json!([8, 48, 3, {}, "wamp.error.canceled"]))
        .await;
    client.hears_nothing().await;
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn a_future_that_is_dropped_drops_the_function() {
    let router = router();
    let log = Log::default();
    let app = App::empty()
        .state(log.clone())
        .procedure("watch", async |log: SharedState<Log>| {
            let _guard = log.guard("it");
            std::future::pending::<()>().await;
        });
    let joined = join(&router, app).await;
    let client = peer(&router).await;
    let call = client.call("watch").cancel_mode(CancelMode::Kill);
    let call = tokio::spawn(async move { call.await.map(drop) });
    settle().await;
    call.abort();
    settle().await;
    assert_eq!(log.take(), ["drop it"]);
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn timeouts_are_kept() {
    let router = router();
    let limits = Limits {
        handler_timeout: Duration::from_secs(5),
        ..Limits::default()
    };
    let joined = join(&router, app().limits(limits)).await;
    let mut client = Client::join(&router).await;
    client.say(r#"[48,1,{},"hang"]"#).await;
    client
        .hears_after(
            Duration::from_secs(5),
            json!([8, 48, 1, {}, "wamp.error.timeout"]),
        )
        .await;
    client.say(r#"[48,2,{"timeout":1000},"hang"]"#).await;
    client
        .hears_after(
            Duration::from_secs(1),
            json!([8, 48, 2, {}, "wamp.error.timeout"]),
        )
        .await;
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_one_error_and_the_next_call_works() {
    let router = router();
    let joined = join(&router, app()).await;
    let mut client = Client::join(&router).await;
    client.say(r#"[48,1,{},"panic"]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.runtime_error"]))
        .await;
    client.hears_nothing().await;
    client.say(r#"[48,2,{},"math.add",[1,1]]"#).await;
    client.hears(json!([50, 2, {}, [2]])).await;
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_run_at_once() {
    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    let router = router();
    let app = App::empty()
        .procedure("meet", async |number: u64| {
            RUNNING.fetch_add(1, Ordering::SeqCst);
            while RUNNING.load(Ordering::SeqCst) < 1000 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            number
        })
        .limits(Limits {
            max_pending_calls: 1000,
            ..Limits::default()
        });
    let joined = join(&router, app).await;
    // One client may not have as many open calls.
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(peer(&router).await);
    }
    let calls = (0..1000_u64).zip(clients.iter().cycle());
    let calls = calls.map(|(number, client)| client.call("meet").arg(number).get::<u64>());
    let answers = join_all(calls).await;
    for (number, answer) in (0..).zip(answers) {
        assert_eq!(answer.expect("an answer"), number);
    }
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn too_many_calls_are_refused_one_by_one() {
    let router = router();
    let limits = Limits {
        max_pending_calls: 3,
        ..Limits::default()
    };
    let joined = join(&router, app().limits(limits)).await;
    let client = peer(&router).await;
    let calls = (0..20).map(|_| client.call("hang").timeout(Duration::from_secs(1)));
    let calls = calls.map(|call| async move { call.await.expect_err("it hangs") });
    let errors = join_all(calls).await;
    let limited = |it: &&Failure| it.uri() == Some("wamp.error.limit_exceeded");
    assert_eq!(errors.iter().filter(limited).count(), 17);
    let sum = client.call("math.add").args((1, 2)).get::<i64>().await;
    assert_eq!(sum.expect("an answer"), 3);
    joined.leave().await;
}

#[tokio::test(start_paused = true)]
async fn arguments_and_results_are_passed_on_whole() {
    let router = router();
    let app = App::empty()
        .procedure("echo", async |args: Args<serde_json::Value>| args.0)
        .procedure("long", async || "x".repeat(1_000_000));
    let joined = join(&router, app).await;
    let client = peer(&router).await;
    let long = client.call("long").get::<String>().await;
    assert_eq!(long.expect("a text").len(), 1_000_000);
    let value = json!([1, {"a": [null, "\u{1f600}\n", 1.5]}, "z".repeat(70_000)]);
    let echoed = client.call("echo").args(&value).await.expect("an answer");
    assert_eq!(echoed.args::<serde_json::Value>().expect("values"), value);
    joined.leave().await;
}

struct Stamp(u64);

#[tokio::test(start_paused = true)]
async fn values_are_provided_for_each_call() {
    let router = router();
    let app = App::empty()
        .provide_with(|call| {
            let stamp = call.request().map_or(0, wamp_server::Id::get);
            async move { Ok(Stamp(stamp)) }
        })
        .procedure("stamp", async |stamp: Provided<Stamp>| stamp.0.0 > 0);
    let joined = join(&router, app).await;
    let client = peer(&router).await;
    assert!(client.call("stamp").get::<bool>().await.expect("an answer"));
    joined.leave().await;
}

//! The client that blocks, as a program without async uses it.

use std::time::Duration;

use tokio::runtime::Runtime;
use wamp_client::blocking::Client;
use wamp_client::{CallError, ConnectError, Invocation, RemoteError};
use wamp_tests::crossbar::REALM;
use wamp_tests::router::Router;

/// A router in threads of its own.
fn router() -> (Runtime, Router, String) {
    let runtime = Runtime::new().unwrap();
    let router = runtime.block_on(Router::start());
    let url = format!("ws://{}/", router.address());
    (runtime, router, url)
}

const SOON: Duration = Duration::from_secs(30);

#[test]
fn everything_without_async() {
    let (_runtime, _router, url) = router();
    let client = Client::connect(&url, REALM).unwrap();
    let other = Client::open(Client::builder(&url).realm(REALM)).unwrap();
    assert!(client.session().is_some());

    let registration = client.register_raw("math.add", |call: Invocation| {
        let (a, b): (i64, i64) = call.args()?;
        assert_ne!(a, 13, "that is unlucky");
        Ok::<_, RemoteError>(a + b)
    });
    let registration = registration.send().unwrap();
    assert!(registration.id().is_some());
    assert_eq!(
        other.call("math.add").arg(2).arg(3).get::<i64>().unwrap(),
        5
    );
    let error = other.call("math.add").args((13, 1)).send().unwrap_err();
    assert_eq!(error.uri(), Some("wamp.error.runtime_error"));

    // A procedure may use its own client, because it has a thread of its own.
    let nested = client.clone();
    let twice = client.register_raw("math.twice", move |call: Invocation| {
        let n: i64 = call.decode()?;
        nested
            .call("math.add")
            .args((n, n))
            .get::<i64>()
            .map_err(RemoteError::from)
    });
    twice.send().unwrap();
    assert_eq!(
        other
            .call("math.twice")
            .arg(4)
            .timeout(SOON)
            .get::<i64>()
            .unwrap(),
        8
    );

    let mut events = client.subscribe("t").send().unwrap();
    for n in 0..3 {
        other
            .publish("t")
            .arg(n)
            .kwarg("k", n)
            .acknowledge()
            .send()
            .unwrap()
            .unwrap();
    }
    assert_eq!(events.next().unwrap().args::<(i32,)>().unwrap().0, 0);
    let event = events.next_within(SOON).unwrap().unwrap();
    assert_eq!(event.args::<(i32,)>().unwrap().0, 1);
    assert_eq!(events.by_ref().take(1).count(), 1);
    let late = events.next_within(Duration::from_millis(20));
    assert!(matches!(late, Err(CallError::Timeout(_))));
    assert!(events.try_next().is_none());

    registration.unregister().unwrap();
    let error = other.call("math.add").send().unwrap_err();
    assert_eq!(error.uri(), Some("wamp.error.no_such_procedure"));

    client.close();
    assert!(client.state().is_closed());
    assert!(events.next().is_none());
    assert!(matches!(client.call("x").send(), Err(CallError::Closed)));
    client.close();
}

#[test]
fn nobody_there() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = Client::connect(&format!("ws://{address}/"), REALM).unwrap_err();
    assert!(matches!(error, ConnectError::Io { .. }), "{error}");
}

#[test]
fn a_dropped_client_says_goodbye() {
    let (runtime, _router, url) = router();
    let watcher = Client::connect(&url, REALM).unwrap();
    let mut leaves = watcher.subscribe("wamp.session.on_leave").send().unwrap();
    let client = Client::connect(&url, REALM).unwrap();
    let id = client.session().unwrap().id();
    drop(client);
    let event = leaves.next_within(SOON).unwrap().unwrap();
    assert_eq!(event.args::<(u64, String, String)>().unwrap().0, id.get());
    drop(runtime);
}

#[tokio::test]
#[should_panic(expected = "Cannot start a runtime from within a runtime")]
async fn inside_of_async_code_it_panics_instead_of_waiting_for_itself() {
    let _ = Client::connect("ws://127.0.0.1:9/", REALM);
}

#[test]
fn progress_is_told_while_it_blocks() {
    let (runtime, _router, url) = router();
    let callee = runtime.block_on(async {
        let callee = wamp_client::Client::connect(&url, REALM).await.unwrap();
        let count = callee.register_raw("count", async |call: Invocation| {
            for step in 1..=3 {
                call.progress(step).await?;
            }
            Ok::<_, RemoteError>("done")
        });
        count.await.unwrap();
        callee
    });
    let client = Client::connect(&url, REALM).unwrap();
    let mut steps = Vec::new();
    let told = |step: wamp_client::CallResult| steps.push(step.decode::<u8>().unwrap());
    let result = client.call("count").timeout(SOON).send_with_progress(told);
    assert_eq!(result.unwrap().decode::<&str>().unwrap(), "done");
    assert_eq!(steps, [1, 2, 3]);
    drop(callee);
}

//! Everything once.

use futures_util::stream;
use wamp_client::proto::codec::Format;
use wamp_client::proto::subprotocol::Subprotocol;
use wamp_client::{CallError, Client, Event, Invocation, Invoke, Match, RemoteError};
use wamp_tests::crossbar::{Crossbar, REALM};
use wamp_tests::router::Router;

use crate::in_time;

const FORMATS: [Format; 3] = [Format::Json, Format::MsgPack, Format::Cbor];

/// What others do otherwise than ours.
#[derive(Clone, Copy)]
struct Peculiarities {
    /// Whether calls may have their arguments piece by piece.
    input: bool,
}

#[tokio::test]
async fn everything_through_our_router() {
    let router = Router::start().await;
    let address = router.address();
    let ours = Peculiarities { input: true };
    for format in FORMATS {
        for url in [format!("ws://{address}/"), format!("rs://{address}")] {
            in_time(everything(&url, Subprotocol::new(format), ours)).await;
        }
        let batched = Subprotocol::batched(format);
        in_time(everything(&format!("ws://{address}/"), batched, ours)).await;
    }
}

#[tokio::test]
async fn everything_through_crossbar() {
    let Some(crossbar) = Crossbar::start().await else {
        return;
    };
    let theirs = Peculiarities { input: false };
    for format in FORMATS {
        for url in [
            format!("ws://{}/", crossbar.address()),
            format!("rs://{}", crossbar.rawsocket()),
        ] {
            in_time(everything(&url, Subprotocol::new(format), theirs)).await;
        }
    }
}

async fn join(url: &str, subprotocol: Subprotocol) -> Client {
    let client = Client::builder(url)
        .realm(REALM)
        .subprotocols([subprotocol]);
    client.connect().await.expect("the router lets us in")
}

async fn everything(url: &str, subprotocol: Subprotocol, router: Peculiarities) {
    let callee = join(url, subprotocol).await;
    let caller = join(url, subprotocol).await;
    calls(&callee, &caller).await;
    progress(&callee, &caller).await;
    cancels(&callee, &caller).await;
    if router.input {
        input(&callee, &caller).await;
    }
    patterns_and_sharing(&callee, &caller).await;
    events(&callee, &caller).await;
    caller.close().await;
    callee.close().await;
}

async fn calls(callee: &Client, caller: &Client) {
    let add = callee.register_raw("math.add", async |call: Invocation| {
        let (a, b): (i64, i64) = call.args()?;
        Ok::<_, RemoteError>(a + b)
    });
    let registration = add.await.unwrap();
    let sum: i64 = caller.call("math.add").arg(2).arg(3).get().await.unwrap();
    assert_eq!(sum, 5);
    let error = caller.call("math.add").arg("two").await.unwrap_err();
    assert_eq!(error.uri(), Some("wamp.error.invalid_argument"));

    // Text of all kinds, as wampy's tests have it.
    let echo = callee.register_raw("echo", async |call: Invocation| {
        Ok::<_, RemoteError>(call.decode::<String>()?)
    });
    let echo = echo.await.unwrap();
    for text in [
        "100éfa".to_owned(),
        "x".repeat(1000),
        "y".repeat(100_000),
        String::new(),
    ] {
        let same: String = caller.call("echo").arg(&text).get().await.unwrap();
        assert_eq!(same, text);
    }
    let again = callee.register_raw("echo", async |_: Invocation| Ok::<_, RemoteError>(()));
    let error = again.await.unwrap_err();
    assert_eq!(error.uri(), Some("wamp.error.procedure_already_exists"));

    // Nested, and in both directions at once.
    let nested = callee.clone();
    let twice = callee.register_raw("twice", move |call: Invocation| {
        let client = nested.clone();
        async move {
            let n: i64 = call.decode()?;
            let sum: i64 = client.call("math.add").args((n, n)).get().await?;
            Ok::<_, RemoteError>(sum)
        }
    });
    let twice = twice.await.unwrap();
    let calls = (0..100).map(|n| caller.call("twice").arg(n).get::<i64>());
    let results = futures_util::future::try_join_all(calls).await.unwrap();
    assert_eq!(results, (0..100).map(|n| 2 * n).collect::<Vec<_>>());

    for registration in [registration, echo, twice] {
        registration.unregister().await.unwrap();
    }
    let error = caller.call("math.add").await.unwrap_err();
    assert_eq!(error.uri(), Some("wamp.error.no_such_procedure"));
}

async fn progress(callee: &Client, caller: &Client) {
    let count = callee.register_raw("count", async |call: Invocation| {
        let to: u32 = call.decode()?;
        for step in 0..to {
            call.progress(step).await?;
        }
        Ok::<_, RemoteError>("done")
    });
    let count = count.await.unwrap();
    let mut call = caller.call("count").arg(20).progress();
    let mut steps = Vec::new();
    while let Some(step) = call.next().await {
        steps.push(step.decode::<u32>().unwrap());
    }
    assert_eq!(steps, (0..20).collect::<Vec<_>>());
    assert_eq!(
        call.result().await.unwrap().decode::<String>().unwrap(),
        "done"
    );
    // Who does not ask for it gets none.
    let done: String = caller.call("count").arg(3).get().await.unwrap();
    assert_eq!(done, "done");
    count.unregister().await.unwrap();
}

async fn input(callee: &Client, caller: &Client) {
    let sum = callee.register_raw("sum", async |mut call: Invocation| {
        let mut sum: i64 = call.decode()?;
        while let Some(more) = call.next_input().await {
            sum += more.decode::<i64>()?;
        }
        Ok::<_, RemoteError>(sum)
    });
    let sum = sum.await.unwrap();
    let result = caller
        .call("sum")
        .arg(1)
        .send(stream::iter([2, 3, 4]))
        .await;
    assert_eq!(result.unwrap().decode::<i64>().unwrap(), 10);
    sum.unregister().await.unwrap();
}

async fn cancels(callee: &Client, caller: &Client) {
    struct Gone(tokio::sync::mpsc::UnboundedSender<()>);
    impl Drop for Gone {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let (started, mut starts) = tokio::sync::mpsc::unbounded_channel();
    let (gone, mut ends) = tokio::sync::mpsc::unbounded_channel();
    let hang = callee.register_raw("hang", move |_: Invocation| {
        let (started, gone) = (started.clone(), Gone(gone.clone()));
        async move {
            let _gone = gone;
            started.send(()).unwrap();
            std::future::pending::<()>().await;
            Ok::<_, RemoteError>(())
        }
    });
    let hang = hang.await.unwrap();
    let call = tokio::spawn(caller.call("hang").into_future());
    starts.recv().await.unwrap();
    call.abort();
    ends.recv().await.unwrap();
    // Neither of the two is the worse for it.
    let timeout = std::time::Duration::from_millis(100);
    let error = caller.call("hang").timeout(timeout).await.unwrap_err();
    assert!(matches!(error, CallError::Timeout(_)), "{error}");
    ends.recv().await.unwrap();
    hang.unregister().await.unwrap();
    assert!(callee.state().is_open() && caller.state().is_open());
}

async fn patterns_and_sharing(callee: &Client, caller: &Client) {
    let named = async |call: Invocation| {
        let procedure = call.details().procedure.as_deref();
        Ok::<_, RemoteError>(procedure.unwrap_or("none").to_owned())
    };
    let prefix = callee
        .register_raw("shop.orders", named)
        .matching(Match::Prefix);
    let prefix = prefix.await.unwrap();
    let wildcard = callee
        .register_raw("shop..delete", named)
        .matching(Match::Wildcard);
    let wildcard = wildcard.await.unwrap();
    for procedure in ["shop.orders.list", "shop.items.delete"] {
        let called: String = caller.call(procedure).get().await.unwrap();
        assert_eq!(called, procedure);
    }
    prefix.unregister().await.unwrap();
    wildcard.unregister().await.unwrap();

    let share = |client: &Client, who: &'static str| {
        let function = move |_: Invocation| async move { Ok::<_, RemoteError>(who) };
        client
            .register_raw("shared", function)
            .invoke(Invoke::RoundRobin)
    };
    let one = share(callee, "one").await.unwrap();
    let two = share(caller, "two").await.unwrap();
    let mut who = Vec::new();
    for _ in 0..4 {
        who.push(caller.call("shared").get::<String>().await.unwrap());
    }
    assert_eq!(who.iter().filter(|it| *it == "one").count(), 2, "{who:?}");
    one.unregister().await.unwrap();
    two.unregister().await.unwrap();
}

async fn events(subscriber: &Client, publisher: &Client) {
    let mut exact = subscriber.subscribe("news.sports").await.unwrap();
    let mut prefix = subscriber
        .subscribe("news")
        .matching(Match::Prefix)
        .await
        .unwrap();
    let mut again = subscriber.subscribe("news.sports").await.unwrap();
    assert_eq!(exact.id(), again.id());
    let (sender, mut handled) = tokio::sync::mpsc::unbounded_channel();
    let handler = subscriber.subscribe("news..two").matching(Match::Wildcard);
    let handler = handler.handler(move |event: Event| {
        let sender = sender.clone();
        async move { sender.send(event.topic().to_owned()).unwrap() }
    });
    let handler = handler.await.unwrap();

    let publish = publisher
        .publish("news.sports")
        .arg("goal")
        .kwarg("minute", 90)
        .acknowledge();
    let publication = publish.await.unwrap().unwrap();
    for events in [&mut exact, &mut prefix, &mut again] {
        let event = events.next().await.unwrap();
        assert_eq!(event.topic(), "news.sports");
        assert_eq!(event.publication(), publication);
        assert_eq!(event.args::<(String,)>().unwrap().0, "goal");
    }
    exact.unsubscribe().await.unwrap();
    publisher
        .publish("news.sports")
        .arg("whistle")
        .await
        .unwrap();
    assert_eq!(
        again.next().await.unwrap().decode::<String>().unwrap(),
        "whistle"
    );
    again.unsubscribe().await.unwrap();

    publisher
        .publish("news.one.two")
        .acknowledge()
        .await
        .unwrap();
    loop {
        let topic = handled.recv().await.unwrap();
        if topic == "news.one.two" {
            break;
        }
    }
    handler.unsubscribe().await.unwrap();

    // Neither to oneself nor to whom it is not for.
    let mut own = publisher.subscribe("own").await.unwrap();
    publisher.publish("own").arg(1).acknowledge().await.unwrap();
    publisher
        .publish("own")
        .arg(2)
        .exclude_me(false)
        .acknowledge()
        .await
        .unwrap();
    assert_eq!(own.next().await.unwrap().decode::<i32>().unwrap(), 2);
    let me = publisher.session().unwrap().id();
    publisher
        .publish("own")
        .arg(3)
        .exclude_me(false)
        .exclude([me])
        .acknowledge()
        .await
        .unwrap();
    publisher
        .publish("own")
        .arg(4)
        .exclude_me(false)
        .eligible([me])
        .acknowledge()
        .await
        .unwrap();
    assert_eq!(own.next().await.unwrap().decode::<i32>().unwrap(), 4);
}

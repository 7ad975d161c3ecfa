//! What goes wrong on a connection.

use std::time::Duration;

use tokio::time::Instant;
use wamp_server::client::{Builder, CallError, ConnectError, State};
use wamp_server::proto::codec::Format;
use wamp_server::proto::subprotocol::Subprotocol;
use wamp_server::test::Direction::{ToClient, ToServer};
use wamp_server::test::{ClientOptions, TestRealm};
use wamp_server::{App, Limits};

use crate::support::{SECOND, add, app, closed, realm};

#[tokio::test(start_paused = true)]
async fn a_message_to_the_server_is_lost() {
    let client = realm().client().await;
    client.faults().next(ToServer, |it| it.is("CALL")).lose();
    let lost = client.call("math.add").args((2, 3)).timeout(SECOND).await;
    assert!(matches!(lost, Err(CallError::Timeout(_))), "{lost:?}");
    assert_eq!(add(&client).await.unwrap(), 5, "only the first one");
    client.assert_wire([
        r#"→ [48,1,{"timeout":1000},"math.add",[2,3]]"#,
        "→ [49,1,...]",
        r#"→ [48,2,{},"math.add",[2,3]]"#,
        "← [50,2,{},[5]]",
    ]);
}

#[tokio::test(start_paused = true)]
async fn a_message_to_the_client_is_lost() {
    let client = realm().client().await;
    client.faults().nth(ToClient, 1).lose();
    assert_eq!(add(&client).await.unwrap(), 5);
    let lost = client.call("math.add").args((2, 3)).timeout(SECOND).await;
    assert!(matches!(lost, Err(CallError::Timeout(_))), "{lost:?}");
    assert_eq!(add(&client).await.unwrap(), 5);
    assert!(!client.wire().iter().any(|it| it.is_like("← [50,2,...]")));
}

#[tokio::test(start_paused = true)]
async fn of_a_batch_only_what_is_meant_is_lost() {
    for format in [Format::Json, Format::MsgPack] {
        let options = ClientOptions::new().subprotocol(Subprotocol::batched(format));
        let client = realm().client_as(options).await.unwrap();
        client
            .faults()
            .next(ToServer, |it| it.is_like("[48,2,...]"))
            .lose();
        let call = || {
            client
                .call("math.add")
                .args((2, 3))
                .timeout(SECOND)
                .get::<i64>()
        };
        let (a, b, c) = tokio::join!(call(), call(), call());
        assert_eq!((a.unwrap(), b.is_err(), c.unwrap()), (5, true, 5));
    }
}

#[tokio::test(start_paused = true)]
async fn everything_is_lost_until_it_is_enough() {
    let client = realm().client().await;
    client.faults().every(ToServer, |it| it.is("CALL")).lose();
    for _ in 0..2 {
        let lost = client.call("math.add").args((2, 3)).timeout(SECOND).await;
        assert!(lost.is_err());
    }
    client.faults().clear();
    assert_eq!(add(&client).await.unwrap(), 5);
}

#[tokio::test(start_paused = true)]
async fn messages_are_delayed_and_keep_their_order() {
    for direction in [ToServer, ToClient] {
        let client = realm().client().await;
        client.faults().delay(direction, 3 * SECOND);
        let begin = Instant::now();
        assert_eq!(add(&client).await.unwrap(), 5);
        assert_eq!(begin.elapsed(), 3 * SECOND, "{direction:?}");
        let slow = async {
            add(&client).await.unwrap();
            begin.elapsed()
        };
        let after = async {
            tokio::task::yield_now().await;
            client.faults().delay(direction, Duration::ZERO);
            add(&client).await.unwrap();
            begin.elapsed()
        };
        let (slow, after) = tokio::join!(slow, after);
        match direction {
            ToServer => assert_eq!((slow, after), (6 * SECOND, 6 * SECOND)),
            // The delay is that of the moment in which the message comes.
            ToClient => assert_eq!(slow, after),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_message_is_delayed_and_what_comes_after_it() {
    let client = realm().client().await;
    client.faults().next(ToServer, |_| true).delay(SECOND);
    let begin = Instant::now();
    let (a, b) = tokio::join!(add(&client), add(&client));
    assert_eq!((a.unwrap(), b.unwrap()), (5, 5));
    assert_eq!(begin.elapsed(), SECOND);
    add(&client).await.unwrap();
    assert_eq!(begin.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_delayed_message_arrives_although_its_sender_does_nothing() {
    let realm = realm();
    let mut raw = realm.raw();
    raw.faults().delay(ToServer, SECOND);
    raw.send(r#"[1,"realm1",{"roles":{"caller":{}}}]"#)
        .await
        .unwrap();
    let begin = Instant::now();
    realm.wait_for_sessions(1).await;
    assert_eq!(begin.elapsed(), SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_message_arrives_twice() {
    let mut raw = realm().raw();
    raw.join("realm1").await;
    raw.faults().next(ToServer, |it| it.is("CALL")).duplicate();
    raw.send(r#"[48,1,{},"math.add",[2,3]]"#).await.unwrap();
    raw.expect("[50,1,{},[5]]").await;
    raw.expect("[50,1,{},[5]]").await;
    raw.faults()
        .next(ToClient, |it| it.is("RESULT"))
        .duplicate();
    raw.send(r#"[48,2,{},"math.add",[2,3]]"#).await.unwrap();
    raw.expect("[50,2,{},[5]]").await;
    raw.expect("[50,2,{},[5]]").await;
}

#[tokio::test(start_paused = true)]
async fn a_corrupt_message_ends_the_session() {
    let formats = [Format::Json, Format::MsgPack, Format::Cbor];
    for subprotocol in formats
        .map(Subprotocol::new)
        .into_iter()
        .chain(formats.map(Subprotocol::batched))
    {
        let options = || ClientOptions::new().subprotocol(subprotocol);
        let mut raw = realm().raw_as(&options());
        raw.join("realm1").await;
        raw.faults().next(ToServer, |_| true).corrupt();
        raw.send(r#"[48,1,{},"math.add",[2,3]]"#).await.unwrap();
        raw.expect(r#"[3,*,"wamp.error.protocol_violation"]"#).await;
        raw.expect_end().await;

        let client = realm().client_as(options()).await.unwrap();
        client.faults().next(ToClient, |_| true).corrupt();
        let lost = add(&client).await;
        assert!(matches!(lost, Err(CallError::Lost)), "{lost:?}");
        let wire = client.wire();
        assert!(wire.iter().any(|it| it.is_like("→ [3,...]")), "{wire:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_message_arrives_instead() {
    let options = ClientOptions::new().format(Format::Cbor);
    let client = realm().client_as(options).await.unwrap();
    client
        .faults()
        .next(ToClient, |it| it.is("RESULT"))
        .replace("[50,1,{},[6]]");
    assert_eq!(add(&client).await.unwrap(), 6);
    client.assert_wire(["→ [48,...]", "← [50,1,{},[6]]"]);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_hung_up_on() {
    let limits = Limits {
        write_timeout: 5 * SECOND,
        ..Limits::default()
    };
    let large = async || "x".repeat(100_000);
    let realm = TestRealm::new(App::empty().limits(limits).procedure("large", large));
    let mut raw = realm.raw();
    raw.join("realm1").await;
    raw.faults().stop_reading();
    for request in 1..=200 {
        let _ = raw.send(format!(r#"[48,{request},{{}},"large"]"#)).await;
    }
    realm.wait_for_sessions(0).await;
    assert_eq!(realm.server().stats().slow_consumers, 1);
}

#[tokio::test(start_paused = true)]
async fn who_reads_again_gets_what_has_waited() {
    let client = realm().client().await;
    client.faults().stop_reading();
    let calling = tokio::spawn({
        let client = client.clone();
        async move { add(&client).await }
    });
    tokio::time::sleep(SECOND).await;
    assert!(!calling.is_finished());
    client.faults().resume();
    assert_eq!(calling.await.unwrap().unwrap(), 5);

    client.faults().stop_writing();
    let calling = tokio::spawn({
        let client = client.clone();
        async move { add(&client).await }
    });
    tokio::time::sleep(SECOND).await;
    assert!(!calling.is_finished());
    client.faults().resume();
    assert_eq!(calling.await.unwrap().unwrap(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_cut() {
    let realm = realm();
    let options = ClientOptions::new().describe(Builder::no_reconnect);
    let client = realm.client_as(options).await.unwrap();
    client.faults().disconnect();
    realm.wait_for_sessions(0).await;
    let reason = closed(&client).await;
    assert!(matches!(*reason, ConnectError::Transport(_)), "{reason}");
    assert!(client.wire().is_empty(), "nobody has said goodbye");
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_cut_instead_of_a_message() {
    for direction in [ToServer, ToClient] {
        let realm = TestRealm::new(app());
        let client = realm.client().await;
        client.faults().nth(direction, 2).cut();
        for _ in 0..2 {
            assert_eq!(add(&client).await.unwrap(), 5);
        }
        assert!(matches!(add(&client).await, Err(CallError::Lost)));
        client.wait_for_session().await;
        assert_eq!(add(&client).await.unwrap(), 5, "once is enough");
        let calls = realm.server().stats().calls;
        assert_eq!(calls, if direction == ToServer { 3 } else { 4 });
    }
}

#[tokio::test(start_paused = true)]
async fn a_half_closed_connection_ends_for_who_reads_there() {
    let realm = realm();
    let mut raw = realm.raw();
    raw.join("realm1").await;
    raw.faults().half_close(ToServer);
    realm.wait_for_sessions(0).await;
    raw.expect_end().await;

    let options = ClientOptions::new().describe(Builder::no_reconnect);
    let client = realm.client_as(options).await.unwrap();
    client.faults().half_close(ToClient);
    realm.wait_for_sessions(0).await;
    assert!(matches!(*closed(&client).await, ConnectError::Transport(_)));
}

#[tokio::test(start_paused = true)]
async fn connections_are_refused_for_a_while() {
    let realm = realm();
    let client = realm.client().await;
    client.faults().refuse_connections();
    client.faults().disconnect();
    realm.wait_for_sessions(0).await;
    let mut states = client.states();
    let reason = loop {
        if let Some(State::Connecting {
            failures: 2,
            reason,
        }) = states.next().await
        {
            break reason.unwrap();
        }
    };
    assert!(matches!(*reason, ConnectError::Io { .. }), "{reason}");
    client.faults().accept_connections();
    client.wait_for_session().await;
}

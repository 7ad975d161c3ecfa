//! Messages that are written by hand.

use bytes::Bytes;
use wamp_server::proto::codec::Format;
use wamp_server::proto::subprotocol::Subprotocol;
use wamp_server::test::ClientOptions;

use crate::support::{SECOND, add, panic_of, realm};

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_session_says_what_it_likes() {
    let realm = realm();
    for format in [Format::Json, Format::MsgPack, Format::Cbor] {
        let mut raw = realm.raw_as(&ClientOptions::new().format(format));
        raw.join("realm1").await;
        raw.send(r#"[48,1,{},"math.add",[2,3]]"#).await.unwrap();
        raw.expect("← [50,1,{},[5]]").await;
        raw.send(r#"[48,2,{},"math.sub"]"#).await.unwrap();
        let error = raw.receive().await;
        assert!(
            error.is_like(r#"[8,48,2,{},"wamp.error.no_such_procedure",...]"#),
            "{error}"
        );
        raw.send("[36,1,2,{}]").await.unwrap();
        raw.expect(r#"[3,{"message":*},"wamp.error.protocol_violation"]"#)
            .await;
        raw.expect_end().await;
        assert!(raw.send("[48,3,{},\"math.add\"]").await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn garbage_is_sent_as_it_is() {
    let mut raw = realm().raw();
    raw.send("garbage").await.unwrap();
    raw.expect(r#"[3,*,"wamp.error.protocol_violation"]"#).await;
    assert_eq!(raw.wire()[0].to_string(), "→ garbage");

    let options = ClientOptions::new().format(Format::Cbor);
    let mut raw = realm().raw_as(&options);
    raw.send_bytes(Bytes::from_static(&[0x83, 1]))
        .await
        .unwrap();
    raw.expect(r#"[3,*,"wamp.error.protocol_violation"]"#).await;
    let sent = raw.wire()[0].to_string();
    assert_eq!(sent, "→ 2 bytes that are not well-formed");
}

#[tokio::test(start_paused = true)]
async fn several_messages_fit_in_a_batch() {
    for format in [Format::Json, Format::Cbor] {
        let options = ClientOptions::new().subprotocol(Subprotocol::batched(format));
        let mut raw = realm().raw_as(&options);
        raw.join("realm1").await;
        let call = |request| format!(r#"[48,{request},{{}},"math.add",[2,3]]"#);
        raw.send_all(&[&call(1), &call(2)]).await.unwrap();
        raw.expect("[50,1,{},[5]]").await;
        assert!(raw.has_more());
        raw.expect("[50,2,{},[5]]").await;
        assert!(!raw.has_more());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_as_expected_is_told() {
    let realm = realm().patience(SECOND);
    let mut raw = realm.raw();
    let panic = panic_of(raw.expect("[2,...]")).await;
    assert!(panic.contains("raw.rs:"), "{panic}");
    assert!(
        panic.ends_with(": expected [2,...], but received nothing within 1s"),
        "{panic}"
    );
    let panic = panic_of(raw.receive()).await;
    assert!(
        panic.contains(": expected a message, but received nothing"),
        "{panic}"
    );
    let panic = panic_of(raw.expect_end()).await;
    assert!(
        panic.contains(": expected the end of the connection, but received nothing"),
        "{panic}"
    );
    raw.send("[5,\"x\",{}]").await.unwrap();
    let panic = panic_of(raw.expect("[2,...]")).await;
    assert!(
        panic.contains(": expected [2,...], but received\n  ← [3,{"),
        "{panic}"
    );
    let panic = panic_of(raw.expect("[2,...]")).await;
    assert!(
        panic.ends_with(": expected [2,...], but the connection has ended"),
        "{panic}"
    );
    let panic = panic_of(realm.raw().join("no realm")).await;
    assert!(
        panic.contains(": expected WELCOME, but received\n  ← [3,"),
        "{panic}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_says_what_it_would_not_say_itself() {
    let client = realm().client().await;
    let mut raw = client.raw();
    raw.send(r#"[48,1,{},"math.add",[2,3]]"#).await;
    raw.expect("← [50,1,{},[5]]").await;
    raw.send(r#"[48,2,{},"math.sub"]"#).await;
    raw.send(r#"[16,3,{"acknowledge":true},"news"]"#).await;
    let error = raw.receive().await;
    assert!(error.is_like("[8,48,2,...]"), "{error}");
    raw.expect("← [17,3,*]").await;
    let panic = panic_of(raw.receive()).await;
    assert!(
        panic.ends_with(": nothing was received within 5s"),
        "{panic}"
    );
    assert_eq!(
        add(&client).await.unwrap(),
        5,
        "the client knows nothing of it"
    );
    let panic = panic_of(raw.expect("[6,...]")).await;
    assert!(
        panic.ends_with(": expected [6,...], but received\n  ← [50,1,{},[5]]"),
        "{panic}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_breaks_the_protocol() {
    let realm = realm();
    let client = realm.client().await;
    let mut raw = client.raw();
    raw.send_bytes(&b"[48,"[..]).await;
    raw.expect(r#"← [3,*,"wamp.error.protocol_violation"]"#)
        .await;
    realm.wait_for_sessions(0).await;
    client.close().await;
    let panic = panic_of(client.raw().send("[6,{},\"x\"]")).await;
    assert!(panic.contains(": cannot send: "), "{panic}");
}

//! The application's own handlers: for calls and subscriptions that nobody else answers, and for messages.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::stream;
use wamp_proto::id::Id;
use wamp_proto::message::details::ResultDetails;
use wamp_proto::message::{Message, Result as ResultMessage};
use wamp_proto::payload::Payload;
use wamp_server::{App, Args, Call, CallError, Kwargs, Session, Topic, procedure, procedures};

use crate::support::{ANY, Client, build, json};

#[procedure("known")]
async fn known() -> &'static str {
    "known"
}

/// An owned copy of what a handler without borrows wants to know.
struct Uri(String);

impl<'c> wamp_server::FromCall<'c> for Uri {
    async fn from_call(call: &'c Call) -> Result<Self, CallError> {
        Ok(Self(call.uri().to_owned()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_handler_answers_what_no_procedure_does() {
    let app = App::empty().procedures(procedures![known]).call_handler(
        async |uri: Uri,
               args: Args<Vec<i64>>,
               kwargs: Kwargs<serde_json::Map<String, serde_json::Value>>| match uri
            .0
            .as_str()
        {
            "sum" => Ok(args.0.iter().sum::<i64>()),
            "keys" => Ok(i64::try_from(kwargs.0.len()).unwrap_or(0)),
            _ => Err(CallError::new("my.error.unknown").arg(uri.0)),
        },
    );
    let mut client = Client::join(&build(app)).await;
    for (call, answer) in [
        (r#"[48,1,{},"known"]"#, json!([50, 1, {}, ["known"]])),
        (r#"[48,1,{},"sum",[1,2,3]]"#, json!([50, 1, {}, [6]])),
        (
            r#"[48,1,{},"keys",[],{"a":1,"b":2}]"#,
            json!([50, 1, {}, [2]]),
        ),
        (
            r#"[48,1,{},"other"]"#,
            json!([8, 48, 1, {}, "my.error.unknown", ["other"]]),
        ),
        (
            r#"[48,1,{},"not a uri"]"#,
            json!([8, 48, 1, {}, "wamp.error.invalid_uri", [ANY]]),
        ),
    ] {
        client.say(call).await;
        client.hears(answer).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_handler_may_return_a_stream() {
    let app = App::empty().call_handler(async |uri: Uri| stream::iter([uri.0.clone(), uri.0]));
    let mut client = Client::join(&build(app)).await;
    client
        .say(r#"[48,1,{"receive_progress":true},"any"]"#)
        .await;
    client
        .hears(json!([50, 1, {"progress": true}, ["any"]]))
        .await;
    client
        .hears(json!([50, 1, {"progress": true}, ["any"]]))
        .await;
    client.hears(json!([50, 1, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn a_subscription_handler_decides_on_topics_that_nobody_serves() {
    let app = App::empty()
        .topic("known", async || ())
        .subscription_handler(async |uri: Uri, session: Session| {
            session.publish(&uri.0, "welcome")?;
            if uri.0.starts_with("open.") {
                Ok(())
            } else {
                Err(CallError::not_authorized())
            }
        });
    let server = build(app);
    let mut client = Client::join(&server).await;
    client.subscribe(1, "known").await;
    client.hears_nothing().await;
    let id = client.subscribe(2, "open.door").await;
    client.hears(json!([36, id, ANY, {}, ["welcome"]])).await;
    client.say(r#"[32,3,{},"closed"]"#).await;
    client
        .hears(json!([8, 32, 3, {}, "wamp.error.not_authorized"]))
        .await;
    let realm = server.realm("realm1").expect("the default realm");
    assert_eq!(
        realm.publish("open.door", 1).expect("a number").receivers,
        1
    );
    assert_eq!(realm.publish("closed", 1).expect("a number").receivers, 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_handler_sees_every_message_of_an_open_session() {
    let seen = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&seen);
    let app = App::empty().procedures(procedures![known]).message_handler(
        move |_: &Session, message: Message| {
            count.fetch_add(1, Ordering::Relaxed);
            Some(message)
        },
    );
    let mut client = Client::join(&build(app)).await;
    assert_eq!(seen.load(Ordering::Relaxed), 0, "HELLO is not its business");
    client.say(r#"[48,1,{},"known"]"#).await;
    client.hears(json!([50, 1, {}, ["known"]])).await;
    client.say("[49,1,{}]").await;
    client.goodbye().await;
    assert_eq!(seen.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_message_handler_may_answer_swallow_or_change_messages() {
    let app = App::empty().procedures(procedures![known]).message_handler(
        |session: &Session, message: Message| match message {
            Message::Register(_) => None,
            Message::Call(call) if &*call.procedure == "answered" => {
                let result = ResultMessage {
                    request: call.request,
                    details: ResultDetails::default(),
                    payload: Payload::empty(call.payload.format()),
                };
                session
                    .send(&Message::Result(result))
                    .expect("it can be encoded");
                None
            }
            Message::Call(mut call) if &*call.procedure == "alias" => {
                call.procedure = "known".into();
                Some(Message::Call(call))
            }
            Message::Call(call) if &*call.procedure == "later" => {
                let (owned, request) = (session.clone(), call.request);
                session.spawn(async move {
                    let payload = Payload::from_value(wamp_proto::codec::Format::Json, &"late")
                        .expect("a text");
                    let result = ResultMessage {
                        request,
                        details: ResultDetails::default(),
                        payload,
                    };
                    owned
                        .send(&Message::Result(result))
                        .expect("it can be encoded");
                });
                None
            }
            other => Some(other),
        },
    );
    let mut client = Client::join(&build(app)).await;
    client.say(r#"[64,1,{},"mine"]"#).await;
    client.hears_nothing().await;
    client.say(r#"[48,2,{},"answered",[1]]"#).await;
    client.hears(json!([50, 2, {}])).await;
    client.say(r#"[48,3,{},"alias"]"#).await;
    client.hears(json!([50, 3, {}, ["known"]])).await;
    client.say(r#"[48,4,{},"later"]"#).await;
    client.hears(json!([50, 4, {}, ["late"]])).await;
    client.say(r#"[48,5,{},"known"]"#).await;
    client.hears(json!([50, 5, {}, ["known"]])).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_handler_that_panics_ends_its_session_only() {
    let app = App::empty().procedures(procedures![known]).message_handler(
        |_: &Session, message: Message| {
            assert!(!matches!(message, Message::Register(_)), "no");
            Some(message)
        },
    );
    let server = build(app);
    let mut other = Client::join(&server).await;
    let mut client = Client::join(&server).await;
    client.say(r#"[64,1,{},"mine"]"#).await;
    let rest = client.rest().await;
    assert!(rest.iter().all(|it| it[0] == 3), "{rest:?}");
    assert_eq!(
        (server.stats().sessions, server.stats().connections),
        (1, 1)
    );
    other.say(r#"[48,1,{},"known"]"#).await;
    other.hears(json!([50, 1, {}, ["known"]])).await;
}

#[tokio::test(start_paused = true)]
async fn raw_messages_reach_the_peer_as_they_are() {
    #[procedure("raw")]
    async fn raw(session: &Session) -> Result<(), CallError> {
        let event = wamp_proto::message::Event {
            subscription: Id::MIN,
            publication: Id::MAX,
            details: wamp_proto::message::details::EventDetails {
                trustlevel: Some(3),
                ..Default::default()
            },
            payload: Payload::from_value(wamp_proto::codec::Format::Json, &("x",))?,
        };
        session.send(&Message::Event(event))?;
        Ok(())
    }
    let mut client = Client::join(&build(App::empty().procedures(procedures![raw]))).await;
    client.say(r#"[48,1,{},"raw"]"#).await;
    client
        .hears(json!([36, 1, 9_007_199_254_740_992_u64, {"trustlevel": 3}, ["x"]]))
        .await;
    client.hears(json!([50, 1, {}])).await;
}

#[tokio::test(start_paused = true)]
async fn own_parameters_take_no_place_among_the_arguments() {
    #[procedure("greet")]
    async fn greet(name: String, uri: Uri, topic: Topic<'_>) -> (String, bool) {
        (name, uri.0 == topic.0)
    }
    let mut client = Client::join(&build(App::empty().procedures(procedures![greet]))).await;
    client
        .say(r#"[48,1,{},"greet",["joe","x"],{"uri":"y"}]"#)
        .await;
    client.hears(json!([50, 1, {}, ["joe", true]])).await;
}

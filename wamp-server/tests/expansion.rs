//! What annotated functions do when they run: arguments in, results out, guards held.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use futures_core::Stream;
use wamp_server::transport::memory::{self, Peer};
use wamp_server::{
    App, CallError, Definition, Session, State, procedure, procedures, session, sessions,
    subscriber, subscribers, topic, topics,
};

/// A client of a server with these procedures, which has said HELLO.
async fn connect(app: App) -> Peer {
    let server = app.build().expect("a good configuration");
    let (near, mut far) = memory::pair();
    tokio::spawn(server.attach(near));
    let welcome = ask(
        &mut far,
        r#"[1,"realm1",{"roles":{"caller":{},"subscriber":{},"publisher":{}}}]"#,
    );
    assert!(welcome.await.starts_with("[2,"));
    far
}

/// Sends one message and returns the answer.
async fn ask(peer: &mut Peer, message: &'static str) -> String {
    peer.send(message).await.expect("the server listens");
    let answer = peer.receive().await.expect("the server answers");
    String::from_utf8(answer.to_vec()).expect("JSON")
}

/// The answer to one call.
async fn call(
    definitions: impl IntoIterator<Item = &'static Definition>,
    message: &'static str,
) -> String {
    let mut peer = connect(App::empty().procedures(definitions).state(40_u64)).await;
    ask(&mut peer, message).await
}

#[procedure("docs.find", rename_all = "camelCase")]
async fn find(
    State(offset): State<'_, u64>,
    document_id: u64,
    #[arg(default = "en")] language: &str,
    revision: Option<u64>,
) -> String {
    format!("{} {language} {revision:?}", offset + document_id)
}

#[tokio::test]
async fn arguments_come_by_position() {
    let answer = call(procedures![find], r#"[48,1,{},"docs.find",[2,"de",3]]"#).await;
    assert_eq!(answer, r#"[50,1,{},["42 de Some(3)"]]"#);
}

#[tokio::test]
async fn arguments_come_by_their_name_on_the_wire() {
    let answer = call(
        procedures![find],
        r#"[48,1,{},"docs.find",[],{"revision":3,"documentId":2}]"#,
    )
    .await;
    assert_eq!(answer, r#"[50,1,{},["42 en Some(3)"]]"#);
}

#[tokio::test]
async fn absent_arguments_are_defaults_and_none() {
    let answer = call(procedures![find], r#"[48,1,{},"docs.find",[2]]"#).await;
    assert_eq!(answer, r#"[50,1,{},["42 en None"]]"#);
}

#[tokio::test]
async fn missing_arguments_are_named() {
    let answer = call(procedures![find], r#"[48,1,{},"docs.find"]"#).await;
    assert!(
        answer.contains(r#""wamp.error.invalid_argument""#),
        "{answer}"
    );
    assert!(answer.contains("missing argument `documentId`"), "{answer}");
}

#[tokio::test]
async fn captures_are_bound_to_their_parameters() {
    #[procedure("docs.{collection}.get")]
    fn get(id: u64, collection: &str) -> String {
        format!("{collection} {id}")
    }
    let answer = call(procedures![get], r#"[48,1,{},"docs.letters.get",[7]]"#).await;
    assert_eq!(answer, r#"[50,1,{},["letters 7"]]"#);
}

#[tokio::test]
async fn groups_of_a_regular_expression_are_captures() {
    #[procedure(regex = r"^rooms\.(?P<number>\d+)$")]
    fn room(number: u32) -> u32 {
        number
    }
    let answer = call(procedures![room], r#"[48,1,{},"rooms.7"]"#).await;
    assert_eq!(answer, r#"[50,1,{},[7]]"#);
}

#[tokio::test]
async fn strict_procedures_refuse_what_is_too_much() {
    #[procedure("strict.none", strict)]
    fn none() {}
    let answer = call(procedures![none], r#"[48,1,{},"strict.none",[1]]"#).await;
    assert!(
        answer.contains(r#""wamp.error.invalid_argument""#),
        "{answer}"
    );
}

#[tokio::test]
async fn blocking_functions_run_on_a_thread_of_their_own() {
    #[procedure("threads.inline")]
    fn inline() -> String {
        format!("{:?}", thread::current().id())
    }
    #[procedure("threads.blocking", blocking)]
    fn blocking() -> String {
        format!("{:?}", thread::current().id())
    }
    let mut peer = connect(App::empty().procedures(procedures![inline, blocking])).await;
    let here = format!(r#"[50,1,{{}},["{:?}"]]"#, thread::current().id());
    assert_eq!(ask(&mut peer, r#"[48,1,{},"threads.inline"]"#).await, here);
    assert_ne!(
        ask(&mut peer, r#"[48,1,{},"threads.blocking"]"#).await,
        here
    );
}

#[derive(Debug, CallError)]
enum DocsError {
    #[error(uri = "docs.error.not_found", message = "no such document")]
    NotFound(#[arg] u64, #[kwarg(name = "in")] &'static str),
    #[error(internal)]
    Format(#[from] std::fmt::Error),
}

/// An alias that no macro can see through.
type Answer = Result<u64, DocsError>;

#[procedure("docs.fail")]
async fn fail(internally: bool) -> Answer {
    if internally {
        Err(std::fmt::Error)?;
    }
    Err(DocsError::NotFound(7, "letters"))
}

#[tokio::test]
async fn errors_are_sent_with_what_is_marked() {
    let answer = call(procedures![fail], r#"[48,1,{},"docs.fail",[false]]"#).await;
    let expected = r#"[8,48,1,{},"docs.error.not_found",["no such document",7],{"in":"letters"}]"#;
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn internal_errors_are_not_sent() {
    let answer = call(procedures![fail], r#"[48,1,{},"docs.fail",[true]]"#).await;
    assert!(
        answer.starts_with(r#"[8,48,1,{},"wamp.error.runtime_error""#),
        "{answer}"
    );
    assert!(!answer.contains(&std::fmt::Error.to_string()), "{answer}");
}

/// Counts itself for as long as it lives.
struct Guard(&'static AtomicUsize);

impl Guard {
    fn new(alive: &'static AtomicUsize) -> Self {
        alive.fetch_add(1, Ordering::SeqCst);
        Self(alive)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn guards_of_topics_are_held_until_the_session_unsubscribes() {
    static ALIVE: AtomicUsize = AtomicUsize::new(0);
    #[topic("guarded")]
    async fn guarded(_session: &Session) -> Result<Guard, DocsError> {
        Ok(Guard::new(&ALIVE))
    }

    let mut peer = connect(App::empty().topics(topics![guarded])).await;
    let subscribed = ask(&mut peer, r#"[32,1,{},"guarded"]"#).await;
    let id = subscribed
        .trim_start_matches("[33,1,")
        .trim_end_matches(']');
    assert_eq!(ALIVE.load(Ordering::SeqCst), 1);
    let unsubscribe = format!("[34,2,{id}]");
    peer.send(unsubscribe).await.expect("the server listens");
    assert_eq!(peer.receive().await.as_deref(), Some(&b"[35,2]"[..]));
    assert_eq!(ALIVE.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn topics_without_a_guard_are_just_accepted() {
    #[topic("open")]
    fn open() {}
    let mut peer = connect(App::empty().topics(topics![open])).await;
    assert!(
        ask(&mut peer, r#"[32,1,{},"open"]"#)
            .await
            .starts_with("[33,1,")
    );
}

#[tokio::test]
async fn topics_refuse_with_an_error() {
    #[topic("closed")]
    fn closed() -> Result<(), DocsError> {
        Err(DocsError::NotFound(7, "letters"))
    }
    let mut peer = connect(App::empty().topics(topics![closed])).await;
    let answer = ask(&mut peer, r#"[32,1,{},"closed"]"#).await;
    assert!(
        answer.starts_with(r#"[8,32,1,{},"docs.error.not_found""#),
        "{answer}"
    );
}

#[tokio::test]
async fn streams_of_topics_are_feeds() {
    #[topic("feed")]
    fn feed() -> impl Stream<Item = u32> {
        futures_util::stream::iter([7])
    }
    let mut peer = connect(App::empty().topics(topics![feed])).await;
    assert!(
        ask(&mut peer, r#"[32,1,{},"feed"]"#)
            .await
            .starts_with("[33,1,")
    );
    let event = peer.receive().await.expect("an event");
    assert!(
        event.starts_with(b"[36,") && event.ends_with(b"[7]]"),
        "{event:?}"
    );
}

#[tokio::test]
async fn subscribers_run_for_every_event() {
    static SUM: AtomicUsize = AtomicUsize::new(0);
    #[subscriber("numbers.{kind}")]
    async fn add(kind: &str, number: usize) -> Result<(), DocsError> {
        assert_eq!(kind, "natural");
        SUM.fetch_add(number, Ordering::SeqCst);
        Ok(())
    }
    let mut peer = connect(App::empty().subscribers(subscribers![add])).await;
    for message in [
        r#"[16,1,{"acknowledge":true},"numbers.natural",[3]]"#,
        r#"[16,2,{"acknowledge":true},"numbers.natural",[4]]"#,
    ] {
        assert!(ask(&mut peer, message).await.starts_with("[17,"));
    }
    assert_eq!(SUM.load(Ordering::SeqCst), 7);
}

#[tokio::test]
async fn guards_of_sessions_are_held_until_the_session_ends() {
    static ALIVE: AtomicUsize = AtomicUsize::new(0);
    #[session]
    fn online(_session: &Session) -> Guard {
        Guard::new(&ALIVE)
    }
    let mut peer = connect(App::empty().sessions(sessions![online])).await;
    assert_eq!(ALIVE.load(Ordering::SeqCst), 1);
    ask(&mut peer, r#"[6,{},"wamp.close.normal"]"#).await;
    while ALIVE.load(Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
}

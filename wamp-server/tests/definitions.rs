//! Every option of the attributes, as it arrives in the [`Definition`].

use std::time::Duration;

use wamp_server::{
    CallError, Definition, IntoError, Kind, Session, State, Timeout, Topic, UriSpec, procedure,
    procedures, session, sessions, subscriber, subscribers, topic, topics,
};

/// Fetches one document.
///
///   Indented.
#[procedure("docs.get")]
async fn plain(id: u64) -> u64 {
    id
}

const LINE_OF_PLAIN: u32 = line!() - 4;

#[test]
fn what_a_function_says_without_options() {
    let [definition] = procedures![plain];
    assert_eq!(definition.kind, Kind::Procedure);
    assert_eq!(definition.uri, UriSpec::Template("docs.get"));
    assert_eq!(definition.name, "plain");
    assert_eq!(definition.docs, "Fetches one document.\n\n  Indented.");
    assert_eq!(definition.module, module_path!());
    assert_eq!(definition.location.file, file!());
    assert_eq!(definition.location.line, LINE_OF_PLAIN);
    assert_eq!(definition.realm, None);
    assert!(!definition.strict);
    assert_eq!(definition.timeout, Timeout::Default);
    assert_eq!(definition.concurrency, None);
}

#[test]
fn files_can_be_docs() {
    /// Before.
    #[doc = include_str!("definitions.md")]
    /// After.
    #[procedure("docs.included")]
    async fn included() {}

    let [definition] = procedures![included];
    assert_eq!(definition.docs, "Before.\nFrom a file.\n\nAfter.");
}

#[test]
fn uris() {
    #[procedure("docs.{collection}.get")]
    async fn template(collection: &str) {
        let _ = collection;
    }
    #[procedure(prefix = "files.")]
    async fn prefix(uri: Topic<'_>) {
        let _ = uri;
    }
    #[procedure(regex = r"^rooms\.(?P<number>\d+)$")]
    async fn regex(number: u32) {
        let _ = number;
    }
    #[topic("docs.{id}.changes")]
    fn watched(id: u64) {
        let _ = id;
    }
    #[topic(prefix = "")]
    fn every_topic() {}
    #[topic(regex = "^docs")]
    fn some_topics() {}
    #[subscriber("wamp.session.on_join")]
    fn on_join(details: Option<u64>) {
        let _ = details;
    }
    #[subscriber(prefix = "chat.")]
    fn on_chat() {}
    #[subscriber(regex = "^chat")]
    fn on_some_chat() {}
    #[session]
    fn on_open() {}

    let uris =
        |definitions: &[&Definition]| definitions.iter().map(|it| it.uri).collect::<Vec<_>>();
    assert_eq!(
        uris(&procedures![template, prefix, regex]),
        [
            UriSpec::Template("docs.{collection}.get"),
            UriSpec::Prefix("files."),
            UriSpec::Regex(r"^rooms\.(?P<number>\d+)$"),
        ]
    );
    assert_eq!(
        uris(&topics![watched, every_topic, some_topics]),
        [
            UriSpec::Template("docs.{id}.changes"),
            UriSpec::Prefix(""),
            UriSpec::Regex("^docs")
        ]
    );
    assert_eq!(
        uris(&subscribers![on_join, on_chat, on_some_chat]),
        [
            UriSpec::Template("wamp.session.on_join"),
            UriSpec::Prefix("chat."),
            UriSpec::Regex("^chat")
        ]
    );
    assert_eq!(uris(&sessions![on_open]), [UriSpec::None]);
}

#[test]
fn kinds() {
    #[topic("docs.changes")]
    fn watched() {}
    #[subscriber("docs.changed")]
    fn on_change() {}
    #[session]
    fn on_open() {}

    assert_eq!(topics![watched].map(|it| it.kind), [Kind::Topic]);
    assert_eq!(
        subscribers![on_change].map(|it| it.kind),
        [Kind::Subscriber]
    );
    assert_eq!(sessions![on_open].map(|it| it.kind), [Kind::Session]);
}

#[test]
fn realms() {
    #[procedure("a.b", realm = "admins")]
    fn call() {}
    #[topic("a.b", realm = "admins")]
    fn watched() {}
    #[subscriber("a.b", realm = "admins")]
    fn on_event() {}
    #[session(realm = "admins")]
    fn on_open() {}

    let [call, watched] = [procedures![call], topics![watched]].map(|[it]| it.realm);
    let [on_event, on_open] = [subscribers![on_event], sessions![on_open]].map(|[it]| it.realm);
    assert_eq!([call, watched, on_event, on_open], [Some("admins"); 4]);
}

#[test]
fn roles() {
    #[procedure("a.b", roles("admin", "staff"))]
    fn call() {}
    #[topic("a.b", roles("admin", "staff"))]
    fn watched() {}
    #[subscriber("a.b", roles("admin", "staff",))]
    fn on_event() {}
    #[procedure("a.b")]
    fn for_all() {}

    let [call, watched] = [procedures![call], topics![watched]].map(|[it]| it.roles);
    let [on_event, for_all] = [subscribers![on_event], procedures![for_all]].map(|[it]| it.roles);
    assert_eq!([call, watched, on_event], [["admin", "staff"]; 3]);
    assert!(for_all.is_empty());
}

#[test]
fn authentication_of_session_handlers() {
    #[session]
    fn after() {}
    #[session(unauthenticated)]
    fn before() {}

    let all = [sessions![after], sessions![before]].map(|[it]| it.authenticated);
    assert_eq!(all, [true, false]);
}

#[test]
fn strictness() {
    #[procedure("a.b", strict)]
    fn call() {}
    #[subscriber("a.b", strict)]
    fn on_event() {}

    let [call, on_event] = [procedures![call], subscribers![on_event]].map(|[it]| it.strict);
    assert!(call && on_event);
}

#[test]
fn timeouts() {
    #[procedure("a.b", timeout = "500ms")]
    fn short() {}
    #[procedure("a.b", timeout = "1h")]
    fn long() {}
    #[procedure("a.b", timeout = none)]
    fn none() {}

    assert_eq!(
        procedures![short, long, none].map(|it| it.timeout),
        [
            Timeout::After(Duration::from_millis(500)),
            Timeout::After(Duration::from_secs(3600)),
            Timeout::None,
        ]
    );
}

#[test]
fn limits_of_concurrency() {
    #[procedure("a.b", concurrency = 4)]
    async fn limited() {}

    assert_eq!(procedures![limited].map(|it| it.concurrency), [Some(4)]);
}

#[test]
fn names_of_arguments() {
    #[procedure("docs.{collection_id}.get", rename_all = "camelCase")]
    async fn renamed(
        collection_id: &str,
        document_id: u64,
        #[arg(name = "ETag")] tag: u64,
        #[arg(name = "corner")] (x, y): (u64, u64),
        _: u64,
    ) {
        let _ = (collection_id, document_id, tag, x, y);
    }
    #[subscriber("docs.changed", rename_all = "kebab-case")]
    fn on_change(document_id: u64) {
        let _ = document_id;
    }

    let names = |definition: &Definition| {
        definition
            .params
            .iter()
            .map(|it| it.name)
            .collect::<Vec<_>>()
    };
    let ([renamed], [on_change]) = (procedures![renamed], subscribers![on_change]);
    assert_eq!(
        names(renamed),
        ["collection_id", "documentId", "ETag", "corner", ""]
    );
    assert_eq!(names(on_change), ["document-id"]);
}

#[test]
fn optional_arguments() {
    type Maybe<T> = Option<T>;

    #[procedure("a.b")]
    async fn optional(
        session: &Session,
        state: State<'_, u64>,
        required: u64,
        #[arg(default = 7)] with_default: u64,
        #[arg(default)] zero: u64,
        maybe: Maybe<u64>,
    ) {
        let _ = (session, state, required, with_default, zero, maybe);
    }

    let [definition] = procedures![optional];
    let optional = definition
        .params
        .iter()
        .map(wamp_server::Param::is_optional);
    assert_eq!(
        optional.collect::<Vec<_>>(),
        [true, true, false, true, true, true]
    );
    let defaults = definition.params.iter().map(|it| it.has_default);
    assert_eq!(
        defaults.collect::<Vec<_>>(),
        [false, false, false, true, true, false]
    );
}

#[derive(Debug, CallError)]
enum DocsError {
    #[error(uri = "docs.error.not_found", message = "no such document")]
    NotFound(#[arg] u64),
    #[error(uri = "docs.error.storage")]
    Storage { source: std::num::ParseIntError },
    #[error(internal)]
    Format(#[from] std::fmt::Error),
    #[error(internal)]
    Poisoned,
    #[error(transparent)]
    Access(#[from] AccessError),
}

#[derive(Debug, CallError)]
#[error(uri = "docs.error.forbidden")]
struct AccessError {
    #[kwarg(name = "neededRole")]
    role: &'static str,
}

#[test]
fn errors_have_the_uri_of_their_variant() {
    let not_a_number = "x".parse::<u64>().expect_err("not a number");
    let sent = |error: DocsError| error.into_error();
    let cause = |error: &CallError| error.cause().map(ToString::to_string);

    let error = sent(DocsError::NotFound(7));
    assert_eq!((error.uri(), cause(&error)), ("docs.error.not_found", None));

    let error = sent(DocsError::Storage {
        source: not_a_number,
    });
    assert_eq!(error.uri(), "docs.error.storage");
    assert_eq!(
        cause(&error).as_deref(),
        Some("invalid digit found in string")
    );

    let error = sent(std::fmt::Error.into());
    assert_eq!(error.uri(), "wamp.error.runtime_error");
    assert_eq!(cause(&error), Some(std::fmt::Error.to_string()));

    let error = sent(DocsError::Poisoned);
    assert_eq!(error.uri(), "wamp.error.runtime_error");
    assert_eq!(cause(&error).as_deref(), Some("Poisoned"));

    let error = sent(AccessError { role: "editor" }.into());
    assert_eq!((error.uri(), cause(&error)), ("docs.error.forbidden", None));
}

#[test]
fn thiserror_and_call_error_share_a_type() {
    #[derive(Debug, thiserror::Error, CallError)]
    enum Shared {
        #[error("document {0} does not exist")]
        #[wamp(uri = "docs.error.not_found")]
        NotFound(#[arg] u64),
        #[error("the format is broken")]
        #[wamp(internal)]
        Format(#[from] std::fmt::Error),
        #[error(transparent)]
        #[wamp(uri = "docs.error.number")]
        Number(#[from] std::num::ParseIntError),
    }

    let not_found = Shared::NotFound(7);
    assert_eq!(not_found.to_string(), "document 7 does not exist");
    assert_eq!(not_found.into_error().uri(), "docs.error.not_found");
    assert_eq!(
        Shared::from(std::fmt::Error).into_error().uri(),
        "wamp.error.runtime_error"
    );
    let number = Shared::from("x".parse::<u64>().expect_err("not a number")).into_error();
    assert!(number.cause().is_some());
}

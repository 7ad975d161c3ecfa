//! Services: methods as handlers, on one value or several.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wamp_server::{
    App, Call, CallError, Kind, Progress, Realm, Session, State, Topic, UriSpec, service,
};

use crate::support::{ANY, Client, Log, build, json};

#[derive(Default)]
struct Library {
    name: &'static str,
    calls: AtomicUsize,
    log: Log,
}

impl Library {
    fn named(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }
}

#[service(prefix = "docs", rename_all = "camelCase")]
impl Library {
    /// A constant is no method.
    const FACTOR: u64 = 10;

    /// Fetches one document.
    #[procedure]
    async fn get_document(
        &self,
        document_id: u64,
        #[arg(default = "en")] language: &str,
    ) -> String {
        self.calls.fetch_add(1, Ordering::Relaxed);
        format!("{} {} {language}", self.name, self.scaled(document_id))
    }

    #[procedure("{collection}.size", strict)]
    fn size(&self, collection: &str) -> Result<usize, CallError> {
        match collection {
            "books" => Ok(3),
            _ => Err(CallError::new("docs.error.no_collection")),
        }
    }

    #[procedure(blocking)]
    fn block(&self) -> bool {
        std::thread::current().name().is_some()
    }

    #[procedure("export", timeout = "5s", concurrency = 1)]
    async fn export(&self, progress: &Progress<u8>, session: &Session) -> u64 {
        for percent in [50, 100] {
            progress.send(percent).await;
        }
        session.id().get().min(1)
    }

    #[procedure(prefix = "any.")]
    async fn any(&self, call: &Call, offset: State<'_, u64>) -> (String, u64) {
        (call.uri().to_owned(), *offset)
    }

    #[subscriber("news")]
    async fn news(&self, text: String) {
        self.log.note(format!("{} hears {text}", self.name));
    }

    #[topic("changes.{id}")]
    async fn changes(&self, id: u64, topic: Topic<'_>) -> Result<impl Send + use<>, CallError> {
        if id == 0 {
            return Err(CallError::not_authorized());
        }
        Ok(self.log.guard(&*topic))
    }

    #[session]
    async fn opened(&self, session: &Session) {
        let _ = session.id();
        self.log.note(format!("{} welcomes", self.name));
    }

    #[cfg(any())]
    #[procedure]
    async fn absent(&self, nothing: Nothing) {}

    /// Not annotated, hence not served.
    fn scaled(&self, id: u64) -> u64 {
        id * Self::FACTOR
    }
}

fn app() -> App {
    App::empty().state(7_u64)
}

async fn call(client: &mut Client, uri: &str, args: serde_json::Value) -> serde_json::Value {
    client.say(json!([48, 1, {}, uri, args]).to_string()).await;
    client.next().await
}

#[tokio::test(start_paused = true)]
async fn methods_are_procedures() {
    let library = Arc::new(Library::named("one"));
    let server = build(app().service(Arc::clone(&library)));
    let mut client = Client::join(&server).await;
    let answer = call(&mut client, "docs.getDocument", json!([7])).await;
    assert_eq!(answer, json!([50, 1, {}, ["one 70 en"]]));
    let by_name = json!([48, 1, {}, "docs.getDocument", [], { "documentId": 8, "language": "de" }]);
    client.say(by_name.to_string()).await;
    client.hears(json!([50, 1, {}, ["one 80 de"]])).await;
    assert_eq!(library.calls.load(Ordering::Relaxed), 2);
    assert_eq!(library.get_document(1, "fr").await, "one 10 fr");
}

#[tokio::test(start_paused = true)]
async fn methods_have_what_functions_have() {
    let server = build(app().service(Library::named("one")));
    let mut client = Client::join(&server).await;
    let answer = call(&mut client, "docs.books.size", json!([])).await;
    assert_eq!(answer, json!([50, 1, {}, [3]]));
    let answer = call(&mut client, "docs.films.size", json!([])).await;
    assert_eq!(answer, json!([8, 48, 1, {}, "docs.error.no_collection"]));
    let answer = call(&mut client, "docs.books.size", json!([1])).await;
    assert_eq!(answer[4], "wamp.error.invalid_argument");
    let answer = call(&mut client, "docs.block", json!([])).await;
    assert_eq!(answer, json!([50, 1, {}, [true]]));
    let answer = call(&mut client, "docs.any.thing", json!([])).await;
    assert_eq!(answer, json!([50, 1, {}, ["docs.any.thing", 7]]));
    client
        .say(r#"[48,1,{"receive_progress":true},"docs.export"]"#)
        .await;
    client.hears(json!([50, 1, {"progress": true}, [50]])).await;
    client
        .hears(json!([50, 1, {"progress": true}, [100]]))
        .await;
    client.hears(json!([50, 1, {}, [1]])).await;
}

#[tokio::test(start_paused = true)]
async fn methods_are_topics_subscribers_and_session_handlers() {
    let library = Arc::new(Library::named("one"));
    let server = build(app().service(Arc::clone(&library)));
    let mut client = Client::join(&server).await;
    client.say(r#"[32,1,{},"docs.changes.0"]"#).await;
    client
        .hears(json!([8, 32, 1, {}, "wamp.error.not_authorized"]))
        .await;
    client.say(r#"[32,2,{},"docs.changes.5"]"#).await;
    client.hears(json!([33, 2, ANY])).await;
    client
        .say(r#"[16,3,{"acknowledge":true},"docs.news",["hello"]]"#)
        .await;
    client.hears(json!([17, 3, ANY])).await;
    crate::support::settle().await;
    let log = library.log.take();
    assert!(log.contains(&"one welcomes".to_owned()), "{log:?}");
    assert!(log.contains(&"one hears hello".to_owned()), "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn several_of_one_type_have_a_prefix_each() {
    let app = app()
        .service_at("eu", Library::named("europe"))
        .service_at("us.east", Library::named("america"));
    let server = build(app);
    let mut client = Client::join(&server).await;
    let answer = call(&mut client, "eu.docs.getDocument", json!([1])).await;
    assert_eq!(answer, json!([50, 1, {}, ["europe 10 en"]]));
    let answer = call(&mut client, "us.east.docs.getDocument", json!([1])).await;
    assert_eq!(answer, json!([50, 1, {}, ["america 10 en"]]));
    let answer = call(&mut client, "us.east.docs.books.size", json!([])).await;
    assert_eq!(answer, json!([50, 1, {}, [3]]));
    let answer = call(&mut client, "eu.docs.any.thing", json!([])).await;
    assert_eq!(answer[3][0], "eu.docs.any.thing");
    let answer = call(&mut client, "docs.getDocument", json!([1])).await;
    assert_eq!(answer[4], "wamp.error.no_such_procedure");
}

#[test]
fn one_uri_twice_is_a_mistake_that_is_told_with_its_places() {
    let app = app()
        .service(Library::named("one"))
        .service(Library::named("two"));
    let problems = app.build().expect_err("two of the same").to_string();
    assert!(problems.contains("docs.getDocument"), "{problems}");
    assert!(problems.contains("service.rs:"), "{problems}");
}

#[test]
fn a_prefix_is_checked_when_the_application_is_built() {
    for prefix in ["a b", "wamp", "a..b"] {
        let app = app().service_at(prefix, Library::named("one"));
        app.build().expect_err(prefix);
    }
    let problems = App::empty()
        .service(Library::named("one"))
        .build()
        .expect_err("there is no state");
    assert!(problems.to_string().contains("State<u64>"), "{problems}");
}

#[test]
fn methods_say_about_themselves_what_functions_do() {
    let server = build(app().service(Library::named("one")));
    let realm = server.realm("realm1").expect("the default realm");
    let definitions = realm.definitions();
    let get = definitions
        .iter()
        .find(|it| it.name == "get_document")
        .expect("a method");
    assert_eq!(get.kind, Kind::Procedure);
    assert_eq!(get.uri, UriSpec::Template("docs.getDocument"));
    assert_eq!(get.docs, "Fetches one document.");
    assert_eq!(get.params[0].name, "documentId");
    assert!(get.params[1].is_optional());
    assert!(get.location.file.ends_with("service.rs"));
    assert_eq!(definitions.len(), 8);
}

struct Admin;

#[service]
impl Admin {
    #[procedure(realm = "admins")]
    async fn reset(&self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn methods_go_to_the_realm_that_they_name() {
    let server = build(App::empty().service(Admin).realm(Realm::new("admins")));
    let admins = server.realm("admins").expect("it is there");
    assert_eq!(admins.definitions().len(), 1);
    let problems = App::empty().service(Admin).build().expect_err("no realm");
    assert!(problems.to_string().contains("admins"), "{problems}");
    let named = Realm::new("admins").service_at("x", Admin);
    build(App::empty().default_realm(false).realm(named));
}

trait Store: Send + Sync + 'static {
    fn load(&self, id: u64) -> impl Future<Output = String> + Send;
}

struct Fake;

impl Store for Fake {
    async fn load(&self, id: u64) -> String {
        format!("fake {id}")
    }
}

struct Generic<S>(S);

#[service]
impl<S: Store> Generic<S> {
    #[procedure("generic.load")]
    async fn load(&self, id: u64) -> String {
        self.0.load(id).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_can_be_generic() {
    let server = build(App::empty().service(Generic(Fake)));
    let mut client = Client::join(&server).await;
    let answer = call(&mut client, "generic.load", json!([3])).await;
    assert_eq!(answer, json!([50, 1, {}, ["fake 3"]]));
}

#[service(prefix = "api", rename_all = "camelCase")]
trait Docs {
    /// What the trait says.
    #[procedure("get_it")]
    async fn get_document(
        &self,
        document_id: u64,
        #[arg(name = "lang")] language: &str,
    ) -> Result<String, CallError>;

    #[procedure]
    fn how_many(&self) -> usize;
}

#[service(prefix = "v1", part)]
impl Docs for Admin2 {
    #[procedure(strict, roles("anonymous"))]
    async fn get_document(
        &self,
        id: u64,
        #[arg(default = "en")] lang: &str,
    ) -> Result<String, CallError> {
        Ok(format!("{id} {lang}"))
    }

    /// What the `impl` says.
    fn how_many(&self) -> usize {
        5
    }
}

struct Admin2;

#[service(prefix = "admin", parts(Docs))]
impl Admin2 {
    #[procedure]
    async fn whoami(&self, session: &Session) -> bool {
        session.id().get() > 0
    }
}

#[tokio::test(start_paused = true)]
async fn a_trait_says_the_uris_and_names() {
    let server = build(App::empty().service(Admin2));
    let mut client = Client::join(&server).await;
    let answer = call(&mut client, "v1.api.get_it", json!([3])).await;
    assert_eq!(answer, json!([50, 1, {}, ["3 en"]]));
    client
        .say(r#"[48,2,{},"v1.api.get_it",[],{"documentId":4,"lang":"de"}]"#)
        .await;
    client.hears(json!([50, 2, {}, ["4 de"]])).await;
    let answer = call(&mut client, "v1.api.howMany", json!([])).await;
    assert_eq!(answer, json!([50, 1, {}, [5]]));
    let answer = call(&mut client, "admin.whoami", json!([])).await;
    assert_eq!(answer, json!([50, 1, {}, [true]]));

    let realm = server.realm("realm1").expect("the default realm");
    let docs = realm
        .definitions()
        .iter()
        .map(|it| it.docs)
        .collect::<Vec<_>>();
    assert_eq!(docs, ["What the trait says.", "What the `impl` says.", ""]);
    assert_eq!(Admin2.how_many(), 5);
}

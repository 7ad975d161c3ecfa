//! One trait on both sides: what `#[client]` makes of it calls what `#[service]` makes of it.

use std::io;
use std::time::Duration;

use futures_core::Stream;
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use wamp_client::proto::error::Failure;
use wamp_client::{CallError, Client, TypedError, client};
use wamp_server::{App, Progress, Single, procedure, procedures, service};

/// A library.
#[client(prefix = "docs", rename_all = "camelCase")]
trait Docs: Send {
    /// Fetches one document.
    #[procedure]
    async fn get_document(&self, document_id: u64) -> Result<Document, DocsError>;

    #[procedure("search", kwargs)]
    async fn search(
        &self,
        text: &str,
        #[arg(name = "max")] limit: Option<usize>,
    ) -> Result<Vec<Document>, DocsError>;

    #[procedure]
    fn count(&self) -> usize;

    #[procedure]
    async fn touch(&self);

    #[procedure]
    async fn rows(&self) -> Single<Vec<Vec<u8>>>;

    #[procedure]
    async fn pair(&self, pair: (u8, String)) -> Result<(u8, String), Failure>;

    #[procedure]
    async fn slow(&self) -> Result<(), DocsError>;

    #[procedure]
    fn titles(&self) -> impl Stream<Item = String> + Send;

    #[procedure]
    async fn pages(&self, last: u8) -> impl Stream<Item = Result<u8, DocsError>> + Send;

    #[procedure]
    async fn aliased(&self) -> aliased::Result<u64>;
}

mod aliased {
    pub(crate) type Result<T> = std::result::Result<T, super::DocsError>;
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Document {
    id: u64,
    title: String,
}

#[derive(Debug, CallError)]
enum DocsError {
    #[error(uri = "docs.error.not_found", message = "no such document")]
    NotFound(#[arg] u64),
    #[error(uri = "docs.error.too_many")]
    TooMany {
        #[kwarg]
        limit: usize,
    },
    #[error(internal)]
    Io(#[from] io::Error),
}

struct Library(Vec<&'static str>);

impl Library {
    fn all(&self) -> impl Iterator<Item = Document> {
        self.0.iter().zip(0..).map(|(title, id)| Document {
            id,
            title: (*title).to_owned(),
        })
    }
}

#[service]
impl Docs for Library {
    async fn get_document(&self, document_id: u64) -> Result<Document, DocsError> {
        if document_id == 13 {
            return Err(io::Error::other("a secret").into());
        }
        let mut all = self.all();
        all.find(|it| it.id == document_id)
            .ok_or(DocsError::NotFound(document_id))
    }

    async fn search(
        &self,
        text: &str,
        #[arg(default = Some(2))] limit: Option<usize>,
    ) -> Result<Vec<Document>, DocsError> {
        let limit = limit.unwrap_or(100);
        let found = self.all().filter(|it| it.title.contains(text));
        let found = found.collect::<Vec<_>>();
        match found.len() {
            found if found > limit => Err(DocsError::TooMany { limit }),
            _ => Ok(found),
        }
    }

    fn count(&self) -> usize {
        self.0.len()
    }

    async fn touch(&self) {}

    async fn rows(&self) -> Single<Vec<Vec<u8>>> {
        Single(vec![vec![1, 2]])
    }

    async fn pair(&self, pair: (u8, String)) -> Result<(u8, String), Failure> {
        if pair.0 == 0 {
            return Err(Failure::new("docs.error.zero").arg(pair.1));
        }
        Ok(pair)
    }

    async fn slow(&self) -> Result<(), DocsError> {
        std::future::pending().await
    }

    fn titles(&self) -> impl Stream<Item = String> + Send {
        stream::iter(self.all().map(|it| it.title))
    }

    async fn pages(&self, last: u8) -> impl Stream<Item = Result<u8, DocsError>> + Send {
        let pages = (0..3).map(move |page| match page {
            page if page > last => Err(DocsError::NotFound(page.into())),
            page => Ok(page),
        });
        stream::iter(pages)
    }

    async fn aliased(&self) -> aliased::Result<u64> {
        Err(DocsError::NotFound(1))
    }
}

/// What is not implemented by a service of this trait, but served all the same.
#[client]
trait Elsewhere {
    #[procedure("elsewhere.export", progress = u8)]
    async fn export(&self, steps: u8) -> Result<String, DocsError>;

    #[procedure("elsewhere.missing")]
    async fn missing(&self) -> Result<u64, DocsError>;

    #[procedure("elsewhere.export")]
    async fn export_to_a_number(&self, steps: u8) -> u64;
}

#[procedure("elsewhere.export")]
async fn export(steps: u8, progress: &Progress<u8>) -> Result<String, DocsError> {
    for step in 0..steps {
        progress.send(step).await;
    }
    match steps {
        0 => Err(DocsError::TooMany { limit: 0 }),
        _ => Ok("done".to_owned()),
    }
}

async fn connect() -> Client {
    let app = App::empty()
        .procedures(procedures![export])
        .service(Library(vec!["one", "two", "three"]))
        .service_at("eu", Library(vec!["un"]));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { app.serve_with(listener, std::future::pending()).await });
    let url = format!("ws://{address}/ws");
    let client = Client::connect(&url, "realm1").await;
    client.expect("there is a server")
}

async fn docs() -> DocsClient {
    DocsClient::new(connect().await)
}

#[tokio::test]
async fn values_arrive_and_return() {
    let docs = docs().await;
    let two = Document {
        id: 1,
        title: "two".to_owned(),
    };
    assert_eq!(docs.get_document(1).await.expect("a document"), two);
    assert_eq!(docs.search("w", None).await.expect("one"), [two]);
    assert_eq!(docs.search("e", Some(2)).await.expect("two").len(), 2);
    assert!(docs.search("x", None).await.expect("none").is_empty());
    assert_eq!(docs.count().await.expect("a number"), 3);
    docs.touch().await.expect("nothing");
    assert_eq!(docs.rows().await.expect("one row").0, [[1, 2]]);
    let pair = (1, "a".to_owned());
    assert_eq!(docs.pair(pair.clone()).await.expect("the same"), pair);
}

#[tokio::test]
async fn errors_are_variants_again() {
    let docs = docs().await;
    let error = docs.get_document(7).await.expect_err("there are three");
    assert!(
        matches!(error.service(), Some(DocsError::NotFound(7))),
        "{error}"
    );
    let error = docs.search("", Some(1)).await.expect_err("too many");
    assert!(
        matches!(error, TypedError::Service(DocsError::TooMany { limit: 1 })),
        "{error}"
    );
    let error = docs.aliased().await.expect_err("always");
    assert!(
        matches!(error.service(), Some(DocsError::NotFound(1))),
        "{error}"
    );
    let error = docs.pair((0, "a".to_owned())).await.expect_err("zero");
    let failure = error.service().expect("any error");
    assert_eq!(failure.uri(), "docs.error.zero");
}

#[tokio::test]
async fn other_errors_are_what_they_are() {
    let client = connect().await;
    let docs = DocsClient::new(client.clone());
    let error = docs.get_document(13).await.expect_err("it is unlucky");
    let TypedError::Call(error) = error else {
        panic!("{error}")
    };
    assert_eq!(error.uri(), Some("wamp.error.runtime_error"));

    let elsewhere = ElsewhereClient::new(client);
    let error = elsewhere.missing().await.expect_err("nobody serves it");
    let text = error.to_string();
    assert!(text.contains("wamp.error.no_such_procedure"), "{text}");
    let error = elsewhere.export_to_a_number(1).await.expect_err("a text");
    assert!(matches!(error, CallError::Decode(_)), "{error}");
}

#[tokio::test]
async fn a_call_has_options() {
    let docs = docs().await;
    let slow = docs.slow().timeout(Duration::from_millis(1)).await;
    let error = slow.expect_err("it never ends");
    assert!(
        matches!(error, TypedError::Call(CallError::Timeout(_)))
            || error.to_string().contains("wamp.error.timeout"),
        "{error}"
    );
    let call = docs.count().with(|call| call.disclose_me(true)).untyped();
    assert_eq!(call.get::<u8>().await.expect("a number"), 3);
}

#[tokio::test]
async fn progress_comes_before_the_result() {
    let elsewhere = ElsewhereClient::new(connect().await);
    let mut export = elsewhere.export(3).progress();
    let mut steps = Vec::new();
    while let Some(step) = export.next().await {
        steps.push(step.expect("a number"));
    }
    assert_eq!(steps, [0, 1, 2]);
    assert_eq!(export.result().await.expect("a text"), "done");
    let error = elsewhere.export(0).progress().result().await;
    let error = error.expect_err("nothing to do");
    assert!(
        matches!(error.service(), Some(DocsError::TooMany { limit: 0 })),
        "{error}"
    );
    assert_eq!(elsewhere.export(1).await.expect("a text"), "done");
}

#[tokio::test]
async fn the_items_of_a_stream_are_progress() {
    let docs = docs().await;
    let mut titles = docs.titles().progress();
    let mut heard = Vec::new();
    while let Some(title) = titles.next().await {
        heard.push(title.expect("a text"));
    }
    assert_eq!(heard, ["one", "two", "three"]);
    titles.result().await.expect("it has ended");
    let mut pages = docs.pages(1).progress();
    let mut heard = Vec::new();
    while let Some(page) = pages.next().await {
        heard.push(page.expect("a number"));
    }
    assert_eq!(heard, [0, 1]);
    let error = pages.result().await.expect_err("there are two");
    assert!(
        matches!(error.service(), Some(DocsError::NotFound(2))),
        "{error}"
    );
}

#[tokio::test]
async fn a_prefix_leads_to_another_of_the_same_type() {
    let docs = docs().await;
    let europe = DocsClient::at(docs.client().clone(), "eu");
    assert_eq!(europe.count().await.expect("a number"), 1);
    assert_eq!(docs.count().await.expect("a number"), 3);
}

#[tokio::test]
async fn the_trait_is_an_ordinary_one() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    async fn first(docs: &impl Docs) -> Option<Document> {
        is_send(docs.get_document(0)).await.ok()
    }
    let library = Library(vec!["one"]);
    assert_eq!(
        first(&library).await.map(|it| it.title).as_deref(),
        Some("one")
    );
    assert_eq!(library.count(), 1);
}

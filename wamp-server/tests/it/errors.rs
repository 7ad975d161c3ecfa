//! What handlers fail with, and what callers see of it.

use wamp_server::{App, CallError, IntoError, Server, procedure, procedures};

use crate::support::{Client, build, json};

#[derive(Debug, CallError)]
enum DocsError {
    #[error(uri = "docs.error.not_found")]
    NotFound(#[arg] u64),
    #[error(uri = "docs.error.locked", message = "somebody edits it")]
    Locked {
        #[kwarg]
        by: String,
    },
    #[error(uri = "docs.error.plain")]
    Plain,
    #[error(internal)]
    Disk(#[from] std::io::Error),
    #[error(transparent)]
    Other(CallError),
}

#[procedure("fail")]
async fn fail(how: &str) -> Result<i64, DocsError> {
    Err(match how {
        "not found" => DocsError::NotFound(7),
        "locked" => DocsError::Locked {
            by: "joe".to_owned(),
        },
        "plain" => DocsError::Plain,
        "disk" => std::io::Error::other("/var/secret").into(),
        "other" => DocsError::Other(CallError::new("other.error").arg(1).kwarg("k", "v")),
        _ => return Ok(1),
    })
}

#[procedure("question.mark")]
async fn question_mark(number: &str) -> Result<i64, CallError> {
    Ok(number.parse::<i64>()?)
}

#[procedure("boxed")]
async fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err("a secret".into())
}

fn server() -> Server {
    build(App::empty().procedures(procedures![fail, question_mark, boxed]))
}

#[tokio::test(start_paused = true)]
async fn an_error_has_a_uri_and_what_it_was_given() {
    let mut client = Client::join(&server()).await;
    for (how, wire) in [
        ("not found", r#"[8,48,1,{},"docs.error.not_found",[7]]"#),
        (
            "locked",
            r#"[8,48,1,{},"docs.error.locked",["somebody edits it"],{"by":"joe"}]"#,
        ),
        ("plain", r#"[8,48,1,{},"docs.error.plain"]"#),
        ("other", r#"[8,48,1,{},"other.error",[1],{"k":"v"}]"#),
        ("not at all", "[50,1,{},[1]]"),
    ] {
        client
            .say(json!([48, 1, {}, "fail", [how]]).to_string())
            .await;
        client.hears_bytes(wire).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_internal_stays_inside() {
    let mut client = Client::join(&server()).await;
    for call in [
        r#"[48,1,{},"fail",["disk"]]"#,
        r#"[48,1,{},"question.mark",["x"]]"#,
        r#"[48,1,{},"boxed"]"#,
    ] {
        client.say(call).await;
        client
            .hears_bytes(r#"[8,48,1,{},"wamp.error.runtime_error"]"#)
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_made_on_the_spot_has_any_arguments() {
    let cases = [
        (CallError::new("my.err"), r#"[8,48,1,{},"my.err"]"#),
        (
            CallError::new("my.err").arg("a").kwarg("k", 1),
            r#"[8,48,1,{},"my.err",["a"],{"k":1}]"#,
        ),
        (
            CallError::new("my.err").kwarg("k", 1),
            r#"[8,48,1,{},"my.err",[],{"k":1}]"#,
        ),
        (
            CallError::new("my.err").because("a secret"),
            r#"[8,48,1,{},"my.err"]"#,
        ),
        (
            CallError::internal("a secret").arg("public"),
            r#"[8,48,1,{},"wamp.error.runtime_error",["public"]]"#,
        ),
        (
            CallError::not_authorized(),
            r#"[8,48,1,{},"wamp.error.not_authorized"]"#,
        ),
        (
            CallError::invalid_argument("no"),
            r#"[8,48,1,{},"wamp.error.invalid_argument",["no"]]"#,
        ),
    ];
    for (error, wire) in cases {
        let error = std::sync::Mutex::new(Some(error));
        let server = build(App::empty().procedure("fail", move || {
            let error = error
                .lock()
                .expect("not poisoned")
                .take()
                .expect("called once");
            std::future::ready(Err::<(), _>(error))
        }));
        let mut client = Client::join(&server).await;
        client.say(r#"[48,1,{},"fail"]"#).await;
        client.hears_bytes(wire).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_no_uri_or_cannot_be_sent_is_still_one_answer() {
    let app = App::empty()
        .procedure("not.a.uri", async || {
            Err::<(), _>(CallError::new("not a uri").arg(1))
        })
        .procedure("empty", async || Err::<(), _>(CallError::new("")))
        .procedure("unsendable", async || {
            Err::<(), _>(CallError::new("my.err").arg(f64::NAN))
        });
    let mut client = Client::join(&build(app)).await;
    client.say(r#"[48,1,{},"not.a.uri"]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "wamp.error.runtime_error", [1]]))
        .await;
    client.say(r#"[48,2,{},"empty"]"#).await;
    client
        .hears(json!([8, 48, 2, {}, "wamp.error.runtime_error"]))
        .await;
    client.say(r#"[48,3,{},"unsendable"]"#).await;
    client.hears(json!([8, 48, 3, {}, "my.err"])).await;
    client.hears_nothing().await;
}

#[tokio::test(start_paused = true)]
async fn an_error_type_may_be_written_by_hand() {
    struct Teapot;
    impl IntoError for Teapot {
        fn into_error(self) -> CallError {
            CallError::new("tea.error.teapot").arg(418)
        }
    }
    let server = build(App::empty().procedure("brew", async || Err::<(), _>(Teapot)));
    let mut client = Client::join(&server).await;
    client.say(r#"[48,1,{},"brew"]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "tea.error.teapot", [418]]))
        .await;
}

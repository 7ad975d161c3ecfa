//! Errors from their URI: the way back that `#[derive(CallError)]` writes.

use std::borrow::Cow;
use std::fmt::Debug;
use std::io;

use serde::{Deserialize, Serialize};
use wamp_proto::codec::Format;
use wamp_proto::error::FromError;
use wamp_proto::payload::{Payload, PayloadBuilder};
use wamp_server::{CallError, IntoError};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct DocumentId(u64);

#[derive(Debug, PartialEq, Serialize)]
struct OnlySent;

/// What its arguments lead back to.
#[derive(Debug, CallError)]
enum DocsError {
    #[error(uri = "docs.error.closed")]
    Closed,
    #[error(uri = "docs.error.not_found", message = "no such document")]
    NotFound(#[arg] DocumentId),
    #[error(uri = "docs.error.conflict")]
    Conflict {
        #[kwarg(name = "currentRevision")]
        revision: Option<u32>,
        #[arg]
        author: Cow<'static, str>,
    },
    #[error(uri = "docs.error.only_sent")]
    OnlySent(#[arg] OnlySent),
    #[error(uri = "docs.error.borrowed")]
    Borrowed(#[arg] &'static str),
    #[error(uri = "docs.error.incomplete")]
    #[expect(dead_code, reason = "nothing leads back to it")]
    Incomplete {
        #[arg]
        id: u64,
        _secret: u64,
    },
    #[error(uri = "docs.error.twice")]
    Number(#[arg] u64),
    #[error(uri = "docs.error.twice")]
    Text(#[arg] String),
    #[error(internal)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Other(#[from] Handmade),
}

#[derive(Debug, CallError)]
#[error(uri = "docs.error.access")]
struct AccessError {
    #[kwarg]
    role: String,
}

/// Without a way back.
#[derive(Debug)]
struct Handmade;

impl IntoError for Handmade {
    fn into_error(self) -> CallError {
        CallError::new("docs.error.handmade")
    }
}

/// Neither lifetimes nor type parameters get bounds.
#[derive(Debug, CallError)]
enum Generic<'a, T: Serialize> {
    #[error(uri = "docs.error.generic")]
    Generic(#[arg] T),
    #[error(uri = "docs.error.lent")]
    Lent(#[arg] &'a str),
}

fn payload(args: &[&str], kwargs: &[(&str, u32)]) -> Payload {
    let mut builder = PayloadBuilder::new();
    for arg in args {
        let value: serde_json::Value = serde_json::from_str(arg).expect("JSON");
        builder.arg(&value);
    }
    for (key, value) in kwargs {
        builder.kwarg(key, value);
    }
    builder.build(Format::MsgPack).expect("it can be encoded")
}

fn shown(uri: &str, args: &[&str], kwargs: &[(&str, u32)]) -> String {
    debug::<DocsError>(uri, &payload(args, kwargs))
}

fn debug<E: FromError + Debug>(uri: &str, payload: &Payload) -> String {
    E::from_error(uri, payload).map_or_else(String::new, |error| format!("{error:?}"))
}

#[test]
fn a_uri_is_a_variant() {
    assert_eq!(shown("docs.error.closed", &[], &[]), "Closed");
    assert_eq!(shown("docs.error.closed", &["1"], &[("a", 1)]), "Closed");
    assert_eq!(shown("docs.error.closed2", &[], &[]), "");
}

#[test]
fn arguments_are_fields_again_behind_the_message() {
    let error = shown("docs.error.not_found", &["\"no such document\"", "7"], &[]);
    assert_eq!(error, "NotFound(DocumentId(7))");
    let author = &["\"Ann\""];
    let error = shown("docs.error.conflict", author, &[("currentRevision", 3)]);
    let expected = r#"Conflict { revision: Some(3), author: "Ann" }"#;
    assert_eq!(error, expected);
    let expected = r#"Conflict { revision: None, author: "Ann" }"#;
    assert_eq!(shown("docs.error.conflict", author, &[]), expected);
}

#[test]
fn arguments_of_other_types_are_no_variant() {
    assert_eq!(shown("docs.error.not_found", &["\"text\""], &[]), "");
    assert_eq!(shown("docs.error.not_found", &["\"\"", "-1"], &[]), "");
    assert_eq!(shown("docs.error.conflict", &[], &[]), "");
}

#[test]
fn variants_with_one_uri_are_told_apart_by_their_arguments() {
    assert_eq!(shown("docs.error.twice", &["1"], &[]), "Number(1)");
    assert_eq!(shown("docs.error.twice", &["\"1\""], &[]), "Text(\"1\")");
}

#[test]
fn what_cannot_be_made_again_is_no_variant() {
    for uri in ["only_sent", "borrowed", "incomplete", "handmade", "io"] {
        let uri = format!("docs.error.{uri}");
        assert_eq!(shown(&uri, &["1", "2"], &[]), "", "{uri}");
        assert_eq!(shown(&uri, &["\"text\""], &[]), "", "{uri}");
    }
    assert_eq!(shown("wamp.error.runtime_error", &[], &[]), "");
}

#[test]
fn a_transparent_variant_is_what_it_holds() {
    let mut builder = PayloadBuilder::new();
    builder.kwarg("role", "admin");
    let payload = builder.build(Format::Json).expect("it can be encoded");
    let error = debug::<DocsError>("docs.error.access", &payload);
    assert_eq!(error, r#"Access(AccessError { role: "admin" })"#);
}

#[test]
fn generic_errors_compile_and_lead_nowhere() {
    let payload = payload(&["1"], &[]);
    assert_eq!(
        debug::<Generic<'_, u64>>("docs.error.generic", &payload),
        ""
    );
    assert_eq!(debug::<Generic<'_, u64>>("docs.error.lent", &payload), "");
}

mod property {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug, PartialEq, CallError)]
    enum Sample {
        #[error(uri = "sample.a", message = "for humans")]
        A(
            #[arg] i64,
            #[kwarg(name = "second")] Option<String>,
            #[arg] Vec<u8>,
        ),
        #[error(uri = "sample.b")]
        B {
            #[kwarg]
            first: bool,
            #[kwarg]
            second: (i32, String),
        },
    }

    proptest! {
        #[test]
        fn what_is_sent_comes_back(
            is_a: bool,
            number: i64,
            maybe: Option<String>,
            bytes: Vec<u8>,
            first: bool,
            second: (i32, String),
        ) {
            let sample = if is_a { Sample::A(number, maybe, bytes) } else { Sample::B { first, second } };
            let error = sample.clone().into_error();
            let args: Vec<serde_json::Value> = error.args().expect("a list");
            let kwargs: serde_json::Map<String, serde_json::Value> = error.kwargs().expect("a map");
            for format in [Format::Json, Format::MsgPack, Format::Cbor] {
                let mut builder = PayloadBuilder::new();
                for arg in &args {
                    builder.arg(arg);
                }
                for (key, arg) in &kwargs {
                    builder.kwarg(key, arg);
                }
                let payload = builder.build(format).expect("it can be encoded");
                let back = Sample::from_error(error.uri(), &payload);
                prop_assert_eq!(back.as_ref(), Some(&sample));
            }
        }
    }
}

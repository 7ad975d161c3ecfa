//! What handlers return, and what callers see of it, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use wamp_server::{App, CallError, Reply, Single, procedure, procedures};

use crate::support::{Client, build, json};

#[derive(Serialize)]
struct Date {
    year: u16,
    month: u8,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
struct Wrapped(u32);

#[derive(Serialize)]
struct Pair(u32, &'static str);

#[derive(Serialize)]
enum Choice {
    Plain,
    Tuple(u8, u8),
    Struct { a: u8 },
    New(u8),
}

struct Binary(&'static [u8]);

impl Serialize for Binary {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// Declares a procedure for each value, and what is expected of it.
macro_rules! results {
    ($($test:ident { $($value:expr => $wire:literal,)+ })+) => {$(
        #[tokio::test(start_paused = true)]
        async fn $test() {
            let cases = [$(($wire, App::empty().procedure("get", async || $value))),+];
            for (wire, app) in cases {
                let mut client = Client::join(&build(app)).await;
                client.say(r#"[48,1,{},"get"]"#).await;
                client.hears_bytes(wire).await;
            }
        }
    )+};
}

results! {
    a_scalar_is_one_argument {
        42 => "[50,1,{},[42]]",
        -7_i64 => "[50,1,{},[-7]]",
        "hello" => r#"[50,1,{},["hello"]]"#,
        String::from("100éfa") => r#"[50,1,{},["100éfa"]]"#,
        true => "[50,1,{},[true]]",
        1.5 => "[50,1,{},[1.5]]",
        'x' => r#"[50,1,{},["x"]]"#,
        u64::MAX => "[50,1,{},[18446744073709551615]]",
        Wrapped(3) => "[50,1,{},[3]]",
    }
    a_value_that_is_false_or_empty_is_not_lost {
        0 => "[50,1,{},[0]]",
        0.0 => "[50,1,{},[0.0]]",
        false => "[50,1,{},[false]]",
        "" => r#"[50,1,{},[""]]"#,
    }
    nothing_is_no_argument {
        () => "[50,1,{}]",
        None::<i64> => "[50,1,{}]",
    }
    something_is_what_it_is {
        Some(3) => "[50,1,{},[3]]",
        Some((1, 2)) => "[50,1,{},[1,2]]",
        Some(0) => "[50,1,{},[0]]",
    }
    a_sequence_is_positional_arguments {
        (1, "a") => r#"[50,1,{},[1,"a"]]"#,
        vec!["a", "b"] => r#"[50,1,{},["a","b"]]"#,
        [1, 2, 3] => "[50,1,{},[1,2,3]]",
        Pair(1, "a") => r#"[50,1,{},[1,"a"]]"#,
        BTreeSet::from([2, 1]) => "[50,1,{},[1,2]]",
        Vec::<i64>::new() => "[50,1,{}]",
        vec![vec![1], vec![]] => "[50,1,{},[[1],[]]]",
        (None::<u8>,) => "[50,1,{},[null]]",
    }
    a_map_or_struct_is_keyword_arguments {
        Date { year: 2020, month: 2 } => r#"[50,1,{},[],{"year":2020,"month":2}]"#,
        BTreeMap::from([("k", 1)]) => r#"[50,1,{},[],{"k":1}]"#,
        BTreeMap::<String, i64>::new() => "[50,1,{}]",
        Empty {} => "[50,1,{}]",
        json!({"a": {"b": null}}) => r#"[50,1,{},[],{"a":{"b":null}}]"#,
    }
    an_enum_is_what_serde_makes_of_it {
        Choice::Plain => r#"[50,1,{},["Plain"]]"#,
        Choice::New(1) => r#"[50,1,{},[{"New":1}]]"#,
        Choice::Tuple(1, 2) => r#"[50,1,{},[{"Tuple":[1,2]}]]"#,
        Choice::Struct { a: 1 } => r#"[50,1,{},[{"Struct":{"a":1}}]]"#,
    }
    single_sends_any_value_as_one_argument {
        Single(vec![1, 2]) => "[50,1,{},[[1,2]]]",
        Single(Date { year: 1, month: 2 }) => r#"[50,1,{},[{"year":1,"month":2}]]"#,
        Single(()) => "[50,1,{},[null]]",
        Single(None::<u8>) => "[50,1,{},[null]]",
        Single(3) => "[50,1,{},[3]]",
    }
    a_reply_is_any_mix {
        Reply::new() => "[50,1,{}]",
        Reply::new().arg(1).arg("b").kwarg("k", 1.5) => r#"[50,1,{},[1,"b"],{"k":1.5}]"#,
        Reply::new().kwarg("k", ()) => r#"[50,1,{},[],{"k":null}]"#,
        Reply::new().arg(vec![1]) => "[50,1,{},[[1]]]",
    }
    binary_follows_the_convention_for_json {
        Single(Binary(b"\x00\xff\x10")) => r#"[50,1,{},["\u0000AP8Q"]]"#,
        Binary(b"abc") => r#"[50,1,{},["\u0000YWJj"]]"#,
        Binary(b"") => r#"[50,1,{},["\u0000"]]"#,
    }
    a_result_is_its_value {
        Ok::<_, CallError>(5) => "[50,1,{},[5]]",
        Ok::<_, CallError>(()) => "[50,1,{}]",
        Ok::<_, CallError>(Reply::new().arg(1)) => "[50,1,{},[1]]",
    }
    what_cannot_be_sent_is_an_internal_failure {
        f64::NAN => r#"[8,48,1,{},"wamp.error.runtime_error"]"#,
        vec![1.0, f64::INFINITY] => r#"[8,48,1,{},"wamp.error.runtime_error"]"#,
        BTreeMap::from([(vec![1], 1)]) => r#"[8,48,1,{},"wamp.error.runtime_error"]"#,
        Reply::new().arg(1).arg(f64::NEG_INFINITY) => r#"[8,48,1,{},"wamp.error.runtime_error"]"#,
        Reply::new().kwarg("k", BTreeMap::from([((1, 2), 1)])) => r#"[8,48,1,{},"wamp.error.runtime_error"]"#,
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_holds_for_annotated_functions() {
    #[procedure("zero")]
    async fn zero() -> u8 {
        0
    }
    #[procedure("date")]
    fn date() -> Date {
        Date {
            year: 2020,
            month: 2,
        }
    }
    #[procedure("nothing")]
    async fn nothing() {}
    #[procedure("reply")]
    async fn reply() -> Result<Reply, CallError> {
        Ok(Reply::new().arg("a").kwarg("k", 1))
    }
    #[procedure("borrowed")]
    async fn borrowed(text: &str) -> &str {
        text
    }
    let server = build(App::empty().procedures(procedures![zero, date, nothing, reply, borrowed]));
    let mut client = Client::join(&server).await;
    for (call, wire) in [
        (r#"[48,1,{},"zero"]"#, "[50,1,{},[0]]"),
        (
            r#"[48,1,{},"date"]"#,
            r#"[50,1,{},[],{"year":2020,"month":2}]"#,
        ),
        (r#"[48,1,{},"nothing"]"#, "[50,1,{}]"),
        (r#"[48,1,{},"reply"]"#, r#"[50,1,{},["a"],{"k":1}]"#),
        (r#"[48,1,{},"borrowed",["x"]]"#, r#"[50,1,{},["x"]]"#),
    ] {
        client.say(call).await;
        client.hears_bytes(wire).await;
    }
}

#[tokio::test(start_paused = true)]
async fn long_and_foreign_texts_come_back_unchanged() {
    let server = build(App::empty().procedure("echo", async |text: String| text));
    let mut client = Client::join(&server).await;
    for text in [
        "x".repeat(1000),
        "100éfa".into(),
        "\u{1f600} \" \\ / \n \t \u{7f} \u{2028}".into(),
        "y".repeat(70_000),
    ] {
        client
            .say(json!([48, 1, {}, "echo", [text]]).to_string())
            .await;
        client.hears(json!([50, 1, {}, [text]])).await;
    }
}

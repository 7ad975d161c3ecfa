//! From what a caller sends to the parameters of a handler.

use std::collections::BTreeMap;

use serde::Deserialize;
use wamp_server::{
    App, Args, Call, CallError, CancellationToken, Kwargs, Provided, Server, Session, SharedState,
    Single, State, procedure, procedures,
};

use crate::support::{ANY, Client, build, json};

#[procedure("three")]
async fn three(a: i64, b: i64, #[arg(default = "dflt")] c: &str) -> (i64, i64, String) {
    (a, b, c.to_owned())
}

#[procedure("three.strict", strict)]
async fn three_strict(a: i64, b: i64, #[arg(default = "dflt")] c: &str) -> (i64, i64, String) {
    (a, b, c.to_owned())
}

#[procedure("optional")]
async fn optional(a: Option<i64>, b: Option<String>) -> Single<(Option<i64>, Option<String>)> {
    Single((a, b))
}

/// Not what a caller can send.
struct Db(&'static str);

#[procedure("inject")]
async fn inject(
    a: i64,
    session: &Session,
    db: State<'_, Db>,
    b: i64,
    call: &Call,
) -> (i64, i64, String, bool) {
    (
        a,
        b,
        db.0.0.to_owned(),
        session.id().get() > 0 && call.uri() == "inject",
    )
}

#[procedure("inject.strict", strict)]
async fn inject_strict(a: i64, db: State<'_, Db>, token: CancellationToken) -> (i64, &'static str) {
    drop(token);
    (a, db.0.0)
}

#[procedure("rest")]
async fn rest(
    args: Args<Vec<i64>>,
    kwargs: Kwargs<BTreeMap<String, i64>>,
) -> Single<(Vec<i64>, BTreeMap<String, i64>)> {
    Single((args.0, kwargs.0))
}

#[procedure("rest.strict", strict)]
async fn rest_strict(
    a: i64,
    args: Args<Vec<i64>>,
    kwargs: Kwargs<BTreeMap<String, i64>>,
) -> (i64, usize, usize) {
    (a, args.0.len(), kwargs.0.len())
}

#[procedure("renamed", rename_all = "camelCase")]
async fn renamed(
    document_id: i64,
    #[arg(name = "type")] kind: &str,
    #[arg(default)] my_url: String,
) -> (i64, String, String) {
    (document_id, kind.to_owned(), my_url)
}

#[derive(Deserialize)]
struct Point {
    x: f64,
    y: f64,
    #[serde(default)]
    tags: Vec<String>,
}

#[procedure("point")]
async fn point(point: Point) -> (f64, f64, usize) {
    (point.x, point.y, point.tags.len())
}

#[procedure("patterns")]
async fn patterns((a, b): (i64, i64), #[arg(name = "c")] _: i64) -> i64 {
    a * b
}

fn server() -> Server {
    build(
        App::empty()
            .procedures(procedures![
                three,
                three_strict,
                optional,
                inject,
                inject_strict,
                rest,
                rest_strict,
                renamed,
                point,
                patterns
            ])
            .state(Db("DB")),
    )
}

/// Each CALL's procedure and arguments, and the arguments of its answer; a text is the argument that is at fault.
async fn check(cases: &[(&str, serde_json::Value)]) {
    let server = server();
    let mut client = Client::join(&server).await;
    for (call, expected) in cases {
        client.say(format!("[48,1,{{}},{call}]")).await;
        let answer = client.next().await;
        if let Some(argument) = expected.as_str() {
            assert_eq!(answer[4], "wamp.error.invalid_argument", "{call}: {answer}");
            assert_eq!(answer[6]["argument"], argument, "{call}: {answer}");
            assert!(answer[5][0].is_string(), "{call}: {answer}");
        } else {
            assert_eq!(answer, json!([50, 1, {}, expected]), "{call}");
        }
    }
    assert_eq!(server.stats().panics, 0);
}

#[tokio::test(start_paused = true)]
async fn positional_arguments_come_first_and_keywords_fill_the_rest() {
    check(&[
        (r#""three",[1,2]"#, json!([1, 2, "dflt"])),
        (r#""three",[1,2,"x"]"#, json!([1, 2, "x"])),
        (r#""three",[1],{"b":2,"c":"9"}"#, json!([1, 2, "9"])),
        (r#""three",[],{"c":"z","b":2,"a":1}"#, json!([1, 2, "z"])),
        (r#""three",null,{"a":1,"b":2}"#, json!([1, 2, "dflt"])),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn surplus_and_repeated_arguments_are_ignored() {
    check(&[
        (r#""three",[1],{"a":5,"b":2}"#, json!([1, 2, "dflt"])),
        (r#""three",[1,2,"x",4,5]"#, json!([1, 2, "x"])),
        (
            r#""three",[1,2],{"d":4,"":5,"session":6}"#,
            json!([1, 2, "dflt"]),
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn strict_handlers_refuse_what_is_surplus_or_repeated() {
    check(&[
        (r#""three.strict",[1,2]"#, json!([1, 2, "dflt"])),
        (r#""three.strict",[1],{"b":2,"c":"x"}"#, json!([1, 2, "x"])),
        (r#""three.strict",[1],{"a":5,"b":2}"#, json!("a")),
        (r#""three.strict",[1,2],{"d":4}"#, json!("d")),
        (r#""inject.strict",[1]"#, json!([1, "DB"])),
        (r#""inject.strict",[1],{"db":"HACK"}"#, json!("db")),
        (r#""inject.strict",[1],{"token":1}"#, json!("token")),
        (r#""rest.strict",[1,2,3],{"x":1}"#, json!([1, 3, 1])),
    ])
    .await;
    let mut client = Client::join(&server()).await;
    client
        .say(r#"[48,1,{},"three.strict",[1,2,"x",4,5]]"#)
        .await;
    let message = "takes 3 positional arguments but 5 were given";
    client
        .hears(json!([
            8,
            48,
            1,
            {},
            "wamp.error.invalid_argument",
            [message]
        ]))
        .await;
    client.say(r#"[48,2,{},"inject.strict",[1,"HACK"]]"#).await;
    let message = "takes 1 positional arguments but 2 were given";
    client
        .hears(json!([
            8,
            48,
            2,
            {},
            "wamp.error.invalid_argument",
            [message]
        ]))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_argument_is_named() {
    check(&[
        (r#""three""#, json!("a")),
        (r#""three",[1]"#, json!("b")),
        (r#""three",[],{"b":1}"#, json!("a")),
        (r#""inject",[1]"#, json!("b")),
        (r#""point""#, json!("point")),
    ])
    .await;
    let mut client = Client::join(&server()).await;
    client.say(r#"[48,1,{},"three",[1]]"#).await;
    client.hears_bytes(r#"[8,48,1,{},"wamp.error.invalid_argument",["missing argument `b`"],{"argument":"b"}]"#).await;
}

#[tokio::test(start_paused = true)]
async fn an_optional_argument_may_be_absent_or_null() {
    check(&[
        (r#""optional""#, json!([[null, null]])),
        (r#""optional",[1]"#, json!([[1, null]])),
        (r#""optional",[null,"x"]"#, json!([[null, "x"]])),
        (r#""optional",[],{"b":"x"}"#, json!([[null, "x"]])),
        (r#""optional",[],{"a":null}"#, json!([[null, null]])),
        (r#""optional",["x"]"#, json!("a")),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_the_server_supplies_can_be_neither_set_nor_shifted_by_callers() {
    check(&[
        (r#""inject",[1,2]"#, json!([1, 2, "DB", true])),
        (
            r#""inject",[1,2,"HACK","HACK","HACK"]"#,
            json!([1, 2, "DB", true]),
        ),
        (
            r#""inject",[1],{"b":2,"db":"HACK","session":{"id":1},"call":0}"#,
            json!([1, 2, "DB", true]),
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn all_arguments_can_be_taken_as_they_come() {
    check(&[
        (r#""rest""#, json!([[[], {}]])),
        (r#""rest",[1,2]"#, json!([[[1, 2], {}]])),
        (
            r#""rest",[],{"k":1,"l":2}"#,
            json!([[[], {"k": 1, "l": 2}]]),
        ),
    ])
    .await;
    let mut client = Client::join(&server()).await;
    for arguments in [r#"["x"]"#, r#"[],{"k":"x"}"#] {
        client
            .say(format!(r#"[48,1,{{}},"rest",{arguments}]"#))
            .await;
        client
            .hears(json!([8, 48, 1, {}, "wamp.error.invalid_argument", [ANY]]))
            .await;
    }
}

#[tokio::test(start_paused = true)]
async fn arguments_may_have_other_names_than_parameters() {
    check(&[
        (
            r#""renamed",[],{"documentId":1,"type":"a","myUrl":"u"}"#,
            json!([1, "a", "u"]),
        ),
        (r#""renamed",[1,"a"]"#, json!([1, "a", ""])),
        (
            r#""renamed",[],{"document_id":1,"type":"a"}"#,
            json!("documentId"),
        ),
        (r#""renamed",[1],{"kind":"a"}"#, json!("type")),
        (r#""patterns",[[2,3],4]"#, json!([6])),
        (r#""patterns",[[2,3]],{"c":4}"#, json!([6])),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn types_are_checked_and_the_error_says_where_and_what() {
    check(&[
        (r#""point",[{"x":1,"y":2.5}]"#, json!([1.0, 2.5, 0])),
        (
            r#""point",[],{"point":{"x":1,"y":2,"tags":["a"],"z":3}}"#,
            json!([1.0, 2.0, 1]),
        ),
        (r#""three",["1",2]"#, json!("a")),
        (r#""three",[1,2.5]"#, json!("b")),
        (r#""three",[1,2,3]"#, json!("c")),
        (r#""three",[1,2,null]"#, json!("c")),
        (r#""three",[true,2]"#, json!("a")),
        (r#""three",[9223372036854775808,2]"#, json!("a")),
    ])
    .await;
    let mut client = Client::join(&server()).await;
    for (arguments, path) in [
        (r#"[{"x":1,"y":2,"tags":["a",7]}]"#, "args[0].tags[1]"),
        (r#"[{"x":"1","y":2}]"#, "args[0].x"),
        (r#"[],{"point":{"x":1,"y":[]}}"#, "kwargs.point.y"),
        ("[5]", "args[0]"),
    ] {
        client
            .say(format!(r#"[48,1,{{}},"point",{arguments}]"#))
            .await;
        let answer = client.next().await;
        assert_eq!(answer[4], "wamp.error.invalid_argument");
        assert_eq!(answer[6], json!({"argument": "point", "path": path}));
        assert!(
            answer[5][0].as_str().is_some_and(|it| it.starts_with(path)),
            "{answer}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn values_are_shared_or_made_for_each_call() {
    use std::sync::atomic::{AtomicU32, Ordering};
    struct Number(u32);
    static MADE: AtomicU32 = AtomicU32::new(0);
    #[procedure("made")]
    async fn made(
        x: i64,
        number: Provided<Number>,
        shared: SharedState<String>,
    ) -> (i64, u32, String) {
        (x, number.0.0, (*shared.0).clone())
    }
    #[procedure("refused")]
    async fn refused(never: Provided<u8>) -> u8 {
        never.0
    }
    let app = App::empty()
        .procedures(procedures![made, refused])
        .state("shared".to_owned())
        .provide_with(|_| async { Ok(Number(MADE.fetch_add(1, Ordering::Relaxed))) })
        .provide_with(|call: &Call| {
            let uri = call.uri().to_owned();
            async move { Err::<u8, _>(CallError::new("my.error.unprovided").arg(uri)) }
        });
    let mut client = Client::join(&build(app)).await;
    for i in 0..3 {
        client.say(r#"[48,1,{},"made",[5]]"#).await;
        client.hears(json!([50, 1, {}, [5, i, "shared"]])).await;
    }
    client.say(r#"[48,1,{},"refused",[5]]"#).await;
    client
        .hears(json!([8, 48, 1, {}, "my.error.unprovided", ["refused"]]))
        .await;
}

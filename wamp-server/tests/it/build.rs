//! Mistakes in an application: all of them at once, each with its places.

use wamp_server::app::Problem;
use wamp_server::history::{Match, MemoryStore};
use wamp_server::{
    App, Kind, Limits, Provided, Realm, RouterOptions, State, procedure, procedures, session,
    sessions, subscriber, subscribers, topic, topics,
};

/// What is wrong with an application.
pub(crate) fn problems(app: App) -> Vec<Problem> {
    app.build()
        .expect_err("the application has mistakes")
        .problems()
        .to_vec()
}

#[procedure("a.b")]
async fn one() {}
const LINE_OF_ONE: u32 = line!() - 1;

#[procedure("a.b")]
async fn two() {}
const LINE_OF_TWO: u32 = line!() - 1;

#[test]
fn a_uri_twice_is_reported_with_both_places() {
    let problems = problems(App::empty().procedures(procedures![one, two]));
    let [
        Problem::DuplicateUri {
            kind: Kind::Procedure,
            uri,
            first,
            second,
        },
    ] = &problems[..]
    else {
        panic!("{problems:?}");
    };
    assert_eq!(
        (uri.as_str(), first.line, second.line),
        ("a.b", LINE_OF_ONE, LINE_OF_TWO)
    );
    assert!(first.file.ends_with("build.rs"));
    let text = problems[0].to_string();
    let place = |line| format!("{}:{line}", file!());
    assert!(
        text.contains(&place(LINE_OF_ONE)) && text.contains(&place(LINE_OF_TWO)),
        "{text}"
    );
}

#[test]
fn the_same_function_twice_is_a_uri_twice() {
    assert_eq!(
        problems(App::empty().procedures(procedures![one, one])).len(),
        1
    );
    assert_eq!(
        problems(
            App::empty()
                .procedures(procedures![one])
                .procedure("a.b", async || 1)
        )
        .len(),
        1
    );
}

#[test]
fn patterns_that_match_the_same_are_the_same() {
    #[procedure("a.{x}.c")]
    fn wildcard(x: u8) {
        let _ = x;
    }
    #[procedure("a.{y}.c")]
    fn same_wildcard(y: u8) {
        let _ = y;
    }
    #[procedure(prefix = "a.")]
    fn prefix() {}
    #[procedure(prefix = "a.")]
    fn same_prefix() {}
    #[procedure(regex = "^a")]
    fn regex() {}
    #[procedure(regex = "^a")]
    fn same_regex() {}
    let all = procedures![
        wildcard,
        same_wildcard,
        prefix,
        same_prefix,
        regex,
        same_regex
    ];
    let problems = problems(App::empty().procedures(all));
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(
        problems
            .iter()
            .all(|it| matches!(it, Problem::DuplicateUri { .. }))
    );
    assert!(
        App::empty()
            .procedures(procedures![wildcard, prefix, regex, one])
            .build()
            .is_ok()
    );
}

#[test]
fn kinds_and_realms_have_uris_of_their_own() {
    #[topic("a.b")]
    fn watched() {}
    #[subscriber("a.b")]
    fn on_event() {}
    let realm = Realm::new("other").procedure("a.b", async || 1);
    let app = App::empty()
        .procedures(procedures![one])
        .topics(topics![watched])
        .subscribers(subscribers![on_event]);
    assert!(app.realm(realm).build().is_ok());
}

struct Missing;

#[procedure("needs.state")]
async fn needs_state(state: State<'_, Missing>) {
    let _ = state.0;
}

#[procedure("needs.factory")]
async fn needs_factory(value: Provided<u32>) -> u32 {
    value.0
}

#[session]
async fn needs_state_too(state: State<'_, Missing>) {
    let _ = state.0;
}

#[test]
fn what_nobody_gave_is_reported_with_its_type() {
    let app = App::empty()
        .procedures(procedures![needs_state, needs_factory])
        .sessions(sessions![needs_state_too]);
    let problems = problems(app);
    let texts = problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n");
    assert_eq!(problems.len(), 3, "{texts}");
    assert!(
        matches!(&problems[0], Problem::MissingState { uri, type_name, .. } if uri == "needs.state" && type_name.contains("Missing"))
    );
    assert!(
        matches!(&problems[1], Problem::MissingFactory { uri, type_name: "u32", .. } if uri == "needs.factory")
    );
    assert!(matches!(
        &problems[2],
        Problem::MissingState {
            kind: Kind::Session,
            ..
        }
    ));
    assert!(
        texts.contains("call `.state(…)`") && texts.contains("call `.provide_with(…)`"),
        "{texts}"
    );
    let given = App::empty()
        .procedures(procedures![needs_state, needs_factory])
        .state(Missing);
    assert!(given.provide_with(|_| async { Ok(1_u32) }).build().is_ok());
}

#[procedure("elsewhere", realm = "nowhere")]
async fn elsewhere() {}

#[test]
fn a_realm_that_does_not_exist_is_reported() {
    let problems = problems(App::empty().procedures(procedures![elsewhere]));
    assert!(
        matches!(&problems[..], [Problem::UnknownRealm { realm, uri, .. }] if realm == "nowhere" && uri == "elsewhere")
    );
}

#[test]
fn handlers_of_a_default_realm_that_is_off_are_reported() {
    let app = App::empty()
        .default_realm(false)
        .procedures(procedures![one])
        .topic("t", async || ())
        .call_handler(async || 1);
    let problems = problems(app);
    assert_eq!(problems.len(), 3);
    assert!(
        problems
            .iter()
            .all(|it| matches!(it, Problem::NoDefaultRealm { .. })),
        "{problems:?}"
    );
}

#[test]
fn realms_twice_or_without_a_proper_name_are_reported() {
    let app = App::empty()
        .realm(Realm::new("a"))
        .realm(Realm::new("a"))
        .realm(Realm::new("not a uri"))
        .realm(Realm::new(""));
    let problems = problems(app);
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems.contains(&Problem::DuplicateRealm("a".to_owned())));
}

#[test]
fn uris_that_are_none_are_reported() {
    for uri in ["", "a..b", "a b", "a.{}", "a.{x", "wamp.x", "wamp", "a#b"] {
        let problems = problems(App::empty().procedure(uri, async || 1));
        assert!(
            matches!(&problems[..], [Problem::InvalidUri { uri: it, .. }] if it == uri),
            "{uri}: {problems:?}"
        );
    }
    #[procedure(regex = "(")]
    fn bad_regex() {}
    assert!(matches!(
        &problems(App::empty().procedures(procedures![bad_regex]))[..],
        [Problem::InvalidUri { .. }]
    ));
}

#[test]
fn two_handlers_for_everything_else_are_one_too_many() {
    let problems = problems(
        App::empty()
            .call_handler(async || 1)
            .call_handler(async || 2),
    );
    assert!(
        matches!(&problems[..], [Problem::DuplicateUri { .. }]),
        "{problems:?}"
    );
}

#[test]
fn limits_that_cannot_work_are_reported() {
    let limits = Limits {
        max_connections: 0,
        max_unauthenticated: 0,
        max_unauthenticated_per_peer: 0,
        max_request_head: 1,
        max_message: 1,
        read_buffer: 1,
        batch: 0,
        outbound_soft: 2,
        outbound_hard: 1,
        max_auth_failures: 0,
        ..Limits::default()
    };
    let problems = problems(App::empty().limits(limits));
    assert_eq!(problems.len(), 9, "{problems:?}");
    assert!(
        problems
            .iter()
            .all(|it| matches!(it, Problem::BadLimit { .. }))
    );
}

#[test]
fn nothing_to_speak_is_reported() {
    assert_eq!(
        problems(App::empty().subprotocols([])),
        [Problem::NoSubprotocol]
    );
}

#[test]
fn all_mistakes_come_at_once() {
    let app = App::empty()
        .procedures(procedures![one, two, needs_state, needs_factory, elsewhere])
        .procedure("a..b", async || 1)
        .realm(
            Realm::new("x")
                .procedures(procedures![needs_state])
                .procedure("wamp.y", async || 1),
        )
        .realm(Realm::new("x"));
    let error = app.build().expect_err("mistakes");
    assert!(error.problems().len() >= 6, "{error}");
    assert_eq!(
        error.to_string().lines().count(),
        error.problems().len() + 1
    );
}

#[test]
fn options_of_a_router_that_have_no_effect_are_reported() {
    let options = RouterOptions::new()
        .meta_api(false)
        .meta_control(true)
        .history(MemoryStore::default(), [("a", Match::Exact)]);
    let error = App::empty().router(options).build().expect_err("mistakes");
    for option in ["meta_control", "history"] {
        let problem = format!("`{option}` has no effect without `meta_api`");
        assert!(error.to_string().contains(&problem), "{error}");
    }
}

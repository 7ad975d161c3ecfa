//! Mistakes in what an application says about who may come in and what they may do.

use wamp_proto::auth::scram::{Dialect, Kdf};
use wamp_server::app::Problem;
use wamp_server::auth::{Decoys, Principal};
use wamp_server::permission::{Disclosure, Permissions, Rule};
use wamp_server::{App, Realm, procedure, procedures};

use crate::build::problems;

#[procedure("for.admins", roles("admin", "staff"))]
async fn for_admins() {}
const LINE_OF_FOR_ADMINS: u32 = line!() - 1;

#[test]
fn a_function_for_roles_that_nobody_can_have_is_reported() {
    let app = || App::empty().procedures(procedures![for_admins]);
    let problems = problems(app());
    assert!(
        matches!(&problems[..], [Problem::NobodyInRole { .. }]),
        "{problems:?}"
    );
    let text = problems[0].to_string();
    assert!(text.contains("admin, staff"), "{text}");
    assert!(
        text.contains(&format!("{}:{LINE_OF_FOR_ADMINS}", file!())),
        "{text}"
    );
    assert!(app().ticket(async |_, _| None::<Principal>).build().is_ok());
    #[procedure("for.all", roles("anonymous"))]
    async fn for_all() {}
    assert!(
        App::empty()
            .procedures(procedures![for_all])
            .build()
            .is_ok()
    );
}

#[test]
fn authentication_of_a_realm_that_is_turned_off_is_reported() {
    for app in [
        App::empty().ticket(async |_, _| None::<Principal>),
        App::empty().permissions(Permissions::new()),
        App::empty().authorizer(async |_, _| true),
    ] {
        let app = app.default_realm(false).realm(Realm::new("admins"));
        assert_eq!(problems(app), [Problem::GuardedNothing]);
    }
}

#[test]
fn a_realm_that_is_open_while_others_are_not_is_reported() {
    let guarded = |name: &str| Realm::new(name).ticket(async |_, _| None::<Principal>);
    let open = |realm: &str| Problem::UnguardedRealm {
        realm: realm.to_owned(),
    };
    assert_eq!(
        problems(App::empty().realm(guarded("a"))),
        [open("the default realm")]
    );
    assert_eq!(
        problems(
            App::empty()
                .ticket(async |_, _| None::<Principal>)
                .realm(Realm::new("b"))
        ),
        [open("the realm `b`")]
    );
    // Unless it is meant.
    let app = App::empty().anonymous("guest").realm(guarded("a"));
    assert!(
        app.realm(Realm::new("b").anonymous("guest"))
            .build()
            .is_ok()
    );
    let app = App::empty().default_realm(false).realm(guarded("a"));
    assert!(app.build().is_ok());
}

#[test]
fn roles_that_have_no_rules_are_reported() {
    let app = |role| {
        let permissions = Permissions::new().role(role, [Rule::prefix("").all()]);
        App::empty()
            .procedures(procedures![for_admins])
            .ticket(async |_, _| None::<Principal>)
            .permissions(permissions)
    };
    assert!(matches!(
        &problems(app("amdin"))[..],
        [Problem::NobodyInRole { .. }]
    ));
    assert!(app("staff").build().is_ok());
    assert!(app("amdin").authorizer(async |_, _| true).build().is_ok());
}

#[test]
fn a_reason_that_is_no_uri_and_decoys_that_cannot_be_made_are_reported() {
    let kdf = Kdf::Pbkdf2 { iterations: 1 };
    let decoys = Decoys::new([7; 32]).scram(Dialect::Wamp, kdf, 16);
    let problems = problems(
        App::empty()
            .anonymous("guest")
            .denied_as("not a uri\n")
            .decoys(decoys),
    );
    assert!(
        matches!(
            &problems[..],
            [Problem::InvalidReason { .. }, Problem::BadDecoys { .. }]
        ),
        "{problems:?}"
    );
}

#[procedure("for.callers", disclose_caller)]
async fn for_callers() {}

#[test]
fn a_function_that_asks_for_what_its_realm_refuses_is_reported() {
    let app = App::empty().procedures(procedures![for_callers]);
    let problems = problems(app.disclosure(Disclosure::Refused));
    assert!(
        matches!(&problems[..], [Problem::NothingDisclosed { .. }]),
        "{problems:?}"
    );
}

#[test]
fn a_method_twice_is_reported_with_its_realm() {
    let realm = Realm::new("admins")
        .ticket(async |_, _| None::<Principal>)
        .ticket(async |_, _| None::<Principal>);
    let app = App::empty().anonymous("a").anonymous("b");
    let problems = problems(app.realm(realm));
    let texts = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        texts,
        [
            "the authentication method `anonymous` is configured twice for the default realm",
            "the authentication method `ticket` is configured twice for the realm `admins`",
        ]
    );
}

#[test]
fn rules_that_cannot_be_used_are_reported() {
    let permissions = Permissions::new()
        .role(
            "admin",
            [
                Rule::exact("a..b"),
                Rule::prefix("shop.").call(),
                Rule::wildcard("a..b"),
            ],
        )
        .role("admin", [Rule::prefix("shop.")]);
    let problems = problems(App::empty().permissions(permissions));
    let rules = problems.iter().map(|it| match it {
        Problem::BadRule { role, uri, .. } => (role.as_str(), uri.as_str()),
        other => panic!("{other}"),
    });
    assert_eq!(
        rules.collect::<Vec<_>>(),
        [("admin", "a..b"), ("admin", "shop.")]
    );
}

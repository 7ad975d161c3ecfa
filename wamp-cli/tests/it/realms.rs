//! `--realm` with a file: what the file says of a realm holds, however it is named there.

use serde_json::json;
use wamp_tests::client::Client;

use crate::support::{ANYWHERE, Folder, Router, run, wamp};

#[tokio::test]
async fn what_holds_for_all_realms_holds_for_those_that_are_named() {
    let guarded = "[[realm]]\nname = \"*\"\n[[realm.principal]]\nauthid = \"ann\"\nrole = \"admin\"\nticket = \"t\"\n";
    let folder = Folder::new(&format!("{ANYWHERE}{guarded}"));
    let file = folder.text_of("wamp.toml");
    let arguments = ["router", "--config", &file, "--realm", "shop"];
    let router = Router::spawn(&mut wamp(&arguments), 1).await;

    let mut stranger = Client::connect(router.address(), "/").await;
    let refused = stranger.knock("shop", json!({})).await;
    assert_eq!(refused[2], "wamp.error.authentication_required");
    router.join_by("shop", "ann", "t").await;
    let mut other = Client::connect(router.address(), "/").await;
    let refused = other.knock("other", json!({})).await;
    assert_eq!(refused[2], "wamp.error.no_such_realm");
}

#[tokio::test]
async fn a_realm_that_a_guarded_file_does_not_know_is_a_mistake() {
    let guarded = "[[realm]]\nname = \"shop\"\n[[realm.principal]]\nauthid = \"ann\"\nrole = \"admin\"\nticket = \"t\"\n";
    let folder = Folder::new(guarded);
    let file = folder.text_of("wamp.toml");
    let arguments = ["router", "--check", "--config", &file, "--realm", "shpo"];
    let output = run(&arguments, "").await;
    assert_eq!(output.status.code(), Some(3));
    let error = String::from_utf8_lossy(&output.stderr);
    let expected = "--realm: nobody has to authenticate in the realm `shpo`";
    assert!(error.starts_with(expected), "{error}");
}

#[tokio::test]
async fn a_history_belongs_to_one_realm() {
    let history = "history = { topics = [\"a\"], sqlite = \"h.db\" }\n";
    let folder = Folder::new(&format!(
        "[[realm]]\nname = \"a\"\n{history}[[realm]]\nname = \"b\"\n{history}"
    ));
    let file = folder.text_of("wamp.toml");
    let output = run(&["router", "--check", "--config", &file], "").await;
    assert_eq!(output.status.code(), Some(3));
    let error = String::from_utf8_lossy(&output.stderr);
    let expected = "wamp.toml:5:8: the realm `b` keeps its history in the file of another one";
    assert!(error.contains(expected), "{error}");
}

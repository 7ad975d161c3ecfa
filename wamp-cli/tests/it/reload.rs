//! SIGHUP: permissions and principals change, sessions go on.

use rustix::process::Signal;
use serde_json::{Value, json};
use wamp_tests::client::Client;

use crate::support::{ANYWHERE, Folder, Router, call};

/// A realm whose staff has this ticket and may call this, and nothing else.
fn realm(ticket: &str, procedure: &str) -> String {
    format!(
        "{ANYWHERE}[[realm]]\nname = \"shop\"\n\
         [[realm.role]]\nname = \"staff\"\npermission = [{{ uri = \"{procedure}\", allow = [\"call\"] }}]\n\
         [[realm.principal]]\nauthid = \"ann\"\nrole = \"staff\"\nticket = \"{ticket}\"\n"
    )
}

const DENIED: &str = "wamp.error.not_authorized";
const MISSING: &str = "wamp.error.no_such_procedure";

async fn hang_up(router: &mut Router) {
    router.signal(Signal::HUP);
    router.logs("the configuration has been read again").await;
}

/// What a call of each of two procedures, that nobody offers, comes to.
async fn rights(client: &mut Client) -> [Value; 2] {
    [call(client, "one").await, call(client, "two").await]
}

/// The first message after a ticket is shown, or the reason of an ABORT.
async fn ticket(router: &Router, ticket: &str) -> Value {
    let (_, answer) = router.show_ticket("shop", "ann", ticket).await;
    match answer[0].as_u64() {
        Some(3) => answer[2].clone(),
        _ => answer[0].clone(),
    }
}

#[tokio::test]
async fn permissions_and_principals_change_for_new_requests() {
    let folder = Folder::new(&realm("old", "one"));
    let mut router = folder.start().await;
    let mut ann = router.join_by("shop", "ann", "old").await;
    assert_eq!(rights(&mut ann).await, [MISSING, DENIED]);

    folder.write("wamp.toml", &realm("new", "two"));
    // Nobody looks at the file until that is asked for.
    assert_eq!(rights(&mut ann).await, [MISSING, DENIED]);
    hang_up(&mut router).await;
    assert_eq!(rights(&mut ann).await, [DENIED, MISSING]);
    assert_eq!(
        ticket(&router, "old").await,
        "wamp.error.authentication_denied"
    );
    assert_eq!(ticket(&router, "new").await, 2);
}

#[tokio::test]
async fn a_broken_file_changes_nothing_and_the_log_says_why() {
    let folder = Folder::new(&realm("old", "one"));
    let mut router = folder.start().await;
    let mut ann = router.join_by("shop", "ann", "old").await;
    for (broken, expected) in [
        (
            realm("new", "two").replace("authid", "authod"),
            "wamp.toml:9:1: unknown key `authod`; did you mean `authid`?",
        ),
        (
            realm("new", "two").replace("role = \"staff\"", "role = \"boss\""),
            "wamp.toml:10:8: there is no role `boss` in this realm",
        ),
        ("[[".to_owned(), "wamp.toml:1:3: "),
    ] {
        folder.write("wamp.toml", &broken);
        router.signal(Signal::HUP);
        router.logs(expected).await;
        router
            .logs("the configuration has mistakes, so the old one stays")
            .await;
        assert_eq!(rights(&mut ann).await, [MISSING, DENIED]);
        assert_eq!(ticket(&router, "old").await, 2);
    }
    std::fs::remove_file(folder.path("wamp.toml")).expect("it is there");
    router.signal(Signal::HUP);
    router.logs("cannot be read").await;
    assert_eq!(rights(&mut ann).await, [MISSING, DENIED]);

    // It is not over with that.
    folder.write("wamp.toml", &realm("new", "two"));
    hang_up(&mut router).await;
    assert_eq!(rights(&mut ann).await, [DENIED, MISSING]);
}

#[tokio::test]
async fn rules_and_ways_in_come_and_go() {
    come_and_go("shop").await;
}

#[tokio::test]
async fn rules_and_ways_in_of_all_other_realms_come_and_go() {
    come_and_go("*").await;
}

async fn come_and_go(name: &str) {
    let open = format!("{ANYWHERE}[[realm]]\nname = \"{name}\"\n");
    let folder = Folder::new(&open);
    let mut router = folder.start().await;
    let mut anybody = router.join("shop").await;
    assert_eq!(rights(&mut anybody).await, [MISSING, MISSING]);

    let guarded = realm("new", "two").replace("shop", name);
    folder.write("wamp.toml", &guarded);
    hang_up(&mut router).await;
    // There is no role `anonymous` any more, so whoever has it may do nothing.
    assert_eq!(rights(&mut anybody).await, [DENIED, DENIED]);
    let mut stranger = Client::connect(router.address(), "/").await;
    let refused = stranger.knock("shop", json!({})).await;
    assert_eq!(refused[2], "wamp.error.authentication_required");
    let mut ann = router.join_by("shop", "ann", "new").await;
    assert_eq!(rights(&mut ann).await, [DENIED, MISSING]);

    folder.write("wamp.toml", &open);
    hang_up(&mut router).await;
    assert_eq!(rights(&mut anybody).await, [MISSING, MISSING]);
    assert_eq!(rights(&mut ann).await, [DENIED, DENIED]);
    router.join("shop").await;
}

#[tokio::test]
async fn what_needs_a_new_start_is_named() {
    let folder = Folder::new(&realm("old", "one"));
    let mut router = folder.start().await;
    let mut ann = router.join_by("shop", "ann", "old").await;
    let later = ": this takes effect when the router is started again";
    let changed = format!(
        "[limits]\nmax_subscriptions = 1\n[server]\nrawsocket = false\n{}[[realm]]\nname = \"more\"\nanonymous = \"a\"\n",
        realm("old", "two").replace("name = \"shop\"", "name = \"shop\"\nstrict = true")
    );
    folder.write("wamp.toml", &changed);
    router.signal(Signal::HUP);
    for change in [
        "[server]",
        "[limits]",
        "the options of the realm `shop`",
        "the new realm `more`",
    ] {
        router.logs(&format!("{change}{later}")).await;
    }
    router.logs("the configuration has been read again").await;
    // The rest has changed.
    assert_eq!(rights(&mut ann).await, [DENIED, MISSING]);
    let mut stranger = Client::connect(router.address(), "/").await;
    let refused = stranger.knock("more", json!({})).await;
    assert_eq!(refused[2], "wamp.error.no_such_realm");
}

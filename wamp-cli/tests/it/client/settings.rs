//! Where connections and credentials come from.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wamp_tests::soon;

use super::support::{client, client_at, done, router};
use crate::support::{ANYWHERE, Folder};

const KEY: &str = "0101010101010101010101010101010101010101010101010101010101010101";

fn guarded() -> Folder {
    let public = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
    Folder::new(&format!(
        "{ANYWHERE}
[[realm]]
name = \"realm1\"
meta_api = true
[[realm.role]]
name = \"user\"
permission = [{{ uri = \"\", match = \"prefix\", allow = \"all\" }}, {{ uri = \"wamp.\", match = \"prefix\", allow = [\"call\"] }}]
[[realm.principal]]
authid = \"joe\"
role = \"user\"
ticket = \"open-sesame\"
[[realm.principal]]
authid = \"ann\"
role = \"user\"
wampcra = \"hunter2\"
[[realm.principal]]
authid = \"bob\"
role = \"user\"
scram = {{ password = \"pencil\" }}
[[realm.principal]]
authid = \"eve\"
role = \"user\"
cryptosign = [\"{public}\"]
"
    ))
}

/// Who the only session is.
const WHO: [&str; 2] = ["sessions", "--json"];

#[tokio::test]
async fn every_method_works_and_no_secret_is_told() {
    let folder = guarded();
    let router = folder.start().await;
    folder.write("key", KEY);
    let key = folder.text_of("key");
    for (options, authid) in [
        (&["--authid", "joe", "--ticket", "open-sesame"][..], "joe"),
        (
            &[
                "--authid",
                "ann",
                "--secret",
                "hunter2",
                "--authmethod",
                "wampcra",
            ],
            "ann",
        ),
        (&["--authid", "bob", "--secret", "pencil"], "bob"),
        (&["--authid", "eve", "--private-key", KEY], "eve"),
        (&["--authid", "eve", "--private-key", &key], "eve"),
    ] {
        let who = done(client(&router, &[&WHO, options].concat())).await;
        assert_eq!(who.code, Some(0), "{options:?}: {}", who.err);
        assert!(
            who.out.contains(&format!(r#""authid":"{authid}""#)),
            "{}",
            who.out
        );
        // The same from the environment.
        let mut command = client(&router, &WHO);
        for pair in options.chunks(2) {
            let name = pair[0]
                .trim_start_matches("--")
                .replace('-', "_")
                .to_uppercase();
            command.env(format!("WAMP_{name}"), pair[1]);
        }
        let who = done(command).await;
        assert!(
            who.out.contains(&format!(r#""authid":"{authid}""#)),
            "{}",
            who.err
        );
    }
    for options in [
        &["--authid", "joe", "--ticket", "secret-9"][..],
        &["--authid", "ann", "--secret", "secret-9"],
        &["--authid", "bob", "--secret", "secret-9"],
        &["--authid", "nobody", "--secret", "secret-9"],
        &["--authid", "eve", "--private-key", &KEY.replace('0', "2")],
        &[],
    ] {
        for log in ["warn", "debug"] {
            let command = [&WHO, options, &["--log", log]].concat();
            let refused = done(client(&router, &command)).await;
            assert_eq!(refused.code, Some(6), "{options:?}: {}", refused.err);
            let told = refused.out + &refused.err;
            assert!(told.contains("WAMP_SECRET"), "{told}");
            // One of several methods was chosen for somebody who is known by another.
            let is_known = !options.is_empty();
            assert_eq!(told.contains("--authmethod"), is_known, "{told}");
            assert!(!told.contains("secret-9"), "{told}");
            assert!(!told.contains("212121"), "{told}");
        }
    }
}

#[tokio::test]
async fn secrets_that_make_no_sense_are_not_told_either() {
    let router = router().await;
    let hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";
    for options in [
        &["--private-key", hex][..],
        &["--header", "secret-9"],
        &["--url", "ws://joe:secret-9@localhost:x/"],
    ] {
        let failed = done(client(&router, &[&WHO, options].concat())).await;
        assert_eq!(failed.code, Some(2), "{}", failed.err);
        let told = failed.out + &failed.err;
        assert!(!told.contains("secret-9") && !told.contains(hex), "{told}");
    }
    let mut help = client(&router, &["call", "--help"]);
    help.env("WAMP_SECRET", "secret-9")
        .env("WAMP_TICKET", "secret-9");
    let help = done(help).await;
    assert_eq!(help.code, Some(0));
    assert!(help.out.contains("WAMP_SECRET"));
    assert!(!help.out.contains("secret-9"));
}

/// The realm that a call ends up in, by what the router says of those that are not there.
#[tokio::test]
async fn flags_come_before_the_environment_and_that_before_profiles() {
    let arguments = [
        "--listen",
        "127.0.0.1:0",
        "--realm",
        "a",
        "--realm",
        "b",
        "--realm",
        "c",
    ];
    let router = crate::support::Router::start(&arguments).await;
    let folder = Folder::new("");
    let url = format!("ws://{}", router.address());
    folder.write(
        "profiles.toml",
        &format!("[default]\nurl = \"{url}\"\nrealm = \"c\"\n[other]\nurl = \"{url}\"\nrealm = \"nowhere\"\n"),
    );
    let profiles = folder.text_of("profiles.toml");
    let mut sessions = Vec::new();
    for realm in ["a", "b", "b", "c", "c", "c"] {
        sessions.push(router.join(realm).await);
    }
    let count = async |variables: &[(&str, &str)], flags: &[&str]| {
        let mut command = client(&router, &[&["sessions", "count"], flags].concat());
        command
            .env_remove("WAMP_URL")
            .env("WAMP_PROFILES", &profiles);
        command.envs(variables.iter().copied());
        let done = done(command).await;
        (done.code, done.out.trim().to_owned())
    };
    // Whoever asks is there, too.
    let found = |number: &str| (Some(0), number.to_owned());
    assert_eq!(count(&[], &[]).await, found("4"));
    assert_eq!(count(&[("WAMP_REALM", "b")], &[]).await, found("3"));
    assert_eq!(count(&[("WAMP_REALM", "")], &[]).await, found("4"));
    assert_eq!(
        count(&[("WAMP_REALM", "b")], &["--realm", "a"]).await,
        found("2")
    );
    assert_eq!(
        count(&[("WAMP_PROFILE", "other"), ("WAMP_REALM", "b")], &[]).await,
        found("3")
    );
    assert_eq!(count(&[], &["--profile", "other"]).await.0, Some(6));
    assert_eq!(
        count(&[("WAMP_PROFILE", "other")], &["--profile", "default"]).await,
        found("4")
    );
    assert_eq!(count(&[], &["--profile", "nothing"]).await.0, Some(3));
    assert_eq!(count(&[("WAMP_SERIALIZER", "xml")], &[]).await.0, Some(2));
    assert_eq!(count(&[("WAMP_SERIALIZER", "cbor")], &[]).await, found("4"));
}

#[tokio::test]
async fn secrets_are_of_one_source() {
    let folder = guarded();
    let router = folder.start().await;
    let profile = "[default]\nauthid = \"joe\"\nticket = \"open-sesame\"\n";
    folder.write("profiles.toml", profile);
    let mut command = client(&router, &WHO);
    command.env("WAMP_PROFILES", folder.path("profiles.toml"));
    let who = done(command).await;
    assert!(who.out.contains(r#""authid":"joe""#), "{}", who.err);
    // The ticket of the profile would do, but is not what was asked for.
    let mut command = client(&router, &[&WHO, &["--secret", "wrong"][..]].concat());
    command.env("WAMP_PROFILES", folder.path("profiles.toml"));
    assert_eq!(done(command).await.code, Some(6));
}

#[cfg(unix)]
#[tokio::test]
async fn secrets_that_others_can_read_are_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;

    let router = router().await;
    let folder = Folder::new("");
    let path = folder.path("profiles.toml");
    for (text, mode, warns) in [
        ("[default]\nticket = \"a\"\n", 0o644, true),
        ("[default]\nheaders = [\"A: b\"]\n", 0o644, true),
        ("[default]\nticket = \"a\"\n", 0o600, false),
        ("[default]\nticket = { env = \"PATH\" }\n", 0o644, false),
        ("[default]\nrealm = \"a\"\n", 0o644, false),
    ] {
        folder.write("profiles.toml", text);
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&path, permissions).expect("it is ours");
        let mut command = client(&router, &["sessions", "count"]);
        command.env("WAMP_PROFILES", &path);
        let told = done(command).await;
        assert_eq!(
            told.err.contains("chmod 600"),
            warns,
            "{text} {mode:o}: {}",
            told.err
        );
    }
}

#[tokio::test]
async fn mistakes_in_a_profile_have_places() {
    let folder = Folder::new("");
    let text = "[default]\nurll = \"ws://localhost\"\nserializer = \"xml\"\ntimeout = 5\n";
    folder.write("profiles.toml", text);
    let path = folder.text_of("profiles.toml");
    let mut command = client_at("ws://localhost:1", &["call", "com.example", "--json"]);
    command.env("WAMP_PROFILES", &path);
    let failed = done(command).await;
    assert_eq!(failed.code, Some(3));
    assert!(failed.err.starts_with(&path), "{}", failed.err);
    for mistake in [
        ":2:1: unknown key `urll`; did you mean `url`?",
        ":3:14: expected `json`, `msgpack` or `cbor`",
        ":4:11: expected a time",
    ] {
        assert!(
            failed.err.contains(&format!("{path}{mistake}")),
            "{}",
            failed.err
        );
    }
    let told: serde_json::Value = serde_json::from_str(&failed.out).expect("it is JSON");
    assert_eq!(told["failure"], json!("profile"));
}

#[tokio::test]
async fn routers_are_told_what_they_want_to_know_beside_it() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let options = ["--authextra", "team=[\"a\"]", "--authextra", "note=hi"];
    let command = [&["call", "com.example", "-s", "json"], &options[..]].concat();
    let calling = tokio::spawn(done(client_at(&format!("rs://{address}"), &command)));
    let hello = async {
        let (mut stream, _) = listener.accept().await?;
        let mut head = [0; 4];
        stream.read_exact(&mut head).await?;
        stream.write_all(&head).await?;
        stream.read_exact(&mut head).await?;
        let mut hello = vec![0; usize::from(head[2]) << 8 | usize::from(head[3])];
        stream.read_exact(&mut hello).await?;
        std::io::Result::Ok(hello)
    };
    let hello = soon("HELLO", hello).await.expect("it is said");
    let hello: serde_json::Value = serde_json::from_slice(&hello).expect("it is JSON");
    assert_eq!(hello[2]["authextra"], json!({"team": ["a"], "note": "hi"}));
    assert_eq!(calling.await.expect("it does not panic").code, Some(5));
}

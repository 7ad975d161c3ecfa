//! Mistakes in a file: each with its line and column, all at once.

use crate::support::{Folder, run};

/// What `--check` says to a configuration: its exit code, and the lines without the folder of the file.
async fn check(folder: &Folder) -> (Option<i32>, Vec<String>) {
    let file = folder.text_of("wamp.toml");
    let output = run(&["router", "--check", "--config", &file], "").await;
    let name = format!("{file}:");
    let folder = file.trim_end_matches("wamp.toml");
    let said = String::from_utf8(output.stderr).expect("it is text");
    let lines = said.lines().map(|line| {
        let line = line.strip_prefix(&name).unwrap_or(line);
        line.replace(folder, "")
    });
    (output.status.code(), lines.collect())
}

/// What is wrong with it must be just this.
async fn is_told(configuration: &str, expected: &[&str]) {
    let (code, lines) = check(&Folder::new(configuration)).await;
    assert_eq!(lines, expected, "{configuration}");
    assert_eq!(code, Some(3));
}

#[tokio::test]
async fn the_example_is_right() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/wamp.example.toml");
    let output = run(&["router", "--check", "--config", example], "").await;
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{error}");
    assert_eq!(output.stdout, b"the configuration is right\n");
    assert_eq!(error, "");
}

#[tokio::test]
async fn the_example_tells_the_defaults_of_all_limits() {
    let example = include_str!("../../wamp.example.toml");
    let (_, limits) = example.split_once("[limits]").expect("it is there");
    let (limits, _) = limits.split_once("\n[[").expect("something follows");
    let named = limits.lines().filter(|line| line.contains('=')).count();
    let all = format!("{:?}", wamp_server::Limits::default());
    assert_eq!(named, all.matches(": ").count());
}

#[tokio::test]
async fn a_check_listens_nowhere_and_makes_no_files() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = taken.local_addr().expect("it is bound");
    let folder = Folder::new(&format!(
        "[[listener]]\naddress = \"{address}\"\n[[listener]]\nunix = \"wamp.sock\"\n\
         [[realm]]\nname = \"a\"\nhistory = {{ topics = [\"news\"], sqlite = \"history.db\" }}\n"
    ));
    assert_eq!(check(&folder).await, (Some(0), Vec::new()));
    assert!(!folder.path("wamp.sock").exists());
    assert!(!folder.path("history.db").exists());
}

#[tokio::test]
async fn a_router_does_not_start_with_mistakes() {
    let folder = Folder::new("[limits]\nbatch = 0\n");
    let file = folder.text_of("wamp.toml");
    let output = run(&["router", "--config", &file], "").await;
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(output.stdout, b"");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        error,
        format!("{file}:2:9: the limit `batch` must be at least 1\n")
    );
    let nowhere = folder.text_of("nowhere.toml");
    let output = run(&["router", "--config", &nowhere], "").await;
    assert_eq!(output.status.code(), Some(3));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.starts_with(&format!("{nowhere}: cannot be read: ")));
}

#[tokio::test]
async fn everything_is_told_at_once() {
    is_told(
        "[[listner]]\naddress = \"x\"\n\n[server]\nrawsocket = \"yes\"\nserializers = [\"json\", \"xml\"]\npaths = [\"ws\"]\n\n\
         [limits]\nmax_mesage = 5\nwrite_timeout = 5\n\n[[realm]]\nname = \"a b\"\nstrict = 1\nordering = \"random\"\n",
        &[
            "1:3: unknown key `listner`; did you mean `listener`?",
            "5:13: expected true or false, found a string",
            "6:24: there is no serializer `xml`: expected \"json\", \"msgpack\" or \"cbor\"",
            "7:10: a path begins with `/`, unlike `ws`",
            "10:1: unknown key `max_mesage`; did you mean `max_message`?",
            "11:17: expected a time, as in \"5s\" or \"1h 30m\", found an integer",
            "14:8: `a b` is no name of a realm: URI contains ' ', which is not allowed here: use lower-case letters, digits and `_`",
            "15:10: expected true or false, found an integer",
            "16:12: expected one of \"concurrent\", \"sequential\", found \"random\"",
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_no_toml() {
    is_told(
        "[limits]\nbatch = \n[[realm]\nname = \"a\"\nname = \"b\"\n",
        &[
            "2:9: string values must be quoted, expected literal string",
            "3:9: unclosed array table, expected `]`",
        ],
    )
    .await;
    is_told(
        "[[realm]]\nname = \"a\"\nname = \"b\"\n",
        &["3:1: duplicate key"],
    )
    .await;
}

#[tokio::test]
async fn keys_that_are_unknown_or_of_another_kind() {
    is_told(
        "colour = 1\n",
        &["1:1: unknown key `colour`; there are `handshake`, `limits`, `listener`, `realm`, `server`"],
    )
    .await;
    is_told(
        "[realm]\nname = \"a\"\n",
        &["1:1: expected tables, in double brackets, found a table"],
    )
    .await;
    is_told(
        "limits = 5\n",
        &["1:10: expected a table, found an integer"],
    )
    .await;
    is_told(
        "realm = [5]\n",
        &["1:10: expected a table, found an integer"],
    )
    .await;
    is_told("[[realm]]\n", &["1:1: `name` is missing"]).await;
}

#[tokio::test]
async fn listeners() {
    is_told(
        "[server]\npaths = []\nserializers = []\n",
        &[
            "2:9: with an empty list nobody can connect",
            "3:15: with an empty list nobody can connect",
        ],
    )
    .await;
    for (listener, expected) in [
        ("", "1:1: expected one of `address` and `unix`"),
        (
            "address = \"localhost\"",
            "2:11: `localhost` is no address: expected a host and a port, as in `127.0.0.1:8080` or `[::1]:8080`",
        ),
        (
            "address = \"a:1\"\nunix = \"x\"",
            "1:1: expected one of `address` and `unix`",
        ),
        (
            "address = \"a:1\"\nmode = 0o600",
            "3:8: `mode` is for Unix sockets",
        ),
        (
            "unix = \"a\"\nmode = 600",
            "3:8: expected permissions, as in 0o660",
        ),
        (
            "unix = \"no/a\"",
            "2:8: the folder of `no/a` does not exist",
        ),
        (
            "address = \"a:1\"\n[[listener]]\naddress = \"a:1\"",
            "4:11: `a:1` is listened on twice",
        ),
        (
            "address = \"a:1\"\ntls = { key = \"k\" }",
            "3:7: `cert` is missing",
        ),
        (
            "address = \"a:1\"\ntls = { cert = \"c\", key = \"k\" }",
            "3:16: the file `c` cannot be read: No such file or directory (os error 2)",
        ),
    ] {
        is_told(&format!("[[listener]]\n{listener}\n"), &[expected]).await;
    }
}

#[tokio::test]
async fn numbers_sizes_and_contradictory_limits() {
    for (limit, expected) in [
        ("batch = -1", "2:9: the number must not be negative"),
        (
            "max_auth_failures = 5000000000",
            "2:21: the number is too large",
        ),
        (
            "max_auth_failures = \"5\"",
            "2:21: expected a number, found a string",
        ),
        (
            "max_hello = \"16 kilobytes\"",
            "2:13: expected a size, as in 4096 or \"64 KiB\"",
        ),
        (
            "max_hello = 1.5",
            "2:13: expected a size, as in 4096 or \"64 KiB\", found a float",
        ),
        (
            "ping_interval = \"soon\"",
            "2:17: expected a time, as in \"5s\" or \"1h 30m\"",
        ),
        (
            "outbound_soft = \"5 MiB\"\noutbound_hard = \"4 MiB\"",
            "3:17: the limit `outbound_hard` must not be less than `outbound_soft`",
        ),
        (
            "outbound_soft = \"5 MiB\"",
            "2:17: the limit `outbound_hard` must not be less than `outbound_soft`",
        ),
        (
            "max_without_message = 5",
            "2:23: the limit `max_without_message` must be more than `max_message`",
        ),
    ] {
        is_told(&format!("[limits]\n{limit}\n"), &[expected]).await;
    }
    let larger = Folder::new("[limits]\nmax_message = \"8 MiB\"\n");
    assert_eq!(check(&larger).await, (Some(0), Vec::new()));
}

#[tokio::test]
async fn handshakes() {
    is_told(
        "[handshake]\norigins = [\"shop.example\"]\nhosts = [\"a/b\"]\ntrusted_proxies = [\"10.0.0.0/64\"]\n",
        &[
            "2:12: `shop.example` is not an origin: scheme, `://`, host and, unless it is the default, port, and nothing after that, as in `https://example.com`",
            "3:10: `a/b` is not a host: a name or an address and, if it matters, a port",
            "4:20: `10.0.0.0/64` is neither an address nor a network, as in `127.0.0.1` or `10.0.0.0/8`",
        ],
    )
    .await;
    is_told(
        "\n[handshake]\nany_host = true\nhosts = [\"a\"]\n",
        &["2:1: `any_host` answers for all hosts, those of `hosts` and others: say one of them"],
    )
    .await;
}

#[tokio::test]
async fn realms() {
    let realm = "[[realm]]\nname = \"a\"\n";
    for (rest, expected) in [
        (
            "[[realm]]\nname = \"a\"",
            "4:8: the realm `a` is there twice",
        ),
        (
            "meta_api = false\nmeta_control = true",
            "4:1: `meta_control` has no effect without `meta_api`",
        ),
        (
            "meta_api = false\nhistory = { topics = [\"a\"] }",
            "4:1: `history` has no effect without `meta_api`",
        ),
        ("history = {}", "3:11: `topics` is missing"),
        (
            "history = { topics = [\"a\"], max_age = \"1h\" }",
            "3:39: `max_age` needs `sqlite`: what is in memory has no age",
        ),
        (
            "history = { topics = [{ uri = \"a\", match = \"regex\" }] }",
            "3:44: expected one of \"exact\", \"prefix\", \"wildcard\", found \"regex\"",
        ),
        (
            "history = { topics = [], sqlite = \"no/h.db\" }",
            "3:35: the folder of `no/h.db` does not exist",
        ),
        (
            "retention = { max_bytes = \"1 MiB\", expiry = 5 }",
            "3:45: expected a time, as in \"5s\" or \"1h 30m\", found an integer",
        ),
        (
            "decoy_secret = \"short\"",
            "3:16: the secret needs at least 16 bytes",
        ),
        (
            "[[realm]]\nname = \"b\"\nanonymous = \"guest\"",
            "2:8: nobody has to authenticate in the realm `a`, while others ask for it: add a principal, or `anonymous = \"…\"` if that is meant",
        ),
    ] {
        is_told(&format!("{realm}{rest}\n"), &[expected]).await;
    }
}

#[tokio::test]
async fn roles_and_permissions() {
    let realm = "[[realm]]\nname = \"a\"\nanonymous = \"r\"\n[[realm.role]]\nname = \"r\"\n";
    for (rest, expected) in [
        (
            "[[realm.role]]\nname = \"r\"",
            "7:8: the role `r` is there twice",
        ),
        ("[[realm.role]]", "6:1: `name` is missing"),
        (
            "[[realm.principal]]\nauthid = \"j\"\nrole = \"x\"\nticket = \"t\"",
            "8:8: there is no role `x` in this realm",
        ),
        ("[[realm.role.permission]]", "6:1: `uri` is missing"),
        (
            "[[realm.role.permission]]\nuri = \"a\"\nallow = [\"call\", \"sing\"]",
            "8:18: expected one of \"call\", \"register\", \"publish\", \"subscribe\", found \"sing\"",
        ),
        (
            "[[realm.role.permission]]\nuri = \"a\"\nallow = \"everything\"",
            "8:9: expected one of \"all\", found \"everything\"",
        ),
        (
            "[[realm.role.permission]]\nuri = \"a\"\nmatch = 5",
            "8:9: expected a string, found an integer",
        ),
        (
            "[[realm.role.permission]]\nuri = \"a\"\n[[realm.role.permission]]\nuri = \"a\"",
            "9:1: the role has another permission for `a`",
        ),
        (
            "[[realm.role.permission]]\nuri = \"a\"\ntrust_level = \"high\"",
            "8:15: expected a number, found a string",
        ),
    ] {
        is_told(&format!("{realm}{rest}\n"), &[expected]).await;
    }
    is_told(
        "[[realm]]\nname = \"a\"\nmeta_control = true\n[[realm.role]]\nname = \"r\"\n",
        &[
            "2:8: everybody comes into this realm as `anonymous`, and there is no such role",
            "3:1: `meta_control` has no effect where there are roles: give one a permission that begins with `wamp.`",
        ],
    )
    .await;
}

#[tokio::test]
async fn principals() {
    let realm = "[[realm]]\nname = \"a\"\n[[realm.principal]]\nauthid = \"joe\"\nrole = \"r\"\n";
    let key = "a5b9924e1e2776a133ad4a67ba92d963548e5fee14869ad650b4fc4f75f9c552";
    let same_key = format!("cryptosign = [\"{key}\", \"{key}\"]");
    for (rest, expected) in [
        (
            "",
            "3:1: nothing to come in by: give one of `ticket`, `wampcra`, `scram`, `wamp_scram`, `cryptosign`, `certificates`",
        ),
        ("ticket = \"\"", "6:10: the secret is empty"),
        ("ticket = 5", "6:10: expected a string, found an integer"),
        ("ticket = {}", "6:10: expected one of `env` and `file`"),
        (
            "ticket = { env = \"NO_SUCH_VARIABLE\" }",
            "6:18: the variable `NO_SUCH_VARIABLE` is not set",
        ),
        (
            "ticket = { file = \"no.txt\" }",
            "6:19: `no.txt` cannot be read: No such file or directory (os error 2)",
        ),
        ("wampcra = { key = \"k\" }", "6:11: `salt` is missing"),
        (
            "wampcra = { key = \"k\", salt = \"s\", iterations = 0 }",
            "6:11: the cost of deriving the key is missing or out of bounds",
        ),
        (
            "scram = { salt = \"00\", kdf = \"md5\", iterations = 1, stored_key = \"\", server_key = \"\" }",
            "6:30: expected one of \"argon2id\", \"pbkdf2\", found \"md5\"",
        ),
        (
            "scram = { salt = \"00\", kdf = \"pbkdf2\", iterations = 4096, stored_key = \"\", server_key = \"\" }",
            "6:9: the key is malformed or weak",
        ),
        (
            "cryptosign = [\"00\"]",
            "6:15: expected a public key of 64 hexadecimal digits",
        ),
        (&same_key, "6:83: the key is there twice"),
        (
            "certificates = [\"ab:cd\"]",
            "6:17: expected the SHA-256 of a certificate, 64 hexadecimal digits",
        ),
        (
            "ticket = \"t\"\n[[realm.principal]]\nauthid = \"joe\"\nrole = \"r\"\nticket = \"u\"",
            "8:10: `joe` is there twice: give one entry all ways in",
        ),
    ] {
        is_told(&format!("{realm}{rest}\n"), &[expected]).await;
    }
    is_told(
        &format!("{realm}ticket = {{ fil = \"no.txt\" }}\n"),
        &[
            "6:10: expected one of `env` and `file`",
            "6:12: unknown key `fil`; did you mean `file`?",
        ],
    )
    .await;
    let fingerprint = "ab".repeat(32);
    is_told(
        &format!("{realm}certificates = [\"{fingerprint}\"]\n"),
        &["6:17: no listener asks for certificates: give one `tls` with `client_ca`"],
    )
    .await;
}

#[tokio::test]
async fn what_the_readme_shows_is_understood() {
    let readme = include_str!("../../README.md");
    let (_, file) = readme.split_once("```toml\n").expect("it shows a file");
    let (file, _) = file.split_once("```").expect("it ends");
    // What is wrong with it is only what is not there.
    let (code, lines) = check(&Folder::new(file)).await;
    assert_eq!(code, Some(3));
    assert_eq!(
        lines,
        [
            "3:16: the file `cert.pem` cannot be read: No such file or directory (os error 2)",
            "20:18: the variable `ANNS_TICKET` is not set",
        ]
    );
}

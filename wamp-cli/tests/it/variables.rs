//! What the environment says: less than the command line, more than the file.

use serde_json::json;
use wamp_tests::client::Client;
use wamp_tests::soon;

use crate::support::{Folder, Router, wamp};

/// The answer to HELLO: an object for WELCOME, the reason for ABORT.
async fn knock(router: &Router, realm: &str) -> serde_json::Value {
    let mut client = Client::connect(router.address(), "/").await;
    client.knock(realm, json!({})).await[2].clone()
}

#[tokio::test]
async fn the_command_line_comes_before_the_environment_and_that_before_the_file() {
    let folder = Folder::new(
        "[[listener]]\naddress = \"192.0.2.1:1\"\n[[realm]]\nname = \"file\"\n[[realm]]\nname = \"both\"\n",
    );
    let file = folder.text_of("wamp.toml");

    // 192.0.2.1 is nowhere: whoever listened there would not start.
    let mut command = wamp(&["router"]);
    command
        .env("WAMP_ROUTER_CONFIG", &file)
        .env("WAMP_ROUTER_LISTEN", "127.0.0.1:0,127.0.0.1:0")
        .env("WAMP_ROUTER_REALM", "both,variable");
    let router = Router::spawn(&mut command, 2).await;
    assert!(knock(&router, "both").await.is_object());
    assert!(knock(&router, "variable").await.is_object());
    assert_eq!(knock(&router, "file").await, "wamp.error.no_such_realm");

    let mut command = wamp(&["router", "--realm", "line", "--listen", "127.0.0.1:0"]);
    command
        .env("WAMP_ROUTER_CONFIG", &file)
        .env("WAMP_ROUTER_LISTEN", "192.0.2.1:1")
        .env("WAMP_ROUTER_REALM", "variable");
    let router = Router::spawn(&mut command, 1).await;
    assert!(knock(&router, "line").await.is_object());
    assert_eq!(knock(&router, "variable").await, "wamp.error.no_such_realm");

    let mut command = wamp(&["router", "--listen", "127.0.0.1:0"]);
    command.env("WAMP_ROUTER_CONFIG", &file);
    let router = Router::spawn(&mut command, 1).await;
    assert!(knock(&router, "file").await.is_object());
    assert_eq!(knock(&router, "line").await, "wamp.error.no_such_realm");
}

#[tokio::test]
async fn a_limit_of_the_environment_comes_before_that_of_the_file() {
    let folder = Folder::new("[limits]\nmax_subscriptions = 0\n");
    let file = folder.text_of("wamp.toml");
    let mut command = wamp(&["router", "--config", &file, "--listen", "127.0.0.1:0"]);
    command.env("WAMP_ROUTER_LIMITS_MAX_SUBSCRIPTIONS", "1");
    let router = Router::spawn(&mut command, 1).await;
    let mut client = router.join("a").await;
    client.subscribe("one").await;
    client.send(&json!([32, 77, {}, "two"])).await;
    assert_eq!(client.receive().await[4], "wamp.error.limit_exceeded");
}

#[tokio::test]
async fn what_is_wrong_in_the_environment_is_called_by_its_name() {
    let mut command = wamp(&["router", "--check"]);
    command
        .env("WAMP_ROUTER_LIMITS_BATCH", "0")
        .env("WAMP_ROUTER_LIMITS_BACH", "1");
    let output = soon("a check", command.output())
        .await
        .expect("it can be started");
    assert_eq!(output.status.code(), Some(3));
    let unknown = "WAMP_ROUTER_LIMITS_BACH: there is no such limit\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), unknown);

    command
        .env_remove("WAMP_ROUTER_LIMITS_BACH")
        .env("WAMP_ROUTER_LIMITS_MAX_HELLO", "much");
    let output = soon("a check", command.output())
        .await
        .expect("it can be started");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error
            .ends_with("WAMP_ROUTER_LIMITS_MAX_HELLO: expected a size, as in 4096 or \"64 KiB\"\n"),
        "{error}"
    );
    for (name, value, mistake) in [
        ("WAMP_ROUTER_REALM", "a b", "`a b` is no name of a realm: "),
        ("WAMP_ROUTER_LISTEN", "here", "`here` is no address: "),
    ] {
        let mut command = wamp(&["router", "--check"]);
        let output = soon("a check", command.env(name, value).output()).await;
        let output = output.expect("it can be started");
        assert_eq!(output.status.code(), Some(3));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.starts_with(&format!("{name}: {mistake}")), "{error}");
    }

    command.env_remove("WAMP_ROUTER_LIMITS_MAX_HELLO");
    let output = soon("a check", command.output())
        .await
        .expect("it can be started");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        error,
        "WAMP_ROUTER_LIMITS_BATCH: the limit `batch` must be at least 1\n"
    );
}

#[tokio::test]
async fn a_variable_that_is_empty_is_as_good_as_absent() {
    let mut command = wamp(&["router", "--check"]);
    for name in ["LISTEN", "REALM", "CONFIG", "LIMITS_MAX_MESSAGE"] {
        command.env(format!("WAMP_ROUTER_{name}"), "");
    }
    let output = soon("a check", command.output()).await;
    let output = output.expect("it can be started");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn the_log_is_filtered_by_option_or_variable() {
    let listen = ["--listen", "127.0.0.1:0"];
    for (arguments, variables, is_quiet) in [
        (&[][..], &[][..], false),
        (&["--log", "warn"], &[], true),
        (&[], &[("WAMP_LOG", "warn")], true),
        (&[], &[("RUST_LOG", "warn")], true),
        (&[], &[("WAMP_LOG", "info"), ("RUST_LOG", "warn")], false),
        (&["--log", "info"], &[("WAMP_LOG", "warn")], false),
    ] {
        let arguments = [&["router"], &listen[..], arguments].concat();
        let mut command = wamp(&arguments);
        command.envs(variables.iter().copied());
        let mut child = command.spawn().expect("it can be started");
        let mut out = tokio::io::BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        tokio::io::AsyncBufReadExt::read_line(&mut out, &mut line)
            .await
            .expect("a listener");
        #[cfg(unix)]
        {
            let id = child.id().and_then(|it| i32::try_from(it).ok());
            let id = id
                .and_then(rustix::process::Pid::from_raw)
                .expect("it runs");
            rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("it is ours");
            let output = child.wait_with_output().await.expect("it ends");
            assert_eq!(
                output.stderr.is_empty(),
                is_quiet,
                "{arguments:?} {variables:?}"
            );
        }
        #[cfg(not(unix))]
        child.kill().await.expect("it runs");
    }
    let output = crate::support::run(&["--log", "info,a=loud", "router"], "").await;
    assert_eq!(output.status.code(), Some(2));
    let mut command = wamp(&["router", "--check"]);
    command.env("WAMP_LOG", "info,a=loud");
    let output = soon("a check", command.output()).await;
    let output = output.expect("it can be started");
    assert_eq!(output.status.code(), Some(3));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.starts_with("WAMP_LOG: `info,a=loud` is no filter"),
        "{error}"
    );
}

//! Help and completion.

use crate::support::{out, run};

#[tokio::test]
async fn help_has_examples_and_exit_codes() {
    let help = out(&["--help"], "").await;
    for part in ["router", "keygen", "completion", "Exit codes:", "  3    "] {
        assert!(help.contains(part), "{part}: {help}");
    }
    for command in [
        &["router"][..],
        &["call"],
        &["publish"],
        &["subscribe"],
        &["register"],
        &["sessions"],
        &["registrations"],
        &["subscriptions"],
        &["bench"],
        &["bench", "calls"],
        &["bench", "events"],
        &["bench", "sessions"],
        &["keygen"],
        &["completion"],
    ] {
        let help = out(&[command, &["--help"]].concat(), "").await;
        assert!(help.contains("Examples:\n  wamp "), "{help}");
    }
    let version = out(&["--version"], "").await;
    assert_eq!(version, format!("wamp {}\n", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn a_wrong_command_line_is_code_2() {
    for arguments in [
        &[][..],
        &["route"],
        &["router", "--lisen", "a:1"],
        &["router", "--listen", "8080"],
        &["router", "--listen", "unix:/nowhere/at/all.sock"],
        &["completion", "tcsh"],
        &["keygen", "--cra", "--scram"],
        &["keygen", "--iterations", "5"],
    ] {
        let output = run(arguments, "").await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        assert!(!output.stderr.is_empty());
    }
}

#[tokio::test]
async fn shells_get_what_they_understand() {
    for (shell, part) in [
        ("bash", "complete -F _wamp"),
        ("zsh", "#compdef wamp"),
        ("fish", "complete -c wamp"),
    ] {
        let script = out(&["completion", shell], "").await;
        for part in [part, "router", "keygen", "listen"] {
            assert!(script.contains(part), "{shell}: {part}");
        }
    }
}

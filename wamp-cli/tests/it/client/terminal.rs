//! What people see: the commands in a terminal.

use pty_process::{Pty, Size};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Child;
use wamp_tests::soon;

use super::support::{Running, callee, router, told};
use crate::support::Router;

/// A command in a terminal of 100 columns.
struct Terminal {
    pty: Pty,
    child: Child,
    seen: String,
}

impl Terminal {
    fn start(router: &Router, arguments: &[&str]) -> Self {
        let (pty, pts) = pty_process::open().expect("there are terminals");
        pty.resize(Size::new(24, 100)).expect("it is open");
        let mut command = pty_process::Command::new(env!("CARGO_BIN_EXE_wamp"))
            .args(arguments)
            .kill_on_drop(true);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|it| it.starts_with("WAMP")) {
                command = command.env_remove(name);
            }
        }
        let child = command
            .env("WAMP_URL", format!("ws://{}", router.address()))
            .env("XDG_CONFIG_HOME", "/nowhere")
            .env("TERM", "xterm")
            .spawn(pts);
        Self {
            pty,
            child: child.expect("it can be started"),
            seen: String::new(),
        }
    }

    /// Reads until this is there.
    async fn shows(&mut self, text: &str) {
        while !self.seen.contains(text) {
            let mut bytes = [0; 1024];
            let read = soon(text, self.pty.read(&mut bytes)).await;
            match read {
                Ok(length) if length > 0 => {
                    self.seen
                        .push_str(&String::from_utf8_lossy(&bytes[..length]));
                }
                _ => panic!("`{text}` was never shown: {}", self.seen),
            }
        }
    }

    /// Reads to the end.
    async fn ended(&mut self) -> Option<i32> {
        let mut bytes = [0; 1024];
        // On Linux, the end is an error.
        while let Ok(length) = soon("the end", self.pty.read(&mut bytes)).await {
            if length == 0 {
                break;
            }
            self.seen
                .push_str(&String::from_utf8_lossy(&bytes[..length]));
        }
        let status = soon("the end of a command", self.child.wait()).await;
        status.expect("it can be waited for").code()
    }
}

#[tokio::test]
async fn events_are_lines_for_people_until_ctrl_c() {
    let router = router().await;
    let mut terminal = Terminal::start(&router, &["subscribe", "com.example.news"]);
    terminal.shows("subscribed to `com.example.news`").await;
    let event = [
        "publish",
        "com.example.news",
        "grüße",
        "\"\u{9b}2J\"",
        "-k",
        "a=1",
    ];
    told(&router, &event).await;
    terminal
        .shows("com.example.news  \"grüße\" \"\\u009b2J\" a=1\r\n")
        .await;
    terminal.pty.write_all(b"\x03").await.expect("it is open");
    assert_eq!(terminal.ended().await, Some(0));
}

#[tokio::test]
async fn lists_are_tables() {
    let router = router().await;
    let _callee = Running::registered(&router, &["com.example.echo", "--echo"]).await;
    let mut terminal = Terminal::start(&router, &["registrations"]);
    assert_eq!(terminal.ended().await, Some(0));
    let mut lines = terminal.seen.lines();
    let head = lines.next().expect("a line").split_whitespace();
    assert!(head.eq(["ID", "MATCH", "INVOKE", "CALLEES", "CREATED", "URI"]));
    let row = lines.next().expect("a line").split_whitespace();
    let row = row.collect::<Vec<_>>();
    assert_eq!(
        (row[1], row[2], row[3], row[5]),
        ("exact", "single", "1", "com.example.echo")
    );
    assert_eq!(lines.next(), None);

    let mut terminal = Terminal::start(&router, &["sessions"]);
    assert_eq!(terminal.ended().await, Some(0));
    assert!(terminal.seen.starts_with("SESSION "), "{}", terminal.seen);

    let mut terminal = Terminal::start(&router, &["sessions", "--json"]);
    assert_eq!(terminal.ended().await, Some(0));
    assert!(terminal.seen.starts_with("[{"), "{}", terminal.seen);
}

#[tokio::test]
async fn progress_is_shown_and_results_are_lines() {
    let router = router().await;
    let mut callee = callee(&router, "com.example.count").await;
    let mut terminal = Terminal::start(&router, &["call", "com.example.count", "--progress"]);
    let invocation = callee.receive().await;
    callee
        .send(&json!([70, invocation[1], {"progress": true}, ["first"]]))
        .await;
    terminal.shows("\"first\"\r\n").await;
    terminal.shows("1 results so far").await;
    callee.send(&json!([70, invocation[1], {}, ["last"]])).await;
    assert_eq!(terminal.ended().await, Some(0));
    assert!(terminal.seen.contains("\"last\""), "{}", terminal.seen);
}

#[tokio::test]
async fn measuring_shows_how_it_goes() {
    let router = router().await;
    let command = ["bench", "calls", "--duration", "1s", "--warm-up", "0s"];
    let mut terminal = Terminal::start(&router, &command);
    terminal.shows("calls/s").await;
    assert_eq!(terminal.ended().await, Some(0));
    assert!(terminal.seen.contains("p99"), "{}", terminal.seen);
    let mut terminal = Terminal::start(&router, &["bench", "calls", "--duration", "10m"]);
    terminal.shows("%").await;
    terminal.pty.write_all(b"\x03").await.expect("it is open");
    assert_eq!(terminal.ended().await, Some(130));
}
